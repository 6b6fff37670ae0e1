"""A loan of one leg rolled forward payment by payment, the plain way: what the columns of the rules are held to."""

from __future__ import annotations

import datetime as dt

import msgspec

from facilities.model import Balance, FacilityFile
from facilities.profile import original_principal, pik_rate
from facilities.schedule import Period, Schedule

_DAY = dt.timedelta(days=1)


class Flow(msgspec.Struct, frozen=True):
    """A payment against what is really owed: balance before it, and principal paid by it."""

    period: Period
    opening: float
    principal: float


def outstanding_on(terms: FacilityFile, schedule: Schedule, day: dt.date, known: dt.date) -> float | None:
    """What is owed at the end of `day` by what was known on `known`; None where unknown."""
    row = latest(terms.facility.balance, day, known)
    return None if row is None else _rolled(terms, schedule, float(row.outstanding), row.date, day, known)


def remaining(schedule: Schedule, outstanding: float, after: dt.date) -> tuple[Flow, ...]:
    """The payments after `after` of a loan that then owes `outstanding`; whatever the schedule leaves is paid with the last."""
    flows: list[Flow] = []
    left = outstanding
    for period in schedule.periods:
        if period.pay > after:
            left *= 1 + period.pik
            paid = _paid(schedule, period, left)
            flows.append(Flow(period, left, paid))
            left -= paid
    return tuple(flows)


def flows_between(terms: FacilityFile, schedule: Schedule, start: dt.date, end: dt.date, known: dt.date) -> tuple[Flow, ...] | None:
    """The payments in (`start`, `end`], each with the balance owed on the day before it; None where one is unknown."""
    flows: list[Flow] = []
    for period in schedule.periods:
        if start < period.pay <= end:
            opening = _owed(terms, schedule, period.pay - _DAY, known)
            if opening is None:
                return None
            flows.append(Flow(period, opening, _paid(schedule, period, opening)))
    return tuple(flows)


def latest(rows: list[Balance], day: dt.date, known: dt.date) -> Balance | None:
    """The row with the latest date by `day` among those known by `known`; of two for one date the later known."""
    usable = [row for row in rows if row.date <= day and (row.known or row.date) <= known]
    return max(usable, key=lambda row: (row.date, row.known or row.date), default=None)


def _owed(terms: FacilityFile, schedule: Schedule, day: dt.date, known: dt.date) -> float | None:
    observed = outstanding_on(terms, schedule, day, known)
    original = original_principal(terms)
    if observed is not None or original is None or day < original.day:
        return observed
    return _rolled(terms, schedule, original.amount, original.day, day, known)


def _paid(schedule: Schedule, period: Period, left: float) -> float:
    return left if period is schedule.periods[-1] else min(period.principal, left)


def _rolled(terms: FacilityFile, schedule: Schedule, outstanding: float, since: dt.date, day: dt.date, known: dt.date) -> float:
    """`outstanding` at the end of `since`, draws and interest in kind added and principal taken off one day after another."""
    left = outstanding
    draws = [draw for draw in terms.facility.draw if since < draw.date <= day and (draw.known or draw.date) <= known]
    joined: list[tuple[dt.date, float]] = []
    for number in range(since.toordinal() + 1, day.toordinal() + 1):
        today = dt.date.fromordinal(number)
        for period in schedule.periods:
            if period.pay == today:
                fresh = [(drawn, amount) for drawn, amount in joined if drawn > period.start]
                part = sum(amount * schedule.part(drawn, period.end) for drawn, amount in fresh if drawn < period.end)
                whole = left - sum(amount for _, amount in fresh)
                left += whole * period.pik + part * (pik_rate(terms, period.start) or 0.0)
                left -= _paid(schedule, period, left)
        for draw in draws:
            if draw.date == today:
                left += float(draw.amount)
                joined.append((today, float(draw.amount)))
    return left

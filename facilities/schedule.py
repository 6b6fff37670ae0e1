"""The dated schedule of a loan: when it pays, how much principal, and what is therefore owed on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from facilities.calendars import Calendar
from facilities.daycount import year_fraction
from facilities.model import Balance, FacilityFile
from facilities.profile import Gap, Profile, original_principal, principal_profile

_DAY = dt.timedelta(days=1)


class Period(msgspec.Struct, frozen=True):
    """One interest period: unadjusted `start` and `end`, `pay` rolled to a business day, `principal` due at `pay`.

    `fraction` is the year fraction from start to end in the loan's day count. Principal is in the facility's currency.
    """

    start: dt.date
    end: dt.date
    pay: dt.date
    principal: float
    fraction: float


class Schedule(msgspec.Struct, frozen=True):
    """The periods in order; or none, and in `gap` what the terms lack, in words."""

    periods: tuple[Period, ...]
    gap: str | None = None


class Flow(msgspec.Struct, frozen=True):
    """A payment against what is really owed: balance before it, and principal paid by it."""

    period: Period
    opening: float
    principal: float


def build_schedule(terms: FacilityFile, calendar: Calendar) -> Schedule:
    """Schedule the loan from its terms; where they do not determine one there are no periods and `gap` says what is missing.

    Without `[amortisation]` the principal is due at maturity, with interest every `interest.frequency` or quarter. Where no
    `original` is stated the first observed balance is repaid by the payments after its day; what earlier payments repaid is
    then unknown, and their principal stands at zero.
    """
    profile = principal_profile(terms, calendar)
    if isinstance(profile, Gap):
        return Schedule((), profile.reason)
    return Schedule(tuple(_periods(terms, calendar, profile)))


def _periods(terms: FacilityFile, calendar: Calendar, profile: Profile) -> Iterator[Period]:
    count = terms.interest.day_count if terms.interest else "ACT/360"
    bounds = pairwise([profile.start, *profile.ends])
    for (start, end), principal in zip(bounds, profile.principal, strict=True):
        pay = calendar.roll(end, terms.facility.business_day)
        yield Period(start, end, pay, principal, year_fraction(start, end, count, maturity=profile.ends[-1]))


def outstanding_on(terms: FacilityFile, schedule: Schedule, day: dt.date, known: dt.date) -> float | None:
    """What is owed at the end of `day` by what was known on `known`, in the facility's currency; None where unknown.

    The latest balance row dated by `day` and known by `known`, less the principal scheduled after its date and paid by `day`,
    never below zero; the last payment of the schedule clears. A loan kept by tranches alone owes the sum of their latest rows,
    as observed, and is unknown while one of them is.
    """
    if terms.facility.balance or not terms.tranche:
        row = _latest(terms.facility.balance, day, known)
        return None if row is None else _rolled(schedule, float(row.outstanding), row.date, day)
    rows = [_latest(tranche.balance, day, known) for tranche in terms.tranche]
    found = [float(row.outstanding) for row in rows if row is not None]
    return sum(found) if len(found) == len(rows) else None


def remaining(schedule: Schedule, outstanding: float, after: dt.date) -> tuple[Flow, ...]:
    """The payments after `after` of a loan that then owes `outstanding`: principal as scheduled but never more than is left.

    Whatever the schedule would leave is paid with its last payment. Empty without payments ahead.
    """
    flows: list[Flow] = []
    left = outstanding
    for period in schedule.periods:
        if period.pay > after:
            paid = _paid(schedule, period, left)
            flows.append(Flow(period, left, paid))
            left -= paid
    return tuple(flows)


def flows_between(terms: FacilityFile, schedule: Schedule, start: dt.date, end: dt.date, known: dt.date) -> tuple[Flow, ...] | None:
    """The payments in (`start`, `end`], past or future, each with the balance owed on the day before it; None where one is unknown.

    Balances are `outstanding_on`; before the first row known by `known` they run from the stated original principal, if any.
    """
    flows: list[Flow] = []
    for period in schedule.periods:
        if start < period.pay <= end:
            opening = _owed(terms, schedule, period.pay - _DAY, known)
            if opening is None:
                return None
            flows.append(Flow(period, opening, _paid(schedule, period, opening)))
    return tuple(flows)


def _owed(terms: FacilityFile, schedule: Schedule, day: dt.date, known: dt.date) -> float | None:
    observed = outstanding_on(terms, schedule, day, known)
    original = original_principal(terms)
    if observed is not None or original is None or day < original.day:
        return observed
    return _rolled(schedule, original.amount, original.day, day)


def _paid(schedule: Schedule, period: Period, left: float) -> float:
    return left if period is schedule.periods[-1] else min(period.principal, left)


def _rolled(schedule: Schedule, outstanding: float, since: dt.date, day: dt.date) -> float:
    """`outstanding` at the end of `since`, less the principal paid after it and by `day`."""
    left = outstanding
    for period in schedule.periods:
        if since < period.pay <= day:
            left -= _paid(schedule, period, left)
    return left


def _latest(rows: list[Balance], day: dt.date, known: dt.date) -> Balance | None:
    """The row with the latest date by `day` among those known by `known`; of two for one date the later known."""
    usable = [row for row in rows if row.date <= day and (row.known or row.date) <= known]
    return max(usable, key=lambda row: (row.date, row.known or row.date), default=None)

"""Legs as columns: the separately scheduled parts of every loan, their balances, draws, rates and schedule periods."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
import numpy as np

from facilities.calendars import Calendar
from facilities.legs import Leg, legs_of
from facilities.model import Amount, Balance, Draw, FacilityFile, Hedge, Interest
from facilities.profile import pik_rate
from facilities.schedule import Period, Schedule, build_schedule
from rules.columns import FAR, Columns, Dated, Floats, Ints, Table, ordinal
from rules.events import Event
from rules.movements import Prepayment
from rules.series import SeriesIndex

_NOTHING = Decimal(0)


class Periods(msgspec.Struct, frozen=True):
    """Schedule periods of all legs: accrual start, end, payment day, principal, year fraction, last of its leg.

    `growth` is what 1 owed at the start of the schedule has become by interest paid in kind when a period is paid, `before` the
    same one period earlier. `paid` is principal paid so far with each payment divided by its `growth`, so that a balance B seen
    on a day s is worth growth(t) x (B / growth(s) - (paid(t) - paid(s))) on a day t; `repaid` is the plain sum. `service` is the
    principal that counts as debt service: a balloon or bullet at the end does not. `cleared[L]` is the day of each leg's last
    payment.
    """

    table: Table
    start: Ints
    end: Ints
    pay: Ints
    principal: Floats
    paid: Floats
    repaid: Floats
    growth: Floats
    before: Floats
    fraction: Floats
    last: np.ndarray
    service: Floats
    cleared: Ints


class Advance(NamedTuple):
    """A draw of a leg: the number of the period it falls in (FAR: none), its amount over the growth after that period, and the
    year fraction from the draw to the period's end. A prepayment is one of less than nothing, with the `event` that says so.
    """

    draw: Draw
    joins: int
    worth: float
    part: float
    event: Event | None = None


def lay_legs(
    into: Columns,
    terms: Sequence[FacilityFile],
    calendars: Sequence[Calendar],
    series: SeriesIndex,
    prepaid: Sequence[Prepayment] = (),
) -> tuple[Schedule, ...]:
    """Add the columns of all legs to `into`; returns the schedule of each leg, in the order of `tables["leg"]`."""
    legs = into.tables["leg"] = Table(len(terms), [(f, leg) for f, one in enumerate(terms) for leg in legs_of(one)])
    owners = legs.owner.tolist()
    schedules = tuple(build_schedule(leg.terms, calendars[f]) for leg, f in zip(legs.rows, owners, strict=True))
    _balances(into, legs.rows)
    _rates(into, legs.rows, series)
    _draws(into, legs.rows, schedules, prepaid)
    return schedules


def _rows(legs: tuple[Leg, ...], pick: Callable[[FacilityFile], Sequence[Any]]) -> Table:
    return Table(len(legs), [(place, row) for place, leg in enumerate(legs) for row in pick(leg.terms)])


def _balances(into: Columns, legs: tuple[Leg, ...]) -> None:
    rows = into.tables["balance"] = _rows(legs, lambda one: sorted(one.facility.balance, key=_observed))
    into.ints["balance.date"] = np.array([ordinal(row.date) for row in rows.rows], dtype=np.int64)
    into.ints["balance.known"] = np.array([ordinal(row.known or row.date) for row in rows.rows], dtype=np.int64)
    for name in ("outstanding", "accrued", "pik", "letters_of_credit"):
        into.floats[f"balance.{name}"] = rows.column(getattr(row, name) for row in rows.rows)
    stated = [leg.terms.amortisation.original if leg.terms.amortisation else None for leg in legs]
    into.floats["leg.stated"] = np.array([np.nan if amount is None else float(amount) for amount in stated], dtype=float)
    into.floats["leg.original"] = np.array([_original(leg.terms) for leg in legs], dtype=float)


def _observed(row: Balance) -> tuple[dt.date, dt.date]:
    """Rows in order of date, of one day the later known last."""
    return row.date, row.known or row.date


def _original(one: FacilityFile) -> float:
    if one.amortisation and one.amortisation.original is not None:
        return float(one.amortisation.original)
    first = min(one.facility.balance, key=_observed, default=None)
    return float(first.outstanding) if first else np.nan


def _rates(into: Columns, legs: tuple[Leg, ...], series: SeriesIndex) -> None:
    rates = [leg.terms.interest or Interest() for leg in legs]
    benchmarks = [f"{rate.benchmark}.rate" if rate.benchmark else None for rate in rates]
    into.ints["rate.benchmark"] = np.array([series.add(name) if name else -1 for name in benchmarks], dtype=np.int64)
    into.dated["rate.spread_bp"] = Dated(rate.spread_bp for rate in rates)
    into.dated["rate.fixed_pct"] = Dated(_cash_rate(rate) for rate in rates)
    into.dated["rate.pik_pct"] = Dated(_NOTHING if rate.pik_pct is None else rate.pik_pct for rate in rates)
    into.floats["rate.floor"] = np.array([-np.inf if rate.floor_pct is None else float(rate.floor_pct) / 100 for rate in rates])
    into.floats["rate.cap"] = np.array([np.inf if rate.cap_pct is None else float(rate.cap_pct) / 100 for rate in rates])
    hedges = into.tables["hedge"] = _rows(legs, lambda one: one.hedge if one.interest and one.interest.benchmark else [])
    into.dated["hedge.notional"] = Dated(row.notional for row in hedges.rows)
    into.floats["hedge.share"] = hedges.column(row.share for row in hedges.rows)
    into.floats["hedge.fixed"] = hedges.column(None if row.fixed_pct is None else float(row.fixed_pct) / 100 for row in hedges.rows)
    into.floats["hedge.low"] = hedges.column(_collar(row)[0] for row in hedges.rows)
    into.floats["hedge.high"] = hedges.column(_collar(row)[1] for row in hedges.rows)
    into.ints["hedge.start"] = np.array([ordinal(row.start, 0) for row in hedges.rows], dtype=np.int64)
    into.ints["hedge.end"] = np.array([ordinal(row.end.date if row.end else None) for row in hedges.rows], dtype=np.int64)


def _cash_rate(rate: Interest) -> Amount | None:
    """The fixed rate; a loan that names interest paid in kind alone pays none in cash."""
    return _NOTHING if rate.fixed_pct is None and rate.benchmark is None and rate.pik_pct is not None else rate.fixed_pct


def _collar(row: Hedge) -> tuple[float | None, float | None]:
    low = row.floor_pct if row.kind in ("floor", "collar") else None
    high = row.cap_pct if row.kind in ("cap", "collar") else None
    return (None if low is None else float(low) / 100, None if high is None else float(high) / 100)


def _draws(into: Columns, legs: tuple[Leg, ...], schedules: tuple[Schedule, ...], prepaid: Sequence[Prepayment]) -> None:
    owners = into.tables["leg"].owner.tolist()
    rows = []
    for place, leg in enumerate(legs):
        made = [_advance(draw, leg.terms, schedules[place]) for draw in leg.terms.facility.draw]
        for one in (one for one in prepaid if one.facility == owners[place]):
            part = _part(place, [at for at, f in enumerate(owners) if f == one.facility], legs, one.draw.date)
            less = msgspec.structs.replace(one.draw, amount=one.draw.amount * part)
            made += [_advance(less, leg.terms, schedules[place])._replace(event=one.event)] if part else []
        rows += [(place, one) for one in sorted(made, key=lambda one: one.draw.date)]
    draws = into.tables["draw"] = Table(len(legs), rows)
    into.ints["draw.date"] = np.array([one.draw.date.toordinal() for one in draws.rows], dtype=np.int64)
    into.ints["draw.known"] = np.array([(one.draw.known or one.draw.date).toordinal() for one in draws.rows], dtype=np.int64)
    into.ints["draw.joins"] = np.array([one.joins for one in draws.rows], dtype=np.int64)
    into.floats["draw.amount"] = draws.column(one.draw.amount for one in draws.rows)
    into.floats["draw.worth"] = draws.column(one.worth for one in draws.rows)
    into.floats["draw.part"] = draws.column(one.part for one in draws.rows)


def _part(place: int, legs: list[int], rows: tuple[Leg, ...], day: dt.date) -> Decimal:
    """The part of a prepayment that one of a loan's legs takes: in proportion to their last balances; all of it the first where none is."""
    held = {at: max((row for row in rows[at].terms.facility.balance if row.date <= day), key=_observed, default=None) for at in legs}
    owed = {at: row.outstanding if row else _NOTHING for at, row in held.items()}
    whole = sum(owed.values())
    return owed[place] / whole if whole else Decimal(place == legs[0])


def _advance(draw: Draw, terms: FacilityFile, schedule: Schedule) -> Advance:
    """A draw in the course of a period capitalises from its day on."""
    amount, periods = float(draw.amount), schedule.periods
    at = bisect.bisect_right([period.end for period in periods], draw.date)
    if at == len(periods):
        return Advance(draw, FAR, amount, 0.0)
    period, growth = periods[at], _growth(periods)[at]
    part = schedule.part(max(draw.date, period.start), period.end)
    return Advance(draw, at, amount * (1.0 + (pik_rate(terms, period.start) or 0.0) * part) / growth, part)


def _growth(periods: Sequence[Period]) -> list[float]:
    """What 1 owed at the start has become after each payment day, by interest paid in kind alone."""
    if not any(period.pik for period in periods):
        return [1.0] * len(periods)
    return list(accumulate((1.0 + period.pik for period in periods), lambda grown, step: grown * step))


def periods_of(schedules: tuple[Schedule, ...]) -> Periods:
    """The periods of all legs end to end."""
    rows = [(place, period) for place, schedule in enumerate(schedules) for period in schedule.periods]
    table = Table(len(schedules), rows)
    principal = table.column(period.principal for period in table.rows)
    growth = np.array([step for schedule in schedules for step in _growth(schedule.periods)], dtype=float)
    paid = [np.cumsum([row.principal / grown for row, grown in zip(one.periods, _growth(one.periods), strict=True)]) for one in schedules]
    repaid = [np.cumsum([row.principal for row in one.periods]) for one in schedules]
    last = np.array([period is schedules[place].periods[-1] for place, period in rows], dtype=bool)
    balloon = np.array([schedules[place].balloon if ends else 0.0 for (place, _), ends in zip(rows, last.tolist(), strict=True)])
    start, end, pay = (
        np.array([day.toordinal() for day in days], dtype=np.int64)
        for days in ([row.start for row in table.rows], [row.end for row in table.rows], [row.pay for row in table.rows])
    )
    return Periods(
        table, start, end, pay, principal, np.concatenate([*paid, np.zeros(0)]), np.concatenate([*repaid, np.zeros(0)]), growth,
        growth / (1.0 + table.column(period.pik for period in table.rows)), table.column(period.fraction for period in table.rows),
        last, np.maximum(0.0, principal - balloon),
        np.array([one.periods[-1].pay.toordinal() if one.periods else FAR for one in schedules], dtype=np.int64),
    )  # fmt: skip

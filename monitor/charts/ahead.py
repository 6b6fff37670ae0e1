"""Past and future of a chart in one picture: what the projection makes of a covenant, or of debt and collateral, set behind its history."""

from __future__ import annotations

import datetime as dt
from math import isfinite

import msgspec
import numpy as np

from monitor.ahead.outlook import first_failures, outlook
from monitor.assess import Picture
from monitor.charts.inputs import DebtInput, Point, Points, RatioInput
from monitor.charts.past import debt_past, ratio_past, steps_of
from rules.columns import Floats, Ints
from rules.compare import RESULTS
from rules.formula import Call
from rules.projection import Projection
from rules.scope import day_of
from rules.worlds import STALE


def ratio_over(picture: Picture, facility: str, covenant: str, first: dt.date, until: dt.date | None = None) -> RatioInput:
    """A covenant from `first` to the as-of as known each day, and on its test dates from there to `until` along the desk's curves.

    `until` is by default the last payment, at most ten years on. `fails` is the day since which it has failed without a break, where
    it fails at the as-of; else the first failing test date ahead. KeyError and ValueError as `ratio_past`.
    """
    today = today_of(picture)
    past = ratio_past(picture, facility, covenant, first, today)
    projection = outlook(picture, [picture.book.facility(facility)], until)
    book = projection.book
    place = next(t for t, one in enumerate(book.tests) if book.ids[one.facility] == facility and one.covenant.id == covenant)
    failing = first_failures(projection).get(place)
    falls = None if failing is None else dt.date.fromordinal(int(projection.tests.rows.period_end[failing]))
    ahead = _tests(projection, place)
    joined = (past.history[-1]._replace(day=today), *ahead) if past.history and ahead else ahead
    return msgspec.structs.replace(past, projection=joined, limits=_limits(past.limits, projection, place), fails=past.fails or falls)


def debt_over(picture: Picture, facility: str, first: dt.date, until: dt.date | None = None) -> DebtInput:
    """Debt and collateral from `first` to the as-of, and on each date ahead to `until`. KeyError for an unknown facility."""
    past, place = debt_past(picture, facility, first, today_of(picture)), picture.book.facility(facility)
    projection = outlook(picture, [place], until)
    days = np.unique(np.concatenate([projection.payments.day, projection.tests.rows.period_end]))
    who = np.full(len(days), place, dtype=np.int64)
    owed = projection.figures("outstanding", who, days)[:, 0]
    worth = projection.measured(Call("collateral_value", text=past.basis), who, days)[:, 0]
    if past.value and past.value[-1].value is None:  # what is not known today is not known ahead
        worth = np.full(len(days), np.nan)
    if past.debt and past.debt[-1].value is None:
        owed = np.full(len(days), np.nan)
    return msgspec.structs.replace(past, debt_ahead=_joined(past.debt, days, owed), value_ahead=_joined(past.value, days, worth))


def today_of(picture: Picture) -> dt.date:
    """The day of the as-of on the desk's clock."""
    return dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))


def _limits(now: Points, projection: Projection, place: int) -> Points:
    """The limits under the terms of the as-of, and from each day on which terms change under the new ones."""
    for stage in projection.stages[1:]:
        begin, threshold = dt.date.fromordinal(stage.agreed.since), stage.agreed.book.tests[place].levels[0].threshold
        steps = [Point(begin, None)] if threshold is None else steps_of(threshold, begin, dt.date.max)
        now = (*(one for one in now if one.day < begin), *steps)
    return now


def _tests(projection: Projection, place: int) -> Points:
    made = projection.tests
    return tuple(
        Point(dt.date.fromordinal(day), ratio if isfinite(ratio) and doubt < STALE else None, RESULTS[result])
        for t, day, ratio, doubt, result in zip(
            made.rows.test.tolist(), made.rows.period_end.tolist(), made.actual[:, 0].tolist(), made.data.tolist(),
            made.result[:, 0].tolist(), strict=True,
        )
        if t == place
    )  # fmt: skip


def _joined(past: Points, days: Ints, values: Floats) -> Points:
    """What comes, from the last day of the past on."""
    ahead = (
        Point(dt.date.fromordinal(day), one if isfinite(one) else None) for day, one in zip(days.tolist(), values.tolist(), strict=True)
    )
    return (*past[-1:], *ahead)

"""What was said of one covenant day by day, as columns, and how a history fills them."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from monitor.deliveries import awaits_report
from rules.columns import Codes, Floats
from rules.compare import INDETERMINATE, NOT_TESTED, RESULTS
from rules.covenants import Test
from rules.life import History, Legal, Tested
from rules.testdates import TestDate

NOTHING = -1
"""In place of a code: the covenant has no such assessment on that day."""


class Track(msgspec.Struct, frozen=True):
    """One covenant over T days: codes of `rules.compare.RESULTS` int8[T] by basis (NOTHING: none), legal states, figures float64[T].

    `actual` and `threshold` are those of the day: of today's marks, of a continuous test and of an indication alike. By place of the days
    on which something turned, `lacks` says why a row was not judged, and `marks` which series it moves with.
    """

    facility: str
    covenant: str
    test: Test
    tested: Codes
    indicative: Codes
    legal: list[str]
    why: list[str | None]
    actual: Floats
    threshold: Floats
    lacks: dict[int, str]
    marks: dict[int, tuple[str, ...]]

    @property
    def leading(self) -> Codes:
        """The codes of today's marks: the indication, of a continuous test the test itself."""
        return np.where(self.indicative == NOTHING, self.tested, self.indicative)

    def turns(self, first: int, last: int) -> list[int]:
        """The places from `first` to `last` at which a result or the legal state is other than on the day before."""
        start = max(1, first)
        now, before = slice(start, last + 1), slice(start - 1, last)
        turned = (self.tested[now] != self.tested[before]) | (self.indicative[now] != self.indicative[before])
        fallen = [n for n in range(start, last + 1) if self.legal[n] != self.legal[n - 1]]
        return sorted({*(np.flatnonzero(turned) + start).tolist(), *fallen})


def blank(facility: str, test: Test, count: int) -> Track:
    """A track on which nothing was said yet."""
    codes, others = (np.full(count, NOTHING, dtype=np.int8) for _ in range(2))
    actual, threshold = (np.full(count, np.nan) for _ in range(2))
    return Track(facility, test.covenant.id, test, codes, others, [""] * count, [None] * count, actual, threshold, {}, {})


def standings(history: History, instants: Sequence[dt.datetime]) -> Iterator[tuple[slice, Legal, str | None]]:
    """(places, standing, why) of each run of instants between transitions, in order."""
    held: tuple[Legal, str | None] = history.first, None
    start = 0
    for step in history.transitions:
        place = bisect_left(instants, step.at)
        if place > start:
            yield slice(start, place), *held
            start = place
        held = step.legal, step.why
    if start < len(instants):
        yield slice(start, len(instants)), *held


def last_tests(
    test: Test, dates: Sequence[TestDate], results: Sequence[Tested], instants: Sequence[dt.datetime], days: Sequence[int]
) -> Codes:
    """int8[T]: the last test of a covenant tested on dates, as it stood each day; it is looked at only when that may turn."""
    found = np.full(len(days), NOTHING, dtype=np.int8)
    told = {one.period: one for one in results if one.period is not None}
    turns = {0}
    turns |= {bisect_left(days, when.period_end.toordinal()) for when in dates}
    turns |= {bisect_left(days, when.due.toordinal() + 1) for when in dates if when.due is not None}
    turns |= {bisect_left(instants, one.seen) for one in told.values()}
    places = sorted(place for place in turns if place < len(days))
    for place, stop in zip(places, [*places[1:], len(days)], strict=True):
        found[place:stop] = _last(test, dates, told, instants[place], dt.date.fromordinal(days[place]))
    return found


def _last(test: Test, dates: Sequence[TestDate], told: dict[dt.date, Tested], at: dt.datetime, day: dt.date) -> int:
    """The code of the newest test whose result was in on a day, or unknown once nothing more was awaited of it."""
    due = [when for when in dates if when.period_end <= day]
    for when in due:
        one = told.get(when.period_end)
        if one is None:
            continue
        if one.decided and one.seen <= at:
            return RESULTS.index(one.result)
        here = not one.decided and (one.at < one.seen <= at or not awaits_report(test, when.period_end))
        if one.result == "not_tested" or here or when.due is None or when.due < day:
            return NOT_TESTED if one.result == "not_tested" else INDETERMINATE
    return NOT_TESTED if due else NOTHING

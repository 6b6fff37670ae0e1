"""The figures of every day of a stretch in one call of the kernel, and what a legal machine would hear of each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from monitor.marks.columns import path
from monitor.session import Session
from rules.book import Book
from rules.columns import Bools, Codes, Floats, Ints
from rules.compare import FAIL, INDETERMINATE, effective, passes, size, slack, thresholds_on
from rules.covenants import Level, Test
from rules.scope import Rows, day_of
from rules.testdates import tests_until
from rules.timeline import Timeline, timeline


class Days(NamedTuple):
    """Instants with what was known at each."""

    instants: tuple[dt.datetime, ...]
    known_at: tuple[dt.datetime, ...]


class Figures(NamedTuple):
    """The tests `running` (tested every day) and `periodic` (indications), each over all T days, rows test by test."""

    running: list[int]
    periodic: list[int]
    tested: Timeline
    indicative: Timeline

    def of(self, t: int) -> tuple[Timeline, slice] | None:
        """The columns and the rows of one test, None where it has none by day."""
        count = len(self.tested.worlds.instants)
        for places, made in ((self.running, self.tested), (self.periodic, self.indicative)):
            if t in places:
                at = places.index(t) * count
                return made, slice(at, at + count)
        return None


def figures(session: Session, book: Book, days: Days) -> Figures:
    """Every covenant on every day."""
    running = [t for t, test in enumerate(book.tests) if test.continuous]
    periodic = [t for t, test in enumerate(book.tests) if not test.continuous and test.class_ != "reporting"]
    tested = path(session.history, book.series, *days, "tested")
    indicative = path(session.history, book.series, *days, "indicative")
    return Figures(
        running, periodic, timeline(book, tested, _rows(book, running, days)), timeline(book, indicative, _rows(book, periodic, days))
    )


def _rows(book: Book, tests: Sequence[int], days: Days) -> Rows:
    count = len(days.instants)
    instant = np.tile(np.arange(count, dtype=np.int64), len(tests))
    day = np.array([day_of(at, book.zone) for at in days.instants], dtype=np.int64)
    ends, dues = day[instant], np.zeros(len(instant), dtype=np.int64)
    for place, t in enumerate(tests):
        if book.tests[t].class_ == "springing":
            for n in range(count):
                when = tests_until(book.tests[t].covenant.test, dt.date.fromordinal(int(day[n])), book.tests[t].calendar, 1)
                if when:
                    ends[place * count + n] = when[0].period_end.toordinal()
                    dues[place * count + n] = when[0].due.toordinal() if when[0].due else 0
    return Rows(np.repeat(np.array(tests, dtype=np.int64), count), instant, ends, dues)


class Heard(NamedTuple):
    """What a machine hears of each of T rows: whether it tells anything, a fail, the rung (0 none), restored, staying on."""

    decided: Bools
    fail: Bools
    rung: Codes
    restored: Bools
    on: Bools

    def alike(self, places: Ints, others: Heard) -> Bools:
        """bool[M]: whether the rows at M places say the same as M others."""
        return np.asarray(np.all([one[places] == other for one, other in zip(self, others, strict=True)], axis=0))


def heard(test: Test, made: Timeline, rows: slice) -> Heard:
    """The same questions as `monitor.reading` asks of one row, of all rows of a test."""
    result, ends = made.result[rows], made.rows.period_end[rows]
    top, under = made.numerator[rows], made.denominator[rows]
    decided = result < INDETERMINATE
    rung, restored, on = np.zeros(len(result), dtype=np.int8), np.ones(len(result), dtype=bool), result == FAIL
    for place, level in enumerate(test.levels[1:], start=1):
        if level.rung is not None:
            rung[decided & ~_passes(level.operator, top, under, effective(level, _on(level, ends), test.covenant.round))] = place
            if level.rung.restore_to is not None:
                operator = "<=" if level.operator in ("<=", "<") else ">="
                restored &= _passes(operator, top, under, np.full(len(result), float(level.rung.restore_to)))
        elif level.label == "off":
            on = np.where(decided, ~_passes(level.operator, top, under, _on(level, ends)), on)
    return Heard(decided, result == FAIL, rung, restored, on)


def _on(level: Level, ends: np.ndarray) -> Floats:
    return thresholds_on(level.threshold, ends)


def _passes(operator: str, top: Floats, under: Floats, level: Floats) -> Bools:
    with np.errstate(all="ignore"):
        return passes(operator, slack(operator, top, under, level), size(top, under, level))


__all__ = ["Days", "Figures", "Heard", "figures", "heard"]

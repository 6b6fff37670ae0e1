"""The figures of every day of a stretch in one call of the kernel, and what a legal machine would hear of each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from monitor.marks.columns import path
from monitor.session import Session
from monitor.terms import Terms
from rules.book import Book
from rules.columns import Bools, Codes, Floats, Ints
from rules.compare import FAIL, INDETERMINATE, effective, passes, size, slack, thresholds_on
from rules.covenants import Test
from rules.levels import Level
from rules.scope import Rows, day_of
from rules.timeline import Timeline, timeline
from rules.worlds import Worlds


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


def figures(session: Session, terms: Terms, days: Days) -> Figures:
    """Every covenant on every day."""
    book = terms.book
    running = [t for t, test in enumerate(book.tests) if test.continuous]
    periodic = [t for t, test in enumerate(book.tests) if not test.continuous and test.class_ != "reporting"]
    rows, indicative = _rows(terms, running, days), path(session.history, book.series, *days, "indicative")
    tested = judged(terms, rows, lambda one: path(session.history, one.series, *days, "tested")).whole(rows)
    return Figures(running, periodic, tested, timeline(book, indicative, _rows(terms, periodic, days)))


def _rows(terms: Terms, tests: Sequence[int], days: Days) -> Rows:
    book = terms.book
    count = len(days.instants)
    instant = np.tile(np.arange(count, dtype=np.int64), len(tests))
    day = np.array([day_of(at, book.zone) for at in days.instants], dtype=np.int64)
    ends, dues = day[instant], np.zeros(len(instant), dtype=np.int64)
    for place, t in enumerate(tests):
        if book.tests[t].class_ == "springing":
            for n in range(count):
                when = terms.dates(t, dt.date.fromordinal(int(day[n])), 1)
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


def heard(test: Test, made: Timeline, rows: slice | Ints) -> Heard:
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


class Judged(NamedTuple):
    """Rows judged each under the terms of its day: row n is row `row[n]` of `parts[part[n]]`."""

    parts: list[Timeline]
    part: Ints
    row: Ints

    def at(self, n: int) -> tuple[Timeline, int]:
        """One row, where it was judged."""
        return self.parts[self.part[n]], int(self.row[n])

    def column(self, name: str, rows: slice) -> np.ndarray:
        """A column of a timeline over some rows."""
        if len(self.parts) == 1:
            return np.asarray(getattr(self.parts[0], name)[rows])
        part, row = self.part[rows], self.row[rows]
        found = np.empty(len(part), dtype=getattr(self.parts[0], name).dtype)
        for number, made in enumerate(self.parts):
            found[part == number] = getattr(made, name)[row[part == number]]
        return found

    def heard(self, t: int, rows: slice) -> Heard:
        """What a machine hears of some rows of one test, each by the levels of its day."""
        if len(self.parts) == 1:
            return heard(self.parts[0].book.tests[t], self.parts[0], rows)
        found = [np.zeros(rows.stop - rows.start, dtype=kind) for kind in (bool, bool, np.int8, bool, bool)]
        for number, made in enumerate(self.parts):
            mine = self.part[rows] == number
            for column, part in zip(found, heard(made.book.tests[t], made, self.row[rows][mine]), strict=True):
                column[mine] = part
        return Heard(*found)

    def whole(self, rows: Rows) -> Timeline:
        """All the rows as one timeline, in the worlds of the terms in force last."""
        if len(self.parts) == 1:
            return self.parts[0]
        every, names = slice(0, len(rows)), ("numerator", "denominator", "threshold", "result", "data")
        return msgspec.structs.replace(self.parts[0], rows=rows, **{name: self.column(name, every) for name in names})


def judged(terms: Terms, rows: Rows, worlds: Callable[[Book], Worlds], now: Callable[[Book], Worlds] | None = None) -> Judged:
    """Rows in worlds made for each book that judges some of them; the first part is that of the terms in force last."""
    parts: list[Timeline] = []
    part, row = (np.zeros(len(rows), dtype=np.int64) for _ in range(2))
    for book, places in terms.cut(rows):
        part[places], row[places] = len(parts), np.arange(len(places), dtype=np.int64)
        parts.append(timeline(book, worlds(book), rows.pick(places), now=now and now(book)))
    return Judged(parts, part, row)


__all__ = ["Days", "Figures", "Heard", "Judged", "figures", "heard", "judged"]

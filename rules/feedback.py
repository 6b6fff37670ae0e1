"""Tests whose figures payments change (debt swept, a reserve filled or drawn): on random paths each goes through the waterfall."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints
from rules.compare import FAIL, slack
from rules.course import Course, course_of
from rules.curves import Curve
from rules.evaluate import Assessment, evaluate
from rules.gates import Gating, read_reserve
from rules.paths import BLOCK, Process
from rules.scope import Rows
from rules.state import AS_AGREED, State
from rules.stressed import levels_of
from rules.waterfall import fed_back
from rules.worlds import Worlds

_HELD = 16_000_000
"""Figures held at once for a group of facilities on a block of paths: about 128 MB."""


class Fed(msgspec.Struct, frozen=True):
    """The course of some facilities up to the last date of a plan, and the cells of the plan that it decides.

    `cells` int64[M] are places in the plan, `rows` the same tests in the worlds of the course; `date` int64[U] is the date of the plan
    in whose marks each day of the course is seen: the first one not before it.
    """

    course: Course
    cells: Ints
    rows: Rows
    date: Ints

    def assessed(self, driver: Ints, process: Process, drawn: Floats) -> Assessment:
        """The M tests in drawn marks float64[D, T, P], after all that was paid, swept and reserved by then."""
        seen = between(self.course.worlds, driver, process, self.date, drawn)
        _, _, state = self.course.along(seen)
        worlds = msgspec.structs.replace(self.course.worlds, marks=seen)
        return evaluate(self.course.book, worlds, state, self.rows, drivers=False)

    def judged(self, driver: Ints, process: Process, drawn: Floats) -> dict[int, tuple[Bools, Floats]]:
        """(which paths fail, the slack) by cell."""
        return judged_of(self.assessed(driver, process, drawn), self.cells)


def judged_of(made: Assessment, cells: Ints) -> dict[int, tuple[Bools, Floats]]:
    """(which paths fail, the slack) of each row of an assessment, by the cell it is."""
    levels, found = levels_of(made.book, made.rows), {}
    for at, cell in enumerate(cells.tolist()):
        operator = made.book.tests[made.rows.test[at]].levels[0].operator
        found[cell] = (made.result[at] == FAIL, slack(operator, made.numerator[at], made.denominator[at], levels[at]))
    return found


def between(worlds: Worlds, driver: Ints, process: Process, date: Ints, drawn: Floats) -> Floats:
    """float64[K, P, U]: marks on U days of one path, moved as drawn marks [D, T, P] are on the date that each day is seen on.

    A mark moves by the factor, a rate by the difference, between what was drawn and the mean: with nothing drawn they are the worlds' own.
    """
    values = np.repeat(worlds.marks[:, :1], drawn.shape[2], axis=1)
    for k in np.flatnonzero(driver >= 0).tolist():
        d = int(driver[k])
        mean, there = process.mean[d][date], drawn[d][date].T
        if process.plain[d]:
            values[k] += there - mean
        else:
            values[k] *= np.divide(there, mean, out=np.ones_like(there), where=mean != 0)
    return values


def fed_tests(book: Book) -> Bools:
    """bool[N]: tests that read what payments leave: of a loan that sweeps, or of a reserve."""
    moved = fed_back(book, Gating(book))
    return np.asarray(moved[book.tested] | read_reserve(book))


def fed_of(
    book: Book, now: Worlds, curves: Sequence[Curve | None], on: Collection[int], days: Sequence[int], rows: Rows, due: Bools,
    state: State = AS_AGREED,
) -> tuple[Fed, ...]:  # fmt: skip
    """The cells due (of tests by dates, `days` in order) that payments change, in groups of facilities that fit into memory."""
    reads, ends = fed_tests(book), np.array(days, dtype=np.int64)
    cells = np.flatnonzero(due & reads[rows.test])
    owner = book.tested[rows.test[cells]]
    whole = course_of(book, now, curves, on, days[-1], frozenset(owner.tolist()), state, days, every=False)
    pays = np.bincount(whole.pays.facility, minlength=len(book.ids))
    weight = np.bincount(owner, minlength=len(book.ids)) * 3 + pays * 12
    mine = np.flatnonzero((weight > 0) & (pays > 0))
    groups = np.cumsum(weight[mine]) * BLOCK // _HELD
    found = []
    for group in np.unique(groups).tolist():
        chosen = frozenset(mine[groups == group].tolist())
        course = whole if len(chosen) == len(mine) else course_of(book, now, curves, on, days[-1], chosen, state, days, every=False)
        have, _ = course.worlds.days(book.zone)
        inside = cells[np.isin(owner, list(chosen))]
        at = np.searchsorted(have, rows.period_end[inside]).astype(np.int64)
        date = np.minimum(np.searchsorted(ends, have), len(ends) - 1).astype(np.int64)
        found.append(Fed(course, inside, msgspec.structs.replace(rows.pick(inside), instant=at), date))
    return tuple(found)

"""Paths against every covenant, block by block: when each first fails, how many fail together, what money is missing at worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints
from rules.evaluate import evaluate
from rules.feedback import Fed, judged_of
from rules.fold import Fold
from rules.paths import BLOCK, Process, draw
from rules.state import AS_AGREED, State
from rules.worlds import Worlds

_ROWS = 48
"""Cells evaluated at once: a column of them over a block is 1.5 MB."""


class Plan(msgspec.Struct, frozen=True):
    """All a worker needs: N tests over T dates as N x T cells, row by row; `driver` [K] of each series, -1 where it is held.

    `counts` [N] are the tests counted together (those not failing now); `rates` [N] turn money into one currency, 0 for none.
    `fed` decide the cells that payments change; `book` is None where every other cell is folded.
    """

    seed: int
    paths: int
    dates: int
    fold: Fold
    worlds: Worlds
    driver: Ints
    process: Process
    counts: Bools
    rates: Floats
    book: Book | None = None
    state: State = AS_AGREED
    money: bool = True
    fed: tuple[Fed, ...] = ()

    def run(self, block: int) -> Tally:
        """One block of its paths."""
        return run_block(self, block)

    def joined(self, parts: Sequence[Tally]) -> Tally:
        """Several blocks as one."""
        return joined(parts)


class Tally(msgspec.Struct, frozen=True):
    """What one block, or several in order, came to: paths by first failing date [N, T] and failing on a date [N, T]; paths by how
    many tests failed at some date [N + 1]; and of each path the most money missing on one date.
    """

    paths: int
    first: Ints
    failing: Ints
    together: Ints
    missing: Floats


def run_block(plan: Plan, block: int) -> Tally:
    """One block of paths. Pure: the same plan and block give the same digits anywhere."""
    count = min(BLOCK, plan.paths - block * BLOCK)
    marks = draw(plan.process, plan.seed, block)[:, :, :count]
    return tally(plan, marks)


def tally(plan: Plan, marks: Floats) -> Tally:
    """The tests over given marks float64[D, T, P]."""
    tests, count = len(plan.counts), marks.shape[2]
    first, failing = np.zeros((tests, plan.dates), np.int64), np.zeros((tests, plan.dates), np.int64)
    together, short = np.zeros(count, np.int64), np.zeros((plan.dates, count))
    alive = np.ones((tests, count), bool)
    for n, t, fails, gap in judged(plan, marks):
        failing[n, t] = np.count_nonzero(fails)
        if not failing[n, t]:
            continue
        if plan.money and plan.rates[n]:
            short[t] -= np.where(fails, np.minimum(gap, 0.0), 0.0) * plan.rates[n]
        first[n, t] = np.count_nonzero(fails & alive[n])
        alive[n] &= ~fails
    for n in np.flatnonzero(plan.counts).tolist():
        together += ~alive[n]
    counted = np.bincount(together, minlength=tests + 1)
    return Tally(count, first, failing, counted, short.max(axis=0) if plan.dates else np.zeros(count))


def judged(plan: Plan, marks: Floats) -> Iterator[tuple[int, int, Bools, Floats]]:
    """(test, date, which paths fail, their slack) of every cell that is due, over marks float64[D, T, P]: date by date for each test.

    The slack is overwritten by the next.
    """
    room, due = np.empty((2, marks.shape[2])), plan.fold.due.reshape(-1, plan.dates)
    for tests, asked in _parts(plan, due):
        held = asked(marks) if asked else {}
        for n in tests:
            for t in np.flatnonzero(due[n]).tolist():
                cell = n * plan.dates + t
                fails, gap = held[cell] if cell in held else _cell(plan, marks[:, t], cell, room)
                yield n, t, fails, gap


Asked = Callable[[Floats], dict[int, tuple[Bools, Floats]]]


def _parts(plan: Plan, due: Bools) -> Iterator[tuple[list[int], Asked | None]]:
    """The tests in parts, and what answers for the cells of a part that do not fold: one part is held at a time.

    First those that fold, then those that the kernel evaluates (as many at once as the cache likes), then those that payments change.
    """
    fed = [sorted({cell // plan.dates for cell in one.cells.tolist()}) for one in plan.fed]
    moved = np.isin(np.arange(len(due)), [n for tests in fed for n in tests])
    unfolded = due & ~plan.fold.folded.reshape(due.shape)
    bent = np.asarray(unfolded.any(axis=1) & ~moved)
    plain = np.asarray(due.any(axis=1) & ~bent & ~moved)
    yield np.flatnonzero(plain).tolist(), None
    for tests in _together(plan, np.flatnonzero(bent).tolist()):
        cells = np.flatnonzero((unfolded & np.isin(np.arange(len(due)), tests)[:, None]).ravel())
        yield tests, partial(_whole, plan, cells)
    for one, tests in zip(plan.fed, fed, strict=True):
        yield tests, partial(one.judged, plan.driver, plan.process)


def _together(plan: Plan, tests: list[int]) -> Iterator[list[int]]:
    """Tests that share a formula, so many at a time that a column of them stays in the cache."""
    assert plan.book is not None or not tests
    by_formula: dict[int, list[int]] = {}
    for n in tests:
        by_formula.setdefault(id(plan.book.tests[plan.fold.rows.test[n * plan.dates]].forms[0].numerator), []).append(n)  # type: ignore[union-attr]
    step = max(1, _ROWS // plan.dates)
    for same in by_formula.values():
        yield from (same[at : at + step] for at in range(0, len(same), step))


def _cell(plan: Plan, marks: Floats, cell: int, room: Floats) -> tuple[Bools, Floats]:
    """(which paths fail, the slack) of one folded cell; one driver and no money asked is one comparison."""
    fold, slots = plan.fold, np.flatnonzero(plan.fold.slope[cell])
    constant, moving = float(fold.constant[cell]), []
    for s in slots.tolist():
        k = int(fold.drivers[cell, s])
        if plan.driver[k] >= 0:
            moving.append((int(plan.driver[k]), float(fold.slope[cell, s])))
        else:
            constant += float(fold.slope[cell, s]) * float(plan.worlds.marks[k, 0, cell % plan.dates])
    tie = float(fold.tie[cell])
    if len(moving) == 1 and not plan.money:
        d, slope = moving[0]
        bound = (-tie - constant) / slope
        return (marks[d] < bound if slope > 0 else marks[d] > bound), room[0]
    gap, part = room
    gap[:] = constant
    for d, slope in moving:
        np.multiply(marks[d], slope, out=part)
        gap += part
    return gap < -tie, gap


def _whole(plan: Plan, cells: Ints, marks: Floats) -> dict[int, tuple[Bools, Floats]]:
    """What the kernel says of some cells."""
    assert plan.book is not None
    values = np.repeat(plan.worlds.marks, marks.shape[2], axis=1)
    for k in np.flatnonzero(plan.driver >= 0).tolist():
        values[k] = marks[plan.driver[k]].T
    worlds = msgspec.structs.replace(plan.worlds, marks=values)
    return judged_of(evaluate(plan.book, worlds, plan.state, plan.fold.rows.pick(cells)), cells)


def joined(parts: Sequence[Tally]) -> Tally:
    """Several blocks as one, added up in their order."""
    return Tally(
        sum(part.paths for part in parts),
        np.sum([part.first for part in parts], axis=0), np.sum([part.failing for part in parts], axis=0),
        np.sum([part.together for part in parts], axis=0), np.concatenate([part.missing for part in parts]),
    )  # fmt: skip

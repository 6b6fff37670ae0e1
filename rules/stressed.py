"""Every covenant in many worlds of one instant: its result, its slack and the money missing in each; and where along a line it breaks.

A test that looks back is read as its breaking levels are: as it stands, moved by what its modelled windows would move by
had the marks been so all along. What has been reported does not move by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Floats
from rules.compare import FAIL, INDETERMINATE, NOT_TESTED, effective, slack, thresholds_on
from rules.definitions import unit_of
from rules.evaluate import Assessment, evaluate
from rules.judge import NOTHING_OWED, UNSETTLED
from rules.scope import Rows, day_of
from rules.state import AS_AGREED, State
from rules.worlds import Worlds


class Stressed(msgspec.Struct, frozen=True):
    """N rows x P worlds. `gap` is the slack to the level, 0 and more passes; `missing` the money short of it (0 where it passes,
    NaN where it is unknown or the test is not about money); `levels` float64[N] what an unrounded ratio must reach.
    """

    made: Assessment
    levels: Floats
    gap: Floats
    missing: Floats

    @property
    def failing(self) -> np.ndarray:
        """bool[N, P]."""
        return np.asarray(self.made.result == FAIL)


def rows_now(book: Book, worlds: Worlds) -> Rows:
    """Every covenant that is computed, at the first instant."""
    day = day_of(worlds.instants[0], book.zone)
    tests = [t for t, test in enumerate(book.tests) if test.quantity is not None and test.class_ != "reporting" and _begun(book, t, day)]
    chosen = np.array(tests, dtype=np.int64)
    return Rows(chosen, np.zeros_like(chosen), np.full_like(chosen, day), np.zeros_like(chosen))


def _begun(book: Book, t: int, day: int) -> bool:
    closing = book.terms[book.tests[t].facility].facility.closing
    return closing is None or closing.date.toordinal() <= day


def stress(book: Book, worlds: Worlds, now: Worlds, rows: Rows, state: State = AS_AGREED) -> Stressed:
    """Rows of one instant in some worlds that depart from `now` (one world)."""
    made = evaluate(book, worlds, state, rows, departs=now)
    levels = levels_of(book, rows)
    operators = [book.tests[t].levels[0].operator for t in rows.test]
    gap = np.full_like(made.numerator, np.nan)
    for operator in set(operators):
        mine = np.array([one == operator for one in operators])
        gap[mine] = slack(operator, made.numerator[mine], made.denominator[mine], levels[mine][:, None])
    gap[[why in (NOTHING_OWED, UNSETTLED) for why in made.reason]] = np.nan
    missing = np.where(made.result == FAIL, np.maximum(0.0, -gap), 0.0)
    missing[np.isin(made.result, (INDETERMINATE, NOT_TESTED))] = np.nan
    missing[[not is_money(book, t) for t in rows.test]] = np.nan
    return Stressed(made, levels, gap, missing)


def levels_of(book: Book, rows: Rows) -> Floats:
    """float64[N]: what the unrounded ratio of each row must reach; NaN where no level is in force."""
    found = np.full(len(rows), np.nan)
    for n, (t, day) in enumerate(zip(rows.test.tolist(), rows.period_end, strict=True)):
        test = book.tests[t]
        level = thresholds_on(test.levels[0].threshold, np.array([day]))
        found[n] = effective(test.levels[0], level, test.covenant.round)[0]
    return found


def is_money(book: Book, t: int) -> bool:
    """Whether the slack of a test is money: what it holds against the level is (cash flow, debt, liquidity)."""
    test = book.tests[t]
    form = test.forms[-1]
    if form.numerator is None:
        return False
    unit = unit_of(form.numerator, book.definitions[test.facility].lines)
    if unit is None or len(unit.powers) != 1:
        return False
    name, power = unit.powers[0]
    return power == 1 and (name == "money" or (len(name) == 3 and name.isupper()))


Line = Callable[[Floats], Worlds]
"""Sizes along a line to the worlds there, one path a size; 0 is the world it starts from."""

_SECTIONS = 33


def breaks(book: Book, line: Line, now: Worlds, rows: Rows, sizes: Floats, state: State = AS_AGREED) -> Floats:
    """float64[N]: the size nearest 0 at which each row just turns from pass to fail or back; NaN where it does not within `sizes`."""
    found = np.full(len(rows), np.nan)
    low, high, start, end = _brackets(sizes, stress(book, line(sizes), now, rows, state).gap)
    for n in np.flatnonzero(np.isfinite(low)).tolist():
        found[n] = _narrowed(book, line, now, rows.pick(np.array([n])), (low[n], high[n], start[n], end[n]), state)
    return found


def _brackets(sizes: Floats, gap: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """(low, high, slack at low, slack at high)[N] of the change of side nearest 0; NaN where there is none."""
    good = gap >= 0
    crosses = (good[:, 1:] != good[:, :-1]) & ~np.isnan(gap[:, 1:]) & ~np.isnan(gap[:, :-1])
    near = np.minimum(np.abs(sizes[1:]), np.abs(sizes[:-1])) + 1e-9 * np.abs(sizes[1:] + sizes[:-1])
    at = np.where(crosses, near, np.inf).argmin(axis=1)
    rows = np.arange(len(gap))
    there = crosses[rows, at]
    return tuple(np.where(there, one, np.nan) for one in (sizes[at], sizes[at + 1], gap[rows, at], gap[rows, at + 1]))  # type: ignore[return-value]


def _narrowed(book: Book, line: Line, now: Worlds, row: Rows, bracket: tuple[float, float, float, float], state: State) -> float:
    """The root in a bracket: the straight line through its ends where that holds, else by sections."""
    low, high, start, end = bracket
    for _ in range(12):
        guess = low - start * (high - low) / (end - start) if end != start else (low + high) / 2
        points = np.unique(np.concatenate((np.linspace(low, high, _SECTIONS), [guess])))
        gap = stress(book, line(points), now, row, state).gap
        here = np.searchsorted(points, guess)
        if abs(gap[0, here]) <= 1e-12 * max(abs(start), abs(end)) or high - low <= 1e-14 * max(1.0, abs(low)):
            return float(guess)
        ends = _brackets(points, gap)
        if not np.isfinite(ends[0][0]):
            return float(guess)
        low, high, start, end = (float(one[0]) for one in ends)
    return (low + high) / 2

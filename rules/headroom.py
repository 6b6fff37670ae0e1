"""At which price a test breaks: the marks each row moves with, and the level of each at which the test just fails.

Every mark of a facility is doubled in a column of its own; where formula and marks are affine the breaking level
follows exactly, elsewhere that level is verified and, if it does not hold, found by narrowing a bracket.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints, places_of
from rules.compare import effective, size, slack, thresholds_on
from rules.covenants import Form, Test
from rules.definitions import series_in
from rules.formula import Call, Defined, Node, children
from rules.kernel import value
from rules.scope import Rows, Scope, distinct, open_scope
from rules.state import State, in_place
from rules.vocabulary import WINDOWS
from rules.worlds import MISSING, Worlds

SLIGHT = 1e-12
"""A row does not move with a mark when doubling it changes less than this share."""
_GRID = np.concatenate((-np.geomspace(0.999, 0.01, 24), np.geomspace(0.01, 20.0, 24)))
_WIDE = np.concatenate((np.geomspace(1e-6, 1e12, 73) - 1,))
_SECTIONS = 33
_NEAR = 1e-3


class Drivers(msgspec.Struct, frozen=True):
    """Per row and slot (a mark of its facility): the series (-1 none), now, whether the row moves with it directly, the
    sign of that, and per level (the covenant's own, then its rungs) where it breaks and the move to there; NaN: never.
    """

    series: Ints
    now: Floats
    direct: Bools
    rises: Bools
    breach: Floats
    shock: Floats


def empty_drivers(book: Book, rows: Rows) -> Drivers:
    """Room for the drivers of some rows: N x S slots x L levels."""
    slots = max((len(book_slots(book, f)) for f in range(len(book.ids))), default=0)
    levels = max((len(book.tests[t].levels) for t in rows.test), default=1)
    shape = (len(rows), slots)
    read = np.full((len(book.ids), slots), -1, dtype=np.int64)
    for f in range(len(book.ids)):
        found = book_slots(book, f)
        read[f, : len(found)] = found
    series = book.remapped(read[book.tested[rows.test]], rows.test[:, None])
    nothing = np.full((*shape, levels), np.nan)
    return Drivers(series, np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape, bool), nothing, nothing.copy())


def book_slots(book: Book, facility: int) -> tuple[int, ...]:
    """The series a facility's tables and formulas read, in series order; found for all facilities at the first asking."""
    if not book.slots:
        whole = {f: tuple(sorted(found - {-1})) for f, found in enumerate(_slots(book))}
        book.slots.update(whole)  # at once: a thread beside this one finds nothing there, or all of it
    return book.slots[facility]


def slots_of(book: Book, test: Test) -> set[int]:
    """The series a test may read: those of its facility, in place of some those its own policy reads."""
    return {test.remap.get(k, k) for k in book_slots(book, test.facility)}


def _slots(book: Book) -> list[set[int]]:
    found = [{int(fx), int(cap)} for fx, cap in zip(book.ints["fx"], book.ints["market_cap"], strict=True)]
    for f, rate in zip(book.tables["leg"].owner.tolist(), book.ints["rate.benchmark"].tolist(), strict=True):
        found[f].add(rate)
    for table, names in (("collateral", ("price", "appraisal", "rent")), ("treasury", ("price", "fx")), ("fleet", ("hashprice",))):
        for name in names:
            for f, series in zip(book.tables[table].owner.tolist(), book.ints[f"{table}.{name}"].tolist(), strict=True):
                found[f].add(series)
    for f, senior in zip(book.tables["senior"].owner.tolist(), book.tables["senior"].rows, strict=True):
        found[f].add(int(book.ints["fx"][senior]))
    named: dict[int, set[int]] = {}
    for test in book.tests:
        for quantity in (form.quantity for form in test.forms if form.quantity is not None):
            if id(quantity) not in named:
                places = (book.series.find(name) for name in series_in(quantity))
                named[id(quantity)] = {place for place in places if place is not None}
            found[test.facility] |= named[id(quantity)]
    return found


class Probed(msgspec.Struct, frozen=True):
    """One pass of the kernel over a group: each a numerator and a denominator.

    `actual` [N, 1] as it is; `start` [N, 1] with 1 in place of missing marks; `doubled` [N, 1 + S] that, then each slot's
    mark times two; `needs` [N, S] whether the row needs the slot's mark at all, seen by making it unknown.
    """

    scope: Scope
    actual: tuple[Floats, Floats]
    start: tuple[Floats, Floats]
    doubled: tuple[Floats, Floats]
    needs: Bools


def probe(book: Book, worlds: Worlds, rows: Rows, state: State, series: Ints) -> Probed:
    """All that one pass tells of a group of rows in worlds of one path."""
    slots = series.shape[1]
    none, wanted = np.full((len(rows), 2), -2, dtype=np.int64), np.where(series >= 0, series, -2)
    shocked = np.concatenate((none, wanted, wanted), axis=1)
    factor = np.concatenate((np.full((len(rows), 2 + slots), 2.0), np.full((len(rows), slots), np.nan)), axis=1)
    scope = open_scope(book, worlds, rows, state, 2 + 2 * slots)
    scope.shocked, scope.factor = shocked, factor
    scope.assumed = np.arange(2 + 2 * slots) > 0
    top, under = fraction(book.tests[rows.test[0]], scope)
    return Probed(
        scope, (top[:, :1], under[:, :1]), (top[:, 1:2], under[:, 1:2]), (top[:, 1 : 2 + slots], under[:, 1 : 2 + slots]),
        _needs((top[:, 1:], under[:, 1:]), series),
    )  # fmt: skip


def _needs(columns: tuple[Floats, Floats], series: Ints) -> Bools:
    """bool[N, S]: which marks change numerator or denominator by being unknown: the last S columns against the first."""
    unknown = -series.shape[1]
    same = [(one[:, unknown:] == one[:, :1]) | (np.isnan(one[:, unknown:]) & np.isnan(one[:, :1])) for one in columns]
    return np.asarray((series >= 0) & ~(same[0] & same[1]))


def fraction(test: Test, scope: Scope, form: Form | None = None) -> tuple[Floats, Floats]:
    """(numerator, denominator) float64[N, Q] of a test's formula over a scope; the denominator is 1 where nothing divides.

    The rows of the scope share one formula: `form`, else the one in force on the last day of the first row's period.
    """
    form = form or test.on(scope.rows.period_end[0])
    assert form.numerator is not None
    top = value(form.numerator, scope)
    under = value(form.denominator, scope) if form.denominator is not None else np.ones_like(top)
    return _whole(scope, top, under) if scope.state.given else (top, under)


def _whole(scope: Scope, top: Floats, under: Floats) -> tuple[Floats, Floats]:
    """Numerator and denominator, where the very quantity that a row tests is given: that over 1."""
    unknown = np.full_like(top, np.nan)
    for t in distinct(scope.rows.test):
        node: Node | None = scope.book.tests[t].on(scope.rows.period_end[0]).quantity
        while isinstance(node, Defined):
            given = in_place(scope.state, node.name, scope.facility, unknown)
            mine = (scope.rows.test == t)[:, None] & ~np.isnan(given)
            top, under = np.where(mine, given, top), np.where(mine, 1.0, under)
            node = node.body
    return top, under


def looks_back(node: Node | None) -> bool:
    """Whether a formula sums a window of the past."""
    if node is None:
        return False
    if isinstance(node, Call) and node.function in WINDOWS and WINDOWS[node.function][0] in ("past", "since_closing"):
        return True
    return any(looks_back(child) for child in children(node))


Sides = tuple[Floats, Floats]
"""Numerator and denominator, float64[N, Q]."""


def departed(form: Form, worlds: Worlds, departs: Worlds | None, asked: Callable[[Worlds, bool], Sides], seen: Sides) -> Sides:
    """A fraction in worlds that are shocks of `departs` (None: of nothing): where it looks back, as it stands there, moved by
    what its wholly modelled window moves by; as `seen` in these worlds where it does not, or where the model does not know.

    `asked(worlds, modelled)` computes it; `modelled` sets reports aside.
    """
    if departs is None or not (looks_back(form.numerator) or looks_back(form.denominator)):
        return seen
    told, start, there = asked(departs, False), asked(departs, True), asked(worlds, True)
    moves = [end - begin for end, begin in zip(there, start, strict=True)]
    return tuple(np.where(np.isnan(move), one, base + move) for move, base, one in zip(moves, told, seen, strict=True))  # type: ignore[return-value]


def drivers_of(drivers: Drivers, places: Ints, rows: Rows, probed: Probed, now: Worlds | None) -> None:
    """Fill in the drivers of one group of rows from what the pass over them told."""
    scope, base, direct = probed.scope, probed.start, probed.doubled
    series = drivers.series[places]
    if not series.shape[1]:
        return
    form = scope.book.tests[rows.test[0]].on(rows.period_end[0])
    back = looks_back(form.numerator) or looks_back(form.denominator)
    worlds = now if back and now is not None else scope.worlds
    seen = _now(rows) if back and now is not None else rows
    moved, needs = _modelled(scope.book, worlds, seen, scope, series) if back else (direct, probed.needs)
    levels = drivers.breach.shape[2]
    straight = [scope.book.tests[t].on(day).affine for t, day in zip(rows.test, rows.period_end, strict=True)]
    affine = np.array(straight) & (scope.book.ints["fx"][scope.facility] < 0)
    bent = needs & ~affine[:, None]  # a bend may hide from a doubled mark what a fall would show
    present = series >= 0
    instants = seen.instant[:, None]
    lacking = present & (worlds.data[np.maximum(series, 0), instants] == MISSING)
    marks = np.where(lacking, 1.0, worlds.marks[np.maximum(series, 0), 0, instants])
    drivers.now[places] = np.where(present & ~lacking, marks, np.nan)
    for level in range(levels):
        threshold, operators = _level(scope.book, rows, level)
        gap0 = _by_operator(operators, base[0], base[1], threshold)[:, 0]
        wide = np.maximum(size(base[0], base[1], threshold)[:, 0], 1e-9)
        for source, into in ((direct, True), (moved, False)):
            gaps = _by_operator(operators, source[0], source[1], threshold)
            slope = gaps[:, 1:] - gaps[:, :1]
            moves = present & (np.abs(slope) > SLIGHT * wide[:, None]) & ~np.isnan(slope)
            if into and level == 0:
                drivers.direct[places] = moves
                drivers.rises[places] = slope > 0
            elif not into:
                shock = np.divide(-gap0[:, None], slope, out=np.full_like(slope, np.nan), where=moves)
                if not affine.all():
                    solve = _Solve(scope, worlds, seen, series, back, threshold, operators, gap0, gaps[:, 0])
                    shock = _verified(solve, shock, (moves & ~affine[:, None]) | bent, wide, lacking)
                reach = (shock > -1) & ~_beside_missing(lacking, moves | probed.needs)
                drivers.shock[places, :, level] = np.where(reach & ~lacking, shock, np.nan)
                drivers.breach[places, :, level] = np.where(reach, marks * (1 + shock), np.nan)


def _beside_missing(lacking: Bools, needs: Bools) -> Bools:
    """bool[N, S]: where another mark the row needs is missing, so that no level of this one can be told."""
    missing = lacking & needs
    return np.asarray(missing.sum(axis=1, keepdims=True) - missing > 0)


def _now(rows: Rows) -> Rows:
    return Rows(rows.test, np.zeros_like(rows.instant), rows.period_end, rows.due)


def _level(book: Book, rows: Rows, level: int) -> tuple[Floats, np.ndarray]:
    """(effective level [N, 1], operator [N]) of the level-th level of each row's test, NaN where it has fewer."""
    found, operators = np.full(len(rows), np.nan), np.full(len(rows), ">=", dtype="U2")
    for t, mine in places_of(rows.test):
        test: Test = book.tests[t]
        if level < len(test.levels):
            one = test.levels[level]
            found[mine] = effective(one, thresholds_on(one.threshold, rows.period_end[mine]), test.covenant.round)
            operators[mine] = one.operator
    return found[:, None], operators


def _by_operator(operators: np.ndarray, top: Floats, under: Floats, threshold: Floats) -> Floats:
    least = np.isin(operators, (">=", ">", "=="))[:, None]
    return np.where(least, slack(">=", top, under, threshold), slack("<=", top, under, threshold))


def _modelled(book: Book, worlds: Worlds, rows: Rows, like: Scope, series: Ints) -> tuple[tuple[Floats, Floats], Bools]:
    """Numerator and denominator [N, 1 + S] with windows wholly modelled, as they are and with each slot's mark doubled; and

    bool[N, S] which of the marks that model needs.
    """
    slots = series.shape[1]
    none, wanted = np.full((len(rows), 1), -2, dtype=np.int64), np.where(series >= 0, series, -2)
    factor = np.concatenate((np.full((len(rows), 1 + slots), 2.0), np.full((len(rows), slots), np.nan)), axis=1)
    top, under = _shocked(book, worlds, rows, like, np.concatenate((none, wanted, wanted), axis=1), factor, True)
    return (top[:, : 1 + slots], under[:, : 1 + slots]), _needs((top, under), series)


def _shocked(book: Book, worlds: Worlds, rows: Rows, like: Scope, shocked: Ints, factor: Floats, modelled: bool) -> tuple[Floats, Floats]:
    scope = open_scope(book, worlds, rows, like.state, shocked.shape[1])
    scope.shocked, scope.factor, scope.modelled = shocked, factor, modelled
    scope.basis = like.basis
    return fraction(book.tests[rows.test[0]], scope)


class _Solve(msgspec.Struct, frozen=True):
    """What it takes to ask for the slack of some (row, slot) pairs at some shocks."""

    scope: Scope
    worlds: Worlds
    rows: Rows
    series: Ints
    back: bool
    threshold: Floats
    operators: np.ndarray
    gap0: Floats
    model0: Floats

    def gaps(self, row: Ints, slot: Ints, shocks: Floats) -> Floats:
        """float64[M, Q]: slack of pair m at shocks[m, q]; a model that starts elsewhere than the figures is shifted to them."""
        rows = self.rows.pick(row)
        shocked = np.repeat(self.series[row, slot][:, None], shocks.shape[1], axis=1)
        top, under = _shocked(self.scope.book, self.worlds, rows, self.scope, shocked, 1 + shocks, self.back)
        found = _by_operator(self.operators[row], top, under, self.threshold[row])
        return found + (self.gap0 - self.model0)[row][:, None]


def _verified(solve: _Solve, shock: Floats, wanted: Bools, wide: Floats, lacking: Bools) -> Floats:
    """Shocks at which the slack is really nought: the straight guess where it holds, else the nearest root in reach."""
    row, slot = np.nonzero(wanted)
    if not len(row):
        return shock
    guess = shock[row, slot]
    poor = ~_holds(solve, row, slot, guess, wide)
    if poor.any():  # doubling crossed a kink: the slope near by may do
        near = solve.gaps(row[poor], slot[poor], np.full((int(poor.sum()), 1), _NEAR))[:, 0] - solve.gap0[row[poor]]
        guess[poor] = np.divide(-_NEAR * solve.gap0[row[poor]], near, out=np.full_like(near, np.nan), where=near != 0)
        poor[poor] = ~_holds(solve, row[poor], slot[poor], guess[poor], wide)
    if poor.any():
        guess[poor] = _roots(solve, row[poor], slot[poor], lacking[row[poor], slot[poor]])
    found = shock.copy()
    found[row, slot] = guess
    return found


def _holds(solve: _Solve, row: Ints, slot: Ints, guess: Floats, wide: Floats) -> Bools:
    """bool[M]: whether the slack of each pair is nought at its guess."""
    sound = ~np.isnan(guess) & (guess > -1)
    left = np.full(len(row), np.inf)
    if sound.any():
        left[sound] = np.abs(solve.gaps(row[sound], slot[sound], guess[sound][:, None])[:, 0])
    return np.asarray(left <= 1e-10 * wide[row])


def _roots(solve: _Solve, row: Ints, slot: Ints, lacking: Bools) -> Floats:
    """The root nearest to no move for each pair, NaN where the slack keeps its sign over the grid."""
    grid = np.where(lacking[:, None], np.resize(_WIDE, (len(row), len(_WIDE))), np.nan)
    narrow = np.sort(np.concatenate((_GRID, [0.0])))
    if not lacking.any():
        grid = np.resize(narrow, (len(row), len(narrow)))
    else:
        spread = np.interp(np.linspace(0, 1, len(_WIDE)), np.linspace(0, 1, len(narrow)), narrow)
        grid = np.where(lacking[:, None], grid, np.resize(spread, grid.shape))
    low, high = _nearest_bracket(grid, solve.gaps(row, slot, grid))
    for _ in range(12):
        steps = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, _SECTIONS)[None, :]
        low, high = _nearest_bracket(steps, solve.gaps(row, slot, np.nan_to_num(steps)))
        if not np.isfinite(low).any() or np.nanmax(high - low) <= 1e-15:
            break
    return (low + high) / 2


def _nearest_bracket(grid: Floats, gaps: Floats) -> tuple[Floats, Floats]:
    """(low, high)[M]: the interval with a change of sign nearest to no move; NaN where there is none."""
    signs = gaps >= 0
    crosses = (signs[:, 1:] != signs[:, :-1]) & ~np.isnan(gaps[:, 1:]) & ~np.isnan(gaps[:, :-1])
    middle = np.abs(grid[:, 1:] + grid[:, :-1])
    at = np.where(crosses, middle, np.inf).argmin(axis=1)
    rows = np.arange(len(grid))
    found = crosses[rows, at]
    return np.where(found, grid[rows, at], np.nan), np.where(found, grid[rows, at + 1], np.nan)

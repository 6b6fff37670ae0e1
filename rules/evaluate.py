"""evaluate(book, worlds, state) -> Assessment: every covenant in every world, as columns. Pure; loops run over distinct formulas."""

from __future__ import annotations

from collections.abc import Set

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints
from rules.compare import (
    FAIL,
    INDETERMINATE,
    MONEY,
    NOT_TESTED,
    PASS,
    WATCH,
    effective,
    half_up,
    headroom,
    passes,
    rounded_passes,
    size,
    slack,
    thresholds_on,
)
from rules.covenants import Form, Test
from rules.headroom import Drivers, drivers_of, empty_drivers, fraction, looks_back, probe
from rules.scope import Rows, day_of, open_scope, places_of
from rules.selection import counts
from rules.springs import holds
from rules.state import AS_AGREED, State, first_path
from rules.worlds import MISSING, STALE, Worlds

Codes = np.ndarray


class Assessment(msgspec.Struct, frozen=True):
    """N rows x P paths. Float columns are NaN where unknown; `result` and `data` are indices into RESULTS and DATA.

    `drivers` is there for a single path: the marks that decide each row, and where they break it. `reason` says why a
    row is `not_tested`.
    """

    book: Book
    worlds: Worlds
    state: State
    rows: Rows
    numerator: Floats
    denominator: Floats
    actual: Floats
    threshold: Floats
    result: Codes
    data: Codes
    headroom_abs: Floats
    headroom_pct: Floats
    cushion_pct: Floats
    modelled_share: Floats
    drivers: Drivers
    reason: list[str | None]

    def __len__(self) -> int:
        return len(self.rows)


def all_rows(book: Book, worlds: Worlds) -> Rows:
    """Every covenant at every instant."""
    tests, instants = len(book.tests), len(worlds.instants)
    day = np.array([day_of(moment, book.zone) for moment in worlds.instants], dtype=np.int64)
    instant = np.tile(np.arange(instants, dtype=np.int64), tests)
    return Rows(np.repeat(np.arange(tests, dtype=np.int64), instants), instant, day[instant], np.zeros(tests * instants, dtype=np.int64))


def evaluate(
    book: Book, worlds: Worlds, state: State = AS_AGREED, rows: Rows | None = None, now: Worlds | None = None,
    running: Set[int] = frozenset(), departs: Worlds | None = None,
) -> Assessment:  # fmt: skip
    """The assessment of some rows (default: every covenant at every instant) in some worlds.

    With one path, every row also gets its drivers: the marks it moves with, the level of each at which the test just
    fails, and the move to there. `now` (one instant) gives the marks from which a backward-looking test's move is
    measured, where the worlds are those of its test date. `running` are springing tests whose trigger period still runs,
    whatever their condition in these worlds. With `departs` (one world of the same instants) the worlds are shocks of it:
    a test that looks back stands as it does there, moved by what its modelled windows move by.
    """
    chosen = all_rows(book, worlds) if rows is None else rows
    made = _Maker(book, worlds, state, chosen, now, running, departs)
    with np.errstate(all="ignore"):  # an overflow is an unknown figure, told as such
        made.run()
        return made.assessment()


class _Maker:
    """Fills the columns group by group: rows that share a formula are evaluated together."""

    def __init__(
        self, book: Book, worlds: Worlds, state: State, rows: Rows, now: Worlds | None, running: Set[int], departs: Worlds | None
    ) -> None:
        self.book, self.worlds, self.state, self.rows, self.now, self.running = book, worlds, state, rows, now, running
        self.departs = departs
        shape = (len(rows), worlds.paths)
        self.numerator, self.denominator = np.full(shape, np.nan), np.full(shape, np.nan)
        self.threshold = np.full(len(rows), np.nan)
        self.result = np.full(shape, NOT_TESTED, dtype=np.int8)
        self.data = np.zeros(len(rows), dtype=np.int8)
        self.share = np.zeros(len(rows))
        self.reason: list[str | None] = [None] * len(rows)
        self.drivers = empty_drivers(book, rows)

    def run(self) -> None:
        groups: dict[tuple[int, int], list[int]] = {}
        for n, t in enumerate(self.rows.test):
            test = self.book.tests[t]
            form = test.on(self.rows.period_end[n])
            if form.numerator is None:
                self._untestable(n, test)
            else:
                groups.setdefault((id(form.numerator), id(form.denominator)), []).append(n)
        for places in groups.values():
            self._group(np.array(places, dtype=np.int64))

    def _untestable(self, n: int, test: Test) -> None:
        if test.error is not None:
            self.result[n] = INDETERMINATE
            self.data[n] = MISSING
            self.reason[n] = f"{test.error.code}: {test.error.message}"
        else:
            self.reason[n] = "not tested by us" if not test.covenant.tested_by_us else "the agreement names no rule we can compute"

    def _group(self, places: Ints) -> None:
        rows = self.rows.pick(places)
        test = self.book.tests[rows.test[0]]
        self.threshold[places] = self._thresholds(rows)
        if self.worlds.paths == 1 and self.departs is None:
            probed = probe(self.book, self.worlds, rows, self.state, self.drivers.series[places])
            self.numerator[places], self.denominator[places] = probed.actual
            self.share[places] = probed.scope.share
            drivers_of(self.drivers, places, rows, probed, self.now)
            self._doubt(places, rows, probed.needs)
        else:
            scope = open_scope(self.book, self.worlds, rows, self.state)
            scope.assumed = False
            self.numerator[places], self.denominator[places] = self._departed(rows, fraction(test, scope))
            self.share[places] = scope.share
            if self.worlds.data.any():
                first = msgspec.structs.replace(self.worlds, marks=self.worlds.marks[:, :1])
                self._doubt(places, rows, probe(self.book, first, rows, first_path(self.state), self.drivers.series[places]).needs)
        self._judge(places, rows)

    def _departed(self, rows: Rows, seen: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """Numerator and denominator as seen; of a test that looks back, as they stand in `departs` and moved as its model moves."""
        test = self.book.tests[rows.test[0]]
        form = test.on(rows.period_end[0])
        if self.departs is None or not (looks_back(form.numerator) or looks_back(form.denominator)):
            return seen
        told, start, there = (self._asked(test, rows, worlds, modelled) for worlds, modelled in (
            (self.departs, False), (self.departs, True), (self.worlds, True)))
        moves = [end - begin for end, begin in zip(there, start, strict=True)]
        return tuple(np.where(np.isnan(move), one, base + move) for move, base, one in zip(moves, told, seen, strict=True))  # type: ignore[return-value]

    def _asked(self, test: Test, rows: Rows, worlds: Worlds, modelled: bool) -> tuple[Floats, Floats]:
        scope = open_scope(self.book, worlds, rows, self.state)
        scope.assumed, scope.modelled = False, modelled
        return fraction(test, scope)

    def _thresholds(self, rows: Rows) -> Floats:
        found = np.full(len(rows), np.nan)
        for t, mine in places_of(rows.test):
            found[mine] = thresholds_on(self.book.tests[t].levels[0].threshold, rows.period_end[mine])
        return found

    def _doubt(self, places: Ints, rows: Rows, needs: Bools) -> None:
        """The worst state of the marks each row really depends on."""
        series = self.drivers.series[places]
        if not series.shape[1] or not self.worlds.data.any():
            return
        self.drivers.direct[places] |= needs
        state = self.worlds.data[np.maximum(series, 0), rows.instant[:, None]]
        self.data[places] = np.where(needs, state, 0).max(axis=1)

    def _judge(self, places: Ints, rows: Rows) -> None:
        top, under, level = self.numerator[places], self.denominator[places], self.threshold[places][:, None]
        for t, mine in places_of(rows.test):
            test = self.book.tests[t]
            self.result[places[mine]] = self._results(test, top[mine], under[mine], level[mine], places[mine])
        doubtful = self.data[places] >= STALE
        unknown = ~np.isfinite(top) | ~np.isfinite(under)
        self.data[places[unknown.any(axis=1)]] = MISSING
        tested = self.result[places] != NOT_TESTED
        self.result[places] = np.where(tested & (unknown | doubtful[:, None]), INDETERMINATE, self.result[places])
        self._springing(places, rows)

    def _results(self, test: Test, top: Floats, under: Floats, threshold: Floats, places: Ints) -> Codes:
        level = test.levels[0]
        if test.covenant.round is None:
            gap = slack(level.operator, top, under, threshold)
            good = passes(level.operator, gap, np.maximum(size(top, under, threshold), MONEY if test.unit == "money" else 0.0))
        else:
            good = rounded_passes(level, top, under, threshold, test.covenant.round)
        found = np.where(good, PASS, FAIL).astype(np.int8)
        nothing, why = _nothing(test, test.on(self.rows.period_end[places[0]]), top, under)
        found[np.isnan(np.broadcast_to(threshold, found.shape))] = NOT_TESTED
        found[nothing] = NOT_TESTED
        for at, n in enumerate(places):
            if np.isnan(threshold[at, 0]):
                self.reason[n] = no_threshold(test)
            elif nothing[at].all():
                self.reason[n] = why
        return found

    def _springing(self, places: Ints, rows: Rows) -> None:
        for t, mine in places_of(rows.test):
            test = self.book.tests[t]
            if test.springs is None or test.covenant.springs is None:
                continue
            seen = rows.pick(mine)
            on, unknown = holds(self.book, test, self.now or self.worlds, _at_now(seen) if self.now else seen, self.state)
            if int(t) in self.running:
                on, unknown = np.ones_like(on), np.zeros_like(unknown)
            for at, n in enumerate(places[mine]):
                due = self.result[n] != NOT_TESTED
                self.result[n] = np.where(due & unknown[at], INDETERMINATE, np.where(on[at] | unknown[at], self.result[n], NOT_TESTED))
                if not (on[at] | unknown[at]).any():
                    self.reason[n] = f"not sprung: {test.covenant.springs.quantity} is not {test.covenant.springs.operator} its limit"
                elif unknown[at].all() and due.any():
                    self.data[n] = MISSING
                    self.reason[n] = f"whether it is tested is not known: {test.covenant.springs.quantity} is unknown"

    def assessment(self) -> Assessment:
        actual = np.divide(self.numerator, self.denominator, out=np.full_like(self.numerator, np.nan), where=self.denominator > 0)
        actual[~np.isfinite(actual)] = np.nan
        above, share, cushion = (np.full_like(actual, np.nan) for _ in range(3))
        operators = np.array([self.book.tests[t].levels[0].operator for t in self.rows.test])
        for operator in dict.fromkeys(operators.tolist()):
            mine = operators == operator
            level = np.broadcast_to(self.threshold[mine][:, None], actual[mine].shape)
            above[mine], share[mine], cushion[mine] = headroom(operator, self._measured(actual)[mine], level)
        if self.worlds.paths == 1 and self.departs is None:
            self._watch(share)
        return Assessment(
            self.book, self.worlds, self.state, self.rows, self.numerator, self.denominator, actual, self.threshold, self.result, self.data,
            above, share, cushion, self.share, self.drivers, self.reason,
        )  # fmt: skip

    def _measured(self, actual: Floats) -> Floats:
        """The ratios as the agreements compare them: rounded where they round."""
        places = [self.book.tests[t].covenant.round for t in self.rows.test]
        measured = actual.copy()
        for n, digits in enumerate(places):
            if digits is not None:
                measured[n] = half_up(actual[n], digits)
        return measured

    def _watch(self, share: Floats) -> None:
        """A pass turns to watch where either limit is crossed, or a lower rung of a ladder is on."""
        for n in np.flatnonzero(self.result[:, 0] == PASS).tolist():
            test = self.book.tests[self.rows.test[n]]
            watch = test.covenant.watch
            near = bool(watch and watch.headroom_pct is not None and share[n, 0] < float(watch.headroom_pct))
            moves = self.drivers.shock[n, :, 0] if self.drivers.shock.size else np.zeros(0)
            moves = moves[~np.isnan(moves)]
            near |= bool(watch and watch.shock_to_breach is not None and len(moves) and np.abs(moves).min() < float(watch.shock_to_breach))
            if near or self._rung_on(n, test):
                self.result[n, 0] = WATCH

    def _rung_on(self, n: int, test: Test) -> bool:
        top, under = self.numerator[n], self.denominator[n]
        for level in test.levels[1:]:
            if level.rung is not None and level.threshold is not None:
                threshold = effective(level, thresholds_on(level.threshold, self.rows.period_end[n : n + 1]), test.covenant.round)
                gap = slack(level.operator, top, under, threshold)
                if not passes(level.operator, gap, size(top, under, threshold))[0]:
                    return True
        return False


def _nothing(test: Test, form: Form, top: Floats, under: Floats) -> tuple[Bools, str]:
    """Where there is nothing to test, bool[N, Q], and what that means; a share of nothing is none, a share of 0 is one."""
    if test.levels[0].operator in (">=", ">"):
        short = (top < 0) & (test.unit == "fraction")  # over a line cap of nothing: no coverage, but no share either
        return (under == 0) & ~short, "nothing to cover: the denominator is zero"
    none = (top == 0) & (form.denominator is not None)
    if none.any() and counts(form.numerator):
        return none & (under == 0), "nothing to take a share of: the denominator is zero"
    return none, "nothing owed"


def no_threshold(test: Test) -> str:
    """Why a row has no level to be held against."""
    if not test.covenant.threshold_public:
        return "threshold_not_public"
    return "no level is in force on that day" if test.levels[0].threshold is not None else "threshold_not_public"


def _at_now(rows: Rows) -> Rows:
    return Rows(rows.test, np.zeros_like(rows.instant), rows.period_end, rows.due)

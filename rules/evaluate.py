"""evaluate(book, worlds, state) -> Assessment: every covenant in every world, as columns. Pure; loops run over distinct formulas."""

from __future__ import annotations

from collections.abc import Sequence, Set

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints, places_of
from rules.compare import (
    PASS,
    WATCH,
    half_up,
    headroom,
)
from rules.covenants import Test
from rules.headroom import Drivers, departed, drivers_of, empty_drivers, fraction, probe
from rules.judge import Judge, rung_on
from rules.scope import Rows, open_scope
from rules.state import AS_AGREED, State, first_path
from rules.worlds import Worlds

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
    departs: Worlds | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def pick(self, places: Ints) -> Assessment:
        """The rows at some places."""
        columns = {name: getattr(self, name)[places] for name in _COLUMNS}
        drivers = Drivers(*(getattr(self.drivers, name)[places] for name in Drivers.__struct_fields__))
        reason = [self.reason[n] for n in places.tolist()]
        return msgspec.structs.replace(self, rows=self.rows.pick(places), drivers=drivers, reason=reason, **columns)


_COLUMNS = (
    "numerator", "denominator", "actual", "threshold", "result", "data", "headroom_abs", "headroom_pct", "cushion_pct", "modelled_share",
)  # fmt: skip


def together(parts: Sequence[Assessment], places: Ints) -> Assessment:
    """Several assessments without drivers as one: row n of all of them, one after the other, becomes row `places[n]`."""
    back = np.argsort(places)
    first = parts[0]
    columns = {name: np.concatenate([getattr(one, name) for one in parts])[back] for name in _COLUMNS}
    rows = Rows(*(np.concatenate([getattr(one.rows, name) for one in parts])[back] for name in Rows.__struct_fields__))
    told = [reason for one in parts for reason in one.reason]
    return Assessment(
        first.book, first.worlds, parts[-1].state, rows, drivers=empty_drivers(first.book, rows), reason=[told[n] for n in back],
        departs=None, **columns,
    )


def all_rows(book: Book, worlds: Worlds) -> Rows:
    """Every covenant at every instant."""
    tests, instants = len(book.tests), len(worlds.instants)
    day, _ = worlds.days(book.zone)
    instant = np.tile(np.arange(instants, dtype=np.int64), tests)
    return Rows(np.repeat(np.arange(tests, dtype=np.int64), instants), instant, day[instant], np.zeros(tests * instants, dtype=np.int64))


def evaluate(
    book: Book, worlds: Worlds, state: State = AS_AGREED, rows: Rows | None = None, now: Worlds | None = None,
    running: Set[int] = frozenset(), drivers: bool = True, departs: Worlds | None = None,
) -> Assessment:  # fmt: skip
    """The assessment of some rows (default: every covenant at every instant) in some worlds.

    With one path, every row also gets its drivers: the marks it moves with, the level of each at which the test just
    fails, and the move to there. `now` (one instant) gives the marks from which a backward-looking test's move is
    measured, where the worlds are those of its test date. `running` are springing tests whose trigger period still runs,
    whatever their condition in these worlds. Without `drivers` none is looked for, and no pass is called a watch for being
    near a price. With `departs` (one world of the same instants) the worlds are shocks of it: a test that looks back stands
    as it does there, moved by what its modelled windows move by.
    """
    chosen = all_rows(book, worlds) if rows is None else rows
    made = _Maker(book, worlds, state, chosen, now, running, drivers, departs)
    with np.errstate(all="ignore"):  # an overflow is an unknown figure, told as such
        made.run()
        return made.assessment()


class _Maker(Judge):
    """Fills the columns group by group: rows that share a formula are evaluated together."""

    def __init__(
        self, book: Book, worlds: Worlds, state: State, rows: Rows, now: Worlds | None, running: Set[int], probing: bool,
        departs: Worlds | None,
    ) -> None:  # fmt: skip
        super().__init__(book, worlds, state, rows, now, running)
        self.probing, self.departs = probing and worlds.paths == 1 and departs is None, departs
        self.share = np.zeros(len(rows))
        self.drivers = empty_drivers(book, rows)

    def run(self) -> None:
        groups: dict[tuple[int, int], list[int]] = {}
        for n, t in enumerate(self.rows.test):
            test = self.book.tests[t]
            form = test.on(self.rows.period_end[n])
            if form.numerator is None:
                self.untestable(np.array([n]), test)
            else:
                groups.setdefault((id(form.numerator), id(form.denominator)), []).append(n)
        for places in groups.values():
            self._group(np.array(places, dtype=np.int64))

    def _group(self, places: Ints) -> None:
        rows = self.rows.pick(places)
        test = self.book.tests[rows.test[0]]
        if self.probing:
            probed = probe(self.book, self.worlds, rows, self.state, self.drivers.series[places])
            self.numerator[places], self.denominator[places] = probed.actual
            self.share[places] = probed.scope.share
            drivers_of(self.drivers, places, rows, probed, self.now)
            self._doubt(places, rows, probed.needs)
        else:
            scope = open_scope(self.book, self.worlds, rows, self.state)
            scope.assumed = False
            seen, form = fraction(test, scope), test.on(rows.period_end[0])
            self.numerator[places], self.denominator[places] = departed(
                form, self.worlds, self.departs, lambda worlds, modelled: self._asked(test, rows, worlds, modelled), seen
            )
            self.share[places] = scope.share
            if self.worlds.data.any():
                first = msgspec.structs.replace(self.worlds, marks=self.worlds.marks[:, :1])
                self._doubt(places, rows, probe(self.book, first, rows, first_path(self.state), self.drivers.series[places]).needs)
        self.judge(places, rows)

    def _asked(self, test: Test, rows: Rows, worlds: Worlds, modelled: bool) -> tuple[Floats, Floats]:
        scope = open_scope(self.book, worlds, rows, self.state)
        scope.assumed, scope.modelled = False, modelled
        return fraction(test, scope)

    def _doubt(self, places: Ints, rows: Rows, needs: Bools) -> None:
        """The worst state of the marks each row really depends on."""
        series = self.drivers.series[places]
        if not series.shape[1] or not self.worlds.data.any():
            return
        self.drivers.direct[places] |= needs
        state = self.worlds.data[np.maximum(series, 0), rows.instant[:, None]]
        self.data[places] = np.where(needs, state, 0).max(axis=1)

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
            above, share, cushion, self.share, self.drivers, [self.reason.get(n) for n in range(len(self.rows))], self.departs,
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
        watched = np.array([bool(test.covenant.watch or test.levels[1:]) for test in self.book.tests], dtype=bool)
        passing = np.flatnonzero((self.result[:, 0] == PASS) & watched[self.rows.test])
        for t, at in places_of(self.rows.test[passing]):
            n, test = passing[at], self.book.tests[t]
            watch = test.covenant.watch
            near = rung_on(test, self.numerator[n, 0], self.denominator[n, 0], self.rows.period_end[n])
            if watch and watch.headroom_pct is not None:
                near |= share[n, 0] < float(watch.headroom_pct)
            if watch and watch.shock_to_breach is not None and self.drivers.shock.size:
                moves = np.abs(self.drivers.shock[n, :, 0])
                near |= np.where(np.isnan(moves), np.inf, moves).min(axis=1) < float(watch.shock_to_breach)
            self.result[n[near], 0] = WATCH

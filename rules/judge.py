"""The judgement of covenants: figures held against levels, row by row in columns."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from rules.book import Book
from rules.columns import Bools, Codes, Floats, Ints, places_of
from rules.compare import (
    FAIL,
    INDETERMINATE,
    MONEY,
    NOT_TESTED,
    PASS,
    effective,
    passes,
    rounded_passes,
    size,
    slack,
    thresholds_on,
)
from rules.covenants import Form, Test
from rules.matured import idle, lapsed
from rules.scope import Rows, open_scope
from rules.selection import counts
from rules.springs import holds
from rules.state import State
from rules.worlds import MISSING, STALE, Worlds

NOTHING_OWED = "nothing owed"
"""Why a ceiling on what is owed, or on a multiple of it, has nothing to test."""

UNSETTLED = "whether it was repaid is not known"
"""Why nothing is judged of a loan that came due."""


class Judge:
    """The columns of some rows, and what is made of figures once they are filled in: threshold, result, doubt, reason."""

    def __init__(self, book: Book, worlds: Worlds, state: State, rows: Rows, now: Worlds | None, running: Set[int]) -> None:
        self.book, self.worlds, self.state, self.rows, self.now, self.running = book, worlds, state, rows, now, running
        shape = (len(rows), worlds.paths)
        self.numerator, self.denominator = np.full(shape, np.nan), np.full(shape, np.nan)
        self.threshold = np.full(len(rows), np.nan)
        self.result = np.full(shape, NOT_TESTED, dtype=np.int8)
        self.data = np.zeros(len(rows), dtype=np.int8)
        self.reason: dict[int, str] = {}

    def untestable(self, places: Ints, test: Test) -> None:
        """Rows of a test that has no formula."""
        reason = "not tested by us" if not test.covenant.tested_by_us else "the agreement names no rule we can compute"
        if test.fault is not None:
            self.result[places] = INDETERMINATE
            self.data[places] = MISSING
            self.threshold[places] = self._thresholds(self.rows.pick(places))
            reason = test.fault
        self.reason.update(dict.fromkeys(places.tolist(), reason))

    def judge(self, places: Ints, rows: Rows) -> None:
        """The results of rows whose figures are in, and whose `data` says how far their marks are in doubt."""
        self.threshold[places] = self._thresholds(rows)
        top, under, level = self.numerator[places], self.denominator[places], self.threshold[places][:, None]
        for _, mine in places_of(self.book.compared.alike[rows.test]):
            self.result[places[mine]] = self._results(rows.test[mine], top[mine], under[mine], level[mine], places[mine])
        doubtful = self.data[places] >= STALE
        unknown = ~np.isfinite(top) | ~np.isfinite(under)
        self.data[places[unknown.any(axis=1)]] = MISSING
        tested = self.result[places] != NOT_TESTED
        self.result[places] = np.where(tested & (unknown | doubtful[:, None]), INDETERMINATE, self.result[places])
        self._springing(places, rows)
        self._ended(places, rows)

    def _ended(self, places: Ints, rows: Rows) -> None:
        """What came due and is not known to be repaid is not judged; a ladder has nothing to secure where nothing is owed."""
        scope = open_scope(self.book, self.worlds, rows, self.state)
        late = lapsed(scope)
        ladders = np.array([self.book.tests[t].class_ == "margin_ladder" for t in rows.test.tolist()], dtype=bool)
        ladders = np.flatnonzero(ladders & ~late)
        self._instead(places[late], INDETERMINATE, UNSETTLED)
        if len(ladders):
            self._instead(places[ladders][idle(scope.at(ladders))], NOT_TESTED, NOTHING_OWED)

    def _instead(self, places: Ints, result: int, why: str) -> None:
        """Another result for the rows that had one, or had nothing to test for a debt that was scheduled away."""
        for n in places.tolist():
            if (self.result[n] != NOT_TESTED).any() or self.reason.get(n) == NOTHING_OWED:
                self.result[n], self.reason[n] = result, why

    def _results(self, tests: Ints, top: Floats, under: Floats, threshold: Floats, places: Ints) -> Codes:
        test = self.book.tests[tests[0]]
        level = test.levels[0]
        if test.covenant.round is None:
            gap = slack(level.operator, top, under, threshold)
            good = passes(level.operator, gap, np.maximum(size(top, under, threshold), MONEY if test.unit == "money" else 0.0))
        else:
            good = rounded_passes(level, top, under, threshold, test.covenant.round)
        found = np.where(good, PASS, FAIL).astype(np.int8)
        nothing, why = _nothing(test, test.on(self.rows.period_end[places[0]]), top, under)
        unlevelled = np.isnan(threshold[:, 0])
        found[unlevelled] = NOT_TESTED
        found[nothing] = NOT_TESTED
        for at in np.flatnonzero(unlevelled | nothing.all(axis=1)).tolist():
            self.reason[places[at]] = no_threshold(self.book.tests[tests[at]]) if unlevelled[at] else why
        return found

    def _springing(self, places: Ints, rows: Rows) -> None:
        springs = self.book.compared.springs[rows.test]
        rows, places = rows.pick(springs), places[springs]
        for t, mine in places_of(rows.test):
            test = self.book.tests[t]
            assert test.covenant.springs is not None
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

    def _thresholds(self, rows: Rows) -> Floats:
        return self.book.compared.threshold.at(rows.test, rows.period_end)


def rung_on(test: Test, top: Floats, under: Floats, days: Ints) -> Bools:
    """bool[N]: whether a rung of a ladder is on, at the levels of some days."""
    on = np.zeros(len(top), dtype=bool)
    for level in test.levels[1:]:
        if level.rung is not None and level.threshold is not None:
            threshold = effective(level, thresholds_on(level.threshold, days), test.covenant.round)
            on |= ~passes(level.operator, slack(level.operator, top, under, threshold), size(top, under, threshold))
    return on


def _nothing(test: Test, form: Form, top: Floats, under: Floats) -> tuple[Bools, str]:
    """Where there is nothing to test, bool[N, Q], and what that means; a share of nothing is none, a share of 0 is one."""
    if test.levels[0].operator in (">=", ">"):
        short = (top < 0) & (test.unit == "fraction")  # over a line cap of nothing: no coverage, but no share either
        return (under == 0) & ~short, "nothing to cover: the denominator is zero"
    none = (top == 0) & (form.denominator is not None)
    if none.any() and counts(form.numerator):
        return none & (under == 0), "nothing to take a share of: the denominator is zero"
    return none, NOTHING_OWED


def no_threshold(test: Test) -> str:
    """Why a row has no level to be held against."""
    if not test.covenant.threshold_public:
        return "threshold_not_public"
    return "no level is in force on that day" if test.levels[0].threshold is not None else "threshold_not_public"


def _at_now(rows: Rows) -> Rows:
    return Rows(rows.test, np.zeros_like(rows.instant), rows.period_end, rows.due)

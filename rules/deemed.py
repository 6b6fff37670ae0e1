"""Cures deemed paid along the paths ahead: on each failing test the least that the agreement's cure right takes, while it lasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints
from rules.compare import FAIL, effective
from rules.covenants import Test
from rules.evaluate import Assessment
from rules.life.cures import shortfalls, spent

KINDS = {"equity": ("equity", "cash"), "prepayment": ("prepayment",)}
"""What a sponsor may bring, and the kinds of cure right that it satisfies."""


class Deemed:
    """Who cures with what, and which tests were cured so far: `before` are the periods cured by the as-of, by test.

    Money is deemed paid for the test that failed and counts for that test alone; a prepayment lowers the debt as well. No more is
    paid than the test takes. What the caps of the right leave, and until when it is given, is read as of each test. `pending` are
    failures within their cure window at the as-of, by test: the period and what it takes; they are cured first.
    """

    def __init__(self, kinds: Collection[str], before: Mapping[int, Sequence[dt.date]] | None = None) -> None:
        self.kinds = frozenset(kind for one in kinds for kind in KINDS[one])
        self.days: dict[int, list[dt.date]] = {t: sorted(days) for t, days in (before or {}).items()}
        self.used: dict[int, list[Bools]] = {}
        self.pending: dict[int, tuple[dt.date, float]] = {}

    def settle(self, t: int, test: Test, day: dt.date, amount: float) -> None:
        """Cure a failure whose window runs at the as-of, where what is brought does."""
        if self.meets(test):
            self.pending[t] = day, amount
            self.days.setdefault(t, []).append(day)

    def prepaid(self, book: Book) -> Floats:
        """float64[F]: what is repaid at once for failures that are pending; the same money counts for every covenant."""
        found = np.zeros(len(book.ids))
        for t, (_, amount) in self.pending.items():
            if by_prepayment(book.tests[t]):
                found[book.tests[t].facility] = max(amount, found[book.tests[t].facility])
        return found

    def tests(self, book: Book) -> Ints:
        """The tests of a book with a right that is satisfied so."""
        return np.array([t for t, test in enumerate(book.tests) if self.meets(test)], dtype=np.int64)

    def meets(self, test: Test) -> bool:
        """Whether a covenant has a right to cure that what is brought satisfies."""
        cure = test.covenant.cure
        return cure is not None and cure.kind in self.kinds and test.class_ != "margin_ladder"

    def paid(self, made: Assessment) -> Floats:
        """float64[R, P]: what is paid for each failing row of one day, NaN where nothing is; the rows count as cured from then on."""
        found = np.full(made.result.shape, np.nan)
        for n, t in enumerate(made.rows.test.tolist()):
            test, day = made.book.tests[t], dt.date.fromordinal(int(made.rows.period_end[n]))
            if (made.result[n] == FAIL).any():
                allowed = (made.result[n] == FAIL) & self._allowed(t, test, day, made.worlds.paths)
                found[n] = np.where(allowed, _least(test, made, n), np.nan)
                self.days.setdefault(t, []).append(day)
                self.used.setdefault(t, []).append(np.isfinite(found[n]))
        return found

    def _allowed(self, t: int, test: Test, day: dt.date, paths: int) -> Bools:
        """bool[P]: whether the right is given on a day and its caps leave one."""
        cure = test.covenant.cure
        assert cure is not None
        if cure.until is not None and cure.until.date < day:
            return np.zeros(paths, dtype=bool)
        days, used = self.days.get(t, []), self.used.get(t, [])
        before = [np.ones(paths, dtype=bool)] * (len(days) - len(used))
        return ~spent(test.covenant, cure, day, days, np.array([*before, *used], dtype=bool).reshape(len(days), paths))


def by_prepayment(test: Test) -> bool:
    """Whether the right to cure a covenant takes a prepayment."""
    return test.covenant.cure is not None and test.covenant.cure.kind == "prepayment"


def _least(test: Test, made: Assessment, n: int) -> Floats:
    assert test.covenant.cure is not None
    level = float(effective(test.levels[0], made.threshold[n : n + 1], test.covenant.round)[0])
    return shortfalls(test.covenant.cure.kind, test.levels[0].operator, made.numerator[n], made.denominator[n], level)

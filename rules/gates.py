"""Which tests hold or sweep cash, whether their levels are met, and what is on after a day's tests."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from rules.advance import Gates
from rules.book import Book
from rules.columns import Bools, Ints
from rules.compare import FAIL, PASS, WATCH, effective, passes, size, slack, thresholds_on
from rules.evaluate import Assessment
from rules.formula import Defined, mentioned
from rules.levels import Level

TRAPS = frozenset({"trap_excess_cash", "lock_up", "distribution_stop"})
SWEEPS = frozenset({"cash_sweep"})


class Gating:
    """The tests of a book that hold or sweep cash: `gates[T]`, and by kind the places of those that trap and that sweep."""

    def __init__(self, book: Book) -> None:
        self.tested, effects = book.tested, [{*test.covenant.effects} for test in book.tests]
        self.traps, self.sweeps = (
            np.array([t for t, found in enumerate(effects) if found & kind], dtype=np.int64) for kind in (TRAPS, SWEEPS)
        )
        self.gates = np.isin(np.arange(len(book.tests)), np.concatenate([self.traps, self.sweeps]))
        terms = [test.covenant for test in book.tests]
        self.need_on, self.need_off = (
            np.array([one.tests if one else 1 for one in side], dtype=np.int64) for side in ([o.on for o in terms], [o.off for o in terms])
        )

    def after(self, gates: Gates, test: Ints, enters: Bools, leaves: Bools) -> Gates:
        """The gates after some tests of one day."""
        return gates.tested(test, enters, leaves, (self.need_on[test], self.need_off[test]))

    def holding(self, gates: Gates, kind: Ints, facilities: int) -> Bools:
        """bool[F, P]: whether a gate of a kind (`traps` or `sweeps`) is on."""
        found = np.zeros((facilities, gates.on.shape[1]), dtype=bool)
        np.logical_or.at(found, self.tested[kind], gates.on[kind])
        return found


def levels_met(made: Assessment) -> tuple[Bools, Bools]:
    """(bool[R, P] the level that switches a gate on is met, the level that switches it off is met)."""
    enters, leaves = made.result == FAIL, (made.result == PASS) | (made.result == WATCH)
    for level, rounding, rows in _leaving(made):
        mine = np.array(rows, dtype=np.int64)
        limits = np.array([_limit(_off(made, n), made.rows.period_end[n : n + 1]) for n in rows])
        limit = effective(level, limits, rounding)[:, None]
        top, under = made.numerator[mine], made.denominator[mine]
        leaves[mine] &= passes(level.operator, slack(level.operator, top, under, limit), size(top, under, limit))
    return enters, leaves


def _leaving(made: Assessment) -> list[tuple[Level, int | None, list[int]]]:
    """(a level, how it rounds, the rows compared so) of the rows whose gates have a level of their own to switch off at."""
    found: dict[tuple[str, int | None], list[int]] = {}
    for n, t in enumerate(made.rows.test.tolist()):
        if (level := _off(made, n)) is not None:
            found.setdefault((level.operator, made.book.tests[t].covenant.round), []).append(n)
    return [(Level(operator, None), rounding, rows) for (operator, rounding), rows in found.items()]


def _off(made: Assessment, n: int) -> Level | None:
    """The level at which the gate of a row is switched off, where it is another than the one that switches it on."""
    return next((level for level in made.book.tests[made.rows.test[n]].levels if level.label == "off"), None)


def _limit(level: Level | None, day: Ints) -> float:
    assert level is not None
    return float(level.threshold) if isinstance(level.threshold, Decimal) else float(thresholds_on(level.threshold, day)[0])


def read_reserve(book: Book) -> Bools:
    """bool[T]: which covenants look at what lies in the debt service reserve."""
    words: dict[int, bool] = {}  # by quantity: many covenants share one

    def reads(quantity: Defined | None) -> bool:
        if id(quantity) not in words:
            words[id(quantity)] = quantity is not None and {"account", "dsra"} <= mentioned(quantity)
        return words[id(quantity)]

    return np.array([any(reads(form.quantity) for form in test.forms) for test in book.tests], dtype=bool)

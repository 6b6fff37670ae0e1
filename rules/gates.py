"""Which tests hold or sweep cash, whether their levels are met, and what is on after a day's tests."""

from __future__ import annotations

import numpy as np

from rules.advance import Gates
from rules.book import Book
from rules.columns import Bools, Ints
from rules.compare import FAIL, PASS, WATCH, effective, passes, size, slack, thresholds_on
from rules.covenants import Test
from rules.evaluate import Assessment
from rules.formula import mentioned

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
    for t in dict.fromkeys(made.rows.test.tolist()):
        test, mine = made.book.tests[t], made.rows.test == t
        off = next((level for level in test.levels if level.label == "off"), None)
        if off is not None:
            level = effective(off, thresholds_on(off.threshold, made.rows.period_end[mine]), test.covenant.round)[:, None]
            top, under = made.numerator[mine], made.denominator[mine]
            leaves[mine] &= passes(off.operator, slack(off.operator, top, under, level), size(top, under, level))
    return enters, leaves


def reads_reserve(test: Test) -> bool:
    """Whether a covenant looks at what lies in the debt service reserve."""
    return any(form.quantity is not None and {"account", "dsra"} <= mentioned(form.quantity) for form in test.forms)

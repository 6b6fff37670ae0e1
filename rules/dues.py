"""What comes in and falls due on payment days: cash flow, debt service, what the reserve ought to hold, and the debt left."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints, places_of
from rules.coming import Payments
from rules.figures import Figures, usable
from rules.formula import mentioned
from rules.lives import months_between
from rules.months import shift
from rules.scope import Window
from rules.state import State

_DEBT = frozenset({"outstanding", "interest", "scheduled_principal", "accrued", "fees", "floating_debt", "hedged_debt"})
"""Leaves that money swept moves."""


class Due(NamedTuple):
    """Of R payment days, float64[R, P]: what comes in and falls due, what the reserve ought to hold then, and the debt left."""

    cash: Floats
    service: Floats
    target: Floats
    owed: Floats


class Dues:
    """Reads the dues of a book in its worlds; `sweeping[F]` are the facilities of which debt may be swept."""

    def __init__(self, figures: Figures, sweeping: Bools) -> None:
        self.figures, self.sweeping, self.months = figures, sweeping, _target_months(figures.book)

    def foreseen(self, pays: Payments, state: State) -> Due:
        """What falls due on some payments as things stand."""
        return self._due(pays, state, self._flow("cfads", pays, state))

    def afresh(self, pays: Payments, state: State, cash: Floats) -> Due:
        """What falls due on payments of loans that sweep; their `cash` as foreseen, where it does not hang on what is owed."""
        hangs = self._counts_debt(pays.facility)
        if hangs.any():
            cash = cash.copy()
            cash[hangs] = self._flow("cfads", pays.pick(np.flatnonzero(hangs)), state)
        return self._due(pays, state, cash)

    def _due(self, pays: Payments, state: State, cash: Floats) -> Due:
        sweeping, owed = np.flatnonzero(self.sweeping[pays.facility]), np.zeros_like(cash)
        owed[sweeping] = self.figures.quantity("outstanding", state, pays.facility[sweeping], pays.day[sweeping])
        return Due(cash, self._flow("debt_service", pays, state), self._target(pays, state), owed)

    def _counts_debt(self, facility: Ints) -> Bools:
        """bool[R]: which facilities' own words make cash flow hang on what is owed."""
        wording = self.figures.wording[facility]  # few wordings are shared by many facilities
        words = {w: self._debt_in(int(facility[places[0]])) for w, places in places_of(wording)}
        return np.array([words[w] for w in wording.tolist()], dtype=bool)

    def _debt_in(self, f: int) -> bool:
        node = usable(self.figures.book.definitions[f], "cfads")
        return node is not None and bool(mentioned(node) & _DEBT)

    def _target(self, pays: Payments, state: State) -> Floats:
        """float64[R, P]: debt service of the months to come that the reserve ought to hold."""
        found, wanted = np.zeros((len(pays.day), self.figures.worlds.paths)), self.months[pays.facility]
        mine = np.flatnonzero(wanted > 0)
        end = pays.day.copy()
        for months in np.unique(wanted[mine]).tolist():
            same = mine[wanted[mine] == months]
            end[same] = shift(pays.day[same], months)
        coming = Window("future", wanted[mine].astype(float), pays.day[mine], end[mine], np.ones(len(mine)))
        found[mine] = self.figures.quantity("debt_service", state, pays.facility[mine], pays.day[mine], coming)
        return found

    def _flow(self, quantity: str, pays: Payments, state: State) -> Floats:
        window = Window("past", months_between(pays.since, pays.day), pays.since, pays.day, np.ones(len(pays.day)))
        return self.figures.quantity(quantity, state, pays.facility, pays.day, window)


def reserves(book: Book) -> Ints:
    """The accounts that are debt service reserves."""
    return np.array([place for place, row in enumerate(book.tables["account"].rows) if row.kind == "dsra"], dtype=np.int64)


def _target_months(book: Book) -> Ints:
    """int64[F]: months of debt service the reserve ought to hold, 0 where none is agreed."""
    found = np.zeros(len(book.ids), dtype=np.int64)
    accounts = book.tables["account"]
    for place in reserves(book).tolist():
        if accounts.rows[place].target_months:
            found[accounts.owner[place]] = accounts.rows[place].target_months
    return found

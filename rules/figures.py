"""A quantity, or one formula, of some facilities on some days of a book's worlds: figures that no covenant asks for."""

from __future__ import annotations

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Floats, Ints, places_of
from rules.definitions import Definitions
from rules.formula import Defined, FormulaError, Node
from rules.kernel import value
from rules.scope import Rows, Scope, Window, open_scope
from rules.state import State
from rules.worlds import Worlds


class Figures:
    """Reads figures of a book in its worlds, with what its paths have moved."""

    def __init__(self, book: Book, worlds: Worlds) -> None:
        self.book, self.worlds = book, worlds
        self.days, _ = worlds.days(book.zone)
        _, self.wording = np.unique([id(own) for own in book.definitions], return_inverse=True)

    def quantity(self, name: str, state: State, facility: Ints, day: Ints, window: Window | None = None) -> Floats:
        """float64[R, P]: a quantity in each facility's own wording, on days the worlds have, through a window of each row.

        A wording that cannot be used makes it unknown.
        """
        found = np.full((len(facility), self.worlds.paths), np.nan)
        for _, mine in places_of(self.wording[facility]):
            own = self.book.definitions[int(facility[mine[0]])]
            cut = None if window is None else Window(
                window.way, window.months[mine], window.start[mine], window.end[mine], window.scale[mine]
            )  # fmt: skip
            node = usable(own, name)
            if node is not None:
                found[mine] = self.formula(node, state, facility[mine], day[mine], cut)
        return found

    def formula(self, node: Node, state: State, facility: Ints, day: Ints, window: Window | None = None) -> Floats:
        """float64[R, P]: one formula, the same for every facility."""
        if not len(facility):
            return np.full((0, self.worlds.paths), np.nan)
        scope = self.scope(state, facility, day)
        with np.errstate(all="ignore"):  # an overflow is an unknown figure
            return value(node, scope if window is None else msgspec.structs.replace(scope, window=window, memo={}))

    def scope(self, state: State, facility: Ints, day: Ints) -> Scope:
        """A row of no test for each facility on a day that the worlds have; a missing mark is unknown."""
        none = np.full(len(day), -1, dtype=np.int64)
        rows = Rows(none, np.searchsorted(self.days, day).astype(np.int64), day, np.zeros_like(none))
        scope = open_scope(self.book, self.worlds, rows, state, facility=facility)
        scope.assumed = False
        return scope


def usable(own: Definitions, name: str) -> Defined | None:
    """A quantity as defined; None where its formula, or one in it, cannot be used: that is told where it is written."""
    try:
        return own.quantity(name)
    except FormulaError:
        return None

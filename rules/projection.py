"""What becomes of a book: every covenant on every future test date, and the cash of every payment day, along curves of its marks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec
import numpy as np

from rules.advance import Paid
from rules.book import Book
from rules.columns import Bools, Floats, Ints, places_of
from rules.coming import Payments, last_days, tests_ahead, worlds_ahead
from rules.course import course_of
from rules.curves import Curve
from rules.evaluate import Assessment
from rules.figures import Figures
from rules.formula import Node
from rules.scope import day_of
from rules.state import AS_AGREED, State
from rules.worlds import Worlds


class Projection(msgspec.Struct, frozen=True):
    """What becomes of a book: its worlds, its state as the waterfall left it, every test, and every payment day's cash [R, P]."""

    book: Book
    now: Worlds
    curves: tuple[Curve | None, ...]
    worlds: Worlds
    state: State
    tests: Assessment
    payments: Payments
    paid: Paid
    reserve: Floats
    trapped: Floats
    held: Bools

    def figures(self, quantity: str, facility: Ints, day: Ints) -> Floats:
        """float64[R, P]: a quantity of some facilities, each in its own wording, on some of the days it has a world of."""
        return Figures(self.book, self.worlds).quantity(quantity, self.state, facility, day)

    def measured(self, formula: Node, facility: Ints, day: Ints) -> Floats:
        """float64[R, P]: one formula, the same for every facility, on some of its days."""
        return Figures(self.book, self.worlds).formula(formula, self.state, facility, day)

    def by_day(self, quantity: str, facility: int, days: Ints) -> Floats:
        """float64[D, P]: a quantity of one facility on any days ahead."""
        worlds = worlds_ahead(self.now, days.tolist(), self.curves, self.book.zone)
        return Figures(self.book, worlds).quantity(quantity, self.state, np.full(len(days), facility, dtype=np.int64), days)


def project(
    book: Book, now: Worlds, curves: Sequence[Curve | None], on: Collection[int] = (), last: int | None = None,
    only: Collection[int] | None = None, state: State = AS_AGREED, extra: Sequence[int] = (), fold: bool = True,
) -> Projection:  # fmt: skip
    """Every covenant on every future test date (of `only` some facilities, up to `last`), and the cash of every payment day.

    `on` are the triggers (places in `book.tests`) that are on today. `extra` are days that get a world as well. Without `fold`
    every facility is evaluated again on every day, which changes nothing but the time it takes.
    """
    way = course_of(book, now, curves, on, last, only, state, extra)
    tests, cash, after = way.along(way.worlds.marks, fold)
    return Projection(book, now, tuple(curves), way.worlds, after, tests, way.pays, cash.paid, cash.reserve, cash.trapped, cash.held)


def in_blocks(
    book: Book, now: Worlds, curves: Sequence[Curve | None], on: Collection[int] = (), last: int | None = None, cells: int = 3_000_000
) -> Iterator[Projection]:
    """The projection of a large book a block of facilities at a time, so that what is held at once is bounded.

    `cells` is how many results (tests x paths) a block makes at most. The figures are those of the whole: no facility reads
    what another one's waterfall moves.
    """
    since = day_of(now.instants[0], book.zone)
    ends = last_days(book, since)
    test, _ = tests_ahead(book, since, ends if last is None else np.minimum(ends, last))
    made = np.bincount(book.tested[test], minlength=len(book.ids)) * now.paths
    for _, block in places_of(np.cumsum(made) // cells):
        yield project(book, now, curves, on, last, frozenset(block.tolist()))

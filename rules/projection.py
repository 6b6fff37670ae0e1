"""What becomes of a book: every covenant on every future test date, and the cash of every payment day, along curves of its marks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import FAR, Bools, Floats, Ints, places_of
from rules.coming import Payments, last_days, payments_ahead, tests_ahead, worlds_ahead
from rules.compare import FAIL
from rules.covenants import Test
from rules.curves import Curve
from rules.deemed import Deemed
from rules.evaluate import Assessment, together
from rules.figures import Figures
from rules.formula import Node
from rules.primitives.vintages import Vintages, vintages
from rules.scope import Rows, day_of
from rules.state import AS_AGREED, State
from rules.waterfall import Carried, Cash, Waterfall, opened
from rules.worlds import Worlds

Found = TypeVar("Found")


class Agreed(NamedTuple):
    """The terms from a day on (an ordinal): the book of them, today's world in its series, and the curve of each series."""

    since: int
    book: Book
    now: Worlds
    curves: tuple[Curve | None, ...]


class Stage(msgspec.Struct, frozen=True):
    """The days under one set of terms: their worlds, the state as their waterfall left it, every test, every payment.

    `cured` is what each row of `tests` is deemed cured with, float64[N, P], NaN where it is not; float64[N, 0] where none is asked for.
    """

    agreed: Agreed
    worlds: Worlds
    state: State
    tests: Assessment
    payments: Payments
    cash: Cash
    cured: Floats

    def figures(self, read: Callable[[Figures], Found], day: Ints) -> Found:
        """What `read` makes of the stage's figures on some days ahead, those it has no world of among them."""
        if np.isin(day, self.worlds.days(self.agreed.book.zone)[0]).all():
            return read(Figures(self.agreed.book, self.worlds))
        worlds = worlds_ahead(self.agreed.now, np.unique(day).tolist(), self.agreed.curves, self.agreed.book.zone)
        return read(Figures(self.agreed.book, worlds))


class Projection(msgspec.Struct, frozen=True, dict=True):
    """What becomes of a book, stage by stage: a new one begins where terms change. Everything else is of all stages together.

    `cures` says what failing tests are deemed cured with; None: with nothing.
    """

    stages: tuple[Stage, ...]
    cures: Deemed | None = None

    @property
    def book(self) -> Book:
        """The terms of the as-of."""
        return self.stages[0].agreed.book

    @cached_property
    def tests(self) -> Assessment:
        """Every test, in order of days for each; `test` says as agreed when."""
        parts = [stage.tests for stage in self.stages]
        return parts[0] if len(parts) == 1 else together(parts, np.arange(sum(map(len, parts))))

    def test(self, n: int) -> Test:
        """The covenant of a row of `tests`, as agreed on its day."""
        return self._of(int(self.tests.rows.period_end[n])).agreed.book.tests[int(self.tests.rows.test[n])]

    @cached_property
    def cured(self) -> Floats:
        """float64[N, P]: what each row of `tests` is deemed cured with, NaN where it is not; float64[N, 0] where none is asked for."""
        return np.concatenate([stage.cured for stage in self.stages])

    @property
    def failing(self) -> Bools:
        """bool[N, P]: which rows of `tests` fail and are not cured."""
        fails = self.tests.result == FAIL
        return np.asarray(fails & np.isnan(self.cured) if self.cures else fails)

    @cached_property
    def payments(self) -> Payments:
        """Every payment day, in order."""
        return Payments(*(np.concatenate(columns) for columns in zip(*(stage.payments for stage in self.stages), strict=True)))

    @cached_property
    def cash(self) -> Cash:
        """The cash of every payment day."""
        return Cash.joined([stage.cash for stage in self.stages])

    def figures(self, quantity: str, facility: Ints, day: Ints) -> Floats:
        """float64[R, P]: a quantity of some facilities on some days ahead, in their own wording and under the terms of each day."""
        return self._staged(facility, day, lambda state, f, on: lambda held: held.quantity(quantity, state, f, on))

    def measured(self, formula: Node, facility: Ints, day: Ints) -> Floats:
        """float64[R, P]: one formula, the same for every facility."""
        return self._staged(facility, day, lambda state, f, on: lambda held: held.formula(formula, state, f, on))

    def vintages(self, facility: int, days: Ints) -> Vintages:
        """The collateral of a facility by the day it was placed in service, on some days ahead: row n is that of `days[n]`."""
        parts, undated = [], np.zeros(len(days), dtype=bool)
        for k, mine in places_of(self._stage(days)):
            one = self._vintages(self.stages[k], facility, days[mine])
            undated[mine] = one.undated
            parts.append(one._replace(asker=mine[one.asker]))
        asker, began = (np.concatenate([one[column] for one in parts]) for column in range(2))
        debt, value = (np.concatenate([one[column] for one in parts]) for column in (2, 3))
        return Vintages(asker, began, debt, value, undated)

    def _vintages(self, stage: Stage, facility: int, days: Ints) -> Vintages:
        return stage.figures(lambda held: vintages(held.scope(stage.state, np.full(len(days), facility), days)), days)

    def _staged(self, facility: Ints, day: Ints, reading: Callable[[State, Ints, Ints], Callable[[Figures], Floats]]) -> Floats:
        found = np.full((len(facility), self.stages[0].worlds.paths), np.nan)
        for k, mine in places_of(self._stage(day)):
            stage = self.stages[k]
            found[mine] = stage.figures(reading(stage.state, facility[mine], day[mine]), day[mine])
        return found

    def _of(self, day: int) -> Stage:
        return self.stages[int(self._stage(np.array([day]))[0])]

    def _stage(self, day: Ints) -> Ints:
        """int64[R]: the stage that each day lies in."""
        begins = np.array([stage.agreed.since for stage in self.stages[1:]], dtype=np.int64)
        return np.searchsorted(begins, day, side="right").astype(np.int64)


def project(
    book: Book, now: Worlds, curves: Sequence[Curve | None], on: Collection[int] = (), last: int | None = None,
    only: Collection[int] | None = None, state: State = AS_AGREED, fold: bool = True, later: Sequence[Agreed] = (),
    cures: Deemed | None = None,
) -> Projection:  # fmt: skip
    """Every covenant on every future test date (of `only` some facilities, up to `last`), and the cash of every payment day.

    `on` are the triggers (places in `book.tests`) that are on today. Without `fold` every facility is evaluated again on every
    day, which changes nothing but the time it takes. `later` are terms that take effect ahead, in order: books of the same
    facilities and covenants; from its day on each is read as it would be that day.
    `cures` are deemed paid where a test fails; without them none is.
    """
    terms = [Agreed(day_of(now.instants[0], book.zone), book, now, tuple(curves)), *later]
    carried, stages = opened(book, now, on), []
    for k, agreed in enumerate(terms):
        until = terms[k + 1].since if k + 1 < len(terms) else None
        stage, carried = _stage(agreed, (terms[0].since, until), _Asked(last, only, state, cures, fold), carried)
        stages.append(stage)
    return Projection(tuple(stages), cures)


class _Asked(NamedTuple):
    """What a projection is asked for, whatever the terms."""

    last: int | None
    only: Collection[int] | None
    state: State
    cures: Deemed | None
    fold: bool


def _stage(agreed: Agreed, span: tuple[int, int | None], asked: _Asked, carried: Carried) -> tuple[Stage, Carried]:
    """The days from `agreed` on and before the end of the span, which begins with the as-of; and what they leave."""
    book, (today, until) = agreed.book, span
    ends = last_days(book, today)
    if asked.last is not None:
        ends = np.minimum(ends, asked.last)

    def inside(day: Ints) -> Ints:
        return np.flatnonzero((day >= agreed.since) & (day < (FAR if until is None else until)))

    test, day = (column[inside(tested[1])] for tested in [tests_ahead(book, today, ends, asked.only)] for column in tested)
    pays = payments_ahead(book, today, ends, asked.only)
    pays = pays.pick(inside(pays.day))
    days = np.unique(np.concatenate([day, pays.day]))
    worlds = worlds_ahead(agreed.now, days.tolist(), agreed.curves, book.zone)
    rows = Rows(test, np.searchsorted(days, day).astype(np.int64), day, np.zeros_like(test))
    waterfall = Waterfall(book, worlds, asked.state, rows, pays, carried, asked.cures, asked.fold)
    tests, cash = waterfall.run()
    return Stage(agreed, worlds, waterfall.state, tests, pays, cash, waterfall.cured), waterfall.left()


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

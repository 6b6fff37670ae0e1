"""The same judgement over many days at once, without the prices at which tests break: what a replay reads.

Rows that ask the same of a facility on the same days share one scope, so that what their formulas have in common is found
once. Which marks a row depends on is seen by making all marks in the same doubt unknown, in a path of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Codes, Floats, Ints, places_of
from rules.compare import PASS, WATCH, half_up, headroom
from rules.covenants import Form, Test
from rules.evaluate import Assessment, all_rows, evaluate
from rules.headroom import Drivers, fraction, slots_of
from rules.judge import Judge, rung_on
from rules.scope import Rows, open_scope
from rules.state import AS_AGREED, State
from rules.worlds import GOOD, MISSING, Worlds

BLOCK = 16_384
"""Rows of one scope: columns of them stay near the processor."""
THREADS = 2


class Timeline(msgspec.Struct, frozen=True):
    """N rows of one path, as columns: figures NaN where unknown, `result` and `data` indices into RESULTS and DATA.

    With the rows of every test on every day, `result.reshape(len(book.tests), T)` is a line a test.
    """

    book: Book
    worlds: Worlds
    rows: Rows
    numerator: Floats
    denominator: Floats
    threshold: Floats
    result: Codes
    data: Codes
    state: State = AS_AGREED

    def assessment(self) -> Assessment:
        """The same as an assessment for which nothing but figures was looked for: no headroom, no driver and no reason."""
        count = len(self.rows)
        nothing = np.broadcast_to(np.full((1, 1), np.nan), (count, 1))
        series = np.zeros((count, 0), dtype=np.int64)
        none = Drivers(series, nothing[:, :0], series.astype(bool), series.astype(bool), nothing[:, :0, None], nothing[:, :0, None])
        return Assessment(
            self.book, self.worlds, self.state, self.rows, self.numerator[:, None], self.denominator[:, None], self.actual[:, None],
            self.threshold, self.result[:, None], self.data, nothing, nothing, nothing, nothing, none, [None] * count,
        )  # fmt: skip

    @property
    def actual(self) -> Floats:
        """float64[N]: the ratios, NaN where the denominator is not positive."""
        return quotient(self.numerator, self.denominator)


def quotient(top: Floats, under: Floats) -> Floats:
    """float64[N]: a ratio, NaN where it is not finite or its denominator not positive."""
    found: Floats = np.divide(top, under, out=np.full_like(top, np.nan), where=under > 0)
    found[~np.isfinite(found)] = np.nan
    return found


def timeline(
    book: Book, worlds: Worlds, rows: Rows | None = None, state: State = AS_AGREED, now: Worlds | None = None,
    running: Set[int] = frozenset(),
) -> Timeline:  # fmt: skip
    """What `evaluate` says of some rows (default: every covenant at every instant) in worlds of one path, drivers left out."""
    return _Days(book, worlds, all_rows(book, worlds) if rows is None else rows, state, now, running).timeline()


class _Ask(NamedTuple):
    """One test under one of its formulas, and its rows."""

    test: int
    form: Form
    places: Ints


class _Seat(NamedTuple):
    """Tests that ask about the same facility on the same days: the first one's rows stand for all."""

    asks: list[_Ask]

    @property
    def forms(self) -> tuple[int, ...]:
        return tuple(sorted({id(one.form.quantity) for one in self.asks}))


class _Days:
    def __init__(self, book: Book, worlds: Worlds, rows: Rows, state: State, now: Worlds | None, running: Set[int]) -> None:
        self.book, self.worlds, self.rows, self.state = book, worlds, rows, state
        self.judge = Judge(book, worlds, state, rows, now, running)
        self.now, self.running = now, running

    def timeline(self) -> Timeline:
        book = self.book
        book.compared, book.coverage, book.gaps, book.ends, self.worlds.days(book.zone)  # before the threads share them
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(self._block, seats) for seats in self._blocks()]:
                done.result()
        made = self.judge
        return Timeline(
            self.book, self.worlds, self.rows, made.numerator[:, 0], made.denominator[:, 0], made.threshold, made.result[:, 0], made.data,
            self.state,
        )  # fmt: skip

    def _asks(self) -> Iterator[_Ask]:
        for t, places in places_of(self.rows.test):
            test = self.book.tests[t]
            since = np.array([form.since for form in test.forms], dtype=np.int64)
            which = np.maximum(0, np.searchsorted(since, self.rows.period_end[places], side="right") - 1)
            for number, mine in places_of(which):
                if test.forms[number].numerator is None:
                    self.judge.untestable(places[mine], test)
                else:
                    yield _Ask(t, test.forms[number], places[mine])

    def _seats(self) -> list[_Seat]:
        found: list[_Seat] = []
        open_: dict[int, list[_Seat]] = {}
        for ask in self._asks():
            beside = open_.setdefault(self.book.tests[ask.test].facility, [])
            seat = next((one for one in beside if self._alike(one.asks[0], ask)), None)
            if seat is None:
                seat = _Seat([])
                beside.append(seat)
                found.append(seat)
            seat.asks.append(ask)
        return found

    def _alike(self, one: _Ask, other: _Ask) -> bool:
        if self.state.given or self.book.tests[one.test].remap or self.book.tests[other.test].remap:
            return False
        rows, same = self.rows, np.array_equal
        return all(same(column[one.places], column[other.places]) for column in (rows.instant, rows.period_end, rows.due))

    def _blocks(self) -> Iterator[list[_Seat]]:
        """Seats with the same formulas, some thousand rows at a time."""
        groups: dict[tuple[int, ...], list[_Seat]] = {}
        for seat in self._seats():
            groups.setdefault(seat.forms, []).append(seat)
        for seats in groups.values():
            sizes = np.array([len(seat.asks[0].places) for seat in seats])
            for _, block in places_of((np.cumsum(sizes) - sizes) // BLOCK):
                yield [seats[at] for at in block.tolist()]

    def _block(self, seats: list[_Seat]) -> None:
        with np.errstate(all="ignore"):
            levels, worlds = self._doubts(seats)
            scope = open_scope(self.book, worlds, self.rows.pick(np.concatenate([seat.asks[0].places for seat in seats])), self.state)
            scope.assumed, scope.daily = False, True
            for asks, at in _by_form(seats):
                top, under = fraction(self.book.tests[asks[0].test], scope, asks[0].form)
                self._fill(np.concatenate([ask.places for ask in asks]), top[at], under[at], levels)

    def _fill(self, n: Ints, top: Floats, under: Floats, levels: list[int]) -> None:
        made, rows = self.judge, self.rows.pick(n)
        made.numerator[n], made.denominator[n] = top[:, :1], under[:, :1]
        base = top.shape[1] - len(levels) - 1
        for at, level in enumerate(levels, start=base + 1):
            made.data[n[_differ(top, at, base) | _differ(under, at, base)]] = level
        made.judge(n, rows)
        for t, mine in places_of(rows.test):
            self._watch(self.book.tests[t], n[mine])

    def _doubts(self, seats: list[_Seat]) -> tuple[list[int], Worlds]:
        """The doubts there are about the marks of some facilities, and the worlds with a path for each."""
        tests = [self.book.tests[ask.test] for seat in seats for ask in seat.asks]
        read = {k for test in tests for k in slots_of(self.book, test)}
        worlds = self.worlds
        data = worlds.data[sorted(read)]
        levels = [level for level in np.unique(data).tolist() if level != GOOD]
        if not levels:
            return [], worlds
        missing, seen = worlds.data == MISSING, worlds.marks[:, 0]
        whole = np.where(missing, 1.0, seen)
        paths = [np.where(missing, np.nan, seen), *([whole] if missing.any() else [])]
        paths += [np.where(worlds.data == level, np.nan, whole) for level in levels]
        return levels, msgspec.structs.replace(worlds, marks=np.stack(paths, axis=1), data=np.zeros_like(worlds.data))

    def _watch(self, test: Test, n: Ints) -> None:
        """A pass turns to watch where either limit is crossed, or a lower rung of a ladder is on."""
        made, watch = self.judge, test.covenant.watch
        if not watch and not test.levels[1:]:
            return
        n = n[made.result[n, 0] == PASS]
        top, under = made.numerator[n, 0], made.denominator[n, 0]
        near = rung_on(test, top, under, self.rows.period_end[n])
        if watch and watch.headroom_pct is not None:
            ratio = quotient(top, under) if test.covenant.round is None else half_up(quotient(top, under), test.covenant.round)
            near |= headroom(test.levels[0].operator, ratio, made.threshold[n])[1] < float(watch.headroom_pct)
        if watch and watch.shock_to_breach is not None and len(n):
            probed = evaluate(self.book, self.worlds, self.state, self.rows.pick(n), self.now, self.running)
            near |= probed.result[:, 0] == WATCH
        made.result[n[near], 0] = WATCH


def _by_form(seats: list[_Seat]) -> Iterator[tuple[list[_Ask], Ints]]:
    """The tests of some seats under one formula, and the places of their rows in the scope that the seats share."""
    found: dict[tuple[int, int], tuple[list[_Ask], list[Ints]]] = {}
    first = 0
    for seat in seats:
        places = np.arange(first, first + len(seat.asks[0].places), dtype=np.int64)
        first += len(places)
        for ask in seat.asks:
            asks, at = found.setdefault((id(ask.form.numerator), id(ask.form.denominator)), ([], []))
            asks.append(ask)
            at.append(places)
    for asks, at in found.values():
        yield asks, np.concatenate(at)


def _differ(values: Floats, at: int, base: int) -> np.ndarray:
    """bool[N]: where one path's values are other than another's."""
    one, other = values[:, at], values[:, base]
    return np.asarray((one != other) & ~(np.isnan(one) & np.isnan(other)))

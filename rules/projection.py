"""Worlds of the future: every coming test and payment day, marks along their curves, cash through the waterfall day by day.

The kernel evaluates all days at once. Only what a day leaves to the next (reserve, trap, debt swept) goes one by one, over
facilities and paths together; and only the loans whose tests or service read what it left are evaluated again on each day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import FacilityFile
from rules.advance import Accounts, Gates, Paid, Period, advance
from rules.book import Book, add_months
from rules.columns import FAR, Bools, Floats, Ints
from rules.compare import FAIL, PASS, WATCH, effective, passes, size, slack, thresholds_on
from rules.covenants import Test
from rules.curves import Curve
from rules.evaluate import Assessment, evaluate
from rules.formula import mentioned
from rules.kernel import value
from rules.lives import months_between
from rules.months import shift
from rules.scope import Rows, Window, day_of, open_scope
from rules.state import AS_AGREED, State
from rules.testdates import next_test
from rules.worlds import GOOD, STALE, Worlds

YEARS = 10
"""How far a projection looks at most, unless it is told."""
TRAPS = frozenset({"trap_excess_cash", "lock_up", "distribution_stop"})
SWEEPS = frozenset({"cash_sweep"})


class Payments(NamedTuple):
    """R payment days in order: the facility, the day, and the last day of the period before (ordinals)."""

    facility: Ints
    day: Ints
    since: Ints

    def pick(self, rows: Ints) -> Payments:
        """Those at some places."""
        return Payments(self.facility[rows], self.day[rows], self.since[rows])


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
        """float64[R, P]: a quantity of some facilities on some of the projection's days (or days it has a world of)."""
        return figures(self.book, self.worlds, self.state, quantity, facility, day)

    def by_day(self, quantity: str, facility: int, days: Ints) -> Floats:
        """float64[D, P]: a quantity of one facility on any days ahead."""
        worlds = worlds_ahead(self.now, days.tolist(), self.curves, self.book.zone)
        return figures(self.book, worlds, self.state, quantity, np.full(len(days), facility, dtype=np.int64), days)


def with_sweeps(one: FacilityFile) -> FacilityFile:
    """The terms as a projection reads them: a loan that repays by sweep alone owes nothing on a schedule but its end."""
    table = one.amortisation
    if table is None or table.style != "sweep":
        return one
    share = 100 if table.sweep_pct is None else table.sweep_pct
    return msgspec.structs.replace(one, amortisation=msgspec.structs.replace(table, style="bullet", sweep_pct=share))


def last_days(book: Book, since: int) -> Ints:
    """int64[F]: the last day of interest of each facility: its last payment, else its maturity, at most ten years ahead."""
    most = add_months(dt.date.fromordinal(since), 12 * YEARS).toordinal()
    found = np.full(len(book.ids), -1, dtype=np.int64)
    np.maximum.at(found, book.tables["leg"].owner, book.periods.cleared)
    for f, one in enumerate(book.terms):
        if found[f] < 0 or found[f] >= FAR:
            found[f] = one.facility.maturity.date.toordinal() if one.facility.maturity else most
    return np.minimum(found, most)


def tests_ahead(book: Book, since: int, last: Ints, only: Collection[int] | None = None) -> tuple[Ints, Ints]:
    """(test[N], day[N]): every future test date of every covenant; one tested continuously is looked at each end of a month."""
    found = [
        (t, day)
        for t, test in enumerate(book.tests)
        if (only is None or test.facility in only) and test.class_ != "reporting"
        for day in _dates(test, since, int(last[test.facility]))
    ]
    return np.array([t for t, _ in found], dtype=np.int64), np.array([day for _, day in found], dtype=np.int64)


def _dates(test: Test, since: int, last: int) -> Iterator[int]:
    terms, day = test.covenant.test, dt.date.fromordinal(since)
    if test.continuous or terms is None or terms.frequency == "weekly":
        end = terms.last.date.toordinal() if terms is not None and terms.last is not None else FAR
        first = terms.first.date.toordinal() if terms is not None and terms.first is not None else 0
        yield from (one for one in _month_ends(day, min(last, end)) if one >= first)
        return
    coming = next_test(terms, day)
    while coming is not None and coming.toordinal() <= last:
        yield coming.toordinal()
        coming = next_test(terms, coming)


def _month_ends(day: dt.date, last: int) -> Iterator[int]:
    end = add_months(day.replace(day=1), 1) - dt.timedelta(days=1)
    while end.toordinal() <= last:
        if end > day:
            yield end.toordinal()
        end = add_months(end.replace(day=1), 2) - dt.timedelta(days=1)


def payments_ahead(book: Book, since: int, last: Ints, only: Collection[int] | None = None) -> Payments:
    """Every payment day ahead of the facilities whose cash can be modelled and whose debt service is known, by day."""
    periods, owner = book.periods, book.tables["leg"].owner
    able = book.models & ~book.unscheduled
    if only is not None:
        able &= np.isin(np.arange(len(book.ids)), list(only))
    facility = owner[periods.table.owner]
    mine = able[facility]
    begins: dict[tuple[int, int], int] = {}
    for f, pay, start in zip(facility[mine].tolist(), periods.pay[mine].tolist(), periods.start[mine].tolist(), strict=True):
        begins[f, pay] = min(start, begins.get((f, pay), start))
    rows: list[tuple[int, int, int]] = []
    before: dict[int, int] = {}
    for f, pay in sorted(begins):
        begin = before.get(f, begins[f, pay])
        before[f] = pay
        if since < pay <= last[f]:
            rows.append((pay, f, begin))
    rows.sort()
    columns = [np.array([row[k] for row in rows], dtype=np.int64) for k in range(3)]
    return Payments(columns[1], columns[0], columns[2])


def worlds_ahead(now: Worlds, days: Sequence[int], curves: Sequence[Curve | None], zone: dt.tzinfo) -> Worlds:
    """The worlds of some days to come: the marks of `now` (one instant) along their curves from there, known as they are now.

    Doubt is the doubt of today: a stale or missing mark stays so on every later day.
    """
    origin = now.instants[0]
    today = np.array([day_of(origin, zone)], dtype=np.int64)
    then = np.array(days, dtype=np.int64)
    marks = np.repeat(now.marks[:, :, :1], len(then), axis=2)
    for k, curve in enumerate(curves):
        if curve is not None:
            marks[k] *= curve.ratio(np.repeat(today, len(then)), np.maximum(then, today))
    doubt = np.where(now.data[:, :1] >= STALE, now.data[:, :1], GOOD).astype(np.int8)
    instants = tuple(_end_of(day, zone) for day in days)
    return Worlds(
        now.series, instants, tuple(now.known_at[0] for _ in days), marks, np.repeat(doubt, len(then), axis=1), "projected",
        tuple(curves), origin,
    )  # fmt: skip


def _end_of(day: int, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromordinal(day + 1), dt.time(), zone).astimezone(dt.UTC)


def project(
    book: Book, now: Worlds, curves: Sequence[Curve | None], on: Collection[int] = (), last: int | None = None,
    only: Collection[int] | None = None, state: State = AS_AGREED, extra: Sequence[int] = (), fold: bool = True,
) -> Projection:  # fmt: skip
    """Every covenant on every future test date (of `only` some facilities, up to `last`), and the cash of every payment day.

    `on` are the triggers (places in `book.tests`) that are on today. `extra` are days that get a world as well. Without `fold`
    every facility is evaluated again on every day, which changes nothing but the time it takes.
    """
    way = course_of(book, now, curves, on, last, only, state, extra)
    run = _Run(way, way.worlds, fold)
    run.forward()
    tests = evaluate(book, way.worlds, run.state, rows=way.rows, drivers=False)
    return Projection(book, now, tuple(curves), way.worlds, run.state, tests, way.pays, *run.outcome())


class Course(msgspec.Struct, frozen=True):
    """What a projection goes through: the worlds of every day that counts, the tests and payments that fall on them, and how it starts."""

    book: Book
    worlds: Worlds
    rows: Rows
    pays: Payments
    on: tuple[int, ...] = ()
    state: State = AS_AGREED

    def unpaid(self, marks: Floats) -> Floats:
        """float64[R, P]: what lacks of the debt service of every payment day, in marks [K, P, T] of the same days on many paths."""
        run = _Run(self, msgspec.structs.replace(self.worlds, marks=marks))
        run.forward()
        return run.outcome()[0].unpaid

    def reads(self) -> Bools:
        """bool[K]: which marks move what comes in, what falls due, or a gate: each is tried half as high again."""
        count = len(self.worlds.series)
        marks = np.repeat(self.worlds.marks[:, :1], count + 1, axis=1)
        marks[np.arange(count), np.arange(count)] *= 1.5
        tried = msgspec.structs.replace(self.worlds, marks=marks)
        run = _Run(self, tried)
        run.forward()
        paid = run.outcome()[0]
        tests = evaluate(self.book, tried, self.state, rows=self.rows, drivers=False)
        seen = np.concatenate([paid.cash, paid.service, tests.numerator, tests.denominator])
        return np.asarray(~((seen[:, :-1] == seen[:, -1:]) | np.isnan(seen[:, :-1])).all(axis=0))


def course_of(
    book: Book, now: Worlds, curves: Sequence[Curve | None], on: Collection[int] = (), last: int | None = None,
    only: Collection[int] | None = None, state: State = AS_AGREED, extra: Sequence[int] = (), every: bool = True,
) -> Course:  # fmt: skip
    """The course of a projection; without `every` test, only the gates that hold or sweep cash are on it."""
    since = day_of(now.instants[0], book.zone)
    ends = last_days(book, since)
    if last is not None:
        ends = np.minimum(ends, last)
    test, day = tests_ahead(book, since, ends, only)
    if not every:
        gates = np.array([bool({*book.tests[t].covenant.effects} & (TRAPS | SWEEPS)) for t in test.tolist()], dtype=bool)
        test, day = test[gates], day[gates]
    pays = payments_ahead(book, since, ends, only)
    days = sorted({*day.tolist(), *pays.day.tolist(), *extra})
    worlds = worlds_ahead(now, days, curves, book.zone)
    place = np.searchsorted(np.array(days, dtype=np.int64), day).astype(np.int64)
    return Course(book, worlds, Rows(test, place, day, np.zeros_like(test)), pays, tuple(on), state)


def figures(book: Book, worlds: Worlds, state: State, quantity: str, facility: Ints, day: Ints) -> Floats:
    """float64[R, P]: a quantity, in each facility's own wording, on days the worlds have."""
    return _valued(book, worlds, state, quantity, facility, day, None)


def _valued(book: Book, worlds: Worlds, state: State, quantity: str, facility: Ints, day: Ints, window: Window | None) -> Floats:
    found = np.full((len(facility), worlds.paths), np.nan)
    if not len(facility):
        return found
    have = np.array([day_of(moment, book.zone) for moment in worlds.instants], dtype=np.int64)
    instant = np.searchsorted(have, day).astype(np.int64)
    wordings = [book.definitions[f] for f in facility.tolist()]
    with np.errstate(all="ignore"):
        for key in dict.fromkeys(id(own) for own in wordings):
            mine = np.array([place for place, own in enumerate(wordings) if id(own) == key], dtype=np.int64)
            none = np.full(len(mine), -1, dtype=np.int64)
            rows = Rows(none, instant[mine], day[mine], np.zeros_like(none))
            scope = open_scope(book, worlds, rows, state, facility=facility[mine])
            scope.assumed = False
            if window is not None:
                cut = Window(window.way, window.months[mine], window.start[mine], window.end[mine], window.scale[mine])
                scope = msgspec.structs.replace(scope, window=cut, memo={})
            found[mine] = value(wordings[int(mine[0])].quantity(quantity), scope)
    return found


class _Run:
    """One pass over the days: gates are tested, then the money of the day moves."""

    def __init__(self, way: Course, worlds: Worlds, fold: bool = True) -> None:
        self.book, self.worlds, self.state, self.rows, self.pays = way.book, worlds, way.state, way.rows, way.pays
        shape, tests = (len(self.book.ids), worlds.paths), len(self.book.tests)
        self.gating = np.array([bool({*test.covenant.effects} & (TRAPS | SWEEPS)) for test in self.book.tests], dtype=bool)
        started = np.isin(np.arange(tests), list(way.on))
        self.gates = Gates(np.repeat(started[:, None], worlds.paths, axis=1), np.zeros((tests, worlds.paths), dtype=np.int64))
        self.share = np.array([_share(one) for one in self.book.terms])
        self.again = np.ones(shape[0], dtype=bool) if not fold else self._feedback()
        self.months = _target_months(self.book)
        self.accounts = Accounts(self._reserve(shape), np.zeros(shape))
        self.paid: list[Paid] = []
        self.seen: list[tuple[Floats, Floats, Bools]] = []

    def _feedback(self) -> Bools:
        """bool[F]: facilities whose service or gates read what a payment day left."""
        found: Bools = self.share > 0
        for test in self.book.tests:
            effects = {*test.covenant.effects}
            if effects & SWEEPS or (effects & TRAPS and any(_reads_reserve(test, form) for form in range(len(test.forms)))):
                found[test.facility] = True
        return found

    def _reserve(self, shape: tuple[int, int]) -> Floats:
        held = np.zeros(shape)
        accounts = self.book.tables["account"]
        mine = np.array([place for place, row in enumerate(accounts.rows) if row.kind == "dsra"], dtype=np.int64)
        today = np.full(len(mine), day_of(self.worlds.origin, self.book.zone) if self.worlds.origin else 0, dtype=np.int64)
        if len(mine):
            np.add.at(held, accounts.owner[mine], self.book.dated["account.balance"].at(mine, today)[:, None])
        return held

    def forward(self) -> None:
        """Through all days; facilities without feedback are evaluated on all of them at once beforehand."""
        pays, gated = self.pays, np.flatnonzero(self.gating[self.rows.test]) if len(self.rows) else np.zeros(0, np.int64)
        cash = self._flow("cfads", pays)
        service, target, owed = self._due(pays)
        still = gated[~self.again[self.book.tested[self.rows.test[gated]]]]
        judged = self._judged(still)
        for day in np.unique(np.concatenate([pays.day, self.rows.period_end[gated]])).tolist():
            fixed = self.rows.period_end[still] == day
            self._gate(still[fixed], judged[0][fixed], judged[1][fixed])
            moved = gated[(self.rows.period_end[gated] == day) & self.again[self.book.tested[self.rows.test[gated]]]]
            if len(moved):
                self._gate(moved, *self._judged(moved))
            due = np.flatnonzero(pays.day == day)
            if len(due):
                afresh = due[self.again[pays.facility[due]]]
                if len(afresh):
                    service[afresh], target[afresh], owed[afresh] = self._due(pays.pick(afresh))
                self._pay(due, day, (cash[due], service[due], target[due], owed[due]))

    def _pay(self, due: Ints, day: int, money: tuple[Floats, Floats, Floats, Floats]) -> None:
        f, (cash, service, target, owed) = self.pays.facility[due], money
        hold, sweeps = self._gated(TRAPS)[f], self._gated(SWEEPS)[f]
        period = Period(cash, service, target, owed, np.broadcast_to(self.share[f][:, None], cash.shape), hold, sweeps)
        before = Accounts(self.accounts.reserve[f], self.accounts.trapped[f])
        after, paid = advance(before, period)
        self.accounts.reserve[f], self.accounts.trapped[f] = after
        move, swept = np.zeros_like(self.accounts.reserve), np.zeros_like(self.accounts.reserve)
        move[f], swept[f] = after.reserve - before.reserve, np.where((self.share[f] > 0)[:, None] | sweeps, paid.swept, 0.0)
        self.state = msgspec.structs.replace(
            self.state, swept=self.state.swept.and_on(day, swept), reserve=self.state.reserve.and_on(day, move)
        )
        self.paid.append(paid)
        self.seen.append((after.reserve, after.trapped, hold | sweeps))

    def _gated(self, effects: frozenset[str]) -> Bools:
        """bool[F, P]: whether a trigger with one of some effects is on."""
        found = np.zeros(self.accounts.reserve.shape, dtype=bool)
        for t in np.flatnonzero(self.gating).tolist():
            test = self.book.tests[t]
            if {*test.covenant.effects} & effects:
                found[test.facility] |= self.gates.on[t]
        return found

    def _due(self, pays: Payments) -> tuple[Floats, Floats, Floats]:
        """(debt service, what the reserve ought to hold then, debt left), each float64[R, P]."""
        service = self._flow("debt_service", pays)
        target = np.zeros_like(service)
        for months in np.unique(self.months[pays.facility]).tolist():
            mine = np.flatnonzero((self.months[pays.facility] == months) & (months > 0))
            if len(mine):
                day = pays.day[mine]
                coming = Window("future", np.full(len(mine), float(months)), day, shift(day, int(months)), np.ones(len(mine)))
                target[mine] = _valued(self.book, self.worlds, self.state, "debt_service", pays.facility[mine], day, coming)
        owed = np.zeros_like(service)
        sweeping = np.flatnonzero(self.again[pays.facility])
        owed[sweeping] = figures(self.book, self.worlds, self.state, "outstanding", pays.facility[sweeping], pays.day[sweeping])
        return service, target, owed

    def _flow(self, quantity: str, pays: Payments) -> Floats:
        window = Window("past", months_between(pays.since, pays.day), pays.since, pays.day, np.ones(len(pays.day)))
        return _valued(self.book, self.worlds, self.state, quantity, pays.facility, pays.day, window)

    def _judged(self, places: Ints) -> tuple[Bools, Bools]:
        """(bool[R, P] the level that switches a gate on is met, the level that switches it off is met)."""
        made = evaluate(self.book, self.worlds, self.state, rows=self.rows.pick(places), drivers=False)
        enters, leaves = made.result == FAIL, (made.result == PASS) | (made.result == WATCH)
        for t in dict.fromkeys(made.rows.test.tolist()):
            test, mine = self.book.tests[t], made.rows.test == t
            off = next((level for level in test.levels if level.label == "off"), None)
            if off is not None:
                level = effective(off, thresholds_on(off.threshold, made.rows.period_end[mine]), test.covenant.round)[:, None]
                top, under = made.numerator[mine], made.denominator[mine]
                leaves[mine] &= passes(off.operator, slack(off.operator, top, under, level), size(top, under, level))
        return enters, leaves

    def _gate(self, places: Ints, enters: Bools, leaves: Bools) -> None:
        if len(places):
            test = self.rows.test[places]
            terms = [self.book.tests[t].covenant for t in test.tolist()]
            need = tuple(
                np.array([c.tests if c else 1 for c in side], dtype=np.int64) for side in ([o.on for o in terms], [o.off for o in terms])
            )
            self.gates = self.gates.tested(test, enters, leaves, (need[0], need[1]))

    def outcome(self) -> tuple[Paid, Floats, Floats, Bools]:
        """(the cash of all payment days, reserve and trap after each, whether cash was held), in the order of the payments."""
        empty = np.zeros((0, self.worlds.paths))
        fields = {name: np.concatenate([getattr(one, name) for one in self.paid] or [empty]) for name in Paid.__struct_fields__}
        reserve, trapped, held = (np.concatenate([one[k] for one in self.seen] or [empty]) for k in range(3))
        return Paid(**fields), reserve, trapped, held.astype(bool)


def _share(one: FacilityFile) -> float:
    """The share of excess cash that the loan, or the first tranche that says so, has swept."""
    tables = [one.amortisation, *(tranche.amortisation for tranche in one.tranche)]
    stated = [table.sweep_pct for table in tables if table is not None and table.sweep_pct is not None]
    return float(stated[0]) / 100 if stated else 0.0


def _reads_reserve(test: Test, form: int) -> bool:
    quantity = test.forms[form].quantity
    return quantity is not None and {"account", "dsra"} <= mentioned(quantity)


def _target_months(book: Book) -> Ints:
    """int64[F]: months of debt service the reserve ought to hold, 0 where none is agreed."""
    found = np.zeros(len(book.ids), dtype=np.int64)
    accounts = book.tables["account"]
    for f, row in zip(accounts.owner.tolist(), accounts.rows, strict=True):
        if row.kind == "dsra" and row.target_months:
            found[f] = row.target_months
    return found

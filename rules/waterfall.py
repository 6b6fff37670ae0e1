"""One pass over the days ahead: tests switch gates, then the money of the day moves, over facilities and paths together.

The kernel evaluates all days at once. Only what a day leaves to the next (reserve, trap, debt swept) goes one by one; and only
the loans whose tests or service read what it left are evaluated again on each day, for that day alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import FacilityFile
from rules.advance import Accounts, Gates, Paid, Period, advance
from rules.book import Book
from rules.columns import Bools, Floats, Ints
from rules.coming import Payments
from rules.deemed import Deemed, by_prepayment
from rules.dues import Due, Dues, reserves
from rules.evaluate import Assessment, evaluate, together
from rules.figures import Figures
from rules.gates import Gating, levels_met, read_reserve
from rules.primitives.balances import after_payment, legs, paid_times
from rules.primitives.owed import leg_shares
from rules.running import Running, Swept
from rules.scope import Rows, day_of
from rules.state import AS_AGREED, State
from rules.worlds import Worlds


class Moved(NamedTuple):
    """Money moved on a day: float64[N, P] of N legs of loans, or of N facilities."""

    day: int
    item: Ints
    amount: Floats


class Carried(NamedTuple):
    """What the days behind have left: accounts, the gate of every test, all that was swept by leg, and that the reserve moved by."""

    accounts: Accounts
    gates: Gates
    swept: tuple[Moved, ...] = ()
    reserve: tuple[Moved, ...] = ()


class Cash(msgspec.Struct, frozen=True):
    """The cash of R payment days, float64[R, P]: how it went, what lay in the reserve and the trap after it, whether it was held."""

    paid: Paid
    reserve: Floats
    trapped: Floats
    held: Bools

    @classmethod
    def joined(cls, parts: Sequence[Cash], paths: int = 1) -> Cash:
        """That of several days one after the other; of no day as wide as `paths`."""

        def column(name: str) -> Floats:
            return np.concatenate([attrgetter(name)(one) for one in parts] or [np.zeros((0, paths))])

        paid = Paid(**{name: column(f"paid.{name}") for name in Paid.__struct_fields__})
        return cls(paid, column("reserve"), column("trapped"), column("held").astype(bool))


def opened(book: Book, worlds: Worlds, on: Collection[int], cures: Deemed | None = None) -> Carried:
    """What the as-of leaves: the balance of the reserve, nothing trapped, the triggers that are on (places in `book.tests`).

    What cures repay for failures that are pending counts from the next day.
    """
    held, mine = np.zeros((len(book.ids), worlds.paths)), reserves(book)
    today = day_of(worlds.instants[0], book.zone)
    balance = book.dated["account.balance"].at(mine, np.full(len(mine), today, dtype=np.int64))
    np.add.at(held, book.tables["account"].owner[mine], balance[:, None])
    start = np.isin(np.arange(len(book.tests)), list(on))
    gates = Gates(np.repeat(start[:, None], worlds.paths, axis=1), np.zeros((len(start), worlds.paths), dtype=np.int64))
    prepaid = np.zeros(len(book.ids)) if cures is None else cures.prepaid(book)
    f = np.flatnonzero(prepaid)
    swept = (repaid(Figures(book, worlds), f, today, np.repeat(prepaid[f][:, None], worlds.paths, axis=1), today + 1),) if len(f) else ()
    return Carried(Accounts(held, np.zeros_like(held)), gates, swept)


def repaid(figures: Figures, f: Ints, day: int, amount: Floats, since: int) -> Moved:
    """An amount that some facilities repay on a day, by leg: each by its share in what is owed as scheduled. It counts from `since`."""
    scope = figures.scope(AS_AGREED, f, np.full(len(f), day, dtype=np.int64))
    asker, leg = legs(scope, f)
    return Moved(since, leg, amount[asker] * leg_shares(scope, asker, leg)[:, None])


class Waterfall:
    """The days of one book in its worlds: `rows` are the tests on them, `pays` the payment days.

    `cures` are deemed paid at the close of a test date. Without `fold` every facility is evaluated again on every day, which
    changes nothing but the time it takes.
    """

    def __init__(
        self, book: Book, worlds: Worlds, state: State, rows: Rows, pays: Payments, carried: Carried, cures: Deemed | None, fold: bool
    ) -> None:  # fmt: skip
        self.book, self.worlds, self.rows, self.pays = book, worlds, rows, pays
        self.figures, self.gating = Figures(book, worlds), Gating(book)
        self.share = np.array([sweep_share(one) for one in book.terms])
        self.accounts, self.gates = Accounts(*(one.copy() for one in carried.accounts)), carried.gates
        self.swept, self.moved = list(carried.swept), list(carried.reserve)
        self.cures, rights = cures, cures.tests(book) if cures else np.zeros(0, np.int64)
        self.curing = np.flatnonzero(np.isin(rows.test, rights))
        self.cured = np.full((len(rows), worlds.paths), np.nan) if cures else np.zeros((len(rows), 0))
        self.again = self._feedback() if fold else np.ones(len(book.ids), dtype=bool)
        self.state, self.dues = self._begun(state), Dues(self.figures, self.again)
        self.settled = self._settled()
        self.fixed = self._evaluated(np.flatnonzero(self.settled))

    def _feedback(self) -> Bools:
        """bool[F]: facilities whose service or gates read what a payment day left, or may have moved before."""
        found = fed_back(self.book, self.gating)
        prepaid = [t for t in np.unique(self.rows.test[self.curing]).tolist() if by_prepayment(self.book.tests[t])]
        found[self.book.tested[prepaid]] = True
        for one in self.swept:
            found[self.book.tables["leg"].owner[one.item]] = True
        return found

    def _begun(self, state: State) -> State:
        """The state with what has moved so far, and room for what will."""
        owner, accounts = self.book.tables["leg"].owner, self.book.tables["account"]
        days, paths = len(np.unique(self.pays.day)), self.worlds.paths
        more = len(self.swept) + len(np.unique(self.rows.period_end[self.curing]))
        swept = Swept.begun(len(owner), np.flatnonzero(self.again[owner]), days + more, paths)
        held = np.unique(accounts.owner[reserves(self.book)])
        reserve = Running.begun(len(self.book.ids), held, days + len(self.moved), paths)
        for one in self.swept:
            swept = self._swept(swept, one)
        for one in self.moved:
            reserve = reserve.and_on(*one)
        return msgspec.structs.replace(state, swept=swept, reserve=reserve)

    def _settled(self) -> Bools:
        """bool[N]: the rows whose figures no payment day changes."""
        return np.asarray(~self.again[self.book.tested[self.rows.test]] & ~read_reserve(self.book)[self.rows.test])

    def _evaluated(self, places: Ints) -> Assessment:
        return evaluate(self.book, self.worlds, self.state, rows=self.rows.pick(places), drivers=False)

    def run(self) -> tuple[Assessment, Cash]:
        """Through all days: every test as it stands in the end, and the cash of every payment day in the order of `pays`."""
        pays, gated = self.pays, np.flatnonzero(self.gating.gates[self.rows.test])
        ends, lines = self.rows.period_end[gated], []
        due = self.dues.foreseen(pays, self.state)
        closes = self.rows.period_end[self.curing]
        for day in np.unique(np.concatenate([pays.day, ends, closes])).tolist():
            self._gate(gated[ends == day])
            today = np.arange(*np.searchsorted(pays.day, (day, day + 1)), dtype=np.int64)
            if len(today):
                self._refresh(due, today)
                lines.append(self._pay(today, day, due))
            if (closes == day).any():
                self._cure(self.curing[closes == day], day)
        return self._tests(), Cash.joined(lines, self.worlds.paths)

    def _gate(self, places: Ints) -> None:
        """The gates after the tests of a day."""
        for made, _ in self._seen(places):
            self.gates = self.gating.after(self.gates, made.rows.test, *levels_met(made))

    def _seen(self, places: Ints) -> Iterator[tuple[Assessment, Ints]]:
        """Some rows as they stand now, with their places: those that are settled as they are, the others evaluated again."""
        settled = self.settled[places]
        if settled.any():
            yield self.fixed.pick(np.searchsorted(np.flatnonzero(self.settled), places[settled])), places[settled]
        if not settled.all():
            yield self._evaluated(places[~settled]), places[~settled]

    def _cure(self, places: Ints, day: int) -> None:
        """At the close of a day its failing tests are cured where that is agreed: what they had switched on goes off again."""
        assert self.cures is not None
        for made, at in self._seen(places):
            self.cured[at] = paid = self.cures.paid(made)
            tests = [self.book.tests[t] for t in made.rows.test.tolist()]
            lifts = np.array([test.class_ != "trigger" or test.covenant.curable for test in tests], dtype=bool)
            self.gates = self.gates.lifted(made.rows.test, np.isfinite(paid) & lifts[:, None])
            prepaid = np.zeros((len(self.book.ids), paid.shape[1]))
            mine = np.array([by_prepayment(test) for test in tests], dtype=bool)
            facility = self.book.tested[made.rows.test[mine]]
            np.maximum.at(prepaid, facility, np.nan_to_num(paid[mine]))  # the same money lowers the debt for every covenant
            self.sweep(day, np.unique(facility), prepaid[np.unique(facility)], day + 1)

    def _refresh(self, due: Due, today: Ints) -> None:
        """What falls due on the payments of a day, of the facilities that what was swept before moves, written over what was foreseen."""
        afresh = today[self.again[self.pays.facility[today]]]
        if len(afresh):
            for column, found in zip(due, self.dues.afresh(self.pays.pick(afresh), self.state, due.cash[afresh]), strict=True):
                column[afresh] = found

    def _pay(self, today: Ints, day: int, due: Due) -> Cash:
        """The money of a day goes through the waterfall; what it moves counts from then on."""
        f, count = self.pays.facility[today], len(self.book.ids)
        hold, sweeps = (self.gating.holding(self.gates, kind, count)[f] for kind in (self.gating.traps, self.gating.sweeps))
        cash, service, target, owed = (column[today] for column in due)
        share = np.broadcast_to(self.share[f][:, None], cash.shape)
        before = Accounts(self.accounts.reserve[f], self.accounts.trapped[f])
        after, paid = advance(before, Period(cash, service, target, owed, share, hold, sweeps))
        self.accounts.reserve[f], self.accounts.trapped[f] = after
        self._move(day, f, after.reserve - before.reserve)
        self.sweep(day, f, np.where((share > 0) | sweeps, paid.swept, 0.0))
        return Cash(paid, after.reserve, after.trapped, hold | sweeps)

    def _move(self, day: int, f: Ints, amount: Floats) -> None:
        """The reserve of some facilities moves by an amount, where they have one."""
        assert self.state.reserve is not None
        mine = (self.state.reserve.row[f] >= 0) & np.asarray((amount != 0).any(axis=1))
        if mine.any():
            self.moved.append(Moved(day, f[mine], amount[mine]))
            self.state = msgspec.structs.replace(self.state, reserve=self.state.reserve.and_on(*self.moved[-1]))

    def sweep(self, day: int, f: Ints, amount: Floats, since: int | None = None) -> None:
        """Some facilities repay an amount on a day, the last instalments first; it counts from that day, or from a later one."""
        assert self.state.swept is not None
        mine = np.flatnonzero((amount != 0).any(axis=1))
        if len(mine):
            self.swept.append(repaid(self.figures, f[mine], day, amount[mine], since or day))
            self.state = msgspec.structs.replace(self.state, swept=self._swept(self.state.swept, self.swept[-1]))

    def _swept(self, swept: Swept, one: Moved) -> Swept:
        """What was swept, with one more day of it."""
        times = paid_times(self.book, one.item, np.full(len(one.item), one.day, dtype=np.int64))
        return swept.and_on(*one, after_payment(self.book, one.item, times, self.book.periods.growth, 1.0))

    def _tests(self) -> Assessment:
        places = [np.flatnonzero(self.settled), np.flatnonzero(~self.settled)]
        return together([self.fixed, self._evaluated(places[1])], np.concatenate(places))

    def left(self) -> Carried:
        """What these days leave to later ones."""
        return Carried(self.accounts, self.gates, tuple(self.swept), tuple(self.moved))


def fed_back(book: Book, gating: Gating) -> Bools:
    """bool[F]: facilities whose agreements let what a payment day left change service or gates: a sweep, a gate on the reserve."""
    found = np.array([sweep_share(one) > 0 for one in book.terms], dtype=bool)
    found[book.tested[gating.sweeps]] = True
    found[book.tested[gating.traps[read_reserve(book)[gating.traps]]]] = True
    return found


def sweep_share(one: FacilityFile) -> float:
    """The share of excess cash that the loan, or the first tranche that says so, has swept."""
    tables = [one.amortisation, *(tranche.amortisation for tranche in one.tranche)]
    stated = [table.sweep_pct for table in tables if table is not None and table.sweep_pct is not None]
    return float(stated[0]) / 100 if stated else 0.0

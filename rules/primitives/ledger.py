"""Payments as running totals: what a window sums is looked up rather than added up again for every day that asks.

What a schedule has paid and will pay hangs on the day that asks only through the balance in force and the draws that are known.
Between two days on which one of those changes (a *situation*) it is the same: the payments are laid out once a situation, and
a window is the difference of two running totals.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from rules.columns import FAR, Floats, Ints
from rules.primitives.balances import legs, paid_times
from rules.primitives.flows import Flows
from rules.primitives.leaf import column
from rules.primitives.rates import hedge_shares, pays
from rules.scope import Scope, Window


class Ledger:
    """All payments in each of S situations: a row of totals for every leg of each, as wide as the longest schedule.

    The rows that ask are pairs of a row of the scope and a leg: `asker[R]`, `leg[R]`, `line[R]` the totals they read.
    """

    def __init__(self, scope: Scope, situation: Ints, first: Ints) -> None:
        """`situation[N]` of each row, and `first[S]` a row of each."""
        self.scope, table = scope, scope.book.periods.table
        few = scope.at(first)
        few.columns, few.shocked, few.factor = 1, None, None
        self.flows = Flows(few, lambda asker, _: np.ones(len(asker), dtype=bool))
        _, owner = legs(few, few.facility)
        self.shape = (len(owner), int(table.count.max(initial=0)) + 1)
        start = np.cumsum(table.count[owner]) - table.count[owner]
        line = np.repeat(np.arange(len(owner), dtype=np.int64), table.count[owner])
        self.place = line * self.shape[1] + np.arange(len(line)) - start[line] + 1
        self.asker, self.leg = legs(scope, scope.facility)
        held = scope.book.tables["leg"]
        lines = np.cumsum(held.count[few.facility]) - held.count[few.facility]
        facility = scope.facility[self.asker]
        self.line = lines[situation[self.asker]] + self.leg - held.start[facility]

    def totals(self, values: Floats) -> Totals:
        """The running totals of one value a payment, float64[payments]."""
        unknown = np.isnan(values)
        return Totals(self._running(np.where(unknown, 0.0, values)), self._running(unknown.astype(float)))

    def _running(self, values: Floats) -> Floats:
        laid = np.zeros(self.shape[0] * self.shape[1])
        laid[self.place] = values
        return np.cumsum(laid.reshape(self.shape), axis=1).ravel()

    def span(self, window: Window) -> Span:
        """Where the payments of each pair's window begin and end in the totals."""
        row = self.line * self.shape[1]
        low, high = (row + paid_times(self.scope.book, self.leg, day[self.asker]) for day in (window.start, window.end))
        return Span(low, np.maximum(low, high))

    def since(self, day: Ints) -> Span:
        """All payments after each row's day."""
        row = self.line * self.shape[1]
        return Span(row + paid_times(self.scope.book, self.leg, day[self.asker]), row + self.shape[1] - 1)

    @cached_property
    def service(self) -> Totals:
        """Principal that counts as debt service."""
        return self.totals(self.flows.service[:, 0])

    @cached_property
    def principal(self) -> Totals:
        """All principal."""
        return self.totals(self.flows.principal[:, 0])

    @cached_property
    def waiting(self) -> Totals:
        """Principal x days from the start of its schedule to its payment: the day that asks is taken off by who asks."""
        return self.totals(self.flows.principal[:, 0] * (self.flows.pay - self.begin(self.flows.leg)))

    def begin(self, leg: Ints) -> Ints:
        """int64[R]: the first day of each leg's schedule."""
        periods = self.scope.book.periods
        if not len(periods.start):
            return np.zeros_like(leg)
        return periods.start[np.minimum(periods.table.start[leg], len(periods.start) - 1)]

    @cached_property
    def bearing(self) -> Bearing:
        """What bears interest in each period, split by what it bears."""
        flows, book = self.flows, self.scope.book
        weight = flows.opening[:, 0] * flows.fraction
        pair, item = flows.draws()
        np.add.at(weight, pair, book.floats["draw.amount"][item] * book.floats["draw.part"][item])
        floats = book.ints["rate.benchmark"][flows.leg] >= 0
        spread = book.dated["rate.spread_bp"].at(flows.leg, flows.start) / 10_000
        fixed = book.dated["rate.fixed_pct"].at(flows.leg, flows.start) / 100
        free, hedges = hedge_shares(flows.scope, flows.asker, flows.leg, (flows.start, flows.end), flows.opening)
        shares = []
        for r, _, share in hedges:
            part = np.zeros(len(weight))
            part[r] = np.where(floats[r], share[:, 0], 0.0)
            shares.append((self.totals(np.where(part != 0, weight * part, 0.0)), self._running((part != 0).astype(float))))
        bare = floats & (free[:, 0] != 0)
        return Bearing(
            self.totals(weight * np.where(floats, spread, fixed)), self.totals(np.where(bare, weight * free[:, 0], 0.0)),
            self._running(bare.astype(float)), shares,
        )  # fmt: skip

    def interest(self, span: Span) -> Floats:
        """float64[pairs, Q]: interest of the payments in each pair's span, at the marks of its row's world."""
        book, bearing = self.scope.book, self.bearing
        benchmark = book.ints["rate.benchmark"][self.leg]
        total = column(bearing.agreed.over(span))
        if not (benchmark >= 0).any():
            return total
        mark = self.scope.marks(benchmark, self.asker)
        bounded = np.clip(mark, column(book.floats["rate.floor"][self.leg]), column(book.floats["rate.cap"][self.leg]))
        some = column((benchmark >= 0) & (bearing.bare[span.high] > bearing.bare[span.low]))
        total = total + np.where(some, bounded * column(bearing.free.over(span)), 0.0)
        for place, (held, counts) in enumerate(bearing.shares):
            item = book.tables["hedge"].start[self.leg] + place
            on = np.flatnonzero((place < book.tables["hedge"].count[self.leg]) & (counts[span.high] > counts[span.low]))
            total[on] += pays(book, item[on], bounded[on]) * column(held.over(span)[on])
        return total


class Span:
    """Places in running totals between which each pair sums."""

    def __init__(self, low: Ints, high: Ints) -> None:
        self.low, self.high = low, high


class Totals:
    """Sums of the first 0, 1, ... payments of every line, and how many of them are unknown."""

    def __init__(self, sums: Floats, unknown: Floats) -> None:
        self.sums, self.unknown = sums, unknown if unknown.any() else None

    def over(self, span: Span) -> Floats:
        """float64[R]: the sum over each span, NaN where a part of it is unknown."""
        found: Floats = self.sums[span.high] - self.sums[span.low]
        if self.unknown is not None:
            found[self.unknown[span.high] > self.unknown[span.low]] = np.nan
        return found


class Bearing:
    """Totals of balance x year fraction by what it bears: the agreed spread or fixed rate (times it), the bounded benchmark, each hedge."""

    def __init__(self, agreed: Totals, free: Totals, bare: Floats, shares: list[tuple[Totals, Floats]]) -> None:
        self.agreed, self.free, self.bare, self.shares = agreed, free, bare, shares


def ledger_of(scope: Scope) -> Ledger | None:
    """The ledger of a scope of many days, made once for all its windows; None where nearly every row is a situation of its own."""
    whole = scope.outermost
    return whole.once("ledger", lambda: _ledger(whole))


def _ledger(scope: Scope) -> Ledger | None:
    if not scope.daily or scope.state.repaid is not None or scope.state.swept is not None:  # shared out by what a leg owes that day
        return None
    key = _turns(scope)
    _, first, situation = np.unique(key, return_index=True, return_inverse=True)
    return Ledger(scope, situation, first) if 4 * len(first) <= len(scope) else None


def _turns(scope: Scope) -> Ints:
    """int64[N]: a number for each row's situation: the facility, its balances and draws seen by the day, the balances and draws known."""
    ints, tables = scope.book.ints, scope.book.tables
    drawn = np.minimum(ints["draw.date"], ints["draw.known"])
    seen = _passed(scope, scope.day, [("balance", ints["balance.date"]), ("draw", drawn)])
    known = _passed(scope, scope.known, [("balance", ints["balance.known"]), ("draw", ints["draw.known"])])
    width = len(tables["balance"]) + len(tables["draw"]) + 1
    return (scope.facility * width + seen) * width + known


def _passed(scope: Scope, day: Ints, turns: list[tuple[str, Ints]]) -> Ints:
    """int64[N]: how many turns of its facility, and of those before, each row's day has passed."""
    owner = scope.book.tables["leg"].owner
    key = np.sort(np.concatenate([owner[scope.book.tables[name].owner] * FAR + days for name, days in turns]))
    return np.searchsorted(key, scope.facility * FAR + day, side="right")

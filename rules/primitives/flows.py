"""Schedule periods of the legs that rows ask for, each with the balance it opens on and what it pays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from rules.columns import FAR, Bools, Floats, Ints
from rules.primitives.balances import after_payment, draws_between, leg_name, leg_where, legs, observed, rolled
from rules.primitives.leaf import Find, Where, column
from rules.primitives.owed import lowered, still_owed, swept_within
from rules.primitives.rates import Part, cash_rate, rate_parts
from rules.scope import Scope


class Flows:
    """Schedule periods of the rows' legs, R of them, each with the balance it opens on.

    `asker[R]` row of the scope, `leg[R]`, `item[R]` the period in `book.periods`, `pay[R]` its payment day, `fraction[R]` of a
    year, `opening[R, Q]` owed at its start, `before[R, Q]` owed just before the payment (draws and interest paid in kind added),
    `principal[R, Q]` paid, the last payment clearing, `service[R, Q]` the part of it that is debt service, and `rate[R, Q]` in
    cash a year, computed when it is asked for. Q is 1 where nothing was repaid that differs by column.
    """

    def __init__(self, scope: Scope, inside: Callable[[Ints, Ints], Bools]) -> None:
        """`inside(asker, item)` says which periods are wanted."""
        self.scope, periods = scope, scope.book.periods
        pair, place = legs(scope, scope.facility)
        at, item = periods.table.join(place)
        wanted = inside(pair[at], item)
        self.asker, self.leg, self.item = pair[at][wanted], place[at][wanted], item[wanted]
        self.start, self.end, self.pay = (column[self.item] for column in (periods.start, periods.end, periods.pay))
        self.fraction = periods.fraction[self.item]
        owed_at_start, self._since = self._balance(self.start)
        within = swept_within(scope, self.asker, self.leg, self.start, self.end)
        self.opening = still_owed(owed_at_start, within)
        due, since = self._balance(self.pay - 1)
        self.before = due * column((periods.growth / periods.before)[self.item]) + column(self._drawn(since))
        planned = np.minimum(column(periods.principal[self.item]), self.before)
        self.principal = np.where(column(periods.last[self.item]), self.before, planned)
        self.service = np.minimum(column(periods.service[self.item]), self.before)

    def _balance(self, by: Ints) -> tuple[Floats, Ints]:
        times = self.item - self.scope.book.periods.table.start[self.leg] if len(self.leg) else self.item
        return balance_at(self.scope, self.asker, self.leg, times, self.start, by)

    def draws(self) -> tuple[Ints, Ints]:
        """(place in the flows, draw): the draws in the course of each period, on which it pays interest from their day."""
        return draws_between(self.scope, self.leg, self._since, self.end - 1, self.scope.known[self.asker], self.scope.day[self.asker])

    def _drawn(self, since: Ints) -> Floats:
        """float64[R]: the draws after a day and within each period, with what they capitalise by its end."""
        pair, item = draws_between(self.scope, self.leg, since, self.end - 1, self.scope.known[self.asker], self.scope.day[self.asker])
        total = np.zeros(len(self.leg))
        floats, growth = self.scope.book.floats, self.scope.book.periods.growth[self.item]
        np.add.at(total, pair, floats["draw.worth"][item] * growth[pair])
        return total

    @property
    def rate(self) -> Floats:
        """float64[R, Q]: the cash rate of each period, a fraction a year."""
        return cash_rate(self.scope, self.asker, self.leg, (self.start, self.end), self.opening)

    def rate_parts(self, r: int) -> list[Part]:
        """What the rate of row r is made of."""
        return rate_parts(self.scope, int(self.asker[r]), int(self.leg[r]), int(self.start[r]))

    def name(self, r: int) -> str:
        """The label of row r: its tranche and the day it is paid."""
        day = f"paid {dt.date.fromordinal(int(self.pay[r])).isoformat()}"
        tranche = leg_name(self.scope.book, int(self.leg[r]), "")
        return f"{tranche}, {day}" if tranche else day

    def where(self, table: str) -> Find:
        """Where the terms of row r stand."""
        book = self.scope.book

        def find(r: int) -> Where:
            given = getattr(book.tables["leg"].rows[int(self.leg[r])].terms, table) is not None
            return leg_where(book, int(self.leg[r]), table if given else "facility")

        return find


def balance_at(scope: Scope, asker: Ints, leg: Ints, times: Ints, start: Ints, by: Ints) -> tuple[Floats, Ints]:
    """(float64[R, Q], int64[R]): each leg's balance after so many payments, from `start` on, and the day it holds draws up to.

    From the balance row seen by `by` or the as-of; before the first from the stated original, else back from that row.
    """
    book, known, today = scope.book, scope.known[asker], scope.day[asker]
    seen = observed(scope, leg, np.minimum(by, today), known)
    first = observed(scope, leg, np.full(len(leg), FAR, dtype=np.int64), known, first=True)
    date, stated = book.ints["balance.date"], book.floats["leg.stated"][leg]
    since = np.where(seen >= 0, np.maximum(start, date[np.maximum(seen, 0)]), start) if len(date) else start
    balance = rolled(scope, leg, np.where(seen >= 0, seen, first), times, since, known, today)
    growth, paid = (after_payment(book, leg, times, *one) for one in ((book.periods.growth, 1.0), (book.periods.paid, 0.0)))
    less = lowered(scope, asker, leg, by, times)
    from_stated = (seen < 0) & ~np.isnan(stated)
    balance = np.where(from_stated, np.maximum(0.0, growth * (stated - paid)), balance)
    return still_owed(column(balance), less), np.where(from_stated, FAR, since)

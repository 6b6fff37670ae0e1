"""Payments of a loan: scheduled principal and interest, what accrues, what is still to come, average life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from rules.columns import FAR, Bools, Floats, Ints
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column, nowhere, per_row
from rules.primitives.owed import (
    NO_BALANCE,
    after_payment,
    draw_where,
    draws_between,
    leg_name,
    leg_where,
    legs,
    lowered,
    no_schedule,
    observed,
    outstanding_on,
    owed,
    owed_by,
    paid_by,
    paid_times,
    rolled,
    swept_within,
)
from rules.primitives.rates import Part, cash_rate, rate_parts
from rules.scope import Scope

YEAR = 365.25


class Flows:
    """Schedule periods of the rows' legs, R of them, each with the balance it opens on.

    `asker[R]` row of the scope, `leg[R]`, `item[R]` the period in `book.periods`, `pay[R]` its payment day, `fraction[R]` of a
    year, `opening[R, Q]` owed at its start, `before[R, Q]` owed just before the payment (draws and interest paid in kind added),
    `principal[R, Q]` paid, the last payment clearing, `service[R, Q]` the part of it that is debt service, and `rate[R, Q]` in
    cash a year, computed when it is asked for.
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
        self.opening = np.maximum(0.0, owed_at_start - within) if scope.state.swept.days else owed_at_start
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
        return draws_between(self.scope, self.leg, self._since, self.end - 1, self.scope.known[self.asker])

    def _drawn(self, since: Ints) -> Floats:
        """float64[R]: the draws after a day and within each period, with what they capitalise by its end."""
        pair, item = draws_between(self.scope, self.leg, since, self.end - 1, self.scope.known[self.asker])
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
    balance = rolled(scope, leg, np.where(seen >= 0, seen, first), times, since, known)
    growth, paid = (after_payment(book, leg, times, *one) for one in ((book.periods.growth, 1.0), (book.periods.paid, 0.0)))
    less = lowered(scope, asker, leg, by, times)
    from_stated = (seen < 0) & ~np.isnan(stated)
    balance = np.where(from_stated, np.maximum(0.0, growth * (stated - paid)), balance)
    return np.maximum(0.0, column(balance) - less), np.where(from_stated, FAR, since)


def ahead(scope: Scope) -> Flows:
    """The payments after each row's day, of all legs of its facility."""
    return Flows(scope, lambda asker, item: scope.book.periods.pay[item] > scope.day[asker])


def in_window(scope: Scope) -> Flows:
    """The payments in each row's window; none where no window is open."""
    window, pay = scope.window, scope.book.periods.pay
    if window is None:
        return Flows(scope, lambda asker, _: np.zeros(len(asker), dtype=bool))
    return Flows(scope, lambda asker, item: (pay[item] > window.start[asker]) & (pay[item] <= window.end[asker]))


def _scale(scope: Scope, asker: Ints) -> Factor:
    return Factor("scale", column(scope.window.scale[asker] if scope.window else np.zeros(len(asker))), "")


def _needed(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """Without a last factor that is 1 everywhere."""
    return factors[:-1] if bool((factors[-1].values == 1).all()) else factors


def _with_nan(asker: Ints, values: Floats, unknown: Bools) -> Bools:
    found = unknown.copy()
    found[asker[np.isnan(values).all(axis=1)]] = True
    return found


def _why(scope: Scope, gaps: dict[int, str]) -> Callable[[int], str]:
    return lambda n: gaps.get(int(scope.facility[n]), "no rate is known")


def _scheduled_principal(scope: Scope, text: str | None) -> Leaf:
    flows = in_window(scope)
    unknown, gaps = no_schedule(scope)
    factors = (Factor("principal", flows.service, "money", flows.where("amortisation")), _scale(scope, flows.asker))
    return Leaf((Terms(flows.asker, _needed(factors), flows.name),), _with_nan(flows.asker, flows.service, unknown), _why(scope, gaps))


def _interest(scope: Scope, text: str | None) -> Leaf:
    flows = in_window(scope)
    unknown, gaps = no_schedule(scope)
    rate, where = flows.rate, flows.where("interest")

    factors = (
        Factor("opening balance", flows.opening, "money"),
        Factor("year fraction", column(flows.fraction), "year"),
        Factor("rate", rate, "1/year", where, flows.rate_parts),
        _scale(scope, flows.asker),
    )
    pair, item = flows.draws()
    drawn = (
        Factor("drawn", column(scope.book.floats["draw.amount"][item]), "money", draw_where(scope.book, item)),
        Factor("year fraction", column(scope.book.floats["draw.part"][item]), "year"),
        Factor("rate", rate[pair], "1/year", lambda r: where(int(pair[r]))),
        _scale(scope, flows.asker[pair]),
    )
    rows = Terms(flows.asker, _needed(factors), flows.name)
    advances = Terms(flows.asker[pair], _needed(drawn), lambda r: _advance(scope, int(item[r])))
    unknown = _with_nan(flows.asker, flows.opening * rate, unknown)
    return Leaf((rows, advances) if len(pair) else (rows,), unknown, _why(scope, gaps))


def _advance(scope: Scope, item: int) -> str:
    row = scope.book.tables["draw"].rows[item]
    return f"on the {'draw' if row.event is None else 'prepayment'} of {row.draw.date}"


def _average_life(scope: Scope, text: str | None) -> Leaf:
    flows = ahead(scope)
    years = column((flows.pay - scope.day[flows.asker]) / YEAR)
    top, under = np.zeros((len(scope), scope.columns)), np.zeros((len(scope), scope.columns))
    np.add.at(top, flows.asker, flows.principal * years)
    np.add.at(under, flows.asker, flows.principal)
    unknown, gaps = no_schedule(scope)
    life = np.divide(top, under, out=np.where(np.isnan(under), np.nan, 0.0), where=under > 0)
    leaf = per_row(scope, "weighted average life", np.where(column(unknown), np.nan, life), "year")
    return Leaf(leaf.terms, leaf.unknown, lambda n: gaps.get(int(scope.facility[n]), NO_BALANCE))


def _end_of_life(scope: Scope, text: str | None) -> Leaf:
    parcels, book = scope.book.tables["collateral"], scope.book
    pledged, item = parcels.join(scope.facility)
    end = np.full(len(scope), -1, dtype=np.int64)
    np.maximum.at(end, pledged, book.ints["collateral.end"][item])
    unknown, gaps = no_schedule(scope)
    lifeless = (end < 0) | (end >= FAR)
    later = np.minimum(np.maximum(end, scope.day), FAR - 1)
    asker, leg = legs(scope, scope.facility)
    left = _left(scope, asker, leg, later[asker])
    left = np.where(column((unknown | lifeless)[asker]), np.nan, left)
    factor = Factor("balance when the collateral is worn out", left, "money", nowhere)
    terms = Terms(asker, (factor,), lambda r: leg_name(book, int(leg[r]), "balance when the collateral is worn out"))

    def why(n: int) -> str:
        return "no economic life is given" if lifeless[n] else gaps.get(int(scope.facility[n]), NO_BALANCE)

    return Leaf((terms,), _with_nan(asker, left, unknown), why)


def _left(scope: Scope, asker: Ints, leg: Ints, later: Ints) -> Floats:
    """float64[R, Q]: what each leg owes on a later day, from the balance known now."""
    book, known = scope.book, scope.known[asker]
    row = observed(scope, leg, scope.day[asker], known)
    then = paid_times(book, leg, later)
    left = np.where(later >= book.periods.cleared[leg], 0.0, rolled(scope, leg, row, then, later, known))
    return np.maximum(0.0, column(np.where(row >= 0, left, np.nan)) - lowered(scope, asker, leg, later, then))


READERS: dict[str, Reader] = {
    "scheduled_principal": _scheduled_principal,
    "interest": _interest,
    "weighted_average_life": _average_life,
    "end_of_life_balance": _end_of_life,
}

__all__ = ["READERS", "Flows", "ahead", "in_window", "observed", "outstanding_on", "owed", "owed_by", "paid_by"]

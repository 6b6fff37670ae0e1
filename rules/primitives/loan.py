"""Payments of a loan: scheduled principal and interest, what accrues, what is still to come, average life."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rules.columns import FAR, Bools, Floats, Ints, add_up
from rules.primitives.balances import NO_BALANCE, draw_where, leg_name, legs, no_schedule, observed, paid_times, rolled
from rules.primitives.flows import Flows
from rules.primitives.leaf import Factor, Leaf, Reader, Terms, column, nowhere, per_row
from rules.primitives.ledger import Ledger, Span, ledger_of
from rules.primitives.owed import lowered
from rules.scope import Scope

YEAR = 365.25


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


def _span(scope: Scope, ledger: Ledger) -> Span | None:
    window = scope.window
    return None if window is None else scope.once("span", lambda: ledger.span(window))


def _summed(scope: Scope, ledger: Ledger, values: Floats, listed: Callable[[], tuple[Terms, ...]]) -> Leaf:
    """A flow of the schedule from its running totals, float64[pairs, Q]; who reads it has its payments listed."""
    unknown, gaps = no_schedule(scope)
    scale = scope.window.scale if scope.window else np.zeros(len(scope))
    total = add_up(values, ledger.asker, len(scope)) * column(scale)
    return Leaf(listed, _with_nan(ledger.asker, values, unknown), _why(scope, gaps), total)


def _scheduled_principal(scope: Scope, text: str | None) -> Leaf:
    ledger = ledger_of(scope)
    span = _span(scope, ledger) if ledger else None
    if ledger and span:
        return _summed(scope, ledger, column(ledger.service.over(span)), lambda: _principal_terms(scope)[0])
    terms, flows = _principal_terms(scope)
    unknown, gaps = no_schedule(scope)
    return Leaf(terms, _with_nan(flows.asker, flows.service, unknown), _why(scope, gaps))


def _principal_terms(scope: Scope) -> tuple[tuple[Terms, ...], Flows]:
    """The principal of each payment in the window."""
    flows = in_window(scope)
    factors = (Factor("principal", flows.service, "money", flows.where("amortisation")), _scale(scope, flows.asker))
    return (Terms(flows.asker, _needed(factors), flows.name),), flows


def _interest(scope: Scope, text: str | None) -> Leaf:
    ledger = None if scope.drifts else ledger_of(scope)
    span = _span(scope, ledger) if ledger else None
    if ledger and span:
        return _summed(scope, ledger, ledger.interest(span), lambda: _interest_terms(scope)[0])
    terms, unknown = _interest_terms(scope)
    without, gaps = no_schedule(scope)
    return Leaf(terms, unknown | without, _why(scope, gaps))


def _interest_terms(scope: Scope) -> tuple[tuple[Terms, ...], Bools]:
    """The interest of each payment in the window and of the draws in its course, and bool[N] where a part is not known."""
    flows = in_window(scope)
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
    unknown = _with_nan(flows.asker, flows.opening * rate, np.zeros(len(scope), dtype=bool))
    return ((rows, advances) if len(pair) else (rows,)), unknown


def _advance(scope: Scope, item: int) -> str:
    row = scope.book.tables["draw"].rows[item]
    return f"on the {'draw' if row.event is None else 'prepayment'} of {row.draw.date}"


def _average_life(scope: Scope, text: str | None) -> Leaf:
    ledger = ledger_of(scope)
    top, under = _ahead_of(scope, ledger) if ledger else _waiting(scope)
    unknown, gaps = no_schedule(scope)
    life = np.divide(top, under, out=np.where(np.isnan(under), np.nan, 0.0), where=under > 0)
    leaf = per_row(scope, "weighted average life", np.where(column(unknown), np.nan, life), "year")
    return Leaf(leaf.terms, leaf.unknown, lambda n: gaps.get(int(scope.facility[n]), NO_BALANCE))


def _waiting(scope: Scope) -> tuple[Floats, Floats]:
    """(principal x years until it is paid, principal), float64[N, Q], of the payments after each row's day."""
    flows = ahead(scope)
    years = column((flows.pay - scope.day[flows.asker]) / YEAR)
    return add_up(flows.principal * years, flows.asker, len(scope)), add_up(flows.principal, flows.asker, len(scope))


def _ahead_of(scope: Scope, ledger: Ledger) -> tuple[Floats, Floats]:
    """The same from running totals, float64[N, 1]."""
    span = ledger.since(scope.day)
    due, since = ledger.principal.over(span), scope.day[ledger.asker] - ledger.begin(ledger.leg)
    waits = (ledger.waiting.over(span) - since * due) / YEAR
    return tuple(add_up(column(one), ledger.asker, len(scope)) for one in (waits, due))  # type: ignore[return-value]


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
    left = np.where(later >= book.periods.cleared[leg], 0.0, rolled(scope, leg, row, then, later, known, scope.day[asker]))
    return np.maximum(0.0, column(np.where(row >= 0, left, np.nan)) - lowered(scope, asker, leg, later, then))


READERS: dict[str, Reader] = {
    "scheduled_principal": _scheduled_principal,
    "interest": _interest,
    "weighted_average_life": _average_life,
    "end_of_life_balance": _end_of_life,
}

__all__ = ["READERS", "ahead", "in_window"]

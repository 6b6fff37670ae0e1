"""What the loan was signed on, what stands beside it today, and what else is held against the whole: vintages, hedges, market value."""

from __future__ import annotations

import datetime as dt

import numpy as np

from rules.columns import FAR, Floats, Ints, add_up
from rules.primitives.collateral import parcel_units, parcel_where, unit_value
from rules.primitives.leaf import (
    Factor,
    Leaf,
    Reader,
    Terms,
    Where,
    column,
    facility_where,
    own_currency,
    per_row,
    series_where,
    unknown_throughout,
)
from rules.primitives.owed import owed, owed_legs
from rules.scope import Scope


def _case(name: str) -> Reader:
    """A figure of the underwriting case, in force on the row's day."""

    def read(scope: Scope, text: str | None) -> Leaf:
        values = scope.book.dated[f"case.{name}"].at(scope.facility, scope.day)
        where = facility_where(scope, "underwriting", name)
        return per_row(scope, f"case: {name.replace('_', ' ')}", values, _UNITS[name], where, "the case at closing gives none")

    return read


_UNITS = {"rent": "money/unit-hour", "utilisation": "", "opex_per_unit_hour": "money/unit-hour", "dscr": ""}


def _actual(name: str) -> Reader:
    """The average over parcels, by their units in service, of a figure of each; parcels that give none are left out."""

    def read(scope: Scope, text: str | None) -> Leaf:
        book = scope.book
        asker, item = book.tables["collateral"].join(scope.facility)
        given = np.array([getattr(row, name) is not None for row in book.tables["collateral"].rows], dtype=bool)[item]
        serving = (book.ints["collateral.in_service"][item] <= scope.day[asker]) & (scope.day[asker] < book.ints["collateral.end"][item])
        asker, item = asker[given & serving], item[given & serving]
        units = np.broadcast_to(parcel_units(scope, asker, item), (len(item), scope.columns))
        whole = add_up(units, asker, len(scope))[asker]
        share = np.divide(units, whole, out=np.zeros_like(whole), where=whole > 0)
        values = _figure(scope, name, asker, item)
        unknown = np.ones(len(scope), dtype=bool)
        unknown[asker] = False
        unknown[asker[np.isnan(share * values).all(axis=1)]] = True
        find = series_where(scope, book.ints["collateral.rent"][item], asker) if name == "rent" else parcel_where(scope, item, name)
        factors = (Factor(name.replace("_", " "), values, _UNITS[name], find), Factor("share of the units", share, ""))
        terms = Terms(asker, factors, lambda r: book.tables["collateral"].rows[int(item[r])].id)
        return Leaf((terms,), unknown, lambda _: f"no parcel in service gives its {name.replace('_', ' ')}, or it is not known on that day")

    return read


def _figure(scope: Scope, name: str, asker: Ints, item: Ints) -> Floats:
    if name == "rent":
        return own_currency(scope, asker, scope.marks(scope.book.ints["collateral.rent"][item], asker))
    return column(scope.book.dated[f"collateral.{name}"].at(item, scope.day[asker]))


def _floating_legs(scope: Scope) -> tuple[Ints, Ints, Floats]:
    """(asker, leg, what it owes [R, Q]) of the legs of each row's loan whose rate floats."""
    asker, leg, debt = owed_legs(scope)
    floats = scope.book.ints["rate.benchmark"][leg] >= 0
    return asker[floats], leg[floats], np.broadcast_to(debt, (len(asker), scope.columns))[floats]


def _floating(scope: Scope, text: str | None) -> Leaf:
    asker, _, debt = _floating_legs(scope)
    values = add_up(debt, asker, len(scope))
    return per_row(scope, "floating debt", values, "money", facility_where(scope, "interest"), "no balance is known on that day")


def _hedged(scope: Scope, text: str | None) -> Leaf:
    """What hedges in force cover of the floating debt: a share of it or a notional over all of it, together at most the whole."""
    book = scope.book
    asker, leg, debt = _floating_legs(scope)
    whole = add_up(debt, asker, len(scope))
    pair, item = book.tables["hedge"].join(leg)
    day = scope.day[asker[pair]]
    on = (book.ints["hedge.start"][item] <= day) & (day < book.ints["hedge.end"][item])
    pair, item, day = pair[on], item[on], day[on]
    share, notional = column(book.floats["hedge.share"][item]), column(book.dated["hedge.notional"].at(item, day))
    total = whole[asker[pair]]
    spread = np.divide(notional, total, out=np.zeros_like(total), where=total > 0)
    covers = np.where(np.isnan(share), spread, share) * debt[pair]
    hedged = np.minimum(add_up(covers, asker[pair], len(scope)), whole)
    why = "no balance, or no share or notional of a hedge, is known on that day"
    return per_row(scope, "hedged debt", hedged, "money", facility_where(scope, "hedge"), why)


def _worst_vintage(scope: Scope, text: str | None) -> Leaf:
    """Debt over value of the vintage where that is highest; a vintage is the parcels placed in service on one day.

    The debt is spread over parcels by what they cost, or by units where a cost is not given.
    """
    parcels = scope.book.tables["collateral"]
    asker, item = parcels.join(scope.facility)
    units = np.broadcast_to(parcel_units(scope, asker, item), (len(item), scope.columns))
    cost = column(scope.book.floats["collateral.cost"][item])
    priced = add_up(np.isnan(cost).astype(float), asker, len(scope))[asker] == 0
    weight = units * np.where(priced, cost, 1.0)
    whole = add_up(weight, asker, len(scope))[asker]
    debt = owed(scope)[asker] * np.divide(weight, whole, out=np.full_like(weight, np.nan), where=whole > 0)
    worth = units * unit_value(scope, asker, item, "mark").values
    _, first, vintage = np.unique(asker * FAR + scope.book.ints["collateral.in_service"][item], return_index=True, return_inverse=True)
    owing, value = add_up(debt, vintage, len(first)), add_up(worth, vintage, len(first))
    ratio = np.divide(owing, value, out=np.full_like(owing, np.nan), where=value > 0)
    worst = np.full((len(scope), scope.columns), -np.inf)
    np.maximum.at(worst, asker[first], ratio)
    undated = parcels.count[scope.facility] == 0
    undated[asker[scope.book.ints["collateral.in_service"][item] <= 0]] = True

    def parts(n: int) -> list[tuple[str, float, str, Where | None]]:
        shown: list[tuple[str, float, str, Where | None]] = []
        for v in range(len(first)):
            began = int(scope.book.ints["collateral.in_service"][item[first[v]]])
            if asker[first[v]] == n and began > 0:
                day = dt.date.fromordinal(began).isoformat()
                shown += [(f"debt of {day}", float(owing[v, 0]), "money", None), (f"value of {day}", float(value[v, 0]), "money", None)]
        return shown

    values = np.where(column(undated), np.nan, worst)
    factor = Factor("debt over value of the worst vintage", values, "fraction", parts=parts)
    terms = Terms(np.arange(len(scope), dtype=np.int64), (factor,), lambda _: "worst vintage")
    why = "in service, units or price of a parcel, or the balance, is not known on that day"
    return Leaf((terms,), unknown_throughout(values), lambda _: why)


def _market_cap(scope: Scope, text: str | None) -> Leaf:
    """The market capitalisation of the borrower, or of the first of its group that is quoted."""
    series = scope.book.ints["market_cap"][scope.facility]
    rows = np.arange(len(scope), dtype=np.int64)
    values = own_currency(scope, rows, scope.marks(series, rows))
    where = series_where(scope, series, rows)
    return per_row(scope, "market capitalisation", values, "money", where, "no obligor of the group names a market_cap series with a print")


READERS: dict[str, Reader] = {
    "case_rent": _case("rent"),
    "case_utilisation": _case("utilisation"),
    "case_opex": _case("opex_per_unit_hour"),
    "case_dscr": _case("dscr"),
    "rent_now": _actual("rent"),
    "utilisation_now": _actual("utilisation"),
    "opex_now": _actual("opex_per_unit_hour"),
    "floating_debt": _floating,
    "hedged_debt": _hedged,
    "worst_vintage": _worst_vintage,
    "market_cap": _market_cap,
}

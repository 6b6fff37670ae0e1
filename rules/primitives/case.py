"""What the loan was signed on, what stands beside it today, and what else is held against the whole: hedges, market value."""

from __future__ import annotations

import numpy as np

from rules.columns import Floats, Ints, add_up
from rules.primitives.collateral import parcel_units, parcel_where
from rules.primitives.leaf import (
    Factor,
    Leaf,
    Reader,
    Terms,
    column,
    facility_where,
    own_currency,
    per_row,
    series_where,
)
from rules.primitives.owed import owed_legs
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
    "market_cap": _market_cap,
}

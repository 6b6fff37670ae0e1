"""The model of a project's cash where no report covers: contracts, units let at the mark, costs by the unit and by the month.

A year has 8,760 hours. Contracted units earn their rate times uptime; the units of a parcel that are not under
contract earn the rent mark times utilisation.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from rules.columns import Bools, Floats, Ints
from rules.primitives.collateral import parcel_units, parcel_where
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column, facility_where, own_currency, series_where
from rules.primitives.reports import covered, not_delivered, undelivered
from rules.scope import Scope, Window

HOURS_PER_MONTH = 730.0


def _days(scope: Scope, asker: Ints, low: Ints, high: Ints) -> Floats:
    """float64[R]: days of (low, high] in the window that no report covers."""
    window = cast(Window, scope.window)
    if window.way == "run_rate":  # today's terms held for a year: in force today counts for all of it
        return np.where((low <= scope.day[asker]) & (scope.day[asker] < high), 365.0, 0.0)
    inside = np.minimum(high, window.end[asker]) - np.maximum(low, window.start[asker])
    return np.maximum(0.0, inside - covered(scope, window, asker, low, high))


def _whole(scope: Scope) -> tuple[Ints, Floats]:
    """(row numbers, uncovered days of the whole window)."""
    window = cast(Window, scope.window)
    rows = np.arange(len(scope), dtype=np.int64)
    if window.way == "run_rate":
        return rows, np.full(len(scope), 365.0)
    length = (window.end - window.start).astype(float)
    return rows, np.maximum(0.0, length - covered(scope, window, rows, window.start, window.end))


def _hours(scope: Scope, asker: Ints, days: Floats) -> Floats:
    """float64[R]: hours of some days of a window whose months have 730 hours each."""
    window = cast(Window, scope.window)
    length = np.maximum(1, window.end - window.start)[asker]
    hours: Floats = days / length * window.months[asker] * HOURS_PER_MONTH * window.scale[asker]
    return hours


def _modelled_share(scope: Scope) -> None:
    """Note how much of the widest window is modelled, for the report to say."""
    _, days = _whole(scope)
    window = cast(Window, scope.window)
    if not scope.modelled:
        scope.share[:] = np.maximum(scope.share, days / np.maximum(1, window.end - window.start))


def _leaf(scope: Scope, terms: tuple[Terms, ...], lacking: Bools, why: str) -> Leaf:
    """A modelled flow: unknown where a test wants certified figures, or where the model lacks a term it needs."""
    _modelled_share(scope)
    late = undelivered(scope)
    _, days = _whole(scope)
    unknown = late | (lacking & (days > 0))
    for one in terms:
        unknown[one.asker[np.isnan(one.values(scope.columns)).all(axis=1)]] = True
    return Leaf(terms, unknown, lambda n: not_delivered(scope, n) if late[n] else why)


def _contract_revenue(scope: Scope, text: str | None) -> Leaf:
    book = scope.book
    contracts = book.tables["contract"]
    asker, item = contracts.join(scope.facility)
    days = _days(scope, asker, book.ints["contract.start"][item] - 1, book.ints["contract.end"][item])
    asker, item, days = asker[days > 0], item[days > 0], days[days > 0]

    def where(key: str) -> Find:
        def find(r: int) -> Where:
            f = int(contracts.owner[item[r]])
            return Where(f"facility:{book.ids[f]}", ("contract", int(item[r] - contracts.start[f]), key))

        return find

    factors = (
        Factor("units", column(book.dated["contract.units"].at(item, scope.day[asker])), "unit", where("units")),
        Factor("rate", column(book.dated["contract.rate"].at(item, scope.day[asker])), "money/unit-hour", where("rate")),
        Factor("uptime", column(book.floats["contract.uptime"][item]), "", where("uptime")),
        Factor("hours", column(_hours(scope, asker, days)), "hour"),
    )
    terms = Terms(asker, factors, lambda r: f"{contracts.rows[int(item[r])].customer} ({contracts.rows[int(item[r])].asset})")
    lacking = (contracts.count[scope.facility] == 0) & ~_lets(scope)
    return _leaf(scope, (terms,), lacking, "no contract and no rent series to model the cash from")


def _lets(scope: Scope) -> Bools:
    """Which rows' facilities have a parcel that can be let at a rent mark."""
    parcels = scope.book.tables["collateral"]
    able = np.zeros(len(scope.book.ids), dtype=bool)
    able[parcels.owner[scope.book.ints["collateral.rent"] >= 0]] = True
    return able[scope.facility]


def _merchant_revenue(scope: Scope, text: str | None) -> Leaf:
    book = scope.book
    asker, item = book.tables["collateral"].join(scope.facility)
    let = book.ints["collateral.rent"][item] >= 0
    asker, item = asker[let], item[let]
    units, days = _free_units(scope, asker, item)
    used = (days > 0) & (units != 0).any(axis=1)  # nothing to let: neither rent nor utilisation is needed
    asker, item, units, days = asker[used], item[used], units[used], days[used]
    series = book.ints["collateral.rent"][item]
    utilisation = column(book.dated["collateral.utilisation"].at(item, scope.day[asker])) * scope.moved(scope.state.utilisation, 1.0)[asker]
    rent = own_currency(scope, asker, scope.marks(series, asker))
    factors = (
        Factor("units not under contract", units, "unit", parcel_where(scope, item, "units")),
        Factor("utilisation", utilisation, "", parcel_where(scope, item, "utilisation")),
        Factor("rent", rent, "money/unit-hour", series_where(scope, series, asker)),
        Factor("hours", column(_hours(scope, asker, days)), "hour"),
    )
    terms = Terms(asker, factors, lambda r: book.tables["collateral"].rows[int(item[r])].id)
    return _leaf(scope, (terms,), np.zeros(len(scope), bool), "utilisation, units or rent of a parcel is not given")


def _free_units(scope: Scope, asker: Ints, item: Ints) -> tuple[Floats, Floats]:
    """(average units of each parcel not under contract [R, Q], uncovered days in service [R]).

    Contracts are spread over the parcels of their asset.
    """
    book = scope.book
    days = _days(scope, asker, book.ints["collateral.in_service"][item] - 1, book.ints["collateral.end"][item])
    units = parcel_units(scope, asker, item)
    let, taken = _contracted(scope)
    rows = book.tables["collateral"].rows
    assets = [rows[int(one)].asset for one in item]
    total: dict[tuple[int, str], Floats] = {}
    for r, asset in enumerate(assets):
        key = (int(asker[r]), asset)
        total[key] = total.get(key, np.zeros(scope.columns)) + units[r] * days[r]
    free = np.array(np.broadcast_to(units, (len(item), scope.columns)))
    for r, asset in enumerate(assets):
        key = (int(asker[r]), asset)
        if key in let and days[r] > 0:
            share = np.divide(units[r] * days[r], total[key], out=np.zeros(scope.columns), where=total[key] > 0)
            free[r] = np.maximum(0.0, units[r] - share * taken[let[key]] / days[r])
    return free, days


def _contracted(scope: Scope) -> tuple[dict[tuple[int, str], int], Floats]:
    """Unit-days under contract in the uncovered part of the window, by row and asset."""
    book = scope.book
    asker, item = book.tables["contract"].join(scope.facility)
    days = _days(scope, asker, book.ints["contract.start"][item] - 1, book.ints["contract.end"][item])
    amounts = book.dated["contract.units"].at(item, scope.day[asker]) * days
    place: dict[tuple[int, str], int] = {}
    sums: list[float] = []
    for r in range(len(item)):
        key = (int(asker[r]), book.tables["contract"].rows[int(item[r])].asset)
        if key not in place:
            place[key] = len(sums)
            sums.append(0.0)
        sums[place[key]] += float(np.nan_to_num(amounts[r]))
    return place, np.array(sums)


def _unit_opex(scope: Scope, text: str | None) -> Leaf:
    book = scope.book
    asker, item = book.tables["collateral"].join(scope.facility)
    cost = book.dated["collateral.opex_per_unit_hour"].at(item, scope.day[asker])
    costs = np.array([row.opex_per_unit_hour is not None for row in book.tables["collateral"].rows], dtype=bool)
    kept = costs[item] if len(item) else np.zeros(0, bool)
    given = np.ones(len(scope), dtype=bool)
    given[asker[kept]] = False
    asker, item, cost = asker[kept], item[kept], cost[kept]
    days = _days(scope, asker, book.ints["collateral.in_service"][item] - 1, book.ints["collateral.end"][item])
    asker, item, cost, days = asker[days > 0], item[days > 0], cost[days > 0], days[days > 0]
    factors = (
        Factor("units", parcel_units(scope, asker, item), "unit", parcel_where(scope, item, "units")),
        Factor("cost per hour", column(cost), "money/unit-hour", parcel_where(scope, item, "opex_per_unit_hour")),
        Factor("hours", column(_hours(scope, asker, days)), "hour"),
    )
    lacking = given & np.isnan(book.dated["fixed_opex_per_month"].at(scope.facility, scope.day))
    terms = Terms(asker, factors, lambda r: book.tables["collateral"].rows[int(item[r])].id)
    return _leaf(scope, (terms,), lacking, "no operating cost is given")


def _monthly(name: str, label: str) -> Reader:
    """A cost per month of the project; nothing where the file gives none."""

    def read(scope: Scope, text: str | None) -> Leaf:
        rows, days = _whole(scope)
        window = cast(Window, scope.window)
        months = days / np.maximum(1, window.end - window.start) * window.months * window.scale
        cost = np.nan_to_num(scope.book.dated[name].at(scope.facility, scope.day))
        held = rows[(cost != 0) & (months > 0)]
        factors = (
            Factor("per month", column(cost[held]), "money/month", lambda r: facility_where(scope, "operations", name)(int(held[r]))),
            Factor("months", column(months[held]), "month"),
        )
        return _leaf(scope, (Terms(held, factors, lambda _: label),), np.zeros(len(scope), bool), label)

    return read


READERS: dict[str, Reader] = {
    "contract_revenue": _contract_revenue,
    "merchant_revenue": _merchant_revenue,
    "unit_opex": _unit_opex,
    "fixed_opex": _monthly("fixed_opex_per_month", "fixed operating cost"),
    "modelled_tax": _monthly("tax_per_month", "tax"),
    "modelled_capex": _monthly("maintenance_capex_per_month", "maintenance capital expenditure"),
}

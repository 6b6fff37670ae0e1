"""The model of a project's cash where no report covers: contracts, units let at the mark, costs by the unit and by the month.

A year has 8,760 hours. Contracted units earn their rate times uptime; the units of a parcel that are not under
contract earn the rent mark times utilisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np

from rules.columns import Bools, Floats, Ints, add_up
from rules.curves import years
from rules.primitives.collateral import parcel_units, parcel_where
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column, facility_where, own_currency, series_where
from rules.primitives.reports import covered, covered_whole, not_delivered, undelivered
from rules.scope import Scope, Window

HOURS_PER_MONTH = 730.0


def days_within(scope: Scope, asker: Ints, low: Ints, high: Ints) -> Floats:
    """float64[R]: days of (low, high] in the window, certified or not; where curves run, as months of 730 hours do, months alike."""
    window = cast(Window, scope.window)
    if window.way == "run_rate":  # today's terms held for a year: in force today counts for all of it
        return np.where((low <= scope.day[asker]) & (scope.day[asker] < high), 365.0, 0.0)
    start, end = window.start[asker], window.end[asker]
    if not (scope.looks_ahead or scope.drifts):
        return np.asarray(np.maximum(0.0, np.minimum(high, end) - np.maximum(low, start)))
    turn = start if scope.looks_ahead else np.clip(scope.origin[asker], start, end)
    passed = np.maximum(0.0, np.minimum(high, turn) - np.maximum(low, start))
    inside_years = np.maximum(0.0, years(np.minimum(high, end)) - years(np.maximum(low, turn)))
    whole = years(end) - years(turn)
    return np.asarray(passed + inside_years * np.divide(end - turn, whole, out=np.zeros_like(whole), where=whole > 0))


def rent_marks(scope: Scope, series: Ints, asker: Ints, low: Ints, high: Ints) -> Floats:
    """float64[R, Q]: each mark averaged over the days of (low, high] in the window that no report covers."""
    low, high = inside_window(scope, asker, low, high)
    if not scope.drifts or scope.looks_ahead:
        return scope.marks(series, asker, low, high)
    days, past = modelled_days(scope, asker, low, high), modelled_days(scope, asker, low, np.minimum(high, scope.origin[asker]))
    return scope.marks(series, asker, low, high, np.divide(past, days, out=np.ones_like(days), where=days > 0))


def modelled_days(scope: Scope, asker: Ints, low: Ints, high: Ints) -> Floats:
    """float64[R]: days of (low, high] in the window that no report covers."""
    return np.maximum(0.0, days_within(scope, asker, low, high) - covered(scope, cast(Window, scope.window), asker, low, high))


def _whole(scope: Scope) -> tuple[Ints, Floats]:
    """(row numbers, uncovered days of the whole window)."""
    window = cast(Window, scope.window)
    rows = np.arange(len(scope), dtype=np.int64)
    if window.way == "run_rate":
        return rows, np.full(len(scope), 365.0)
    length = (window.end - window.start).astype(float)
    return rows, np.maximum(0.0, length - covered_whole(scope, window))


def hours_of(scope: Scope, asker: Ints, days: Floats) -> Floats:
    """float64[R]: hours of some days of a window whose months have 730 hours each."""
    window = cast(Window, scope.window)
    length = np.maximum(1, window.end - window.start)[asker]
    hours: Floats = days / length * window.months[asker] * HOURS_PER_MONTH * window.scale[asker]
    return hours


def _modelled_share(scope: Scope) -> None:
    """Note how much of the widest window is modelled, for the report to say."""
    if not scope.modelled:
        _, days = _whole(scope)
        window = cast(Window, scope.window)
        scope.share[:] = np.maximum(scope.share, days / np.maximum(1, window.end - window.start))


def terms_day(scope: Scope, asker: Ints) -> Ints:
    """int64[R]: the day whose terms a flow is made of: the row's own, or the first of a later part of a window ahead."""
    day = scope.day[asker]
    return np.maximum(day, cast(Window, scope.window).start[asker]) if scope.looks_ahead else day


def modelled_leaf(scope: Scope, terms: tuple[Terms, ...], lacking: Bools, why: str) -> Leaf:
    """A modelled flow: unknown where a test wants certified figures, or where the model lacks a term it needs."""
    scope.once("share", lambda: _modelled_share(scope))
    late = undelivered(scope)
    _, days = _whole(scope)
    unknown = late | (lacking & (days > 0))
    for one in terms:
        unknown[one.asker[np.isnan(one.product).all(axis=1)]] = True
    return Leaf(terms, unknown, lambda n: not_delivered(scope, n) if late[n] else why)


def contract_factors(scope: Scope, asker: Ints, item: Ints, days: Floats) -> tuple[Factor, ...]:
    """What contracts pay over some days of the window: units x rate x uptime x hours."""
    units, rate = (column(scope.book.dated[f"contract.{key}"].at(item, terms_day(scope, asker))) for key in ("units", "rate"))
    return (
        Factor("units", units, "unit", contract_where(scope, item, "units")),
        Factor("rate", rate, "money/unit-hour", contract_where(scope, item, "rate")),
        Factor("uptime", column(scope.book.floats["contract.uptime"][item]), "", contract_where(scope, item, "uptime")),
        Factor("hours", column(hours_of(scope, asker, days)), "hour"),
    )


def contract_where(scope: Scope, item: Ints, key: str) -> Find:
    """Where a key of contract r stands."""
    contracts = scope.book.tables["contract"]

    def find(r: int) -> Where:
        f = int(contracts.owner[item[r]])
        return Where(f"facility:{scope.book.ids[f]}", ("contract", int(item[r] - contracts.start[f]), key))

    return find


def contract_name(scope: Scope, item: Ints) -> Callable[[int], str]:
    """What contract r is called."""
    rows = scope.book.tables["contract"].rows
    return lambda r: f"{rows[int(item[r])].customer} ({rows[int(item[r])].asset})"


def _contract_revenue(scope: Scope, text: str | None) -> Leaf:
    book = scope.book
    asker, item = book.tables["contract"].join(scope.facility)
    days = modelled_days(scope, asker, book.ints["contract.start"][item] - 1, book.ints["contract.end"][item])
    asker, item, days = asker[days > 0], item[days > 0], days[days > 0]
    terms = Terms(asker, contract_factors(scope, asker, item, days), contract_name(scope, item))
    lacking = ~book.models[scope.facility]
    return modelled_leaf(scope, (terms,), lacking, "no contract, rent series or fleet to model the cash from")


def _merchant_revenue(scope: Scope, text: str | None) -> Leaf:
    book = scope.book
    asker, item = book.tables["collateral"].join(scope.facility)
    let = book.ints["collateral.rent"][item] >= 0
    asker, item = asker[let], item[let]
    free = _free_units(scope, asker, item)
    used = (free.days > 0) & (free.units != 0).any(axis=1)  # nothing to let: neither rent nor utilisation is needed
    asker, item, days = asker[used], item[used], free.days[used]
    series = book.ints["collateral.rent"][item]
    utilisation = column(book.dated["collateral.utilisation"].at(item, terms_day(scope, asker)))
    rent = own_currency(scope, asker, free.rent[used])
    factors = (
        Factor("units not under contract", free.units[used], "unit", parcel_where(scope, item, "units")),
        Factor("utilisation", utilisation * scope.moved(scope.state.utilisation, 1.0)[asker], "", parcel_where(scope, item, "utilisation")),
        Factor("rent", rent, "money/unit-hour", series_where(scope, series, asker)),
        Factor("hours", column(hours_of(scope, asker, days)), "hour"),
    )
    terms = Terms(asker, factors, lambda r: book.tables["collateral"].rows[int(item[r])].id)
    return modelled_leaf(scope, (terms,), np.zeros(len(scope), bool), "utilisation, units or rent of a parcel is not given")


class _Free(NamedTuple):
    """Parcels by the units they have to let: their average [R, Q], the rent those earn [R, Q], the uncovered days in service [R].

    The rent is the average along the curve over the very unit-days that are free, so that units let from the middle of a
    window on earn what the curve is then.
    """

    units: Floats
    rent: Floats
    days: Floats


def _free_units(scope: Scope, asker: Ints, item: Ints) -> _Free:
    """What is left of each parcel beside the contracts on its asset, which are spread over the parcels of that asset."""
    book = scope.book
    low, high = book.ints["collateral.in_service"][item] - 1, book.ints["collateral.end"][item]
    days, units = modelled_days(scope, asker, low, high), parcel_units(scope, asker, item)
    series = book.ints["collateral.rent"][item]
    mark = rent_marks(scope, series, asker, low, high)
    pair, place = book.tables["let"].join(item)
    row = book.ints["let.contract"][place]
    starts, ends = book.ints["contract.start"][row] - 1, book.ints["contract.end"][row]
    within = np.maximum(starts, low[pair]), np.minimum(ends, high[pair])
    taken = _taken(scope, asker, pair, row, units, modelled_days(scope, asker[pair], *within))
    total = np.broadcast_to(units * column(days), (len(item), scope.columns))
    free = np.maximum(0.0, total - add_up(taken, pair, len(item)))
    average = np.divide(free, column(days), out=np.zeros_like(free), where=column(days) > 0)
    if not scope.drifts:
        return _Free(average, mark, days)
    rent = rent_marks(scope, series[pair], asker[pair], *within)
    earned = total * mark - add_up(np.where(taken == 0, 0.0, taken * rent), pair, len(item))
    whole = np.array(np.broadcast_to(mark, free.shape))
    return _Free(average, np.divide(earned, free, out=whole, where=(free > 0) & (earned > 0)), days)


def inside_window(scope: Scope, asker: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """The part of (low, high] that lies in each row's window."""
    window = cast(Window, scope.window)
    return np.maximum(low, window.start[asker]), np.minimum(high, window.end[asker])


def _taken(scope: Scope, asker: Ints, pair: Ints, row: Ints, units: Floats, days: Floats) -> Floats:
    """float64[M, Q]: unit-days of parcel `pair[m]` that contract `row[m]` takes while both run, `days[m]` of the window.

    Parcels of one asset share a contract in proportion to the unit-days they have for it.
    """
    book = scope.book
    let = np.nan_to_num(book.dated["contract.units"].at(row, terms_day(scope, asker[pair])))
    offered = np.broadcast_to(units[pair] * column(days), (len(pair), scope.columns))
    _, contract = np.unique(asker[pair] * len(book.tables["contract"]) + row, return_inverse=True)
    whole = add_up(offered, contract, len(pair))[contract]
    longest = np.zeros(len(pair))
    np.maximum.at(longest, contract, days)
    share = np.divide(offered, whole, out=np.zeros_like(whole), where=whole > 0)
    return share * column(let * longest[contract])


def _unit_opex(scope: Scope, text: str | None) -> Leaf:
    book = scope.book
    asker, item = book.tables["collateral"].join(scope.facility)
    cost = book.dated["collateral.opex_per_unit_hour"].at(item, terms_day(scope, asker))
    costs = np.array([row.opex_per_unit_hour is not None for row in book.tables["collateral"].rows], dtype=bool)
    kept = costs[item] if len(item) else np.zeros(0, bool)
    given = np.ones(len(scope), dtype=bool)
    given[asker[kept]] = False
    asker, item, cost = asker[kept], item[kept], cost[kept]
    days = modelled_days(scope, asker, book.ints["collateral.in_service"][item] - 1, book.ints["collateral.end"][item])
    asker, item, cost, days = asker[days > 0], item[days > 0], cost[days > 0], days[days > 0]
    factors = (
        Factor("units", parcel_units(scope, asker, item), "unit", parcel_where(scope, item, "units")),
        Factor("cost per hour", column(cost), "money/unit-hour", parcel_where(scope, item, "opex_per_unit_hour")),
        Factor("hours", column(hours_of(scope, asker, days)), "hour"),
    )
    told = ~np.isnan(book.dated["fixed_opex_per_month"].at(scope.facility, scope.day)) | (book.tables["fleet"].count[scope.facility] > 0)
    lacking = given & ~told
    terms = Terms(asker, factors, lambda r: book.tables["collateral"].rows[int(item[r])].id)
    return modelled_leaf(scope, (terms,), lacking, "no operating cost is given")


def _monthly(name: str, label: str) -> Reader:
    """A cost per month of the project; nothing where the file gives none."""

    def read(scope: Scope, text: str | None) -> Leaf:
        rows, days = _whole(scope)
        window = cast(Window, scope.window)
        months = days / np.maximum(1, window.end - window.start) * window.months * window.scale
        cost = np.nan_to_num(scope.book.dated[name].at(scope.facility, terms_day(scope, rows)))
        held = rows[(cost != 0) & (months > 0)]
        factors = (
            Factor("per month", column(cost[held]), "money/month", lambda r: facility_where(scope, "operations", name)(int(held[r]))),
            Factor("months", column(months[held]), "month"),
        )
        return modelled_leaf(scope, (Terms(held, factors, lambda _: label),), np.zeros(len(scope), bool), label)

    return read


READERS: dict[str, Reader] = {
    "contract_revenue": _contract_revenue,
    "merchant_revenue": _merchant_revenue,
    "unit_opex": _unit_opex,
    "fixed_opex": _monthly("fixed_opex_per_month", "fixed operating cost"),
    "modelled_tax": _monthly("tax_per_month", "tax"),
    "modelled_capex": _monthly("maintenance_capex_per_month", "maintenance capital expenditure"),
}

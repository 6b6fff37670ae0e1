"""What stands behind loans on some days: the parcels that could be sold, what comes before them, and the interest that runs meanwhile."""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import Collateral, Liquidity
from monitor.assess import Picture
from monitor.marks.curves import curves_of
from rules.columns import Floats, Ints
from rules.curves import Curve
from rules.primitives.balances import leg_outstanding, legs
from rules.primitives.collateral import parcel_units
from rules.primitives.leaf import own_currency
from rules.primitives.owed import owed_by
from rules.primitives.rates import cash_rate
from rules.scope import Rows, Scope, open_scope
from rules.worlds import Worlds

RATE_DAYS = 90
"""The rate a loan pays over the coming quarter is charged while the sale waits."""
NO_RATE = "its rate is not known: no interest is added while the sale waits"


class Lot(NamedTuple):
    """One parcel ready to be sold: its facility, row, units and price in the facility's currency, with `fx` of that for a dollar."""

    facility: int
    item: int
    row: Collateral
    units: float
    price: float
    fx: float
    series: int
    curve: Curve | None


class Behind(msgspec.Struct, frozen=True):
    """One loan on one day: its lots, or why they cannot be sold; claims that come first; the rate a year (None: not known) and the
    default margin that run on what is owed while a sale waits.
    """

    lots: list[Lot] | str
    prior: float
    rate: float | None
    margin: float

    @property
    def notes(self) -> list[str]:
        """What is missing without making the rest unknown."""
        return [] if self.rate is not None else [NO_RATE]


def markets_of(picture: Picture) -> dict[str, Liquidity]:
    """The first `[[liquidity]]` of each asset."""
    file, found = picture.session.desk.file, dict[str, Liquidity]()
    for one in file.liquidity if file else []:
        found.setdefault(one.asset, one)
    return found


def scope_of(picture: Picture, worlds: Worlds, facility: Ints, instant: Ints) -> Scope:
    """A scope over facilities at instants of some worlds; a missing mark is unknown."""
    none = np.full(len(facility), -1, dtype=np.int64)
    day = worlds.days(picture.book.zone)[0]
    made = open_scope(picture.book, worlds, Rows(none, instant, day[instant], np.zeros_like(none)), picture.state, facility=facility)
    made.assumed = False
    return made


def behind(picture: Picture, scope: Scope) -> list[Behind]:
    """What stands behind the facility of each row."""
    lots, prior, (rate, margin) = _lots(picture, scope), _prior(picture, scope), _interest(picture, scope)
    return [
        Behind(mine, float(prior[n]), None if math.isnan(rate[n]) else float(rate[n]), float(margin[n])) for n, mine in enumerate(lots)
    ]


def _lots(picture: Picture, scope: Scope) -> list[list[Lot] | str]:
    table, terms, file = picture.book.tables["collateral"], markets_of(picture), picture.session.desk.file
    curves = curves_of(picture.book.series.names, file.curve if file else [])
    asker, item = table.join(scope.facility)
    units = parcel_units(scope, asker, item)[:, 0]
    series = priced_by(picture, scope, asker, item)
    dollars = scope.marks(series, asker)[:, 0]
    rate = own_currency(scope, asker, np.ones((len(asker), 1)))[:, 0]
    price = dollars * rate
    found: list[list[Lot] | str] = [[] for _ in range(len(scope))]
    for at, (n, place) in enumerate(zip(asker.tolist(), item.tolist(), strict=True)):
        row, held = table.rows[place], found[n]
        lacks = _lacks(terms.get(row.asset), row, float(units[at]), float(price[at]))
        if isinstance(held, str):
            continue
        if lacks:
            found[n] = f"{row.id}: {lacks}"
            continue
        k = int(series[at])
        held.append(Lot(int(scope.facility[n]), place, row, float(units[at]), float(price[at]), float(rate[at]), k, curves[k]))
    return [one or "no collateral is described" for one in found]


def priced_by(picture: Picture, scope: Scope, asker: Ints, item: Ints) -> Ints:
    """The mark of each parcel's price, and its appraisal where that has no print."""
    price, appraisal = (picture.book.ints[f"collateral.{name}"][item] for name in ("price", "appraisal"))
    lacking = np.isnan(scope.marks(price, asker)[:, 0])
    return np.where(lacking & (appraisal >= 0), appraisal, price)


def _lacks(terms: Liquidity | None, row: Collateral, units: float, price: float) -> str | None:
    if row.value is not None:
        return "a stated value, no units that a market could take"
    if math.isnan(units):
        return "the units pledged are not public or not known on that day"
    if math.isnan(price):
        return f"no usable mark of {row.price or row.asset + '.price'}"
    if price < 0:
        return f"a price of {price:g} is no price to sell at"
    if terms is None or terms.units_per_day is None:
        return f"no [[liquidity]] of {row.asset} says how many units a day its market absorbs"
    if terms.units_per_day == 0 or terms.participation == 0:
        return f"the market of {row.asset} absorbs nothing: it is never sold"
    return None


def _prior(picture: Picture, scope: Scope) -> Floats:
    """float64[N]: senior liens, as far as they are known, and recorded encumbrances on the asset."""
    seniors, found = picture.book.tables["senior"], np.zeros(len(scope))
    asker, item = seniors.join(scope.facility)
    ahead = np.array([seniors.rows[n] for n in item.tolist()], dtype=np.int64)
    np.add.at(found, asker, np.nan_to_num(owed_by(scope, asker, ahead)[:, 0]))
    for n, f in enumerate(scope.facility.tolist()):
        claims = [one.amount for one in picture.book.terms[f].encumbrance if one.on == "asset"]
        found[n] += sum(float(one) for one in claims if one is not None and not isinstance(one, list))
    return found


def _interest(picture: Picture, scope: Scope) -> tuple[Floats, Floats]:
    """(rate a year, default margin) float64[N] each: what the debt accrues while a sale waits, tranches weighed by what they owe."""
    asker, leg = legs(scope, scope.facility)
    balance = leg_outstanding(scope, leg, scope.day[asker], scope.known[asker])
    span: tuple[Ints, Ints] = (scope.day[asker], scope.day[asker] + RATE_DAYS)
    rates = cash_rate(scope, asker, leg, span, balance[:, None])[:, 0]
    whole, count = np.bincount(asker, balance, len(scope)), np.bincount(asker, minlength=len(scope))
    weight = np.where(whole[asker] > 0, balance / np.where(whole > 0, whole, 1.0)[asker], 1 / np.maximum(1, count)[asker])
    interest = [picture.book.tables["leg"].rows[one].terms.interest for one in leg.tolist()]
    margins = np.array([float(one.default_margin_bp or 0) if one is not None else 0.0 for one in interest])
    rate, margin = np.zeros(len(scope)), np.zeros(len(scope))
    np.add.at(rate, asker, rates * weight)
    np.add.at(margin, asker, margins / 10_000 * weight)
    return rate, margin

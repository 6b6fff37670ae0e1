"""From a picture of the desk to what a forced sale of some facilities' collateral would bring, each input with its place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import Collateral, Liquidity
from monitor.assess import Picture
from monitor.liquidate.answer import SCHEMA, Answer, LotPart, PlanPart, SalePart
from monitor.liquidate.leaves import leaves_of
from monitor.liquidate.overhang import overhang_of
from monitor.marks.curves import curves_of
from monitor.report.words import iso
from rules.columns import Ints
from rules.curves import Curve
from rules.liquidation import Method, Sale, market_of, plan_of, sell, takers
from rules.primitives.collateral import parcel_units
from rules.primitives.leaf import own_currency
from rules.primitives.owed import leg_outstanding, legs, outstanding_on, owed
from rules.primitives.rates import cash_rate
from rules.scope import Scope, facility_rows, open_scope

RATE_DAYS = 90
"""The rate a loan pays over the coming quarter is charged while the sale waits."""


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


def liquidation(
    picture: Picture, wanted: Sequence[int], *, together: bool = False, method: Method | None = None, within: float | None = None
) -> Answer:
    """The sale of some facilities (places in the book), each alone or all `together` into the markets they share."""
    desk = Desk(picture, method, within)
    groups = [list(wanted)] if together else [[f] for f in wanted]
    sold = [part for group in groups for part in desk.sale(group)]
    assets = dict.fromkeys(lot.asset for part in sold for lot in part.lots)
    return Answer(
        schema=SCHEMA, as_of=iso(picture.as_of), known_at=iso(picture.known_at), together=together and len(wanted) > 1, method=method,
        within_days=within, facilities=sold, overhang=[overhang_of(picture, asset, desk.terms.get(asset)) for asset in assets],
    )  # fmt: skip


def secured(picture: Picture) -> list[int]:
    """The loans of ours that stand on units of something and are not known to be repaid."""
    book, every = picture.book, np.arange(len(picture.book.ids), dtype=np.int64)
    scope = open_scope(book, picture.now, facility_rows(book, picture.now, every), picture.state, facility=every)
    debt = owed(scope)[:, 0]
    mine = [terms.facility.ours and any(row.units is not None for row in terms.collateral) for terms in book.terms]
    return [f for f, one in enumerate(mine) if one and debt[f] != 0]


class Desk:
    """The desk's assumptions, and the sales they make."""

    def __init__(self, picture: Picture, method: Method | None = None, within: float | None = None) -> None:
        self.picture, self.book, self.method, self.within = picture, picture.book, method, within
        file = picture.session.desk.file
        self.terms: dict[str, Liquidity] = {}
        for one in file.liquidity if file else []:
            self.terms.setdefault(one.asset, one)
        self.curves = curves_of(self.book.series.names, file.curve if file else [])

    def sale(self, group: Sequence[int]) -> list[SalePart]:
        """The parts of facilities that are sold at the same time."""
        lots = {f: self.lots(f) for f in group}
        every = [lot for held in lots.values() if not isinstance(held, str) for lot in held]
        taken = self.taken(every)
        return [self._part(f, held, every, taken) for f, held in lots.items()]

    def lots(self, f: int) -> list[Lot] | str:
        """The parcels of one facility, or why they cannot be sold."""
        scope = self.scope(f)
        table = self.book.tables["collateral"]
        asker, item = table.join(scope.facility)
        if not len(item):
            return "no collateral is described"
        units = parcel_units(scope, asker, item)[:, 0]
        series = self.series(scope, asker, item)
        dollars = scope.marks(series, asker)[:, 0]
        price = own_currency(scope, asker, dollars[:, None])[:, 0]
        found = []
        for at, n in enumerate(item.tolist()):
            row: Collateral = table.rows[n]
            lacks = self._lacks(row, float(units[at]), float(price[at]))
            if lacks:
                return f"{row.id}: {lacks}"
            k = int(series[at])
            found.append(Lot(f, n, row, float(units[at]), float(price[at]), float(price[at] / dollars[at]), k, self.curves[k]))
        return found

    def series(self, scope: Scope, asker: Ints, item: Ints) -> Ints:
        """The mark of each parcel's price, and its appraisal where that has no print."""
        price, appraisal = (self.book.ints[f"collateral.{name}"][item] for name in ("price", "appraisal"))
        lacking = np.isnan(scope.marks(price, asker)[:, 0])
        return np.where(lacking & (appraisal >= 0), appraisal, price)

    def _lacks(self, row: Collateral, units: float, price: float) -> str | None:
        terms = self.terms.get(row.asset)
        if row.value is not None:
            return "a stated value, no units that a market could take"
        if math.isnan(units):
            return "the units pledged are not public or not known on that day"
        if math.isnan(price):
            return f"no usable mark of {row.price or row.asset + '.price'}"
        if price <= 0:
            return f"a price of {price:g} is no price to sell at"
        if terms is None or terms.units_per_day is None:
            return f"no [[liquidity]] of {row.asset} says how many units a day its market absorbs"
        if terms.units_per_day == 0 or terms.participation == 0:
            return f"the market of {row.asset} absorbs nothing: it is never sold"
        return None

    def scope(self, f: int) -> Scope:
        """A scope over one facility at the as-of."""
        mine = np.array([f], dtype=np.int64)
        made = open_scope(self.book, self.picture.now, facility_rows(self.book, self.picture.now, mine), self.picture.state, facility=mine)
        made.assumed = False
        return made

    def taken(self, lots: Sequence[Lot]) -> dict[int, float]:
        """Units of each parcel that buyers can take, all lots of an asset asking the same buyers."""
        found: dict[int, float] = {}
        for asset in dict.fromkeys(lot.row.asset for lot in lots):
            mine = {str(lot.item): (lot.row, lot.units) for lot in lots if lot.row.asset == asset}
            found |= {int(name): units for name, units in takers(self.terms[asset], mine).items()}
        return found

    def sold(self, lot: Lot, beside: float, taken: float, end: str | None = None) -> Sale:
        """One lot sold under the middle assumptions, or those of the `low` or `high` end."""
        terms = self.terms[lot.row.asset]
        market = market_of(terms, getattr(terms, end) if end else None)
        made = sell(
            market, lot.units, taken, beside, np.array([lot.price / lot.fx]), lot.curve, self._day(), method=self.method, within=self.within
        )
        assert made is not None  # an absorption of nothing is a reason not to come here
        return made

    def _day(self) -> int:
        return int(self.scope(0).day[0])

    def _part(self, f: int, lots: list[Lot] | str, every: Sequence[Lot], taken: dict[int, float]) -> SalePart:
        terms, scope = self.book.terms[f].facility, self.scope(f)
        debt = float(owed(scope)[0, 0])
        rate, margin, notes = self.interest(scope)
        bare = SalePart(
            id=terms.id, name=terms.name, currency=terms.currency, owed=_known(debt), rate=rate, default_margin=margin,
            prior=self.prior(scope, f), notes=notes,
        )  # fmt: skip
        reason = lots if isinstance(lots, str) else "what is owed is not known" if math.isnan(debt) else self._no_method(lots)
        if isinstance(lots, str) or reason is not None:
            return msgspec.structs.replace(bare, reason=reason)
        return self._sold(bare, debt, lots, {lot.item: _beside(lot, every, taken) for lot in lots}, taken)

    def _sold(self, bare: SalePart, debt: float, lots: list[Lot], beside: dict[int, float], taken: dict[int, float]) -> SalePart:
        """The part of one facility with what its lots bring in the middle and at both ends."""
        sales = {end: [self.sold(lot, beside[lot.item], taken[lot.item], end) for lot in lots] for end in (None, "low", "high")}
        net = {end: self._net(lots, made) - bare.prior for end, made in sales.items()}
        middle, middling = net[None], sales[None]
        value = sum(lot.units * lot.price for lot in lots)
        at_sale = debt * (1 + ((bare.rate or 0.0) + bare.default_margin) * max(one.wait for one in middling) / 360)
        ranged = self._ranged(lots)
        return msgspec.structs.replace(
            bare, debt_at_sale=at_sale, value=value, ltv=debt / value, days=max(one.days for one in middling),
            enforcement_days=max(float(self.terms[lot.row.asset].enforcement_days) for lot in lots), recovery=middle,
            low=net["low"] if ranged else None, high=net["high"] if ranged else None,
            recovered=min(1.0, max(0.0, middle / at_sale)) if at_sale > 0 else None,
            ltv_liq=at_sale / middle if middle > 0 else None, ltv_critical=max(0.0, middle) / value,
            lots=[self._lot(lot, one, beside[lot.item], n == 0) for n, (lot, one) in enumerate(zip(lots, middling, strict=True))],
            notes=[*bare.notes, *self._notes(lots, middling, taken, middle)],
        )  # fmt: skip

    def _no_method(self, lots: Sequence[Lot]) -> str | None:
        """What the desk does not give of the way asked for to price a sale."""
        for lot in lots:
            market = market_of(self.terms[lot.row.asset])
            if self.method == "sqrt" and (market.impact is None or market.volatility is None):
                return f"[[liquidity]] of {lot.row.asset} gives no impact_coefficient and daily_volatility"
            if self.method == "almgren" and (market.linear is None or market.volatility is None):
                return f"[[liquidity]] of {lot.row.asset} gives no permanent_impact, temporary_impact and daily_volatility"
        return None

    def _net(self, lots: Sequence[Lot], sales: Sequence[Sale]) -> float:
        """What all lots bring; the security is enforced once."""
        again = sum(one.enforcement * lot.fx for lot, one in zip(lots[1:], sales[1:], strict=True))
        return sum(float(one.net[0]) * lot.fx for lot, one in zip(lots, sales, strict=True)) + again

    def _ranged(self, lots: Sequence[Lot]) -> bool:
        return all(self.terms[lot.row.asset].low and self.terms[lot.row.asset].high for lot in lots)

    def interest(self, scope: Scope) -> tuple[float | None, float, list[str]]:
        """(rate a year, default margin, notes): what the debt accrues while the sale waits."""
        asker, leg = legs(scope, scope.facility)
        balance = leg_outstanding(scope, leg, scope.day[asker], scope.known[asker])
        span: tuple[Ints, Ints] = (scope.day[asker], scope.day[asker] + RATE_DAYS)
        rates = cash_rate(scope, asker, leg, span, balance[:, None])[:, 0]
        weight = balance / balance.sum() if balance.sum() > 0 else np.full(len(leg), 1 / max(1, len(leg)))
        rate = _known(float((rates * weight).sum()))
        margins = [self._margin(one) for one in leg.tolist()]
        notes = [] if rate is not None else ["its rate is not known: no interest is added while the sale waits"]
        return rate, float((np.array(margins) * weight).sum()) / 10_000, notes

    def _margin(self, leg: int) -> float:
        interest = self.book.tables["leg"].rows[leg].terms.interest
        return float(interest.default_margin_bp or 0) if interest is not None else 0.0

    def prior(self, scope: Scope, f: int) -> float:
        """Claims on the collateral that come first: senior liens and recorded encumbrances on the asset."""
        seniors = self.book.tables["senior"]
        _, item = seniors.join(scope.facility)
        ahead = np.array([seniors.rows[n] for n in item.tolist()], dtype=np.int64)
        debts = outstanding_on(scope, ahead, np.repeat(scope.day, len(ahead)), np.repeat(scope.known, len(ahead)))
        claims = [one.amount for one in self.book.terms[f].encumbrance if one.on == "asset"]
        stated = [float(one) for one in claims if one is not None and not isinstance(one, list)]
        return float(np.nansum(debts)) + sum(stated)

    def _notes(self, lots: Sequence[Lot], sales: Sequence[Sale], taken: dict[int, float], net: float) -> list[str]:
        found = []
        for lot, one in zip(lots, sales, strict=True):
            sold = float(one.gross[0] / (lot.price / lot.fx))
            if lot.series != self.book.ints["collateral.price"][lot.item]:
                found.append(f"{lot.row.id}: no mark of its price; its appraisal stands in")
            if taken[lot.item] < lot.units - 0.5:
                found.append(f"{lot.row.id}: buyers can power and cool {taken[lot.item]:,.0f} of {lot.units:,.0f}; the rest is scrap")
            if sold < taken[lot.item] - 0.5:
                found.append(f"{lot.row.id}: the market absorbs {sold:,.0f} of {taken[lot.item]:,.0f} within {self.within:g} days")
        return [*found, "waiting and prior claims take all of it"] if net <= 0 else found

    def _lot(self, lot: Lot, one: Sale, beside: float, first: bool) -> LotPart:
        terms, fx = self.terms[lot.row.asset], lot.fx
        market = market_of(terms)
        sold = float(one.gross[0]) / (lot.price / fx)
        money = {name: float(getattr(one, name)[0]) * fx for name in ("gross", "decayed", "discount", "fees", "scrap", "net")}
        enforcement = one.enforcement * fx if first else 0.0
        money["net"] += 0.0 if first else one.enforcement * fx
        plan = plan_of(market, sold + beside, one.days, lot.price / fx) if self.method == "almgren" else None
        return LotPart(
            parcel=lot.row.id, asset=lot.row.asset, unit=lot.row.unit, units=lot.units, sold=sold, beside=beside, price=lot.price,
            days=one.days, enforcement_days=market.enforcement_days, method=self.method or market.method,
            haircut=one.haircut, kept=one.kept,
            hosting=one.hosting * fx, liens=one.liens * fx, enforcement=enforcement, **money,
            plan=PlanPart(cost=plan.cost, variance=plan.variance, utility=plan.utility, half_life=plan.half_life) if plan else None,
            leaves=leaves_of(self.picture, lot.item, lot.series, terms),
        )  # fmt: skip


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _beside(lot: Lot, every: Sequence[Lot], taken: dict[int, float]) -> float:
    return sum(taken[other.item] for other in every if other.row.asset == lot.row.asset and other is not lot)

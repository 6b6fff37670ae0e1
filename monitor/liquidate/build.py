"""From a picture of the desk to what a forced sale of some facilities' collateral would bring, each input with its place."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from monitor.assess import Picture
from monitor.liquidate.answer import SCHEMA, Answer, LotPart, PlanPart, SalePart
from monitor.liquidate.behind import Behind, Lot, behind, markets_of, scope_of
from monitor.liquidate.leaves import leaves_of
from monitor.liquidate.overhang import overhang_of
from monitor.report.words import iso
from rules.judge import UNSETTLED
from rules.life.tasks import not_told_repaid
from rules.liquidation import Method, Sale, market_of, plan_of, sell
from rules.primitives.owed import owed
from rules.recovery import taken_of
from rules.scope import facility_rows, open_scope


def liquidation(
    picture: Picture, wanted: Sequence[int], *, together: bool = False, method: Method | None = None, within: float | None = None
) -> Answer:
    """The sale of some facilities (places in the book), each alone or all `together` into the markets they share."""
    desk = _Desk(picture, method, within)
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
    late = not_told_repaid(picture.tasks)
    return [f for f, one in enumerate(mine) if one and (debt[f] != 0 or book.ids[f] in late)]


class _Desk:
    """The desk's assumptions, and the sales they make."""

    def __init__(self, picture: Picture, method: Method | None, within: float | None) -> None:
        self.picture, self.book, self.method, self.within = picture, picture.book, method, within
        self.terms, self.unpaid = markets_of(picture), not_told_repaid(picture.tasks)

    def sale(self, group: Sequence[int]) -> list[SalePart]:
        """The parts of facilities that are sold at the same time."""
        mine = np.array(group, dtype=np.int64)
        scope = scope_of(self.picture, self.picture.now, mine, np.zeros_like(mine))
        debts, found = owed(scope)[:, 0], behind(self.picture, scope)
        every = [lot for one in found if not isinstance(one.lots, str) for lot in one.lots]
        taken = taken_of(every, self.terms)
        return [self._part(f, float(debt), one, every, taken) for f, debt, one in zip(group, debts, found, strict=True)]

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
        return int(self.picture.now.days(self.book.zone)[0][0])

    def _part(self, f: int, debt: float, one: Behind, every: Sequence[Lot], taken: dict[int, float]) -> SalePart:
        terms, lots = self.book.terms[f].facility, one.lots
        debt = math.nan if terms.id in self.unpaid else debt
        bare = SalePart(
            id=terms.id, name=terms.name, currency=terms.currency, owed=_known(debt), rate=one.rate, default_margin=one.margin,
            prior=one.prior, notes=one.notes,
        )  # fmt: skip
        reason = lots if isinstance(lots, str) else self._unknown(terms.id) if math.isnan(debt) else self._no_method(lots)
        if isinstance(lots, str) or reason is not None:
            return msgspec.structs.replace(bare, reason=reason)
        return self._sold(bare, debt, lots, {lot.item: _beside(lot, every, taken) for lot in lots}, taken)

    def _unknown(self, identity: str) -> str:
        return f"it cannot be judged: {UNSETTLED}" if identity in self.unpaid else "what is owed is not known"

    def _sold(self, bare: SalePart, debt: float, lots: list[Lot], beside: dict[int, float], taken: dict[int, float]) -> SalePart:
        """The part of one facility with what its lots bring in the middle and at both ends."""
        sales = {end: [self.sold(lot, beside[lot.item], taken[lot.item], end) for lot in lots] for end in (None, "low", "high")}
        net = {end: self._net(lots, made) - bare.prior for end, made in sales.items()}
        middle, middling = net[None], sales[None]
        value = sum(lot.units * lot.price for lot in lots)
        interest = ((bare.rate or 0.0) + bare.default_margin) / 360
        dues = {end: debt * (1 + interest * max(one.wait for one in made)) for end, made in sales.items()}
        at_sale, ranged = dues[None], self._ranged(lots)
        short = [end for end in (None, "low", "high") if net[end] < dues[end] and (end is None or ranged)]
        return msgspec.structs.replace(
            bare, debt_at_sale=at_sale, value=value, ltv=debt / value if value > 0 else None, days=max(one.days for one in middling),
            enforcement_days=max(float(self.terms[lot.row.asset].enforcement_days) for lot in lots), recovery=middle,
            low=net["low"] if ranged else None, high=net["high"] if ranged else None,
            recovered=min(1.0, max(0.0, middle / at_sale)) if at_sale > 0 else None,
            ltv_liq=at_sale / middle if middle > 0 else None, ltv_critical=max(0.0, middle) / value if value > 0 else None,
            outcome="loss" if None in short else "may_pay" if short else "pays",
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
        """Whether the desk gives an end of the range of anything sold; what lacks one counts as in the middle."""
        return any(self.terms[lot.row.asset].low or self.terms[lot.row.asset].high for lot in lots)

    def _notes(self, lots: Sequence[Lot], sales: Sequence[Sale], taken: dict[int, float], net: float) -> list[str]:
        found = []
        for lot, one in zip(lots, sales, strict=True):
            sold = _sold(lot, one)
            if lot.series != self.book.ints["collateral.price"][lot.item]:
                found.append(f"{lot.row.id}: no mark of its price; its appraisal stands in")
            if taken[lot.item] < lot.units - 0.5:
                found.append(f"{lot.row.id}: buyers can power and cool {taken[lot.item]:,.0f} of {lot.units:,.0f}; the rest is scrap")
            if lot.price and sold < taken[lot.item] - 0.5:
                found.append(f"{lot.row.id}: the market absorbs {sold:,.0f} of {taken[lot.item]:,.0f} within {self.within:g} days")
        if net > 0:
            return found
        priced = any(lot.price for lot in lots)
        return [*found, "waiting and prior claims take all of it" if priced else "a price of nothing brings nothing"]

    def _lot(self, lot: Lot, one: Sale, beside: float, first: bool) -> LotPart:
        terms, fx = self.terms[lot.row.asset], lot.fx
        market = market_of(terms)
        sold = _sold(lot, one)
        money = {name: float(getattr(one, name)[0]) * fx for name in ("gross", "decayed", "discount", "fees", "scrap", "net")}
        enforcement = one.enforcement * fx if first else 0.0
        money["net"] += 0.0 if first else one.enforcement * fx
        plan = plan_of(market, sold + beside, one.days, lot.price / fx) if self.method == "almgren" and lot.price else None
        return LotPart(
            parcel=lot.row.id, asset=lot.row.asset, unit=lot.row.unit, units=lot.units, sold=sold, beside=beside, price=lot.price,
            days=one.days, enforcement_days=market.enforcement_days, method=self.method or market.method,
            haircut=one.haircut, kept=one.kept,
            hosting=one.hosting * fx, liens=one.liens * fx, enforcement=enforcement, **money,
            plan=PlanPart(cost=plan.cost, variance=plan.variance, utility=plan.utility, half_life=plan.half_life) if plan else None,
            leaves=leaves_of(self.picture, lot.item, lot.series, terms),
        )  # fmt: skip


def _sold(lot: Lot, one: Sale) -> float:
    """Units sold; none at a price of nothing."""
    return float(one.gross[0]) / (lot.price / lot.fx) if lot.price else 0.0


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _beside(lot: Lot, every: Sequence[Lot], taken: dict[int, float]) -> float:
    return sum(taken[other.item] for other in every if other.row.asset == lot.row.asset and other is not lot)

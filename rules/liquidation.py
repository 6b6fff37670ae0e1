"""What collateral brings when it must be sold: the wait, the price a forced sale gets, and what is left after every prior claim.

R = N P exp(-delta (T_legal + T/2)) (1 - haircut)(1 - fee) - hosting (T_legal + T/2) - host liens - enforcement, with delta the continuous
decay of the price's curve and T = N / (participation x units a day). Sellers of one asset share one market: T is that of all their
units. Every figure but units and price is an assumption of the desk.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from facilities.model import Collateral, Liquidity, LiquidityCase
from rules.columns import Floats
from rules.curves import Curve

YEAR = 365.0
MONTH = 365.0 / 12
ASSUMED_STEPS = ((180.0, 1.00), (90.0, 0.85), (30.0, 0.65), (7.0, 0.45))
"""One public valuator's part of the price by the days a sale takes; a desk's own `step` table comes first."""

Method = Literal["steps", "flat", "sqrt", "almgren"]


class Market(msgspec.Struct, frozen=True):
    """One asset's market as the desk assumes it: units and days plain, money in the currency of the price, the rest fractions."""

    asset: str
    absorbed: float | None
    sale_cost: float = 0.0
    fee: float = 0.0
    enforcement_days: float = 0.0
    enforcement_cost: float = 0.0
    hosting: float = 0.0
    host_lien: float = 0.0
    scrap: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()
    impact: float | None = None
    volatility: float | None = None
    volume: float | None = None
    price_factor: float = 1.0
    decay: float | None = None
    linear: tuple[float, float, float, float] | None = None

    @property
    def method(self) -> Method:
        """How the price of a sale is found unless asked otherwise: by the step table where there is one."""
        return "steps" if self.steps else "flat"


def market_of(terms: Liquidity, case: LiquidityCase | None = None) -> Market:
    """The market of `[[liquidity]]`; `case` replaces what one end of its range names."""
    changed = case or LiquidityCase()
    volume = _first(changed.units_per_day, terms.units_per_day)
    share = _first(changed.participation, terms.participation)
    per_day = _first(terms.hosting_per_unit_day)
    if per_day is None:
        per_day = float(terms.hosting_per_kw_month or 0) * float(terms.kw_per_unit or 0) / MONTH
    return Market(
        terms.asset, None if volume is None else volume * (1.0 if share is None else share),
        _first(changed.sale_cost, terms.sale_cost) or 0.0, float(terms.fee),
        _first(changed.enforcement_days, terms.enforcement_days) or 0.0,
        float(terms.enforcement_cost), per_day, float(terms.host_lien_per_unit), float(terms.scrap_pct),
        tuple(sorted(((float(one.days), float(one.factor)) for one in terms.step), reverse=True)),
        _first(terms.impact_coefficient), _first(terms.daily_volatility), volume, float(changed.price_factor),
        _first(changed.annual_decay), _linear(terms),
    )  # fmt: skip


def _linear(terms: Liquidity) -> tuple[float, float, float, float] | None:
    """(epsilon, gamma, eta, lambda) of Almgren and Chriss, None where an impact is not given."""
    if terms.permanent_impact is None or terms.temporary_impact is None:
        return None
    return float(terms.half_spread or 0), float(terms.permanent_impact), float(terms.temporary_impact), float(terms.risk_aversion)


def _first(*values: object) -> float | None:
    return next((float(one) for one in values if one is not None), None)  # type: ignore[arg-type]


def takers(terms: Liquidity, parcels: Mapping[str, tuple[Collateral, float]]) -> dict[str, float]:
    """Units of each parcel that some buyer can power and cool: each buyer's units shared by those that fit, in proportion.

    Without a `buyer` table anybody can. A parcel that does not say how it is cooled or powered fits no buyer that has that limit.
    """
    if not terms.buyer:
        return {name: units for name, (_, units) in parcels.items()}
    left = {name: units for name, (_, units) in parcels.items()}
    for buyer in terms.buyer:
        fits = [name for name, (row, _) in parcels.items() if _fits(row, buyer.cooling, buyer.max_kw_per_rack) and left[name] > 0]
        wanted = sum(left[name] for name in fits)
        part = min(1.0, float(buyer.units) / wanted) if wanted > 0 else 0.0
        for name in fits:
            left[name] *= 1.0 - part
    return {name: units - left[name] for name, (_, units) in parcels.items()}


def _fits(row: Collateral, cooling: list[Literal["air", "liquid", "immersion"]], most: object) -> bool:
    cools = not cooling or row.cooling in cooling
    return cools and (most is None or (row.kw_per_rack is not None and row.kw_per_rack <= most))  # type: ignore[operator]


class Sale(NamedTuple):
    """What a sale of one lot brings, float64[Q] over prices; days and fractions plain.

    `gross` is units sold at today's price; `decayed`, `discount` and `fees` are what waiting, the forced sale and the seller's fee take
    off it, `scrap` what units nobody takes bring, and `hosting`, `liens`, `enforcement` the claims paid first. `net` may be below nothing.
    """

    days: float
    wait: float
    kept: float
    haircut: float
    gross: Floats
    decayed: Floats
    discount: Floats
    fees: Floats
    scrap: Floats
    hosting: float
    liens: float
    enforcement: float
    net: Floats


def sell(
    market: Market, units: float, taken: float, sold_beside: float, price: Floats, curve: Curve | None, day: int, *,
    method: Method | None = None, within: float | None = None,
) -> Sale | None:  # fmt: skip
    """The sale of `taken` of `units` while `sold_beside` other units of the asset are sold too, from `day` (an ordinal) on.

    Slower sales bring more by the step table and cost more to wait for: the one that brings most on average is taken. None where the
    market absorbs nothing or is not described.
    """
    tried = ways(market, units, taken, sold_beside, price, curve, day, method=method, within=within)
    return max(tried, key=lambda one: float(np.mean(one.net)), default=None)


def ways(
    market: Market, units: float, taken: float, sold_beside: float, price: Floats, curve: Curve | None, day: int, *,
    method: Method | None = None, within: float | None = None,
) -> list[Sale]:  # fmt: skip
    """The sales a seller can choose from: as fast as the market absorbs, and each slower step of the table; none without a market.

    One that must end `within` so many days is the only one, and then what the market cannot absorb by then goes for scrap.
    """
    if market.absorbed is None or market.absorbed <= 0:
        return []
    how = method or market.method
    total = taken + sold_beside
    needed = total / market.absorbed
    if within is not None:
        share = min(1.0, within / needed) if needed > 0 else 1.0
        return [_sold(market, units, taken * share, total * share, price, curve, day, max(within, 1e-9), how)]
    slower = [days for days, _ in market.steps if days > needed] if how == "steps" else []
    return [_sold(market, units, taken, total, price, curve, day, days, how) for days in (needed, *slower)]


def _sold(
    market: Market, units: float, taken: float, total: float, price: Floats, curve: Curve | None, day: int, days: float, how: Method
) -> Sale:
    kept = decay_kept(curve, market.decay, day, market.enforcement_days, days)
    lost = haircut_of(market, total, days, how, float(np.mean(price)))
    haircut = min(1.0, max(0.0, 1.0 - (1.0 - lost) * market.price_factor))
    wait = market.enforcement_days + days / 2
    gross = taken * price
    decayed = gross * (1.0 - kept)
    discount = (gross - decayed) * haircut
    fees = (gross - decayed - discount) * market.fee
    scrap = (units - taken) * price * kept * market.scrap
    hosting, liens = units * market.hosting * wait, units * market.host_lien
    net = gross - decayed - discount - fees + scrap - hosting - liens - market.enforcement_cost
    return Sale(days, wait, kept, haircut, gross, decayed, discount, fees, scrap, hosting, liens, market.enforcement_cost, net)


def haircut_of(market: Market, total: float, days: float, how: Method, price: float = math.nan) -> float:
    """The part of the price a forced sale loses: by the step of its length, a flat cost, or an impact; NaN where that is not given.

    The square-root impact Y sigma sqrt(N / ADV) is that of the last unit; the sale as a whole loses two thirds of it.
    """
    if how == "almgren":
        plan = plan_of(market, total, days, price)
        return math.nan if plan is None else plan.cost / (total * price)
    if how == "sqrt":
        if market.impact is None or market.volatility is None or not market.volume:
            return math.nan
        return 2 / 3 * market.impact * market.volatility * math.sqrt(total / market.volume)
    if how == "flat":
        return market.sale_cost
    steps = market.steps or ASSUMED_STEPS
    return 1.0 - next((factor for least, factor in steps if days >= least), steps[-1][1])


def decay_kept(curve: Curve | None, decay: float | None, day: int, legal: float, days: float) -> float:
    """What is left of the price over the wait: exp(-delta (T_legal + T/2)), and every jump for the units sold after it."""
    yearly = decay if decay is not None else curve.decay if curve else 0.0
    kept = math.pow(1.0 - yearly, (legal + days / 2) / YEAR)
    for when, factor in curve.jumps if curve else ():
        ahead = when - day
        if ahead > 0:
            after = min(1.0, max(0.0, (legal + days - ahead) / days)) if days > 0 else float(legal >= ahead)
            kept *= 1.0 + (factor - 1.0) * after
    return kept


class Plan(NamedTuple):
    """An Almgren-Chriss sale: expected cost (money), its variance, the utility cost + lambda x variance, the half-life in days."""

    cost: float
    variance: float
    utility: float
    half_life: float | None


def almgren_chriss(
    units: float, days: float, periods: int, volatility: float, spread: float, permanent: float, temporary: float, aversion: float
) -> Plan:
    """The sale of `units` in `periods` equal steps over `days` that costs least for a risk aversion (per unit of money).

    Almgren and Chriss, Optimal Execution of Portfolio Transactions (2000): `volatility` in money per unit and root day, `spread` the half
    spread epsilon, `permanent` gamma and `temporary` eta their linear impacts. The half-life is 1/kappa of the continuous sale, None for
    no aversion. Raises ValueError where the impact does not pay for the steps (eta <= gamma tau / 2) or nothing is sold.
    """
    tau = days / periods if periods > 0 else 0.0
    left = temporary - permanent * tau / 2
    if units <= 0 or tau <= 0 or left <= 0 or aversion < 0:
        raise ValueError("needs units, days and steps above 0, an aversion of 0 or more, and eta > gamma tau / 2")
    square = aversion * volatility * volatility / left
    kappa = math.acosh(square * tau * tau / 2 + 1) / tau
    times = np.arange(periods + 1) * tau
    held = units * (np.sinh(kappa * (days - times)) / math.sinh(kappa * days) if kappa > 0 else 1 - times / days)
    sold = -np.diff(held)
    cost = permanent * units * units / 2 + spread * units + left / tau * float((sold * sold).sum())
    variance = volatility * volatility * tau * float((held[1:] ** 2).sum())
    return Plan(cost, variance, cost + aversion * variance, 1 / math.sqrt(square) if square > 0 else None)


def plan_of(market: Market, total: float, days: float, price: float) -> Plan | None:
    """The Almgren-Chriss sale of a lot in whole days, None where the desk gives no linear impact or there is nothing to sell."""
    if market.linear is None or market.volatility is None or not (total > 0 and days > 0 and price > 0):
        return None
    spread, permanent, temporary, aversion = market.linear
    periods = max(1, math.ceil(days - 1e-9))
    return almgren_chriss(total, days, periods, market.volatility * price, spread, permanent, temporary, aversion)

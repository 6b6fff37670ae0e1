"""`desk.toml`: the desk's own settings: as-of, calendars, mark policies, curves, liquidity."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from facilities.model.base import Amount, Moment, Terms


class DeskTerms(Terms, frozen=True, kw_only=True):
    """`[desk]`: name, pinned as-of, timezone, reporting currency, default calendar."""

    name: str
    as_of: Moment | None = None
    timezone: str = "UTC"
    currency: str = "USD"
    calendar: str | None = None
    reserve_rights_days: int = 5
    note: str | None = None


class SeriesPolicy(Terms, frozen=True, kw_only=True):
    """`[[series]]`: which prints of a mark series count. `match` is a name or a glob; the first match wins.

    `sources` in order (empty: any), `min_sources` the quorum, `aggregate` how several are combined, `max_age` and
    `publication_lag` durations such as `36h`, `2d`, `3BD`, `min` and `max` the band outside which a print is refused.
    """

    match: str
    unit: str | None = None
    title: str | None = None
    sources: list[str] = []
    min_sources: int = 1
    aggregate: Literal["first", "median", "mean", "min", "max"] = "first"
    max_age: str | None = None
    publication_lag: str = "0h"
    min: Decimal | None = None
    max: Decimal | None = None
    headline: bool = False
    note: str | None = None


class Jump(Terms, frozen=True, kw_only=True):
    """A step of a curve at a successor's release: the value is multiplied by `factor`."""

    date: dt.date
    factor: Decimal
    reason: str | None = None


class Curve(Terms, frozen=True, kw_only=True):
    """`[[curve]]`: how a mark is assumed to move with time; used by projections, always labelled an assumption."""

    match: str
    annual_decay: Decimal
    jump: list[Jump] = []
    note: str | None = None
    source: str | None = None


class SaleStep(Terms, frozen=True, kw_only=True):
    """One row of a step table: the part of the price that a sale within `days` brings."""

    days: int
    factor: Decimal


class Buyer(Terms, frozen=True, kw_only=True):
    """Who could take units over: how many, and what they can power and cool; no limit stated is none."""

    name: str
    units: Decimal
    cooling: list[Literal["air", "liquid", "immersion"]] = []
    max_kw_per_rack: Decimal | None = None
    note: str | None = None


class LiquidityCase(Terms, frozen=True, kw_only=True):
    """One end of the range of a recovery: what is put in the place of the middle assumptions."""

    units_per_day: Decimal | None = None
    participation: Decimal | None = None
    sale_cost: Decimal | None = None
    price_factor: Decimal = Decimal(1)
    enforcement_days: Decimal | None = None
    annual_decay: Decimal | None = None


class Liquidity(Terms, frozen=True, kw_only=True):
    """`[[liquidity]]`: what selling one asset costs, how much the market absorbs a day, and what waiting for it costs.

    All of it assumptions of the desk. Where a `step` table stands the price follows it and not `sale_cost`, which sizes the remedy "sell".
    """

    asset: str
    sale_cost: Decimal = Decimal(0)
    units_per_day: Decimal | None = None
    participation: Decimal | None = None
    fee: Decimal = Decimal(0)
    enforcement_days: Decimal = Decimal(0)
    enforcement_cost: Decimal = Decimal(0)
    hosting_per_unit_day: Decimal | None = None
    hosting_per_kw_month: Decimal | None = None
    kw_per_unit: Decimal | None = None
    host_lien_per_unit: Decimal = Decimal(0)
    scrap_pct: Decimal = Decimal(0)
    step: list[SaleStep] = []
    buyer: list[Buyer] = []
    impact_coefficient: Decimal | None = None
    daily_volatility: Decimal | None = None
    half_spread: Decimal | None = None
    permanent_impact: Decimal | None = None
    temporary_impact: Decimal | None = None
    risk_aversion: Decimal = Decimal(0)
    low: LiquidityCase | None = None
    high: LiquidityCase | None = None
    note: str | None = None
    source: str | None = None


class Driver(Terms, frozen=True, kw_only=True):
    """`[[driver]]`: how a mark is assumed to scatter where its own history is too short to say; always labelled an assumption.

    `volatility` is a year's standard deviation of the logarithm, `volatility_bp` of a rate in basis points; `reversion` is
    the share of a deviation that a year takes back, as a rate per year; `sign` is the side of the common factor it is on.
    """

    match: str
    volatility: Decimal | None = None
    volatility_bp: Decimal | None = None
    reversion: Decimal = Decimal(0)
    sign: Decimal = Decimal(1)
    note: str | None = None
    source: str | None = None


class Correlation(Terms, frozen=True, kw_only=True):
    """`[[correlation]]`: how two marks are assumed to move together where their history is too short to say."""

    between: list[str]
    value: Decimal
    note: str | None = None
    source: str | None = None


Switch = Literal["deflation", "liquidity", "correlation", "chain"]


class Pricing(Terms, frozen=True, kw_only=True):
    """`[pricing]`: what the desk asks of a loan beside its expected loss, and how that loss is looked for; all of it assumptions.

    `sources` says per key where it is from; a key with neither it nor a `source` of the table is labelled illustrative. `benchmark_pct`
    is what the benchmark stood at on days of which no mark is known; a key left out has the default that `covenant spread` states.
    """

    discount_pct: Decimal | None = None
    hurdle_pct: Decimal | None = None
    capital_pct: Decimal | None = None
    illiquidity_bp: Decimal | None = None
    cost_bp: Decimal | None = None
    benchmark: str | None = None
    benchmark_pct: Amount | None = None
    dial: Decimal | None = None
    refinance_ltv: Decimal | None = None
    comparable_months: int | None = None
    horizon: str | None = None
    step: Literal["1m", "3m"] | None = None
    order: list[Switch] = []
    paths: int | None = None
    seed: int | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class DeskFile(Terms, frozen=True, kw_only=True):
    """`desk.toml` whole."""

    desk: DeskTerms
    series: list[SeriesPolicy] = []
    curve: list[Curve] = []
    liquidity: list[Liquidity] = []
    driver: list[Driver] = []
    correlation: list[Correlation] = []
    pricing: Pricing | None = None

"""The answer of `covenant liquidate` as typed data; amounts in the facility's currency, fractions and days plain, None where unknown."""

from __future__ import annotations

import msgspec

SCHEMA = "covenant-monitor/liquidate/1"


class LeafPart(msgspec.Struct, frozen=True, kw_only=True):
    """One input of a sale: its value, where it stands (file and line, or mark and source), and whether the desk assumes it."""

    name: str
    value: float | None
    unit: str
    at: str
    assumption: bool
    note: str | None = None


class PlanPart(msgspec.Struct, frozen=True, kw_only=True):
    """An Almgren-Chriss sale of all that is sold of the asset: money, money squared, money, days."""

    cost: float
    variance: float
    utility: float
    half_life: float | None


class LotPart(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel: `units`, those some buyer takes or the market absorbs in time (`sold`), and what they bring step by step."""

    parcel: str
    asset: str
    unit: str
    units: float
    sold: float
    beside: float
    price: float
    days: float
    enforcement_days: float
    method: str
    haircut: float
    kept: float
    gross: float
    decayed: float
    discount: float
    fees: float
    scrap: float
    hosting: float
    liens: float
    enforcement: float
    net: float
    plan: PlanPart | None
    leaves: list[LeafPart]


class SalePart(msgspec.Struct, frozen=True, kw_only=True):
    """One facility: paper against executable. `low` and `high` are the ends of the desk's ranges, `reason` why nothing is computed.

    `outcome` is `pays`, `may_pay` (in the middle, but not at an end of the range) or `loss`; None where nothing is computed.
    """

    id: str
    name: str
    currency: str
    owed: float | None
    rate: float | None
    default_margin: float
    prior: float
    debt_at_sale: float | None = None
    value: float | None = None
    ltv: float | None = None
    days: float | None = None
    enforcement_days: float | None = None
    recovery: float | None = None
    low: float | None = None
    high: float | None = None
    recovered: float | None = None
    ltv_liq: float | None = None
    ltv_critical: float | None = None
    outcome: str | None = None
    lots: list[LotPart] = []
    reason: str | None = None
    notes: list[str] = []


class BackedPart(msgspec.Struct, frozen=True, kw_only=True):
    """One debt that stands on an asset; amounts None where they are not public."""

    id: str
    name: str
    ours: bool
    debt: float | None
    units: float | None


class OverhangPart(msgspec.Struct, frozen=True, kw_only=True):
    """All known debt backed by an asset against what its market turns over; `days` are of the whole market's volume."""

    asset: str
    debts: list[BackedPart]
    debt: float
    units: float
    price: float | None
    units_per_day: float | None
    days_of_units: float | None
    days_of_debt: float | None
    unknown: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer. `together`: the facilities are sold into one market at once."""

    schema: str
    as_of: str
    known_at: str
    together: bool
    method: str | None
    within_days: float | None
    facilities: list[SalePart]
    overhang: list[OverhangPart]

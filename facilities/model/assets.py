"""What stands behind the loan: collateral, contracts, accounts, borrowing base, encumbrances, enhancements."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from facilities.model.base import Amount, PartialDate, Terms

ValueBasis = Literal["mark", "book", "appraisal"]


class Lien(Terms, frozen=True, kw_only=True):
    """Who has a charge on the asset, in which order."""

    facility: str
    rank: int = 1
    perfected: bool | None = None
    amount: Decimal | None = None


class Depreciation(Terms, frozen=True, kw_only=True):
    """How the agreement writes the asset down, in whole months from `from` (default: in service)."""

    method: Literal["straight_line", "declining"] = "straight_line"
    months: int
    residual_pct: Decimal = Decimal(0)
    from_: dt.date | None = None


class Collateral(Terms, frozen=True, kw_only=True):
    """`[[collateral]]`: one parcel of one asset.

    `price` (default: `ASSET.price`), `appraisal` and `rent` name mark series; `cost` is per unit; `value` is a stated total where no unit
    price exists. `utilisation` and `opex_per_unit_hour` drive the modelled cash of units not under contract.
    """

    id: str
    asset: str
    units: Amount | None = None
    unit: str = "GPU"
    value: Amount | None = None
    price: str | None = None
    appraisal: str | None = None
    cost: Decimal | None = None
    depreciation: Depreciation | None = None
    rent: str | None = None
    utilisation: Amount | None = None
    opex_per_unit_hour: Amount | None = None
    in_service: PartialDate | None = None
    economic_life_months: int | None = None
    generation: str | None = None
    host: str | None = None
    location: str | None = None
    cooling: Literal["air", "liquid", "immersion"] | None = None
    kw_per_rack: Decimal | None = None
    host_cooling: Literal["air", "liquid", "immersion"] | None = None
    host_kw_per_rack: Decimal | None = None
    lien: list[Lien] = []
    eligible: bool = True
    ineligible_reason: str | None = None
    title_held: bool | None = None
    perfected: bool | None = None
    insured: bool | None = None
    host_access: bool | None = None
    control_agreement: bool | None = None
    custodian: str | None = None
    rehypothecation: bool | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class Contract(Terms, frozen=True, kw_only=True):
    """`[[contract]]`: units let to a customer at a fixed rate per unit-hour; after `end` they re-let at the rent series."""

    customer: str
    asset: str
    units: Amount
    rate: Amount
    start: PartialDate
    end: PartialDate
    id: str | None = None
    uptime: Decimal = Decimal(1)
    take_or_pay: bool = False
    rating: str | None = None
    termination: str | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class Account(Terms, frozen=True, kw_only=True):
    """`[[account]]`: cash in a named account of the borrower; `blocked` cash is no liquidity."""

    kind: Literal["dsra", "collection", "operating", "cash", "escrow", "maintenance", "lock_up", "cash_collateral"]
    balance: Amount
    target_months: int | None = None
    blocked: bool = False
    source: str | None = None


class Ineligible(Terms, frozen=True, kw_only=True):
    """What a borrowing base class leaves out: an amount, or units at the class's value, and why."""

    reason: str
    amount: Amount | None = None
    units: Amount | None = None
    source: str | None = None


class Debtor(Terms, frozen=True, kw_only=True):
    """One debtor of a receivables class, for the concentration limit."""

    name: str
    amount: Amount


class BaseClass(Terms, frozen=True, kw_only=True):
    """`[[borrowing_base]]`: one class of assets: gross from collateral parcels or as reported, less, times advance rate."""

    id: str
    title: str | None = None
    collateral: list[str] = []
    value: ValueBasis = "mark"
    gross: Amount | None = None
    advance_rate: Amount
    ineligible: list[Ineligible] = []
    debtor: list[Debtor] = []
    concentration_limit: Decimal | None = None
    sub_limit: Amount | None = None
    clause: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class BaseReserve(Terms, frozen=True, kw_only=True):
    """`[[reserve]]`: what the lender holds back from the borrowing base."""

    reason: str
    amount: Amount
    clause: str | None = None
    source: str | None = None


class Encumbrance(Terms, frozen=True, kw_only=True):
    """`[[encumbrance]]`: a prior claim on receivables, revenue or future hashrate."""

    on: Literal["receivables", "revenue", "hashrate", "asset"]
    holder: str
    asset: str | None = None
    amount: Amount | None = None
    rank: int | None = None
    until: PartialDate | None = None
    note: str | None = None
    source: str | None = None


class Enhancement(Terms, frozen=True, kw_only=True):
    """`[[enhancement]]`: a guarantee, residual-value insurance or other support."""

    kind: Literal["guarantee", "residual_value_insurance", "letter_of_credit", "backstop", "keepwell"]
    provider: str
    amount: Amount | None = None
    share: Decimal | None = None
    expires: PartialDate | None = None
    note: str | None = None
    source: str | None = None

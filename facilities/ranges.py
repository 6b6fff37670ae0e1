"""Values that no agreement can mean: amounts below nothing, shares beyond the whole, times that are no durations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from facilities.durations import parse_duration
from facilities.model import (
    Account,
    Amendment,
    Amortisation,
    Balance,
    BaseClass,
    BaseReserve,
    Buyer,
    Collateral,
    Contract,
    Covenant,
    CrossLink,
    Cure,
    Deal,
    Debt,
    Debtor,
    DefaultOf,
    Depreciation,
    Draw,
    Driver,
    Encumbrance,
    Enhancement,
    Facility,
    Fleet,
    Growth,
    Hedge,
    Ineligible,
    Instalment,
    Interest,
    Jump,
    Level,
    Lien,
    Liquidity,
    LiquidityCase,
    MarkPolicy,
    Operations,
    Pricing,
    Rung,
    SaleStep,
    ScenarioShock,
    Springing,
    Step,
    Terms,
    TestTerms,
    Tranche,
    Treasury,
    Underwriting,
    decode_hook,
)
from facilities.walk import Keys, tables

_AMOUNTS: dict[type[Terms], tuple[str, ...]] = {
    Account: ("balance",),
    Amortisation: ("original", "balloon", "level_rate_pct", "target_dscr", "sweep_pct"),
    Balance: ("outstanding", "accrued", "pik", "letters_of_credit"),
    BaseClass: ("gross", "sub_limit"),
    BaseReserve: ("amount",),
    Collateral: ("units", "value", "cost", "opex_per_unit_hour", "kw_per_rack", "host_kw_per_rack"),
    Contract: ("units", "rate"),
    Deal: ("amount", "fixed_pct"),
    Debt: ("outstanding",),
    Debtor: ("amount",),
    DefaultOf: ("aggregate_principal_ge",),
    Depreciation: ("residual_pct",),
    Draw: ("amount",),
    Driver: ("volatility", "volatility_bp", "reversion"),
    Encumbrance: ("amount",),
    Enhancement: ("amount",),
    Facility: ("commitment", "undrawn_fee_pct", "upfront_fee_pct"),
    Fleet: ("units", "th_per_unit", "hashrate_ph", "efficiency_j_th"),
    Growth: ("within",),
    Hedge: ("notional",),
    Ineligible: ("amount", "units"),
    Instalment: ("amount",),
    Interest: ("fixed_pct", "cap_pct", "pik_pct", "default_margin_bp"),
    Jump: ("factor",),
    Level: ("within",),
    Lien: ("amount",),
    Buyer: ("units", "max_kw_per_rack"),
    Liquidity: (
        "units_per_day", "enforcement_days", "enforcement_cost", "hosting_per_unit_day", "hosting_per_kw_month", "kw_per_unit",
        "host_lien_per_unit", "impact_coefficient", "daily_volatility", "half_spread", "permanent_impact", "temporary_impact",
        "risk_aversion",
    ),
    LiquidityCase: ("units_per_day", "price_factor", "enforcement_days"),
    SaleStep: ("days",),
    ScenarioShock: ("level",),
    Pricing: ("discount_pct", "hurdle_pct", "capital_pct", "illiquidity_bp", "cost_bp", "refinance_ltv"),
    Operations: ("fixed_opex_per_month", "maintenance_capex_per_month"),
    Tranche: ("commitment",),
    Treasury: ("units",),
    Underwriting: ("rent", "units", "opex_per_unit_hour", "residual_pct", "dscr", "ltv"),
}
"""Figures of nothing or more; a spread, a floor, a swapped rate, a tax or a power price may be negative, counts have their own limits."""

_SHARES: dict[type[Terms], tuple[str, ...]] = {
    BaseClass: ("advance_rate", "concentration_limit"),
    Collateral: ("utilisation",),
    Contract: ("uptime",),
    Enhancement: ("share",),
    Fleet: ("uptime", "pool_fee"),
    Hedge: ("share",),
    Liquidity: ("sale_cost", "participation", "fee", "scrap_pct"),
    LiquidityCase: ("sale_cost", "participation"),
    Pricing: ("dial",),
    SaleStep: ("factor",),
    Springing: ("share",),
    Underwriting: ("utilisation",),
}
"""Figures between nothing and the whole."""

_DURATIONS: dict[type[Terms], tuple[str, ...]] = {
    Covenant: ("grace",),
    CrossLink: ("grace", "notice"),
    Cure: ("window",),
    Facility: ("payment_grace",),
    MarkPolicy: ("max_age",),
    Pricing: ("horizon",),
    Rung: ("within",),
    TestTerms: ("certificate_due",),
}
"""Durations of an agreement; those of the desk's own settings are found when it is opened."""

_OWN_CODES = {(BaseClass, "advance_rate"): "F034", (Hedge, "share"): "F033"}
"""Shares with a code of their own; the others are F052."""


class Limit(NamedTuple):
    """What a value may be: a figure of at least and at most so much, or a duration."""

    least: int | None = None
    most: int | None = None
    duration: bool = False


def limit_of(kind: type[Terms], name: str) -> Limit | None:
    """The limit of a field of a table; None where there is none."""
    if name in _SHARES.get(kind, ()):
        return Limit(0, 1)
    if name in _AMOUNTS.get(kind, ()):
        return Limit(0)
    return Limit(duration=True) if name in _DURATIONS.get(kind, ()) else None


class Beyond(NamedTuple):
    """A value out of its range: the code of the problem, its place in the file, and what is said of it."""

    code: str
    path: Keys
    message: str


def beyond(terms: Terms) -> Iterator[Beyond]:
    """Every amount below zero, share outside 0 to 1 and malformed duration in the tables below `terms`, amended values among them."""
    for path, table in tables(terms):
        kind = type(table)
        for name in (*_AMOUNTS.get(kind, ()), *_SHARES.get(kind, ()), *_DURATIONS.get(kind, ())):
            yield from _judged(kind, name, getattr(table, name), (*path, name))
        if isinstance(table, Amendment):
            yield from _amended(table.facility, Facility, (*path, "facility"))
            yield from _amended(table.interest, Interest, (*path, "interest"))
            for ident, changes in table.covenant.items():
                yield from _amended(changes, Covenant, (*path, "covenant", ident))


def _amended(changes: Mapping[str, Any], kind: type[Terms], path: Keys) -> Iterator[Beyond]:
    """The same of the values with which an amendment replaces those of one table."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, raw in changes.items():
        field = fields[key]
        value = msgspec.convert(raw, field.type, dec_hook=decode_hook)
        if field.name in (*_AMOUNTS.get(kind, ()), *_DURATIONS.get(kind, ())):
            yield from _judged(kind, field.name, value, (*path, key))
        for step, row in _rows(value):
            if isinstance(row, Terms):
                yield from (found._replace(path=(*path, key, *step, *found.path)) for found in beyond(row))


def _rows(value: object) -> Iterator[tuple[Keys, object]]:
    """The parts of a value that may be tables, each with its steps from it: itself, or those of a list or of named tables."""
    if isinstance(value, (list, dict)):
        for step, row in enumerate(value) if isinstance(value, list) else value.items():
            yield (step,), row
    else:
        yield (), value


def _judged(kind: type[Terms], name: str, raw: object, path: Keys) -> Iterator[Beyond]:
    if isinstance(raw, str):
        try:
            parse_duration(raw)
        except ValueError:
            yield Beyond("F046", path, f"{raw!r} is not a duration")
        return
    share = name in _SHARES.get(kind, ())
    for where, value in _figures(raw, path):
        if value < 0 or (share and value > 1):
            yield Beyond(_OWN_CODES.get((kind, name), "F052" if share else "F051"), where, f"`{name}` is {value}")


def _figures(raw: object, path: Keys) -> Iterator[tuple[Keys, Decimal]]:
    """A number, or the numbers of a dated table, each with its place."""
    if isinstance(raw, Decimal):
        yield path, raw
    elif isinstance(raw, list):
        for number, step in enumerate(raw):
            if isinstance(step, Step):
                yield (*path, number, "value"), step.value

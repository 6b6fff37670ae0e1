"""What `covenant spread` assumes: the desk's `[pricing]`, or what stands here, each with its source and place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from facilities.lint.settings import STEPS
from facilities.model import Amount, Pricing
from monitor.assess import Picture

DEFAULTS: dict[str, Any] = {
    "discount_pct": 4, "hurdle_pct": 12, "capital_pct": 8, "illiquidity_bp": 0, "cost_bp": 0, "benchmark": "SOFR", "dial": 1,
    "refinance_ltv": 1, "comparable_months": 24, "horizon": None, "step": "3m", "order": list(STEPS), "paths": 10_000, "seed": 0,
}  # fmt: skip
"""What a key that the desk leaves out stands at."""
UNITS = {
    "discount_pct": "percent a year", "hurdle_pct": "percent a year", "capital_pct": "percent of the balance", "illiquidity_bp": "bp",
    "cost_bp": "bp", "dial": "fraction", "refinance_ltv": "of what stands behind it", "comparable_months": "months",
}  # fmt: skip
GLANCE = 2_000
"""Paths that the screens count."""
ILLUSTRATIVE = "illustrative"


class AssumptionPart(msgspec.Struct, frozen=True, kw_only=True):
    """One input that nobody observed: where it is from (`illustrative` where nothing says), and where it is written."""

    name: str
    value: float | str
    unit: str
    source: str
    at: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The values in force; rates and shares as fractions, charges in basis points. `benchmarks` are percent by day."""

    discount: float
    hurdle: float
    capital: float
    illiquidity_bp: float
    cost_bp: float
    benchmark: str
    benchmarks: Amount | None
    dial: float
    refinance: float
    comparable_months: int
    horizon: str | None
    step: int
    order: tuple[str, ...]
    paths: int
    seed: int
    assumptions: tuple[AssumptionPart, ...]


def settings_of(picture: Picture, asked: Mapping[str, Any]) -> Settings:
    """The settings of a desk, what was `asked` on the command line in their place."""
    file = picture.session.desk.file
    terms = (file.pricing if file else None) or Pricing()
    stated = {key: getattr(terms, key) for key in DEFAULTS if getattr(terms, key) not in (None, [])}
    given = {key: value for key, value in asked.items() if value is not None}
    value = {**DEFAULTS, **stated, **given}
    parts = tuple(_assumption(picture, terms, key, value[key], key in stated, key in given) for key in UNITS)
    return Settings(
        discount=float(value["discount_pct"]) / 100, hurdle=float(value["hurdle_pct"]) / 100, capital=float(value["capital_pct"]) / 100,
        illiquidity_bp=float(value["illiquidity_bp"]), cost_bp=float(value["cost_bp"]), benchmark=str(value["benchmark"]),
        benchmarks=terms.benchmark_pct, dial=float(value["dial"]), refinance=float(value["refinance_ltv"]),
        comparable_months=int(value["comparable_months"]), horizon=value["horizon"], step=1 if value["step"] == "1m" else 3,
        order=tuple(value["order"]), paths=int(value["paths"]), seed=int(value["seed"]), assumptions=parts,
    )  # fmt: skip


def _assumption(picture: Picture, terms: Pricing, key: str, value: Any, stated: bool, given: bool) -> AssumptionPart:
    source = terms.sources.get(key) or terms.source or ILLUSTRATIVE
    if given:
        source, at = "asked on the command line", "command line"
    elif stated:
        at = str(picture.session.desk.place("desk", ("pricing", key)))
    else:
        source, at = ILLUSTRATIVE, "no key of [pricing]: the default"
    return AssumptionPart(name=key, value=float(value), unit=UNITS[key], source=source, at=at)

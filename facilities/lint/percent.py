"""Percentages that were written as ratios: 0.105 where 10.5 is meant."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import msgspec

from facilities.lint.findings import Findings
from facilities.model import Amendment, Step, Terms
from facilities.walk import Keys, tables

FRACTIONS = frozenset({"headroom_pct", "scrap_pct"})
"""Keys that are fractions all the same; every other `*_pct` of a desk is written in percent."""

_BELOW = {
    "floor_pct": Decimal("0.2"), "undrawn_fee_pct": Decimal("0.05"), "upfront_fee_pct": Decimal("0.05"),
    "price_pct": Decimal(2), "residual_pct": Decimal(1), "sweep_pct": Decimal(1),
}  # fmt: skip
"""What is above nothing and below this is more likely a ratio; a fee or a floor is often small, a share of the whole seldom."""

_RATE = Decimal("0.5")
"""And of a rate a year."""


def check_percents(terms: Terms, findings: Findings) -> None:
    """Every percentage in the tables of a file, amended values among them, that is so small that a ratio may be meant."""
    for path, value in _percentages(terms):
        key = next(str(step) for step in reversed(path) if str(step).endswith("_pct"))
        if 0 < value < _BELOW.get(key, _RATE) or (value == 1 and key in ("sweep_pct", "residual_pct", "price_pct")):
            message = f"`{key}` is read as {value.normalize():f} %; as a ratio it would be {(value * 100).normalize():f} %"
            findings.add("F059", path, message)


def _percentages(terms: Terms) -> Iterator[tuple[Keys, Decimal]]:
    for path, table in tables(terms):
        for name, key in _percent_fields(type(table)):
            yield from _figures(getattr(table, name), (*path, key))
        if isinstance(table, Amendment):
            for name in ("covenant", "interest", "facility"):
                yield from _written(getattr(table, name), (*path, name))


@cache
def _percent_fields(kind: type[Terms]) -> tuple[tuple[str, str], ...]:
    """(name, key) of the fields of a table that are written in percent."""
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(kind) if _in_percent(field.encode_name))


def _in_percent(key: str) -> bool:
    return key.endswith("_pct") and key not in FRACTIONS


def _written(raw: object, path: Keys) -> Iterator[tuple[Keys, Decimal]]:
    """The same of values as an amendment writes them, before they are tables."""
    rows = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, inner in rows:
        if _in_percent(str(key)):
            yield from _figures(inner, (*path, key))
        else:
            yield from _written(inner, (*path, key))


def _figures(raw: object, path: Keys) -> Iterator[tuple[Keys, Decimal]]:
    """A number, or those of a dated table, each with its place."""
    if isinstance(raw, (Decimal, int)):
        yield path, Decimal(raw)
    for number, step in enumerate(raw) if isinstance(raw, list) else ():
        value = step.value if isinstance(step, Step) else step.get("value") if isinstance(step, dict) else None
        yield from _figures(value, (*path, number, "value"))

"""Figures of the sector in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.report.words import money, share

if TYPE_CHECKING:
    from monitor.sector.verdicts import Judged

VERDICTS = {"confirmed": "CONFIRMED", "refuted": "REFUTED", "mixed": "MIXED", "not_settled": "NOT SETTLED"}


def amount(value: float, unit: str = "USD") -> str:
    """Money as `25.4bn`, a fraction as `-30.0%`, anything else with its unit."""
    if len(unit) == 3 and unit.isupper():
        return money(value)
    return share(value) if unit == "fraction" else f"{value:,.6g} {unit}"


def count(one: Judged) -> str:
    """` (2 of 8 meet it, 6 unknown)` where a claim is about several; nothing where it is about one."""
    if one.of < 2:
        return ""
    unknown = one.of - one.known
    return f" ({one.met} of {one.of} meet it" + (f", {unknown} unknown)" if unknown else ")")

"""The desk's own assumptions that an answer rests on: each with its value, its place in the file, and what is said for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from facilities.inert import inert
from facilities.load import Desk
from facilities.model import Curve, Driver, Liquidity
from monitor.cells import cut, pad
from monitor.marks.curves import matching

SALES = ("impact_coefficient", "daily_volatility", "units_per_day")
"""What of `[[liquidity]]` a fire sale moves a mark by."""


class AssumedPart(msgspec.Struct, frozen=True, kw_only=True):
    """One assumed input: what it is of, its value in words, `FILE:LINE`, and the note or source beside it."""

    name: str
    value: str
    at: str
    note: str | None


def curves_assumed(desk: Desk, series: Iterable[str]) -> list[AssumedPart]:
    """The curves that some series move along; those without one are held flat and not listed."""
    curves = list(desk.file.curve) if desk.file else []
    used = {id(one) for one in (matching(name, curves) for name in series) if one is not None}
    return [_part(desk, one.match, _curve(one), ("curve", n), one) for n, one in enumerate(curves) if id(one) in used]


def _curve(one: Curve) -> str:
    jumps = f", {len(one.jump)} jump{'s' if len(one.jump) > 1 else ''}" if one.jump else ""
    return f"{_percent(float(one.annual_decay))} less a year{jumps}"


def drivers_assumed(desk: Desk, series: Collection[str], pairs: Collection[tuple[str, str]]) -> list[AssumedPart]:
    """The volatilities and correlations that stand in for a history that some series, and some pairs, do not have."""
    if desk.file is None:
        return []
    found = []
    for n, one in enumerate(desk.file.driver):
        if any(_driver_of(desk.file.driver, name) is one for name in series):
            found.append(_part(desk, one.match, _scatter(one), ("driver", n), one))
    for n, two in enumerate(desk.file.correlation):
        between = tuple(two.between * 2)[:2]
        if any(all(_under(a, b) for a, b in zip(pair, ends, strict=True)) for pair in pairs for ends in (between, between[::-1])):
            found.append(_part(desk, " with ".join(between), f"{float(two.value):+.2f}", ("correlation", n), two))
    return found


def _driver_of(drivers: Sequence[Driver], name: str) -> Driver | None:
    from fnmatch import fnmatchcase

    return next((one for one in drivers if one.match == name or fnmatchcase(name, one.match)), None)


def _under(series: str, name: str) -> bool:
    return series == name or series.startswith(f"{name}.")


def _scatter(one: Driver) -> str:
    size = f"{float(one.volatility_bp):g}bp" if one.volatility_bp is not None else _percent(float(one.volatility or 0))
    return f"{size} a year" + (f", back {float(one.reversion):g}/y" if one.reversion else "")


def sales_assumed(desk: Desk, assets: Collection[str], keys: Sequence[str]) -> list[AssumedPart]:
    """Some keys of the `[[liquidity]]` of some assets."""
    found, seen = [], set[str]()
    for n, one in enumerate(desk.file.liquidity if desk.file else []):
        if one.asset in assets and one.asset not in seen:
            seen.add(one.asset)
            found += [_sale(desk, n, one, key) for key in keys if getattr(one, key) is not None]
    return found


def _sale(desk: Desk, n: int, one: Liquidity, key: str) -> AssumedPart:
    value = float(getattr(one, key))
    said = _percent(value) if key in ("sale_cost", "daily_volatility") else f"{value:,g}"
    return _part(desk, f"{one.asset} {key}", said, ("liquidity", n, key), one)


def _part(desk: Desk, name: str, value: str, path: Sequence[str | int], one: Curve | Driver | Liquidity | object) -> AssumedPart:
    place = desk.place("desk", path)
    return AssumedPart(
        name=name, value=value, at=f"{place.file}:{place.line}", note=getattr(one, "source", None) or getattr(one, "note", None)
    )


def _percent(share: float) -> str:
    return f"{share * 100:g}%"


def assumed_lines(parts: Sequence[AssumedPart], width: int = 80) -> list[str]:
    """A line each: what, value, place, and as much of the reason as fits."""
    rows = [(inert(one.name), inert(one.value), inert(one.at), inert(one.note or "no reason given")) for one in parts]
    sizes = [min(30, max((len(row[k]) for row in rows), default=0)) for k in range(3)]
    return [
        cut("  " + "  ".join((*(pad(cell, size) for cell, size in zip(row[:3], sizes, strict=True)), row[3])), width) for row in rows
    ]

"""Shocks of marks and the worlds they make: a grid, an axis, a named set of moves, all at one instant."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from rules.columns import Floats
from rules.scope import is_rate
from rules.worlds import GOOD, Worlds

STEPS = 9
"""Points of an axis that names none."""
MOST_WORLDS = 250_000

Kind = Literal["relative", "absolute", "bp"]


class ShockError(ValueError):
    """A shock that cannot be: a text that is none, a name that nothing reads, a size that no mark can have."""


class Shock(msgspec.Struct, frozen=True):
    """`size` is a fraction (relative), a level in the series' canonical unit (absolute), or basis points added to a rate."""

    name: str
    kind: Kind
    size: float

    def __str__(self) -> str:
        return f"{self.name} {said(self.kind, self.size)}"


class Axis(msgspec.Struct, frozen=True):
    """One name moved by each of some sizes, in rising order."""

    name: str
    kind: Kind
    sizes: tuple[float, ...]


def said(kind: Kind, size: float) -> str:
    """A size in words: `-40%`, `50,000`, `+200bp`."""
    if kind == "relative":
        return f"{size * 100:+.6g}%"
    return f"{size:+.6g}bp" if kind == "bp" else f"{size:,.6g}"


_NUMBER = r"[+-]?[0-9][0-9_]*(?:\.[0-9_]+)?|[+-]?\.[0-9]+"
_SIZE = re.compile(rf"({_NUMBER})(%|bp)?")
_AXIS = re.compile(rf"(?:{_NUMBER})(?:%|bp)?(?:\.\.(?:{_NUMBER})(?:%|bp)?(?::[0-9]+)?)?")


def parse_axis(text: str) -> Axis:
    """`BTC.price=-60%..+20%:9`, `SOFR.rate=0bp..300bp`, `BTC.price=50_000`. Raises ShockError for other words."""
    name, equals, sizes = text.strip().partition("=")
    name, sizes = name.strip(), sizes.strip()
    if not equals or not name or not _AXIS.fullmatch(sizes):
        raise ShockError(f"{text.strip()!r} is no shock; write SERIES=-40%, SERIES=50_000, SERIES=+200bp, or a range such as -60%..+20%:9")
    span, _, steps = sizes.partition(":")
    ends = [_SIZE.fullmatch(end) for end in span.split("..")]
    kinds = {end[2] or "" for end in ends if end}
    if len(kinds) != 1:
        raise ShockError(f"{text.strip()!r} mixes units: both ends of a range are %, bp or levels")
    kind: Kind = {"%": "relative", "bp": "bp", "": "absolute"}[kinds.pop()]  # type: ignore[assignment]
    low, high = (float(end[1].replace("_", "")) / (100 if kind == "relative" else 1) for end in (ends[0], ends[-1]) if end)
    count = 1 if len(ends) == 1 else int(steps or STEPS)
    if count < 1 + (len(ends) > 1) or count > 1001 or high < low:
        raise ShockError(f"{text.strip()!r}: a range rises from its first end to its last in 2 to 1001 points")
    points = [low + (high - low) * at / (count - 1) for at in range(count)] if count > 1 else [low]
    return Axis(name, kind, tuple(round(point, 12) for point in points))


def parse_axes(text: str) -> tuple[Axis, ...]:
    """Comma-separated axes. Raises ShockError for other words, and where two move one name."""
    axes = tuple(parse_axis(part) for part in text.split(",") if part.strip())
    if not axes:
        raise ShockError("no shock is given; write SERIES=-40%")
    return axes


def parse_shocks(text: str) -> tuple[Shock, ...]:
    """Comma-separated single shocks. Raises ShockError for other words and for ranges."""
    axes = parse_axes(text)
    for axis in axes:
        if len(axis.sizes) != 1:
            raise ShockError(f"{axis.name}: one world has one size, not a range")
    return tuple(Shock(axis.name, axis.kind, axis.sizes[0]) for axis in axes)


def moved_by(series: Sequence[str], name: str) -> list[int]:
    """The places of the series that a name moves, as `named`. Raises ShockError where none is."""
    found = named(series, name)
    if not found:
        words = {".".join(one.split(".")[:n]) for one in series for n in range(1, one.count(".") + 2)}
        near = difflib.get_close_matches(name, sorted(words), 1)
        hint = f"did you mean {near[0]!r}?" if near else "the desk reads " + ", ".join(dict.fromkeys(series))
        raise ShockError(f"nothing reads a mark called {name!r}; {hint}")
    return found


def named(series: Sequence[str], name: str) -> list[int]:
    """The places of the series of a name: itself, or all that a prefix of whole words begins; `*.rent` is that of every asset."""
    every, rest = name.startswith("*."), name.removeprefix("*.")
    known = [one.partition(".")[2] if every else one for one in series]
    return [k for k, one in enumerate(known) if one == rest or one.startswith(f"{rest}.")]


def check_shocks(series: Sequence[str], shocks: Sequence[Shock]) -> None:
    """Raises ShockError for a shock that no mark can have, and where two move one series."""
    seen: dict[str, str] = {}
    for shock in shocks:
        places = moved_by(series, shock.name)
        rates = [is_rate(series[k]) for k in places]
        if shock.kind == "bp" and not all(rates):
            raise ShockError(f"{shock}: basis points move rates only; write a percentage")
        if shock.kind == "relative" and shock.size < -1:
            raise ShockError(f"{shock}: a mark cannot lose more than all of itself")
        if shock.kind == "absolute" and shock.size < 0 and not all(rates):
            raise ShockError(f"{shock}: a price cannot be negative")
        if shock.kind == "absolute" and len({series[k] for k in places}) > 1:
            names = ", ".join(dict.fromkeys(series[k] for k in places))
            raise ShockError(f"{shock}: a level is for one series, and {shock.name!r} is {names}")
        for one in dict.fromkeys(series[k] for k in places):
            if one in seen:
                raise ShockError(f"{shock.name!r} and {seen[one]!r} both move {one}")
            seen[one] = shock.name


def shocked(now: Worlds, columns: Sequence[Sequence[Shock]]) -> Worlds:
    """The worlds of one instant with each set of shocks made: P = len(columns) paths, basis `stressed`.

    A level makes a missing mark known; any other shock leaves it missing. Raises ShockError as `check_shocks`.
    """
    marks = np.repeat(now.marks[:, :1], len(columns), axis=1)
    data = now.data.copy()
    for shape in {tuple((shock.name, shock.kind) for shock in column): column for column in sorted(columns, key=_largest)}.values():
        check_shocks(now.series, shape)
    levels = {shock.name for column in columns for shock in column if shock.kind == "absolute"}
    places = {name: moved_by(now.series, name) for name in {shock.name for column in columns for shock in column}}
    for p, column in enumerate(columns):
        for shock in column:
            marks[places[shock.name], p] = _moved(marks[places[shock.name], p], shock)
    for name in levels:
        if all(any(shock.name == name for shock in column) for column in columns):
            data[places[name]] = GOOD
    return msgspec.structs.replace(now, marks=marks, data=data, basis="stressed")


def _largest(column: Sequence[Shock]) -> float:
    """Orders sets of shocks so that the deepest fall of each shape comes last, and is the one checked."""
    return -min((shock.size for shock in column), default=0.0)


def _moved(values: Floats, shock: Shock) -> Floats:
    if shock.kind == "relative":
        return values * (1.0 + shock.size)
    return values + shock.size * 1e-4 if shock.kind == "bp" else np.full_like(values, shock.size)


def grid(axes: Sequence[Axis]) -> list[tuple[Shock, ...]]:
    """Every combination of the axes' sizes, the last axis running fastest. Raises ShockError where there are too many."""
    count = int(np.prod([len(axis.sizes) for axis in axes]))
    if count > MOST_WORLDS:
        raise ShockError(f"{count:,} worlds are more than {MOST_WORLDS:,}: give the axes fewer points")
    return [tuple(made) for made in itertools.product(*([Shock(axis.name, axis.kind, size) for size in axis.sizes] for axis in axes))]

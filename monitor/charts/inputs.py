"""What charts are drawn from: dated values, levels and grids as plain typed data. Unknown is None; a figure without end is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from math import isfinite
from typing import NamedTuple

import msgspec


class Size(NamedTuple):
    """Cells that a chart fills exactly."""

    columns: int
    rows: int


class Point(NamedTuple):
    """A value on a day, None where it is unknown, and its result (`pass`, `watch`, `fail`, ...) where it has one."""

    day: dt.date
    value: float | None
    result: str = ""


Points = tuple[Point, ...]


class RatioInput(msgspec.Struct, frozen=True, kw_only=True):
    """A ratio against its limit. `history` are indications, `tests` what was tested, `projection` what comes.

    `limits` are right-continuous steps: each stands from its day on, None where none is in force. `operator` is that
    of the limit. `fails` is the first failing date, in the future or the past, `amber` the first day of a warning. ValueError for NaN
    or infinities.
    """

    title: str
    unit: str
    operator: str
    as_of: dt.date
    history: Points = ()
    tests: Points = ()
    projection: Points = ()
    limits: Points = ()
    fails: dt.date | None = None
    amber: dt.date | None = None

    def __post_init__(self) -> None:
        for points in (self.history, self.tests, self.projection, self.limits):
            refuse_endless(point.value for point in points)


class DebtInput(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed and what the collateral is worth, at its `basis` (mark, appraisal, book), in `currency`.

    ValueError for NaN or infinities.
    """

    title: str
    currency: str
    as_of: dt.date
    debt: Points
    value: Points
    debt_ahead: Points = ()
    value_ahead: Points = ()
    basis: str = "mark"

    def __post_init__(self) -> None:
        for points in (self.debt, self.value, self.debt_ahead, self.value_ahead):
            refuse_endless(point.value for point in points)


NO_DATE = "no date"
"""The label of what is owed and falls due on no public date."""


class Bar(NamedTuple):
    """One year of a wall: principal due, what holders may put, and debts due then whose amount is not public."""

    label: str
    due: float
    puts: float = 0.0
    unknown: int = 0


class WallInput(msgspec.Struct, frozen=True, kw_only=True):
    """The rollover wall of one group: years in order; `unknown` names debts without an amount or date. ValueError for endless sums."""

    title: str
    currency: str
    bars: tuple[Bar, ...]
    unknown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_endless(amount for bar in self.bars for amount in (bar.due, bar.puts))
        if any(bar.due < 0 or bar.puts < 0 for bar in self.bars):
            raise ValueError("an amount due is not negative")


class MapAxis(NamedTuple):
    """One mark of a map: its name, its levels in rising order, and its level now."""

    label: str
    levels: tuple[float, ...]
    now: float


class MapInput(msgspec.Struct, frozen=True, kw_only=True):
    """What two marks do to one ratio, or to the worst of several.

    `margin[j][i]` at x.levels[i], y.levels[j] is above nought where it passes, below where it fails, None where
    unknown; `ratio[j][i]` is the figure to print there. ValueError where the shapes differ, levels do not rise, or a
    figure is endless.
    """

    title: str
    unit: str
    x: MapAxis
    y: MapAxis
    margin: tuple[tuple[float | None, ...], ...]
    ratio: tuple[tuple[float | None, ...], ...]

    def __post_init__(self) -> None:
        for axis in (self.x, self.y):
            refuse_endless((*axis.levels, axis.now))
            if len(axis.levels) < 2 or any(a >= b for a, b in zip(axis.levels, axis.levels[1:], strict=False)):
                raise ValueError(f"{axis.label}: levels must rise, and be two or more")
        for grid in (self.margin, self.ratio):
            if len(grid) != len(self.y.levels) or any(len(row) != len(self.x.levels) for row in grid):
                raise ValueError("a grid has one row for each level of y and one figure for each level of x")
            refuse_endless(figure for row in grid for figure in row)


class MarkInput(NamedTuple):
    """One series: its past (None where stale or missing), its level, its day's move, its age in days, its state on the data axis."""

    series: str
    points: Points
    value: float | None
    move: float | None
    age_days: float | None
    data: str


def known_from(*series: Points) -> tuple[Points, ...]:
    """Series of the same days without the days at the start on which all are unknown; as they are where nothing is known."""
    known = [point.day for points in series for point in points if point.value is not None]
    first = min(known, default=None)
    return tuple(points if first is None else tuple(point for point in points if point.day >= first) for points in series)


def refuse_endless(values: Iterable[float | None]) -> None:
    """Raise ValueError for NaN and infinities: unknown is None, and nothing else has no place on an axis."""
    for value in values:
        if value is not None and not isfinite(value):
            raise ValueError(f"not a figure that can be drawn: {value}")

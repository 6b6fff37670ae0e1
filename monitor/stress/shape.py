"""The answers of `covenant stress` as typed data: what its JSON says, unrounded, null for unknown."""

from __future__ import annotations

import msgspec

SCHEMA = "covenant-monitor/stress/1"


class AxisPart(msgspec.Struct, frozen=True):
    """One axis: the name moved, how its sizes are meant, and the sizes."""

    name: str
    kind: str
    sizes: tuple[float, ...]
    series: tuple[str, ...]


class BreakPart(msgspec.Struct, frozen=True):
    """Where one covenant turns along an axis, or along the ray of all axes to their first ends (`axis` "ray", `at` its share)."""

    axis: str
    at: float
    turns: str


class FrontierPart(msgspec.Struct, frozen=True):
    """For each size of one axis the size of the other at which the covenant turns, null where it does not."""

    given: str
    solved: str
    sizes: tuple[float, ...]
    breaks_at: tuple[float | None, ...]


class CovenantPart(msgspec.Struct, frozen=True):
    """One covenant in every world of the grid, in their order."""

    id: str
    title: str
    unit: str
    operator: str
    threshold: float | None
    now: str
    actual_now: float | None
    results: tuple[str, ...]
    actual: tuple[float | None, ...]
    missing: tuple[float | None, ...]
    breaks: tuple[BreakPart, ...] = ()
    frontier: FrontierPart | None = None


class GridPart(msgspec.Struct, frozen=True):
    """A grid: axes, the last running fastest; `failing`, `unknown` and `missing` (desk currency) add up each world."""

    axes: tuple[AxisPart, ...]
    failing: tuple[int, ...]
    unknown: tuple[int, ...]
    missing: tuple[float, ...]
    covenants: tuple[CovenantPart, ...]


class FailPart(msgspec.Struct, frozen=True):
    """One covenant that fails or is unknown in a scenario; `first` is when, on the path of a window."""

    id: str
    title: str
    now: str
    result: str
    actual: float | None
    threshold: float | None
    operator: str
    unit: str
    missing: float | None
    currency: str
    first: str | None = None


class ScenarioPart(msgspec.Struct, frozen=True):
    """One scenario at its worst point (its only one, where it is no window)."""

    id: str
    title: str
    source: str | None
    moves: tuple[str, ...]
    worst: str | None
    failing: int
    newly: int
    unknown: int
    missing: float
    fails: tuple[FailPart, ...]
    path: tuple[tuple[str, int, float], ...] = ()
    notes: tuple[str, ...] = ()


def number(raw: float) -> float | None:
    """A figure of the answer: null where it is not known."""
    return None if raw != raw or raw in (float("inf"), float("-inf")) else float(raw)

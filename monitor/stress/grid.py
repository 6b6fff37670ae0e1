"""A grid of shocks: every covenant in every world, where along each axis it breaks, and the frontier between two marks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from monitor.stress.ground import Ground
from monitor.stress.shape import AxisPart, BreakPart, CovenantPart, FrontierPart, GridPart, number
from rules.columns import Floats
from rules.compare import FAIL, INDETERMINATE, RESULTS
from rules.grids import Axis, Kind, Shock, grid, moved_by, shocked
from rules.stressed import Line, Stressed, breaks
from rules.worlds import Worlds

_FAR = np.concatenate((-np.geomspace(0.999999, 0.005, 40), [0.0], np.geomspace(0.005, 9.0, 40)))
"""How far along an axis a break is looked for, as a share of the mark; rates 20 percentage points either way."""
_POINTS = np.concatenate((-np.geomspace(2000.0, 5.0, 40), [0.0], np.geomspace(5.0, 2000.0, 40)))


def grid_of(ground: Ground, axes: Sequence[Axis]) -> GridPart:
    """The grid of one or more axes. Raises ShockError for shocks that cannot be."""
    cells = grid(axes)
    found = ground.run(shocked(ground.now, cells))
    series = ground.now.series
    parts = tuple(
        AxisPart(axis.name, axis.kind, axis.sizes, tuple(dict.fromkeys(series[k] for k in moved_by(series, axis.name)))) for axis in axes
    )
    turning = [_along(ground, axis) for axis in axes] + ([_ray(ground, axes)] if len(axes) > 1 else [])
    names = [axis.name for axis in axes] + (["ray"] if len(axes) > 1 else [])
    frontiers = _frontiers(ground, axes) if len(axes) == 2 else [None] * len(ground.rows)
    rows = tuple(
        _covenant(ground, found, n, [(name, float(at[n])) for name, at in zip(names, turning, strict=True)], frontiers[n])
        for n in range(len(ground.rows))
    )
    return GridPart(parts, *totals(ground, found), rows)


def totals(ground: Ground, found: Stressed) -> tuple[tuple[int, ...], tuple[int, ...], tuple[float, ...]]:
    """(covenants failing, unknown, money missing in the desk's currency) of each world; what is not known adds nothing."""
    missing = np.nan_to_num(found.missing * ground.rates[:, None]).sum(axis=0)
    unknown = (found.made.result == INDETERMINATE).sum(axis=0)
    return tuple(found.failing.sum(axis=0).tolist()), tuple(unknown.tolist()), tuple(missing.tolist())


def _covenant(ground: Ground, found: Stressed, n: int, at: list[tuple[str, float]], frontier: FrontierPart | None) -> CovenantPart:
    made, test = found.made, ground.picture.book.tests[ground.rows.test[n]]
    turns = "clears" if ground.start.made.result[n, 0] == FAIL else "fails"
    return CovenantPart(
        ground.name(n), test.title, test.unit, test.levels[0].operator, number(made.threshold[n]), ground.result(n),
        number(ground.start.made.actual[n, 0]), tuple(RESULTS[code] for code in made.result[n].tolist()),
        tuple(number(one) for one in made.actual[n].tolist()), tuple(number(one) for one in found.missing[n].tolist()),
        tuple(BreakPart(axis, size, turns) for axis, size in at if np.isfinite(size)), frontier,
    )  # fmt: skip


def line_of(now: Worlds, axis: Axis, beside: tuple[Shock, ...] = ()) -> tuple[Line, Floats]:
    """The worlds along one axis (rates in basis points, all else as a share of the mark), others held, and how far to look."""
    kind: Kind = "bp" if axis.kind == "bp" else "relative"

    def line(sizes: Floats) -> Worlds:
        return shocked(now, [(*beside, Shock(axis.name, kind, float(size))) for size in sizes])

    return line, _POINTS if kind == "bp" else _FAR


def _along(ground: Ground, axis: Axis, beside: tuple[Shock, ...] = ()) -> Floats:
    """float64[N]: where each covenant turns along an axis, in the axis's own measure."""
    line, far = line_of(ground.now, axis, beside)
    found = breaks(ground.picture.book, line, ground.now, ground.rows, far, ground.picture.state)
    if axis.kind != "absolute":
        return found
    k = moved_by(ground.now.series, axis.name)[0]
    return np.asarray(ground.now.marks[k, 0, 0] * (1 + found))


def _ray(ground: Ground, axes: Sequence[Axis]) -> Floats:
    """float64[N]: the share of the way from now to the first ends of all axes at once at which each covenant turns."""
    ends = [Shock(axis.name, axis.kind, axis.sizes[0]) for axis in axes if axis.kind != "absolute"]
    if not ends:
        return np.full(len(ground.rows), np.nan)

    def line(shares: Floats) -> Worlds:
        return shocked(ground.now, [[Shock(one.name, one.kind, one.size * share) for one in ends] for share in shares])

    return breaks(ground.picture.book, line, ground.now, ground.rows, np.linspace(0, 1, 41), ground.picture.state)


def _frontiers(ground: Ground, axes: Sequence[Axis]) -> list[FrontierPart | None]:
    """For each size of the first axis the size of the second at which each covenant turns; None where that moves nothing."""
    one, two = axes
    columns = [_along(ground, two, (Shock(one.name, one.kind, size),)) for size in one.sizes]
    found = np.stack(columns, axis=1)
    return [
        FrontierPart(one.name, two.name, one.sizes, tuple(number(at) for at in row)) if np.isfinite(row).any() else None
        for row in found.tolist()
    ] if len(found) else []  # fmt: skip

"""The whole answer of `covenant stress`, and its JSON and CSV."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from monitor.assumed import AssumedPart, curves_assumed, drivers_assumed
from monitor.report.csv import Cell, write_rows
from monitor.report.words import iso
from monitor.stress.drivers import drivers_of
from monitor.stress.grid import grid_of
from monitor.stress.ground import Ground
from monitor.stress.joint import Asked, JointPart, joint_of
from monitor.stress.nearest import ReversePart, reverse_of
from monitor.stress.scenarios import scenario_part, scenarios_of
from monitor.stress.shape import SCHEMA, GridPart, ScenarioPart
from rules.grids import parse_axes, said
from rules.judge import NOTHING_OWED

COLUMNS = ("world", "facility", "covenant", "result", "actual", "unit", "operator", "threshold", "missing")


class Answer(msgspec.Struct, frozen=True):
    """What was asked, of one desk at one instant; `assumptions` say how worlds are made, `inputs` what of them nobody observed."""

    as_of: str
    known_at: str
    currency: str
    covenants: int
    failing_now: tuple[str, ...]
    unknown_now: tuple[str, ...]
    nothing_owed: tuple[str, ...]
    assumptions: tuple[str, ...]
    grid: GridPart | None = None
    scenarios: tuple[ScenarioPart, ...] = ()
    joint: JointPart | None = None
    reverse: ReversePart | None = None
    inputs: tuple[AssumedPart, ...] = ()
    schema: str = SCHEMA


def answer(
    ground: Ground,
    grid: str | None,
    scenarios: Sequence[str],
    facilities: Sequence[str] | None,
    asked: Asked | None = None,
    reverse: tuple[int, float, int] | None = None,
) -> Answer:
    """The grid and the scenarios asked for. Raises ShockError for shocks that cannot be."""
    known = scenarios_of(ground.picture.session.desk)
    joint, back = joint_of(ground, asked) if asked else None, reverse_of(ground, *reverse) if reverse else None
    return Answer(
        iso(ground.picture.as_of), iso(ground.picture.known_at), ground.currency, len(ground.rows),
        _with(ground, "fail"), _with(ground, "indeterminate"), _owing_nothing(ground), _CONVENTIONS,
        grid_of(ground, parse_axes(grid)) if grid else None,
        tuple(scenario_part(ground, known[name], facilities) for name in scenarios),
        joint, back, tuple(_inputs(ground, asked.plain if asked else False, joint is not None or back is not None)),
    )  # fmt: skip


def _with(ground: Ground, result: str) -> tuple[str, ...]:
    return tuple(ground.name(n) for n in range(len(ground.rows)) if ground.result(n) == result)


def _owing_nothing(ground: Ground) -> tuple[str, ...]:
    return tuple(ground.name(n) for n in range(len(ground.rows)) if ground.start.made.reason[n] == NOTHING_OWED)


_CONVENTIONS = ("marks not shocked stay as they are", "a shocked mark scales its whole curve; a rate shifts in parallel")


def _inputs(ground: Ground, plain: bool, random: bool) -> list[AssumedPart]:
    """The curves of the desk's marks, and of random worlds the volatilities and correlations that no history gives."""
    desk = ground.picture.session.desk
    found = curves_assumed(desk, ground.now.series)
    if random:
        drivers = drivers_of(ground.picture, plain)
        series = [one.series for one in drivers.parts if one.basis == "assumed"]
        found += drivers_assumed(desk, series, [(one.one, one.two) for one in drivers.pairs if one.basis == "assumed"])
    return found


def json_of(made: Answer) -> str:
    """One object; docs/stress.md says what its keys mean."""
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()


def csv_of(made: Answer) -> str:
    """One row a covenant and world."""
    rows: list[tuple[Cell, ...]] = []
    if made.grid is not None:
        worlds = _worlds(made.grid)
        for one in made.grid.covenants:
            facility, _, covenant = one.id.partition("/")
            rows += [
                (world, facility, covenant, result, actual, one.unit, one.operator, one.threshold, missing)
                for world, result, actual, missing in zip(worlds, one.results, one.actual, one.missing, strict=True)
            ]
    for scenario in made.scenarios:
        for fail in scenario.fails:
            facility, _, covenant = fail.id.partition("/")
            rows.append((scenario.id, facility, covenant, fail.result, fail.actual, fail.unit, fail.operator, fail.threshold, fail.missing))
    for dial in made.joint.dials if made.joint is not None else ():
        for odds in dial.covenants:
            facility, _, covenant = odds.id.partition("/")
            rows.append((f"dial {dial.dial:g}", facility, covenant, "probability", odds.probability, "fraction", None, None, None))
    return write_rows(COLUMNS, rows)


def _worlds(grid: GridPart) -> list[str]:
    import itertools

    sizes = itertools.product(*(axis.sizes for axis in grid.axes))
    return ["; ".join(f"{axis.name} {said(axis.kind, size)}" for axis, size in zip(grid.axes, cell, strict=True)) for cell in sizes]  # type: ignore[arg-type]

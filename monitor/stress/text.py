"""The answer for people: a map of the grid, where each covenant turns, the scenarios and what fails in them."""

from __future__ import annotations

from monitor.assumed import assumed_lines
from monitor.cells import cut, name, pad, wrap
from monitor.report.words import money, plural, ratio, stamp
from monitor.stress.answer import Answer
from monitor.stress.odds import joint_text, reverse_text
from monitor.stress.shape import AxisPart, CovenantPart, GridPart, ScenarioPart
from rules.grids import said

_MOST_COLUMNS = 9
_SHOWN = 12


def text_of(made: Answer, width: int = 80) -> str:
    """The whole answer, lines of at most `width` cells."""
    blocks = [_head(made, width)]
    if made.grid is not None:
        blocks += _grid(made.grid, made.currency, width)
    if made.scenarios:
        blocks.append(_summary(made, width))
        blocks += [_scenario(one, made.currency, width) for one in made.scenarios]
    if made.joint is not None:
        blocks += joint_text(made.joint, made.currency, width)
    if made.reverse is not None:
        blocks += reverse_text(made.reverse, width)
    if made.grid is None and made.joint is None and made.reverse is None and not made.scenarios:
        blocks.append(["the desk has no scenarios: write scenarios/NAME.toml, or ask with --grid"])
    blocks.append([*wrap(f"assumed: {'; '.join(made.assumptions)}", width), *assumed_lines(made.inputs, width)])
    return "\n\n".join("\n".join(cut(line, width) for line in block) for block in blocks)


def _head(made: Answer, width: int) -> list[str]:
    """How many covenants there are, fail and cannot be judged; the last, and what owes nothing, by name: no count below has them."""
    unknown = made.unknown_now
    said = f"{plural(made.covenants, 'covenant')}, {len(made.failing_now)} failing now, {len(unknown)} that cannot be judged"
    kinds = (("cannot be judged now", unknown), ("nothing owed", made.nothing_owed))
    names = [f"{kind}: {', '.join(name(one) for one in ids)}" for kind, ids in kinds if ids]
    return [line for text in (f"Stress as of {stamp(made.as_of)}: {said}", *names) for line in wrap(text, width)]


def _grid(grid: GridPart, currency: str, width: int) -> list[list[str]]:
    if len(grid.axes) == 1:
        blocks = [_table(grid, currency)]
    elif len(grid.axes) == 2:
        few = grid.covenants if len(grid.covenants) <= 3 else ()
        counts = [_count(f, u) for f, u in zip(grid.failing, grid.unknown, strict=True)]
        blocks = [_map(grid, "covenants failing (! some, ? unknown only, . none)", counts)]
        blocks += [_map(grid, f"{one.id}  {one.operator} {_figure(one.threshold, one.unit)}", _figures(one)) for one in few]
    else:
        worst = max(range(len(grid.failing)), key=lambda p: (grid.failing[p], grid.missing[p]))
        short = money(grid.missing[worst], currency)
        blocks = [[f"{plural(len(grid.failing), 'world')}: at worst {grid.failing[worst]} fail, {short} missing"]]
    return [*blocks, _order(grid, width), *([_frontier(grid)] if any(one.frontier for one in grid.covenants) else [])]


def _count(failing: int, unknown: int) -> str:
    return f"!{failing}" if failing else f"?{unknown}" if unknown else "."


def _figures(one: CovenantPart) -> list[str]:
    sign = {"fail": "!", "indeterminate": "?", "not_tested": "-"}
    pairs = zip(one.results, one.actual, strict=True)
    return [sign.get(result, " ") + (_figure(actual, one.unit) if actual is not None else "") for result, actual in pairs]


def _figure(raw: float | None, unit: str) -> str:
    return money(raw) if unit == "money" else f"{raw:,.0f}" if raw is not None and abs(raw) >= 1000 else ratio(raw, unit)


def _size(axis: AxisPart, size: float) -> str:
    return said(axis.kind, round(size, 3 if axis.kind == "relative" else 2))  # type: ignore[arg-type]


def _thin(count: int) -> list[int]:
    """The places shown of so many: all, or evenly some with both ends."""
    return list(range(count)) if count <= _MOST_COLUMNS else [round(at * (count - 1) / (_MOST_COLUMNS - 1)) for at in range(_MOST_COLUMNS)]


def _map(grid: GridPart, title: str, cells: list[str]) -> list[str]:
    down, across = grid.axes
    rows, columns = _thin(len(down.sizes)), _thin(len(across.sizes))
    lines = [name(title), f"{name(down.name)} down, {name(across.name)} across"]
    lines.append(" " * 9 + "".join(pad(_size(across, across.sizes[at]), 7, right=True) for at in columns))
    for row in reversed(rows):
        line = "".join(pad(cells[row * len(across.sizes) + at], 7, right=True) for at in columns)
        lines.append(pad(_size(down, down.sizes[row]), 9, right=True) + line)
    return lines


def _table(grid: GridPart, currency: str) -> list[str]:
    axis = grid.axes[0]
    lines = [f"{name(axis.name)} ({', '.join(name(one) for one in axis.series)})", f"{'':>12}  fail  unknown  missing"]
    for at in _thin(len(axis.sizes)):
        lines.append(f"{_size(axis, axis.sizes[at]):>12}  {grid.failing[at]:4}  {grid.unknown[at]:7}  {money(grid.missing[at], currency)}")
    return lines


def _order(grid: GridPart, width: int) -> list[str]:
    """Which covenants turn first: along the ray where there are several axes, else along the axis, downwards and upwards."""
    lines: list[str] = []
    for axis in [part.name for part in grid.axes] + (["ray"] if len(grid.axes) > 1 else []):
        kind = next((part.kind for part in grid.axes if part.name == axis), "relative")
        found = [(one, turn) for one in grid.covenants for turn in one.breaks if turn.axis == axis]
        found.sort(key=lambda pair: abs(pair[1].at))
        what = "all axes together, as a share of the way to the first ends" if axis == "ray" else axis
        lines.append(f"along {name(what)}:" if found else f"along {name(axis)}: nothing turns")
        for one, turn in found[: _SHOWN if len(grid.axes) == 1 else 5]:
            at = f"{turn.at * 100:.1f}%" if axis == "ray" else said(kind, round(turn.at, 4 if kind == "relative" else 2))  # type: ignore[arg-type]
            who = pad(name(one.id), max(20, width - 38))
            lines.append(f"  {pad(turn.turns, 6)} at {pad(at, 9, right=True)}  {who} now {_figure(one.actual_now, one.unit)}")
        if len(found) > _SHOWN:
            lines.append(f"  and {len(found) - _SHOWN} more")
    return lines


def _frontier(grid: GridPart) -> list[str]:
    """For each covenant that both marks move: the level of the second at which it turns, by level of the first."""
    down, across = grid.axes
    columns = _thin(len(down.sizes))
    lines = [f"frontier: the {name(across.name)} at which each turns, by {name(down.name)}"]
    lines.append(" " * 21 + "".join(pad(_size(down, down.sizes[at]), 8, right=True) for at in columns[:7]))
    both = [one for one in grid.covenants if one.frontier and len({round(at, 9) for at in one.frontier.breaks_at if at is not None}) > 1]
    for one in both[:_SHOWN]:
        assert one.frontier is not None
        cells = [one.frontier.breaks_at[at] for at in columns[:7]]
        lines.append(pad(name(one.id), 21) + "".join(pad("-" if at is None else _size(across, at), 8, right=True) for at in cells))
    return lines if both else [lines[0], "  no covenant moves with both"]


def _summary(made: Answer, width: int) -> list[str]:
    room = max(20, width - 44)
    lines = [f"{pad('scenario', room)} {'fail':>5} {'newly':>6} {'unknown':>8}  missing"]
    for one in made.scenarios:
        lines.append(f"{pad(name(one.id), room)} {one.failing:5} {one.newly:6} {one.unknown:8}  {money(one.missing, made.currency)}")
    return lines


def _scenario(one: ScenarioPart, currency: str, width: int) -> list[str]:
    lines = [f"{name(one.id)}: {name(one.title)}", *wrap("  " + "; ".join(name(move) for move in one.moves), width)]
    if one.worst:
        points, short = plural(len(one.path), "point"), money(one.missing, currency)
        lines.append(f"  worst on {one.worst} of {points}: {one.failing} fail, {short} missing")
    lines += [f"  ! {name(note)}" for note in one.notes if one.worst and note.endswith("is held")]
    for fail in sorted(one.fails, key=lambda found: (found.result != "fail", found.now == "fail", found.id)):
        if fail.result == "indeterminate" and fail.now == "indeterminate":
            continue
        was = {"fail": "already", "indeterminate": "unknown now"}.get(fail.now, "NEW")
        short = f"  {money(fail.missing, fail.currency)} short" if fail.missing else ""
        when = f"  from {fail.first}" if fail.first and fail.now != "fail" else ""
        figure = f"{_figure(fail.actual, fail.unit)} ({fail.operator} {_figure(fail.threshold, fail.unit)})"
        lines.append(f"  {pad(name(fail.id), 26)} {pad(figure, 18)} {was}{short}{when}")
    return lines

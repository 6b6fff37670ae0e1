"""The breach map: two marks against each other, where it fails shaded, the frontier drawn, figures on a grid, today's place marked."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from monitor.board.figures import figure, level, mark_label
from monitor.board.spans import Line, Span
from monitor.cells import name
from monitor.charts.canvas import Canvas, Ink, Style, sample
from monitor.charts.inputs import MapAxis, MapInput, Size
from monitor.charts.layout import Below, Plot, exactly, fits, framed, legend_of, plot_of
from monitor.charts.scale import Scale, label, step_of, ticks

FRONTIER = Ink("#", "strong", 3)
_Grid = tuple[tuple[float | None, ...], ...]


def breach_map(given: MapInput, size: Size, style: Style) -> list[Line]:
    """Exactly `size` cells: x runs to the right, y upwards, both in the levels of their marks."""
    head, legend = _head(given, style), _legend(given, style)
    if not fits(size):
        return exactly([head, *_crossings(given), legend], size, style)
    plot = plot_of(size, style, lambda dots: Scale(given.y.levels[0], given.y.levels[-1], dots), "")
    canvas = plot.canvas
    across = Scale(given.x.levels[0], given.x.levels[-1], canvas.across)
    _shade(given, canvas, across, plot.scale)
    _figures(given, canvas, across, plot.scale, _frontier(given, canvas, across, plot.scale))
    _now(given, plot, across)
    most = max(2, canvas.columns // 12)
    step = step_of(across.low, across.high, most)
    below = [
        Below(across.place(value) // style.across, label(value, step, "", across.high)) for value in ticks(across.low, across.high, most)
    ]
    return framed(head, plot, below, legend, size)


def _shade(given: MapInput, canvas: Canvas, across: Scale, up: Scale) -> None:
    style = canvas.style
    for row in range(canvas.rows):
        for column in range(canvas.columns):
            margin = _cell(given.margin, given, canvas, across, up, column, row)
            if margin is None:
                canvas.text(column, row, "?", "unknown")
            elif margin < 0:
                canvas.text(column, row, style.fails, "fail")


def _cell(grid: _Grid, given: MapInput, canvas: Canvas, across: Scale, up: Scale, column: int, row: int) -> float | None:
    """The figure of a grid in the middle of a cell."""
    style = canvas.style
    x = across.value(column * style.across + (style.across - 1) / 2)
    y = up.value(canvas.down - 1 - row * style.down - (style.down - 1) / 2)
    return between(grid, given.x, given.y, x, y)


def between(grid: _Grid, x_axis: MapAxis, y_axis: MapAxis, x: float, y: float) -> float | None:
    """The figure at (x, y), straight between its four neighbours; None where one of those that count is unknown."""
    (i, a), (j, b) = _part(x_axis.levels, x), _part(y_axis.levels, y)
    total = 0.0
    for down, rows in ((1 - b, grid[j]), (b, grid[j + 1])):
        for share, one in ((1 - a, rows[i]), (a, rows[i + 1])):
            if share * down > 0:
                if one is None:
                    return None
                total += share * down * one
    return total


def _part(levels: tuple[float, ...], at: float) -> tuple[int, float]:
    place = min(max(bisect_right(levels, at) - 1, 0), len(levels) - 2)
    low, high = levels[place], levels[place + 1]
    return place, min(1.0, max(0.0, (at / 2 - low / 2) / (high / 2 - low / 2)))


def _frontier(given: MapInput, canvas: Canvas, across: Scale, up: Scale) -> set[tuple[int, int]]:
    """A dot wherever the margin changes its sign between one dot and the next, to the right or upwards; the cells with one."""
    drawn = Canvas(canvas.columns, canvas.rows, canvas.style)
    below: list[float | None] = []
    for y in range(canvas.down):
        row = [between(given.margin, given.x, given.y, across.value(x), up.value(y)) for x in range(canvas.across)]
        for x, (one, other) in enumerate(pairwise(row)):
            if _crosses(one, other):
                drawn.dot(x, canvas.down - 1 - y, FRONTIER)
        for x, (one, other) in enumerate(zip(below, row, strict=False)):
            if _crosses(one, other):
                drawn.dot(x, canvas.down - 1 - y, FRONTIER)
        below = row
    cells: set[tuple[int, int]] = set()
    for row_of_cells in range(drawn.rows):
        column = 0
        for text, role in drawn.line(row_of_cells):
            if role:
                canvas.text(column, row_of_cells, text, role)
                cells |= {(at, row_of_cells) for at in range(column, column + len(text))}
            column += len(text)
    return cells


def _crosses(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and (one < 0) != (other < 0)


def _figures(given: MapInput, canvas: Canvas, across: Scale, up: Scale, frontier: set[tuple[int, int]]) -> None:
    """The ratio on a grid of places, each with the sign of its state; never over the frontier."""
    for row in range(1, canvas.rows, max(3, canvas.rows // 5)):
        for column in range(2, canvas.columns - 8, max(12, canvas.columns // 5)):
            ratio = _cell(given.ratio, given, canvas, across, up, column, row)
            margin = _cell(given.margin, given, canvas, across, up, column, row)
            if ratio is None or margin is None:
                continue
            text = f"{'X ' if margin < 0 else ''}{figure(ratio, given.unit)}"
            hidden = any((column + at, row) in frontier for at in range(-1, len(text) + 1))
            if not hidden and column + len(text) < canvas.columns:
                canvas.text(column, row, text, "fail" if margin < 0 else "pass")


def _now(given: MapInput, plot: Plot, across: Scale) -> None:
    style = plot.canvas.style
    if across.low <= given.x.now <= across.high and plot.scale.low <= given.y.now <= plot.scale.high:
        row = (plot.scale.dots - 1 - plot.scale.place(given.y.now)) // style.down
        plot.canvas.text(across.place(given.x.now) // style.across, row, "+" if style.ascii else "◆", "key")


def _head(given: MapInput, style: Style) -> Line:
    margin = between(given.margin, given.x, given.y, given.x.now, given.y.now)
    ratio = between(given.ratio, given.x, given.y, given.x.now, given.y.now)
    if margin is None:
        state = Span("? UNKNOWN", "unknown")
    elif margin < 0:
        state = Span("X FAIL" if style.ascii else "✖ FAIL", "fail")
    else:
        state = Span(". PASS" if style.ascii else "✓ PASS", "pass")
    up, right = ("^", ">") if style.ascii else ("↑", "→")
    return (
        Span(f" {name(given.title)} ", "title"), Span(f" {figure(ratio, given.unit)}", "strong"), Span("  "), state,
        Span(f"  {up} {_axis(given.y)}  {right} {_axis(given.x)}", "dim"),
    )  # fmt: skip


def _axis(axis: MapAxis) -> str:
    return f"{name(mark_label(axis.label, long=True))} {level(axis.label, axis.now, fine=True)}"


def crossing(grid: _Grid, given: MapInput, along_x: bool) -> float | None:
    """The level of one mark nearest to today's at which the margin changes its sign, the other as it is; None where it never does."""
    axis = given.x if along_x else given.y
    found = []
    for low, high in pairwise(sorted({*axis.levels, *(() if not axis.levels[0] < axis.now < axis.levels[-1] else (axis.now,))})):
        one, other = (between(grid, given.x, given.y, *((at, given.y.now) if along_x else (given.x.now, at))) for at in (low, high))
        if one is not None and other is not None and (one < 0) != (other < 0):
            found.append(low + (high - low) * (one / (one - other)))
    return min(found, key=lambda at: abs(at - axis.now), default=None)


def _crossings(given: MapInput) -> list[Line]:
    lines: list[Line] = []
    for along_x, axis in ((True, given.x), (False, given.y)):
        at = crossing(given.margin, given, along_x)
        words = "never in this range" if at is None else f"at {level(axis.label, at, fine=True)}"
        lines.append((Span(f" {name(mark_label(axis.label, long=True))} alone: breaks {words}"),))
    return lines


def _legend(given: MapInput, style: Style) -> Line:
    now = "+" if style.ascii else "◆"
    parts = [(now, "key", "now"), (style.fails * 2, "fail", "fails"), (sample(FRONTIER, style), "strong", "frontier")]
    for along_x, axis in ((True, given.x), (False, given.y)):
        at = crossing(given.margin, given, along_x)
        if at is not None:
            parts.append(("", "", f"{name(mark_label(axis.label, long=True))} alone breaks at {level(axis.label, at, fine=True)}"))
    if any(one is None for row in given.margin for one in row):
        parts.append(("?", "unknown", "unknown"))
    return legend_of(parts)

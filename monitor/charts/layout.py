"""The frame of a chart: a head line, figures on the left, days or names below, a legend; every line exactly as wide as asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from monitor.board.spans import Line, Span, fit, justified, line_width
from monitor.charts.canvas import Canvas, Style
from monitor.charts.inputs import Size
from monitor.charts.scale import Scale, label, step_of, ticks

LEAST = Size(24, 7)
"""Below this a chart is its head, one line of history and its legend."""


class Below(NamedTuple):
    """A label under the axis: the column of the plot it stands at, and its text."""

    column: int
    text: str


class Plot(NamedTuple):
    """The room for dots inside a frame of some size, and the labels of its figures by row."""

    canvas: Canvas
    scale: Scale
    labels: dict[int, str]
    wide: int


def filled(line: Line, cells: int, ascii: bool) -> Line:
    """The line cut or filled with blanks to exactly `cells`."""
    line = fit(line, cells, ascii)
    room = cells - line_width(line)
    return (*line, Span(" " * room)) if room else line


def exactly(lines: Sequence[Line], size: Size, style: Style) -> list[Line]:
    """Exactly `size.rows` lines of exactly `size.columns` cells; what is too much falls off the end."""
    kept = [filled(line, size.columns, style.ascii) for line in lines[: size.rows]]
    return kept + [filled((), size.columns, style.ascii)] * (size.rows - len(kept))


def fits(size: Size) -> bool:
    """Whether axes have room."""
    return size.columns >= LEAST.columns and size.rows >= LEAST.rows


def plot_of(size: Size, style: Style, scale: Callable[[int], Scale], unit: str) -> Plot:
    """A plot with its figures on the left, in a frame of `size`; `scale` makes the range over a number of dots."""
    rows = size.rows - 4
    made = scale(rows * style.down)
    labels = figures(made, rows, unit)
    wide = min(max((len(text) for text in labels.values()), default=0), size.columns // 2)
    return Plot(Canvas(size.columns - wide - 1, rows, style), made, labels, wide)


def figures(scale: Scale, rows: int, unit: str) -> dict[int, str]:
    """Round figures by the row they stand on, one for every two rows at most."""
    most = max(2, min(8, rows // 2))
    step = step_of(scale.low, scale.high, most)
    largest = max(abs(scale.low), abs(scale.high))
    down = scale.dots // rows
    return {row_of(scale, value, down): label(value, step, unit, largest) for value in ticks(scale.low, scale.high, most)}


def row_of(scale: Scale, value: float, down: int) -> int:
    """The row of cells, from the top, on which a figure lies."""
    return (scale.dots - 1 - scale.place(value)) // down


def framed(head: Line, plot: Plot, below: Sequence[Below], legend: Line, size: Size) -> list[Line]:
    """All lines of a chart, from its head to its legend."""
    style, wide = plot.canvas.style, plot.wide
    lines = [head]
    for row in range(plot.canvas.rows):
        text = plot.labels.get(row, "")
        axis = style.tick if text else style.vertical
        lines.append((Span(f"{text[:wide]:>{wide}}", "dim"), Span(axis, "rule"), *plot.canvas.line(row)))
    lines.append((Span(" " * wide), Span(style.corner + style.horizontal * plot.canvas.columns, "rule")))
    lines.append((Span(" " * (wide + 1)), Span(_labels(below, plot.canvas.columns), "dim")))
    return exactly([*lines, legend], size, style)


def _labels(below: Sequence[Below], columns: int) -> str:
    """Labels under the axis, each centred on its column where that is free; one that would touch another is left out."""
    written, end = "", -1
    for column, text in below:
        start = max(0, min(column - len(text) // 2, columns - len(text)))
        if start > end and len(text) <= columns:
            written += " " * (start - len(written)) + text
            end = len(written)
    return written


def head_of(left: Line, as_of: dt.date, size: Size, style: Style) -> Line:
    """The head line: what and how it stands on the left, the as-of on the right; the left alone where both do not fit."""
    if line_width(left) + 18 > size.columns:
        return left
    return justified(left, (Span(f"as of {as_of.isoformat()} ", "dim"),), size.columns, style.ascii)


def legend_of(parts: Sequence[tuple[str, str, str]]) -> Line:
    """A legend: (sign, role of the sign, words) side by side, the most important first."""
    spans: list[Span] = []
    for sign, role, words in parts:
        spans += [Span("  " if spans else " "), Span(sign, role), Span(f" {words}", "dim")]
    return tuple(spans)

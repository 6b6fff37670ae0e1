"""A sparkline: the shape of a series in one line, blank where it is unknown; and marks as rows with their age."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from monitor.board.figures import age, level, percent
from monitor.board.spans import Line, Span
from monitor.cells import name, pad
from monitor.charts.canvas import Canvas, Ink, Style
from monitor.charts.inputs import MarkInput, Points, Size
from monitor.charts.layout import exactly
from monitor.charts.scale import Scale

_STATES = {
    "good": ("✓", ".", "pass"), "single_source": ("!", "!", "warn"), "overridden": ("○", "o", "waived"), "stale": ("!", "!", "warn"),
    "missing": ("?", "?", "unknown"),
}  # fmt: skip


def spark(points: Points, columns: int, style: Style, role: str = "") -> Line:
    """Exactly `columns` cells: at each dot the last point up to its day; the range is that of the points."""
    if columns <= 0:
        return ()
    held = _held(points, columns if style.ramp else columns * style.across)
    known = [value for value in held if value is not None]
    if not known:
        return (Span(" " * columns),)
    low, high = min(known), max(known)
    if style.ramp:
        scale = Scale(low, high, len(style.ramp))
        text = "".join(" " if value is None else style.ramp[_place(scale, value)] for value in held)
        return (Span(text, role),)
    canvas, ink, scale = Canvas(columns, 1, style), Ink("*", role, 1), Scale(low, high, style.down)
    before: int | None = None
    for x, value in enumerate(held):
        y = None if value is None else style.down - 1 - _place(scale, value)
        if y is not None:
            canvas.path([(x, y if before is None else before), (x, y)], lambda _: ink)
        before = y
    return canvas.line(0)


def _place(scale: Scale, value: float) -> int:
    """The dot of a value; a constant lies in the middle."""
    return scale.place(value) if scale.high / 2 > scale.low / 2 else (scale.dots - 1) // 2


def _held(points: Points, dots: int) -> list[float | None]:
    """The value at each of `dots` equal steps from the first day to the last."""
    if not points:
        return [None] * dots
    days = [point.day.toordinal() for point in points]
    first, span = days[0], days[-1] - days[0]
    at = [first + (span * dot) // max(1, dots - 1) for dot in range(dots)]
    return [points[bisect_right(days, day) - 1].value for day in at]


def marks_chart(marks: Sequence[MarkInput], size: Size, style: Style) -> list[Line]:
    """One row a series: name, past, level, day's move, age, and its state as a sign and a word."""
    if size.columns < 44:
        rows = [_row(mark, max(4, size.columns - 20), 0, style) for mark in marks]
    else:
        label = min(32, max([12, *(len(mark.series) for mark in marks)]), size.columns - 40)
        rows = [_row(mark, label, size.columns - label - 42, style) for mark in marks]
    return exactly(rows, size, style)


def _row(mark: MarkInput, label: int, wide: int, style: Style) -> Line:
    return (
        Span(f" {pad(name(mark.series), label, ascii=style.ascii)} ", "strong"),
        *((*spark(mark.points, wide, style, "title"), Span(" ")) if wide > 0 else ()),
        Span(f"{level(mark.series, mark.value):>9}"), Span(f"{percent(mark.move) if wide > 0 else '':>7}", "dim") if wide > 0 else Span(""),
        Span(f" {age(mark.age_days):>4} "), state_span(mark, style),
    )  # fmt: skip


def state_span(mark: MarkInput, style: Style) -> Span:
    """The state of a mark on the data axis as a sign and a word."""
    sign, plain, role = _STATES.get(mark.data, ("?", "?", "unknown"))
    return Span(f"{plain if style.ascii else sign} {name(mark.data).replace('_', ' ')}", role)

"""One mark over time: its level day by day, with gaps where it was stale or missing, its age and state in the head."""

from __future__ import annotations

from monitor.board.figures import age, kind_of, level, percent
from monitor.board.spans import Line, Span
from monitor.cells import name
from monitor.charts.canvas import Style, sample
from monitor.charts.dates import date_ticks, days_of
from monitor.charts.inputs import MarkInput, Size
from monitor.charts.layout import Below, exactly, fits, framed, legend_of, plot_of
from monitor.charts.scale import scale_of
from monitor.charts.spark import spark, state_span
from monitor.charts.trace import PAST, draw


def series_chart(given: MarkInput, size: Size, style: Style) -> list[Line]:
    """Exactly `size` cells; a series without a single known day is its head and its legend alone."""
    head, legend = _head(given, style), _legend(given, style)
    known = [point.value for point in given.points if point.value is not None]
    if not fits(size) or not known:
        return exactly([head, spark(given.points, size.columns, style, "strong"), legend], size, style)
    unit = "fraction" if kind_of(given.series) == "rate" else "quote"
    plot = plot_of(size, style, lambda dots: scale_of(known, dots), unit)
    days = days_of([point.day for point in given.points], plot.canvas.across, given.points[-1].day)
    draw(plot.canvas, days, plot.scale, given.points, PAST)
    ticks = date_ticks(days.first, days.last, plot.canvas.columns)
    return framed(head, plot, [Below(days.place(day) // style.across, text) for day, text in ticks], legend, size)


def _head(given: MarkInput, style: Style) -> Line:
    old = age(given.age_days)
    return (
        Span(f" {name(given.series)} ", "title"), Span(f" {level(given.series, given.value, fine=True)}", "strong"),
        Span(f"  {percent(given.move)}  {f'{old} old' if old else 'no print'}  ", "dim"), state_span(given, style),
    )  # fmt: skip


def _legend(given: MarkInput, style: Style) -> Line:
    gaps = sum(point.value is None for point in given.points)
    parts = [(sample(PAST, style), PAST.role, "as known each day")]
    return legend_of([*parts, ("?", "unknown", f"stale or missing on {gaps} of {len(given.points)} days")] if gaps else parts)

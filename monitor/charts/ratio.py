"""A ratio against its dated limit: history, what was tested, what is projected, and the failing date, in one picture."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from monitor.board.figures import figure
from monitor.board.spans import Line, Span
from monitor.cells import name
from monitor.charts.canvas import Style, sample
from monitor.charts.dates import Days, date_ticks, days_of
from monitor.charts.inputs import Points, RatioInput, Size
from monitor.charts.layout import Below, Plot, exactly, fits, framed, head_of, legend_of, plot_of
from monitor.charts.scale import Scale, scale_of
from monitor.charts.spark import spark
from monitor.charts.trace import AHEAD, LIMIT, PAST, ROLES, draw, draw_steps, limits_within

_WORDS = {"fail": ("FAIL", "✖", "X"), "watch": ("WATCH", "▲", "^"), "pass": ("PASS", "✓", "."), "indeterminate": ("UNKNOWN", "?", "?")}


def ratio_chart(given: RatioInput, size: Size, style: Style) -> list[Line]:
    """Exactly `size` cells: the head tells ratio, limit and state in words, the legend what each line is."""
    if not fits(size):
        return exactly([_head(given, size, style), spark(given.history, size.columns, style, "strong"), _legend(given, style)], size, style)
    days = days_of(_days(given), 1, given.as_of)
    limits = limits_within(given.limits, days)
    known = [point.value for points in (given.history, given.tests, given.projection, limits) for point in points]
    plot = plot_of(size, style, lambda dots: scale_of([value for value in known if value is not None], dots), given.unit)
    days = days._replace(dots=plot.canvas.across)
    _draw(given, plot, days, limits)
    ticks = date_ticks(days.first, days.last, plot.canvas.columns)
    below = [Below(days.place(day) // style.across, text) for day, text in ticks]
    return framed(_head(given, size, style), plot, below, _legend(given, style), size)


def _days(given: RatioInput) -> list[dt.date]:
    days = [point.day for points in (given.history, given.tests, given.projection) for point in points]
    return [*days, *([given.fails] if given.fails else []), *([given.amber] if given.amber else [])]


def _draw(given: RatioInput, plot: Plot, days: Days, limits: Points) -> None:
    canvas, scale, style = plot.canvas, plot.scale, plot.canvas.style
    draw_steps(canvas, days, scale, limits)
    draw(canvas, days, scale, given.projection, AHEAD)
    draw(canvas, days, scale, given.history, PAST)
    if days.first < given.as_of < days.last:
        column = days.place(given.as_of) // style.across
        for row in range(canvas.rows):
            if canvas.free(column, row, 1):
                canvas.text(column, row, style.now, "rule")
    for point in given.tests:
        if point.value is not None:
            role = ROLES.get(point.result, "strong")
            canvas.text(days.place(point.day) // style.across, _row(scale, point.value, style), "o" if style.ascii else "●", role)
    if given.amber is not None and given.amber != given.fails:
        _mark(given, given.amber, plot, days, limits, Sign("~" if style.ascii else "▲", "watch"))
    if given.fails is not None:
        _mark(given, given.fails, plot, days, limits, Sign("x" if style.ascii else "✕", "fail"))


class Sign(NamedTuple):
    """What marks a day, and its role."""

    char: str
    role: str


def _mark(given: RatioInput, day: dt.date, plot: Plot, days: Days, limits: Points, sign: Sign) -> None:
    """A sign at the figure of a day, with the date beside it where there is room."""
    canvas, style = plot.canvas, plot.canvas.style
    value = _at(given.projection, day) or _at(given.tests, day) or _at(given.history, day) or _at(limits, day)
    column = days.place(day) // style.across
    row = canvas.rows - 1 if value is None else _row(plot.scale, value, style)
    canvas.text(column, row, sign.char, sign.role)
    text = day.isoformat()
    for at in (row - 1, row + 1, row):
        for start in (column + 2, column - len(text) - 1):
            if canvas.free(start, at, len(text)):
                return canvas.text(start, at, text, sign.role)
    return None


def _at(points: Points, day: dt.date) -> float | None:
    """The last value up to a day."""
    held = [point.value for point in points if point.day <= day]
    return held[-1] if held else None


def _row(scale: Scale, value: float, style: Style) -> int:
    return (scale.dots - 1 - scale.place(value)) // style.down


def _head(given: RatioInput, size: Size, style: Style) -> Line:
    last = given.history[-1] if given.history else given.tests[-1] if given.tests else None
    word, sign, plain = _WORDS.get(last.result if last else "", ("", "", ""))
    role = ROLES.get(last.result if last else "", "")
    limit = _at(given.limits, given.as_of)
    needs = "no limit is in force" if limit is None else f"needs {given.operator} {figure(limit, given.unit)}"
    value = figure(last.value, given.unit) if last else "-"
    state = (Span("  "), Span(f"{plain if style.ascii else sign} {word}", role)) if word else ()
    shown = Span(f" {'unknown' if value == '-' else value}", "strong")
    return head_of((Span(f" {name(given.title)} ", "title"), shown, *state, Span(f", {needs}")), given.as_of, size, style)


def _legend(given: RatioInput, style: Style) -> Line:
    parts = []
    if given.amber is not None and given.amber != given.fails:
        parts.append(("~" if style.ascii else "▲", "watch", f"warned {given.amber.isoformat()}"))
    if given.fails is not None:
        tense = "failed" if given.fails <= given.as_of else "fails"
        parts.append(("x" if style.ascii else "✕", "fail", f"{tense} {given.fails.isoformat()}"))
    parts.append((sample(PAST, style), "strong", "actual"))
    if any(point.value is not None for point in given.tests):
        parts.append(("o" if style.ascii else "●", "strong", "tested"))
    if given.projection:
        parts.append((sample(AHEAD, style), "strong", "projected"))
    if any(step.value is not None for step in given.limits):
        parts.append((sample(LIMIT, style), "warn", f"limit {given.operator}"))
    gaps = sum(point.value is None for point in given.history)
    if gaps:
        parts.append(("?", "unknown", f"unknown at {gaps} of {len(given.history)}"))
    return legend_of(parts)

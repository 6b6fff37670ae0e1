"""Debt against the value of its collateral over time, in one picture."""

from __future__ import annotations

from monitor.board.figures import figure, money
from monitor.board.spans import Line, Span
from monitor.cells import name
from monitor.charts.canvas import Style, sample
from monitor.charts.dates import date_ticks, days_of
from monitor.charts.inputs import DebtInput, Points, Size
from monitor.charts.layout import Below, exactly, fits, framed, head_of, legend_of, plot_of
from monitor.charts.scale import scale_of
from monitor.charts.spark import spark
from monitor.charts.trace import AHEAD, OTHER, OTHER_AHEAD, PAST, draw


def debt_chart(given: DebtInput, size: Size, style: Style) -> list[Line]:
    """Exactly `size` cells: debt and collateral value from nought, history solid, what comes dotted."""
    head, legend = _head(given, size, style), _legend(given, style)
    if not fits(size):
        lines = (spark(points, size.columns, style, role) for points, role in ((given.debt, PAST.role), (given.value, OTHER.role)))
        return exactly([head, *lines, legend], size, style)
    traces = ((given.value_ahead, OTHER_AHEAD), (given.debt_ahead, AHEAD), (given.value, OTHER), (given.debt, PAST))
    points = [point for one, _ in traces for point in one]
    plot = plot_of(size, style, lambda dots: scale_of([p.value for p in points if p.value is not None], dots, True), given.currency)
    days = days_of([point.day for point in points], plot.canvas.across, given.as_of)
    for one, ink in traces:
        draw(plot.canvas, days, plot.scale, one, ink)
    ticks = date_ticks(days.first, days.last, plot.canvas.columns)
    return framed(head, plot, [Below(days.place(day) // style.across, text) for day, text in ticks], legend, size)


def _head(given: DebtInput, size: Size, style: Style) -> Line:
    debt, value = _last(given.debt), _last(given.value)
    share = "" if debt is None or value is None or value <= 0 else f": {figure(debt / value, 'fraction')}"
    rest = Span(f" against collateral {name(given.currency)} {_money(value)}{share}")
    left = (Span(f" {name(given.title)} ", "title"), Span(f" debt {_money(debt)}", "strong"), rest)
    return head_of(left, given.as_of, size, style)


def _money(amount: float | None) -> str:
    return "unknown" if amount is None else money(amount)


def _last(points: Points) -> float | None:
    return points[-1].value if points else None


def _legend(given: DebtInput, style: Style) -> Line:
    parts = [(sample(PAST, style), PAST.role, "debt"), (sample(OTHER, style), OTHER.role, f"collateral at {given.basis}")]
    if given.debt_ahead or given.value_ahead:
        parts.append((sample(AHEAD, style), AHEAD.role, "projected"))
    gaps = [(word, sum(point.value is None for point in points)) for word, points in (("debt", given.debt), ("collateral", given.value))]
    if any(count for _, count in gaps):
        words = ", ".join(f"{word} {count}" for word, count in gaps if count)
        parts.append(("?", "unknown", f"unknown at {words} of {len(given.debt)}"))
    return legend_of(parts)

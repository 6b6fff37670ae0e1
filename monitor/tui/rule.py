"""The line between the pane and what is below: the command-line twin on the left, filter and position on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.board.spans import Line, Span, fit, line_width
from monitor.cells import cut, name

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


def rule_line(app: CovenantApp, width: int) -> Line:
    """Exactly `width` cells; the twin is left out where not all of it fits, because half a command is worse than none."""
    dash = "-" if app.ascii else "─"
    right = fit((Span(f" {_position(app)} ", "dim"), Span(dash, "rule")), width // 2, app.ascii)
    twin: Line = (Span(dash, "rule"), Span(f" $ {app.pane.page.twin} ", "dim"))
    if line_width(twin) + line_width(right) > width:
        twin = ()
    return (*twin, Span(dash * (width - line_width(twin) - line_width(right)), "rule"), *right)


def _position(app: CovenantApp) -> str:
    parts: list[str] = []
    if app.trail.here.level == "board":
        parts += [f"/{cut(name(app.filter), 24, app.ascii)}"] if app.filter else []
        parts += ["faults only"] if app.faults_only else []
        parts += ["all covenants"] if app.every else []
    return ", ".join([*parts, _place(app)])


def _place(app: CovenantApp) -> str:
    pane = app.pane
    if pane.stands:
        stops = pane.page.stops()
        return f"{stops.index(pane.cursor) + 1}/{len(stops)}"
    if len(pane.page) <= pane.visible_lines:
        return "nothing matches" if app.trail.here.level == "board" and not len(pane.page) else "all"
    last = min(len(pane.page), pane.scroll_offset.y + pane.visible_lines)
    return f"lines {pane.scroll_offset.y + 1}-{last} of {len(pane.page)}"

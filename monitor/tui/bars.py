"""The lines above and below the panes: trail, counts and deadline; what is wrong with the files; twin and position; keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.board.figures import stamp
from monitor.board.header import header_lines
from monitor.board.spans import Line, Span, fit, line_width
from monitor.board.text import summary_lines
from monitor.cells import cut, name
from monitor.tui.follow import headline
from monitor.tui.keys import ROOTS
from monitor.tui.page import Page
from monitor.tui.panes import Pane
from monitor.tui.sorting import ORDERS

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


def head_of(app: CovenantApp, width: int, lines: int) -> Sequence[Line]:
    """Where the reader is, as of when, the marks, the counts and the next deadline."""
    if not app.loaded:
        return [(Span(" covenant ", "title"), Span(" Board", "strong"))][:lines]
    return header_lines(app.shown_report(), width, app.ascii, app.trail.crumbs(app.report), lines) if lines else []


def alarm_of(app: CovenantApp, width: int) -> list[Line]:
    """What keeps newer files from being used, on every screen, and that nothing is followed while paused."""
    if not app.loaded:
        return []
    trouble = app.snapshot.trouble
    lines: list[Line] = []
    if trouble:
        lines.append((Span(" FILES BROKEN ", "legal"), Span(f" last good desk kept  {name(headline(trouble))}", "fail")))
    if app.follower.paused:
        lines.append((Span(" PAUSED ", "warn"), Span(" files and clock are not followed; p goes on", "dim")))
    return [fit(line, width, app.ascii) for line in lines]


def rule_of(app: CovenantApp, width: int) -> Line:
    """Exactly `width` cells; the twin is left out where not all of it fits, because half a command is worse than none."""
    dash = "-" if app.ascii else "─"
    right = fit((Span(f" {_position(app)} ", "dim"), Span(dash, "rule")), width // 2, app.ascii)
    twin: Line = (Span(dash, "rule"), Span(f" $ {app.pane.page.twin} ", "dim")) if app.pane.page.twin else ()
    if line_width(twin) + line_width(right) > width:
        twin = ()
    return (*twin, Span(dash * (width - line_width(twin) - line_width(right)), "rule"), *right)


def strip_of_row(app: CovenantApp) -> Sequence[Line]:
    """Two sentences on the row under the cursor."""
    row = app.row_under_cursor()
    return summary_lines(row, app.ascii, app.size.width >= 60) if row else []


def foot_of(app: CovenantApp, width: int) -> Line:
    """What is being typed, a message, or the keys worth a reminder."""
    if app.prompt is not None:
        return app.prompt.line(app.ascii)
    level, first = app.trail.here.level, len(app.trail.places) == 1
    return app.note or app.keymap.footer_line(level, width, first, app.read_only)


def _position(app: CovenantApp) -> str:
    level, state = app.trail.here.level, app.state
    parts: list[str] = []
    if app.loaded and level in (*ROOTS, "changes"):
        text = state.filters.get(level, "")
        order, reverse = state.orders.get(level, ("", False))
        named = order in ORDERS.get(level, {}) and order != next(iter(ORDERS[level]))
        parts += [f"/{cut(name(text), 24, app.ascii)}"] if text else []
        parts += ["faults only"] if state.faults_only else []
        parts += ["all covenants"] if state.every and level == "board" else []
        parts += [f"by {order}" + (", reversed" if reverse else "")] if named else ["reversed"] if reverse else []
    parts += [app.follower.reading] if app.follower.reading else []
    parts += [f"recomputing, of {stamp(app.views.old, year=False)}"] if app.loaded and app.views.old else []
    return ", ".join([*parts, *(["read-only"] if app.read_only else []), _place(app.pane, app.pane.page)])


def _place(pane: Pane, page: Page) -> str:
    if pane.stands:
        return f"{page.stop_number(pane.cursor) + 1}/{page.stop_count()}"
    if len(page) <= pane.visible_lines:
        return "all" if len(page) else "nothing matches"
    last = min(len(page), pane.scroll_offset.y + pane.visible_lines)
    return f"lines {pane.scroll_offset.y + 1}-{last} of {len(page)}"

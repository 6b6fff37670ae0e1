"""The application: one screen, drawn in place from the trail, the report and the size of the terminal."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from monitor.board.header import header_lines
from monitor.board.rows import BoardRow, board_rows
from monitor.board.spans import Line, Span, fit
from monitor.board.text import summary_lines
from monitor.cells import name
from monitor.report.schema import Report
from monitor.tui.board_page import counts_page
from monitor.tui.commands import Commands
from monitor.tui.filters import filtered
from monitor.tui.frame import Frame, frame_of
from monitor.tui.keys import action_of, footer_line
from monitor.tui.page import Page
from monitor.tui.panes import Bar, Pane
from monitor.tui.rule import rule_line
from monitor.tui.source import Source
from monitor.tui.theme import COLOURLESS, LOOKS, Look
from monitor.tui.trail import Place, Trail, covenant_of, facility_of
from monitor.tui.views import Views


class OneScreen(Screen[None], inherit_bindings=False):
    """The only screen: no key is bound by the library, all come from the registry."""


class CovenantApp(App[None], inherit_bindings=False):
    """Board, Facility, Covenant, Explain over one source of reports."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = []
    TITLE = "covenant"
    CSS = """
    Screen { layout: vertical; overflow: hidden; }
    #body { height: 1fr; width: 100%; }
    Pane { height: 100%; scrollbar-size: 0 0; overflow-x: hidden; }
    #gap { width: 1; height: 100%; }
    #head, #rule, #strip, #foot { width: 100%; height: 1; }
    """

    def __init__(self, source: Source, report: Report, *, ascii: bool = False, read_only: bool = True, folder: Path | None = None) -> None:
        """`folder` is where views are exported to (the working directory unless given)."""
        self.colourless = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if self.colourless else None)
        self.source, self.report, self.ascii, self.read_only = source, report, ascii, read_only
        self.folder = folder or Path()
        self.views = Views(source, report, ascii)
        self.trail = Trail()
        self.commands = Commands(self)
        self.look: Look = COLOURLESS if self.colourless else LOOKS[0]
        self.two_panes = True
        self.faults_only = self.every = False
        self.filter = ""
        self.typing: str | None = None
        self.note: Line | None = None
        self.asked = 0
        self.frame: Frame | None = None
        self.rows: list[BoardRow] = []
        for look in LOOKS:
            if look.theme is not None:
                self.register_theme(look.theme)

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return OneScreen()

    def compose(self) -> ComposeResult:
        """Bars on top and below, one or two panes between."""
        look = LOOKS[0]
        yield Bar("head", look, raised=True)
        with Horizontal(id="body"):
            yield Pane("list", look)
            yield Bar("gap", look)
            yield Pane("detail", look)
        yield Bar("rule", look)
        yield Bar("strip", look)
        yield Bar("foot", look, raised=True)

    def on_mount(self) -> None:
        """Draw once the size is known."""
        self.dress()
        self.refilter()
        self.draw()

    def on_resize(self) -> None:
        """Draw for the new size, once the library has taken it over."""
        if self.is_mounted_screen:
            self.call_later(self.draw)

    @property
    def is_mounted_screen(self) -> bool:
        """Whether the widgets are there to be drawn on."""
        return bool(self.screen_stack) and bool(self.screen.query(Pane))

    @property
    def pane(self) -> Pane:
        """The pane with the cursor."""
        return self.screen.query_one("#list", Pane)

    def on_key(self, event: events.Key) -> None:
        """Every key goes through the registry, or into the filter while it is typed."""
        event.stop()
        event.prevent_default()
        self.note = None
        if self.typing is not None and self.commands.type_filter(event.key, event.character):
            return
        action = action_of(event.key, self.trail.here.level)
        if action is None:
            self.draw_bars()
            return
        self.commands.act(action)

    def on_paste(self, event: events.Paste) -> None:
        """Text pasted while the filter is typed."""
        if self.typing is not None:
            self.commands.type_text(event.text)

    def ask(self, question: Callable[[], Report]) -> None:
        """Ask the source on a worker thread; what is on the screen stays until the answer is there."""
        self.asked += 1
        self.note = (Span(" reading the desk and the marks", "dim"),)
        self.draw_bars()
        self.run_worker(partial(self._work, self.asked, question), thread=True, exit_on_error=False)

    def _work(self, number: int, question: Callable[[], Report]) -> None:
        # The desk may be half-written while someone edits it: any failure keeps the last good report and is said.
        try:
            report = question()
        except Exception as error:
            self.call_from_thread(self.refused, f"{type(error).__name__}: {error}")
        else:
            self.call_from_thread(self.take, number, report)

    def take(self, number: int, report: Report) -> None:
        """Show the answer to question `number`, unless a later one was asked since."""
        if number != self.asked:
            return
        self.report = report
        self.note = None
        self.views.take(report)
        self.trail.prune(report)
        self.refilter()
        self.draw()

    def refused(self, message: str) -> None:
        """Say that the question failed; the old report stays."""
        self.say(f"kept the last report: {message}", "legal")

    def say(self, text: str, role: str = "") -> None:
        """A message in the last line until the next key."""
        self.note = (Span(f" {name(text)} ", role),)
        self.draw_bars()

    def refilter(self) -> None:
        """Rows of the board after `f`, `a` and the filter."""
        rows = board_rows(self.report, self.every)
        self.rows = filtered([row for row in rows if row.fault] if self.faults_only else rows, self.filter)

    def draw(self) -> None:
        """Draw everything; only what differs from what is shown is repainted."""
        place = self.trail.here
        frame = frame_of(self.size.width, self.size.height, place.level, self.two_panes)
        if frame != self.frame:
            self.frame = frame
            self._arrange(frame)
        page = counts_page(self.report, self.report.as_of) if frame.small else self.views.page(place, self.rows, frame.list)
        self.pane.show(page, self.trail.cursors.get(place), self.look, place)
        self._remember()
        self._draw_detail(frame)
        self.draw_bars()

    def _arrange(self, frame: Frame) -> None:
        heights = {"head": frame.head, "strip": frame.strip, "rule": 0 if frame.small else 1, "foot": 0 if frame.small else 1}
        for id, height in heights.items():
            bar = self.screen.query_one(f"#{id}", Bar)
            bar.display = height > 0
            bar.styles.height = height
        self.pane.styles.width = frame.list
        for id in ("gap", "detail"):
            self.screen.query_one(f"#{id}").display = frame.detail > 0
        self.screen.query_one("#detail", Pane).styles.width = frame.detail

    def _remember(self) -> None:
        if self.pane.key is not None:
            self.trail.cursors[self.trail.here] = self.pane.key

    def _draw_detail(self, frame: Frame) -> None:
        if not frame.detail:
            return
        below = self.below()
        page = self.views.page(below, self.rows, frame.detail) if below else Page([], [], "")
        self.screen.query_one("#detail", Pane).show(page, None, self.look, below, focus=False)
        dash: Line = (Span("|" if self.ascii else "│", "rule"),)
        self.screen.query_one("#gap", Bar).show([dash] * self.size.height, self.look)

    def below(self) -> Place | None:
        """What the second pane shows: the covenant under the cursor, and its explanation beside the covenant."""
        place, key = self.trail.here, self.pane.key
        if place.level == "board" and isinstance(key, tuple):
            facility, covenant = key
            return Place("covenant", facility, covenant) if covenant is not None else Place("facility", facility)
        return self.trail.into(key) if place.level != "explain" else None

    def moved(self) -> None:
        """The cursor moved: the detail and the bars follow."""
        self._remember()
        self._draw_detail(frame_of(self.size.width, self.size.height, self.trail.here.level, self.two_panes))
        self.draw_bars()

    def draw_bars(self) -> None:
        """Head, rule, strip and foot."""
        width, place = self.size.width, self.trail.here
        frame = frame_of(width, self.size.height, place.level, self.two_panes)
        bars: dict[str, list[Line]] = {
            "head": header_lines(self.report, width, self.ascii, self.trail.crumbs(self.report), frame.head) if frame.head else [],
            "rule": [rule_line(self, width)],
            "strip": self._strip() if frame.strip else [],
            "foot": [self._foot(width)],
        }
        for id, lines in bars.items():
            self.screen.query_one(f"#{id}", Bar).show([fit(line, width, self.ascii) for line in lines], self.look)

    def _foot(self, width: int) -> Line:
        if self.typing is not None:
            caret = "_" if self.ascii else "▏"
            return Span(" / ", "key"), Span(name(self.typing)), Span(caret, "key"), Span("  enter keep  esc clear", "dim")
        return self.note or footer_line(self.trail.here.level, width)

    def _strip(self) -> list[Line]:
        row = self.row_under_cursor()
        return list(summary_lines(row, self.ascii, self.size.width >= 60)) if row else []

    def row_under_cursor(self) -> BoardRow | None:
        """The board's row, or the facility's covenant, under the cursor."""
        place, key = self.trail.here, self.pane.key
        facility_id, covenant_id = key if isinstance(key, tuple) else (place.facility, key)
        facility = facility_of(self.report, facility_id)
        covenant = covenant_of(self.report, facility_id, covenant_id) if isinstance(covenant_id, str) else None
        return BoardRow(facility, covenant, self.report.as_of) if facility else None

    def dress(self) -> None:
        """Give the terminal library the ground of the theme."""
        self.theme = self.look.theme.name if self.look.theme is not None else "ansi-dark"

    def cursor_key(self) -> Hashable | None:
        """The key under the cursor."""
        return self.pane.key

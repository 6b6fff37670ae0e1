"""Drawing: the bars, one or two panes and what stands beside them, laid out for the size and drawn in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.timer import Timer

from monitor.board.spans import Line, Span, fit
from monitor.charts.inputs import Size
from monitor.tui.bars import alarm_of, foot_of, head_of, rule_of, strip_of_row
from monitor.tui.board_page import counts_page
from monitor.tui.broken_page import broken_page
from monitor.tui.changes_page import log_lines
from monitor.tui.explain_page import failed_page
from monitor.tui.frame import Frame, frame_of
from monitor.tui.page import Page
from monitor.tui.panes import Bar, Pane
from monitor.tui.trail import Place

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp

REST = 0.6
"""Seconds after which a cursor that has not moved is taken to rest."""


class Drawing:
    """What is on the screen: the frame it was laid out in, and the place whose chart is shown."""

    def __init__(self, app: CovenantApp) -> None:
        self.app = app
        self.frame: Frame | None = None
        self.rested: Place | None = None
        self.resting = Timer(app, REST, name="rest")

    def all(self) -> None:
        """Draw everything; only what differs from what is shown is repainted."""
        if not self.app.is_mounted_screen:
            return
        place = self.app.trail.here
        frame = frame_of(self.app.size.width, self.app.size.height, place.level, self.app.state.two_panes and self.app.loaded)
        if not self.app.loaded or not self.app.views.log:
            frame = frame._replace(log=0)
        if frame != self.frame:
            self.frame = frame
            self._arrange(frame)
        page = self._page(place, frame)
        self.app.pane.show(page, self.app.trail.cursors.get(place, page.start), self.app.look, place if self.app.loaded else None)
        self._remember()
        self._detail(frame)
        self.bars()

    def _page(self, place: Place, frame: Frame) -> Page:
        if not self.app.loaded and not self.app.problems and not self.app.fault:
            count = self.app.follower.source.size()
            what = f"reading {count:,} {'facility' if count == 1 else 'facilities'} and the marks"
            return failed_page("", frame.list, "", self.app.ascii, what)
        if not self.app.loaded:
            return broken_page(self.app.problems, self.app.fault, frame.list, "covenant lint", self.app.ascii)
        if frame.small:
            return counts_page(self.app.report, self.app.report.as_of, bool(self.app.snapshot.trouble))
        return self.app.views.page(place, frame.list)

    def _arrange(self, frame: Frame) -> None:
        heights = {"head": frame.head, "strip": frame.strip, "rule": 0 if frame.small else 1, "foot": 0 if frame.small else 1}
        for id, height in (heights | {"log": frame.log, "chart": frame.chart}).items():
            self._lines(id, height)
        self.app.pane.styles.width = frame.list
        for id in ("gap", "side"):
            self.app.screen.query_one(f"#{id}").display = frame.detail > 0
        self.app.screen.query_one("#side").styles.width = frame.detail

    def _lines(self, id: str, height: int) -> Bar:
        """A bar with room for some lines."""
        bar = self.app.screen.query_one(f"#{id}", Bar)
        if (bar.display, bar.styles.height and bar.styles.height.value) != (height > 0, height):
            bar.display = height > 0
            bar.styles.height = height
        return bar

    def _remember(self) -> None:
        if self.app.pane.key is not None:
            self.app.trail.cursors[self.app.trail.here] = self.app.pane.key

    def _detail(self, frame: Frame) -> None:
        if not frame.detail:
            return
        below = self.below()
        page = self.app.views.page(below, frame.detail, beside=True) if below else Page([], [], "")
        self.app.screen.query_one("#detail", Pane).show(page, page.start, self.app.look, below, focus=False)
        dash: Line = (Span("|" if self.app.ascii else "│", "rule"),)
        self.app.screen.query_one("#gap", Bar).show([dash] * self.app.size.height, self.app.look)
        self._chart(below, frame)
        if frame.log:
            self.app.screen.query_one("#log", Bar).show(self._log_of(frame), self.app.look)

    def _chart(self, below: Place | None, frame: Frame) -> None:
        """The chart of what the cursor rests on; while the cursor moves, the one before stands, which says whose it is."""
        if not frame.chart:
            return
        if below != self.rested:
            self.resting.stop()
            self.resting = self.app.set_timer(REST, self.rest)
        if self.rested is not None:
            lines = self.app.views.chart_beside(self.rested, Size(frame.detail, frame.chart))
            blank: list[Line] = [()] * (frame.chart - len(lines))
            self.app.screen.query_one("#chart", Bar).show([*lines, *blank], self.app.look)

    def rest(self) -> None:
        """The cursor has rested: the chart of what it stands on is drawn, once it is made."""
        if self.app.loaded and self.app.is_mounted_screen and self.frame is not None and self.frame.detail:
            self.rested = self.below()
            self._chart(self.rested, self.frame)

    def _log_of(self, frame: Frame) -> list[Line]:
        rule = "-" if self.app.ascii else "─"
        title = " Changes since opening (c: all) "
        lines: list[Line] = [(Span(title, "title"), Span(rule * (frame.detail - len(title)), "rule"))]
        lines += [line.line for line in log_lines(self.app.report, self.app.views.log[-frame.log :], frame.detail, self.app.ascii)]
        return lines[: frame.log] if self.app.views.log else [*lines, (Span(" nothing", "dim"),)]

    def below(self) -> Place | None:
        """What the second pane shows: the covenant under the cursor, and what opening would show."""
        place, key = self.app.trail.here, self.app.pane.key
        if place.level == "board" and isinstance(key, tuple):
            facility, covenant = key
            return Place("covenant", facility, covenant) if covenant is not None else Place("facility", facility)
        return self.app.trail.into(key)

    def moved(self) -> None:
        """The cursor moved: the detail and the bars follow."""
        self._remember()
        if self.frame is not None:
            self._detail(self.frame)
        self.bars()

    def bars(self) -> None:
        """Head, alarm, rule, strip and foot."""
        if self.frame is None:
            return
        width, frame = self.app.size.width, self.frame
        alarm = [] if frame.small else alarm_of(self.app, width)
        self._lines("alarm", len(alarm))
        bars: dict[str, Sequence[Line]] = {
            "head": head_of(self.app, width, frame.head),
            "alarm": alarm,
            "rule": [rule_of(self.app, width)],
            "strip": strip_of_row(self.app) if frame.strip and self.app.loaded else [],
            "foot": [foot_of(self.app, width)],
        }
        for id, lines in bars.items():
            self.app.screen.query_one(f"#{id}", Bar).show([fit(line, width, self.app.ascii) for line in lines], self.app.look)

"""The application: one screen; keys go in to the commands, answers come in from the follower, and all of it is drawn in place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from facilities.problems import Problem
from monitor.board.figures import instant
from monitor.board.rows import BoardRow
from monitor.board.spans import Line, Span
from monitor.cells import name
from monitor.charts.canvas import STYLES
from monitor.places import UsageError
from monitor.report.schema import Report
from monitor.report.words import iso
from monitor.tui.changes_page import LONGEST, Seen
from monitor.tui.commands import Commands
from monitor.tui.drawing import Drawing
from monitor.tui.follow import TICK, Follower
from monitor.tui.keys import LEVELS, Keymap
from monitor.tui.memory import ViewState
from monitor.tui.panes import Bar, Pane
from monitor.tui.prompt import Prompt
from monitor.tui.settings import Settings
from monitor.tui.source import Snapshot, Source
from monitor.tui.theme import Look, looks_for
from monitor.tui.trail import Trail, covenant_of, facility_of
from monitor.tui.views import Views
from monitor.tui.wire import Wire

_LAST_HOUR = dt.timedelta(hours=1)


class OneScreen(Screen[None], inherit_bindings=False):
    """The only screen: no key is bound by the library, all come from the registry."""


class CovenantApp(App[None], inherit_bindings=False):
    """The numbered screens and the drill-down of each, over one source of snapshots."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = []
    TITLE = "covenant"
    CSS = """
    Screen { layout: vertical; overflow: hidden; }
    #body { height: 1fr; width: 100%; }
    #side { height: 100%; }
    Pane { height: 1fr; scrollbar-size: 0 0; overflow-x: hidden; }
    #gap { width: 1; height: 100%; }
    #head, #alarm, #rule, #strip, #foot, #chart, #log { width: 100%; height: 1; }
    """

    def __init__(
        self,
        source: Source,
        first: Snapshot | None = None,
        *,
        ascii: bool = False,
        read_only: bool = False,
        folder: Path | None = None,
        colours: str = "true",
        settings: Settings | None = None,
        state: ViewState | None = None,
        desk: str = "",
    ) -> None:
        """`first` is a snapshot to begin with, asked for when there is none; `folder` is where views are exported to."""
        self.looks = looks_for(colours)
        super().__init__(ansi_color=None if self.looks[0].theme is not None else True)
        self.ascii, self.read_only, self.desk = ascii, read_only, desk
        self.folder = folder or Path()
        self.settings, self.state = settings or Settings(), state or ViewState()
        self.style = STYLES["ascii" if ascii else self.settings.charts]
        self.keymap = Keymap(self.settings.keys)
        self.trail = Trail(self.state.view)
        self.look: Look = self._look_called(self.settings.theme or self.state.theme)
        self.follower = Follower(self, source)
        self.commands = Commands(self)
        self.wire = Wire()
        self.prompt: Prompt | None = None
        self.note: Line | None = None
        self.drawing = Drawing(self)
        self.problems: Sequence[Problem] = ()
        self.fault = ""
        self.misused: UsageError | None = None
        self._views: Views | None = None
        if first is not None:
            self._load(first)
        for look in self.looks:
            if look.theme is not None:
                self.register_theme(look.theme)

    def _look_called(self, wanted: str) -> Look:
        return next((look for look in self.looks if look.name == wanted), self.looks[0])

    def _load(self, snapshot: Snapshot) -> None:
        self._views = Views(snapshot, self.state, self.keymap, self.follower.want, self.style, self.desk)
        self._views.settings = (*self.settings.complaints, *self.keymap.complaints)
        self.follower.last_now = snapshot.report

    @property
    def loaded(self) -> bool:
        """Whether there is a desk to show."""
        return self._views is not None

    @property
    def views(self) -> Views:
        """The pages of the snapshot shown; only once there is one."""
        assert self._views is not None
        return self._views

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot shown."""
        return self.views.snapshot

    @property
    def report(self) -> Report:
        """The report shown."""
        return self.views.report

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return OneScreen()

    def compose(self) -> ComposeResult:
        """Bars on top and below, one or two panes between, the log below the second."""
        look = self.look
        yield Bar("head", look, raised=True)
        yield Bar("alarm", look)
        with Horizontal(id="body"):
            yield Pane("list", look)
            yield Bar("gap", look)
            with Vertical(id="side"):
                yield Pane("detail", look)
                yield Bar("chart", look)
                yield Bar("log", look)
        yield Bar("rule", look)
        yield Bar("strip", look)
        yield Bar("foot", look, raised=True)

    def on_mount(self) -> None:
        """Draw once the size is known, and follow the desk from then on."""
        self.dress()
        self.draw()
        if not self.loaded:
            self.follower.ask()
        self.set_interval(TICK, self.follower.tick)
        complaints = (*self.settings.complaints, *self.keymap.complaints)
        if complaints:
            self.say(f"{complaints[0]}" + (f" (and {len(complaints) - 1} more: see ?)" if len(complaints) > 1 else ""), "warn")

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send an update to the terminal, as the cells that differ from what it holds."""
        sent = self.wire.sparing(renderable) if isinstance(renderable, LayoutUpdate | ChopsUpdate) else renderable
        super()._display(screen, sent)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new size, once the library has taken it over; what a terminal holds after a resize nobody knows."""
        self.wire.forget(event.size)
        if self.is_mounted_screen:
            self.call_later(self.redraw)

    def redraw(self) -> None:
        """Draw everything and send all of it: something else may have written on the terminal."""
        self.wire.forget()
        self.draw()
        self.screen.refresh()

    @property
    def is_mounted_screen(self) -> bool:
        """Whether the widgets are there to be drawn on."""
        return bool(self.screen_stack) and bool(self.screen.query(Pane))

    @property
    def pane(self) -> Pane:
        """The pane with the cursor."""
        return self.screen.query_one("#list", Pane)

    def on_key(self, event: events.Key) -> None:
        """Every key goes through the registry, or into the line being typed."""
        event.stop()
        event.prevent_default()
        self.note = None
        if self.prompt is not None and self.prompt.press(event.key, event.character):
            return
        level = self.trail.here.level
        action = self.keymap.action_of(event.key, "help" if level == "palette" else level)
        if action is None:
            if any(self.keymap.action_of(event.key, one) for one in LEVELS):
                self.say(f"{event.character or event.key} does nothing on this screen")
            else:
                self.draw_bars()
            return
        self.commands.act(action)

    def on_paste(self, event: events.Paste) -> None:
        """Text pasted into the line being typed."""
        if self.prompt is not None:
            self.prompt.type(event.text)

    def on_pane_pressed(self, event: Pane.Pressed) -> None:
        """A click, where the mouse was let in: the cursor goes there; on the row it stands on, it opens."""
        if self.prompt is None and self.loaded and event.pane is self.pane:
            self.commands.clicked(event.index)

    def take(self, number: int, snapshot: Snapshot, seen: Sequence[Seen] = ()) -> None:
        """Show the answer to question `number`, unless a later one was asked since."""
        if number != self.follower.asked:
            return
        self.follower.answered = number
        self.note = None
        if self._views is None:
            self._load(snapshot)
        self.views.take(snapshot)
        self.views.log = [*self.views.log, *seen][-LONGEST:]
        self.trail.prune(snapshot.report)
        self.draw()

    def part_came(self, snapshot: Snapshot, part: tuple[str, ...], answer: Any) -> None:
        """A part of a snapshot that a page waits for."""
        if self.loaded and self.views.put(snapshot, part, answer):
            self.draw()

    def broken(self, number: int, problems: Sequence[Problem], message: str) -> None:
        """The desk cannot be judged at all: say so, in place of the screens where nothing better is held."""
        self.follower.answered = number
        self.problems, self.fault = problems, message
        if self.loaded:
            self.refused(number, message)
        else:
            self.note = None
            self.draw()

    def misuse(self, error: UsageError) -> None:
        """The command was asked for something that is not there: end, where nothing is shown yet, and let the front say so."""
        if self.loaded:
            self.refused(self.follower.asked, str(error))
        else:
            self.misused = error
            self.exit()

    def refused(self, number: int, message: str) -> None:
        """Say that the question failed; the old report stays."""
        self.follower.answered = number
        if not self.loaded:
            self.fault = message
            self.draw()
        self.say(f"kept the last report: {message}" if self.loaded else message, "legal")

    def say(self, text: str, role: str = "") -> None:
        """A message in the last line until the next key."""
        self.note = (Span(f" {name(text)} ", role),)
        self.draw_bars()

    def count_down(self) -> None:
        """In the last hour before a deadline the seconds are shown."""
        if self.loaded and self.shown_report() is not self.report:
            self.draw() if self.trail.here.level == "breaches" else self.draw_bars()

    def shown_report(self) -> Report:
        """The report; in the last hour before a deadline as of this second, where it goes with the clock."""
        report = self.report
        deadline = instant(report.next_deadline) if self.follower.follows_clock and not self.follower.paused else None
        now = self.follower.clock()
        if deadline is None or not dt.timedelta(0) <= deadline - now <= _LAST_HOUR:
            return report
        return msgspec.structs.replace(report, as_of=iso(now.replace(microsecond=0)))

    def row_under_cursor(self) -> BoardRow | None:
        """The board's row, or the facility's covenant, under the cursor."""
        place, key = self.trail.here, self.pane.key
        facility_id, covenant_id = (key[0], key[1]) if isinstance(key, tuple) and len(key) > 1 else (place.facility, key)
        facility = facility_of(self.report, str(facility_id))
        covenant = covenant_of(self.report, str(facility_id), covenant_id) if isinstance(covenant_id, str) else None
        return BoardRow(facility, covenant, self.report.as_of) if facility else None

    def dress(self) -> None:
        """Give the terminal library the ground of the theme."""
        self.theme = self.look.theme.name if self.look.theme is not None else "ansi-dark"

    def cursor_key(self) -> Hashable | None:
        """The key under the cursor."""
        return self.pane.key

    def draw(self) -> None:
        """Draw everything; only what differs from what is shown is repainted."""
        self.drawing.all()

    def draw_bars(self) -> None:
        """Head, alarm, rule, strip and foot."""
        self.drawing.bars()

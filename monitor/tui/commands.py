"""What each action of the key registry does: the half of the application that answers keys."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from monitor.board.figures import instant
from monitor.board.header import header_lines
from monitor.board.spans import plain
from monitor.tui.export import write_view
from monitor.tui.theme import LOOKS
from monitor.tui.trail import Place

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Commands:
    """`act` finds the method `do_ACTION` of an action of the registry."""

    def __init__(self, app: CovenantApp) -> None:
        self.app = app

    def act(self, action: str) -> None:
        """Do one action of the registry."""
        getattr(self, f"do_{action}")()

    def do_open(self) -> None:
        """One screen deeper, at the row under the cursor."""
        key = self.app.cursor_key()
        place = self.app.trail.into(key)
        if place is None:
            self.app.draw_bars()
            return
        if self.app.trail.here.level == "board" and isinstance(key, tuple) and key[1] is not None:
            self.app.trail.cursors[place] = key[1]
        self.app.trail.open(place)
        self.app.draw()

    def do_back(self) -> None:
        """One screen out; on the board, the filter is cleared."""
        if not self.app.trail.back() and (self.app.filter or self.app.faults_only or self.app.every):
            self.app.filter, self.app.faults_only, self.app.every = "", False, False
            self.app.refilter()
        self.app.draw()

    def do_board(self) -> None:
        """Straight back to the board."""
        self.app.trail.home()
        self.app.draw()

    def do_help(self) -> None:
        """The help, or out of it."""
        if self.app.trail.here.level == "help":
            self.app.trail.back()
        else:
            self.app.trail.open(Place("help"))
        self.app.draw()

    def do_down(self) -> None:
        """One row down."""
        self.go(1)

    def do_up(self) -> None:
        """One row up."""
        self.go(-1)

    def do_top(self) -> None:
        """The first row."""
        self.go(-len(self.app.pane.page))

    def do_bottom(self) -> None:
        """The last row."""
        self.go(len(self.app.pane.page))

    def do_page_down(self) -> None:
        """One page down."""
        self.go(max(1, self.app.pane.visible_lines - 1))

    def do_page_up(self) -> None:
        """One page up."""
        self.go(-max(1, self.app.pane.visible_lines - 1))

    def go(self, by: int) -> None:
        """Move the cursor, and what follows it."""
        self.app.pane.move(by)
        self.app.moved()

    def do_next_fault(self) -> None:
        """The next fault."""
        self.fault(1)

    def do_previous_fault(self) -> None:
        """The previous fault."""
        self.fault(-1)

    def fault(self, step: int) -> None:
        """The next fault of the list; on a covenant or its explanation, the next covenant of the board that is one."""
        if self.app.trail.here.level in ("covenant", "explain"):
            self._turn(step)
        elif self.app.pane.next_fault(step):
            self.app.moved()
        else:
            self.app.say("no fault here")

    def _turn(self, step: int) -> None:
        faults = [row for row in self.app.rows if row.fault and row.covenant is not None]
        here = (self.app.trail.here.facility, self.app.trail.here.covenant)
        keys = [row.key for row in faults]
        if not keys:
            self.app.say("no fault on the board")
            return
        at = keys.index(here) + step if here in keys else (0 if step > 0 else -1)
        facility, covenant = keys[at % len(keys)]
        self.app.trail.turn_to(facility, covenant or "")
        self.app.draw()

    def do_faults(self) -> None:
        """Faults only, and back."""
        self.app.faults_only = not self.app.faults_only
        self.app.refilter()
        self.app.draw()

    def do_every(self) -> None:
        """Every covenant, and back."""
        self.app.every = not self.app.every
        self.app.refilter()
        self.app.draw()

    def do_filter(self) -> None:
        """Type a filter in the last line."""
        self.app.typing = self.app.filter
        self.app.draw_bars()

    def type_filter(self, key: str, character: str | None) -> bool:
        """One key of the filter; False for a key that belongs to the board (the arrows)."""
        if key in ("up", "down", "pageup", "pagedown"):
            return False
        if key in ("enter", "escape", "ctrl+c"):
            self.app.typing = None
            self._refilter("" if key == "escape" else self.app.filter)
        elif key in ("backspace", "ctrl+h", "ctrl+u", "ctrl+w"):
            self.app.typing = {"ctrl+u": "", "ctrl+w": (self.app.typing or "").rpartition(" ")[0]}.get(key, (self.app.typing or "")[:-1])
            self._refilter(self.app.typing)
        elif character is not None and character.isprintable():
            self.type_text(character)
        return True

    def type_text(self, text: str) -> None:
        """Add to the filter being typed; the board follows."""
        printable = "".join(char for char in text if char.isprintable())
        self.app.typing = ((self.app.typing or "") + printable)[:80]
        self._refilter(self.app.typing)

    def _refilter(self, text: str) -> None:
        self.app.filter = text
        self.app.refilter()
        self.app.draw()

    def do_reload(self) -> None:
        """Read the desk and the marks again."""
        self.app.ask(self.app.source.report)

    def do_earlier(self) -> None:
        """One day back."""
        self.step(-1)

    def do_later(self) -> None:
        """One day on."""
        self.step(1)

    def step(self, days: int) -> None:
        """The report of another day, at the same time of day."""
        now = instant(self.app.report.as_of)
        if now is None:
            self.app.say(f"not an instant: {self.app.report.as_of}", "legal")
            return
        self.app.ask(partial(self.app.source.at, (now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")))

    def do_copy_row(self) -> None:
        """Copy the row under the cursor, or the command-line twin where there is no row."""
        pane = self.app.pane
        text = plain(pane.page.line(pane.cursor)).strip() if pane.stands else pane.page.twin
        self.app.copy_to_clipboard(text)
        self.app.say("copied the row" if pane.stands else "copied the command")

    def do_copy_view(self) -> None:
        """Copy the whole view."""
        self.app.copy_to_clipboard(self.view_text())
        self.app.say("copied the view; e writes it to a file")

    def do_export(self) -> None:
        """Write the view to a file."""
        try:
            path = write_view(self.app.folder, self.app.trail.here.level, self.app.report.as_of, self.view_text())
        except OSError as error:
            self.app.say(f"not written: {error}", "legal")
            return
        self.app.say(f"wrote {path}")

    def view_text(self) -> str:
        """Header, page and command-line twin as plain text."""
        header = header_lines(self.app.report, max(60, self.app.size.width), self.app.ascii, self.app.trail.crumbs(self.app.report))
        top = "\n".join(plain(line) for line in header)
        return f"{top}\n\n{self.app.pane.page.text()}\n$ {self.app.pane.page.twin}\n"

    def do_wide(self) -> None:
        """One pane or two."""
        self.app.two_panes = not self.app.two_panes
        self.app.draw()

    def do_theme(self) -> None:
        """The next theme."""
        if self.app.colourless:
            self.app.say("NO_COLOR is set: no themes")
            return
        names = [look.name for look in LOOKS]
        self.app.look = LOOKS[(names.index(self.app.look.name) + 1) % len(LOOKS)]
        self.app.dress()
        self.app.draw()
        self.app.say(f"theme: {self.app.look.name}")

    def do_quit(self) -> None:
        """Leave."""
        self.app.exit()

"""The line that is typed in: a filter, where to go, an action by its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.tui.goto import target_of
from monitor.tui.prompt import Prompt
from monitor.tui.trail import Place

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Asking:
    """What opens a line to type in."""

    app: CovenantApp

    def do_filter(self) -> None:
        """Type a filter in the last line."""
        level = self.app.trail.here.level
        text = self.app.state.filters.get(level, "")
        self._type(Prompt("/", text, lambda _: self._typed(), lambda: self._filter(level, "", True), lambda now: self._filter(level, now)))

    def _filter(self, level: str, text: str, done: bool = False) -> None:
        self.app.state.filters = {**self.app.state.filters, level: text}
        self.app.views.refilter()
        if done:
            self.app.prompt = None
        self.app.draw()

    def do_go(self) -> None:
        """Type where to go."""
        self._type(Prompt(":", "", self._gone, self._typed, lambda _: self.app.draw_bars(), self._completed, self._leads))

    def _completed(self, text: str) -> str:
        found = target_of(text, self.app.report)
        return found.word if found else text

    def _leads(self, text: str) -> str:
        found = target_of(text, self.app.report)
        if found is None:
            return "a facility, facility/covenant, series, screen or date" if not text.strip() else "near nothing"
        return f"{'as of' if found.as_of else 'to'} {found.word}  tab complete  enter go"

    def _gone(self, text: str) -> None:
        self.app.prompt = None
        found = target_of(text, self.app.report)
        if found is None:
            self.app.say(f"nothing is called {text!r}" if text.strip() else "")
        elif found.as_of is not None:
            self.app.follower.ask(None if found.as_of == "now" else found.as_of)
        else:
            self.app.trail.go(*found.places)
            self.app.draw()

    def do_palette(self) -> None:
        """Find an action by its words."""
        app, palette = self.app, Place("palette")
        app.views.find_level, app.views.find = app.trail.here.level, ""
        app.trail.cursors.pop(palette, None)
        app.trail.places.append(palette)
        self._type(Prompt(";", "", self._found, self._unfound, self._finding, hint=lambda _: "enter do  esc back"))
        app.draw()

    def _finding(self, text: str) -> None:
        self.app.views.find = text
        self.app.trail.cursors.pop(Place("palette"), None)
        self.app.draw()

    def _found(self, _text: str) -> None:
        action = self.app.cursor_key()
        self._unfound()
        if isinstance(action, str):
            self.app.commands.act(action)

    def _unfound(self) -> None:
        self.app.prompt = None
        self.app.trail.places.pop()
        self.app.draw()

    def _type(self, prompt: Prompt) -> None:
        self.app.prompt = prompt
        self.app.draw_bars()

    def _typed(self) -> None:
        self.app.prompt = None
        self.app.draw()

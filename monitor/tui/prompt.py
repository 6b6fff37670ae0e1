"""A line being typed at the foot of the screen: the filter, a place to go to, an action to find."""

from __future__ import annotations

from collections.abc import Callable

from monitor.board.spans import Line, Span
from monitor.cells import name

LONGEST = 200
_PASSED_ON = frozenset({"up", "down", "pageup", "pagedown"})


class Prompt:
    """Text behind a sign. `changed` hears every change, `kept` the end by enter, `dropped` the end by escape."""

    def __init__(
        self,
        sign: str,
        text: str,
        kept: Callable[[str], None],
        dropped: Callable[[], None],
        changed: Callable[[str], None] = lambda _text: None,
        completed: Callable[[str], str] = lambda text: text,
        hint: Callable[[str], str] = lambda _text: "enter keep  esc clear",
    ) -> None:
        self.sign, self.text = sign, text
        self.kept, self.dropped, self.changed, self.completed, self.hint = kept, dropped, changed, completed, hint

    def press(self, key: str, character: str | None) -> bool:
        """One key; False for a key that belongs to the page (the arrows)."""
        if key in _PASSED_ON:
            return False
        if key == "enter":
            self.kept(self.text)
        elif key in ("escape", "ctrl+c"):
            self.dropped()
        elif key == "tab":
            self._set(self.completed(self.text))
        elif key in ("backspace", "ctrl+h"):
            self._set(self.text[:-1])
        elif key == "ctrl+u":
            self._set("")
        elif key == "ctrl+w":
            self._set(self.text.rstrip().rpartition(" ")[0])
        elif character is not None:
            self.type(character)
        return True

    def type(self, text: str) -> None:
        """Add what can be printed of `text`."""
        printable = "".join(char for char in text if char.isprintable())
        if printable:
            self._set((self.text + printable)[:LONGEST])

    def _set(self, text: str) -> None:
        self.text = text
        self.changed(text)

    def line(self, ascii: bool) -> Line:
        """The line as shown, with its caret and a hint."""
        hint = self.hint(self.text)
        return Span(f" {self.sign} ", "key"), Span(name(self.text)), Span("_" if ascii else "▏", "key"), Span(f"  {name(hint)}", "dim")

"""The page of the palette: every action that a screen offers, found by its words."""

from __future__ import annotations

from monitor.board.spans import Span
from monitor.cells import cut, pad
from monitor.tui.keys import Keymap
from monitor.tui.page import Page, PageLine

_OWN = frozenset({"palette", "down", "up", "top", "bottom", "page_down", "page_up"})


def palette_page(keymap: Keymap, level: str, text: str, width: int, twin: str, ascii: bool = False) -> Page:
    """The actions of `level` whose words match all of `text` (key: the action)."""
    words = text.casefold().split()
    lines = []
    for entry in keymap.entries:
        about = f"{entry.action} {entry.label} {entry.says}".casefold()
        if level in entry.levels and entry.action not in _OWN and all(word in about for word in words):
            shown = pad(entry.shown if entry.keys else "", 8, ascii=ascii)
            line = (Span(" "), Span(shown, "key"), Span(pad(entry.label, 12), "strong"), Span(cut(f" {entry.says}", width - 22, ascii)))
            lines.append(PageLine(line, entry.action))
    return Page([], lines, twin, ascii)

"""The page of a source line: the desk file a figure came from, around its line, that line marked."""

from __future__ import annotations

from collections.abc import Hashable

from monitor.board.spans import Line, Span
from monitor.cells import cut, name
from monitor.excerpt import Excerpt
from monitor.tui.page import Page

_TAB = "    "


class SourcePage(Page):
    """Lines of a file, drawn when they come into view; the key of a line is its number."""

    def __init__(self, shown: Excerpt, width: int, twin: str, ascii: bool = False) -> None:
        head = (Span(f" {cut(name(f'{shown.file}:{shown.line}'), width - 2, ascii)}", "title"),)
        super().__init__([head], [], twin, ascii)
        self.shown, self.width = shown, width
        self.start = shown.line
        self.digits = len(str(shown.first + len(shown.lines)))

    def __len__(self) -> int:
        return len(self.shown.lines)

    def key(self, index: int) -> Hashable | None:
        """The number of the line."""
        return self.shown.first + index

    def fault(self, index: int) -> bool:
        """The line asked about."""
        return self.shown.first + index == self.shown.line

    def line(self, index: int, cursor: bool = False) -> Line:
        """One line of the file behind its number; the one asked about is marked."""
        number, asked = self.shown.first + index, self.fault(index)
        sign = (">" if self.ascii else "▌") if cursor else " "
        bar = (">" if asked else "|") if self.ascii else ("▶" if asked else "│")
        text = name(self.shown.lines[index].replace("\t", _TAB))
        room = self.width - self.digits - 4
        return (
            Span(sign, "key"),
            Span(f"{number:>{self.digits}} ", "strong" if asked else "dim"),
            Span(f"{bar} ", "key" if asked else "rule"),
            Span(cut(text, room, self.ascii), "strong" if asked else ""),
        )

    def find(self, key: Hashable) -> int | None:
        """The line with this number."""
        at = key - self.shown.first if isinstance(key, int) else -1
        return at if 0 <= at < len(self) else None

    def stops(self) -> list[int]:
        """Every line."""
        return list(range(len(self)))

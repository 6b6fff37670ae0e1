"""The page of a source line: the desk file a figure came from, around its line, that line marked."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from monitor.board.spans import Line, Span
from monitor.cells import beginning, cut, name, width
from monitor.excerpt import Excerpt
from monitor.tui.page import Page

_TAB = "    "
_LONGEST = 8_000
"""Characters of one line that are shown; how many more there are is said."""
_SAFE = 500
"""Characters made harmless at once, below what `name` cuts."""


class SourcePage(Page):
    """Lines of a file, the long ones folded; the key of a line is its number, what continues one has none."""

    def __init__(self, shown: Excerpt, cells: int, twin: str, ascii: bool = False) -> None:
        head = (Span(f" {cut(name(f'{shown.file}:{shown.line}'), cells - 2, ascii)}", "title"),)
        super().__init__([head], [], twin, ascii)
        self.shown, self.start = shown, shown.line
        self.digits = len(str(shown.first + len(shown.lines)))
        room = max(4, cells - self.digits - 4)
        self.rows = [(shown.first + n, part, text) for n, raw in enumerate(shown.lines) for part, text in enumerate(folded(raw, room))]
        self.places = {number: index for index, (number, part, _) in enumerate(self.rows) if part == 0}

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> Hashable | None:
        """The number of the line that begins here."""
        number, part, _ = self.rows[index]
        return number if part == 0 else None

    def fault(self, index: int) -> bool:
        """The line asked about."""
        return self.rows[index][0] == self.shown.line

    def line(self, index: int, cursor: bool = False) -> Line:
        """One line of the file behind its number, or what continues it; the one asked about is marked."""
        number, part, text = self.rows[index]
        asked = number == self.shown.line
        sign = (">" if self.ascii else "▌") if cursor else " "
        bar = (">" if asked else "|") if self.ascii else ("▶" if asked else "│")
        return (
            Span(sign, "key"),
            Span(f"{'' if part else number:>{self.digits}} ", "strong" if asked else "dim"),
            Span(f"{bar if part == 0 else '+' if self.ascii else '↪'} ", "key" if asked else "rule"),
            Span(text, "strong" if asked else ""),
        )

    def find(self, key: Hashable) -> int | None:
        """The line with this number."""
        return self.places.get(key) if isinstance(key, int) else None

    def stops(self) -> list[int]:
        """Every line of the file, what continues one left out."""
        return list(self.places.values())


def folded(raw: str, cells: int) -> Iterator[str]:
    """A line of a file, harmless, in pieces of at most `cells`, broken at a blank where one is near the edge."""
    text = "".join(name(raw[at : at + _SAFE].replace("\t", _TAB)) for at in range(0, min(len(raw), _LONGEST), _SAFE))
    if len(raw) > _LONGEST:
        text += f" ... and {len(raw) - _LONGEST:,} characters more"
    while width(text) > cells:
        piece = beginning(text, cells)
        blank = piece.rfind(" ") + 1
        piece = piece[:blank] if blank > cells // 2 else piece
        yield piece
        text = text[len(piece) :]
    yield text

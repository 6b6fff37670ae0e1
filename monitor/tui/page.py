"""A page: fixed head lines and body lines drawn on demand, some of which the cursor can stand on."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from monitor.board.spans import Line, Span, line_width, plain
from monitor.cells import name, wrap
from monitor.cells import width as cell_width

CHART_FITS = 60
"""From this width a page has charts."""


class PageLine(NamedTuple):
    """One body line; with a key the cursor can stand on it, `fault` is where `n` goes."""

    line: Line
    key: Hashable | None = None
    fault: bool = False


class Page:
    """What one pane shows. `key(i)` is the key of body line i, None where the cursor does not stop; `start` is where it begins."""

    def __init__(self, head: Sequence[Line], lines: Sequence[PageLine], twin: str, ascii: bool = False) -> None:
        self.head = tuple(head)
        self.twin = twin
        self.ascii = ascii
        self.lines = list(lines)
        self.start: Hashable | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def key(self, index: int) -> Hashable | None:
        """The key under body line `index`."""
        return self.lines[index].key

    def fault(self, index: int) -> bool:
        """Whether body line `index` is a fault."""
        return self.lines[index].fault

    def line(self, index: int, cursor: bool = False) -> Line:
        """Body line `index`, with the cursor's mark in its first cell when it stands there."""
        line = self.lines[index].line
        if not cursor or not line:
            return line
        marker = Span(">" if self.ascii else "▌", "key")
        return (marker, Span(line[0].text[1:], line[0].role), *line[1:])

    def find(self, key: Hashable) -> int | None:
        """The body line with this key."""
        return next((index for index in range(len(self)) if self.key(index) == key), None)

    def stops(self) -> list[int]:
        """Body lines on which the cursor can stand."""
        return [index for index in range(len(self)) if self.key(index) is not None]

    def stop_number(self, index: int) -> int:
        """How many stops lie before body line `index`."""
        return self.stops().index(index)

    def stop_count(self) -> int:
        """How many stops there are."""
        return len(self.stops())

    def text(self) -> str:
        """The page as plain text, for the clipboard and for a file."""
        return "\n".join(plain(line) for line in (*self.head, *(self.line(index) for index in range(len(self))))) + "\n"


class Writer:
    """Lays out the body of a detail page in a given width: sections, facts, sentences, rows."""

    def __init__(self, width: int, ascii: bool = False) -> None:
        self.width = width
        self.ascii = ascii
        self.lines: list[PageLine] = []

    def row(self, line: Line, key: Hashable | None = None, fault: bool = False) -> None:
        """One line as it is."""
        self.lines.append(PageLine(line, key, fault))

    def beside(self, left: Writer, right: Writer) -> None:
        """Two columns laid out apart, side by side."""
        for one, other in zip_longest(left.lines, right.lines, fillvalue=PageLine(())):
            gap = Span(" " * (left.width + 2 - line_width(one.line)))
            self.row((*one.line, gap, *other.line))

    def section(self, title: str) -> None:
        """A blank line and a heading drawn to the edge; one that is wider than the page goes on in the next line."""
        if self.lines:
            self.row(())
        dash = "-" if self.ascii else "─"
        *before, last = wrap(title, max(8, self.width - 2))
        for part in before:
            self.row((Span(f" {part}", "title"),))
        self.row((Span(f" {last} ", "title"), Span(dash * max(0, self.width - cell_width(last) - 3), "rule")))

    def chart(self, title: str, lines: Sequence[Line]) -> None:
        """A chart below its heading; nothing where there is none."""
        if lines:
            self.section(title)
        for line in lines:
            self.row(line)

    def fact(self, label: str, value: str | None, role: str = "", column: int = 14) -> None:
        """A label and its value, wrapped beside the label; nothing when there is no value."""
        if not value:
            return
        for place, part in enumerate(wrap(value, max(8, self.width - column - 2))):
            self.row((Span(f" {label if not place else '':<{column}}", "dim"), Span(part, role)))

    def says(self, text: str, role: str = "", bullet: str = " ") -> None:
        """A sentence, wrapped with its bullet hanging."""
        for place, part in enumerate(wrap(name(text), max(8, self.width - len(bullet) - 1))):
            self.row((Span(bullet if not place else " " * len(bullet), "dim"), Span(part, role)))

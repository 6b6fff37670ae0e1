"""A canvas of dots: braille (2 x 4 a cell), block (2 x 2) or ASCII (1 x 1), with inks that differ in form before they differ in colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

from monitor.board.spans import Line, Span

_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


class Style(NamedTuple):
    """How dots become characters: dots across and down a cell, and the characters of axes, bars and signs."""

    name: str
    across: int
    down: int
    vertical: str
    horizontal: str
    tick: str
    corner: str
    now: str
    bars: str
    hatch: str
    fails: str
    ramp: str

    @property
    def ascii(self) -> bool:
        """Whether only ASCII is drawn."""
        return self.name == "ascii"


BRAILLE = Style("braille", 2, 4, "│", "─", "┤", "└", "┊", "⣀⣤⣶⣿", "⢕", "░", "")
BLOCK = Style("block", 2, 2, "│", "─", "┤", "└", "┊", "▁▂▃▄▅▆▇█", "░", "░", "▁▂▃▄▅▆▇█")
ASCII = Style("ascii", 1, 1, "|", "-", "+", "+", ":", "#", "o", "%", ".:-=+*#")
STYLES = {style.name: style for style in (BRAILLE, BLOCK, ASCII)}


class Ink(NamedTuple):
    """How a line is drawn: its ASCII character and role; `on` dots then `off` left out; `thick` dots high.

    A higher `rank` gives a shared cell its role.
    """

    char: str
    role: str
    rank: int
    on: int = 1
    off: int = 0
    thick: int = 1

    @property
    def solid(self) -> bool:
        """Whether no dot is left out."""
        return self.off == 0


class Canvas:
    """Cells of dots and characters; a character put by `text` hides the dots below it."""

    def __init__(self, columns: int, rows: int, style: Style) -> None:
        self.columns, self.rows, self.style = columns, rows, style
        self.across, self.down = columns * style.across, rows * style.down
        self._bits: dict[tuple[int, int], int] = {}
        self._ink: dict[tuple[int, int], Ink] = {}
        self._text: dict[tuple[int, int], tuple[str, str]] = {}

    def dot(self, x: int, y: int, ink: Ink) -> None:
        """One dot, counted from the top left; outside the canvas nothing happens."""
        if not (0 <= x < self.across and 0 <= y < self.down):
            return
        style = self.style
        cell = (x // style.across, y // style.down)
        self._bits[cell] = self._bits.get(cell, 0) | _bit(style, x % style.across, y % style.down)
        if cell not in self._ink or ink.rank >= self._ink[cell].rank:
            self._ink[cell] = ink

    def path(self, places: list[tuple[int, int]], ink_of: Callable[[int], Ink]) -> None:
        """A line through dots; `ink_of(i)` draws the stretch that ends at place i. The rhythm of dashes runs on along the line."""
        step = 0
        for at, place in enumerate(places):
            ink = ink_of(at)
            for dot in _stretch(places[at - 1], place) if at else iter((place,)):
                if ink.solid or step % (ink.on + ink.off) < ink.on:
                    for lower in range(ink.thick if self.style.down > 1 else 1):
                        self.dot(dot[0], dot[1] + lower, ink)
                step += 1

    def text(self, column: int, row: int, text: str, role: str = "") -> None:
        """Characters of one cell each from a cell on; what falls outside is left out."""
        for at, char in enumerate(text):
            if 0 <= column + at < self.columns and 0 <= row < self.rows:
                self._text[column + at, row] = (char, role)

    def free(self, column: int, row: int, cells: int) -> bool:
        """Whether a text of so many cells would lie on the canvas and hide no dot and no other text."""
        inside = 0 <= row < self.rows and column >= 0 and column + cells <= self.columns
        return inside and not any((column + at, row) in held for at in range(cells) for held in (self._bits, self._text))

    def line(self, row: int) -> Line:
        """One row of cells as spans, exactly as wide as the canvas."""
        cells = [self._cell(column, row) for column in range(self.columns)]
        return tuple(Span("".join(char for char, _ in run), role) for role, run in groupby(cells, key=lambda cell: cell[1]))

    def _cell(self, column: int, row: int) -> tuple[str, str]:
        cell = (column, row)
        if cell in self._text:
            return self._text[cell]
        if cell not in self._bits:
            return " ", ""
        ink = self._ink[cell]
        return _char(self.style, self._bits[cell], ink), ink.role


def sample(ink: Ink, style: Style) -> str:
    """Three cells of an ink, for a legend."""
    canvas = Canvas(3, 1, style)
    middle = (style.down - 1) // 2
    canvas.path([(0, middle), (canvas.across - 1, middle)], lambda _: ink)
    return "".join(span.text for span in canvas.line(0))


def _bit(style: Style, x: int, y: int) -> int:
    if style.name == "braille":
        return _BRAILLE[y][x]
    return 1 << (y * style.across + x)


def _char(style: Style, bits: int, ink: Ink) -> str:
    if style.name == "braille":
        return chr(0x2800 + bits)
    return _QUADRANTS[bits] if style.name == "block" else ink.char


def _stretch(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The dots from one place (left out) to another, without holes."""
    (x0, y0), (x1, y1) = start, end
    steps = max(abs(x1 - x0), abs(y1 - y0))
    for step in range(1, steps + 1):
        yield x0 + _divided((x1 - x0) * step, steps), y0 + _divided((y1 - y0) * step, steps)


def _divided(whole: int, parts: int) -> int:
    """The nearest whole number, halves away from nought on both sides alike."""
    return (abs(2 * whole) + parts) // (2 * parts) * (1 if whole >= 0 else -1)

"""What the terminal holds, cell by cell, so that only the cells that differ are sent, with as few escapes as they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

_ATTRIBUTES = {"1": "bold", "2": "dim", "3": "italic", "4": "underline", "5": "blink", "7": "reverse", "8": "conceal", "9": "strike"}
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
_SEEN_ON_BLANKS = frozenset("4579")


class Pen(NamedTuple):
    """How a cell is drawn, in codes of ECMA-48 (SGR): attributes, foreground, background; empty is the terminal's own."""

    attributes: frozenset[str] = frozenset()
    ink: str = ""
    ground: str = ""


class Cell(NamedTuple):
    """What stands in one cell: a character with its marks, or nothing where a wide one reaches in from the left."""

    text: str
    pen: Pen
    plain: bool = True
    """Whether every terminal gives it one cell; after one that is not, the next is addressed anew."""


_PLAIN = Pen()
_Row = list[Cell | None]


class Wire:
    """The cells last sent to the terminal; a None is a cell of which nothing is known."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.size: Size | None = None

    def forget(self, size: Size | None = None) -> None:
        """Everything is sent anew: the terminal was resized, or something else has written on it.

        What is still drawn for a larger terminal than the one of `size` is cut: past its edge it would lie over other cells.
        """
        self.rows, self.size = [], size or self.size

    def sparing(self, update: LayoutUpdate | ChopsUpdate) -> Sparing:
        """The same update of the screen, in what it takes to get there from what the terminal holds."""
        return Sparing(self, update)

    def sequence(self, strips: Iterable[tuple[int, int, Strip]], system: ColorSystem) -> str:
        """Escapes and text that put strips (column, row, strip) on the terminal, which is left with a plain pen."""
        held: dict[int, _Row] = {}
        for column, row, strip in strips:
            drawn = self._cut(column, row, list(cells_of(strip, system)))
            if drawn:
                _put(held.setdefault(row, list(self._row(row))), column, drawn)
        writer = _Writer()
        for row in sorted(held):
            writer.row(row, self._row(row), held[row])
            self.rows[row] = held[row]
        return writer.finished()

    def _cut(self, column: int, row: int, drawn: list[Cell]) -> list[Cell]:
        """What of some cells the terminal has room for; a wide character that reaches over the edge is a blank."""
        if self.size is None or row >= self.size.height:
            return drawn if self.size is None else []
        room = max(0, self.size.width - column)
        kept = drawn[:room]
        if kept and room < len(drawn) and not drawn[room].text:
            kept[-1] = Cell(" ", _blank(kept[-1].pen))
        return kept

    def _row(self, row: int) -> _Row:
        while len(self.rows) <= row:
            self.rows.append([])
        return self.rows[row]


def _put(row: _Row, column: int, drawn: list[Cell]) -> None:
    """Cells into a row; a wide character of which they take one half leaves a blank for the other."""
    row.extend([None] * (column - len(row)))
    end = column + len(drawn)
    for half, other in ((column, column - 1), (end, end)):
        cut = row[half] if half < len(row) else None
        beside = row[other] if 0 <= other < len(row) else None
        if cut is not None and not cut.text and beside is not None:
            row[other] = Cell(" ", _blank(beside.pen))
    row[column:end] = drawn


class Sparing(CompositorUpdate):
    """An update of the library that is sent as the cells that differ."""

    def __init__(self, wire: Wire, update: LayoutUpdate | ChopsUpdate) -> None:
        self.wire, self.update = wire, update

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.update

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        system = ColorSystem[(console.color_system or "truecolor").upper().replace("256", "EIGHT_BIT")]
        return self.wire.sequence(_strips(self.update), system)


def _strips(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """(column, row, strip) of everything that an update draws; of a line that it draws a part of, the whole line."""
    if isinstance(update, LayoutUpdate):
        for row, line in enumerate(update.strips, update.region.y):
            column = update.region.x
            for strip in line:
                yield column, row, strip
                column += strip.cell_length
        return
    chops: Sequence[Mapping[int, Strip | None]] = update.chops
    for row in dict.fromkeys(row for row, _, _ in update.spans):
        yield from ((column, row, strip) for column, strip in chops[row].items() if strip is not None)


def cells_of(strip: Strip, system: ColorSystem) -> Iterator[Cell]:
    """A strip cell by cell; a blank keeps only what can be seen of its style."""
    for text, style, control in strip:
        if control:
            continue
        pen = _pen(style, system) if style else _PLAIN
        blank = _blank(pen)
        if text.isascii():
            yield from (Cell(char, blank if char == " " else pen) for char in text)
            continue
        for start, end, cells in split_graphemes(text)[0]:
            yield Cell(text[start:end], pen, cells == 1 and end - start == 1)
            yield from (Cell("", pen) for _ in range(cells - 1))


@lru_cache(4096)
def _pen(style: Style, system: ColorSystem) -> Pen:
    attributes = frozenset(code for code, name in _ATTRIBUTES.items() if getattr(style, name))
    ink = style.color.downgrade(system).get_ansi_codes() if style.color else ()
    ground = style.bgcolor.downgrade(system).get_ansi_codes(foreground=False) if style.bgcolor else ()
    return Pen(attributes, "" if ink == ("39",) else ";".join(ink), "" if ground == ("49",) else ";".join(ground))


@lru_cache(4096)
def _blank(pen: Pen) -> Pen:
    """A pen without what does not show on a blank."""
    drawn = pen.attributes & _SEEN_ON_BLANKS
    return pen if drawn else Pen(frozenset(), "", pen.ground)


@lru_cache(4096)
def change(before: Pen, after: Pen) -> str:
    """The shortest escape from one pen to another; empty where there is nothing to change."""
    if before == after:
        return ""
    gone = {_OFF[one] for one in before.attributes - after.attributes}
    kept = {one for one in after.attributes if one not in before.attributes or _OFF[one] in gone}
    codes = [*sorted(gone), *sorted(kept)]
    codes += [after.ink or "39"] if before.ink != after.ink else []
    codes += [after.ground or "49"] if before.ground != after.ground else []
    anew = ["" if after == _PLAIN else "0", *sorted(after.attributes), after.ink, after.ground]
    fresh = ";".join(code for code in anew if code)
    step = ";".join(codes)
    return f"\x1b[{fresh if len(fresh) < len(step) else step}m"


class _Writer:
    """Puts together one sequence: where the cursor stands (None: not known), and with which pen."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.pen = _PLAIN
        self.at: tuple[int, int] | None = None

    def row(self, row: int, before: _Row, after: _Row) -> None:
        """What differs in one row."""
        known = len(before)
        for column, cell in enumerate(after):
            if cell is not None and cell.text and (column >= known or before[column] != cell):
                self._move(row, column, after)
                self._draw(row, column, cell)

    def _move(self, row: int, column: int, cells: _Row) -> None:
        """To a cell: over cells as they are, where writing them again is shorter than an address."""
        if self.at == (row, column):
            return
        same = self.at is not None and self.at[0] == row
        address = f"\x1b[{column + 1}G" if same else f"\x1b[{row + 1};{column + 1}H"
        if self.at is not None and same:
            between = [cell for cell in cells[self.at[1] : column] if cell is not None]
            text = "".join(cell.text for cell in between)
            if len(text.encode()) <= len(address) and all(cell.plain and cell.text and self._shows(cell) for cell in between):
                self.parts.append(text)
                self.at = (row, column)
                return
        self.parts.append(address)
        self.at = (row, column)

    def _shows(self, cell: Cell) -> bool:
        """Whether a cell looks right when it is written with the pen as it is."""
        return cell.pen == (_blank(self.pen) if cell.text == " " else self.pen)

    def _draw(self, row: int, column: int, cell: Cell) -> None:
        if not self._shows(cell):
            wanted = cell.pen
            if cell.text == " " and not (self.pen.attributes | cell.pen.attributes) & _SEEN_ON_BLANKS:
                wanted = Pen(self.pen.attributes, self.pen.ink, cell.pen.ground)
            self.parts.append(change(self.pen, wanted))
            self.pen = wanted
        self.parts.append(cell.text)
        self.at = (row, column + 1) if cell.plain else None

    def finished(self) -> str:
        """The whole sequence."""
        return "".join(self.parts) + change(self.pen, _PLAIN)

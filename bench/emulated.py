"""A terminal in memory: the text and the pens that a stream of bytes leaves on it."""

from __future__ import annotations

import re
from collections.abc import Callable

from monitor.cells import width

_PART = re.compile(
    r"\x1b\[(?P<words>[\x30-\x3f]*)[\x20-\x2f]*(?P<final>[\x40-\x7e])"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)|\x1b[\x20-\x2f]*[\x30-\x7e]|(?P<text>[^\x1b])",
    re.S,
)
_OFF = {"22": {"1", "2"}, "23": {"3"}, "24": {"4"}, "25": {"5"}, "27": {"7"}, "28": {"8"}, "29": {"9"}}


class Emulated:
    """Only what the screens send is known to it; any other escape is a ValueError, so that nothing is read wrongly."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.row = self.column = 0
        self.pen: frozenset[str] = frozenset()
        self.modes: set[str] = set()
        self.cells: list[list[tuple[str, frozenset[str]]]] = []
        self._erase()

    def feed(self, sent: bytes) -> None:
        """Take whole escapes and text."""
        for part in _PART.finditer(sent.decode()):
            if part["final"]:
                self._escape(part["words"], part["final"])
            elif part["text"]:
                self._text(part["text"])

    def lines(self) -> list[str]:
        """The text, line by line, in full width."""
        return ["".join(text for text, _ in row) for row in self.cells]

    def text(self) -> str:
        """The text without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.lines())

    def _text(self, char: str) -> None:
        if char in "\r\n\b\a":
            self.column = 0 if char == "\r" else self.column
            self.row = min(self.rows - 1, self.row + (char == "\n"))
            return
        cells = width(char)
        if not cells:
            before = self.cells[self.row][self.column - 1]
            self.cells[self.row][self.column - 1] = (before[0] + char, before[1])
            return
        self._halve(self.column, self.column - 1)
        self._halve(self.column + cells, self.column + cells)
        for at in range(self.column, min(self.columns, self.column + cells)):
            self.cells[self.row][at] = (char if at == self.column else "", self.pen)
        self.column += cells

    def _halve(self, half: int, other: int) -> None:
        """A wide character that loses one half leaves a blank in the other."""
        row = self.cells[self.row]
        if 0 <= other < self.columns and half < self.columns and not row[half][0]:
            row[other] = (" ", row[other][1])

    def _escape(self, words: str, final: str) -> None:
        if words[:1] in ("?", ">", "<", "="):
            if final in "hl":
                (self.modes.add if final == "h" else self.modes.discard)(words[1:])
            return
        numbers = [int(word or 1) for word in words.split(";")]
        known: dict[str, Callable[[], None]] = {
            "H": lambda: self._to(numbers[0], numbers[1] if len(numbers) > 1 else 1),
            "G": lambda: self._to(self.row + 1, numbers[0]),
            "m": lambda: self._pens(words.split(";")),
            "J": self._erase,
        }
        if final not in known and final not in "tnc":
            raise ValueError(f"an escape that is not expected: {words}{final}")
        known.get(final, lambda: None)()

    def _to(self, row: int, column: int) -> None:
        self.row, self.column = row - 1, column - 1

    def _erase(self) -> None:
        self.cells = [[(" ", frozenset())] * self.columns for _ in range(self.rows)]

    def _pens(self, codes: list[str]) -> None:
        pen = set(self.pen)
        while codes:
            code = codes.pop(0)
            if code in ("38", "48"):
                taken = 2 if codes[0] == "5" else 4
                pen = {one for one in pen if not one.startswith(code)} | {";".join([code, *codes[:taken]])}
                del codes[:taken]
            elif code in ("", "0"):
                pen = set()
            elif code in _OFF:
                pen -= _OFF[code]
            else:
                pen = _coloured(pen, code)
        self.pen = frozenset(pen)


def _coloured(pen: set[str], code: str) -> set[str]:
    """A pen after one of the 16 colours, the terminal's own colour, or an attribute."""
    for place, codes in (("38", {*range(30, 38), 39, *range(90, 98)}), ("48", {*range(40, 48), 49, *range(100, 108)})):
        if int(code) in codes:
            kept = {one for one in pen if not one.startswith(place)}
            return kept if code in ("39", "49") else kept | {f"{place}={code}"}
    return pen | {code}

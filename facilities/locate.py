"""Where a key stands in TOML source: the text is scanned again on demand, so that parsing itself stays fast.

The scanner trusts that the text was valid TOML when it was parsed; on anything it cannot read it goes on at the next
line and never raises, because the file may have changed since.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

Keys = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*+")
_GAP = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'""")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SCALAR = re.compile(
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]++"
    r"|[^\s,\[\]{}#=\"']++"
)
_LETTERS = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class Span(NamedTuple):
    """Line and column from 1, and the width in characters (to the end of the line at most)."""

    line: int
    column: int
    width: int


class _Found(NamedTuple):
    """Offsets in the text: of the key as written, and of its value (of an element: both the element)."""

    key: tuple[int, int]
    value: tuple[int, int]


def locate(text: str, path: Sequence[str | int], value: bool = False) -> Span | None:
    """The place of the key at `path` (or of its `value`) in TOML `text`; None when it is not written there.

    A string steps into a table, a number into an array: `("covenant", 0, "rung", 2, "above")`. A table or an element
    of an array of tables is found at its header. Line ends are LF.
    """
    where = _index(text).get(tuple(path))
    if where is None:
        return None
    start, end = where.value if value else where.key
    lines = _line_starts(text)
    line = bisect_right(lines, start)
    stop = min(end, lines[line] - 1 if line < len(lines) else len(text))
    return Span(line, start - lines[line - 1] + 1, max(1, stop - start))


def line_of(text: str, number: int) -> str:
    """Line `number`, counted from 1, without its end; empty past the last."""
    lines = _line_starts(text)
    return text[lines[number - 1] : lines[number] - 1 if number < len(lines) else len(text)] if number <= len(lines) else ""


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    return [0, *(hit.end() for hit in re.finditer("\n", text))]


@lru_cache(maxsize=8)
def _index(text: str) -> dict[Keys, _Found]:
    scan = _Scan(text)
    with suppress(RecursionError):  # brackets without end, written after the file was parsed: what was found before stands
        scan.document()
    return scan.found


class _Scan:
    """One pass over a text; `found` maps each path to where it is written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Keys, _Found] = {}
        self._counts: dict[Keys, int] = {}

    def document(self) -> None:
        """Read headers and assignments to the end of the text."""
        table: Keys = ()
        while self._gap() < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            elif not self._assignment(table):
                self._next_line()

    def _gap(self) -> int:
        self.at = self._skip(_GAP)
        return self.at

    def _skip(self, pattern: re.Pattern[str]) -> int:
        hit = pattern.match(self.text, self.at)
        return hit.end() if hit else self.at

    def _next_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end + 1

    def _header(self) -> Keys:
        """`[a.b]` or `[[a.b]]`: the path of the table that follows, arrays of tables resolved to their last element."""
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys, span = self._dotted()
        table = self._resolve(keys[:-1])
        if keys:
            table = self._element((*table, keys[-1]), span) if many else self._resolve(keys)
            self.found.setdefault(table, _Found(span, span))
        self._next_line()
        return table

    def _resolve(self, keys: list[str]) -> Keys:
        path: Keys = ()
        for key in keys:
            path = (*path, key)
            if path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _element(self, array: Keys, span: tuple[int, int]) -> Keys:
        self.found.setdefault(array, _Found(span, span))
        self._counts[array] = self._counts.get(array, -1) + 1
        return (*array, self._counts[array])

    def _dotted(self) -> tuple[list[str], tuple[int, int]]:
        """The parts of a dotted key, and the offsets of its last part; no parts when there is no key."""
        keys: list[str] = []
        span = (self.at, self.at)
        while True:
            self.at = self._skip(_BLANK)
            hit = _KEY.match(self.text, self.at)
            if hit is None:
                return keys, span
            keys.append(_unquoted(hit.group()))
            span = hit.span()
            self.at = hit.end()
            self.at = self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return keys, span
            self.at += 1

    def _assignment(self, table: Keys) -> bool:
        """`key = value`; False when it is not one, with the scanner left where it stopped."""
        keys, span = self._dotted()
        self.at = self._skip(_BLANK)
        if not keys or not self.text.startswith("=", self.at):
            return False
        self.at += 1
        self.at = self._skip(_BLANK)
        for depth in range(1, len(keys)):
            self.found.setdefault((*table, *keys[:depth]), _Found(span, span))
        return self._value((*table, *keys), span)

    def _value(self, path: Keys, key: tuple[int, int] | None) -> bool:
        start = self.at
        opening = self.text[start : start + 1]
        if opening == "[":
            read = self._array(path)
        elif opening == "{":
            read = self._inline_table(path)
        else:
            self.at = self._skip(_SCALAR)
            read = self.at > start
        span = (start, self.at)
        self.found.setdefault(path, _Found(key or span, span))
        return read

    def _array(self, path: Keys) -> bool:
        self.at += 1
        number = 0
        while self._gap() < len(self.text):
            if self.text[self.at] == "]":
                self.at += 1
                return True
            if self.text[self.at] == ",":
                self.at += 1
                continue
            if not self._value((*path, number), None):
                return False
            number += 1
        return False

    def _inline_table(self, path: Keys) -> bool:
        self.at += 1
        while self._gap() < len(self.text):
            if self.text[self.at] == "}":
                self.at += 1
                return True
            if self.text[self.at] == ",":
                self.at += 1
                continue
            if not self._assignment(path):
                return False
        return False


def _unquoted(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    return _ESCAPE.sub(_unescaped, key[1:-1]) if key[0] == '"' else key


def _unescaped(hit: re.Match[str]) -> str:
    digits = hit.group(1) or hit.group(2)
    if digits:
        return chr(min(int(digits, 16), 0x10FFFF))
    letter = hit.group(3)
    return _LETTERS.get(letter, letter)

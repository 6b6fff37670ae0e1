"""Text measured in terminal cells: how wide it is, cut with an ellipsis, padded, wrapped; and names made harmless."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category, combining, east_asian_width

from facilities.inert import inert

_MARKS_KEPT = 2
_LONGEST = 600


def name(text: str) -> str:
    """`text` inert, on one line, without the joining marks whose width terminals disagree about.

    More than two accents on one letter are dropped (they would paint over the rows above and below), and so are
    variation selectors and skin tones; beyond 600 characters nothing could show it and it is cut.
    """
    if text.isascii() and text.isprintable():
        return text[:_LONGEST]
    return _plainly(inert(text[:_LONGEST]))


def _plainly(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        mark = category(char) in ("Mn", "Me", "Mc")
        marks = marks + 1 if mark else 0
        if "\ufe00" <= char <= "\ufe0f" or "\U0001f3fb" <= char <= "\U0001f3ff" or "\u1160" <= char <= "\u11ff":
            continue
        if mark and (marks > _MARKS_KEPT or not combining(char)):
            continue
        kept.append(" " if category(char) == "Zs" else char)
    return "".join(kept)


@lru_cache(8192)
def _char_width(char: str) -> int:
    if category(char) in ("Mn", "Me") or combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Cells that `text` takes on a terminal."""
    return len(text) if text.isascii() else sum(_char_width(char) for char in text)


def cut(text: str, cells: int, ascii: bool = False) -> str:
    """`text` in at most `cells` cells, its end replaced by an ellipsis (`~` in ASCII) when it does not fit."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    room = cells - 1
    kept: list[str] = []
    for char in text:
        room -= _char_width(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + ("~" if ascii else "…")


def pad(text: str, cells: int, right: bool = False, ascii: bool = False) -> str:
    """`text` in exactly `cells` cells, cut or filled with spaces (on the left when `right` aligned)."""
    text = cut(text, cells, ascii)
    room = " " * (cells - width(text))
    return room + text if right else text + room


def wrap(text: str, cells: int) -> list[str]:
    """`text` broken at spaces (inside a word only when the word alone is too wide) into lines of at most `cells`."""
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined) <= cells:
            line = joined
            continue
        if line:
            lines.append(line)
        while width(word) > cells:
            head = beginning(word, cells)
            lines.append(head)
            word = word[len(head) :]
        line = word
    return [*lines, line] if line or not lines else lines


def beginning(word: str, cells: int) -> str:
    """What of a text fits into `cells`; never less than one character."""
    room, taken = cells, 0
    for char in word:
        room -= _char_width(char)
        if room < 0:
            break
        taken += 1
    return word[: max(1, taken)]

"""Styled text without a screen: spans with a role, lines of spans, and their plain and ANSI forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from monitor.cells import cut, width


class Span(NamedTuple):
    """A piece of one line and its role; the role becomes a colour where there are colours."""

    text: str
    role: str = ""


Line = tuple[Span, ...]

ROLES: dict[str, str] = {
    "": "",
    "dim": "2",
    "strong": "1",
    "title": "1;36",
    "head": "2;4",
    "rule": "2",
    "key": "1;36",
    "legal": "1;37;41",
    "fail": "1;31",
    "unknown": "1;35",
    "warn": "33",
    "watch": "36",
    "waived": "34",
    "pass": "32",
    "untested": "2",
}
"""Role -> ANSI attributes of the text board (the screens have their own, per theme)."""


def plain(line: Line) -> str:
    """The text of a line, without trailing blanks."""
    return "".join(span.text for span in line).rstrip()


def line_width(line: Line) -> int:
    """Cells that the line takes."""
    return sum(width(span.text) for span in line)


def fit(line: Line, cells: int, ascii: bool = False) -> Line:
    """The line in at most `cells` cells; the span that crosses the edge is cut with an ellipsis."""
    kept: list[Span] = []
    for span in line:
        taken = width(span.text)
        if taken > cells:
            return (*kept, Span(cut(span.text, cells, ascii), span.role))
        kept.append(span)
        cells -= taken
    return tuple(kept)


def justified(left: Line, right: Line, cells: int, ascii: bool = False) -> Line:
    """`left` and `right` at the two ends of `cells`; when both do not fit, `left` is cut."""
    room = cells - line_width(right)
    if room < 8:
        return fit(left, cells, ascii)
    left = fit(left, room - 1, ascii)
    return (*left, Span(" " * (room - line_width(left))), *right)


def ansi(line: Line) -> str:
    """The line with ANSI colours of the 16 that every terminal has."""
    text = "".join(_coloured(span) for span in _without_tail(line))
    return text


def _coloured(span: Span) -> str:
    code = ROLES[span.role]
    return f"\x1b[{code}m{span.text}\x1b[0m" if code and span.text.strip() else span.text


def _without_tail(line: Line) -> Iterable[Span]:
    spans = list(line)
    while spans and not spans[-1].text.strip():
        spans.pop()
    if spans and spans[-1].role not in ("legal", "head"):
        spans[-1] = Span(spans[-1].text.rstrip(), spans[-1].role)
    return spans

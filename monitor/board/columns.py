"""Which columns a board of a given width has, and one row drawn in them."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from monitor.board.figures import money
from monitor.board.rows import (
    BoardRow,
    actual_and_limit,
    breaks_at,
    limit_text,
    move_text,
    next_text,
    since_text,
)
from monitor.board.spans import Line, Span
from monitor.board.states import basis_letter, legal_words
from monitor.cells import name, pad


class Column(NamedTuple):
    """One column: its name, heading, width in cells, and whether it is set to the right."""

    name: str
    heading: str
    cells: int
    right: bool = False


# Narrowest form of each, in the order in which they are given up last to first: the limit goes long before the exposure.
COLUMNS = (
    Column("state", "  State", 12),
    Column("facility", "Facility", 14),
    Column("breaks", "Breaks at", 12, True),
    Column("actual", "Actual", 7, True),
    Column("title", "Tightest", 10),
    Column("drawn", "Drawn", 6, True),
    Column("next", "Next", 5, True),
    Column("basis", "B", 1),
    Column("limit", "Limit", 8, True),
    Column("move", "Move", 7, True),
    Column("since", "Since", 7, True),
    Column("legal", "In law", 14),
    Column("owner", "Owner", 10),
    Column("action", "Next action", 20),
)
_DRAWN = ("state", "basis", "facility", "drawn", "title", "actual", "limit", "breaks", "move", "since", "next", "legal", "owner", "action")
_STEPS: tuple[Column | tuple[str, int], ...] = (
    *COLUMNS[:10],
    *(("facility", 18), ("title", 12), ("facility", 20), ("title", 14)),
    *COLUMNS[10:],
    *(("breaks", 15), ("title", 20), ("action", 44), ("facility", 28), ("title", 26)),
)
"""What the room is given to, one after the other: a column, or one that is there to be as wide; names before the last columns."""
_FIGURES = ("actual", "limit", "breaks", "move")


def layout(width: int, hidden: Container[str] = ()) -> tuple[Column, ...]:
    """Columns that fit in `width` cells with one blank between them, in the order drawn.

    At 40 cells: state, facility and breach price; at 80 all but the limit; above, the limit, the move to the breach
    price, since when, the legal state, owner and next action. `hidden` columns are left out, whatever the room.
    """
    taken: dict[str, Column] = {}
    room, full = width + 1, False
    for step in _STEPS:
        if not isinstance(step, Column):
            room -= _widened(taken, *step, room)
        elif step.name not in hidden and not full:
            full = room < step.cells + 1
            if not full:
                taken[step.name] = step
                room -= step.cells + 1
    return tuple(taken[name] for name in _DRAWN if name in taken)


def _widened(taken: dict[str, Column], wide: str, most: int, room: int) -> int:
    """Make a column that is there up to `most` cells wide, and say how many more that took."""
    if wide not in taken:
        return 0
    more = min(room, max(0, most - taken[wide].cells))
    taken[wide] = taken[wide]._replace(cells=taken[wide].cells + more)
    return more


def heading_line(columns: tuple[Column, ...], ascii: bool = False) -> Line:
    """The headings over the columns."""
    return (Span(" ".join(pad(column.heading, column.cells, column.right, ascii) for column in columns), "head"),)


def row_line(row: BoardRow, columns: tuple[Column, ...], ascii: bool = False, cursor: bool = False) -> Line:
    """One row in its columns; the cursor is a mark in the first cell (and a colour, where the screen has one)."""
    spans: list[Span] = []
    for column in columns if row.covenant else _said_at_length(columns):
        if column.name == "state":
            spans += _state_spans(row, column.cells, ascii, cursor)
        else:
            text, role = _cell(row, column, ascii)
            spans += [Span(" "), Span(pad(text, column.cells, column.right, ascii), role)]
    return tuple(spans)


def _said_at_length(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of a row without a covenant, which has no figures: what it says of itself runs on over theirs."""
    if all(column.name != "title" for column in columns):
        return columns
    more = sum(column.cells + 1 for column in columns if column.name in _FIGURES)
    kept = [column for column in columns if column.name not in _FIGURES]
    return tuple(column._replace(cells=column.cells + more) if column.name == "title" else column for column in kept)


def _state_spans(row: BoardRow, cells: int, ascii: bool, cursor: bool) -> list[Span]:
    state = row.state(ascii)
    marker = (">" if ascii else "▌") if cursor else " "
    return [Span(marker, "key"), Span(pad(f"{state.sign} {state.word}", cells - 1, ascii=ascii), state.role)]


def _cell(row: BoardRow, column: Column, ascii: bool) -> tuple[str, str]:
    role = row.state().role
    loud = "strong" if row.fault else ""
    match column.name:
        case "facility":
            return name(row.facility.name), loud
        case "drawn":
            return money(row.facility.outstanding), ""
        case "title":
            return row.title, ""
        case "breaks":
            return breaks_at(row, long=column.cells >= 15), loud
        case "next":
            return next_text(row), "dim"
        case "move":
            return move_text(row), ""
        case "since":
            return since_text(row), "dim"
        case "legal":
            return (legal_words(row.covenant.legal) if row.covenant else ""), ""
        case "owner":
            return name(row.facility.owner or ""), "dim"
        case "action":
            return _action(row), "dim"
    return _reading_cell(row, column.name, role if row.fault and not row.projected else "", ascii)


def _reading_cell(row: BoardRow, column: str, role: str, ascii: bool) -> tuple[str, str]:
    if row.covenant is None or row.leading is None:
        return "", ""
    actual, limit = actual_and_limit(row.covenant, row.leading)
    if column == "actual":
        return actual, "fail" if role == "legal" else role
    if column == "limit":
        return limit_text(row.leading, limit, ascii), ""
    return basis_letter("projected" if row.projected else row.leading.basis), "dim"


def _action(row: BoardRow) -> str:
    covenant = row.covenant
    if covenant is None or row.leading is None:
        return ""
    if covenant.remedies:
        return name(covenant.remedies[0].text)
    return name(row.leading.reason or covenant.note or "")

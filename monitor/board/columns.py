"""Which columns a board of a given width has, and one row drawn in them."""

from __future__ import annotations

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
_WANTED = (
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
_GROWTH = (
    *(("facility", 16), ("title", 14), ("breaks", 15), ("facility", 20)),
    *(("title", 20), ("action", 44), ("facility", 28), ("title", 26)),
)


def layout(width: int) -> tuple[Column, ...]:
    """Columns that fit in `width` cells with one blank between them, in the order drawn.

    At 40 cells: state, facility and breach price; at 80 all but the limit; above, the limit, the move to the breach
    price, since when, the legal state, owner and next action.
    """
    taken: list[Column] = []
    room = width + 1
    for column in _WANTED:
        if room < column.cells + 1:
            break
        taken.append(column)
        room -= column.cells + 1
    cells = {column.name: column.cells for column in taken}
    for wide, most in _GROWTH:
        if wide in cells:
            more = min(room, max(0, most - cells[wide]))
            cells[wide] += more
            room -= more
    return tuple(column._replace(cells=cells[column.name]) for column in sorted(taken, key=lambda column: _DRAWN.index(column.name)))


def heading_line(columns: tuple[Column, ...], ascii: bool = False) -> Line:
    """The headings over the columns."""
    return (Span(" ".join(pad(column.heading, column.cells, column.right, ascii) for column in columns), "head"),)


def row_line(row: BoardRow, columns: tuple[Column, ...], ascii: bool = False, cursor: bool = False) -> Line:
    """One row in its columns; the cursor is a mark in the first cell (and a colour, where the screen has one)."""
    spans: list[Span] = []
    for column in columns:
        if column.name == "state":
            spans += _state_spans(row, column.cells, ascii, cursor)
        else:
            text, role = _cell(row, column, ascii)
            spans += [Span(" "), Span(pad(text, column.cells, column.right, ascii), role)]
    return tuple(spans)


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

"""The board as text: the lines that the screen and a pipe both show."""

from __future__ import annotations

from monitor.board.columns import heading_line, layout, row_line
from monitor.board.figures import countdown, stamp
from monitor.board.header import header_lines
from monitor.board.rows import BoardRow, actual_and_limit, board_rows, limit_text, since_text
from monitor.board.spans import Line, Span, ansi, fit, plain
from monitor.board.states import legal_words
from monitor.cells import name
from monitor.report.schema import Report


def board_lines(report: Report, width: int, ascii: bool = False) -> list[Line]:
    """The whole board in at most `width` cells: header, headings, one line per row, worst first."""
    columns = layout(width)
    trail = (report.desk, "Board") if report.desk else ("Board",)
    rule = (Span(("-" if ascii else "─") * width, "rule"),)
    rows = [row_line(row, columns, ascii) for row in board_rows(report)]
    return [*header_lines(report, width, ascii, trail), rule, heading_line(columns, ascii), *rows]


def text_board(report: Report, width: int, ascii: bool = False, color: bool = False) -> str:
    """The board for a pipe or a dumb terminal; `color` adds the 16 ANSI colours. Ends with a newline."""
    write = ansi if color else plain
    lines = [write(fit(line, width, ascii)) for line in board_lines(report, width, ascii)]
    return "\n".join(lines) + "\n"


def summary_lines(row: BoardRow, ascii: bool = False, named: bool = True) -> tuple[Line, Line]:
    """Two sentences on a row, uncut: what stands how against what, since when, how long is left; then what would clear it."""
    start = (Span(f" {name(row.facility.name)}: ", "strong"),) if named else (Span(" "),)
    return (*start, *_standing(row, ascii)), _clearing(row)


def _standing(row: BoardRow, ascii: bool) -> Line:
    covenant, reading = row.covenant, row.leading
    if covenant is None and row.facility.legal and row.facility.falls_alone:
        return (Span(f"{legal_words(row.facility.legal.state)}: {row.title}"),)
    if covenant is None or reading is None:
        return (Span(row.facility.doubt or "no covenant is tested", "dim"),)
    actual, limit = actual_and_limit(covenant, reading)
    needs = limit_text(reading, limit, ascii)
    words = f"{name(covenant.title)} {actual}" + (f", needs {needs}" if needs != "-" else "")
    words += "" if reading.basis == "tested" else f", {name(reading.basis)}"
    for other in covenant.hidden:
        words += f"; {name(other.basis)} it fails, {actual_and_limit(covenant, other)[0]}"
    since = since_text(row)
    words += f", since {since}" if since != "-" and row.fault else ""
    remaining = countdown(covenant.deadline, row.as_of)
    if not remaining:
        return (Span(words),)
    return Span(f"{words}; "), Span(remaining, "strong"), Span(f", to {stamp(covenant.deadline, year=False)}")


def _clearing(row: BoardRow) -> Line:
    covenant, reading = row.covenant, row.leading
    if covenant is None or reading is None:
        return ()
    if covenant.remedies:
        return Span(" Clears: ", "dim"), Span("; ".join(name(remedy.text) for remedy in covenant.remedies))
    if reading.reason or reading.bound:
        head = " Unknown: " if reading.result == "indeterminate" else " Why: "
        return Span(head, "dim"), Span("; ".join(name(text) for text in (reading.reason, reading.bound) if text))
    note = covenant.note or covenant.clause
    return (Span(f" {name(note)}", "dim"),) if note else ()

"""The page of columns: which of them the board has, where there is room."""

from __future__ import annotations

from monitor.board.columns import COLUMNS
from monitor.board.spans import Span
from monitor.cells import pad
from monitor.tui.page import Page, PageLine

FIXED = frozenset({"state", "facility"})
"""Columns a board cannot be without."""


def columns_page(hidden: frozenset[str], twin: str, ascii: bool = False) -> Page:
    """One line a column (key: its name); opening it shows or hides it."""
    lines = [PageLine((Span(" Open a row to show or hide its column; the board drops columns that do not fit.", "dim"),)), PageLine(())]
    for column in COLUMNS:
        if column.name in FIXED:
            continue
        shown = column.name not in hidden
        box = "[x]" if shown else "[ ]"
        line = (Span(f" {box} ", "key" if shown else "dim"), Span(pad(column.heading.strip() or column.name, 14, ascii=ascii)))
        lines.append(PageLine(line, column.name))
    return Page([], lines, twin, ascii)

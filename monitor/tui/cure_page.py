"""The page of cures: the least of each instrument that restores a failing covenant, and all of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.board.figures import figure
from monitor.board.spans import Span
from monitor.cells import cut, name
from monitor.tui.page import Page, Writer

if TYPE_CHECKING:
    from monitor.cure import CureAnswer


def cure_page(made: CureAnswer, width: int, twin: str, ascii: bool = False) -> Page:
    """The cures in `width` cells; the cursor stops on the covenants (key: facility, covenant)."""
    writer = Writer(width, ascii)
    writer.row((Span(f" {cut(name(made.name), width - 2, ascii)}", "strong"),), (made.id, None))
    for one in made.covenants:
        writer.section(cut(name(one.title), width - 6, ascii))
        head = f" {figure(one.actual, one.unit, 3)}, to be restored to {figure(one.target, one.unit, 3)} ({name(one.basis)})"
        writer.row((Span(cut(head, width - 1, ascii), "fail"),), (made.id, one.id), True)
        for part in one.remedies:
            worse = part.text in one.worse
            writer.says(part.text, "warn" if worse else "", " ! " if worse else " - ")
        if not one.remedies:
            writer.says("nothing that is known moves it", "dim")
    if len(made.covenants) > 1:
        writer.section("All together, by one instrument alone")
        for part in made.together:
            writer.says(part.text, bullet=" - ")
    from monitor.cure import left_of

    if left := left_of(made):
        writer.says(left, "unknown" if made.unknown else "dim", " ? " if made.unknown else "")
    return Page([], writer.lines, twin, ascii)

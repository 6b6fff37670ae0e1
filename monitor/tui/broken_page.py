"""The pages of a desk whose files cannot be used: what `covenant lint` says of them."""

from __future__ import annotations

from collections.abc import Sequence

from facilities.problems import Problem
from monitor.board.spans import Span
from monitor.cells import cut, name
from monitor.tui.page import Page, Writer


def broken_page(problems: Sequence[Problem], message: str, width: int, twin: str, ascii: bool = False) -> Page:
    """In place of a desk that does not load: every problem with its place, its line and a hint; or the bare `message`."""
    writer = Writer(width, ascii)
    writer.row((Span(" "), Span(" The desk cannot be judged ", "legal")))
    writer.says("These screens read it again as soon as a file is saved; r reads it now, q leaves.", "dim")
    writer.row(())
    for problem in problems:
        _problem(writer, problem)
    if not problems:
        writer.says(message, "fail")
    return Page([], writer.lines, twin, ascii)


def _problem(writer: Writer, problem: Problem) -> None:
    for row, text in enumerate(str(problem).split("\n")):
        if "| " in text[:9]:  # the line of the file and its carets stand as they are
            writer.row((Span(f" {cut(name(text), writer.width - 2, writer.ascii)}", "strong"),))
        else:
            writer.says(text, "fail" if row == 0 else "")
    writer.row(())

"""The board as a page: rows of any number, each drawn only when it comes into view."""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence

from monitor.board.columns import heading_line, layout, row_line
from monitor.board.header import bucket_counts
from monitor.board.rows import BoardRow
from monitor.board.spans import Line, Span
from monitor.report.schema import Report
from monitor.tui.page import Page, PageLine


class BoardPage(Page):
    """Rows of the board in the columns of a width; the key of a row is its facility and covenant id."""

    def __init__(self, rows: Sequence[BoardRow], width: int, twin: str, ascii: bool = False, hidden: Container[str] = ()) -> None:
        self.columns = layout(width, hidden)
        super().__init__([heading_line(self.columns, ascii)], [], twin, ascii)
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> Hashable | None:
        """Facility and covenant id of row `index`."""
        return self.rows[index].key

    def fault(self, index: int) -> bool:
        """Whether row `index` is a fault."""
        return self.rows[index].fault

    def line(self, index: int, cursor: bool = False) -> Line:
        """Row `index`, drawn now."""
        return row_line(self.rows[index], self.columns, self.ascii, cursor)

    def find(self, key: Hashable) -> int | None:
        """The row with this key; failing that, the first row of the same facility."""
        exact = super().find(key)
        if exact is not None or not isinstance(key, tuple):
            return exact
        return next((index for index, row in enumerate(self.rows) if row.facility.id == key[0]), None)

    def stops(self) -> list[int]:
        """Every row."""
        return list(range(len(self.rows)))

    def stop_number(self, index: int) -> int:
        """Every row is a stop."""
        return index

    def stop_count(self) -> int:
        """Every row is a stop."""
        return len(self.rows)


def counts_page(report: Report, as_of: str, trouble: bool = False) -> Page:
    """A terminal too small for rows: the as-of and the counts, worst first; `trouble`: newer files cannot be used."""
    lines = [PageLine((Span(" FILES BROKEN ", "legal"),))] if trouble else []
    lines += [PageLine((Span(f" {as_of}", "strong"),))]
    lines += [PageLine((Span(f" {word} {count}", role),)) for word, role, count in bucket_counts(report) if count]
    return Page([], lines, "")

"""The filter of a list: words that must all match, `!word` that must not, and `field:word`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.board.rows import BoardRow
from monitor.board.spans import plain
from monitor.tui.page import PageLine


def filtered(rows: Sequence[BoardRow], text: str) -> list[BoardRow]:
    """Rows that match every word of `text`: `rowan !abl state:fail group:x kind:abl owner:x`. Case does not matter."""
    words = text.casefold().split()
    return [row for row in rows if all(_holds(row, "", word) for word in words)] if words else list(rows)


def filtered_lines(lines: Sequence[PageLine], text: str, row_of: Callable[[PageLine], BoardRow | None]) -> list[PageLine]:
    """The same for the lines of any other page, by what they show and the row they are about; lines without a key stay."""
    words = text.casefold().split()

    def kept(line: PageLine) -> bool:
        return line.key is None or all(_holds(row_of(line), plain(line.line), word) for word in words)

    return [line for line in lines if kept(line)] if words else list(lines)


def _holds(row: BoardRow | None, shown: str, word: str) -> bool:
    if word.startswith("!"):
        return word == "!" or not _holds(row, shown, word[1:])
    field, colon, wanted = word.partition(":")
    if colon and field in FIELDS:
        return row is not None and wanted in FIELDS[field](row).casefold()
    return word in (shown + "\n" + (_names(row) if row else "")).casefold()


def _names(row: BoardRow) -> str:
    facility, covenant = row.facility, row.covenant
    names = [facility.name, facility.id, facility.borrower, *([covenant.title, covenant.id] if covenant else [])]
    return "\n".join([*names, row.state().word])


def _state(row: BoardRow) -> str:
    legal = row.covenant.legal if row.covenant else ""
    result = row.leading.result if row.leading else ""
    return "\n".join([row.state().word, row.severity, legal, result])


FIELDS: dict[str, Callable[[BoardRow], str]] = {
    "state": _state,
    "group": lambda row: row.facility.obligor_group or "",
    "kind": lambda row: row.facility.kind,
    "owner": lambda row: row.facility.owner or "",
    "class": lambda row: row.covenant.class_ if row.covenant else "",
}

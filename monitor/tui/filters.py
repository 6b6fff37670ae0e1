"""The filter of the board: words that must all match, `!word` that must not, and `field:word`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.board.rows import BoardRow


def filtered(rows: Sequence[BoardRow], text: str) -> list[BoardRow]:
    """Rows that match every word of `text`: `rowan !abl state:fail group:x kind:abl owner:x`. Case does not matter."""
    words = text.casefold().split()
    return [row for row in rows if all(_holds(row, word) for word in words)] if words else list(rows)


def _holds(row: BoardRow, word: str) -> bool:
    if word.startswith("!"):
        return word == "!" or not _holds(row, word[1:])
    field, colon, wanted = word.partition(":")
    if colon and field in _FIELDS:
        return wanted in _FIELDS[field](row).casefold()
    return word in _names(row).casefold()


def _names(row: BoardRow) -> str:
    facility, covenant = row.facility, row.covenant
    names = [facility.name, facility.id, facility.borrower, *([covenant.title, covenant.id] if covenant else [])]
    return "\n".join([*names, row.state().word])


def _state(row: BoardRow) -> str:
    legal = row.covenant.legal if row.covenant else ""
    result = row.leading.result if row.leading else ""
    return "\n".join([row.state().word, row.severity, legal, result])


_FIELDS: dict[str, Callable[[BoardRow], str]] = {
    "state": _state,
    "group": lambda row: row.facility.obligor_group or "",
    "kind": lambda row: row.facility.kind,
    "owner": lambda row: row.facility.owner or "",
}

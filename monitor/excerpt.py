"""The text of a desk file around the line that a figure came from."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

AROUND = 2_000
"""Lines shown before and after: all of a facility, a screenful of a file of prints many times over."""
_LIMIT = 50_000_000
_PLACE = re.compile(r"(?:^|\s)((?:\S+/)*\S+\.(?:toml|csv)):(\d+)")


class Excerpt(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one file: `lines[0]` is line `first`, `line` the one asked about, all counted from 1."""

    file: str
    line: int
    first: int
    lines: tuple[str, ...]


def place_in(origin: str) -> tuple[str, int] | None:
    """File and line in an origin as `explain` writes it: `facilities/x.toml:52`, or the first print of a mark's."""
    whole = re.fullmatch(r"(.+\.(?:toml|csv)):(\d+)", origin)
    found = whole or _PLACE.search(origin)
    return (found[1], int(found[2])) if found else None


def excerpt(root: Path, file: str, line: int) -> Excerpt:
    """The lines around one line. Raises OSError where the file cannot be read, ValueError where it is none of the desk's."""
    path = (root / file).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ValueError(f"{file} is not in the desk's folder")
    with path.open("rb") as opened:
        text = opened.read(_LIMIT).decode("utf-8", "replace")
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    first = max(1, line - AROUND)
    return Excerpt(file=file, line=line, first=first, lines=tuple(rows[first - 1 : line + AROUND]))

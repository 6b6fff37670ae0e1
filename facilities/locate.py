"""Where a key stands in TOML source: the text is scanned again, so that parsing itself stays fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """Line and column from 1, and the width in characters."""

    line: int
    column: int
    width: int


def locate(text: str, path: Sequence[str | int]) -> Span | None:
    """The first line that assigns the last key of `path`; None when there is none."""
    keys = [part for part in path if isinstance(part, str)]
    for number, line in enumerate(text.split("\n"), 1):
        if keys and line.split("=")[0].strip() == keys[-1]:
            return Span(number, line.index(keys[-1]) + 1, len(keys[-1]))
    return None

"""A view written to a text file beside the reader, never over one that is there."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path


def write_view(folder: Path, level: str, as_of: str, text: str) -> Path:
    """Write `covenant-LEVEL-ASOF.txt` (then `-2`, `-3`...) and return its path. Raises OSError."""
    stem = f"covenant-{level}-{re.sub('[^0-9TZ]', '', as_of)[:16]}"
    for number in count(1):
        path = folder / (f"{stem}.txt" if number == 1 else f"{stem}-{number}.txt")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable")

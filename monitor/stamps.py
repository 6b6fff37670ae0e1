"""Whether a desk's files have changed: sizes and times of its folder, without reading any of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("", "facilities", "obligors", "rules", "marks")
"""The folders of a desk whose files make a report; its journal lies in the first."""

_SUFFIXES = (".toml", ".csv", ".sqlite", ".db", "-wal")

Stamp = frozenset[tuple[str, int, int, int]]
"""Path, size, time of the last change and inode of every file that has anything in it; what cannot be seen is left out."""


def stamp_of(root: Path) -> Stamp:
    """The stamp of the desk at `root`."""
    return frozenset(_seen(root))


def _seen(root: Path) -> Iterator[tuple[str, int, int, int]]:
    for folder in FOLDERS:
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    if entry.name.endswith(_SUFFIXES) and not entry.name.startswith(".") and entry.is_file():
                        made = entry.stat()
                        if made.st_size:  # an empty log of a database comes and goes with its readers
                            yield entry.path, made.st_size, made.st_mtime_ns, made.st_ino
        except OSError:  # a folder that is not there, or a file gone while we looked: the next look tells
            continue

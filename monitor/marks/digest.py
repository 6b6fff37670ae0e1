"""One hash over all marks files, so that a report can say what it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def marks_digest(paths: Iterable[Path]) -> str:
    """SHA-256 over name, length and bytes of each file, in order of name; the folder they lie in does not count.

    Raises OSError when a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        raw = path.read_bytes()
        digest.update(f"{path.name}\0{len(raw)}\0".encode("utf-8", "surrogateescape"))
        digest.update(raw)
    return digest.hexdigest()

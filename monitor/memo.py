"""The last answer to a question whose every input is the same: what `check` printed, and its exit code.

An answer is a pure function of the desk's files, the marks, the instants asked about, and the program. The key is the
sha256 of all of them, so an answer is recalled or it is computed; a doubtful file is as good as none. Questions that
depend on the clock are never kept.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from monitor.version import VERSION

LIMIT = 4_000_000
_MAGIC = b"covenant-monitor answer 1"
_HOUSE = Path(__file__).resolve().parent.parent
_FOLDERS = ("", "facilities", "obligors", "rules", "scenarios", "marks")


class Answer(NamedTuple):
    """What went to stdout and stderr, and the exit code."""

    out: str
    err: str
    code: int


class Memo:
    """The kept answer to one question: `root` is the desk, `words` everything asked of it."""

    def __init__(self, root: Path, words: tuple[str, ...], folder: Path) -> None:
        """Raises OSError when a file of the desk cannot be read (the question must then be asked in full)."""
        name = zlib.crc32("\0".join((os.fspath(root.absolute()), *words)).encode("utf-8", "surrogateescape"))
        self.path = folder / f"{name:08x}.answer"
        key = hashlib.sha256("\0".join((VERSION, sys.version, *words)).encode("utf-8", "surrogateescape"))
        for part in (*_program(), *_desk(root)):
            key.update(len(part).to_bytes(8, "big") + part)
        self.key = key.hexdigest().encode()

    def recall(self) -> Answer | None:
        """The kept answer, or None where there is none, another question's, or one we cannot trust."""
        with (
            suppress(OSError, ValueError, UnicodeDecodeError),
            os.fdopen(os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file,
        ):
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_size > LIMIT or about.st_mode & 0o22 or about.st_uid != os.getuid():
                return None
            magic, key, code, length, rest = file.read().split(b"\n", 4)
            if magic == _MAGIC and key == self.key and hashlib.sha256(rest[64:]).hexdigest().encode() == rest[:64]:
                text = rest[64:].decode()
                return Answer(text[: int(length)], text[int(length) :], int(code))
        return None

    def keep(self, answer: Answer) -> None:
        """Write the answer, whole or not at all; where that cannot be done the next run computes it again."""
        text = (answer.out + answer.err).encode()
        head = b"\n".join(
            (_MAGIC, self.key, str(answer.code).encode(), str(len(answer.out)).encode(), hashlib.sha256(text).hexdigest().encode())
        )
        scratch = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(head + text)
            scratch.replace(self.path)
        except OSError:
            with suppress(OSError):
                scratch.unlink(missing_ok=True)


def _program() -> Iterator[bytes]:
    """What decides how inputs are judged: our own sources and definitions, and the packages beside them."""
    for folder in ("facilities", "rules", "monitor"):
        yield from _stamps(_HOUSE / folder)
    for entry in sys.path:
        if entry.endswith("site-packages"):
            with suppress(OSError):
                yield str(Path(entry).stat().st_mtime_ns).encode()


def _stamps(folder: Path) -> Iterator[bytes]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in ("__pycache__", "desk"):
                    yield from _stamps(Path(entry.path))
            elif entry.name.endswith((".py", ".toml")):
                about = entry.stat()
                yield f"{entry.name} {about.st_mtime_ns} {about.st_size}".encode()


def _desk(root: Path) -> Iterator[bytes]:
    """Every file of the desk by name and bytes, the journal and its log among them."""
    for name in ("journal.db", "journal.db-wal"):
        with suppress(FileNotFoundError), open(root / name, "rb") as file:  # noqa: PTH123
            yield os.fsencode(name)
            yield file.read()
    for folder in _FOLDERS:
        place = root / folder
        if not place.is_dir():
            continue
        with os.scandir(place) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith((".toml", ".csv")))
        for name in names:
            with open(place / name, "rb") as file:  # noqa: PTH123 - a tenth of the cost of Path.open, on every file
                yield os.fsencode(f"{folder}/{name}")
                yield file.read(LIMIT * 16)

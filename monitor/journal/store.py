"""What a journal can do, wherever it is kept: read all of it, add to it, prove it whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from monitor.journal.entries import Entry, Record
from monitor.journal.problems import FILE


class Moved(Exception):
    """Somebody else has recorded something since the journal was read: read again, and judge again."""


class Store(Protocol):
    """The interface of every journal. Each call is one transaction; what `append` has answered for is on disk.

    All raise OSError when the medium fails, and DeskError when what is kept is not whole.
    """

    def records(self) -> Iterator[Record]:
        """Every record in order, one after another, in one consistent view; whether they hang together is not checked."""

    def append(self, entries: Sequence[Entry], recorded: dt.datetime, head: str | None = None) -> list[Record]:
        """Add entries after the last link, all or none; each gets the id of its place.

        With `head`, only if that is still the last link: else raises Moved, and nothing is recorded.
        """

    def adopt(self, records: Sequence[Record], head: str) -> None:
        """Add records of the same chain as they are, after the link `head`. Raises Moved when that is not the last."""

    def flaws(self) -> list[str]:
        """What the medium itself finds wrong, in words; empty when nothing is."""

    def close(self) -> None:
        """Let go of the medium."""


@contextmanager
def reading(root: Path) -> Iterator[Store | None]:
    """The journal of a desk to read; None where there is none, and then no database is loaded."""
    path = root / FILE
    if not path.exists() and not path.is_symlink():
        yield None
        return
    from monitor.journal.sqlite import SqliteStore

    with closing(SqliteStore(path)) as store:
        yield store


@contextmanager
def writing(root: Path) -> Iterator[Store]:
    """The journal of a desk to add to; it is created where there is none."""
    from monitor.journal.sqlite import SqliteStore

    with closing(SqliteStore(root / FILE, write=True)) as store:
        yield store

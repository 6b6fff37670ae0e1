"""The journal in one SQLite file: write-ahead log, every commit on disk before it is acknowledged, rows never changed."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from monitor.journal.chain import GENESIS, record_of
from monitor.journal.entries import Entry, Record, numbered, payload_of
from monitor.journal.problems import damaged
from monitor.journal.store import Moved

VERSION = 1
_APPLICATION = 0x434F564A  # "COVJ": says whose file it is
_WAIT = 30.0
"""Seconds a writer waits for the others."""

_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE entry (
  seq INTEGER PRIMARY KEY CHECK (seq > 0), id TEXT NOT NULL UNIQUE, recorded TEXT NOT NULL,
  payload TEXT NOT NULL, prev TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE
);
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON entry
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
_COLUMNS = "seq, id, recorded, payload, prev, hash"


class SqliteStore:
    """A journal in a file. `write` creates it where there is none; reading never does."""

    def __init__(self, path: Path, write: bool = False) -> None:
        """Raises OSError when the file cannot be opened, DeskError when it is no journal."""
        self.path = path
        if write:
            _create(path)
        with self._told():
            if path.stat().st_size == 0:
                raise damaged("J001", "the file is empty: it was cut off")
            self._db = _connect(path, write)
        try:
            with self._told():
                self._recognise()
        except BaseException:
            self._db.close()
            raise

    def _recognise(self) -> None:
        whose, version = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if whose != _APPLICATION:
            raise damaged("J001", "the file is no journal of this program")
        if version > VERSION:
            raise damaged("J004", f"the journal has version {version}, this program knows {VERSION}")

    def records(self) -> Iterator[Record]:
        """Every record in order, one after another, in one consistent view. Raises DeskError at the first that is not there whole."""
        seen = 0
        try:
            self._db.execute("BEGIN")
            for row in self._db.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY seq"):
                yield _record(row)
                seen += 1
            listed = int(self._db.execute("SELECT count(*) FROM entry INDEXED BY sqlite_autoindex_entry_1").fetchone()[0])
        except sqlite3.Error as error:
            raise _translated(error, self.path, f"entry {seen + 1} cannot be read; ") from error
        finally:
            self._end()
        if listed != seen:
            raise damaged("J001", f"entry {min(listed, seen) + 1} is missing: {listed} entries are listed, {seen} are there")

    def _end(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # closed already, or failing: then the first failure is the one to tell
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def append(self, entries: Sequence[Entry], recorded: dt.datetime, head: str | None = None) -> list[Record]:
        """Add entries after the last link, all or none. Raises Moved when `head` is given and no longer the last."""
        when = recorded.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        with self._transaction():
            seq, prev = self._last(head)
            made: list[Record] = []
            for entry in entries:
                made.append(record_of(seq + 1, prev, when, payload_of(numbered(entry, seq + 1))))
                seq, prev = made[-1].seq, made[-1].hash
            self._insert(made)
        return made

    def adopt(self, records: Sequence[Record], head: str) -> None:
        """Add records of the same chain as they are. Raises Moved when `head` is no longer the last link."""
        with self._transaction():
            self._last(head)
            self._insert(records)

    def _last(self, head: str | None) -> tuple[int, str]:
        found = self._db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        seq, last = (int(found[0]), str(found[1])) if found else (0, GENESIS)
        if head is not None and head != last:
            raise Moved
        return seq, last

    def _insert(self, records: Sequence[Record]) -> None:
        rows = [(one.seq, one.id, one.recorded, one.payload, one.prev, one.hash) for one in records]
        self._db.executemany(f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows)

    def flaws(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        with self._told():
            found = [str(row[0]) for row in self._db.execute("PRAGMA integrity_check(5)")]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Close the file; the last to close tidies the write-ahead log away."""
        with contextlib.suppress(sqlite3.Error):  # what was acknowledged is on disk already
            self._db.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """One writer at a time from the first look to the commit; on any failure nothing has happened."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._end()
                raise

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's failures as ours: the medium's as OSError, the content's as DeskError."""
        try:
            yield
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error


def _record(row: tuple[object, ...]) -> Record:
    seq, *texts = row
    if not isinstance(seq, int) or not all(isinstance(one, str) for one in texts):
        raise damaged("J001", f"entry {seq} holds something that is no text")
    return Record(seq, *map(str, texts))


_OURS = {
    sqlite3.SQLITE_FULL: (errno.ENOSPC, "no space left: nothing was recorded"),
    sqlite3.SQLITE_BUSY: (errno.EBUSY, f"another process held the journal for {_WAIT:.0f} seconds: nothing was recorded"),
    sqlite3.SQLITE_LOCKED: (errno.EBUSY, "another process holds the journal: nothing was recorded"),
    sqlite3.SQLITE_READONLY: (errno.EROFS, "the journal can only be read: nothing was recorded"),
    sqlite3.SQLITE_PERM: (errno.EACCES, "access was refused"),
    sqlite3.SQLITE_CANTOPEN: (errno.EACCES, "the journal cannot be opened"),
    sqlite3.SQLITE_IOERR: (errno.EIO, "the medium failed: what was not acknowledged is not recorded"),
    sqlite3.SQLITE_NOMEM: (errno.ENOMEM, "no memory left"),
}
"""Primary result codes that are the medium's failure, with what to say."""


def _translated(error: sqlite3.Error, path: Path, where: str = "") -> Exception:
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if primary in _OURS:
        number, words = _OURS[primary]
        return OSError(number, f"{words} ({error})", str(path))
    return damaged("J001", f"{where}SQLite says: {error}")


def _connect(path: Path, write: bool) -> sqlite3.Connection:
    """A connection; a reader can change nothing, and on a folder that is not ours to write it does without the log's index."""
    folder = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
    log = path.with_name(path.name + "-wal")
    mode = "mode=rw" if write or folder else "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA synchronous = FULL" if write else "PRAGMA query_only = ON")
        if write:
            db.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        db.close()
        raise
    return db


def _create(path: Path) -> None:
    """An empty journal where there is none, whole or not at all: made aside, then linked into place."""
    if path.exists():
        return
    handle, aside = tempfile.mkstemp(prefix=".journal-", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        try:
            db = sqlite3.connect(aside, isolation_level=None)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.executescript(f"BEGIN;{_SCHEMA}COMMIT;")
            finally:
                db.close()
        except sqlite3.Error as error:
            raise _translated(error, path) from error
        _place(Path(aside), path)
    finally:
        for name in (aside, f"{aside}-wal", f"{aside}-shm"):
            Path(name).unlink(missing_ok=True)


def _place(aside: Path, path: Path) -> None:
    """Give the finished file its name, unless another process was first; then it is on disk under that name."""
    mask = os.umask(0)
    os.umask(mask)
    aside.chmod(0o666 & ~mask)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(aside)
    for name in (path, path.parent):
        handle = os.open(name, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

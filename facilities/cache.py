"""The parsed desk, kept between runs: one file that any doubt makes worthless.

Only terms that were read without a problem are kept, each beside the identity of its file on disk and the sha256 of
its bytes. An entry counts when the file has not been touched since, or still has the same bytes. Whatever cannot be
read, was written by another version or by another user, or does not fit the schema is ignored and written anew.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
import zlib
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from facilities.model import (
    Amendment,
    DeskFile,
    FacilityFile,
    ObligorFile,
    RuleFile,
    ScenarioFile,
    SectorFile,
    Terms,
    decode_hook,
    encode_hook,
)

Stamp = tuple[int, int, int, int]
"""A file on disk: modified and changed (ns), size, inode."""

LIMIT = 1_000_000_000
"""Bytes past which a cache is not read."""

RACE = 2_000_000_000
"""Nanoseconds: a file changed this shortly before the cache was written may change again with the same stamp."""

_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
"""How the cache is opened: not through a link, and without waiting for the writer of a pipe."""

_READERS = ("cache.py", "diagnose.py", "load.py", "ranges.py", "suspect.py", "walk.py")


class Kept(msgspec.Struct, array_like=True):
    """One file: its stamp, the sha256 of its bytes, and its terms under the one kind it has."""

    stamp: Stamp
    sha: bytes
    desk: DeskFile | None = None
    facility: FacilityFile | None = None
    obligor: ObligorFile | None = None
    rules: RuleFile | None = None
    scenarios: ScenarioFile | None = None
    sector: SectorFile | None = None

    @property
    def terms(self) -> Terms | None:
        """The terms of the file, whichever kind they are."""
        return self.facility or self.obligor or self.desk or self.rules or self.scenarios or self.sector


class _Whole(msgspec.Struct, array_like=True):
    schema: list[Stamp]
    digest: str
    files: dict[str, Kept]


def stamp_of(about: os.stat_result) -> Stamp:
    """The identity of a file from its `stat`."""
    return (about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino)


class Cache:
    """The cache of one desk: asked for each file, told of each that had to be parsed, saved when something changed."""

    def __init__(self, folder: Path, root: Path) -> None:
        """Open the cache of the desk in `root`; an unusable one is empty. Nothing is written before `save`."""
        self._path = folder / f"{zlib.crc32(os.fsencode(root.absolute())):08x}.desk"
        self._schema = _schema()
        self._old: dict[str, Kept] = {}
        self._new: dict[str, Kept] = {}
        self._digest = ""
        self._written = 0
        self._changed = False
        whole = self._read()
        if whole is not None and whole.schema == self._schema:
            self._old, self._digest = whole.files, whole.digest

    def untouched(self, name: str, stamp: Stamp) -> Kept | None:
        """The entry of the file `name` if its stamp is the same and old enough to be trusted."""
        kept = self._old.get(name)
        if kept is None or kept.stamp != stamp or max(stamp[0], stamp[1]) > self._written - RACE:
            return None
        self._new[name] = kept
        return kept

    def same(self, name: str, stamp: Stamp, sha: bytes) -> Kept | None:
        """The entry of the file `name` if its bytes are the same."""
        kept = self._old.get(name)
        if kept is None or kept.sha != sha:
            return None
        self._new[name] = Kept(stamp, sha, kept.desk, kept.facility, kept.obligor, kept.rules, kept.scenarios, kept.sector)
        self._changed = True
        return kept

    def put(self, name: str, stamp: Stamp, sha: bytes, terms: Terms) -> None:
        """Remember what was parsed without a problem."""
        self._changed = True
        self._new[name] = Kept(
            stamp,
            sha,
            terms if isinstance(terms, DeskFile) else None,
            terms if isinstance(terms, FacilityFile) else None,
            terms if isinstance(terms, ObligorFile) else None,
            terms if isinstance(terms, RuleFile) else None,
            terms if isinstance(terms, ScenarioFile) else None,
            terms if isinstance(terms, SectorFile) else None,
        )

    def digest(self, files: int) -> str | None:
        """The digest of a desk of so many files, if all of them are in the cache and none was touched."""
        return self._digest or None if not self._changed and files == len(self._new) == len(self._old) else None

    def save(self, digest: str, files: int) -> None:
        """Write the cache if something changed, whole or not at all; the digest only if it is of kept files alone."""
        digest = digest if files == len(self._new) else ""
        if not self._changed and len(self._new) == len(self._old) and digest == self._digest:
            return
        scratch = self._path.with_suffix(f".{os.getpid()}")
        try:
            data = msgspec.msgpack.encode(_tagged(_Whole(self._schema, digest, self._new)), enc_hook=encode_hook)
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(data)
            scratch.replace(self._path)
        except (OSError, ValueError, RecursionError):
            # a full or read-only disk costs the next run its time, nothing else
            with suppress(OSError):
                scratch.unlink(missing_ok=True)

    def _read(self) -> _Whole | None:
        """The file, or None when there is none, it is not ours alone to write, or it is damaged."""
        try:
            with os.fdopen(os.open(self._path, _PLAIN), "rb") as file:
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode) or about.st_size > LIMIT or about.st_mode & 0o22 or about.st_uid != os.getuid():
                    return None
                self._written = about.st_mtime_ns
                return msgspec.msgpack.decode(file.read(), type=_Whole, dec_hook=decode_hook, ext_hook=_unpacked)
        except (OSError, ValueError, ArithmeticError, RecursionError):  # a damaged cache is no cache
            return None


def _schema() -> list[Stamp]:
    """The stamps of the modules that decide what a file means: another version of any makes the cache worthless."""
    here = Path(__file__).parent
    modules = [here / name for name in _READERS] + sorted((here / "model").glob("*.py"))
    return [stamp_of(module.stat()) for module in modules]


def _tagged(whole: _Whole) -> _Whole:
    """`whole` with the untyped values of amendments marked, so that numbers and dates come back as what they were."""
    files = {name: _amended(kept) if kept.facility and kept.facility.amendment else kept for name, kept in whole.files.items()}
    return _Whole(whole.schema, whole.digest, files)


def _amended(kept: Kept) -> Kept:
    assert kept.facility is not None
    rows = [_packed_amendment(row) for row in kept.facility.amendment]
    facility = msgspec.structs.replace(kept.facility, amendment=rows)
    return Kept(kept.stamp, kept.sha, facility=facility)


def _packed_amendment(row: Amendment) -> Amendment:
    return msgspec.structs.replace(row, covenant=_packed(row.covenant), interest=_packed(row.interest), facility=_packed(row.facility))


def _packed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _packed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_packed(inner) for inner in value]
    for code, (kind, _) in _EXTENSIONS.items():
        if type(value) is kind:
            return msgspec.msgpack.Ext(code, str(value).encode())
    return value


def _unpacked(code: int, data: memoryview) -> object:
    if code not in _EXTENSIONS:
        raise ValueError(f"unknown extension {code}")
    return _EXTENSIONS[code][1](bytes(data).decode())


_EXTENSIONS: dict[int, tuple[type, Callable[[str], object]]] = {
    1: (Decimal, Decimal),
    2: (dt.datetime, dt.datetime.fromisoformat),
    3: (dt.date, dt.date.fromisoformat),
    4: (dt.time, dt.time.fromisoformat),
}

"""A desk read from its folder: every file parsed, every problem collected, the rest kept."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from facilities.catalogue import problem
from facilities.model import DeskFile, FacilityFile, ObligorFile, RuleFile, Terms, decode_hook
from facilities.problems import Place, Problem

LIMIT = 5_000_000
"""Bytes a desk file may have."""

_FOLDERS: tuple[tuple[str, str, type[Terms]], ...] = (
    ("facilities", "facility", FacilityFile),
    ("obligors", "obligor", ObligorFile),
    ("rules", "rules", RuleFile),
)


@dataclass(frozen=True)
class Desk:
    """A desk as its files say it; what could not be read is in `problems` and left out of the rest.

    `files` maps an owner (`facility:ID`, `obligor:ID`, `desk`, `rules:NAME`) to its path below `root`; `digest` is
    the sha256 of the names and bytes of all its TOML files.
    """

    root: Path
    file: DeskFile | None
    facilities: dict[str, FacilityFile]
    obligors: dict[str, ObligorFile]
    rules: dict[str, RuleFile]
    marks: tuple[Path, ...]
    files: dict[str, str]
    problems: list[Problem]
    digest: str
    _texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def fatal(self) -> list[Problem]:
        """The problems that stop all evaluation: errors of `desk.toml` and of rule files."""
        return [found for found in self.problems if found.level == "error" and found.place.file.startswith(("desk.toml", "rules/"))]

    def origin(self, owner: str, path: Sequence[str | int]) -> str:
        """Where `path` stands in the file of `owner`: `facilities/x.toml:52`, or the file alone when it is not there.

        The file is read again on the first question and kept; KeyError when the desk has no such owner.
        """
        return str(self.place(owner, path, bare=True))

    def place(self, owner: str, path: Sequence[str | int], bare: bool = False) -> Place:
        """The place of `path` in the file of `owner`, with line and carets unless `bare`."""
        from facilities.locate import locate

        name = self.files[owner]
        text = self._text(name)
        span = locate(text, path)
        if span is None:
            return Place(name)
        if bare:
            return Place(name, span.line)
        return Place(name, span.line, span.column, span.width, text.split("\n")[span.line - 1])

    def _text(self, name: str) -> str:
        if name not in self._texts:
            try:
                self._texts[name] = (self.root / name).read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
            except OSError:  # gone since it was read: its lines can no longer be shown, its figures still stand
                self._texts[name] = ""
        return self._texts[name]


class Source(NamedTuple):
    """One TOML file of a desk: what it is, its path below the root, its bytes, or why it has none."""

    kind: str
    name: str
    wanted: type[Terms]
    data: bytes
    refused: Problem | None = None


def load(root: Path, cache: Path | None = None) -> Desk:
    """The desk in the folder `root`; never raises for what its files hold. `cache` is a folder for parsed files."""
    del cache
    sources = list(_sources(root))
    kept: dict[str, dict[str, Any]] = {"desk": {}, "facility": {}, "obligor": {}, "rules": {}}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for source in sources:
        terms, found = read(source)
        problems += found
        if terms is not None:
            problems += _keep(source, terms, kept, files)
    return Desk(
        root=root,
        file=kept["desk"].get("desk"),
        facilities=kept["facility"],
        obligors=kept["obligor"],
        rules=kept["rules"],
        marks=_marks(root),
        files=files,
        problems=problems,
        digest=_digest(sources),
    )


def read(source: Source) -> tuple[Terms | None, list[Problem]]:
    """The typed terms of one file, or None and every problem that keeps it from being read."""
    if source.refused is not None:
        return None, [source.refused]
    import tomli

    try:
        text = source.data.decode("utf-8").replace("\r\n", "\n")
        raw = tomli.loads(text, parse_float=Decimal)
        return msgspec.convert(raw, source.wanted, dec_hook=decode_hook), []
    except (ValueError, ArithmeticError, RecursionError, msgspec.ValidationError) as error:
        return None, [problem("F005", Place(source.name), str(error))]


def _keep(source: Source, terms: Terms, kept: dict[str, dict[str, Any]], files: dict[str, str]) -> list[Problem]:
    """File the terms under their id; an id that another file has already taken is a problem and left out."""
    ident = _ident(source, terms)
    owner = ident if source.kind == "desk" else f"{source.kind}:{ident}"
    if owner in files:
        code = "F020" if source.kind == "facility" else "O001"
        return [problem(code, Place(source.name), f"{files[owner]} already has the id {ident!r}")]
    kept[source.kind][ident] = terms
    files[owner] = source.name
    return []


def _ident(source: Source, terms: Terms) -> str:
    if isinstance(terms, FacilityFile):
        return terms.facility.id
    if isinstance(terms, ObligorFile):
        return terms.obligor.id
    return "desk" if source.kind == "desk" else source.name.partition("/")[2]


def _sources(root: Path) -> Iterator[Source]:
    """All TOML files of the desk, `desk.toml` first, each folder in order of file names."""
    yield _source(root, "desk", "desk.toml", DeskFile)
    for folder, kind, wanted in _FOLDERS:
        for name in _listing(root / folder, ".toml"):
            yield _source(root, kind, f"{folder}/{name}", wanted)


def _listing(folder: Path, suffix: str) -> list[str]:
    """File names in `folder` that end in `suffix`, sorted; hidden ones (an editor's) are passed over."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(suffix) and not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _source(root: Path, kind: str, name: str, wanted: type[Terms]) -> Source:
    path = root / name
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return Source(kind, name, wanted, b"", problem("F001", Place(name), "not a file"))
        if about.st_size > LIMIT:
            return Source(kind, name, wanted, b"", problem("F002", Place(name), f"{about.st_size:,} bytes"))
        return Source(kind, name, wanted, path.read_bytes())
    except OSError as error:
        if kind == "desk" and isinstance(error, (FileNotFoundError, NotADirectoryError)):
            message = "no desk.toml in the folder" if root.is_dir() else f"no such folder: {root}"
            return Source(kind, name, wanted, b"", problem("D001", Place(name), message))
        return Source(kind, name, wanted, b"", problem("F001", Place(name), error.strerror or type(error).__name__))


def _marks(root: Path) -> tuple[Path, ...]:
    return tuple(root / "marks" / name for name in _listing(root / "marks", ".csv"))


def _digest(sources: Sequence[Source]) -> str:
    """sha256 over name, length and bytes of every file, so that no two desks run together into one digest."""
    total = hashlib.sha256()
    for source in sources:
        total.update(f"{source.name}\0{len(source.data)}\0".encode())
        total.update(source.data)
    return total.hexdigest()

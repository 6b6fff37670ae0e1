"""A desk read from its folder: every file parsed, every problem collected, the rest kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from facilities.cache import Cache, stamp_of
from facilities.catalogue import problem
from facilities.faults import Fault
from facilities.model import DeskFile, FacilityFile, ObligorFile, RuleFile, ScenarioFile, SectorFile, Terms, decode_hook
from facilities.problems import Place, Problem
from facilities.uncollected import uncollected

LIMIT = 5_000_000
"""Bytes a desk file may have."""

BOM = b"\xef\xbb\xbf"

_FOLDERS: tuple[tuple[str, str, type[Terms]], ...] = (
    ("facilities", "facility", FacilityFile),
    ("obligors", "obligor", ObligorFile),
    ("rules", "rules", RuleFile),
    ("scenarios", "scenarios", ScenarioFile),
)

_SINGLE = ("desk", "sector")
"""Kinds of which a desk has one file."""


class Desk(msgspec.Struct, frozen=True, dict=True):
    """A desk as its files say it; what could not be read is in `problems` and left out of the rest.

    `twice` has the owners that two files claim to be, with the problem; the first file is kept. `faults` are the errors of
    files that were read well, and what they keep from being judged (`facilities.faults`). `files` maps an owner
    (`facility:ID`, `obligor:ID`, `desk`, `rules:NAME`, `scenarios:NAME`, `sector`) to its path; `digest` is the sha256 of
    the names and bytes of all its TOML files.
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
    scenarios: dict[str, ScenarioFile] = {}
    sector: SectorFile | None = None
    twice: dict[str, Problem] = {}
    faults: tuple[Fault, ...] = ()
    _texts: dict[str, str] = {}

    @property
    def fatal(self) -> list[Problem]:
        """The problems that stop all evaluation: errors of `desk.toml` and of rule files."""
        return [found for found in self.problems if found.level == "error" and found.place.file.startswith(("desk.toml", "rules/"))]

    @cached_property
    def facility_ids(self) -> set[str]:
        """The ids of all facilities; of a file that could not be read, its name."""
        return self.facilities.keys() | self._unread("facility", self.facilities)

    @cached_property
    def obligor_ids(self) -> set[str]:
        """The ids of all obligors; of a file that could not be read, its name."""
        return self.obligors.keys() | self._unread("obligor", self.obligors)

    def _unread(self, kind: str, kept: Iterable[str]) -> set[str]:
        folder = next(folder for folder, named, _ in _FOLDERS if named == kind)
        used = {self.files.get(f"{kind}:{ident}") for ident in kept} | {one.place.file for one in self.twice.values()}
        files = {found.place.file for found in self.problems if found.place.file.startswith(f"{folder}/")}
        return {Path(file).stem for file in files - used}

    @cached_property
    def unread(self) -> dict[str, Problem]:
        """The first problem of each file that could not be read, by the owner its name stands for."""
        lost = {"facilities": self.facility_ids - self.facilities.keys(), "obligors": self.obligor_ids - self.obligors.keys()}
        kinds = {"facilities": "facility", "obligors": "obligor"}
        found: dict[str, Problem] = {}
        for one in self.problems:
            folder, _, name = one.place.file.partition("/")
            if Path(name).stem in lost.get(folder, ()):
                found.setdefault(f"{kinds[folder]}:{Path(name).stem}", one)
        return found

    def origin(self, owner: str, path: Sequence[str | int]) -> str:
        """Where `path` stands in the file of `owner`: `facilities/x.toml:52`.

        A key that is not written stands at its table, a file gone since at its name. The file is read again on the
        first question and kept; KeyError when the desk has no such owner.
        """
        where = self.place(owner, path)
        return where.file if where.line is None else f"{where.file}:{where.line}"

    def place(self, owner: str, path: Sequence[str | int], value: bool = False) -> Place:
        """The place of the key at `path` (or of its `value`) in the file of `owner`, with line and carets."""
        from facilities.diagnose import place_of

        name = self.files[owner]
        return place_of(name, self._text(name), tuple(path), value)

    def _text(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = _text_of(self.root / name)
        return self._texts[name]


class Source(NamedTuple):
    """One TOML file of a desk: what it is (`desk`, `facility`, `obligor`, `rules`, `scenarios`, `sector`), its path, its type."""

    kind: str
    name: str
    wanted: type[Terms]


class Reading(NamedTuple):
    """What came of one file: its terms, or the problems that keep them from being used; the sha256 of its bytes."""

    terms: Terms | None
    problems: list[Problem]
    sha: bytes = b""


def load(root: Path, cache: Path | None = None, keeps: bool = True) -> Desk:
    """The desk in the folder `root`; never raises for what its files hold.

    `cache` is a folder of parsed files, read where there is one and, with `keeps`, written.
    """
    with uncollected():
        return _load(root, Cache(cache, root) if cache is not None else None, keeps)


def _load(root: Path, memory: Cache | None, keeps: bool) -> Desk:
    kept: dict[str, dict[str, Any]] = {kind: {} for kind in ("desk", "facility", "obligor", "rules", "scenarios", "sector")}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    twice: dict[str, Problem] = {}
    shas: list[tuple[str, bytes]] = []
    for source in _sources(root):
        reading = _read(root, source, memory)
        problems += reading.problems
        shas.append((source.name, reading.sha))
        if reading.terms is not None:
            taken = _keep(root, source, reading.terms, kept, files)
            problems += taken.values()
            twice |= taken
    digest = (memory and memory.digest(len(shas))) or _digest(shas)
    if memory is not None and keeps:
        memory.save(digest, len(shas))
    desk = Desk(
        root=root,
        file=kept["desk"].get("desk"),
        facilities=kept["facility"],
        obligors=kept["obligor"],
        rules=kept["rules"],
        marks=_marks(root),
        files=files,
        problems=problems,
        digest=digest,
        scenarios=kept["scenarios"],
        sector=kept["sector"].get("sector"),
        twice=twice,
    )
    problems += _defined_twice(desk)
    return desk


def _defined_twice(desk: Desk) -> list[Problem]:
    """Names that two rule files define: neither is the later one."""
    found, seen = [], dict[tuple[str, str], str]()
    for name, file in desk.rules.items():
        for path in ((kind, word) for kind in ("quantity", "rule", "line") for word in getattr(file, kind)):
            if path in seen:
                where = desk.place(f"rules:{name}", path)
                found.append(problem("T004", where, f"{desk.origin(seen[path], path)} defines {path[1]!r} too"))
            seen.setdefault(path, f"rules:{name}")
    return found


def _read(root: Path, source: Source, memory: Cache | None) -> Reading:
    """One file, from the cache where it is the same as before."""
    path = root / source.name
    try:
        about = path.stat()
        stamp = stamp_of(about)
        kept = memory.untouched(source.name, stamp) if memory else None
        if kept:
            return Reading(kept.terms, [], kept.sha)
        if not stat.S_ISREG(about.st_mode):
            return Reading(None, [problem("F001", Place(source.name), "it is a folder, a pipe or a device")])
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        return Reading(None, [_unreadable(root, source, error)])
    if len(data) > LIMIT:
        return Reading(None, [problem("F002", Place(source.name), f"the file has {about.st_size:,} bytes")])
    import hashlib

    sha = hashlib.sha256(data).digest()
    kept = memory.same(source.name, stamp, sha) if memory else None
    if kept:
        return Reading(kept.terms, [], sha)
    terms, problems = parse(source, data)
    if memory and terms is not None:
        memory.put(source.name, stamp, sha, terms)
    return Reading(terms, problems, sha)


def _unreadable(root: Path, source: Source, error: OSError) -> Problem:
    if source.kind == "desk" and isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return problem("D001", Place(source.name), f"the folder {root} has no desk.toml" if root.is_dir() else f"there is no folder {root}")
    return problem("F001", Place(source.name), (error.strerror or type(error).__name__).lower())


def parse(source: Source, data: bytes) -> tuple[Terms | None, list[Problem]]:
    """The typed terms of the bytes of one file, or None and every problem that keeps it from being used."""
    text, raw, found = decoded(source.name, data)
    if raw is None:
        return None, found
    terms, more = typed(source, text, raw)
    found += more
    return (None if found else terms), found


def decoded(name: str, data: bytes) -> tuple[str, dict[str, Any] | None, list[Problem]]:
    """(text, tables, problems) of the bytes of a TOML file; no tables where it cannot be parsed."""
    import tomli

    marked = data.startswith(BOM)
    found = [problem("F004", Place(name, 1, 1), "the file starts with a byte order mark")] if marked else []
    try:
        text = data[len(BOM) * marked :].decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        from facilities.unreadable import undecodable

        return "", None, [undecodable(name, data, error)]
    try:
        return text, tomli.loads(text, parse_float=Decimal), found
    except (ValueError, ArithmeticError, RecursionError) as error:
        from facilities.unreadable import unparsable

        return text, None, [*found, unparsable(name, text, error)]


def typed(source: Source, text: str, raw: dict[str, Any]) -> tuple[Terms | None, list[Problem]]:
    """The tables of a parsed file as terms, or None and every problem that keeps them from being used."""
    from facilities.diagnose import diagnose, unusable
    from facilities.suspect import suspect

    try:
        terms = msgspec.convert(raw, source.wanted, dec_hook=decode_hook)
        if not suspect(raw):
            return terms, unusable(source.name, text, terms)
        found = diagnose(source.name, text, raw, source.wanted)
        return terms, found or unusable(source.name, text, terms)
    except msgspec.ValidationError as error:
        found = diagnose(source.name, text, raw, source.wanted)
        return None, found or [problem("F012", Place(source.name), str(error))]
    except RecursionError:
        return None, [problem("F006", Place(source.name), "nested too deep")]


def _keep(root: Path, source: Source, terms: Terms, kept: dict[str, dict[str, Any]], files: dict[str, str]) -> dict[str, Problem]:
    """File the terms under their id; the owner that another file already is with the problem of this one, which is left out."""
    ident = _ident(source, terms)
    owner = ident if source.kind in _SINGLE else f"{source.kind}:{ident}"
    if owner in files:
        from facilities.diagnose import place_of

        where = place_of(source.name, _text_of(root / source.name), (source.kind, "id"), value=True)
        return {owner: problem("F020" if source.kind == "facility" else "O001", where, f"{files[owner]} already has the id {ident!r}")}
    kept[source.kind][ident] = terms
    files[owner] = source.name
    return {}


def _text_of(path: Path) -> str:
    """The text of a file as its places count it; empty when it is gone since it was read."""
    try:
        return path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    except OSError:
        return ""


def _ident(source: Source, terms: Terms) -> str:
    if isinstance(terms, FacilityFile):
        return terms.facility.id
    if isinstance(terms, ObligorFile):
        return terms.obligor.id
    return source.kind if source.kind in _SINGLE else source.name.partition("/")[2]


def _sources(root: Path) -> Iterator[Source]:
    """All TOML files of the desk, `desk.toml` first, each folder in order of file names; a desk may have no `sector.toml`."""
    yield Source("desk", "desk.toml", DeskFile)
    if (root / "sector.toml").exists():
        yield Source("sector", "sector.toml", SectorFile)
    for folder, kind, wanted in _FOLDERS:
        for name in _listing(root / folder, ".toml"):
            yield Source(kind, f"{folder}/{name}", wanted)


def _listing(folder: Path, suffix: str) -> list[str]:
    """File names in `folder` that end in `suffix`, sorted; hidden ones (an editor's) are passed over."""
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:  # a folder that is not there holds nothing
        return []
    return sorted(name for name in names if name.endswith(suffix) and not name.startswith("."))


def _marks(root: Path) -> tuple[Path, ...]:
    return tuple(root / "marks" / name for name in _listing(root / "marks", ".csv"))


def _digest(shas: Iterable[tuple[str, bytes]]) -> str:
    """sha256 over the name and the sha256 of every file, in order."""
    import hashlib

    total = hashlib.sha256()
    for name, sha in shas:
        total.update(os.fsencode(name) + b"\0" + sha)
    return total.hexdigest()

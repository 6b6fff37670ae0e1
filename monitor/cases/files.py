"""Test files: found, read, and held to their schema; a file may carry the tables of one loan beside its cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from facilities.diagnose import nearest, place_of
from facilities.load import LIMIT, Source, decoded, typed
from facilities.model import CaseFile, FacilityFile
from facilities.problems import Place, Problem
from monitor.cases.problems import problem

OWN = frozenset(field.encode_name for field in msgspec.structs.fields(CaseFile))
LOAN = frozenset(field.encode_name for field in msgspec.structs.fields(FacilityFile))


class Sheet(NamedTuple):
    """One test file: where it is, as shown, its text, its own terms, and the loan it carries (or what is wrong with it)."""

    path: Path
    name: str
    text: str
    terms: CaseFile
    loan: FacilityFile | None
    carries: bool
    faults: list[Problem]

    def place(self, *path: str | int, value: bool = False) -> Place:
        """Where a key of the file stands."""
        return place_of(self.name, self.text, path, value)


def find(paths: Sequence[str], root: Path) -> list[tuple[Path, str]]:
    """(path, name as shown) of every test file of some files and folders; of the desk's `tests` where none is named.

    Raises FileNotFoundError for a path that is not there.
    """
    if not paths:
        return [(path, path.relative_to(root).as_posix()) for path in _below(root / "tests")]
    found: list[tuple[Path, str]] = []
    for text in paths:
        path = Path(text)
        path.stat()
        folder = path / "tests" if (path / "desk.toml").exists() else path
        found += [(one, str(one)) for one in (_below(folder) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.toml") if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def read(path: Path, name: str) -> tuple[Sheet | None, list[Problem]]:
    """A test file, or None and every problem that keeps it from being used."""
    try:
        if not path.is_file():
            return None, [problem("F001", Place(name), "it is a folder, a pipe or a device")]
        data = path.read_bytes()
    except OSError as error:
        return None, [problem("F001", Place(name), (error.strerror or type(error).__name__).lower())]
    if len(data) > LIMIT:
        return None, [problem("F002", Place(name), f"the file has {len(data):,} bytes")]
    text, raw, found = decoded(name, data)
    if raw is None or found:
        return None, found
    terms, found = typed(Source("tests", name, CaseFile), text, {key: raw[key] for key in raw if key in OWN})
    found += [_unknown(name, text, key) for key in raw if key not in OWN | LOAN]
    if found or not isinstance(terms, CaseFile):
        return None, found
    sheet = _with_loan(Sheet(path, name, text, terms, None, False, []), {key: raw[key] for key in raw if key in LOAN})
    found = _empty(sheet)
    return (None if found else sheet), found


def _unknown(name: str, text: str, key: str) -> Problem:
    return problem("F014", place_of(name, text, (key,)), f"a test file has no key `{key}`", nearest(key, OWN | LOAN) or "see docs/tests.md")


def _with_loan(sheet: Sheet, raw: dict[str, Any]) -> Sheet:
    """The sheet with its loan; what every facility must say and a test need not is filled in."""
    if not raw:
        return sheet
    stem = sheet.path.stem
    said = raw.get("facility", {})
    if isinstance(said, dict):
        raw = raw | {"facility": {"id": stem, "name": stem, "kind": "term", "borrower": stem} | said}
    loan, faults = typed(Source("facility", sheet.name, FacilityFile), sheet.text, raw)
    return sheet._replace(loan=loan if isinstance(loan, FacilityFile) and not faults else None, carries=True, faults=faults)


def _empty(sheet: Sheet) -> list[Problem]:
    """A file that tests nothing, cases that test nothing, and two of one name."""
    if not sheet.terms.case:
        return [problem("C002", Place(sheet.name), "the file has no [[case]]", "add [[case]] with a name and what must hold")]
    found: list[Problem] = []
    seen: set[str] = set()
    for number, case in enumerate(sheet.terms.case):
        ahead = case.projection.expect if case.projection else {}
        there, moved = (case.stress.expect, case.stress.report) if case.stress else ({}, {})
        past = case.replay.expect if case.replay else {}
        said = (*case.expect.values(), *ahead.values(), *there.values(), *past.values())
        if not (case.expect or case.report or case.error or ahead or there or moved or past) or {} in said:
            found.append(problem("C002", sheet.place("case", number), f"the case {case.name!r} expects nothing"))
        if case.name in seen:
            found.append(problem("C013", sheet.place("case", number, "name", value=True), f"a case called {case.name!r} stands above"))
        seen.add(case.name)
    return found

"""Series that are kept and that nothing of the desk reads: most often a name mistyped."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from facilities.load import Desk
from monitor.marks.prints import kind_of

_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_GLOB = set("*?[")
_TWIN = 0.9
"""A name this near to one that is read (1: the same) is taken for it mistyped even where a pattern covers it."""


class Unread(NamedTuple):
    """A series that nothing reads, the nearest that something does, and whether it looks kept on purpose."""

    series: str
    nearest: str | None
    kept: bool


def unread(desk: Desk, read: Iterable[str], names: Iterable[str]) -> list[Unread]:
    """Of some series those that neither are `read` by a formula nor stand by their name in a file of the desk.

    `kept` are those a policy, a curve or a driver covers by naming their asset, and other bases of what is read: kept ahead of need.
    """
    reads = set(read)
    said = reads | _said(desk)
    globs, measured = _patterns(desk), {_measure(one) for one in reads}
    found = []
    for name in sorted(set(names) - said):
        alike = sorted(one for one in reads if kind_of(one) == kind_of(name))
        near = difflib.get_close_matches(name, alike, 1, 0.6) or difflib.get_close_matches(name, sorted(reads), 1, 0.6)
        twin = bool(near) and difflib.SequenceMatcher(None, name, near[0]).ratio() >= _TWIN
        covered = _measure(name) in measured or any(fnmatchcase(name, one) for one in globs)
        found.append(Unread(name, near[0] if near else None, covered and not twin))
    return found


def _said(desk: Desk) -> set[str]:
    """Every word of the desk's files that could name a series; a benchmark is the rate of its name, a currency the exchange rate."""
    found: set[str] = set()
    files = [desk.file, *desk.facilities.values(), *desk.obligors.values(), *desk.scenarios.values(), *desk.rules.values()]
    for text in _texts(files):
        found.update(_NAME.findall(text))
        found.update((f"{text}.rate", f"{text}.fx"))
    return found


def _patterns(desk: Desk) -> list[str]:
    """The patterns of desk.toml that name an asset in full."""
    file = desk.file
    tables = (file.series, file.curve, file.driver) if file else ()
    return [one.match for rows in tables for one in rows if not _GLOB & set(one.match.partition(".")[0])]


def _measure(name: str) -> tuple[str, str | None]:
    """Asset and kind of a series, whatever its basis."""
    return name.partition(".")[0], kind_of(name)


def _texts(value: object) -> Iterator[str]:
    """Every text in the terms of a file."""
    if isinstance(value, str):
        yield value
        return
    inside: Iterable[object] = ()
    if isinstance(value, msgspec.Struct):
        inside = msgspec.structs.astuple(value)
    elif isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list | tuple):
        inside = value
    for one in inside:
        yield from _texts(one)

"""What verbs share: open the desk, ask it, tell its problems, put the answer where it is wanted."""

from __future__ import annotations

import argparse
import datetime as dt
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.places import SHIPPED, UsageError

if TYPE_CHECKING:
    from facilities.model import Scenario
    from monitor.assess import Picture
    from monitor.report.schema import Report
    from monitor.session import Session


def root_of(arguments: argparse.Namespace) -> Path:
    """The folder of the desk asked about."""
    named = getattr(arguments, "desk", None)
    return Path(named) if named else SHIPPED


def tell_example(arguments: argparse.Namespace) -> None:
    """Say on stderr that nobody named a desk, so that the example that ships inside is never taken for one's own."""
    if arguments.desk is None:
        sys.stderr.write("covenant: no desk is named: this is the example desk that ships inside; yours: --desk or COVENANT_DESK\n")


def open_session(arguments: argparse.Namespace) -> Session:
    """The desk, opened. Raises DeskError when it cannot be judged."""
    from monitor.session import open_desk

    return open_desk(root_of(arguments))


def picture_of(arguments: argparse.Namespace, session: Session) -> Picture:
    """Where the desk stands at the instants asked about. Raises UsageError for words that are no time."""
    from monitor.assess import assess
    from monitor.session import moments

    return assess(session, *moments(session, arguments.as_of, arguments.known_at))


def report_of(arguments: argparse.Namespace, session: Session, full: bool) -> Report:
    """The report of the facilities asked about. Raises UsageError for a facility that does not exist."""
    from monitor.report.build import build_report

    picture = picture_of(arguments, session)
    wanted = frozenset(arguments.facility) if arguments.facility else None
    known = session.desk.facility_ids
    for identity in wanted or ():
        if identity not in known:
            raise UsageError(nearest("no facility is called", identity, sorted(known)))
    if not known:
        sys.stderr.write("covenant: the desk has no facilities: nothing was judged\n")
    made = build_report(picture, wanted, full)
    if getattr(arguments, "since", None) is None:
        return made
    from monitor.report.since import with_changes

    return with_changes(picture, made, since_of(arguments.since, session, picture), wanted)


def since_of(text: str, session: Session, picture: Picture) -> dt.datetime:
    """The instant to compare with, UTC. Raises UsageError where it is no time or not before the as-of."""
    from monitor.report.words import iso, stamp
    from monitor.session import moments

    at, _ = moments(session, text, None)
    if at >= picture.as_of:
        raise UsageError(f"--since {text} is not before the as-of, {stamp(iso(picture.as_of))}")
    return at


LISTED = 20
"""At most so many names are listed beside one that does not exist."""


def nearest(what: str, name: str, known: list[str]) -> str:
    """The complaint about a name that does not exist, with the nearest that does, or the first of them."""
    import difflib

    from facilities.inert import inert

    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"{what} {inert(name)!r}; did you mean {near[0]!r}?"
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"{what} {inert(name)!r}; there are " + ", ".join(inert(one) for one in known[:LISTED]) + more


def tell_problems(made: Report) -> None:
    """The problems of the desk's files on stderr."""
    for one in made.problems:
        sys.stderr.write(f"{one}\n")


def line_width(arguments: argparse.Namespace) -> int:
    """Cells of a line of text: COLUMNS, else the terminal that reads it, else 100."""
    import shutil

    said = os.environ.get("COLUMNS", "")
    if said.isdigit() and int(said) > 0:
        return int(said)
    return 100 if arguments.output else shutil.get_terminal_size((100, 24)).columns


def coloured(arguments: argparse.Namespace) -> bool:
    """Colours only on a terminal that has them, and where nobody asked for none."""
    dumb = os.environ.get("TERM", "dumb") == "dumb" or "NO_COLOR" in os.environ
    return not dumb and arguments.output is None and sys.stdout.isatty()


def put(arguments: argparse.Namespace, made: str | bytes) -> None:
    """Data to stdout, or whole to a file: an old file stays as it was until the new one is complete."""
    wanted = getattr(arguments, "output", None)
    data = made if isinstance(made, bytes) else _ended(made).encode("utf-8", "backslashreplace")
    if wanted is None:
        if isinstance(made, bytes):
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
        else:
            sys.stdout.write(_ended(made) if made else "")
        return
    path = Path(wanted)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, not a file", wanted)
    if _of_desk(path, root_of(arguments)):
        from facilities.inert import inert

        raise UsageError(f"-o {inert(wanted)} is a file of the desk: nothing was written; name another")
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, wanted) from None


def _of_desk(path: Path, root: Path) -> bool:
    """Whether the desk in `root` reads the file at `path`: an answer never takes the place of what was asked about."""
    here, desk = path.resolve(), root.resolve()
    return here.parent == desk / "marks" or (path.exists() and here.is_relative_to(desk) and here.suffix in (".toml", ".db"))


def _ended(text: str) -> str:
    """The text with the end of its last line."""
    return text if text.endswith("\n") else text + "\n"


def places_of(picture: Picture, names: Sequence[str]) -> list[int]:
    """The places in the book of facilities by id, each once. Raises UsageError for one that does not exist."""
    for name in names:
        if name not in picture.book.ids:
            raise UsageError(nearest("no facility is called", name, list(picture.book.ids)))
    return [picture.book.ids.index(name) for name in dict.fromkeys(names)]


def shocked_picture(arguments: argparse.Namespace) -> Picture:
    """Where the desk stands with the marks of `--mark` moved, and inside `--scenario`.

    Raises UsageError for a time, a shock or a scenario that cannot be.
    """
    from monitor.assess import assess
    from monitor.session import moments
    from monitor.shocked import shocked
    from rules.grids import ShockError

    session = open_session(arguments)
    at, known = moments(session, arguments.as_of, arguments.known_at)
    try:
        picture = assess(shocked(session, arguments.mark or [], at, known), at, known)
    except ShockError as error:
        raise UsageError(f"--mark: {error}") from None
    return inside(picture, arguments.scenario) if arguments.scenario else picture


def stressed_picture(arguments: argparse.Namespace) -> Picture:
    """Every covenant as stress reads it under `--mark` and inside `--scenario`; the picture of now where neither is given.

    Raises UsageError for a time, a shock or a scenario that cannot be.
    """
    from monitor.stress.inside import read_as_stressed
    from rules.grids import ShockError, parse_shocks

    picture = picture_of(arguments, open_session(arguments))
    if not arguments.mark and not arguments.scenario:
        return picture
    one = scenario_called(picture, arguments.scenario) if arguments.scenario else None
    try:
        return read_as_stressed(picture, one, [shock for text in arguments.mark or () for shock in parse_shocks(text)])
    except ShockError as error:
        raise UsageError(f"{'--mark' if arguments.mark else '--scenario'}: {error}") from None


def scenario_called(picture: Picture, name: str) -> Scenario:
    """The scenario of a name. Raises UsageError where the desk has none of it."""
    from monitor.stress.scenarios import scenarios_of

    known = scenarios_of(picture.session.desk)
    if name not in known:
        raise UsageError(nearest("no scenario is called", name, list(known)) if known else "the desk has no scenarios")
    return known[name]


def inside(picture: Picture, name: str) -> Picture:
    """The picture inside a scenario. Raises UsageError where there is none of the name, or its shocks cannot be."""
    from monitor.stress.inside import in_scenario
    from rules.grids import ShockError

    try:
        return in_scenario(picture, scenario_called(picture, name))
    except ShockError as error:
        raise UsageError(f"--scenario {name}: {error}") from None

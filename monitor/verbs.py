"""What each verb of the command does: open the desk, ask, print, answer with an exit code."""

from __future__ import annotations

import argparse
import datetime as dt
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.places import SHIPPED, DeskError, UsageError, cache_folder

if TYPE_CHECKING:
    from facilities.problems import Problem
    from monitor.assess import Picture
    from monitor.memo import Answer
    from monitor.report.schema import Report
    from monitor.session import Session

__all__ = ["DeskError", "UsageError", "check", "explain", "lint", "report", "watch"]


def check(arguments: argparse.Namespace) -> int:
    """One line per problem on stdout; the desk's own problems on stderr. The same question is answered from memory."""
    from monitor.memo import Memo

    words = (arguments.format, arguments.fail_on or "", arguments.as_of or "", arguments.known_at or "", *sorted(arguments.facility or ()))
    try:
        memo = Memo(_root(arguments), words, cache_folder())
    except OSError:  # unreadable files are told of by the full answer, which cannot be kept
        memo = None
    answer = memo.recall() if memo else None
    if answer is None:
        answer, lasting = _checked(arguments)
        if memo is not None and lasting:
            memo.keep(answer)
    sys.stderr.write(answer.err)
    _put(arguments, answer.out)
    return answer.code


def _checked(arguments: argparse.Namespace) -> tuple[Answer, bool]:
    """The answer of `check`, and whether it will be the same tomorrow."""
    from monitor.memo import Answer
    from monitor.report.lines import check_json, check_text, narrowed
    from rules.severity import RANK

    if arguments.fail_on is not None and arguments.fail_on not in RANK:
        raise UsageError(_nearest("no severity is called", arguments.fail_on, list(RANK)))
    session = _open(arguments)
    made = _report(arguments, session, full=False)
    pinned = session.desk.file is not None and session.desk.file.desk.as_of is not None
    asked = (arguments.as_of, arguments.known_at)
    lasting = not {"today", "now"} & set(asked) and (pinned or arguments.as_of is not None)
    text = check_text(made) if arguments.format == "text" else check_json(made)
    return Answer(text, "".join(f"{one}\n" for one in made.problems), narrowed(made, arguments.fail_on)), lasting


def report(arguments: argparse.Namespace) -> int:
    """The breach report in the chosen format."""
    made = _report(arguments, _open(arguments), full=True)
    _problems(made)
    if arguments.format == "json":
        from monitor.report.json import report_json

        _put(arguments, report_json(made))
    else:
        from monitor.report.text import report_text

        _put(arguments, report_text(made))
    return made.exit_code


def explain(arguments: argparse.Namespace) -> int:
    """The tree of one covenant or quantity, or the list of what a facility can explain."""
    from facilities.inert import inert
    from monitor.report.build import build_report
    from monitor.report.explain import explain_covenant, explain_quantity, tree_text

    facility, _, inside = arguments.name.partition("/")
    wanted = arguments.covenant or inside or None
    session = _open(arguments)
    picture = _assess(arguments, session)
    if facility not in picture.book.ids:
        _problems(build_report(picture, frozenset()))
        if facility in session.desk.facility_ids:
            raise UsageError(f"the file of {inert(facility)!r} cannot be used: see the problems above")
        raise UsageError(_nearest("no facility is called", facility, list(picture.book.ids)))
    covenants = [one.test.covenant.id for one in picture.standings if picture.book.ids[one.test.facility] == facility]
    made = build_report(picture, frozenset({facility}))
    _problems(made)
    trees = []
    for name in [wanted] if wanted else covenants:
        if name in covenants and _computed(picture, facility, name):
            trees.append((name, explain_covenant(picture, facility, name)))
        elif name in _quantities(picture, facility):
            trees.append((name, explain_quantity(picture, facility, name)))
        elif name not in covenants:
            known = [*covenants, *_quantities(picture, facility)]
            raise UsageError(_nearest(f"{facility} has no covenant or quantity called", name, known))
    if arguments.format == "json":
        from monitor.report.json import trees_json

        _put(arguments, trees_json(made, trees))
        return 0
    from monitor.report.text import covenant_text
    from monitor.report.words import stamp

    part = made.facilities[0]
    blocks = [f"{inert(part.name)} ({part.id})  as of {stamp(made.as_of)}, known at {stamp(made.known_at)}"]
    shown = dict(trees)
    for name in [wanted] if wanted else covenants:
        held = next((one for one in part.covenants if one.id == name), None)
        blocks.append(
            "\n".join(([covenant_text(held, part)] if held else []) + ([tree_text(shown[name], arguments.depth)] if name in shown else []))
        )
    if len(blocks) == 1:
        blocks.append("no covenant is described; name a quantity to see it computed, such as ltv")
    _put(arguments, "\n\n".join(blocks))
    return 0


def _quantities(picture: Picture, facility: str) -> list[str]:
    """What can be computed of a facility by name: its quantities, and the primitives that take no argument."""
    from rules.vocabulary import PRIMITIVES

    named = picture.book.definitions[picture.book.facility(facility)].quantities
    return [*named, *(name for name, one in PRIMITIVES.items() if one.texts is None)]


def _computed(picture: Picture, facility: str, covenant: str) -> bool:
    return any(
        picture.book.ids[one.test.facility] == facility
        and one.test.covenant.id == covenant
        and one.test.quantity is not None
        and (one.tested or one.indicative)
        for one in picture.standings
    )


def lint(arguments: argparse.Namespace) -> int:
    """Every problem of every file of the desk; 65 when one of them is an error."""
    from monitor.report.json import problems_json

    problems = _lint(_root(arguments))
    lines = [str(one) for one in problems]
    errors = sum(one.level == "error" for one in problems)
    if arguments.format == "json":
        _put(arguments, problems_json(problems))
    elif lines:
        _put(arguments, "\n".join(lines))
    sys.stderr.write(f"{errors} errors, {len(problems) - errors} warnings\n")
    return 65 if errors else 0


def _lint(root: Path) -> list[Problem]:
    from facilities.lint import lint as check_desk
    from facilities.load import load
    from monitor.assess import assess
    from monitor.marks.csvfile import read_marks
    from monitor.session import open_desk
    from rules.definitions import read_library
    from rules.vocabulary import PRIMITIVES

    desk = load(root, cache_folder())
    prints, found = read_marks(desk.marks, root, desk.file.desk.timezone if desk.file else "UTC")
    bad = any(one.level == "error" for one in found)  # then no series is known for sure
    words = {name for name, one in PRIMITIVES.items() if one.texts is None}
    linted = check_desk(desk, None if bad else {one.series for one in prints}, read_library(), words)
    problems: list[Problem] = [*desk.problems, *linted, *found]
    if desk.file is None:
        return problems
    try:
        session = open_desk(root)
        now = session.moment(None, dt.datetime.now(dt.UTC))
        later = [*session.problems, *assess(session, now, now).book.problems]
    except DeskError as error:
        later = error.problems
    return problems + [one for one in later if one not in problems and not _told(one, linted)]


def _told(later: Problem, linted: list[Problem]) -> bool:
    """Whether lint has said the same in its own words: a malformed duration of desk.toml, a threshold that is missing."""
    if later.code == "D012":
        return any(one.code == "F046" and one.place.file == later.place.file for one in linted)
    return later.code == "R010" and any(one.code == "F044" and one.place == later.place for one in linted)


def watch(arguments: argparse.Namespace) -> int:
    """The screens on a terminal; the text board where there is none."""
    if _has_terminal():
        from monitor.live import LiveDesk
        from monitor.tui import run

        live = LiveDesk(_root(arguments), arguments.as_of, arguments.known_at, arguments.facility)
        run(live, ascii=arguments.ascii, mouse=arguments.mouse)
        return 0
    import shutil

    from monitor.board import text_board

    made = _report(arguments, _open(arguments), full=True)
    _problems(made)
    width = shutil.get_terminal_size((100, 24)).columns  # COLUMNS, else the terminal on stdout, else 100
    _put(arguments, text_board(made, max(20, width), arguments.ascii, False))
    return made.exit_code


def _has_terminal() -> bool:
    return os.environ.get("TERM", "dumb") != "dumb" and sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def _root(arguments: argparse.Namespace) -> Path:
    return Path(arguments.desk) if arguments.desk else SHIPPED


def _open(arguments: argparse.Namespace) -> Session:
    from monitor.session import open_desk

    return open_desk(_root(arguments))


def _assess(arguments: argparse.Namespace, session: Session) -> Picture:
    from monitor.assess import assess
    from monitor.session import moments

    return assess(session, *moments(session, arguments.as_of, arguments.known_at))


def _report(arguments: argparse.Namespace, session: Session, full: bool) -> Report:
    from monitor.report.build import build_report

    picture = _assess(arguments, session)
    wanted = frozenset(arguments.facility) if arguments.facility else None
    known = session.desk.facility_ids
    for identity in wanted or ():
        if identity not in known:
            raise UsageError(_nearest("no facility is called", identity, sorted(known)))
    if not known:
        sys.stderr.write("covenant: the desk has no facilities: nothing was judged\n")
    return build_report(picture, wanted, full)


def _nearest(what: str, name: str, known: list[str]) -> str:
    import difflib

    from facilities.inert import inert

    near = difflib.get_close_matches(name, known, 1)
    return f"{what} {inert(name)!r}; " + (f"did you mean {near[0]!r}?" if near else "there are " + ", ".join(inert(one) for one in known))


def _problems(made: Report) -> None:
    for one in made.problems:
        sys.stderr.write(f"{one}\n")


def _put(arguments: argparse.Namespace, text: str) -> None:
    """Data to stdout, or whole to a file: an old file stays as it was until the new one is complete."""
    wanted = getattr(arguments, "output", None)
    if wanted is None:
        sys.stdout.write(text + "\n" if text else "")
        return
    path = Path(wanted)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, not a file", wanted)
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, wanted) from None

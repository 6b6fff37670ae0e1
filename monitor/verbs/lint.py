"""`covenant lint`: every problem of the desk's files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.places import DeskError, cache_folder
from monitor.verbs.asking import put, root_of

if TYPE_CHECKING:
    from facilities.problems import Problem


def run(arguments: argparse.Namespace) -> int:
    """Every problem of every file of the desk; 65 when one of them is an error."""
    from monitor.report.json import problems_json
    from monitor.report.words import plural

    problems = problems_of(root_of(arguments))
    lines = [str(one) for one in problems]
    errors = sum(one.level == "error" for one in problems)
    if arguments.format == "json":
        put(arguments, problems_json(problems))
    elif lines:
        put(arguments, "\n".join(lines))
    sys.stderr.write(f"{plural(errors, 'error')}, {plural(len(problems) - errors, 'warning')}\n")
    return 65 if errors else 0


def problems_of(root: Path) -> list[Problem]:
    """Every problem of the desk in `root`: of its files alone, together, and once it is opened and assessed at its as-of."""
    from facilities.lint import lint as check_desk
    from facilities.load import load
    from monitor.assess import assess
    from monitor.marks.csvfile import read_marks
    from monitor.oddities import oddities
    from monitor.session import now, open_desk
    from monitor.told import told_once
    from rules.definitions import read_library
    from rules.vocabulary import PLAIN

    desk = load(root, cache_folder())
    prints, found = read_marks(desk.marks, root, desk.file.desk.timezone if desk.file else "UTC")
    bad = any(one.level == "error" for one in found)  # then no series is known for sure
    linted = check_desk(desk, None if bad else {one.series for one in prints}, read_library(), PLAIN)
    problems: list[Problem] = [*desk.problems, *linted, *found, *_of_tests(root)]
    if desk.file is None:
        return problems
    try:
        session = open_desk(root)
        clock = now()
        at = session.moment(None, clock)
        picture = assess(session, at, at)
        later = [*session.problems, *picture.book.problems, *oddities(picture, clock)]
    except DeskError as error:
        later = error.problems
    return told_once([*problems, *later])


def _of_tests(root: Path) -> list[Problem]:
    """What keeps the desk's test files from being read; `covenant test` tells the rest."""
    from monitor.cases.files import find, read

    return [one for path, name in find((), root) for one in read(path, name)[1]]

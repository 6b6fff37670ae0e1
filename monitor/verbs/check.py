"""`covenant check`: one line per problem, answered from memory where nothing changed."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from monitor.places import UsageError, cache_folder
from monitor.verbs.asking import line_width, nearest, open_session, put, report_of, root_of, tell_example

if TYPE_CHECKING:
    from monitor.memo import Answer


def run(arguments: argparse.Namespace) -> int:
    """One line per problem on stdout; the desk's own problems on stderr. The same question is answered from memory."""
    from monitor.memo import Memo

    asked = (arguments.format, arguments.fail_on, arguments.as_of, arguments.known_at, arguments.since)
    words = (*(one or "" for one in asked), *sorted(arguments.facility or ()))
    try:
        memo = Memo(root_of(arguments), words, cache_folder())
    except OSError:  # unreadable files are told of by the full answer, which cannot be kept
        memo = None
    tell_example(arguments)
    answer = memo.recall() if memo else None
    if answer is None:
        answer, lasting = _checked(arguments)
        if memo is not None and lasting:
            memo.keep(answer)
    sys.stderr.write(answer.err)
    put(arguments, answer.out)
    return answer.code


def _checked(arguments: argparse.Namespace) -> tuple[Answer, bool]:
    """The answer of `check`, and whether it will be the same tomorrow."""
    from facilities.uncollected import uncollected
    from monitor.memo import Answer
    from monitor.report.formats import writer
    from monitor.report.lines import narrowed
    from rules.severity import RANK

    if arguments.fail_on is not None and arguments.fail_on not in RANK:
        raise UsageError(nearest("no severity is called", arguments.fail_on, list(RANK)))
    with uncollected():
        session = open_session(arguments)
        made = report_of(arguments, session, full=False)
    pinned = session.desk.file is not None and session.desk.file.desk.as_of is not None
    asked = (arguments.as_of, arguments.known_at, arguments.since)
    lasting = not {"today", "now"} & set(asked) and (pinned or arguments.as_of is not None)
    text = writer("check", arguments.format)(made, line_width(arguments))
    assert isinstance(text, str)  # every format of check is text, which is what can be kept
    return Answer(text, "".join(f"{one}\n" for one in made.problems), narrowed(made, arguments.fail_on)), lasting

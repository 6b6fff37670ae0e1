"""`covenant check`: one line per problem, answered from memory where nothing changed."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from monitor.places import UsageError, cache_folder
from monitor.verbs.asking import nearest, open_session, put, report_of, root_of

if TYPE_CHECKING:
    from monitor.memo import Answer


def run(arguments: argparse.Namespace) -> int:
    """One line per problem on stdout; the desk's own problems on stderr. The same question is answered from memory."""
    from monitor.memo import Memo

    words = (arguments.format, arguments.fail_on or "", arguments.as_of or "", arguments.known_at or "", *sorted(arguments.facility or ()))
    try:
        memo = Memo(root_of(arguments), words, cache_folder())
    except OSError:  # unreadable files are told of by the full answer, which cannot be kept
        memo = None
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
    from monitor.memo import Answer
    from monitor.report.lines import check_json, check_text, narrowed
    from rules.severity import RANK

    if arguments.fail_on is not None and arguments.fail_on not in RANK:
        raise UsageError(nearest("no severity is called", arguments.fail_on, list(RANK)))
    session = open_session(arguments)
    made = report_of(arguments, session, full=False)
    pinned = session.desk.file is not None and session.desk.file.desk.as_of is not None
    asked = (arguments.as_of, arguments.known_at)
    lasting = not {"today", "now"} & set(asked) and (pinned or arguments.as_of is not None)
    text = check_text(made) if arguments.format == "text" else check_json(made)
    return Answer(text, "".join(f"{one}\n" for one in made.problems), narrowed(made, arguments.fail_on)), lasting

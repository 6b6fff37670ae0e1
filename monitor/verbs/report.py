"""`covenant report`: the whole breach report in a format."""

from __future__ import annotations

import argparse

from monitor.verbs.asking import open_session, put, report_of, tell_problems


def run(arguments: argparse.Namespace) -> int:
    """The breach report in the chosen format."""
    made = report_of(arguments, open_session(arguments), full=True)
    tell_problems(made)
    if arguments.format == "json":
        from monitor.report.json import report_json

        put(arguments, report_json(made))
    else:
        from monitor.report.text import report_text

        put(arguments, report_text(made))
    return made.exit_code

"""`covenant report`: the whole breach report in a format."""

from __future__ import annotations

import argparse

from monitor.verbs.asking import line_width, open_session, put, report_of, tell_problems


def run(arguments: argparse.Namespace) -> int:
    """The breach report in the chosen format."""
    from monitor.report.formats import writer

    made = report_of(arguments, open_session(arguments), full=True)
    tell_problems(made)
    put(arguments, writer("report", arguments.format)(made, line_width(arguments)))
    return made.exit_code

"""`covenant test`: the unit tests of covenants."""

from __future__ import annotations

import argparse

from monitor.verbs.asking import put, root_of


def run(arguments: argparse.Namespace) -> int:
    """Every case of the desk's tests, or of the files and folders named: 0 all pass, 1 a failure, 65 a bad file."""
    from monitor.cases.run import run as run_cases
    from monitor.cases.text import summary_json, summary_text

    made = run_cases(arguments.path, root_of(arguments), arguments.run, arguments.boundaries)
    put(arguments, summary_json(made) if arguments.format == "json" else summary_text(made, arguments.coverage))
    return made.exit_code

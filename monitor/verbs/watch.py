"""`covenant watch`: the screens on a terminal, the text board where there is none."""

from __future__ import annotations

import argparse
import os
import sys

from monitor.verbs.asking import open_session, put, report_of, root_of, tell_problems


def run(arguments: argparse.Namespace) -> int:
    """The screens on a terminal; the text board where there is none."""
    if _has_terminal():
        from monitor.live import LiveDesk
        from monitor.tui import run

        live = LiveDesk(root_of(arguments), arguments.as_of, arguments.known_at, arguments.facility, not arguments.read_only)
        run(live, ascii=arguments.ascii, mouse=arguments.mouse, read_only=arguments.read_only, desk=arguments.desk or "")
        return 0
    import shutil

    from monitor.board import text_board

    made = report_of(arguments, open_session(arguments), full=True)
    tell_problems(made)
    width = shutil.get_terminal_size((100, 24)).columns  # COLUMNS, else the terminal on stdout, else 100
    put(arguments, text_board(made, max(20, width), arguments.ascii, False))
    return made.exit_code


def _has_terminal() -> bool:
    if os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver"):  # a browser: the screens go through pipes
        return True
    return os.environ.get("TERM", "dumb") != "dumb" and sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()

"""`covenant sector`: what is said about the market against published figures, and the groups side by side."""

from __future__ import annotations

import argparse
import sys

from monitor.verbs.asking import open_session, picture_of, put


def run(arguments: argparse.Namespace) -> int:
    """The page in the chosen format."""
    from monitor.sector.build import page_of

    session = open_session(arguments)
    if session.desk.sector is None:
        sys.stderr.write("covenant: the desk has no sector.toml: no claim and no published figure to hold beside its loans; docs/desk.md\n")
    page = page_of(picture_of(arguments, session))
    if arguments.format == "json":
        import msgspec

        put(arguments, msgspec.json.format(msgspec.json.encode(page), indent=2).decode())
    elif arguments.format == "md":
        from monitor.sector.md import page_md

        put(arguments, page_md(page))
    else:
        from monitor.sector.text import page_text

        put(arguments, page_text(page))
    return 0

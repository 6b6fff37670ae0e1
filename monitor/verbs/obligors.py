"""`covenant obligors`: each group looked through, its debt, coins and cash counted once."""

from __future__ import annotations

import argparse

from monitor.places import UsageError
from monitor.verbs.asking import nearest, open_session, picture_of, put


def run(arguments: argparse.Namespace) -> int:
    """All groups, or the one named. Raises UsageError for a group that does not exist."""
    from monitor.lookthrough import groups_of
    from monitor.report.groups import groups_json, groups_text
    from monitor.report.words import iso

    picture = picture_of(arguments, open_session(arguments))
    try:
        groups = groups_of(picture, arguments.group)
    except KeyError:
        known = sorted({one.group for one in groups_of(picture)})
        raise UsageError(nearest("no group is called", arguments.group, known)) from None
    write = groups_json if arguments.format == "json" else groups_text
    put(arguments, write(iso(picture.as_of), groups))
    return 0

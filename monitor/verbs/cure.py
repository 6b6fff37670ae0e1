"""`covenant cure`: the least that restores each failing covenant of a facility, and all of them."""

from __future__ import annotations

import argparse

from monitor.places import UsageError
from monitor.verbs.asking import nearest, places_of, put, stressed_picture


def run(arguments: argparse.Namespace) -> int:
    """The answer in the chosen format. Raises UsageError for a facility, covenant or shock that is none."""
    from monitor.cure import cure_text, cures
    from monitor.report.json import encoded

    picture = stressed_picture(arguments)
    facility, _, covenant = arguments.name.partition("/")
    f = places_of(picture, [facility])[0]
    known = [one.id for one in picture.book.terms[f].covenant]
    if covenant and covenant not in known:
        raise UsageError(nearest(f"{facility} has no covenant called", covenant, known))
    made = cures(picture, f, covenant or None, arguments.haircut)
    put(arguments, encoded(made) if arguments.format == "json" else cure_text(made))
    return 0

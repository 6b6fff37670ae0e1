"""`covenant chain`: who defaults after whom, on which day, by which clause."""

from __future__ import annotations

import argparse
import datetime as dt

from monitor.places import UsageError
from monitor.verbs.asking import places_of, put, shocked_picture
from rules.events import EventKind

SUPPOSED: tuple[EventKind, ...] = ("default", "missed_payment", "acceleration", "enforcement", "insolvency")


def run(arguments: argparse.Namespace) -> int:
    """The answer in the chosen format. Raises UsageError for a facility, event or shock that is none."""
    from monitor.chain.build import chain_of
    from monitor.chain.text import chain_dot, chain_text
    from monitor.report.json import encoded

    picture = shocked_picture(arguments)
    suppose = None
    if arguments.suppose is not None:
        name, _, kind = arguments.suppose.partition("=")
        places_of(picture, [name])
        event = next((one for one in SUPPOSED if one == (kind or "acceleration")), None)
        if event is None:
            raise UsageError(f"--if: {kind!r} is none of {', '.join(SUPPOSED)}")
        suppose = (name, event)
    made = chain_of(picture, picture.as_of + dt.timedelta(days=arguments.days), suppose, not arguments.no_sales)
    write = {"json": encoded, "dot": chain_dot, "text": chain_text}[arguments.format]
    put(arguments, write(made))
    return 0

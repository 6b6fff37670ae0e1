"""The command line that prints what a screen shows."""

from __future__ import annotations

import shlex

from facilities.inert import inert
from monitor.tui.trail import Place


def command(place: Place, as_of: str) -> str:
    """`covenant report --facility X --as-of T` and its like, with whatever a shell would act on quoted."""
    when = f"--as-of {shlex.quote(inert(as_of))}"
    facility, covenant = (shlex.quote(inert(part)) for part in (place.facility, place.covenant))
    match place.level:
        case "board":
            return f"covenant check {when}"
        case "facility":
            return f"covenant report --facility {facility} {when}"
        case "help":
            return "covenant --help"
    return f"covenant explain {facility} {covenant} {when}"

"""`covenant chain`: who defaults after whom, on which day, by which clause."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING

from monitor.places import UsageError
from monitor.verbs.asking import places_of, put, shocked_picture
from rules.events import EventKind

if TYPE_CHECKING:
    from monitor.assess import Picture

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
    until = picture.as_of + dt.timedelta(days=arguments.days)
    if arguments.grid:
        put(arguments, _grid(arguments, picture, until, suppose))
        return 0
    made = chain_of(picture, until, suppose, not arguments.no_sales)
    write = {"json": encoded, "dot": chain_dot, "text": chain_text}[arguments.format]
    put(arguments, write(made))
    return 0


def _grid(arguments: argparse.Namespace, picture: Picture, until: dt.datetime, suppose: tuple[str, EventKind] | None) -> str | bytes:
    """The chain in every world of a grid."""
    from monitor.chain.grid import chain_grid, chain_grid_text
    from monitor.report.json import encoded
    from rules.grids import ShockError

    if arguments.format == "dot":
        raise UsageError("--format dot draws one world: leave out --grid")
    try:
        made = chain_grid(picture, arguments.grid, until, suppose, not arguments.no_sales)
    except ShockError as error:
        raise UsageError(f"--grid: {error}") from None
    return encoded(made) if arguments.format == "json" else chain_grid_text(made)

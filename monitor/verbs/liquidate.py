"""`covenant liquidate`: paper LTV beside what a forced sale would bring."""

from __future__ import annotations

import argparse

from monitor.verbs.asking import places_of, put, shocked_picture


def run(arguments: argparse.Namespace) -> int:
    """The answer in the chosen format. Raises UsageError for a facility or a shock that is none."""
    from monitor.liquidate.build import liquidation, secured
    from monitor.liquidate.text import liquidation_text
    from monitor.report.json import encoded

    picture = shocked_picture(arguments)
    named = [*arguments.names, *(arguments.facility or [])]
    wanted = places_of(picture, named) or secured(picture)
    together = (arguments.together or len(named) > 1) and not arguments.alone
    made = liquidation(picture, wanted, together=together, method=arguments.impact, within=arguments.within)
    put(arguments, encoded(made) if arguments.format == "json" else liquidation_text(made, bool(named)))
    return 0

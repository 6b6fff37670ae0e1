"""The go-to language: screens, facilities, covenants, series and dates, completed by the nearest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from monitor.report.schema import Report
from monitor.tui.keys import ROOTS
from monitor.tui.trail import Place

_DATE = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d.*)?|now|today")


class Target(NamedTuple):
    """Where a word leads: the screens from the first on, or an instant."""

    word: str
    places: tuple[Place, ...] = ()
    as_of: str | None = None


def targets(report: Report) -> Iterator[Target]:
    """Every word that names something, screens first."""
    for root in ROOTS:
        yield Target(root, (Place(root),))
    yield Target("spread", (Place("board"), Place("spread")))
    yield Target("changes", (Place("board"), Place("changes")))
    yield Target("help", (Place("board"), Place("help")))
    for facility in report.facilities:
        inside = (Place("board"), Place("facility", facility.id))
        yield Target(facility.id, inside)
        for covenant in facility.covenants:
            yield Target(f"{facility.id}/{covenant.id}", (*inside, Place("covenant", facility.id, covenant.id)))
    for mark in report.marks:
        yield Target(mark.series, (Place("marks"), Place("series", item=mark.series)))


def target_of(text: str, report: Report) -> Target | None:
    """Where `text` leads: a date, else what it names, begins, occurs in or nearly spells; None where it is near nothing."""
    wanted = text.strip().casefold()
    if not wanted:
        return None
    if _DATE.fullmatch(wanted):
        return Target(wanted, (), "now" if wanted == "today" else text.strip())
    known = list(targets(report))
    for matches in (str.__eq__, str.startswith, str.__contains__):
        found = next((target for target in known if matches(target.word.casefold(), wanted)), None)
        if found is not None:
            return found
    named = next((facility.id for facility in report.facilities if wanted in facility.name.casefold()), None)
    near = [named] if named else get_close_matches(wanted, [target.word.casefold() for target in known], 1, 0.5)
    return next((target for target in known if near and target.word.casefold() == near[0].casefold()), None)

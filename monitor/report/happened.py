"""What people recorded between two looks at a desk: what came to count, what lapsed, what was taken back, in words."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from monitor.journal.check import shown
from monitor.journal.ledger import Ledger
from monitor.journal.words import figures_of
from rules.events import Event


class Looks(NamedTuple):
    """Two looks: as of `since` with what was known at `knew`, as of `at` with what was known at `known`."""

    since: dt.datetime
    knew: dt.datetime
    at: dt.datetime
    known: dt.datetime


class Happened(NamedTuple):
    """An entry that made a difference, and how: its id is `event.id`."""

    event: Event
    words: str


def happened(ledger: Ledger, looks: Looks) -> list[Happened]:
    """The events about facilities that counted at one of the two looks and not at the other, or whose time ran out between."""
    events = sorted(ledger.events.values(), key=lambda one: (one.effective, one.known, one.id))
    told = ((one, _difference(one, ledger, looks)) for one in events if one.facility is not None and one.kind != "withdrawal")
    return [Happened(one, f"{one.kind.replace('_', ' ')} (entry {one.id}) {words}") for one, words in told if words]


def _difference(one: Event, ledger: Ledger, looks: Looks) -> str | None:
    then = ledger.stands(one, looks.knew) and one.effective <= looks.since
    now = ledger.stands(one, looks.known) and one.effective <= looks.at
    lapsed = one.until is not None and looks.since < one.until <= looks.at
    if now and lapsed and one.until is not None:
        return f"lapsed {shown(one.until)}"
    if now and not then:
        figures = figures_of(one)
        return f"of {shown(one.effective)}" + (f": {figures}" if figures else "")
    if then and not now:
        return f"withdrawn by entry {ledger.withdrawn[one.id].id}"
    return None


def overridden(ledger: Ledger, looks: Looks) -> dict[str, Happened]:
    """By series, the last override of a mark that a second person let count between the looks."""
    found = {}
    for one in ledger.overrides():
        if one.approval is None or one.event.series is None:
            continue
        known = max(one.event.known, one.approval.known)
        then, now = (known <= seen and one.event.effective <= by for seen, by in ((looks.knew, looks.since), (looks.known, looks.at)))
        if now and not then:
            words = f"{one.event.series} overridden by {one.event.by} (entry {one.event.id}), approved by {one.approval.by}"
            found[one.event.series] = Happened(one.event, words)
    return found

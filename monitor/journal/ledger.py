"""What the journal says at an instant: events that were known and not taken back, and marks as the history reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.journal.entries import Entry, Mark
from monitor.journal.problems import FILE
from monitor.journal.store import reading
from monitor.marks.prints import OVERRIDE, Print
from rules.events import Event, in_order

_OF_THE_JOURNAL = ("withdrawal", "approval", "mark_override")


class Override(NamedTuple):
    """A person's override of a mark, its approval by another, and its withdrawal, where there are such."""

    event: Event
    approval: Event | None
    withdrawn: Event | None


class Ledger:
    """All entries of a journal, in the order they were recorded. `head` is the last link, None where there is no journal."""

    def __init__(self, entries: Sequence[Entry] = (), head: str | None = None) -> None:
        self.entries, self.head = tuple(entries), head
        self.events = {one.id: one for one in self.entries if isinstance(one, Event)}
        self.withdrawn = {one.refers: one for one in self.events.values() if one.kind == "withdrawal" and one.refers}

    def known(self, at: dt.datetime) -> tuple[Event, ...]:
        """The events known at an instant and not withdrawn by then as known, in order; those of marks apart."""
        return in_order(one for one in self.events.values() if one.kind not in _OF_THE_JOURNAL and self.stands(one, at))

    def stands(self, event: Event, at: dt.datetime) -> bool:
        """Whether an event was known at an instant, and not taken back by then."""
        back = self.withdrawn.get(event.id)
        return event.known <= at and not (back is not None and back.known <= at)

    def overrides(self) -> list[Override]:
        """Every override, in the order they were recorded."""
        approvals = {one.refers: one for one in self.events.values() if one.kind == "approval"}
        mine = (one for one in self.events.values() if one.kind == "mark_override")
        return [Override(one, approvals.get(one.id), self.withdrawn.get(one.id)) for one in mine]

    def prints(self) -> list[Print]:
        """The observations and the overrides; the history lets none count that no second person approved."""
        made = [_observed(one) for one in self.entries if isinstance(one, Mark)]
        return made + [_overridden(*one) for one in self.overrides()]


def _observed(one: Mark) -> Print:
    origin = f"{FILE}:{one.id}"
    return Print(one.series, one.as_of, one.value, one.unit, one.source, one.known, one.kind, one.n_obs, one.by, None, one.note, origin)


def _overridden(event: Event, approval: Event | None, back: Event | None) -> Print:
    """An override is known from its approval on, as nobody could rely on it before, and until its withdrawal was known."""
    known = max(event.known, approval.known) if approval else event.known
    who = (event.by, approval.by if approval else None)
    what = (event.series or "", event.effective, float(event.value or 0), event.unit or "", event.source or "")
    return Print(*what, known, OVERRIDE, None, *who, event.note, f"{FILE}:{event.id}", back.known if back else None)


def read_ledger(root: Path) -> Ledger:
    """The journal of a desk; an empty one where there is none, and then nothing is created and no database is loaded.

    Raises DeskError when it is not whole, OSError when it cannot be read.
    """
    with reading(root) as store:
        if store is None:
            return Ledger()
        from monitor.journal.chain import followed

        return Ledger(*followed(store.records()))

"""Recording: read, judge, append only if nobody has recorded anything meanwhile, else read and judge again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from monitor.journal.chain import GENESIS
from monitor.journal.check import check
from monitor.journal.entries import Entry, numbered
from monitor.journal.ledger import Ledger
from monitor.journal.store import Moved, writing
from rules.events import Event

if TYPE_CHECKING:
    from monitor.session import Session


def record(
    root: Path, draft: Callable[[Session], Sequence[Entry]], clock: dt.datetime, dry_run: bool = False
) -> tuple[list[Entry], Session, Session]:
    """Record what `draft` makes of the desk: the entries with their ids, and the desk before and after.

    Raises DeskError with the reason when one of them contradicts what is known, OSError when it cannot be kept; then
    nothing is recorded. A dry run stops short of recording.
    """
    from monitor.session import open_desk

    while True:
        before = open_desk(root)
        entries = _numbered(draft(before), len(before.journal.entries))
        for at, entry in enumerate(entries):
            if isinstance(entry, Event):
                check(entry, with_entries(before, entries[:at]), clock)
        after = with_entries(before, entries)
        if dry_run or not entries:
            return entries, before, after
        try:
            with writing(root) as store:
                store.append(entries, clock, before.journal.head or GENESIS)
            return entries, before, after
        except Moved:
            continue


def with_entries(session: Session, entries: Sequence[Entry]) -> Session:
    """The desk as it is once some entries are recorded, their marks apart."""
    if not entries:
        return session
    ledger = Ledger([*session.journal.entries, *entries], session.journal.head)
    return msgspec.structs.replace(session, journal=ledger)


def _numbered(entries: Sequence[Entry], last: int) -> list[Entry]:
    return [numbered(entry, seq) for seq, entry in enumerate(entries, last + 1)]

"""Recording: read, judge, append only if nobody has recorded anything meanwhile, else read and judge again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from facilities.problems import Place
from monitor.journal.chain import GENESIS, followed
from monitor.journal.check import check, check_mark
from monitor.journal.entries import Entry, Record, numbered
from monitor.journal.ledger import Ledger
from monitor.journal.problems import refused
from monitor.journal.store import Moved, reading, writing
from monitor.journal.transfer import continuation
from monitor.journal.words import kind_of_entry
from monitor.places import DeskError
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


def adopt(root: Path, given: Sequence[Record], name: str, clock: dt.datetime, dry_run: bool = False) -> list[Record]:
    """Add what an export holds more than the journal of a desk, each entry judged as it would be if it were recorded there now.

    Raises DeskError naming the first entry that is not of the chain, contradicts what was known, or cannot be; then nothing is added.
    """
    while True:
        with reading(root) as store:
            have = [] if store is None else list(store.records())
        followed(have)  # nothing is chained to a link that no longer holds
        more = continuation(have, given, name)
        if more:
            _judge(root, given, len(have), name, clock)
        if dry_run or not more:
            return more
        try:
            with writing(root) as store:
                store.adopt(more, have[-1].hash if have else GENESIS)
            return more
        except Moved:
            continue


def _judge(root: Path, given: Sequence[Record], start: int, name: str, clock: dt.datetime) -> None:
    """Each entry from `start` on before the desk with all marks and with the events recorded before it, at the instant it was recorded."""
    from monitor.session import open_desk

    entries, _ = followed(given)
    whole = open_desk(root, journal=Ledger(entries))
    for at in range(start, len(entries)):
        one, recorded = entries[at], dt.datetime.fromisoformat(given[at].recorded)
        before = msgspec.structs.replace(whole, journal=Ledger(entries[:at]))
        try:
            if recorded > clock:
                raise refused("J020", "recorded", f"recorded at {given[at].recorded}, which is yet to come")
            if isinstance(one, Event):
                check(one, before, recorded)
            else:
                check_mark(one, before, recorded)
        except DeskError as error:
            where = f"{name}:{given[at].seq}"
            said = f"entry {one.id}, {kind_of_entry(one)}, {{}}: {{}}"
            told = [
                msgspec.structs.replace(found, place=Place(where), message=said.format(found.place.file, found.message))
                for found in error.problems
            ]
            raise DeskError(told) from None


def with_entries(session: Session, entries: Sequence[Entry]) -> Session:
    """The desk as it is once some entries are recorded, their marks apart."""
    if not entries:
        return session
    ledger = Ledger([*session.journal.entries, *entries], session.journal.head)
    return msgspec.structs.replace(session, journal=ledger)


def _numbered(entries: Sequence[Entry], last: int) -> list[Entry]:
    return [numbered(entry, seq) for seq, entry in enumerate(entries, last + 1)]

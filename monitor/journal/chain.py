"""The chain of hashes: each link is made from the one before it, so that nothing recorded can change unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from monitor.journal.entries import Entry, Record, entry_of
from monitor.journal.problems import damaged

GENESIS = "0" * 64
"""What the first link is chained to."""


def link(prev: str, identity: str, recorded: str, payload: str) -> str:
    """The sha256, in hexadecimal, of all that a record says and of the link before it."""
    return hashlib.sha256("\n".join((prev, identity, recorded, payload)).encode("utf-8", "surrogatepass")).hexdigest()


def record_of(seq: int, prev: str, recorded: str, payload: str) -> Record:
    """The record that follows the link `prev`; its id is its place."""
    return Record(seq, str(seq), recorded, payload, prev, link(prev, str(seq), recorded, payload))


def broken(one: Record, seq: int, prev: str) -> str | None:
    """Why a record is not link `seq` after `prev`, in words; None when it is."""
    if one.seq != seq or one.id != str(seq):
        return f"entry {seq} is missing: entry {one.id} stands in its place"
    if one.prev != prev:
        return f"entry {seq} does not follow entry {seq - 1}: it names {one.prev[:12]}, that one is {prev[:12]}"
    if one.hash != link(prev, one.id, one.recorded, one.payload):
        return f"entry {seq} is not what was recorded: its content no longer gives its hash {one.hash[:12]}"
    return None


def followed(records: Iterable[Record]) -> tuple[list[Entry], str]:
    """The entries of a whole chain and its last link. Raises DeskError naming the first broken link; half a chain is never given."""
    entries: list[Entry] = []
    prev = GENESIS
    for seq, one in enumerate(records, 1):
        why = broken(one, seq, prev)
        if why is not None:
            raise damaged("J002", why)
        try:
            entries.append(entry_of(one.payload))
        except ValueError as error:
            raise damaged("J003", f"entry {seq} holds nothing this version can read: {error}") from None
        if entries[-1].id != one.id:
            raise damaged("J003", f"entry {seq} says of itself that it is entry {entries[-1].id}")
        prev = one.hash
    return entries, prev

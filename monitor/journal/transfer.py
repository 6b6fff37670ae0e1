"""The journal as lines of JSON: out as it is, and in again only where it continues the very same chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from monitor.journal.chain import GENESIS, broken, followed
from monitor.journal.entries import Record
from monitor.journal.problems import problem, refused
from monitor.places import DeskError


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of an export; the payload is kept byte for byte, for the hash is made of it."""

    seq: int
    id: str
    recorded: str
    prev: str
    hash: str
    payload: msgspec.Raw


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Line)


def exported(records: Iterable[Record]) -> Iterator[str]:
    """Each record as one line of JSON, without its line feed."""
    for one in records:
        line = _Line(one.seq, one.id, one.recorded, one.prev, one.hash, msgspec.Raw(one.payload.encode()))
        yield _ENCODER.encode(line).decode()


def parsed(text: bytes, name: str) -> list[Record]:
    """The records of an export. Raises DeskError at the first line that is none, or that breaks its chain."""
    records: list[Record] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            one = _DECODER.decode(line)
            payload = bytes(one.payload).decode()
        except ValueError as error:
            raise refused("J006", f"{name}:{number}", f"the line is no entry: {error}") from None
        records.append(Record(one.seq, one.id, one.recorded, payload, one.prev, one.hash))
        why = broken(records[-1], number, records[-2].hash if number > 1 else GENESIS)
        if why is not None:
            raise refused("J002", f"{name}:{number}", why)
    try:
        followed(records)  # every payload is an entry that this version reads
    except DeskError as error:
        raise DeskError([problem(one.code, name, one.message, one.hint) for one in error.problems]) from None
    return records


def continuation(have: Sequence[Record], given: Sequence[Record], name: str) -> list[Record]:
    """What a file adds to a journal; nothing where the journal holds it all. Raises DeskError at the first link that differs."""
    for mine, theirs in zip(have, given, strict=False):
        if mine.hash != theirs.hash:
            there = f"entry {theirs.seq} is {theirs.hash[:12]} there and {mine.hash[:12]} here"
            raise refused("J007", f"{name}:{theirs.seq}", there)
    return list(given[len(have) :])

"""What an entry of the journal is: a person's event, or an observation of a mark; and the one way to write either down."""

from __future__ import annotations

import datetime as dt
import functools

import msgspec

from rules.events import Event

LONGEST = 4_000
"""Characters of any text of an entry."""


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One observation of a series, entered by a person. `value` is in the canonical `unit`; instants are UTC.

    `known` None means: known at `as_of` plus the publication lag of the series, as in a marks file without `known_at`.
    """

    id: str
    series: str
    as_of: dt.datetime
    value: float
    unit: str
    source: str
    known: dt.datetime | None = None
    by: str
    kind: str | None = None
    n_obs: int | None = None
    note: str | None = None


Entry = Event | Mark


class Record(msgspec.Struct, frozen=True):
    """One link of the chain: its place from 1, the instant of recording, the canonical payload, and the hashes of both ends."""

    seq: int
    id: str
    recorded: str
    payload: str
    prev: str
    hash: str


class _Event(Event, frozen=True, kw_only=True, omit_defaults=True, tag="event", tag_field="entry", forbid_unknown_fields=True):
    """An event as it is written down."""


class _Mark(Mark, frozen=True, kw_only=True, omit_defaults=True, tag="mark", tag_field="entry", forbid_unknown_fields=True):
    """An observation as it is written down."""


_ENCODER = msgspec.json.Encoder(order="sorted")


@functools.cache
def _decoder() -> msgspec.json.Decoder[_Event | _Mark]:
    return msgspec.json.Decoder(_Event | _Mark)


def payload_of(entry: Entry) -> str:
    """The canonical JSON of an entry: keys sorted, nothing that is not set. Raises UnicodeEncodeError for what is no text."""
    shape = _Event if isinstance(entry, Event) else _Mark
    return _ENCODER.encode(shape(**{name: getattr(entry, name) for name in entry.__struct_fields__})).decode()


def entry_of(payload: str) -> Entry:
    """The entry that a payload holds. Raises msgspec.DecodeError (a ValueError) when it holds none."""
    raw = _decoder().decode(payload)
    shape = Event if isinstance(raw, Event) else Mark
    return shape(**{name: getattr(raw, name) for name in shape.__struct_fields__})


def numbered(entry: Entry, seq: int) -> Entry:
    """The entry with the id that its place gives it."""
    return msgspec.structs.replace(entry, id=str(seq))

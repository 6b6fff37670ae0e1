"""What people did, as the journal tells it: the events that, with test results, make a legal state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

import msgspec

EventKind = Literal[
    "certificate_delivered",
    "equity_cure",
    "prepayment",
    "collateral_posted",
    "collateral_released",
    "waiver",
    "forbearance",
    "notice",
    "reservation_of_rights",
    "default",
    "missed_payment",
    "acceleration",
    "enforcement",
    "insolvency",
    "mark_override",
    "approval",
    "withdrawal",
]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a person recorded; never a term of an agreement, which is an amendment in TOML.

    `effective` is when it counts in law (of a notice: its deemed receipt), `known` when we knew of it; both UTC. `covenant` None
    means the facility as a whole. `amount` is money of the facility's currency, `units` pieces of the parcel `collateral`,
    `period_end` the period of a certificate, `until` the last instant of a waiver, a forbearance or an override, `conditions` what
    a waiver asks for in return, `refers` the id of the event that a withdrawal takes back or an approval lets count; `series`, `value`,
    `unit` and `source` are an overridden mark. `evidence` is the sha256 of the document behind it, `document` its file name.
    """

    id: str
    kind: EventKind
    facility: str | None = None
    covenant: str | None = None
    effective: dt.datetime
    known: dt.datetime
    by: str
    amount: Decimal | None = None
    units: Decimal | None = None
    collateral: str | None = None
    period_end: dt.date | None = None
    until: dt.datetime | None = None
    conditions: str | None = None
    series: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    source: str | None = None
    refers: str | None = None
    note: str | None = None
    evidence: str | None = None
    document: str | None = None


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """By effective, then known, then content; never by id, so that the order of recording decides nothing."""
    return tuple(sorted(events, key=_order))


def _order(one: Event) -> tuple[object, ...]:
    content = msgspec.json.encode(msgspec.structs.replace(one, id=""))
    return one.effective, one.known, one.kind, content

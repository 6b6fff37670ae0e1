"""Waivers and forbearances that end: they lie over a machine, which runs on beneath them as if they were not there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from rules.events import Event
from rules.life.legal import History, Legal, merged

_INSTANT = dt.timedelta(microseconds=1)
_WAIVED = {"default": "waived", "cure_pending": "waived", "event_of_default": "waived"}
_FORBORNE = {**dict.fromkeys(_WAIVED, "forbearance"), "accelerated": "forbearance", "enforcement": "forbearance"}
_TRIGGER = dict.fromkeys(("pending", "on", "curing"), "off")
_LADDER = dict.fromkeys(("notice", "callable", "call", "accelerated_call", "call_expired", "liquidation"), "normal")


class Excuse(NamedTuple):
    """From when until when (its last instant) failures are waived or forborne."""

    start: dt.datetime
    until: dt.datetime
    kind: str

    def holds(self, at: dt.datetime) -> bool:
        """Whether it is in force."""
        return self.start <= at <= self.until


def excuses(events: Sequence[Event]) -> list[Excuse]:
    """The waivers with an end and the forbearances among some events; a forbearance without an end lasts."""
    far = dt.datetime.max.replace(tzinfo=dt.UTC) - _INSTANT
    return [
        Excuse(one.effective, one.until or far, one.kind)
        for one in events
        if one.kind == "forbearance" or (one.kind == "waiver" and one.until is not None)
    ]


def excused(history: History, spans: Sequence[Excuse], now: dt.datetime) -> History:
    """The history with its failures excused; as each span ends it says again what it would have said without it."""
    if not spans:
        return history
    ends = {span.until + _INSTANT for span in spans}
    instants = sorted({one.at for one in history.transitions} | {span.start for span in spans} | ends)
    why = {one.at: one.why for one in history.transitions}
    stands = []
    for at in (one for one in instants if one <= now):
        legal, told = under(history.at(at), spans, at), why.get(at, "")
        if at in ends and legal.underlying is None and legal.state not in ("compliant", "off", "normal"):
            legal, told = msgspec.structs.replace(legal, by_lapse=True), told or "the waiver or forbearance lapsed"
        stands.append((at, legal, told or next((span.kind for span in spans if span.start == at), "")))
    return merged(history.first, stands)


def under(legal: Legal, spans: Sequence[Excuse], at: dt.datetime) -> Legal:
    """A standing with what excuses it at an instant; a waiver counts before a forbearance, the longest of a kind first."""
    active = sorted((one for one in spans if one.holds(at)), key=lambda one: (one.kind != "waiver", -one.until.timestamp()))
    for one in active:
        states = {**_WAIVED, **_TRIGGER, **_LADDER} if one.kind == "waiver" else _FORBORNE
        found = states.get(legal.state)
        if found is not None or (one.kind == "waiver" and legal.fall == "event_of_default"):
            return _excused(legal, found or legal.state, one)
    return legal


def _excused(legal: Legal, state: str, one: Excuse) -> Legal:
    deadline = None if one.until.year == dt.MAXYEAR else one.until
    return msgspec.structs.replace(
        legal,
        state=state,
        underlying=legal.state,
        deadline=deadline,
        standstill_until=deadline if one.kind == "forbearance" else None,
        by_lapse=False,
        acted_on=legal.acted_on or one.start,
        fall="forbearance" if one.kind == "forbearance" else None,
    )

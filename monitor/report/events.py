"""What people recorded, as lines: when, what, about which covenant; its figures, its words, whether it is in force."""

from __future__ import annotations

from collections.abc import Iterable

from facilities.inert import inert
from monitor.report.schema import EventPart, Report
from monitor.report.words import stamp

MOST = 10
"""Events that a report tells of; `covenant journal list` has them all."""


def latest(report: Report) -> list[EventPart]:
    """The events a report tells of, the latest first."""
    return _ordered(report.events)[:MOST]


def by_facility(report: Report) -> dict[str, list[EventPart]]:
    """The events of each facility, the latest first."""
    found: dict[str, list[EventPart]] = {}
    for one in _ordered(report.events):
        if one.facility is not None:
            found.setdefault(one.facility, []).append(one)
    return found


def events_about(events: Iterable[EventPart], covenant: str) -> list[EventPart]:
    """Of a facility's events those about one covenant, and those about the facility as a whole."""
    return [one for one in events if one.covenant in (None, covenant)]


def _ordered(events: Iterable[EventPart]) -> list[EventPart]:
    return sorted(events, key=lambda one: (one.effective, one.known), reverse=True)


def about(one: EventPart) -> str:
    """What an event is about: facility and covenant by id, or the desk."""
    return inert("/".join(part for part in (one.facility, one.covenant) if part) or "the desk")


def event_words(one: EventPart) -> str:
    """`waiver until 2026-12-01 24:00Z, conditions: no draws; by a.n., known 2026-10-08 09:00Z`."""
    figures = [
        f"amount {one.amount:,.10g}" if one.amount is not None else None,
        f"{one.units:,.10g} units" + (f" of {one.collateral}" if one.collateral else "") if one.units is not None else None,
        f"period to {one.period_end}" if one.period_end else None,
        f"until {stamp(one.until)}" if one.until else None,
        f"conditions: {one.conditions}" if one.conditions else None,
        f"note: {one.note}" if one.note else None,
        f"evidence: {one.document}" if one.document else None,
    ]
    told = ", ".join(part for part in figures if part)
    ended = "" if one.in_force else "; not in force now"
    known = "" if one.known == one.effective else f", known {stamp(one.known)}"
    return inert(f"{one.kind.replace('_', ' ')}{' ' if told else ''}{told}; by {one.by}{known}{ended}")

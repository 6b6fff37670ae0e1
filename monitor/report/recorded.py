"""Legal standings, tasks and recorded events as parts of the report."""

from __future__ import annotations

import datetime as dt

from monitor.report.schema import EventPart, LegalPart, SincePart, TaskPart
from monitor.report.words import iso
from rules.events import Event
from rules.life import Legal
from rules.life.tasks import Task
from rules.severity import of_facility, worst


def event_part(one: Event, as_of: dt.datetime) -> EventPart:
    """A recorded event, and whether it is in force at an instant."""
    return EventPart(
        id=one.id,
        kind=one.kind,
        facility=one.facility,
        covenant=one.covenant,
        effective=iso(one.effective),
        known=iso(one.known),
        by=one.by,
        in_force=one.effective <= as_of and (one.until is None or as_of < one.until),
        amount=None if one.amount is None else float(one.amount),
        units=None if one.units is None else float(one.units),
        collateral=one.collateral,
        period_end=one.period_end.isoformat() if one.period_end else None,
        until=iso(one.until) if one.until else None,
        conditions=one.conditions,
        note=one.note,
        evidence=one.evidence,
        document=one.document,
    )


def legal_part(legal: Legal, zone: dt.tzinfo) -> LegalPart:
    """A legal standing with its three dates on the desk's clock."""
    return LegalPart(
        state=legal.state,
        severity=worst(of_facility(legal.state) or ["pass"]),
        since=since_part(legal, zone),
        deadline=instant_said(legal.deadline),
        by_lapse=legal.by_lapse,
        because=legal.because,
        continuing_until=legal.continuing_until,
        standstill_until=instant_said(legal.standstill_until),
        rights_reserved=day_said(legal.reserved, zone),
    )


def task_part(one: Task) -> TaskPart:
    """What is left to do."""
    return TaskPart(
        kind=one.kind,
        party=one.party,
        facility=one.facility,
        covenant=one.covenant,
        text=one.text,
        since=instant_said(one.since),
        due=instant_said(one.due),
    )


def since_part(legal: Legal, zone: dt.tzinfo) -> SincePart:
    """The three dates of a standing: tested, known, acted on."""
    tested, known, acted = (day_said(at, zone) for at in (legal.tested_as_of, legal.known_at, legal.acted_on))
    return SincePart(tested_as_of=tested, known_at=known, acted_on=acted)


def instant_said(moment: dt.datetime | None) -> str | None:
    """RFC 3339, None where there is none."""
    return iso(moment) if moment is not None else None


def day_said(moment: dt.datetime | None, zone: dt.tzinfo) -> str | None:
    """An instant for test dates and the three dates: a day where it is the end of one on the desk's clock, else the instant."""
    if moment is None:
        return None
    there = moment.astimezone(zone)
    return iso(moment) if there.time() != dt.time() else (there.date() - dt.timedelta(days=1)).isoformat()


__all__ = ["day_said", "event_part", "instant_said", "legal_part", "since_part", "task_part"]

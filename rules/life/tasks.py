"""What is left to do, by us or by the borrower: read off the legal states and the events, never stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from rules.events import Event
from rules.life.clocks import Clockwork
from rules.life.legal import Legal

Kind = Literal[
    "reserve_rights", "send_notice", "mark_missing", "certificate_overdue", "waiver_expiring", "principal_unknown", "repayment_unknown"
]
EXPIRING = dt.timedelta(days=30)
"""How long before its end a waiver or a forbearance is a task."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do: `party` is `us` or `borrower`, `covenant` None where it is about the facility, `due` when it must be done."""

    kind: Kind
    party: Literal["us", "borrower"]
    facility: str
    covenant: str | None
    text: str
    since: dt.datetime | None = None
    due: dt.datetime | None = None


class Place(msgspec.Struct, frozen=True):
    """Whose tasks are looked for: a facility, or one of its covenants, with the clock it counts by."""

    facility: str
    covenant: str | None
    title: str
    clock: Clockwork


def reserve_rights(place: Place, legal: Legal, days: int, now: dt.datetime) -> Task | None:
    """A default known for `days` business days with no reservation of rights and nothing else done about it in law.

    A waiver or forbearance is itself the answer; a debt that was called due reserves nothing any more.
    """
    known = legal.fell or legal.known_at
    if legal.fall not in ("default", "cure_pending", "event_of_default") or legal.reserved is not None or known is None:
        return None
    due = place.clock.after(f"{days}BD", known)
    if now < due:
        return None
    text = f"{place.title}: {legal.state.replace('_', ' ')} known since {_day(place, known)}, rights not reserved"
    return _task("reserve_rights", "us", place, text, known, due)


def send_notice(place: Place, legal: Legal) -> Task | None:
    """A call that may be made and was not."""
    if legal.state == "callable":
        since = _day(place, legal.known_at)
        return _task("send_notice", "us", place, f"{place.title}: callable since {since}, no notice sent", legal.known_at, None)
    if legal.state == "call" and legal.rung == "accelerated_call":
        return _task("send_notice", "us", place, f"{place.title}: the accelerated call level is reached, no notice of it sent", None, None)
    return None


def mark_missing(place: Place, marks: Sequence[str], at: dt.datetime) -> Task | None:
    """A mark of ours that a test date lacks: no clock of the borrower's starts."""
    if not marks:
        return None
    text = f"{place.title}: no usable mark of {', '.join(marks)} for the test as of {_day(place, at)}"
    return _task("mark_missing", "us", place, text, at, None)


def certificate_overdue(place: Place, period: dt.date, due: dt.date, grace: str | None, now: dt.datetime) -> Task | None:
    """A certificate whose due day has passed: the information covenant's clock, with the grace it gives."""
    since = place.clock.day_end(due)
    if now < since:
        return None
    end = place.clock.after_day(grace, due) if grace is not None else None
    text = f"{place.title}: the certificate for the period to {period.isoformat()} was due {due.isoformat()}"
    return _task("certificate_overdue", "borrower", place, text, since, end)


def expiring(facility: str, events: Iterable[Event], clock: Clockwork, now: dt.datetime) -> list[Task]:
    """Waivers and forbearances of a facility that end within thirty days."""
    found = []
    for one in events:
        if one.kind in ("waiver", "forbearance") and one.until is not None and one.effective <= now <= one.until <= now + EXPIRING:
            place = Place(facility, one.covenant, one.covenant or facility, clock)
            asks = f"; asks for: {one.conditions}" if one.conditions else ""
            text = f"{place.title}: the {one.kind} ends {_day(place, one.until)}{asks}"
            found.append(_task("waiver_expiring", "us", place, text, one.effective, one.until))
    return found


def principal_unknown(place: Place, clause: str | None, names: Iterable[str]) -> Task:
    """A cross-link whose threshold cannot be held against a default elsewhere."""
    of = f" (clause {clause})" if clause else ""
    return _task(
        "principal_unknown", "us", place, f"{place.title}: cross-link{of}: principal of {', '.join(sorted(names))} not known", None, None
    )


def repayment_unknown(place: Place, due: dt.date, what: str, amount: float | None, currency: str) -> Task:
    """A debt whose last day has passed with nothing recorded since: it may be repaid, or owed and late."""
    scheduled = "" if amount is None else f" ({currency} {amount:,.0f} was due)"
    text = f"{place.title}: {what} {due.isoformat()} passed: record the repayment, or the balance still owed{scheduled}"
    return _task("repayment_unknown", "us", place, text, place.clock.day_end(due), None)


def not_told_repaid(tasks: Iterable[Task]) -> dict[str, list[str]]:
    """By facility, what is to be done where it is not known whether a debt was repaid: then what is owed is not known either."""
    found: dict[str, list[str]] = {}
    for one in tasks:
        if one.kind == "repayment_unknown":
            found.setdefault(one.facility, []).append(one.text)
    return found


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """Ours first, the earliest due first, undated last."""
    return sorted(
        tasks, key=lambda one: (one.party != "us", one.due is None, (one.due and one.due.timestamp()) or 0.0, one.facility, one.text)
    )


def _task(
    kind: Kind, party: Literal["us", "borrower"], place: Place, text: str, since: dt.datetime | None, due: dt.datetime | None
) -> Task:
    return Task(kind=kind, party=party, facility=place.facility, covenant=place.covenant, text=text, since=since, due=due)


def _day(place: Place, at: dt.datetime | None) -> str:
    return place.clock.day(at).isoformat() if at is not None else "an unknown day"

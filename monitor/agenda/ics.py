"""The calendar as iCalendar (RFC 5545), so that deadlines stand in the desk's own calendar program."""

from __future__ import annotations

import datetime as dt
import hashlib

from icalendar import Calendar, Event

from facilities.inert import inert
from monitor.agenda.entries import Entry
from monitor.version import VERSION


def calendar_ics(as_of: dt.datetime, entries: list[Entry]) -> str:
    """One event an entry: an instant where there is one, else the whole day; the same entry keeps its identity from run to run."""
    made = Calendar()
    made.add("prodid", f"-//covenant-monitor//{VERSION}//EN")
    made.add("version", "2.0")
    for one in entries:
        made.add_component(_event(one, as_of))
    written: bytes = made.to_ical()
    return written.decode("utf-8").removesuffix("\n")  # lines end in CR LF, as the standard has it


def _event(one: Entry, as_of: dt.datetime) -> Event:
    event = Event()
    about = "/".join(part for part in (one.facility, one.covenant) if part)
    identity = "|".join((one.kind, one.facility, one.covenant or "", one.date, one.title))
    event.add("uid", hashlib.sha256(identity.encode()).hexdigest()[:32] + "@covenant-monitor")
    event.add("dtstamp", as_of)
    if one.at:
        event.add("dtstart", dt.datetime.fromisoformat(one.at))
    else:
        day = dt.date.fromisoformat(one.date)
        event.add("dtstart", day)
        event.add("dtend", day + dt.timedelta(days=1))
    event.add("summary", inert(f"{one.facility}: {one.title}"))
    words = [about, one.clause and f"clause {one.clause}", one.partial and f"the agreement says {one.partial}"]
    event.add("description", inert("; ".join(word for word in words if word)))
    event.add("categories", [one.kind])
    return event

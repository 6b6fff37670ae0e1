"""`covenant calendar`: what is due when, and what each obligor group must roll over."""

from __future__ import annotations

import argparse
import datetime as dt

from monitor.places import UsageError
from monitor.verbs.asking import nearest, open_session, picture_of, put


def run(arguments: argparse.Namespace) -> int:
    """Entries to the horizon in the chosen format. Raises UsageError for a horizon or facility that is none."""
    from monitor.agenda.entries import entries_of
    from monitor.agenda.text import calendar_json, calendar_text
    from monitor.agenda.wall import walls_of
    from monitor.report.words import iso

    picture = picture_of(arguments, open_session(arguments))
    wanted = frozenset(arguments.facility) if arguments.facility else None
    for name in wanted or ():
        if name not in picture.book.ids:
            raise UsageError(nearest("no facility is called", name, list(picture.book.ids)))
    last = _last(arguments.horizon, picture.as_of)
    entries = entries_of(picture, last, wanted)
    if arguments.format == "ics":
        from monitor.agenda.ics import calendar_ics

        put(arguments, calendar_ics(picture.as_of, entries))
        return 0
    write = calendar_json if arguments.format == "json" else calendar_text
    put(arguments, write(iso(picture.as_of), last.isoformat(), entries, walls_of(picture, wanted)))
    return 0


def _last(horizon: str, as_of: dt.datetime) -> dt.date:
    from facilities.calendars import Calendar
    from facilities.durations import parse_duration

    try:
        return dt.date.fromisoformat(horizon) if "-" in horizon else parse_duration(horizon).end(as_of, Calendar("weekends")).date()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--horizon: {error}; give a date, or a duration such as 90d or 1y") from None

"""Instants as people write them: a date is the end of that day in the desk's timezone, a time carries its offset."""

from __future__ import annotations

import datetime as dt

from facilities.calendars import Calendar
from facilities.durations import Duration

_DAY = dt.timedelta(days=1)
_YEARS = range(1900, 2200)


class NoOffset(ValueError):
    """A time of day was written without saying in which timezone."""


def zone(name: str) -> dt.tzinfo:
    """The timezone `name`. Raises ZoneInfoNotFoundError (a KeyError) or ValueError when there is none."""
    if name == "UTC":
        return dt.UTC
    from zoneinfo import ZoneInfo  # costs a millisecond that a desk on UTC need not pay

    return ZoneInfo(name)


def end_of_day(day: dt.date, timezone: dt.tzinfo) -> dt.datetime:
    """24:00 of `day` in `timezone`, as a UTC instant. Raises OverflowError on the last day there is."""
    return dt.datetime.combine(day + _DAY, dt.time(), timezone).astimezone(dt.UTC)


def instant(text: str, timezone: dt.tzinfo) -> dt.datetime:
    """`2026-11-22` (its end) or an RFC 3339 time as a UTC instant.

    Raises NoOffset on a time without an offset, ValueError on anything else and on years that no market has seen.
    """
    if text[:4].isdigit() and int(text[:4]) not in _YEARS:
        raise ValueError(f"{text!r} lies outside the years {_YEARS[0]} to {_YEARS[-1]}")
    if len(text) == 10 and text[4] == text[7] == "-":
        return end_of_day(dt.date.fromisoformat(text), timezone)
    if len(text) < 16 or text[4] + text[7] + text[13] != "--:" or text[10] not in "Tt ":
        raise ValueError(f"{text!r} is neither a date nor a time")
    moment = dt.datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        raise NoOffset(f"{text!r} has no offset")
    return moment.astimezone(dt.UTC)


def after(start: dt.datetime, span: Duration, timezone: dt.tzinfo, calendar: Calendar) -> dt.datetime:
    """The UTC instant `span` after the UTC instant `start`, on the clock and calendar of the desk.

    Midnight is the end of the day before, so that one business day after the end of a Friday is the end of Monday.
    """
    if span.count == 0:
        return start
    local = start.astimezone(timezone)
    if span.unit != "BD" or local.time() != dt.time():
        return span.end(local, calendar).astimezone(dt.UTC)
    return end_of_day(span.end(local - _DAY, calendar).date(), timezone)

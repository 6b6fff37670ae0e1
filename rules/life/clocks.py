"""Clocks: when a grace, a cure window, a notice or a call is over, on the calendar and in the timezone of the agreement."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from facilities.calendars import Calendar
from facilities.durations import parse_duration

_DAY = dt.timedelta(days=1)
_INSTANT = dt.timedelta(microseconds=1)


class Clockwork(NamedTuple):
    """The business days and the timezone by which an agreement counts."""

    calendar: Calendar
    zone: dt.tzinfo = dt.UTC

    def day(self, at: dt.datetime) -> dt.date:
        """The local day an instant belongs to; a midnight closes the day before it."""
        return (at - _INSTANT).astimezone(self.zone).date()

    def day_end(self, day: dt.date) -> dt.datetime:
        """24:00 of a local day as a UTC instant, across clock changes."""
        return dt.datetime.combine(day + _DAY, dt.time(), self.zone).astimezone(dt.UTC)

    def after_day(self, span: str, day: dt.date) -> dt.datetime:
        """The end of the last day of a span counted from a day; hours run from the end of that day."""
        length = parse_duration(span)
        if length.unit == "h":
            return self.day_end(day) + dt.timedelta(hours=length.count)
        return self.day_end(length.end(dt.datetime.combine(day, dt.time()), self.calendar).date())

    def after(self, span: str, start: dt.datetime, business: bool = False) -> dt.datetime:
        """When a span is over: hours elapse (on a business clock on open days only), days end with the last of them."""
        length = parse_duration(span)
        if length.unit != "h":
            return self.after_day(span, self.day(start))
        left = dt.timedelta(hours=length.count)
        return self._open_hours(start, left) if business else start + left

    def _open_hours(self, start: dt.datetime, left: dt.timedelta) -> dt.datetime:
        at, day = start, (start if start.tzinfo is None else start.astimezone(self.zone)).date()
        while left:
            night = self.day_end(day)
            used = min(left, night - at) if self.calendar.is_business_day(day) else dt.timedelta(0)
            if used == left:
                return at + used
            at, left, day = night, left - used, day + _DAY
        return at


def sooner(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    """The earlier of two deadlines: a new clock never lengthens the one that runs."""
    if one is None or other is None:
        return one or other
    return min(one, other)

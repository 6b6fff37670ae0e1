"""Durations as agreements write them: hours, calendar days, business days, months and years."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, cast

import msgspec

from facilities.calendars import Calendar
from facilities.paydates import add_months

Unit = Literal["h", "D", "BD", "m", "y"]

_LONGEST: dict[str, int] = {"h": 876_600, "D": 36_525, "BD": 36_525, "m": 1_200, "y": 100}
PATTERN = "([0-9]{1,6})(h|d|D|BD|m|y)"
"""A duration as it is written, as a regular expression."""

_WRITTEN = re.compile(PATTERN, re.ASCII)


class Duration(msgspec.Struct, frozen=True):
    """`count` of `unit`: `h` elapsed hours, `D` calendar days, `BD` business days, `m` months, `y` years."""

    count: int
    unit: Unit

    def end(self, start: dt.datetime, calendar: Calendar) -> dt.datetime:
        """The instant this long after `start`.

        Hours elapse; every other unit keeps the time of day on `start`'s own clock and moves the date: business days by
        `calendar` (from a closed day the first is the next open one), months cut to the month's last day.
        """
        if self.unit == "h":
            return _elapse(start, dt.timedelta(hours=self.count))
        return dt.datetime.combine(self._day(start.date(), calendar), start.timetz())

    def _day(self, start: dt.date, calendar: Calendar) -> dt.date:
        if self.unit == "BD":
            return calendar.add_business_days(start, self.count)
        if self.unit == "D":
            return start + dt.timedelta(days=self.count)
        return add_months(start, self.count * (12 if self.unit == "y" else 1))

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def parse_duration(text: str) -> Duration:
    """Read `48h`, `90d` or `90D` (calendar days), `10BD`, `3m` (months), `2y`; at most a hundred years.

    Raises ValueError that says what was expected.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected a duration such as 48h, 90D, 10BD, 3m or 2y, got {text!r}")
    count, unit = int(match[1]), "D" if match[2] == "d" else match[2]
    if count > _LONGEST[unit]:
        raise ValueError(f"a duration is at most a hundred years, got {text!r}")
    return Duration(count, cast(Unit, unit))


def _elapse(start: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """Elapsed time through UTC: a clock change in between neither adds nor takes an hour."""
    if start.tzinfo is None:
        return start + span
    return (start.astimezone(dt.UTC) + span).astimezone(start.tzinfo)

"""The axis of days: where a day lies, and round dates (days, months, quarters, years) as ticks that do not collide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6)
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_GAP = 2


class Days(NamedTuple):
    """A span of days over a number of dots."""

    first: dt.date
    last: dt.date
    dots: int

    def place(self, day: dt.date) -> int:
        """The dot of a day; a span of one day lies in the middle."""
        span = (self.last - self.first).days
        return (self.dots - 1) // 2 if span == 0 else ((day - self.first).days * (self.dots - 1) * 2 + span) // (2 * span)


def days_of(days: Iterable[dt.date], dots: int, otherwise: dt.date) -> Days:
    """The span of some days, or of one day alone."""
    known = list(days) or [otherwise]
    return Days(min(known), max(known), dots)


def date_ticks(first: dt.date, last: dt.date, columns: int) -> list[tuple[dt.date, str]]:
    """Round dates from `first` to `last` with labels that stand side by side in `columns` cells; the finest that fit."""
    span = (last - first).days
    for step, form, days in _steps():
        if span / days > columns:  # far too many to list
            continue
        found = list(step(first, last))
        wide = len(_written(first, form)) + _GAP
        if len(found) * wide <= columns and (len(found) < 2 or columns * days >= wide * max(1, span)):
            return [(day, _written(day, form)) for day in found] or [(first, first.isoformat())][: columns // 10]
    return []


def _steps() -> Iterator[tuple[_Step, str, float]]:
    for number in _DAYS:
        yield _Step(number, 0), "day", number
    for number in _MONTHS:
        yield _Step(0, number), "month", number * 28
    for number in _YEARS:
        yield _Step(0, 12 * number), "year", number * 365


class _Step(NamedTuple):
    days: int
    months: int

    def __call__(self, first: dt.date, last: dt.date) -> Iterator[dt.date]:
        """The round dates of this step in a span."""
        if self.days:
            start = first.toordinal() + (-first.toordinal() + 1) % self.days  # weeks start on Mondays
            yield from (dt.date.fromordinal(day) for day in range(start, last.toordinal() + 1, self.days))
            return
        month = -(-(first.year * 12 + first.month - 1 + (first.day > 1)) // self.months) * self.months
        while month <= last.year * 12 + last.month - 1 and month < 12 * (dt.MAXYEAR + 1):
            if month >= 12:
                yield dt.date(month // 12, month % 12 + 1, 1)
            month += self.months


def _written(day: dt.date, form: str) -> str:
    return {"day": f"{day:%m-%d}", "month": f"{day.year:04}-{day.month:02}", "year": f"{day.year:04}"}[form]

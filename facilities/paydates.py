"""Payment dates: steps of whole months from an anchor, month-ends kept, and the dates of a loan from start to maturity."""

from __future__ import annotations

import calendar
import datetime as dt

MONTHS = {"monthly": 1, "quarterly": 3, "semi-annual": 6, "annual": 12}
"""Months between two payments, for the frequencies that have them."""
_CENTURY = 1200


def add_months(day: dt.date, months: int, *, keep_month_end: bool = False) -> dt.date:
    """`day` moved by whole months, cut to the month's last day where it has no such day.

    With `keep_month_end` the last day of a month moves to the last day of a month. Raises ValueError outside years 1-9999.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(f"{day} moved by {months} months leaves the calendar")
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, last if keep_month_end and is_month_end(day) else min(day.day, last))


def is_month_end(day: dt.date) -> bool:
    """Whether `day` is the last of its month."""
    return day.day == calendar.monthrange(day.year, day.month)[1]


def regular_dates(start: dt.date, first: dt.date | None, months: int, maturity: dt.date | None, count: int | None) -> list[dt.date]:
    """Payment dates after `start`, unadjusted: all before `maturity` and then `maturity` itself, or without one `count` of them.

    They step from `start`, or from `first` where that is not the date one step after `start`. Raises ValueError where `maturity`
    or `first` is not after `start`, where neither `maturity` nor `count` is given, and beyond a hundred years.
    """
    if maturity is None and count is None:
        raise ValueError("payment dates need a maturity or a number of payments")
    for name, day in (("maturity", maturity), ("first payment", first)):
        if day is not None and not start < day <= add_months(start, _CENTURY):
            raise ValueError(f"the {name} {day} is not within a hundred years after the start {start}")
    usual = add_months(start, months, keep_month_end=True)
    anchor, offset = (start, 1) if first is None or first == usual else (first, 0)
    dates: list[dt.date] = []
    while maturity is not None or len(dates) < (count or 0):
        day = add_months(anchor, months * (len(dates) + offset), keep_month_end=True)
        if maturity is not None and day >= maturity:
            return [*dates, maturity]
        dates.append(day)
    return dates


def lead_in_dates(opening: dt.date, anchor: dt.date, months: int) -> list[dt.date]:
    """Dates in [`opening` + one step, `anchor`), stepping back from `anchor`: interest paid before principal starts.

    Where `opening` is no whole number of steps away the first period is the long one.
    """
    earliest = add_months(opening, months, keep_month_end=True)
    dates: list[dt.date] = []
    while (day := add_months(anchor, -months * (len(dates) + 1), keep_month_end=True)) >= earliest:
        dates.append(day)
    return dates[::-1]

"""The days of a replay: from one to another, by whole days, months or years."""

from __future__ import annotations

import datetime as dt

MOST_DAYS = 36_525


def days_of(first: dt.date, last: dt.date, step: str = "1d") -> list[dt.date]:
    """Every step from the first day on, counted from the first so that ends of months stay ends.

    Raises ValueError for a step that is no span of whole days, and for a last day before the first or a century after it.
    """
    from facilities.durations import parse_duration
    from facilities.paydates import add_months

    if first > last:
        raise ValueError(f"{first} lies after {last}")
    span = parse_duration(step)
    if span.unit in ("h", "BD") or span.count < 1:
        raise ValueError(f"{step}: a replay steps by whole days, months or years, such as 1d, 7d or 1m")
    months = {"m": 1, "y": 12}.get(span.unit)
    found: list[dt.date] = []
    for number in range(MOST_DAYS):
        count = number * span.count
        day = add_months(first, count * months) if months else first + dt.timedelta(days=count)
        if day > last:
            return found
        found.append(day)
    raise ValueError(f"{first} to {last}: more than {MOST_DAYS:,} days")

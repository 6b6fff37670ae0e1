"""Months of days: days moved by months, ends of months staying ends, and whole months between two days, column by column."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np

from facilities import paydates
from rules.columns import Bools, Ints, by_day

_EPOCH = 719_163
"""The ordinal of 1970-01-01, from which numpy counts days and months."""
_FIRST, _LAST = 1, 3_652_059
"""The ordinals of the first and the last day a calendar knows."""


def shift(days: Ints, months: Ints | int) -> Ints:
    """int64[N]: every day moved by months, the last of a month staying the last; a day moved out of the calendar stays."""
    if isinstance(months, int):
        return by_day(days, lambda some: _shift(some, np.int64(months)))
    return _shift(days, months)


@lru_cache(65536)  # loans of one desk share most of their dates
def add_months(day: dt.date, months: int) -> dt.date:
    """One day moved so. Raises ValueError outside years 1-9999."""
    return paydates.add_months(day, months, keep_month_end=True)


def _shift(days: Ints, months: Ints | np.int64) -> Ints:
    month, place, ends = _parts(days)
    to = month + months
    length = _starts(to + 1) - _starts(to)
    moved = _starts(to) + np.where(ends, length, np.minimum(place, length))
    return np.asarray(np.where((moved < _FIRST) | (moved > _LAST), days, moved))


def months_between(start: Ints, end: Ints) -> Ints:
    """int64[N]: whole months from one day to another, none where the other comes first."""
    months = _parts(end)[0] - _parts(start)[0]
    return np.maximum(0, np.where(shift(start, months) <= end, months, months - 1))


def _parts(days: Ints) -> tuple[Ints, Ints, Bools]:
    """(months since 1970, day of the month from 1, whether it is the last of its month)."""
    month = (days - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64)
    return month, days - _starts(month), days == _starts(month + 1)


def _starts(month: Ints) -> Ints:
    """int64[N]: the ordinal of the day before each month, counted from 1970."""
    return month.astype("M8[M]").astype("M8[D]").astype(np.int64) + _EPOCH - 1

"""Worlds from history: one value and one degree of doubt for every series at every instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from facilities.calendars import Calendar
from monitor.marks.history import History
from rules.worlds import DATA, Worlds


def worlds_at(
    history: History,
    series: Sequence[str],
    instants: Sequence[dt.datetime],
    known_at: Sequence[dt.datetime],
    basis: str,
    calendar: Calendar | None = None,
) -> Worlds:
    """Each of K `series` at each of T UTC `instants` as known at the same place of `known_at`: one path.

    `marks` is float64[K, 1, T] in canonical units, NaN where the mark is missing; a stale or single-source value is
    there, and `data` int8[K, T] says so. Raises ValueError when the two lists of instants differ in length.
    """
    marks = np.full((len(series), 1, len(instants)), np.nan)
    data = np.empty((len(series), len(instants)), dtype=np.int8)
    times = list(zip(instants, known_at, strict=True))
    for k, name in enumerate(series):
        for t, (at, known) in enumerate(times):
            seen = history.observe(name, at, known, calendar=calendar)
            data[k, t] = DATA.index(seen.data)
            if seen.value is not None:
                marks[k, 0, t] = seen.value
    return Worlds(tuple(series), tuple(instants), tuple(known_at), marks, data, basis)

"""Dated rows that follow one another: each after the one before, and no day twice, or no one can say which is in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from facilities.model import (
    Amortisation,
    Balance,
    Draw,
    Facility,
    FacilityFile,
    Instalment,
    ObligorFile,
    Reported,
    Step,
    Terms,
    Tranche,
)
from facilities.ranges import Beyond
from facilities.walk import Keys, holders, tables

_DATED: dict[type[Terms], tuple[str, ...]] = {
    Amortisation: ("instalment",),
    Facility: ("balance", "draw"),
    FacilityFile: ("reported",),
    ObligorFile: ("reported",),
    Tranche: ("balance",),
}


def disorder(terms: Terms) -> Iterator[Beyond]:
    """Every dated row below `terms` that stands before its time, or on a day that has a row."""
    for path, table in tables(terms):
        for key, rows in _dated(table):
            yield from _disorder(rows, (*path, key))


def _dated(table: Terms) -> Iterator[tuple[str, Sequence[Terms]]]:
    """The arrays of `table` whose rows are in force one after the other."""
    for name, key in holders(type(table)):
        rows = getattr(table, name)
        if isinstance(rows, list) and rows and (isinstance(rows[0], Step) or name in _DATED.get(type(table), ())):
            yield key, rows


def _disorder(rows: Sequence[Terms], path: Keys) -> Iterator[Beyond]:
    for number in range(1, len(rows)):
        (key, before, seen), (_, after, again) = _when(rows[number - 1]), _when(rows[number])
        if after < before:
            yield Beyond("F026", (*path, number, key), f"{after} stands after {before}")
        elif (before, seen) == (after, again) and not isinstance(rows[number], Draw):
            yield Beyond("F027", (*path, number, key), f"{after} stands twice")


def _when(row: Terms) -> tuple[str, dt.date, dt.date | None]:
    """The key that dates a row, its date, and the day it was known: an observation can be revised later."""
    match row:
        case Step():
            return "from", row.from_, None
        case Balance():
            return "date", row.date, row.known
        case Reported():
            return "period_end", row.period_end, row.delivered
        case Draw() | Instalment():
            return "date", row.date, None
    raise TypeError(type(row))

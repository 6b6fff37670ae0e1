"""What holds in every table alike: dated rows in order, durations that can be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from facilities.durations import parse_duration
from facilities.lint.findings import Findings, Keys, tables
from facilities.model import (
    Amortisation,
    Balance,
    Draw,
    Facility,
    FacilityFile,
    Instalment,
    ObligorFile,
    Reported,
    SeriesPolicy,
    Step,
    Terms,
    Tranche,
)

_DURATIONS = ("max_age", "publication_lag")
"""Of the desk's mark policies; those of an agreement are checked as it is read."""

_DATED: dict[type[Terms], tuple[str, ...]] = {
    Amortisation: ("instalment",),
    Facility: ("balance", "draw"),
    FacilityFile: ("reported",),
    ObligorFile: ("reported",),
    Tranche: ("balance",),
}


def check_tables(terms: Terms, findings: Findings) -> None:
    """Durations and dated rows of every table below `terms`."""
    for path, table in tables(terms):
        for name in _DURATIONS if isinstance(table, SeriesPolicy) else ():
            _check_duration(getattr(table, name), (*path, name), findings)
        for key, rows in _dated(table):
            _check_order(rows, (*path, key), findings)


def _check_duration(text: str | None, path: Keys, findings: Findings) -> None:
    if text is None:
        return
    try:
        parse_duration(text)
    except ValueError:
        findings.add("F046", path, f"{text!r} is not a duration")


def _dated(table: Terms) -> Iterator[tuple[str, Sequence[Terms]]]:
    """The arrays of `table` whose rows are in force one after the other."""
    for name, key in zip(table.__struct_fields__, table.__struct_encode_fields__, strict=True):
        rows = getattr(table, name)
        if isinstance(rows, list) and rows and (isinstance(rows[0], Step) or name in _DATED.get(type(table), ())):
            yield key, rows


def _check_order(rows: Sequence[Terms], path: Keys, findings: Findings) -> None:
    for number in range(1, len(rows)):
        (key, before, seen), (_, after, again) = _when(rows[number - 1]), _when(rows[number])
        if after < before:
            findings.add("F026", (*path, number, key), f"{after} stands after {before}")
        elif (before, seen) == (after, again) and not isinstance(rows[number], Draw):
            findings.add("F027", (*path, number, key), f"{after} stands twice")


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

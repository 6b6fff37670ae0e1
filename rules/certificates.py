"""Certificates as columns: every reported period of a desk, since when it is known, and which later one takes its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from facilities.load import Desk
from facilities.model import FacilityFile, Reported
from rules.columns import FAR, Floats, Ints, Table, ordinal
from rules.events import Event
from rules.months import add_months
from rules.worlds import day_of

MONTH = 30.4375
"""Days in a month, on average."""


class Reports(msgspec.Struct, frozen=True):
    """Certified periods: first and last day, when delivered, since when that is known, when replaced, lines[R, L] (NaN: not carried)."""

    table: Table
    start: Ints
    end: Ints
    delivered: Ints
    known: Ints
    replaced: Ints
    lines: Floats
    names: dict[str, int]


def reports_of(desk: Desk, one: FacilityFile) -> list[Reported]:
    """A facility's reported periods: its own, or the borrower's where the file has none."""
    who = desk.obligors.get(one.facility.borrower)
    return list(one.reported) or (list(who.reported) if who else [])


def certified(desk: Desk, terms: tuple[FacilityFile, ...], events: Sequence[Event], zone: dt.tzinfo) -> Reports:
    """The reported periods of some facilities; a recorded delivery says when it came and was known, else the file does."""
    rows = [(f, row) for f, one in enumerate(terms) for row in reports_of(desk, one)]
    names = {name: place for place, name in enumerate(sorted({name for _, row in rows for name in row.lines}))}
    lines = np.full((len(rows), len(names)), np.nan)
    for place, (_, row) in enumerate(rows):
        for name, value in row.lines.items():
            lines[place, names[name]] = float(value)
    ends = np.array([row.period_end.toordinal() for _, row in rows], dtype=np.int64)
    starts = np.array([add_months(row.period_end, -row.months).toordinal() for _, row in rows], dtype=np.int64)
    came = {(one.facility, one.period_end): one for one in events if one.kind == "certificate_delivered"}
    told = [came.get((terms[f].facility.id, row.period_end)) for f, row in rows]
    both = list(zip(told, rows, strict=True))
    delivered = np.array([day_of(one.effective, zone) if one else ordinal(row.delivered) for one, (_, row) in both], dtype=np.int64)
    known = np.array([day_of(one.known, zone) if one else ordinal(row.delivered) for one, (_, row) in both], dtype=np.int64)
    return Reports(Table(len(terms), rows), starts, ends, delivered, known, _replaced(rows, known), lines, names)


def months_reported(reports: Reports) -> Ints:
    """int64[F]: the months of the shortest period that each facility reports; one where it reports none."""
    found = np.full(len(reports.table.start), FAR, dtype=np.int64)
    np.minimum.at(found, reports.table.owner, np.round((reports.end - reports.start) / MONTH).astype(np.int64))
    return np.where(found < FAR, np.maximum(found, 1), 1)


def _replaced(rows: list[tuple[int, Reported]], known: Ints) -> Ints:
    """When a later delivery for the same period, once known, takes a report's place."""
    by_period: dict[tuple[int, dt.date, int], list[int]] = {}
    for place, (f, row) in enumerate(rows):
        by_period.setdefault((f, row.period_end, row.months), []).append(place)
    replaced = np.full(len(rows), FAR, dtype=np.int64)
    for places in by_period.values():
        ordered = sorted(places, key=lambda place: (known[place], place))
        for earlier, later in pairwise(ordered):
            replaced[earlier] = known[later]
    return replaced


__all__ = ["MONTH", "Reports", "certified", "months_reported", "reports_of"]

"""Rows that speak of one print twice: the same said again, or something else said for the same instant."""

from __future__ import annotations

from collections.abc import Iterable

from facilities.problems import Problem
from monitor.marks.prints import OVERRIDE, Print
from monitor.marks.problems import problem
from monitor.marks.rows import Row


def without_repeats(rows: Iterable[Row]) -> tuple[list[Print], list[Problem]]:
    """The prints in order, identical ones once; and what repeats, contradicts, or changes the unit of its series."""
    first: dict[object, Row] = {}
    units: dict[str, Row] = {}
    problems: list[Problem] = []
    for row in rows:
        made = row.made
        # a person's override may stand beside the very print it replaces
        key = (made.series, made.as_of, made.known_at, made.source, made.kind == OVERRIDE)
        earlier = first.setdefault(key, row)
        if earlier is not row:
            problems.append(_repeated(row, earlier))
        same_series = units.setdefault(made.series, row)
        if same_series.made.unit != made.unit:
            message = f"{made.unit!r} here, {same_series.made.unit!r} at {same_series.made.origin}"
            problems.append(problem("M021", row.place("unit"), message))
    return [row.made for row in first.values()], problems


def _repeated(row: Row, earlier: Row) -> Problem:
    if row.made.value == earlier.made.value:
        return problem("M024", row.place("series"), f"the same print stands at {earlier.made.origin}")
    return problem("M023", row.place("value"), f"{row.made.value!r} here, {earlier.made.value!r} at {earlier.made.origin}")

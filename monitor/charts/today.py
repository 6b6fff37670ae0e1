"""From a picture to the wall of each group and to the marks with their age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np

from monitor.agenda.wall import Wall
from monitor.assess import Picture
from monitor.charts.inputs import NO_DATE, Bar, MarkInput, Point, WallInput, known_from
from monitor.charts.past import days_between
from monitor.marks.columns import column
from monitor.marks.instants import end_of_day
from rules.scope import day_of
from rules.worlds import STALE


def wall_input(wall: Wall) -> WallInput:
    """The bars of a wall: every year from the first to the last in which something falls due, empty ones too; last what has no date."""
    dated: dict[str, int] = {}
    for due in wall.dues:
        if due.date and (due.amount is None or due.currency != wall.currency):
            dated[due.date[:4]] = dated.get(due.date[:4], 0) + 1
    named = [int(year) for year in {*wall.years, *wall.puts, *dated}]
    years = [f"{year:04}" for year in range(min(named), max(named) + 1)] if named else []
    bars = tuple(Bar(year, wall.years.get(year, 0.0), wall.puts.get(year, 0.0), dated.get(year, 0)) for year in years)
    undated = [due for due in wall.dues if not due.date]
    known = [due.amount for due in undated if due.amount is not None and due.currency == wall.currency]
    if undated:
        bars = (*bars, Bar(NO_DATE, sum(known), 0.0, len(undated) - len(known)))
    shown = {due.debt for due in undated if due.amount is not None and due.currency == wall.currency}
    return WallInput(title=wall.group, currency=wall.currency, bars=bars, unknown=tuple(one for one in wall.unknown if one not in shown))


def _read(picture: Picture) -> Iterator[str]:
    """The series that a covenant reads under the desk's policy; what is assumed has no past unless it has prints."""
    index, history = picture.book.series, picture.session.history
    for k, series in enumerate(index.names):
        if index.policies[k] is None and not (series in index.assumed and history.series(series) is None):
            yield series


def mark_inputs(picture: Picture, days: int = 180, wanted: str | None = None, beside: Sequence[str] = ()) -> list[MarkInput]:
    """The series the desk reads under its own policy, the name or prefix `wanted` only, with `days` days of past as known then.

    `beside` names series that are shown though no covenant reads them.
    """
    last = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    past = days_between(last - dt.timedelta(days=days), last)
    instants = [min(end_of_day(day, picture.session.timezone), picture.as_of) for day in past]
    history, found = picture.session.history, []
    for series in dict.fromkeys([*_read(picture), *beside]):
        if wanted is not None and series != wanted and not series.startswith(f"{wanted}."):
            continue
        values, data = column(history, series, instants, [min(at, picture.known_at) for at in instants])
        known = np.isfinite(values) & (data < STALE)
        points = tuple(Point(day, float(one) if sure else None) for day, one, sure in zip(past, values, known, strict=True))
        seen = history.observe(series, picture.as_of, picture.known_at)
        before = history.previous(series, picture.as_of, picture.known_at)
        move = None if seen.value is None or not before else seen.value / before - 1
        found.append(MarkInput(series, points, seen.value, move, seen.age_days, seen.data))
    trimmed = known_from(*(mark.points for mark in found))
    return sorted((mark._replace(points=points) for mark, points in zip(found, trimmed, strict=True)), key=lambda mark: mark.series)

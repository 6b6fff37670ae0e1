"""The ratio of a replayed covenant against its dated limit, with the days of the first warning and the first fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from math import isfinite

from monitor.board.spans import Line
from monitor.charts.canvas import Style
from monitor.charts.inputs import Point, Points, RatioInput, Size
from monitor.charts.ratio import ratio_chart
from monitor.replay.tracks import Track
from monitor.replay.verdict import Verdict, word


def replay_chart(days: Sequence[dt.date], track: Track, one: Verdict, size: Size, style: Style) -> list[Line] | None:
    """The chart in exactly `size` cells; None where there is no figure on any day, or a single day."""
    made = chart_input(days, track, one)
    if len(days) < 2 or all(point.value is None for point in made.history):
        return None
    return ratio_chart(made, size, style)


def chart_input(days: Sequence[dt.date], track: Track, one: Verdict) -> RatioInput:
    """Each day's figure as known that day, unknown where it could not be judged; the limits that were in force."""
    codes = track.leading.tolist()
    history = tuple(
        Point(day, actual if isfinite(actual) and word(code) != "indeterminate" else None, word(code))
        for day, actual, code in zip(days, track.actual.tolist(), codes, strict=True)
    )
    return RatioInput(
        title=one.title, unit=one.unit, operator=track.test.levels[0].operator, as_of=days[-1], history=history,
        limits=_limits(days, track), fails=one.first_fail, amber=one.first_amber,
    )  # fmt: skip


def _limits(days: Sequence[dt.date], track: Track) -> Points:
    """The limit from each day on which it is another."""
    held = [value if isfinite(value) else None for value in track.threshold.tolist()]
    turns = [0, *(n for n, (before, after) in enumerate(pairwise(held), start=1) if before != after)]
    return tuple(Point(days[n], held[n]) for n in turns)

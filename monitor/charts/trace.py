"""Points and steps on a canvas: lines with gaps where a value is unknown, steps that hold until the next, marks on single days."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.charts.canvas import Canvas, Ink
from monitor.charts.dates import Days
from monitor.charts.inputs import Point, Points
from monitor.charts.scale import Scale

ROLES = {"pass": "pass", "watch": "watch", "fail": "fail", "indeterminate": "unknown"}

PAST = Ink("*", "strong", 4)
AHEAD = Ink(".", "strong", 3, 1, 1)
LIMIT = Ink("-", "warn", 2, 4, 2)
OTHER = Ink("o", "title", 3, thick=2)
OTHER_AHEAD = Ink("'", "title", 2, 1, 1, thick=2)


def stretches(points: Points) -> Iterator[list[Point]]:
    """Runs of known points: an unknown one ends a run, so that no line is drawn through it."""
    run: list[Point] = []
    for point in points:
        if point.value is not None:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def draw(canvas: Canvas, days: Days, scale: Scale, points: Points, ink: Ink) -> None:
    """A line through the known points, each stretch in the role of the result it ends with."""
    for run in stretches(points):
        places = [(days.place(point.day), canvas.down - 1 - scale.place(point.value or 0.0)) for point in run]
        canvas.path(places, lambda at, run=run: in_role(ink, run[at].result))  # type: ignore[misc]


def in_role(ink: Ink, result: str) -> Ink:
    """The ink in the colour of a result, where there is one."""
    return ink._replace(role=ROLES[result]) if result in ROLES else ink


def draw_steps(canvas: Canvas, days: Days, scale: Scale, steps: Points) -> None:
    """Levels that each hold from their day until the next, and the last to the edge; nothing where none is in force."""
    ends = [*(days.place(step.day) for step in steps[1:]), canvas.across - 1][: len(steps)]
    before: int | None = None
    for step, end in zip(steps, ends, strict=True):
        if step.value is None:
            before = None
            continue
        start, y = max(0, days.place(step.day) if step.day > days.first else 0), canvas.down - 1 - scale.place(step.value)
        riser = [(start, before)] if before is not None and start > 0 else []
        canvas.path([*riser, (start, y), (max(start, end), y)], lambda _: LIMIT)
        before = y


def limits_within(steps: Points, days: Days) -> Points:
    """The steps that count in a span of days: the one in force on the first day, and those that begin in it."""
    before = [step for step in steps if step.day <= days.first][-1:]
    return (*before, *(step for step in steps if days.first < step.day <= days.last))

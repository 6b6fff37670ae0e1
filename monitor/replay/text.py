"""A replay in words: one block a facility, one a covenant with its chart or strip, the changes under it, and a summary."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

from facilities.inert import inert
from monitor.board.spans import Line, plain
from monitor.cells import wrap
from monitor.charts.canvas import BRAILLE, Style
from monitor.charts.inputs import Size
from monitor.replay.chart import replay_chart
from monitor.replay.run import Replay
from monitor.replay.strip import LEGEND, days_a_sign, strip
from monitor.replay.tracks import Track
from monitor.replay.verdict import Change, Verdict
from monitor.report.words import ratio

WIDTH = 80
MARKS = 3
_BY_FIGURES = ("the test failed", "the test passed", "level reached", "below every rung")
_SAID = {"tested": "", "indicative": "indicated ", "legal": "in law "}


class Drawing(NamedTuple):
    """How charts are drawn: of every covenant that has figures (`all`), else of those that failed, in how many lines and cells."""

    style: Style = BRAILLE
    write: Callable[[Line], str] = plain
    all: bool = False
    rows: int = 9
    columns: int = WIDTH


PLAIN = Drawing()
"""Without colours, in braille, of what failed."""


def replay_text(made: Replay, found: list[Verdict], only_changes: bool = False, drawing: Drawing = PLAIN) -> str:
    """The whole answer; `only_changes` leaves out what is drawn, and covenants of which nothing changed."""
    tracks = {(one.facility, one.covenant): one for one in made.tracks}
    blocks = [_head(made)]
    silent = [one for one in found if _silent(tracks[one.facility, one.covenant], one)]
    for facility, rows in groupby(found, key=lambda one: one.facility):
        parts = ["\n".join([inert(facility), *_whole(made, facility)])]
        for one in (row for row in rows if row not in silent):
            if one.changes or not only_changes:
                drawn = [] if only_changes else _drawn(made, tracks[facility, one.covenant], one, drawing)
                parts.append("\n".join(_covenant(one, drawn)))
        if len(parts) > 1 or "\n" in parts[0]:
            blocks += parts
    if only_changes:
        return "\n\n".join(blocks if len(blocks) > 1 else [*blocks, "nothing changed"])
    return "\n\n".join([*blocks, *([_untested(silent)] if silent else []), _legend(made)])


def _silent(track: Track, one: Verdict) -> bool:
    """Whether nothing was ever due: what is not tested did not hold either."""
    return not one.changes and not strip(track, WIDTH).strip()


def _untested(silent: list[Verdict]) -> str:
    """The covenants of which no day says anything, by facility."""
    lines = ["Not tested on any of these days:"]
    for facility, rows in groupby(silent, key=lambda one: one.facility):
        lines += _wrapped("  ", [f"{facility}: {', '.join(row.covenant for row in rows)}"])
    return "\n".join(lines)


def _drawn(made: Replay, track: Track, one: Verdict, drawing: Drawing) -> list[str]:
    """The chart of a covenant that failed or was chosen, and its strip."""
    row = f"    {strip(track, WIDTH - 4)}".rstrip()
    if not drawing.all and one.first_fail is None:
        return [row]
    chart = replay_chart(made.days, track, one, Size(drawing.columns, drawing.rows), drawing.style) or []
    return [*(drawing.write(line) for line in chart), row]


def _covenant(one: Verdict, drawn: list[str]) -> list[str]:
    """What is drawn, its changes day by day, and the verdict."""
    told = [_lines(list(steps), one.unit) for _, steps in groupby(one.changes, key=lambda step: step.day)]
    return [inert(f"  {one.covenant}: {one.title}"), *drawn, *(line for lines in told for line in lines), *_summary(one)]


def _head(made: Replay) -> str:
    known = f", known at {made.known_at[-1]:%Y-%m-%dT%H:%MZ}" if made.known_at[-1] != made.instants[-1] else ""
    return f"Replay {made.days[0]} to {made.days[-1]}: {len(made.days)} days, each with what was known then{known}"


def _legend(made: Replay) -> str:
    each = days_a_sign(len(made.days), WIDTH - 4)
    first, last = LEGEND.split("   ~", 1)
    return f"One sign is {each} {'day' if each == 1 else 'days'}, the worst of them:\n{first}\n~{last}"


def _whole(made: Replay, facility: str) -> list[str]:
    """What happened to the facility as a whole."""
    states, because = made.facilities[facility], made.because[facility]
    lines = []
    for n in range(1, len(states)):
        if states[n] != states[n - 1]:
            why = f": {because[n]}" if because[n] else ""
            lines += _wrapped(f"  {made.days[n]}  ", [f"{_words(states[n - 1])} -> {_words(states[n])}{why}"])
    return lines


def _lines(steps: list[Change], unit: str) -> list[str]:
    """What turned on one day, the figure against its level, and the marks it was made of."""
    one = steps[-1]
    turns = "; ".join(f"{_SAID[step.what]}{_words(step.before)} -> {_words(step.after)}{_because(step)}" for step in steps)
    level = f" against {ratio(one.threshold, unit)}" if one.threshold is not None else ""
    figure = f"{ratio(one.actual, unit)}{level}" if one.actual is not None else ""
    marks = ", ".join(f"{name} {value:,.6g}" for name, value in list(one.marks.items())[:MARKS])
    return _wrapped(f"    {one.day}  ", [turns, *([f"{figure} at {marks}" if marks else figure] if figure else [])])


def _because(step: Change) -> str:
    """Why a legal state changed, where the figures beside it do not say so: something was recorded, or a clock ran out."""
    told = step.what != "legal" or not step.why or step.why.endswith(_BY_FIGURES) or step.why == _words(step.after)
    return "" if told else f" ({step.why})"


def _wrapped(head: str, parts: list[str]) -> list[str]:
    """The parts on one line where they fit, else one under the other; words are wrapped under them."""
    whole = "  ".join(parts)
    rows = [whole] if len(head) + len(whole) <= WIDTH else [row for part in parts for row in wrap(part, WIDTH - len(head))]
    return [inert((head if n == 0 else " " * len(head)) + row) for n, row in enumerate(rows)]


def _summary(one: Verdict) -> list[str]:
    parts = []
    if one.first_amber:
        parts.append(f"first amber {one.first_amber}")
    if one.first_fail:
        parts.append(f"first tested fail {one.first_fail}")
    if one.first_open:
        parts.append(f"open in law {one.first_open}")
    if one.warning_days is not None:
        parts.append(f"{one.warning_days} {'day' if one.warning_days == 1 else 'days'} of warning")
    if one.false_alarms:
        parts.append(f"{len(one.false_alarms)} false {'alarm' if len(one.false_alarms) == 1 else 'alarms'}")
    if one.unknown_share:
        parts.append(f"{one.unknown_share:.0%} of days unknown" + (f" for {one.lacking}" if one.lacking else ""))
    lines, row = [], "   "
    for part in parts or ["nothing failed and nothing came near"]:
        if len(row) + len(part) + 2 > WIDTH:
            lines.append(row)
            row = "   "
        row += (" " if row.strip() == "" else "; ") + part
    return [inert(line) for line in [*lines, row]]


def _words(state: str) -> str:
    return state.replace("_", " ")

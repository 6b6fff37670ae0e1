"""A replay in words, at 80 columns: one block a facility, one a covenant, the changes under it, and a summary."""

from __future__ import annotations

from itertools import groupby

from facilities.inert import inert
from monitor.replay.run import Replay
from monitor.replay.strip import LEGEND, strip
from monitor.replay.verdict import Change, Verdict
from monitor.report.words import ratio

WIDTH = 80
MARKS = 3


def replay_text(made: Replay, found: list[Verdict], only_changes: bool = False) -> str:
    """The whole answer; `only_changes` leaves out covenants of which nothing changed."""
    blocks = [_head(made)]
    tracks = {(one.facility, one.covenant): one for one in made.tracks}
    for facility, rows in groupby(found, key=lambda one: one.facility):
        lines = [inert(facility), *_whole(made, facility)]
        told = [one for one in rows if one.changes or not only_changes]
        for one in told:
            lines += ["", inert(f"  {one.covenant}: {one.title}")]
            row, each = strip(tracks[facility, one.covenant], WIDTH - 4)
            lines += ["" if only_changes else f"    {row}".rstrip(), *(_line(step, one.unit) for step in one.changes), *_summary(one, made)]
        if told or len(lines) > 1:
            blocks.append("\n".join(line for n, line in enumerate(lines) if line or (n and lines[n - 1])))
    blocks.append(_legend(made))
    return "\n\n".join(blocks)


def _head(made: Replay) -> str:
    known = f", known at {made.known_at[-1]:%Y-%m-%dT%H:%MZ}" if made.known_at[-1] != made.instants[-1] else ""
    return f"Replay {made.days[0]} to {made.days[-1]}: {len(made.days)} days, each with what was known then{known}"


def _legend(made: Replay) -> str:
    each = max(1, -(-len(made.days) // (WIDTH - 4)))
    first, last = LEGEND.split("   ~", 1)
    return f"One sign is {each} {'day' if each == 1 else 'days'}, the worst of them:\n{first}\n~{last}"


def _whole(made: Replay, facility: str) -> list[str]:
    """What happened to the facility as a whole."""
    states, because = made.facilities[facility], made.because[facility]
    lines = []
    for n in range(1, len(states)):
        if states[n] != states[n - 1]:
            why = f": {because[n]}" if because[n] else ""
            lines.append(inert(f"  {made.days[n]}  facility   {_words(states[n - 1])} -> {_words(states[n])}{why}")[:WIDTH])
    return lines


def _line(one: Change, unit: str) -> str:
    figure = ratio(one.actual, unit) if one.actual is not None else "unknown"
    level = f" against {ratio(one.threshold, unit)}" if one.threshold is not None else ""
    head = f"    {one.day}  {one.what:10} {_words(one.before)} -> {_words(one.after)}"
    tail = f"{figure}{level}" + (f" ({one.why})" if one.why and one.what == "legal" else "")
    marks = ", ".join(f"{name} {value:,.6g}" for name, value in list(one.marks.items())[:MARKS])
    lines = [inert(f"{head}  {tail}")] if len(head) + len(tail) + 2 <= WIDTH else [inert(head), inert(f"                {tail}")]
    return "\n".join(line[:WIDTH] for line in ([*lines, inert(f"                {marks}")] if marks else lines))


def _summary(one: Verdict, made: Replay) -> list[str]:
    parts = []
    if one.first_amber:
        parts.append(f"first amber {one.first_amber}")
    if one.first_fail:
        parts.append(f"first tested fail {one.first_fail}")
    if one.first_open:
        parts.append(f"open in law {one.first_open}")
    if one.warning_days is not None:
        parts.append(f"{one.warning_days} days of warning")
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

"""A replay as rows and as one object: CSV with a row a change or a day, JSON with both."""

from __future__ import annotations

import csv
import datetime as dt
import io

import msgspec

from monitor.cells import name as plain
from monitor.replay.run import Replay
from monitor.replay.tracks import Track
from monitor.replay.verdict import Change, Verdict, word
from monitor.report.words import iso

SCHEMA = "covenant-monitor/replay/1"
CHANGES = ("date", "facility", "covenant", "what", "before", "after", "why", "actual", "threshold", "unit", "marks")
DAILY = ("date", "facility", "covenant", "tested", "indicative", "legal", "actual", "threshold", "unit")


def replay_csv(made: Replay, found: list[Verdict], every_day: bool = False) -> str:
    """One row a change, those of the facilities as a whole with an empty covenant; or one row a day."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(DAILY if every_day else CHANGES)
    rows = _daily(made, found) if every_day else [*_changes(made, found)]
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _changes(made: Replay, found: list[Verdict]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [
        (*_where(one), step.what, step.before, step.after, step.why, step.actual, step.threshold, one.unit, _marks(step))
        for one in found
        for step in one.changes
    ]
    dated = [(step.day, *row) for row, step in zip(rows, (step for one in found for step in one.changes), strict=True)]
    wanted = {one.facility for one in found}
    whole = [(day, name, "", "legal", old, new, why, None, None, "", "") for name, day, old, new, why in _falls(made) if name in wanted]
    return sorted([*dated, *whole], key=lambda row: (row[0], str(row[1]), str(row[2]), str(row[3])))


def _where(one: Verdict) -> tuple[str, str]:
    return one.facility, one.covenant


def _falls(made: Replay) -> list[tuple[str, dt.date, str, str, str | None]]:
    """Every change of a facility as a whole: (facility, day, before, after, because)."""
    return [
        (name, made.days[n], states[n - 1], states[n], made.because[name][n])
        for name, states in made.facilities.items()
        for n in range(1, len(states))
        if states[n] != states[n - 1]
    ]


def _daily(made: Replay, found: list[Verdict]) -> list[tuple[object, ...]]:
    wanted = {_where(one): one for one in found}
    tracks = [one for one in made.tracks if (one.facility, one.covenant) in wanted]
    return [
        (made.days[n], one.facility, one.covenant, *_said(one, n), wanted[one.facility, one.covenant].unit)
        for n in range(len(made.days))
        for one in tracks
    ]


def _said(one: Track, n: int) -> tuple[object, ...]:
    actual, threshold = (None if value != value else float(value) for value in (one.actual[n], one.threshold[n]))
    return word(int(one.tested[n])), word(int(one.indicative[n])), one.legal[n], actual, threshold


def _marks(step: Change) -> str:
    return " ".join(f"{name}={value!r}" for name, value in step.marks.items())


def _cell(value: object) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else plain(str(value))


def replay_json(made: Replay, found: list[Verdict], every_day: bool = False) -> str:
    """The schema `covenant-monitor/replay/1`."""
    tracks = {(one.facility, one.covenant): one for one in made.tracks}
    covenants = []
    for one in found:
        row = msgspec.to_builtins(one, builtin_types=(dt.date,))
        row["class"] = row.pop("class_")
        if every_day:
            keys = ("tested", "indicative", "legal", "actual", "threshold")
            row["days"] = [dict(zip(keys, _said(tracks[_where(one)], n), strict=True)) for n in range(len(made.days))]
        covenants.append(row)
    wanted = {one.facility for one in found}
    falls = [
        {"facility": name, "day": day, "before": before, "after": after, "because": why}
        for name, day, before, after, why in _falls(made)
        if name in wanted
    ]
    told = {
        "schema": SCHEMA, "from": made.days[0], "to": made.days[-1], "known_at": iso(made.known_at[-1]), "days": list(made.days),
        "covenants": covenants, "facilities": falls,
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()

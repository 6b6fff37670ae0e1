"""The verdict on a covenant's replay: changes, first amber and first fail, days of warning, false alarms, days nothing could be said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
import numpy as np

from monitor.replay.run import Replay
from monitor.replay.tracks import NOTHING, Track
from rules.compare import FAIL, INDETERMINATE, NOT_TESTED, PASS, RESULTS, WATCH

AMBER = ("notice", "pending", "curing")
"""Legal states that warn."""
OPEN = (
    "default", "cure_pending", "event_of_default", "accelerated", "enforcement", "insolvency", "callable", "call", "accelerated_call",
    "call_expired", "liquidation",
)  # fmt: skip
"""Legal states for which `check` exits with 2."""


class Change(msgspec.Struct, frozen=True):
    """A day on which something turned: `what` is `tested`, `indicative` or `legal`; figures and marks are those of the day."""

    day: dt.date
    what: str
    before: str
    after: str
    why: str | None
    actual: float | None
    threshold: float | None
    marks: dict[str, float]


class Verdict(msgspec.Struct, frozen=True):
    """What a replay says of one covenant.

    `first_amber` is the first day of watch, of an indicative fail or of a warning rung; `first_fail` the first tested fail; `first_open`
    the first day of a legal state for which `check` exits with 2. `warning_days` runs from the beginning of the last amber spell before the
    first fail that no full recovery ended. A false alarm is an amber spell that ended in recovery with no tested fail during it or within
    the days allowed after its beginning. `unknown_share` is the part of the days due on which nothing could be said, for lack of `lacking`.
    """

    facility: str
    covenant: str
    title: str
    class_: str
    unit: str
    changes: list[Change]
    first_amber: dt.date | None
    first_fail: dt.date | None
    first_open: dt.date | None
    warning_days: int | None
    false_alarms: list[dt.date]
    unknown_share: float
    lacking: str | None


def verdicts(made: Replay, within: int = 90) -> list[Verdict]:
    """One verdict a covenant, in the desk's order; an alarm is false when no tested fail came within so many days."""
    return [_verdict(made, track, within) for track in made.tracks]


def _verdict(made: Replay, track: Track, within: int) -> Verdict:
    amber, fails = _amber(track), np.flatnonzero(track.tested == FAIL)
    recovered = ~amber & (track.tested != FAIL) & _good(track)
    spells = list(_spells(amber | (track.tested == FAIL), recovered))
    opened = [n for n, state in enumerate(track.legal) if state in OPEN]
    first = int(fails[0]) if len(fails) else None
    began = next((spell for spell in spells if first is not None and spell[0] <= first < spell[1]), None)
    due = (track.tested != NOT_TESTED) & (track.tested != NOTHING) | (track.indicative != NOT_TESTED) & (track.indicative != NOTHING)
    unknown = due & (track.leading == INDETERMINATE)
    return Verdict(
        track.facility, track.covenant, track.test.title, track.test.class_, track.test.unit.replace("money", _currency(made, track)),
        list(changes_of(made, track)),
        _day(made, np.flatnonzero(amber)),
        _day(made, fails),
        made.days[opened[0]] if opened else None,
        None if first is None or began is None else (made.days[first] - made.days[began[0]]).days,
        [made.days[start] for start, end in spells if _false(made, track, start, end, within)],
        float(unknown.sum() / due.sum()) if due.any() else 0.0,
        track.lacks[min(track.lacks)] if unknown.any() and track.lacks else None,
    )  # fmt: skip


def _currency(made: Replay, track: Track) -> str:
    return made.session.desk.facilities[track.facility].facility.currency


def _amber(track: Track) -> np.ndarray:
    legal = np.array([state in AMBER for state in track.legal], dtype=bool)
    return np.asarray((track.indicative == WATCH) | (track.indicative == FAIL) | (track.tested == WATCH) | legal)


def _good(track: Track) -> np.ndarray:
    """Days of a full recovery: something is known, and it passes."""
    return np.asarray(((track.indicative == PASS) | (track.indicative == NOTHING)) & (track.tested != FAIL) & ~_blank(track))


def _blank(track: Track) -> np.ndarray:
    return np.asarray((track.indicative != PASS) & (track.tested != PASS))


def _spells(alarm: np.ndarray, recovered: np.ndarray) -> Iterator[tuple[int, int]]:
    """(first place, place of the recovery or the end) of each alarm; days on which nothing is known end none."""
    start: int | None = None
    for place in range(len(alarm)):
        if start is None and alarm[place]:
            start = place
        elif start is not None and recovered[place]:
            yield start, place
            start = None
    if start is not None:
        yield start, len(alarm)


def _false(made: Replay, track: Track, start: int, end: int, within: int) -> bool:
    """Whether an alarm ended in recovery and no tested fail came in time; one that is too young to tell is not false yet."""
    limit = made.days[start] + dt.timedelta(days=within)
    later = (made.days[n] for n in np.flatnonzero(track.tested[start:] == FAIL) + start)
    if end == len(made.days) or (track.tested[start:end] == FAIL).any():
        return False
    return made.days[-1] >= limit and not any(day <= limit for day in later)


def _day(made: Replay, places: np.ndarray) -> dt.date | None:
    return made.days[int(places[0])] if len(places) else None


def changes_of(made: Replay, track: Track) -> Iterator[Change]:
    """Every turn after the first day, in order of days: the test, today's marks, the law."""
    for place in range(1, len(made.days)):
        for what, column in (("tested", track.tested), ("indicative", track.indicative)):
            if column[place] != column[place - 1]:
                yield _change(made, track, place, what, word(column[place - 1]), word(column[place]), track.lacks.get(place))
        if track.legal[place] != track.legal[place - 1]:
            yield _change(made, track, place, "legal", track.legal[place - 1], track.legal[place], track.why[place])


def _change(made: Replay, track: Track, place: int, what: str, before: str, after: str, why: str | None) -> Change:
    at, known = made.instants[place], made.known_at[place]
    seen = {name: made.session.history.observe(name, at, known).value for name in track.marks.get(place, ())}
    marks = {name: value for name, value in seen.items() if value is not None}
    return Change(made.days[place], what, before, after, why, _figure(track.actual[place]), _figure(track.threshold[place]), marks)


def word(code: int) -> str:
    """A code in words; a covenant that was never tested yet has none."""
    return RESULTS[code] if code != NOTHING else "none"


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

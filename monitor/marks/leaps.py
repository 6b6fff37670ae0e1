"""Prints more than ten times away from the one before: a slip of the decimal point is told, though the figure stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from monitor.marks.history import History, Known, Observation, Series, series_known
from monitor.marks.policy import outside
from monitor.marks.prints import Print
from monitor.report.words import iso, stamp

FAR = 10.0
"""How many times a print may be the one before it, or the one before it the print."""

_LEAST = dt.timedelta(microseconds=1)


class Leap(NamedTuple):
    """A print and the one before it, of the same series and source."""

    made: Print
    before: Print

    def __str__(self) -> str:
        more = self.made.value > self.before.value
        times = self.made.value / self.before.value if more else self.before.value / self.made.value
        after = f"{self.before.value:,.10g} of {stamp(iso(self.before.as_of))}"
        word = "times" if more else "times less than"
        return f"{self.made.source}: {self.made.value:,.10g} is {times:,.0f} {word} the {after} before it"


def leaps_of(history: History, at: dt.datetime, known_at: dt.datetime) -> dict[str, list[Leap]]:
    """By series, what its last prints up to an instant leapt by, as known at another; of each source the last print only."""
    found = {name: leaps_in(history, name, at, known_at) for name in sorted(series_known(history))}
    return {name: leaps for name, leaps in found.items() if leaps}


def leaps_in(history: History, name: str, at: dt.datetime, known_at: dt.datetime) -> list[Leap]:
    """The leaps of one series; a print that the policy refuses, or that had gone stale by the next, is none to compare with."""
    kept = history.series(name)
    if kept is None or history.gives(name):
        return []
    listed = [source for source in kept.policy.sources if source in kept.tracks] if kept.policy.sources else list(kept.tracks)
    found = [_leap(history, kept, source, at, known_at) for source in listed]
    return [one for one in found if one is not None]


def reason_of(seen: Observation, leaps: list[Leap], doubts: Sequence[str] = ()) -> str | None:
    """What stands against a mark, what it leapt by, and which agreements do not rely on it."""
    return "; ".join(text for text in (seen.reason, *map(str, leaps), *doubts) if text) or None


def _leap(history: History, kept: Series, source: str, at: dt.datetime, known_at: dt.datetime) -> Leap | None:
    track = kept.tracks[source]
    last = track.latest(at, known_at)
    before = track.latest(last.as_of - _LEAST, known_at) if last is not None else None
    if last is None or before is None or not _near(history, kept, before, last):
        return None
    small, large = sorted((before.made.value, last.made.value))
    return Leap(last.made, before.made) if 0 < small * FAR < large else None


def _near(history: History, kept: Series, before: Known, last: Known) -> bool:
    until = history.fresh_until(before, kept.policy)
    counted = all(outside(one.made.value, kept.policy) is None for one in (before, last))
    return counted and (until is None or last.as_of <= until)

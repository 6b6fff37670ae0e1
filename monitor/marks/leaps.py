"""Prints more than ten times away from the level before: a slip of the decimal point is told, though the figure stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from monitor.marks.history import History, Observation, series_known
from monitor.marks.policy import outside
from monitor.marks.prints import Print
from monitor.report.words import iso, stamp

FAR = 10.0
"""How many times a print may be the level before it, or the level before it the print."""

_LEAST = dt.timedelta(microseconds=1)


class Leap(NamedTuple):
    """A print, and the level of its series before it: the value in force then, of whichever sources it was made."""

    made: Print
    level: float
    seen: dt.datetime
    source: str
    before: tuple[Print, ...]

    def __str__(self) -> str:
        more = self.made.value > self.level
        times = self.made.value / self.level if more else self.level / self.made.value
        whose = "" if self.source == self.made.source else f"by {self.source} "
        after = f"{self.level:,.10g} {whose}of {stamp(iso(self.seen))}"
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
    last = [kept.tracks[source].latest(at, known_at) for source in listed]
    found = [leap_to(history, one.made, known_at) for one in last if one is not None]
    return list(dict.fromkeys(one for one in found if one is not None))


def leap_to(history: History, made: Print, known_at: dt.datetime, stale: bool = False) -> Leap | None:
    """The leap that a print makes; where it only comes back from one that the print before it made, that one.

    A level that had gone stale by the print is none to compare with, except with `stale`.
    """
    leap = None if outside(made.value, history.policy(made.series)) is not None else _leap(history, made, known_at, stale)
    if leap is None:
        return None
    return next((slip for one in leap.before if (slip := _slip(history, one, made, known_at)) is not None), leap)


def _slip(history: History, one: Print, made: Print, known_at: dt.datetime) -> Leap | None:
    """The leap of the print before, where what is made now is nearer to the level before that."""
    seen = history.observe(one.series, one.as_of - _LEAST, known_at)
    if seen.value is None or seen.as_of is None or _times(made.value, seen.value) >= _times(one.value, seen.value):
        return None
    return Leap(one, seen.value, seen.as_of, seen.source or "", seen.prints)


def reason_of(seen: Observation, leaps: list[Leap], doubts: Sequence[str] = ()) -> str | None:
    """What stands against a mark, what it leapt by, and which agreements do not rely on it."""
    return "; ".join(text for text in (seen.reason, *map(str, leaps), *doubts) if text) or None


def _leap(history: History, made: Print, known_at: dt.datetime, stale: bool = False) -> Leap | None:
    seen = history.observe(made.series, made.as_of - _LEAST, known_at)
    if seen.value is None or seen.as_of is None or (seen.data == "stale" and not stale) or not _far(made.value, seen.value):
        return None
    return Leap(made, seen.value, seen.as_of, seen.source or "", seen.prints)


def _far(one: float, other: float) -> bool:
    return _times(one, other) > FAR


def _times(one: float, other: float) -> float:
    """How many times the smaller the larger is; 1 where one of them is nothing or less, as a rate may be."""
    small, large = sorted((one, other))
    return large / small if small > 0 else 1.0

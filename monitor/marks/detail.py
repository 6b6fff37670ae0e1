"""Every series as an instant sees it: value, source, age, one-day move, the policy behind it, and the prints it refused."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec

from facilities.load import Desk
from monitor.marks.agreed import doubts_of
from monitor.marks.history import History, Known, Series, series_known
from monitor.marks.leaps import leaps_in, reason_of
from monitor.marks.policy import Policy, outside, policy_words
from monitor.marks.prints import Print, two_people


class Refused(NamedTuple):
    """One print that does not count, and why."""

    made: Print
    why: str


class SeriesDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One series: as `observe` answers, with the policy in words; `previous` is the answer one day before."""

    series: str
    value: float | None
    unit: str
    source: str | None
    as_of: dt.datetime | None
    known_at: dt.datetime | None
    age_days: float | None
    data: str
    previous: float | None
    policy: str
    reason: str | None
    prints: tuple[Print, ...]
    refused: tuple[Refused, ...]


def series_details(
    desk: Desk, history: History, at: dt.datetime, known_at: dt.datetime, more: frozenset[str] = frozenset()
) -> list[SeriesDetail]:
    """Every series with a print, and `more` that should have one, by name; `at` and `known_at` are UTC."""
    return [_detail(desk, history, name, at, known_at) for name in sorted(series_known(history) | more)]


def _detail(desk: Desk, history: History, name: str, at: dt.datetime, known_at: dt.datetime) -> SeriesDetail:
    seen, use = history.observe(name, at, known_at), history.policy(name)
    kept = history.series(name)
    return SeriesDetail(
        series=name, value=seen.value, unit=seen.unit or "", source=seen.source, as_of=seen.as_of, known_at=seen.known_at,
        age_days=seen.age_days, data=seen.data, previous=history.previous(name, at, known_at), policy=policy_words(use),
        reason=reason_of(seen, leaps_in(history, name, at, known_at), doubts_of(desk, history, name, at, known_at)),
        prints=seen.prints, refused=_refused(kept, use, at, known_at) if kept else (),
    )  # fmt: skip


def _refused(kept: Series, use: Policy, at: dt.datetime, known_at: dt.datetime) -> tuple[Refused, ...]:
    """The last print of each source that does not count, known by then: of a source not listed, outside the band, of one person."""
    found = []
    for source, track in kept.tracks.items():
        entry = track.latest(at, known_at)
        if entry is not None and (why := _why_not(source, entry, use)):
            found.append(Refused(entry.made, why))
    for entry in (kept.overrides.latest(at, known_at), kept.refused.latest(at, known_at)):
        if entry is not None and (why := _why_no_override(entry, use)):
            found.append(Refused(entry.made, why))
    return tuple(found)


def _why_not(source: str, entry: Known, use: Policy) -> str | None:
    if use.sources and source not in use.sources:
        return "the policy does not name this source"
    return _out_of_band(entry, use)


def _why_no_override(entry: Known, use: Policy) -> str | None:
    return _out_of_band(entry, use) if two_people(entry.made.by, entry.made.approved_by) else "not approved by a second person"


def _out_of_band(entry: Known, use: Policy) -> str | None:
    return outside(entry.made.value, use)

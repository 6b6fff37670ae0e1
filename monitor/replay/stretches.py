"""Stretches of days between which nothing about the past was learnt: within one, a single history serves every day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from facilities.model import FacilityFile
from monitor.marks.history import History, Known, Track, series_known
from monitor.session import Session
from rules.scope import day_of

ORDINARY = 4
"""Days within which a print may become known and be no more than late, as rates are that are published the day after."""


class Stretch(NamedTuple):
    """Places `first` to `last`, inclusive, in the days of a replay."""

    first: int
    last: int


class News(NamedTuple):
    """Ordinals of the days on which something about earlier days was learnt, and by how many days ordinary prints come late."""

    days: frozenset[int]
    lag: int


def news_of(session: Session) -> News:
    """Everything that can change what was said of a day before: amendments, events, deliveries, balances and prints learnt late."""
    found = {*_agreed(session), *_recorded(session)}
    lag = 0
    for name in series_known(session.history):
        for track in _tracks(session.history, name):
            late, most = _late(session, track)
            found |= late
            lag = max(lag, most)
    return News(frozenset(found), lag)


def stretches(days: Sequence[int], news: News, known: int) -> list[Stretch]:
    """The days cut where news came; what comes after the day `known` is never heard."""
    starts = [0]
    for place in range(1, len(days)):
        low, high = min(days[place - 1], known), min(days[place], known)
        if any(low < day <= high for day in news.days) or any(days[place - 1] < day <= days[place] for day in news.days):
            starts.append(place)
    return [Stretch(first, last - 1) for first, last in zip(starts, [*starts[1:], len(days)], strict=True)]


def _agreed(session: Session) -> Iterator[int]:
    for one in session.desk.facilities.values():
        for amendment in one.amendment:
            yield amendment.effective.toordinal()
            yield amendment.signed.toordinal()
        yield from _balances(one)
    reports = [one.reported for one in session.desk.facilities.values()] + [one.reported for one in session.desk.obligors.values()]
    yield from (row.delivered.toordinal() for rows in reports for row in rows if row.delivered is not None)


def _balances(one: FacilityFile) -> Iterator[int]:
    held = [*one.facility.balance, *(row for tranche in one.tranche for row in tranche.balance)]
    known = [(row.date, row.known) for row in held] + [(row.date, row.known) for row in one.facility.draw]
    yield from (seen.toordinal() for day, seen in known if seen is not None and seen > day)


def _recorded(session: Session) -> Iterator[int]:
    for event in session.journal.events.values():
        yield day_of(event.known, session.timezone)
        yield day_of(event.effective, session.timezone)


def _tracks(history: History, name: str) -> list[Track]:
    kept = history.series(name)
    return [] if kept is None else [*kept.tracks.values(), kept.overrides, kept.refused]


def _late(session: Session, track: Track) -> tuple[set[int], int]:
    """(days on which a print of an earlier day was learnt out of the ordinary, the most days an ordinary one took)."""
    days, most = set(), 0
    before: Known | None = None
    for entry in track.entries:
        seen, known = day_of(entry.as_of, session.timezone), day_of(entry.known_at, session.timezone)
        revised = before is not None and before.as_of == entry.as_of
        before = entry
        if known <= seen and not revised:
            continue
        closes = day_of(entry.as_of + dt.timedelta(microseconds=2), session.timezone) > seen
        if revised or not closes or known - seen > ORDINARY:
            days.add(known)
        else:
            most = max(most, known - seen)
    return days, most

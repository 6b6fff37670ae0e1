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


class Late(NamedTuple):
    """How many days the ordinary prints of a series come late, and when those that do became known, by their instants."""

    days: int
    known: dict[dt.datetime, dt.datetime]


class News(NamedTuple):
    """Ordinals of the days on which something about earlier days was learnt, and the series whose ordinary prints come late."""

    days: frozenset[int]
    late: dict[str, Late]


def news_of(session: Session) -> News:
    """Everything that can change what was said of a day before: amendments, events, deliveries, balances and prints learnt late."""
    found = {*_agreed(session), *_recorded(session)}
    late: dict[str, Late] = {}
    for name in series_known(session.history):
        for track in _tracks(session.history, name):
            days, ordinary = _late(session, track)
            found |= days
            if ordinary.days:
                before = late.get(name, Late(0, {}))
                late[name] = Late(max(before.days, ordinary.days), before.known | ordinary.known)
    return News(frozenset(found), late)


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


def _late(session: Session, track: Track) -> tuple[set[int], Late]:
    """(days on which a print of an earlier day was learnt out of the ordinary, the ordinary ones that come late)."""
    days, most, known = set(), 0, {}
    before: Known | None = None
    for entry in track.entries:
        day, learnt = day_of(entry.as_of, session.timezone), day_of(entry.known_at, session.timezone)
        revised = before is not None and before.as_of == entry.as_of
        before = entry
        if learnt <= day and not revised:
            continue
        closes = day_of(entry.as_of + dt.timedelta(microseconds=2), session.timezone) > day
        if revised or not closes or learnt - day > ORDINARY:
            days.add(learnt)
        else:
            most = max(most, learnt - day)
            known[entry.as_of] = entry.known_at
    return days, Late(most, known)

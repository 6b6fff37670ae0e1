"""Stretches of days between which nothing about the past was learnt: within one, a single history serves every day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from facilities.model import FacilityFile
from monitor.lookback import ALL_TESTS, RUNNING
from monitor.marks.history import History, Known, Track, series_known
from monitor.session import Session
from rules.book import Book
from rules.columns import FAR
from rules.covenants import Test
from rules.headroom import looks_back
from rules.primitives.reports import reads_reports
from rules.scope import day_of
from rules.testdates import tests_until

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


def news_of(session: Session, book: Book) -> News:
    """Everything that can change what was said of a day before: amendments, events, balances, deliveries and prints learnt late.

    `book` is that of the last day: its formulas say what a delivery can change.
    """
    found = {*_agreed(session), *_recorded(session), *_told_late(book)}
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


def _told_late(book: Book) -> Iterator[int]:
    """Deliveries that change more than the one test they are awaited for.

    The test of a date is known once its certificate is there; but a delivery that replaces another or comes out of turn changes tests
    already told, one for a period that ended before a test date changes that test, and a test of every day looks at all days again.
    Where terms were amended every delivery is taken for news.
    """
    table = book.reports.table
    for f in range(len(book.ids)):
        rows = slice(int(table.start[f]), int(table.start[f] + table.count[f]))
        readers = [test for test in book.tests if test.facility == f and any(reads_reports(form.quantity) for form in test.forms)]
        amended = any(one.covenant or one.facility or one.interest for one in book.terms[f].amendment)
        always = amended or any(test.continuous and test.class_ in RUNNING for test in readers)
        told = -1
        for known, end in sorted(zip(book.reports.known[rows].tolist(), book.reports.end[rows].tolist(), strict=True)):
            if known < FAR and (always or end <= told or any(_changed(test, end, known) for test in readers)):
                yield known
            told = max(told, end)


def _changed(test: Test, end: int, known: int) -> bool:
    """Whether a delivery changes a test that was told before: of a later date, or of that of the period where nothing in it awaits one."""
    dates = {when.period_end.toordinal() for when in tests_until(test.covenant.test, dt.date.fromordinal(known), test.calendar, ALL_TESTS)}
    waits = all(looks_back(form.quantity) for form in test.forms)
    return any(end < day < known for day in dates) or (end in dates and not waits)


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

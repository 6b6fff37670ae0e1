"""The terms of past days: a test is judged, and its failure followed up, under what was in force on its own day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
import numpy as np

from facilities.amend import amended, restated
from facilities.load import Desk
from facilities.model import FacilityFile
from monitor.session import Session
from rules.book import Book, compile_book
from rules.columns import Ints
from rules.covenants import Test
from rules.life import Former
from rules.scope import Rows, day_of
from rules.testdates import TestDate, tests_until


def book_on(session: Session, as_of: dt.datetime, known_at: dt.datetime) -> Book:
    """The desk compiled as its terms stood at an instant, with what had happened by then, as known at another."""
    day, known = (dt.date.fromordinal(day_of(at, session.timezone)) for at in (as_of, known_at))
    return _compiled(session, session.on(day, known), as_of, known_at)


def _compiled(session: Session, desk: Desk, as_of: dt.datetime, known_at: dt.datetime) -> Book:
    happened = [one for one in session.journal.known(known_at) if one.effective <= as_of]
    return compile_book(desk, session.definitions, session.calendar, session.timezone, happened)


class Terms:
    """The book of an instant, and behind it the books of earlier terms, compiled when a test of their days is asked for.

    Every book holds the same facilities and tests in the same places. Era 0 is that of the instant, era n what held before the n-th
    last change of terms that a facility reads: its own, or one of a facility that shares its group or its collateral. So there
    are as many books as one facility has changes, however many facilities are amended.
    """

    def __init__(self, session: Session, book: Book, as_of: dt.datetime, known_at: dt.datetime) -> None:
        self.session, self.as_of, self.known_at = session, as_of, known_at
        self.day, self.known = (dt.date.fromordinal(day_of(at, session.timezone)) for at in (as_of, known_at))
        self.books = [book]
        self.changes = self._changes(book)

    @property
    def book(self) -> Book:
        """The book of the instant."""
        return self.books[0]

    def _changes(self, book: Book) -> dict[int, list[dt.date]]:
        """The days, in order, on which the terms that a facility reads changed; only of facilities of which some did."""
        written = self.session.desk.facilities
        found = {f: restated(written[name], self.day, self.known) for f, name in enumerate(book.ids) if written[name].amendment}
        found = {f: days for f, days in found.items() if days}
        for beside in _beside(book) if found else ():
            if days := sorted({day for f in beside for day in found.get(f, ())}):
                found |= dict.fromkeys(beside, days)
        return found

    def of(self, era: int) -> Book:
        """The book of an era."""
        while len(self.books) <= era:
            desk = self.session.desk
            terms = {name: self._before(name, f, len(self.books)) for f, name in enumerate(self.book.ids)}
            self.books.append(_compiled(self.session, msgspec.structs.replace(desk, facilities=terms), self.as_of, self.known_at))
        return self.books[era]

    def _before(self, name: str, f: int, era: int) -> FacilityFile:
        """The terms of a facility in an era, its oldest where it has fewer."""
        days = self.changes.get(f)
        if not days:
            return self.book.desk.facilities[name]
        return amended(self.session.desk.facilities[name], days[max(0, len(days) - era)] - dt.timedelta(days=1), self.known)

    def test(self, t: int, day: dt.date) -> Test:
        """A covenant as it stood on a day."""
        return self.of(sum(one > day for one in self.changes.get(self.book.tests[t].facility, ()))).tests[t]

    def cut(self, rows: Rows) -> Iterator[tuple[Book, Ints]]:
        """The rows by the terms of their days: each book with the places of the rows that it judges."""
        if not self.changes:
            yield self.book, np.arange(len(rows), dtype=np.int64)
            return
        eras, facility = np.zeros(len(rows), dtype=np.int64), self.book.tested[rows.test]
        for f, days in self.changes.items():
            mine = facility == f
            eras[mine] = len(days) - np.searchsorted([one.toordinal() for one in days], rows.period_end[mine], side="right")
        for era in np.unique(eras).tolist() or [0]:
            yield self.of(era), np.flatnonzero(eras == era)

    def former(self, test: Test) -> tuple[Former, ...]:
        """The earlier terms of a covenant, the earliest first; none where no amendment changed them, but for its level."""
        days = self.changes.get(test.facility, [])
        found = [_alike(self.of(len(days) - n), test) for n in range(len(days))]
        former = tuple(Former(day, one.covenant) for day, one in zip(days, found, strict=True))
        return former if any(one.covenant != test.covenant for one in former) else ()

    def dates(self, t: int, day: dt.date, most: int) -> list[TestDate]:
        """The last `most` test dates of a covenant up to a day, the latest first, each by the schedule of its own day."""
        days = self.changes.get(self.book.tests[t].facility, [])
        found: list[TestDate] = []
        for era in range(len(days) + 1):
            first = days[len(days) - era - 1] if era < len(days) else dt.date.min
            if len(found) < most and first <= day:
                test = self.of(era).tests[t]
                last = min(day, days[len(days) - era] - dt.timedelta(days=1)) if era else day
                own = tests_until(test.covenant.test, last, test.calendar, most - len(found))
                found += [when for when in own if when.period_end >= first]
        return found


def _alike(book: Book, test: Test) -> Test:
    """The same covenant in another book."""
    first = int(np.searchsorted(book.tested, test.facility))
    return book.tests[first + test.place]


def _beside(book: Book) -> list[list[int]]:
    """The facilities that read each other's terms, by obligor group or by lien, together; those that read no other's left out."""
    place = list(range(len(book.ids)))

    def root(f: int) -> int:
        while place[f] != f:
            place[f] = f = place[place[f]]
        return f

    for name in ("group", "senior"):
        table = book.tables[name]
        for f, g in zip(table.owner.tolist(), table.rows, strict=True):
            place[root(f)] = root(g)
    together: dict[int, list[int]] = {}
    for f in range(len(place)):
        together.setdefault(root(f), []).append(f)
    return [found for found in together.values() if len(found) > 1]

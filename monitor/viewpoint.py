"""From where a desk is looked at: an instant, what was known by then, the terms that differ, and the worlds seen from there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from monitor.marks.columns import path
from monitor.marks.history import Observation
from monitor.session import Session
from monitor.terms import Terms
from rules.book import Book
from rules.covenants import Test
from rules.scope import Rows, day_of
from rules.state import AS_AGREED, State
from rules.testdates import TestDate
from rules.worlds import DATA, Worlds


class At(NamedTuple):
    """An instant to evaluate at; `swapped` where it sees the marks of another."""

    instant: dt.datetime
    swapped: bool = False


class Viewpoint:
    """A desk at `as_of` with what was known at `known_at` (both UTC); `state` says what differs from the desk's files.

    `marks` (observed by, known by) puts the marks of another instant in the place of those of the as-of. `terms` are those in force
    on the days before.
    """

    def __init__(
        self, session: Session, book: Book, as_of: dt.datetime, known_at: dt.datetime, state: State = AS_AGREED,
        marks: tuple[dt.datetime, dt.datetime] | None = None, terms: Terms | None = None,
    ) -> None:  # fmt: skip
        self.session, self.book, self.as_of, self.known_at = session, book, as_of, known_at
        self.day, self.known = self.date(as_of), self.date(known_at)
        self.state, self.marks = state, marks
        self.terms = terms or Terms(session, book, as_of, known_at)
        self.events = session.journal.known(known_at)
        self._named = {(one.facility, one.covenant) for one in self.events if one.effective <= as_of}

    def date(self, at: dt.datetime) -> dt.date:
        """The desk's day of an instant."""
        return dt.date.fromordinal(day_of(at, self.session.timezone))

    @property
    def today(self) -> At:
        """The as-of itself."""
        return At(self.as_of, self.marks is not None)

    def recorded(self, test: Test) -> bool:
        """Whether something was recorded of a covenant, or of its facility as a whole."""
        facility = self.book.ids[test.facility]
        return not self._named.isdisjoint(((facility, test.covenant.id), (facility, None)))

    def before_closing(self, test: Test, day: dt.date) -> bool:
        """Whether a day lies before the facility of a test was closed."""
        closing = self.book.terms[test.facility].facility.closing
        return closing is not None and day < closing.date

    def now(self) -> tuple[Worlds, tuple[Observation, ...]]:
        """The world of the as-of, and where each of its marks came from."""
        return self._now(self.book)

    def now_in(self, book: Book, now: Worlds | None = None) -> Worlds:
        """The world of the as-of in the series of a book; `now` where it is that of this book."""
        return now if now is not None and book is self.book else self._now(book)[0]

    def _now(self, book: Book) -> tuple[Worlds, tuple[Observation, ...]]:
        seen_at, seen_by = self._seen(self.today)
        index = book.series
        seen = tuple(
            self.session.history.observe(name, seen_at, seen_by, policy) for name, policy in zip(index.names, index.policies, strict=True)
        )
        marks = np.array([np.nan if one.value is None else one.value for one in seen]).reshape(len(seen), 1, 1)
        data = np.array([DATA.index(one.data) for one in seen], dtype=np.int8).reshape(len(seen), 1)
        return Worlds(tuple(index.names), (self.as_of,), (self.known_at,), marks, data, "indicative"), seen

    def over(self, instants: Sequence[dt.datetime], book: Book) -> Worlds:
        """The worlds of some prints, in the series of a book."""
        return self.worlds([At(at) for at in instants], book=book)

    def worlds(self, instants: Sequence[At], only: Collection[int] | None = None, book: Book | None = None) -> Worlds:
        """One path over some instants, on the tested basis; all series of the book (or another), or `only` some."""
        seen_at, seen_by = zip(*map(self._seen, instants), strict=True) if instants else ((), ())
        made = path(self.session.history, (book or self.book).series, seen_at, seen_by, "tested", only)
        known = tuple(self.known_at for _ in instants)
        return msgspec.structs.replace(made, instants=tuple(at.instant for at in instants), known_at=known)

    def _seen(self, at: At) -> tuple[dt.datetime, dt.datetime]:
        return self.marks if at.swapped and self.marks else (at.instant, self.known_at)


def rows_of(wanted: Sequence[tuple[int, int, TestDate]]) -> Rows:
    """Rows to evaluate from (test, place of the instant, test date)."""
    columns = (
        [t for t, _, _ in wanted],
        [instant for _, instant, _ in wanted],
        [when.period_end.toordinal() for _, _, when in wanted],
        [when.due.toordinal() if when.due else 0 for _, _, when in wanted],
    )
    return Rows(*(np.array(column, dtype=np.int64) for column in columns))


__all__ = ["At", "Viewpoint", "rows_of"]

"""Replay a desk over days: one history and one call of the kernel a stretch; what says something of its own on a day is asked alone."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

import msgspec
import numpy as np

from monitor.assess import Assessor
from monitor.lookback import ALL_TESTS
from monitor.marks.instants import end_of_day
from monitor.replay.doubts import doubts_of, silent
from monitor.replay.figures import Days, Figures, figures
from monitor.replay.past import Past, whole_past
from monitor.replay.shown import show
from monitor.replay.stretches import Late, Stretch, news_of, stretches
from monitor.replay.tracks import Track, blank, last_tests, standings
from monitor.session import Session
from monitor.terms import Terms, book_on
from monitor.viewpoint import Viewpoint
from rules.book import Book
from rules.columns import Bools
from rules.compare import NOT_TESTED, RESULTS
from rules.scope import day_of
from rules.timeline import quotient


class Replay(msgspec.Struct, frozen=True):
    """T days in order, the instants they end at and what was known at each; covenants, and facilities in law."""

    session: Session
    days: tuple[dt.date, ...]
    instants: tuple[dt.datetime, ...]
    known_at: tuple[dt.datetime, ...]
    tracks: tuple[Track, ...]
    facilities: dict[str, list[str]]
    because: dict[str, list[str | None]]
    alone: int
    """How many days were asked alone, of any test."""


def replay(session: Session, days: Sequence[dt.date], known_at: dt.datetime | None = None) -> Replay:
    """What would have been said at the end of each of some days, in order, with what was known by then and by `known_at`."""
    instants = tuple(end_of_day(day, session.timezone) for day in days)
    known = tuple(at if known_at is None else min(at, known_at) for at in instants)
    news = news_of(session, book_on(session, instants[-1], known[-1]))
    last = day_of(known[-1], session.timezone)
    reel = _Reel(session, Days(instants, known), news.late)
    for stretch in stretches([day.toordinal() for day in days], news, last):
        reel.play(stretch)
    return Replay(session, tuple(days), instants, known, tuple(reel.tracks), reel.facilities, reel.because, reel.alone)


class _Reel:
    """Fills the columns of all covenants, stretch by stretch."""

    def __init__(self, session: Session, days: Days, late: Mapping[str, Late]) -> None:
        self.session, self.days, self.late = session, days, late
        self.ordinals = [day_of(at, session.timezone) for at in days.instants]
        self.tracks: list[Track] = []
        self.facilities: dict[str, list[str]] = {}
        self.because: dict[str, list[str | None]] = {}
        self.alone = 0

    def play(self, stretch: Stretch) -> None:
        """One stretch: the history at its end, the figures of its days, and what differs asked alone."""
        first, last = stretch
        span = Days(self.days.instants[first : last + 1], self.days.known_at[first : last + 1])
        book = book_on(self.session, span.instants[-1], span.known_at[-1])
        terms = Terms(self.session, book, span.instants[-1], span.known_at[-1])
        made = figures(self.session, terms, span)
        past = whole_past(self.session, terms, span.instants[-1], span.known_at[-1], made)
        self._open(book)
        for t in range(len(self.tracks)):
            self._fill(t, first, past, made, span)
        resting = silent(past, made, span.instants)
        for run in _runs(resting):
            self._law(first, run, past, frozenset(np.flatnonzero(resting[:, run.start]).tolist()), span)
        for place, tests in sorted(doubts_of(self.session, past, span, made, resting, self.late).items()):
            self._ask(first + place, past, tests, resting[:, place])
        show(made, self.tracks, first)

    def _open(self, book: Book) -> None:
        if self.facilities:
            return
        count = len(self.ordinals)
        self.tracks += [blank(book.ids[test.facility], test, count) for test in book.tests]
        for identity in book.ids:
            self.facilities[identity], self.because[identity] = [""] * count, [None] * count

    def _fill(self, t: int, first: int, past: Past, made: Figures, span: Days) -> None:
        track, test, count = self.tracks[t], past.book.tests[t], len(span.instants)
        here = slice(first, first + count)
        found = made.of(t)
        if found is not None:
            line, rows = found
            codes = line.result[rows].copy()
            codes[: self._closing(past.book, test.facility, first, count)] = NOT_TESTED
            (track.tested if test.continuous else track.indicative)[here] = codes
            track.actual[here], track.threshold[here] = quotient(line.numerator[rows], line.denominator[rows]), line.threshold[rows]
        if not test.continuous:
            days = self.ordinals[first : first + count]
            last = dt.date.fromordinal(days[-1])
            track.tested[here] = last_tests(test, past.terms.dates(t, last, ALL_TESTS), past.results[t], span.instants, days)

    def _closing(self, book: Book, facility: int, first: int, count: int) -> int:
        """How many of the days lie before the facility was closed."""
        closing = book.terms[facility].facility.closing
        return 0 if closing is None else bisect_left(self.ordinals[first : first + count], closing.date.toordinal())

    def _law(self, first: int, run: slice, past: Past, resting: frozenset[int], span: Days) -> None:
        """What the histories say of some days, on which the machines of the tests that rest hear nothing."""
        law = past.court.law([[] if t in resting else told for t, told in enumerate(past.results)])
        instants = span.instants[run]
        for track, history in zip(self.tracks, law.covenants, strict=True):
            for at, legal, why in standings(history, instants):
                places = slice(first + run.start + at.start, first + run.start + at.stop)
                track.legal[places], track.why[places] = [legal.state] * (at.stop - at.start), [why] * (at.stop - at.start)
        for identity, history in zip(past.book.ids, law.facilities, strict=True):
            for at, legal, _ in standings(history, instants):
                places, count = slice(first + run.start + at.start, first + run.start + at.stop), at.stop - at.start
                self.facilities[identity][places], self.because[identity][places] = [legal.state] * count, [legal.because] * count

    def _ask(self, place: int, past: Past, tests: Collection[int], resting: Bools) -> None:
        """Some tests on one day as `check` would have answered, and the law of that day."""
        self.alone += 1
        view = Viewpoint(self.session, past.book, self.days.instants[place], self.days.known_at[place], terms=past.terms)
        asker = Assessor(view, only=tests)
        now, _ = view.now()
        readings, results = asker.heard(now)
        law = asker.court.law([results[t] if t in tests else [] if resting[t] else told for t, told in enumerate(past.results)])
        for t, history in enumerate(law.covenants):
            track, step = self.tracks[t], history.transitions[-1] if history.transitions else None
            track.legal[place], track.why[place] = history.at(view.as_of).state, step.why if step else None
        for t in tests:
            said = next((one for one in readings[t] if one.waits is None), readings[t][0] if readings[t] else None)
            if said is not None and past.book.tests[t].class_ != "reporting":
                self.tracks[t].tested[place] = RESULTS.index(said.result)
        for identity, whole in zip(past.book.ids, law.facilities, strict=True):
            legal = whole.at(view.as_of)
            self.facilities[identity][place], self.because[identity][place] = legal.state, legal.because


def _runs(resting: Bools) -> list[slice]:
    """The days cut where a test begins to rest or ceases to."""
    cuts = (np.flatnonzero((resting[:, 1:] != resting[:, :-1]).any(axis=0)) + 1).tolist()
    return [slice(start, stop) for start, stop in zip([0, *cuts], [*cuts, resting.shape[1]], strict=True)]


__all__ = ["Replay", "replay"]

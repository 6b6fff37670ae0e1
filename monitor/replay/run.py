"""Replay a desk over days: one history and one call of the kernel a stretch; a day that says something of its own is asked alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import numpy as np

from monitor.assess import ALL_TESTS, Past, Picture, Standing, assess, whole_past
from monitor.marks.instants import end_of_day
from monitor.replay.doubts import doubtful_days
from monitor.replay.figures import Days, Figures, figures
from monitor.replay.stretches import Stretch, news_of, stretches
from monitor.session import Session
from rules.book import Book
from rules.columns import Codes, Floats
from rules.compare import INDETERMINATE, NOT_TESTED, RESULTS
from rules.covenants import Test
from rules.life import Tested
from rules.scope import day_of
from rules.testdates import tests_until
from rules.worlds import STALE

NOTHING = -1
"""In place of a code: the covenant has no such assessment on that day."""


class Track(msgspec.Struct, frozen=True):
    """One covenant over T days: codes of `rules.compare.RESULTS` int8[T] by basis (NOTHING: none), legal states, figures float64[T].

    `actual` and `threshold` are those of the day: of today's marks, of a continuous test and of an indication alike. `reasons` says why a
    row that has one was not judged, by place; `marks` are the series it moves with.
    """

    facility: str
    covenant: str
    test: Test
    tested: Codes
    indicative: Codes
    legal: list[str]
    why: list[str | None]
    actual: Floats
    threshold: Floats
    lacks: list[str | None]
    marks: dict[str, None]


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
    """How many days were asked alone."""


def replay(session: Session, days: Sequence[dt.date], known_at: dt.datetime | None = None) -> Replay:
    """What would have been said at the end of each of some days, in order, with what was known by then and by `known_at`."""
    instants = tuple(end_of_day(day, session.timezone) for day in days)
    known = tuple(at if known_at is None else min(at, known_at) for at in instants)
    news = news_of(session)
    last = day_of(known[-1], session.timezone)
    reel = _Reel(session, Days(instants, known), news.lag)
    for stretch in stretches([day.toordinal() for day in days], news, last):
        reel.play(stretch)
    return Replay(session, tuple(days), instants, known, tuple(reel.tracks), reel.facilities, reel.because, reel.alone)


class _Reel:
    """Fills the columns of all covenants, stretch by stretch."""

    def __init__(self, session: Session, days: Days, lag: int) -> None:
        self.session, self.days, self.lag = session, days, lag
        self.ordinals = [day_of(at, session.timezone) for at in days.instants]
        self.tracks: list[Track] = []
        self.facilities: dict[str, list[str]] = {}
        self.because: dict[str, list[str | None]] = {}
        self.alone = 0

    def play(self, stretch: Stretch) -> None:
        """One stretch: the history at its end, the figures of its days, and the days that differ asked alone."""
        first, last = stretch
        past = whole_past(self.session, self.days.instants[last], self.days.known_at[last])
        span = Days(self.days.instants[first : last + 1], self.days.known_at[first : last + 1])
        made = figures(self.session, past.picture.book, span)
        cut = _turn(past.picture.book, made)
        if cut:
            self.play(Stretch(first, first + cut - 1))
            return self.play(Stretch(first + cut, last))
        self._open(past.picture)
        for t in range(len(self.tracks)):
            self._fill(t, first, past, made)
        for f, identity in enumerate(past.picture.book.ids):
            for place, at in enumerate(span.instants, start=first):
                legal = past.picture.facilities[f].at(at)
                self.facilities[identity][place], self.because[identity][place] = legal.state, legal.because
        for place in doubtful_days(self.session, past, span, made, self.lag):
            self._ask(first + place)

    def _open(self, picture: Picture) -> None:
        if self.facilities:
            return
        count = len(self.ordinals)
        for test in picture.book.tests:
            self.tracks.append(_blank(picture.book.ids[test.facility], test, count))
        for identity in picture.book.ids:
            self.facilities[identity], self.because[identity] = [""] * count, [None] * count

    def _fill(self, t: int, first: int, past: Past, made: Figures) -> None:
        track, standing, count = self.tracks[t], past.picture.standings[t], len(made.tested.worlds.instants)
        places = range(first, first + count)
        for place in places:
            at = self.days.instants[place]
            step = next((one for one in reversed(standing.history.transitions) if one.at <= at), None)
            track.legal[place], track.why[place] = (standing.history.first.state, None) if step is None else (step.after, step.why)
        found = made.of(t)
        if found is not None:
            assessment, rows = found
            codes = assessment.result[rows, 0].copy()
            codes[: self._closing(past, t, first, count)] = NOT_TESTED
            (track.tested if standing.test.continuous else track.indicative)[first : first + count] = codes
            track.actual[first : first + count], track.threshold[first : first + count] = (
                assessment.actual[rows, 0],
                assessment.threshold[rows],
            )
            slots = assessment.drivers.series[rows][assessment.drivers.direct[rows]]
            track.marks.update({assessment.worlds.series[k]: None for k in sorted({k for k in slots.tolist() if k >= 0})})
            self._missing(track, first, codes, made, t)
        if not standing.test.continuous:
            for place in places:
                track.tested[place] = self._last(standing, past.results[t], place)

    def _closing(self, past: Past, t: int, first: int, count: int) -> int:
        """How many of the days lie before the facility was closed."""
        closing = past.picture.book.terms[past.picture.standings[t].test.facility].facility.closing
        return 0 if closing is None else sum(day < closing.date.toordinal() for day in self.ordinals[first : first + count])

    def _missing(self, track: Track, first: int, codes: Codes, made: Figures, t: int) -> None:
        """What each day on which nothing can be said lacks: the first mark without a usable print, else figures."""
        found = made.of(t)
        assert found is not None
        assessment, rows = found
        for n in np.flatnonzero(codes == INDETERMINATE).tolist():
            row, worlds = rows.start + n, assessment.worlds
            slots = assessment.drivers.series[row][assessment.drivers.direct[row]]
            lacking = [worlds.series[k] for k in slots if k >= 0 and worlds.data[k, n] >= STALE]
            track.lacks[first + n] = lacking[0] if lacking else assessment.reason[row] or "figures of the borrower"

    def _last(self, standing: Standing, results: Sequence[Tested], place: int) -> int:
        """The code of the last test as it stood on a day: the newest whose result was in, or unknown once its certificate was late."""
        at, day = self.days.instants[place], dt.date.fromordinal(self.ordinals[place])
        told = {one.period: one for one in results if one.period is not None}
        dates = tests_until(standing.test.covenant.test, day, standing.test.calendar, ALL_TESTS)
        for when in dates:
            one = told.get(when.period_end)
            if one is None:
                continue
            if one.decided and one.seen <= at:
                return RESULTS.index(one.result)
            if (
                one.result == "not_tested"
                or when.due is None
                or when.due < day
                or (not one.decided and one.seen > one.at and one.seen <= at)
            ):
                return NOT_TESTED if one.result == "not_tested" else INDETERMINATE
        return NOT_TESTED if dates else NOTHING

    def _ask(self, place: int) -> None:
        """One day as `check` would have answered it."""
        self.alone += 1
        picture = assess(self.session, self.days.instants[place], self.days.known_at[place])
        for track, standing in zip(self.tracks, picture.standings, strict=True):
            track.legal[place] = standing.legal.state
            step = standing.history.transitions[-1] if standing.history.transitions else None
            track.why[place] = step.why if step else None
            if standing.tested is not None and standing.test.class_ != "reporting":
                track.tested[place] = RESULTS.index(standing.tested.result)
        for f, identity in enumerate(picture.book.ids):
            legal = picture.facilities[f].at(picture.as_of)
            self.facilities[identity][place], self.because[identity][place] = legal.state, legal.because


def _blank(facility: str, test: Test, count: int) -> Track:
    codes, others = (np.full(count, NOTHING, dtype=np.int8) for _ in range(2))
    actual, threshold = (np.full(count, np.nan) for _ in range(2))
    return Track(facility, test.covenant.id, test, codes, others, [""] * count, [None] * count, actual, threshold, [None] * count, {})


def _turn(book: Book, made: Figures) -> int:
    """The first place at which a continuous test ceases or begins to be tested, 0 for none: `check` then reads no past, or begins to."""
    turns = []
    for place, t in enumerate(made.running):
        if book.tests[t].class_ != "springing":
            count = len(made.tested.worlds.instants)
            idle = made.tested.result[place * count : (place + 1) * count, 0] == NOT_TESTED
            turns += (np.flatnonzero(idle[1:] != idle[:-1]) + 1).tolist()[:1]
    return min(turns, default=0)


__all__ = ["NOTHING", "Replay", "Track", "replay"]

"""Where do we stand at an instant: the worlds of the as-of and of past test dates, evaluated and put into law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

import msgspec
import numpy as np

from monitor.marks.history import Observation
from monitor.marks.instants import end_of_day
from monitor.session import Session
from rules.book import Book, compile_book
from rules.compare import FAIL, INDETERMINATE, NOT_TESTED, RESULTS, effective, passes, size, slack, thresholds_on
from rules.covenants import Test
from rules.evaluate import Assessment, evaluate
from rules.events import Event
from rules.headroom import book_slots
from rules.life import Legal, Tested, life
from rules.scope import Rows, day_of
from rules.springs import holds
from rules.state import AS_AGREED, State, on_top
from rules.testdates import TestDate, tests_until
from rules.worlds import DATA, MISSING, Worlds

MOST_TESTS = 12
"""Past tests a legal state is derived from: three years of quarters."""
MOST_PRINTS = 250
"""Past prints looked at for the beginning of a failure: a year of closes."""


class Reading(NamedTuple):
    """One assessment of one covenant: the columns and the row in them; `waits` says why a test is not judged yet.

    `cured`: whether the test passes with the cure money recorded for this covenant and period; None where none was.
    """

    assessment: Assessment
    row: int
    period_end: dt.date
    due: dt.date | None
    waits: str | None = None
    cured: bool | None = None

    @property
    def result(self) -> str:
        """The result in words."""
        return "not_tested" if self.waits else RESULTS[int(self.assessment.result[self.row, 0])]


class Standing(msgspec.Struct, frozen=True):
    """One covenant: its last test, its indication, the rung that is on, and its legal state."""

    test: Test
    tested: Reading | None
    indicative: Reading | None
    rung: str | None
    legal: Legal


class Picture(msgspec.Struct, frozen=True):
    """The whole desk at one instant."""

    session: Session
    book: Book
    as_of: dt.datetime
    known_at: dt.datetime
    now: Worlds
    observations: tuple[Observation, ...]
    standings: tuple[Standing, ...]
    state: State = AS_AGREED
    events: tuple[Event, ...] = ()


def assess(
    session: Session,
    as_of: dt.datetime,
    known_at: dt.datetime,
    state: State = AS_AGREED,
    marks: tuple[dt.datetime, dt.datetime] | None = None,
) -> Picture:
    """The picture at `as_of` with what was known at `known_at` (both UTC); `state` says what differs from the desk's files.

    `marks` (observed by, known by) puts the marks of another instant in the place of those of the as-of: the terms of
    one day in the market of another. Past tests and past prints keep their own.
    """
    day = dt.date.fromordinal(day_of(as_of, session.timezone))
    known = dt.date.fromordinal(day_of(known_at, session.timezone))
    happened = [one for one in session.journal.known(known_at) if one.effective <= as_of]
    book = compile_book(session.on(day, known), session.definitions, session.calendar, session.timezone, happened)
    return _Assessor(session, book, as_of, known_at, day, known, state, marks).picture()


class _At(NamedTuple):
    """An instant to evaluate at; `swapped` where it sees the marks of another."""

    instant: dt.datetime
    swapped: bool = False


class _Assessor:
    """Chooses the rows to evaluate, evaluates them at once, and reads the standings off the columns."""

    def __init__(
        self,
        session: Session,
        book: Book,
        as_of: dt.datetime,
        known_at: dt.datetime,
        day: dt.date,
        known: dt.date,
        state: State,
        marks: tuple[dt.datetime, dt.datetime] | None,
    ) -> None:
        self.session, self.book, self.as_of, self.known_at, self.day, self.known = session, book, as_of, known_at, day, known
        self.events = session.journal.known(known_at)
        self.state, self.marks = state, marks
        self.past: dict[int, list[Reading]] = {}
        self.dates = [tests_until(test.covenant.test, day, test.calendar, MOST_TESTS) for test in book.tests]

    def picture(self) -> Picture:
        now, observations = self.worlds([_At(self.as_of, self.marks is not None)], "indicative")
        readings = self._tested(now)
        self.past = self._past(readings, now)
        indications = self._indicative(now)
        standings = tuple(self._standing(t, test, readings[t], indications.get(t)) for t, test in enumerate(self.book.tests))
        return Picture(self.session, self.book, self.as_of, self.known_at, now, observations, standings, self.state, self.events)

    def worlds(self, instants: list[_At], basis: str, only: Collection[int] | None = None) -> tuple[Worlds, tuple[Observation, ...]]:
        """One path over some instants, each series under the desk's policy or its covenant's own; all of them, or `only` some."""
        index = self.book.series
        marks, data = np.full((len(index), 1, len(instants)), np.nan), np.full((len(index), len(instants)), MISSING, dtype=np.int8)
        seen: list[Observation] = []
        for k, (name, policy) in enumerate(zip(index.names, index.policies, strict=True)):
            for t, at in enumerate(instants if only is None or k in only else ()):
                seen_at, seen_by = self.marks if at.swapped and self.marks else (at.instant, self.known_at)
                one = self.session.history.observe(name, seen_at, seen_by, policy)
                data[k, t] = DATA.index(one.data)
                marks[k, 0, t] = np.nan if one.value is None else one.value
                seen.append(one)
        known = tuple(self.known_at for _ in instants)
        return Worlds(tuple(index.names), tuple(at.instant for at in instants), known, marks, data, basis), tuple(seen)

    def _tested(self, now: Worlds) -> list[list[Reading]]:
        """Per test, the readings of its last tests, the latest first; a continuous test is read at the as-of."""
        wanted: list[tuple[int, TestDate, _At]] = []
        for t, test in enumerate(self.book.tests):
            if test.continuous or test.class_ == "reporting":
                wanted += [(t, self._continuous(test, self.dates[t]), _At(self.as_of, self.marks is not None))]
            else:
                ends = [min(self.as_of, end_of_day(when.period_end, self.session.timezone)) for when in self.dates[t]]
                wanted += [(t, when, _At(end)) for when, end in zip(self.dates[t], ends, strict=True)]
        instants = sorted({at for _, _, at in wanted} | {_At(self.as_of)})
        worlds, _ = self.worlds(instants, "tested")
        place = {at: number for number, at in enumerate(instants)}
        rows = _rows([(t, place[at], when) for t, when, at in wanted])
        running = {t for t, test in enumerate(self.book.tests) if test.springs is not None and self._runs_on(t, test, now)}
        made = evaluate(self.book, worlds, self.state, rows=rows, now=now, running=running)
        readings: list[list[Reading]] = [[] for _ in self.book.tests]
        for n, (t, when, _) in enumerate(wanted):
            one = Reading(made, n, when.period_end, when.due, self._waits(t, when, made, n))
            readings[t].append(one._replace(cured=self._cured(t, one)))
        return readings

    def _runs_on(self, t: int, test: Test, now: Worlds) -> bool:
        """Whether a trigger period that began before still runs: the condition held within the last `ends_after_days` days.

        Looked at on each of those days and at each print in them, from the state they began with; a day it is not known on is
        no day with it.
        """
        days = test.covenant.springs.ends_after_days if test.covenant.springs else None
        if not days or holds(self.book, test, now, _rows([(t, 0, TestDate(self.day, None))]), self.state)[0].any():
            return False
        since = self.as_of - dt.timedelta(days=days)
        only = {test.remap.get(k, k) for k in book_slots(self.book, test.facility)}
        prints = {at for k in only for at in self.session.history.instants(self.book.series.names[k], self.as_of, self.known_at)}
        instants = sorted({since + dt.timedelta(days=k) for k in range(days)} | {at for at in prints if since <= at < self.as_of})
        worlds, _ = self.worlds([_At(at) for at in instants], "tested", only)
        dates = [TestDate(dt.date.fromordinal(day_of(at, self.session.timezone)), None) for at in instants]
        rows = _rows([(t, n, when) for n, when in enumerate(dates) if not self._before_closing(test, when.period_end)])
        on, unknown = holds(self.book, test, worlds, rows, self.state)
        return bool((on & ~unknown).any())

    def _cured(self, t: int, one: Reading) -> bool | None:
        """Whether a failed test passes with the money recorded to cure just this covenant and period."""
        test = self.book.tests[t]
        named = (self.book.ids[test.facility], test.covenant.id, one.period_end)
        money = [cure for cure in self.events if cure.kind == "equity_cure" and (cure.facility, cure.covenant, cure.period_end) == named]
        if not money or one.result != "fail":
            return None
        column = np.zeros((len(self.book.ids), 1))
        column[test.facility] = sum(float(cure.amount or 0) for cure in money)
        state = State(repaid=column) if test.covenant.cure and test.covenant.cure.kind == "prepayment" else State(cash=column)
        made = evaluate(self.book, one.assessment.worlds, on_top(state, self.state), one.assessment.rows.pick(np.array([one.row])))
        return RESULTS[int(made.result[0, 0])] in ("pass", "watch")

    def _past(self, readings: list[list[Reading]], now: Worlds) -> dict[int, list[Reading]]:
        """Readings at past prints of continuous tests that are not quiet: since when it is so, and what a stale mark cannot close."""
        wanted: list[tuple[int, dt.datetime]] = []
        for t, found in enumerate(readings):
            one = found[0] if found else None
            if one is not None and self.book.tests[t].class_ in ("margin_ladder", "borrowing_base") and _open(one):
                wanted += [(t, at) for at in self._prints(one)]
        if not wanted:
            return {}
        instants = sorted({at for _, at in wanted})
        worlds, _ = self.worlds([_At(at) for at in instants], "tested")
        place = {at: number for number, at in enumerate(instants)}
        dates = {at: TestDate(dt.date.fromordinal(day_of(at, self.session.timezone)), None) for at in instants}
        made = evaluate(self.book, worlds, self.state, rows=_rows([(t, place[at], dates[at]) for t, at in wanted]), now=now)
        past: dict[int, list[Reading]] = {}
        for n, (t, at) in enumerate(wanted):
            past.setdefault(t, []).append(Reading(made, n, dates[at].period_end, None))
        return past

    def _prints(self, one: Reading) -> list[dt.datetime]:
        made = one.assessment
        series = made.drivers.series[one.row][made.drivers.direct[one.row]]
        found = {at for k in series for at in self.session.history.instants(self.book.series.names[k], self.as_of, self.known_at)}
        return sorted(at for at in found if at < self.as_of)[-MOST_PRINTS:]

    def _continuous(self, test: Test, dates: list[TestDate]) -> TestDate:
        """What a continuous test reads: the as-of; a springing one the last period ended; a report the last one due or in."""
        if test.class_ == "springing" and dates:
            return dates[0]
        if test.class_ == "reporting":
            due = [when for when in dates if when.due is not None and (when.due < self.day or self._delivered(test, when))]
            return due[0] if due else TestDate(self.day, None)
        return TestDate(self.day, None)

    def _delivered(self, test: Test, when: TestDate) -> dt.date | None:
        """When the report for a period was delivered, as known."""
        reports = self.book.reports
        end, known = when.period_end.toordinal(), self.known.toordinal()
        mine = (reports.table.owner == test.facility) & (reports.end == end) & (reports.known <= known)
        return dt.date.fromordinal(int(reports.delivered[mine].min())) if mine.any() else None

    def _waits(self, t: int, when: TestDate, made: Assessment, n: int) -> str | None:
        """Why a test whose figures are not in is not unknown but simply not due."""
        test = self.book.tests[t]
        if self._before_closing(test, when.period_end):
            return "before closing"
        if test.class_ == "reporting":
            return None if when.due is not None else "no certificate is due yet"
        late = when.due is None or when.due < self.day
        if test.continuous or late or self._delivered(test, when) or made.result[n, 0] != INDETERMINATE:
            return None
        return f"the certificate for {when.period_end.isoformat()} is due {when.due.isoformat()}"  # type: ignore[union-attr]

    def _indicative(self, now: Worlds) -> dict[int, Reading]:
        wanted = [t for t, test in enumerate(self.book.tests) if not test.continuous and test.class_ != "reporting"]
        rows = _rows([(t, 0, TestDate(self.day, None)) for t in wanted])
        made = evaluate(self.book, now, self.state, rows=rows)
        early = {t: "before closing" if self._before_closing(self.book.tests[t], self.day) else None for t in wanted}
        return {t: Reading(made, n, self.day, None, early[t]) for n, t in enumerate(wanted)}

    def _before_closing(self, test: Test, day: dt.date) -> bool:
        closing = self.book.terms[test.facility].facility.closing
        return closing is not None and day < closing.date

    def _standing(self, t: int, test: Test, readings: list[Reading], indicative: Reading | None) -> Standing:
        tested = next((one for one in readings if one.waits is None), readings[0] if readings else None)
        rung = rung_on(tested) if tested is not None and test.covenant.rung else None
        past = [self._result(test, one, rung_on(one)) for one in self.past.get(t, ()) if not self._before_closing(test, one.period_end)]
        results = past + [self._result(test, one, rung) for one in reversed(readings) if one.waits is None]
        legal = life(test.covenant, test.class_, results, now=self.as_of, calendar=test.calendar)
        return Standing(test, tested, indicative, rung, legal)

    def _result(self, test: Test, one: Reading, rung: str | None) -> Tested:
        at = one.assessment.worlds.instants[int(one.assessment.rows.instant[one.row])]
        came = self._delivered(test, TestDate(one.period_end, one.due))
        known = max(at, end_of_day(came, self.session.timezone)) if came is not None and not test.continuous else at
        if test.class_ == "reporting" and one.due is not None:
            at = known = min(self.as_of, end_of_day(one.due, self.session.timezone))
        return Tested(at, one.result, rung, min(known, self.as_of), one.due, _stays_on(test, one), _restored(one))


def _rows(wanted: list[tuple[int, int, TestDate]]) -> Rows:
    columns = (
        [t for t, _, _ in wanted],
        [instant for _, instant, _ in wanted],
        [when.period_end.toordinal() for _, _, when in wanted],
        [when.due.toordinal() if when.due else 0 for _, _, when in wanted],
    )
    return Rows(*(np.array(column, dtype=np.int64) for column in columns))


def _open(one: Reading) -> bool:
    """Whether a continuous reading may stand on something older: it fails, a rung is on, or its marks no longer tell."""
    return one.waits is None and (one.result in ("fail", "indeterminate") or rung_on(one) is not None)


def _stays_on(test: Test, one: Reading) -> bool:
    """Whether a trigger that is on stays on: its leaving level is not met."""
    off = next((level for level in test.levels if level.label == "off"), None)
    if off is None or one.result in ("indeterminate", "not_tested"):
        return one.result == "fail"
    made, n = one.assessment, one.row
    level = thresholds_on(off.threshold, made.rows.period_end[n : n + 1])
    gap = slack(off.operator, made.numerator[n], made.denominator[n], level)
    return not passes(off.operator, gap, size(made.numerator[n], made.denominator[n], level))[0]


def _restored(one: Reading) -> bool:
    """Whether the ratio is back at the restore level of every rung that names one."""
    made, n = one.assessment, one.row
    for level in made.book.tests[made.rows.test[n]].levels[1:]:
        if level.rung is not None and level.rung.restore_to is not None:
            target = np.array([float(level.rung.restore_to)])
            operator = "<=" if level.operator in ("<=", "<") else ">="
            gap = slack(operator, made.numerator[n], made.denominator[n], target)
            if not passes(operator, gap, size(made.numerator[n], made.denominator[n], target))[0]:
                return False
    return True


def rung_on(reading: Reading) -> str | None:
    """The worst rung of a ladder that is on, None where none is or the ratio is not known."""
    made, n = reading.assessment, reading.row
    if made.result[n, 0] in (INDETERMINATE, NOT_TESTED):
        return None
    test, found = made.book.tests[made.rows.test[n]], None
    for level in test.levels[1:]:
        threshold = effective(level, thresholds_on(level.threshold, made.rows.period_end[n : n + 1]), test.covenant.round)
        gap = slack(level.operator, made.numerator[n], made.denominator[n], threshold)
        if level.rung is not None and not passes(level.operator, gap, size(made.numerator[n], made.denominator[n], threshold))[0]:
            found = level.label
    return found


__all__ = ["FAIL", "Picture", "Reading", "Standing", "assess", "rung_on"]

"""Where do we stand at an instant: the worlds of the as-of and of past test dates, evaluated and put into law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence, Set

import msgspec
import numpy as np

from monitor.deliveries import awaits_report, counts_days, delivered, read_today, told_by, waits
from monitor.law import Court
from monitor.lookback import ALL_TESTS, MOST_TESTS, most_tests, past_readings, runs_on
from monitor.marks.history import Observation
from monitor.marks.instants import end_of_day
from monitor.missing import missing
from monitor.reading import Reading, instant_of, missing_money, restored, rung_on, stays_on
from monitor.session import Session
from monitor.terms import book_on
from monitor.viewpoint import At, Viewpoint, rows_of
from rules.book import Book
from rules.compare import INDETERMINATE, RESULTS
from rules.covenants import Test
from rules.evaluate import Assessment, evaluate
from rules.events import Event
from rules.life import History, Legal, Tested
from rules.life.tasks import Task, in_order
from rules.scope import Rows
from rules.state import AS_AGREED, State, on_top
from rules.testdates import TestDate
from rules.worlds import Worlds


class Standing(msgspec.Struct, frozen=True):
    """One covenant: its last test, its indication, the rung that is on, and its legal state."""

    test: Test
    tested: Reading | None
    indicative: Reading | None
    rung: str | None
    legal: Legal
    history: History


class Picture(msgspec.Struct, frozen=True):
    """The whole desk at one instant: its covenants, its facilities in law, and what is left to do."""

    session: Session
    book: Book
    as_of: dt.datetime
    known_at: dt.datetime
    now: Worlds
    observations: tuple[Observation, ...]
    standings: tuple[Standing, ...]
    state: State = AS_AGREED
    events: tuple[Event, ...] = ()
    facilities: tuple[History, ...] = ()
    tasks: tuple[Task, ...] = ()


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
    return Assessor(Viewpoint(session, book_on(session, as_of, known_at), as_of, known_at, state, marks)).picture()


class Assessor:
    """Chooses the rows to evaluate, evaluates them at once, and reads the standings off the columns.

    With `only`, no more than some of the tests are looked at: the others have no reading and tell their machines nothing.
    """

    def __init__(self, view: Viewpoint, only: Collection[int] | None = None) -> None:
        self.view, self.book = view, view.book
        self.asked = frozenset(range(len(self.book.tests)) if only is None else only)
        self.past: dict[int, list[Reading]] = {}
        self.dates = [
            view.terms.dates(t, view.day, self._most(test)) if t in self.asked else [] for t, test in enumerate(self.book.tests)
        ]

    def picture(self) -> Picture:
        """Where every covenant and every facility stands."""
        view = self.view
        now, observations = view.now()
        readings, results = self.heard(now)
        indications = self._indicative(now)
        law = self.court.law(results)
        standings = tuple(self._standing(test, readings[t], indications.get(t), law.covenants[t]) for t, test in enumerate(self.book.tests))
        tasks = [*law.tasks, *missing(view, self.court, [one.tested for one in standings], self.dates)]
        made = (view.session, self.book, view.as_of, view.known_at, now, observations, standings)
        return Picture(*made, view.state, view.events, law.facilities, tuple(in_order(tasks)))

    def heard(self, now: Worlds) -> tuple[list[list[Reading]], list[list[Tested]]]:
        """Per test, the readings of its last tests, the latest first, and what its legal machine is told, in order of time."""
        view = self.view
        readings = self._tested(now, self.asked)
        if silent := {t for t, found in enumerate(readings) if len(found) == MOST_TESTS and not any(_decided(one) for one in found)}:
            for t in silent:  # what was decided before the unknown ones still stands
                self.dates[t] = view.terms.dates(t, view.day, ALL_TESTS)
            readings = [one or other for one, other in zip(self._tested(now, silent), readings, strict=True)]
        self.past = self._past(readings, now)
        self.court = Court(view.session, self.book, now, view.as_of, view.known_at, view.events, view.terms)
        return readings, [self._results(t, test, readings[t]) for t, test in enumerate(self.book.tests)]

    def _most(self, test: Test) -> int:
        return most_tests(self.view, test)

    def _judged(self, instants: Sequence[At], rows: Rows, now: Worlds, running: Set[int] = frozenset()) -> list[tuple[Assessment, int]]:
        """Each row under the terms of its day, as a row of an assessment."""
        found: dict[int, tuple[Assessment, int]] = {}
        for book, places in self.view.terms.cut(rows):
            worlds = self.view.worlds(instants, book=book)
            made = self._made(book, worlds, rows.pick(places), self.view.now_in(book, now), running)
            found |= {place: (made, n) for n, place in enumerate(places.tolist())}
        return [found[n] for n in range(len(rows))]

    def _made(self, book: Book, worlds: Worlds, rows: Rows, now: Worlds, running: Set[int]) -> Assessment:
        return evaluate(book, worlds, self.view.state, rows=rows, now=now, running=running)

    def _past(self, readings: list[list[Reading]], now: Worlds) -> dict[int, list[Reading]]:
        return past_readings(self.view, self._judged, readings, now)

    def _tested(self, now: Worlds, tests: Collection[int]) -> list[list[Reading]]:
        """Per test, the readings of its last tests, the latest first; a continuous test is read at the as-of."""
        view = self.view
        wanted = [(t, when, at) for t in range(len(self.book.tests)) if t in tests for when, at in self._wanted(t)]
        instants = sorted({at for _, _, at in wanted} | {At(view.as_of)})
        place = {at: number for number, at in enumerate(instants)}
        rows = rows_of([(t, place[at], when) for t, when, at in wanted])
        running = {t for t in tests if self.book.tests[t].springs is not None and runs_on(view, t, now)}
        readings: list[list[Reading]] = [[] for _ in self.book.tests]
        for (t, when, _), (made, n) in zip(wanted, self._judged(instants, rows, now, running), strict=True):
            then = made.book.tests[int(made.rows.test[n])]
            one = Reading(made, n, when.period_end, when.due, waits(view, then, when, made.result[n, 0] == INDETERMINATE))
            readings[t].append(one._replace(cured=_cured(view, t, one)))
        return readings

    def _wanted(self, t: int) -> list[tuple[TestDate, At]]:
        """What is read of a test, and the instants it is read at."""
        view, test = self.view, self.book.tests[t]
        if test.continuous or test.class_ == "reporting":
            return [(read_today(view, test, self.dates[t]), view.today)]
        return [(when, At(min(view.as_of, end_of_day(when.period_end, view.session.timezone)))) for when in self.dates[t]]

    def _indicative(self, now: Worlds) -> dict[int, Reading]:
        view = self.view
        wanted = [t for t, test in enumerate(self.book.tests) if not test.continuous and test.class_ != "reporting"]
        made = evaluate(self.book, now, view.state, rows=rows_of([(t, 0, TestDate(view.day, None)) for t in wanted]))
        early = {t: "before closing" if view.before_closing(self.book.tests[t], view.day) else None for t in wanted}
        return {t: Reading(made, n, view.day, None, early[t]) for n, t in enumerate(wanted)}

    def _standing(self, test: Test, readings: list[Reading], indicative: Reading | None, history: History) -> Standing:
        tested = next((one for one in readings if one.waits is None), readings[0] if readings else None)
        rung = rung_on(tested) if tested is not None and test.covenant.rung else None
        return Standing(test, tested, indicative, rung, history.at(self.view.as_of), history)

    def _results(self, t: int, test: Test, readings: list[Reading]) -> list[Tested]:
        """What the legal machine of a test is told, in order of time."""
        if counts_days(test):
            return told_by(self.view, t, self.dates[t], self.court.clocks[test.facility]) if t in self.asked else []
        found = [*self.past.get(t, ()), *reversed(readings)]
        return [self._result(one) for one in found if one.waits is None and not self.view.before_closing(test, one.period_end)]

    def _result(self, one: Reading) -> Tested:
        view, at, test = self.view, instant_of(one), one.test
        came = delivered(view, test, TestDate(one.period_end, one.due)) if awaits_report(test, one.period_end) else None
        known = max(at, end_of_day(came, view.session.timezone)) if came is not None else at
        if test.class_ == "reporting" and one.due is not None:
            at = known = min(view.as_of, end_of_day(one.due, view.session.timezone))
        rung = rung_on(one) if test.covenant.rung else None
        return Tested(
            at, one.result, rung, min(known, view.as_of), one.due, stays_on(one), restored(one), one.period_end,
            missing_money(one), one.cured,
        )  # fmt: skip


def _cured(view: Viewpoint, t: int, one: Reading) -> bool | None:
    """Whether a failed test passes with the money recorded to cure just this covenant and period."""
    test, ids = view.book.tests[t], view.book.ids
    named = (ids[test.facility], test.covenant.id, one.period_end)
    money = [cure for cure in view.events if cure.kind == "equity_cure" and (cure.facility, cure.covenant, cure.period_end) == named]
    if not money or one.result != "fail":
        return None
    column = np.zeros((len(ids), 1))
    column[test.facility] = sum(float(cure.amount or 0) for cure in money)
    cure, then = one.test.covenant.cure, one.assessment
    state = State(repaid=column) if cure is not None and cure.kind == "prepayment" else State(cash=column)
    made = evaluate(then.book, then.worlds, on_top(state, view.state), then.rows.pick(np.array([one.row])))
    return RESULTS[int(made.result[0, 0])] in ("pass", "watch")


def _decided(one: Reading) -> bool:
    return one.waits is None and one.result not in ("indeterminate", "not_tested")


__all__ = ["Assessor", "Picture", "Standing", "assess"]

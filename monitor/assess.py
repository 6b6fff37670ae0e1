"""Where do we stand at an instant: the worlds of the as-of and of past test dates, evaluated and put into law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence, Set
from decimal import Decimal
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import Covenant
from monitor.law import Court
from monitor.marks.columns import path
from monitor.marks.history import Observation
from monitor.marks.instants import end_of_day
from monitor.reading import Reading, doubtful, instant_of, is_open, missing_money, restored, rung_on, stays_on
from monitor.session import Session
from monitor.terms import Terms, book_on
from rules.book import Book
from rules.compare import INDETERMINATE, RESULTS
from rules.covenants import Test
from rules.evaluate import Assessment, evaluate
from rules.events import Event
from rules.headroom import slots_of
from rules.life import History, Legal, Tested
from rules.life.tasks import Task, certificate_overdue, in_order, mark_missing
from rules.primitives.reports import reads_reports
from rules.scope import Rows, day_of
from rules.springs import holds
from rules.state import AS_AGREED, State, on_top
from rules.testdates import TestDate
from rules.worlds import DATA, Worlds

MOST_TESTS = 12
"""Past tests that a default is derived from which a later pass ends: three years of quarters."""
ALL_TESTS = 520
"""Past tests where what happened once still counts (an Event of Default, a cure, a recorded event): ten years of weeks."""
MOST_PRINTS = 250
"""Past prints looked at first for the beginning of a failure: a year of closes. More are read while the oldest still fails."""


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
    return Assessor(session, book_on(session, as_of, known_at), as_of, known_at, state, marks).picture()


class _At(NamedTuple):
    """An instant to evaluate at; `swapped` where it sees the marks of another."""

    instant: dt.datetime
    swapped: bool = False


class Assessor:
    """Chooses the rows to evaluate, evaluates them at once, and reads the standings off the columns.

    With `only`, no more than some of the tests are looked at: the others have no reading and tell their machines nothing.
    """

    def __init__(
        self, session: Session, book: Book, as_of: dt.datetime, known_at: dt.datetime, state: State = AS_AGREED,
        marks: tuple[dt.datetime, dt.datetime] | None = None, only: Collection[int] | None = None, terms: Terms | None = None,
    ) -> None:  # fmt: skip
        self.session, self.book, self.as_of, self.known_at = session, book, as_of, known_at
        self.day, self.known = (dt.date.fromordinal(day_of(at, session.timezone)) for at in (as_of, known_at))
        self.events = session.journal.known(known_at)
        self.state, self.marks = state, marks
        self.terms = terms or Terms(session, book, as_of, known_at)
        self.asked = frozenset(range(len(book.tests)) if only is None else only)
        self.past: dict[int, list[Reading]] = {}
        self.named = {(one.facility, one.covenant) for one in self.events if one.effective <= as_of}
        self.dates = [self.terms.dates(t, self.day, self._most(test)) if t in self.asked else [] for t, test in enumerate(book.tests)]

    def picture(self) -> Picture:
        """Where every covenant and every facility stands."""
        now, observations = self.now()
        readings, results = self.heard(now)
        indications = self._indicative(now)
        law = self.court.law(results)
        standings = tuple(self._standing(test, readings[t], indications.get(t), law.covenants[t]) for t, test in enumerate(self.book.tests))
        tasks = tuple(in_order([*law.tasks, *self._missing(standings)]))
        made = (self.session, self.book, self.as_of, self.known_at, now, observations, standings)
        return Picture(*made, self.state, self.events, law.facilities, tasks)

    def now(self) -> tuple[Worlds, tuple[Observation, ...]]:
        """The world of the as-of, and where each of its marks came from."""
        return self._now(self.book)

    def now_in(self, book: Book, now: Worlds | None = None) -> Worlds:
        """The world of the as-of in the series of a book; `now` where it is that of this book."""
        return now if now is not None and book is self.book else self._now(book)[0]

    def _now(self, book: Book) -> tuple[Worlds, tuple[Observation, ...]]:
        seen_at, seen_by = self._seen(_At(self.as_of, self.marks is not None))
        index = book.series
        seen = tuple(
            self.session.history.observe(name, seen_at, seen_by, policy) for name, policy in zip(index.names, index.policies, strict=True)
        )
        marks = np.array([np.nan if one.value is None else one.value for one in seen]).reshape(len(seen), 1, 1)
        data = np.array([DATA.index(one.data) for one in seen], dtype=np.int8).reshape(len(seen), 1)
        return Worlds(tuple(index.names), (self.as_of,), (self.known_at,), marks, data, "indicative"), seen

    def heard(self, now: Worlds) -> tuple[list[list[Reading]], list[list[Tested]]]:
        """Per test, the readings of its last tests, the latest first, and what its legal machine is told, in order of time."""
        readings = self._tested(now, self.asked)
        if silent := {t for t, found in enumerate(readings) if len(found) == MOST_TESTS and not any(_decided(one) for one in found)}:
            for t in silent:  # what was decided before the unknown ones still stands
                self.dates[t] = self.terms.dates(t, self.day, ALL_TESTS)
            readings = [one or other for one, other in zip(self._tested(now, silent), readings, strict=True)]
        self.past = self._past(readings, now)
        self.court = Court(self.session, self.book, now, self.as_of, self.known_at, self.events, self.terms)
        return readings, [self._results(t, test, readings[t]) for t, test in enumerate(self.book.tests)]

    def _most(self, test: Test) -> int:
        """How many past tests still count."""
        lasting = any(one.on_fail == "event_of_default" or one.cure is not None for one in self._ever(test)) or self._recorded(test)
        return ALL_TESTS if lasting else MOST_TESTS

    def _ever(self, test: Test) -> list[Covenant]:
        """A covenant as it stands, and its former terms, under which what is past was judged."""
        return [test.covenant, *(one.covenant for one in self.terms.former(test))]

    def _recorded(self, test: Test) -> bool:
        """Whether something was recorded of a covenant, or of its facility as a whole."""
        return not self.named.isdisjoint(((self.book.ids[test.facility], test.covenant.id), (self.book.ids[test.facility], None)))

    def _seen(self, at: _At) -> tuple[dt.datetime, dt.datetime]:
        return self.marks if at.swapped and self.marks else (at.instant, self.known_at)

    def path_over(self, instants: Sequence[dt.datetime], book: Book) -> Worlds:
        """The worlds of some prints, in the series of a book."""
        return self._worlds([_At(at) for at in instants], "tested", book=book)

    def _worlds(self, instants: Sequence[_At], basis: str, only: Collection[int] | None = None, book: Book | None = None) -> Worlds:
        """One path over some instants; all series of the book (or another), or `only` some."""
        seen_at, seen_by = zip(*map(self._seen, instants), strict=True) if instants else ((), ())
        made = path(self.session.history, (book or self.book).series, seen_at, seen_by, basis, only)
        known = tuple(self.known_at for _ in instants)
        return msgspec.structs.replace(made, instants=tuple(at.instant for at in instants), known_at=known)

    def _tested(self, now: Worlds, tests: Collection[int]) -> list[list[Reading]]:
        """Per test, the readings of its last tests, the latest first; a continuous test is read at the as-of."""
        wanted: list[tuple[int, TestDate, _At]] = []
        for t, test in enumerate(self.book.tests):
            if t not in tests:
                continue
            if test.continuous or test.class_ == "reporting":
                wanted += [(t, self._continuous(test, self.dates[t]), _At(self.as_of, self.marks is not None))]
            else:
                ends = [min(self.as_of, end_of_day(when.period_end, self.session.timezone)) for when in self.dates[t]]
                wanted += [(t, when, _At(end)) for when, end in zip(self.dates[t], ends, strict=True)]
        instants = sorted({at for _, _, at in wanted} | {_At(self.as_of)})
        place = {at: number for number, at in enumerate(instants)}
        rows = _rows([(t, place[at], when) for t, when, at in wanted])
        running = {t for t in tests if self.book.tests[t].springs is not None and self._runs_on(t, self.book.tests[t], now)}
        readings: list[list[Reading]] = [[] for _ in self.book.tests]
        for (t, when, _), (made, n) in zip(wanted, self._judged(instants, rows, now, running), strict=True):
            one = Reading(made, n, when.period_end, when.due, self._waits(when, made, n))
            readings[t].append(one._replace(cured=self._cured(t, one)))
        return readings

    def _judged(self, instants: Sequence[_At], rows: Rows, now: Worlds, running: Set[int] = frozenset()) -> list[tuple[Assessment, int]]:
        """Each row under the terms of its day, as a row of an assessment."""
        found: dict[int, tuple[Assessment, int]] = {}
        for book, places in self.terms.cut(rows):
            worlds = self._worlds(instants, "tested", book=book)
            made = self._made(book, worlds, rows.pick(places), self.now_in(book, now), running)
            found |= {place: (made, n) for n, place in enumerate(places.tolist())}
        return [found[n] for n in range(len(rows))]

    def _made(self, book: Book, worlds: Worlds, rows: Rows, now: Worlds, running: Set[int]) -> Assessment:
        return evaluate(book, worlds, self.state, rows=rows, now=now, running=running)

    def _runs_on(self, t: int, test: Test, now: Worlds) -> bool:
        """Whether a trigger period that began before still runs: the condition held within the last `ends_after_days` days.

        Looked at on each of those days and at each print in them, from the state they began with; a day it is not known on is
        no day with it.
        """
        days = test.covenant.springs.ends_after_days if test.covenant.springs else None
        if not days or holds(self.book, test, now, _rows([(t, 0, TestDate(self.day, None))]), self.state)[0].any():
            return False
        since = self.as_of - dt.timedelta(days=days)
        only = slots_of(self.book, test)
        prints = {at for k in only for at in self.session.history.instants(self.book.series.names[k], self.as_of, self.known_at)}
        instants = sorted({since + dt.timedelta(days=k) for k in range(days)} | {at for at in prints if since <= at < self.as_of})
        worlds = self._worlds([_At(at) for at in instants], "tested", only)
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
        cure = one.test.covenant.cure
        state = State(repaid=column) if cure is not None and cure.kind == "prepayment" else State(cash=column)
        made = evaluate(
            one.assessment.book, one.assessment.worlds, on_top(state, self.state), one.assessment.rows.pick(np.array([one.row]))
        )
        return RESULTS[int(made.result[0, 0])] in ("pass", "watch")

    def _past(self, readings: list[list[Reading]], now: Worlds) -> dict[int, list[Reading]]:
        """Readings at past prints of continuous tests that stand on something older: since when it is so, what a stale mark cannot close.

        While the oldest print read is not quiet, older ones are read.
        """
        prints = {t: self._prints(t, found[0]) for t, found in enumerate(readings) if found and self.book.tests[t].class_ in RUNNING}
        depth = {t: self._depth(t, readings[t][0], found) for t, found in prints.items() if self.book.tests[t].continuous}
        past: dict[int, list[Reading]] = {t: [] for t in depth}
        while depth := {t: most for t, most in depth.items() if len(past[t]) < min(most, len(prints[t]))}:
            found = self._read({t: prints[t][-most : len(prints[t]) - len(past[t])] for t, most in depth.items()}, now)
            past |= {t: found[t] + past[t] for t in depth}
            depth = {t: max(MOST_PRINTS, 4 * most) if self._unsettled(t, past[t]) else 0 for t, most in depth.items()}
        return past

    def _unsettled(self, t: int, found: list[Reading]) -> bool:
        """Whether what came before the oldest readings may still count: a trigger is off for sure only after `off.tests` at its level."""
        off = max((one.off.tests for one in self._ever(self.book.tests[t]) if one.off), default=1)
        return any(is_open(one) for one in found[: max(1, off)])

    def _depth(self, t: int, one: Reading, prints: list[dt.datetime]) -> int:
        """How many past prints may still count in law: all where a fail lasts, some where it is open now, none where it ended for good."""
        test = self.book.tests[t]
        if self._lasts(test):
            return len(prints)
        if self._recorded(test):
            first = min(event.effective for event in self.events if event.facility == self.book.ids[test.facility])
            return sum(at >= first for at in prints) + 2
        return MOST_PRINTS if is_open(one) else self._counted(test)

    def counts(self, t: int) -> bool:
        """Whether past prints count in law on a day on which a continuous test rests, whatever its figures."""
        test = self.book.tests[t]
        return self._lasts(test) or self._recorded(test) or self._counted(test) > 0

    def _lasts(self, test: Test) -> bool:
        """Whether a failure at any past print stands, whatever came after."""
        return any(one.on_fail == "event_of_default" and (not one.rung or one.starts == "trigger") for one in self._ever(test))

    def _counted(self, test: Test) -> int:
        """How many past prints a machine counts that has nothing open."""
        ever = self._ever(test)
        counted = max(level.tests if level else 0 for one in ever for level in (one.on, one.off))
        return counted + 1 if test.class_ == "trigger" else 2 if any(one.rung and one.starts == "trigger" for one in ever) else 0

    def _read(self, chosen: dict[int, list[dt.datetime]], now: Worlds) -> dict[int, list[Reading]]:
        """Readings of some tests at some instants, each test's in order of time."""
        instants = sorted({at for found in chosen.values() for at in found})
        place = {at: number for number, at in enumerate(instants)}
        dates = {at: TestDate(dt.date.fromordinal(day_of(at, self.session.timezone)), None) for at in instants}
        wanted = [(t, at) for t, found in chosen.items() for at in found]
        rows = _rows([(t, place[at], dates[at]) for t, at in wanted])
        past: dict[int, list[Reading]] = {t: [] for t in chosen}
        for (t, at), (made, n) in zip(wanted, self._judged([_At(at) for at in instants], rows, now), strict=True):
            past[t].append(Reading(made, n, dates[at].period_end, None))
        return past

    def _prints(self, t: int, one: Reading) -> list[dt.datetime]:
        """Every instant before the as-of at which what a test reads may have moved: its marks, the balance, the collateral."""
        f = self.book.tests[t].facility
        names = [self.book.series.names[k] for k in self._moves_with(t, one)]
        found = {at for name in names for at in self.session.history.instants(name, self.as_of, self.known_at)}
        found |= {event.effective for event in self.events if event.facility == self.book.ids[f] and event.kind in _MOVES}
        found |= {end_of_day(day, self.session.timezone) for day in self._moved(f) if day < self.day}
        closing = self.book.terms[f].facility.closing
        first = end_of_day(closing.date, self.session.timezone) - dt.timedelta(days=1) if closing is not None else None
        return sorted(at for at in found if at < self.as_of and (first is None or at > first))

    def _moves_with(self, t: int, one: Reading) -> Sequence[int]:
        """The series a continuous test moves with at the as-of."""
        del t
        found: list[int] = one.assessment.drivers.series[one.row][one.assessment.drivers.direct[one.row]].tolist()
        return found

    def _moved(self, f: int) -> set[dt.date]:
        """The days on which a facility's balance or collateral changed by its own terms: payments, observed balances, dated units."""
        terms = self.book.terms[f]
        steps = [row.units for row in terms.collateral] + [row.value for row in terms.collateral]
        dated = {step.from_ for table in steps if isinstance(table, list) for step in table}
        table = self.book.tables["leg"]
        legs = range(int(table.start[f]), int(table.start[f] + table.count[f]))
        seen = [leg.terms.facility for leg in (table.rows[n] for n in legs)]
        days = {row.date for own in (terms.facility, *seen) for rows in (own.balance, own.draw) for row in rows}
        return dated | days | {period.pay for n in legs for period in self.book.schedules[n].periods}

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
        first = int(reports.table.start[test.facility])
        own = slice(first, first + int(reports.table.count[test.facility]))
        mine = (reports.end[own] == end) & (reports.known[own] <= known)
        return dt.date.fromordinal(int(reports.delivered[own][mine].min())) if mine.any() else None

    def _waits(self, when: TestDate, made: Assessment, n: int) -> str | None:
        """Why a test whose figures are not in is not unknown but simply not due."""
        test = made.book.tests[int(made.rows.test[n])]
        if self._before_closing(test, when.period_end):
            return "before closing"
        if test.class_ == "reporting":
            return None if when.due is not None else "no certificate is due yet"
        late = when.due is None or when.due < self.day
        known = made.result[n, 0] != INDETERMINATE or not awaits_report(test, when.period_end)
        if known or late or self._delivered(test, when):
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

    def _standing(self, test: Test, readings: list[Reading], indicative: Reading | None, history: History) -> Standing:
        tested = next((one for one in readings if one.waits is None), readings[0] if readings else None)
        rung = rung_on(tested) if tested is not None and test.covenant.rung else None
        return Standing(test, tested, indicative, rung, history.at(self.as_of), history)

    def _results(self, t: int, test: Test, readings: list[Reading]) -> list[Tested]:
        """What the legal machine of a test is told, in order of time."""
        if test.class_ == "reporting" and test.covenant.tested_by_us and _counts_days(test):
            return self._deliveries(t, test) if t in self.asked else []
        found = [*self.past.get(t, ()), *reversed(readings)]
        return [self._result(one) for one in found if one.waits is None and not self._before_closing(test, one.period_end)]

    def _deliveries(self, t: int, test: Test) -> list[Tested]:
        """A certificate is missed when its last day has passed without it, and made good the day it comes."""
        found = []
        clock = self.court.clocks[test.facility]
        for when in self.dates[t]:
            if when.due is None or self._before_closing(test, when.period_end):
                continue
            slack = self.terms.test(t, when.period_end).levels[0].threshold
            last = clock.day_end(when.due + dt.timedelta(days=int(slack) if isinstance(slack, Decimal) else 0))
            came = self._delivered(test, when)
            arrived = min(clock.day_end(came), self.as_of) if came is not None else None
            if last <= self.as_of and (arrived is None or last < arrived):
                found.append(Tested(last, "fail", due=when.due, period=when.period_end))
            if arrived is not None and came is not None and came <= self.day:
                found.append(Tested(arrived, "pass", due=when.due, period=when.period_end))
        return found

    def _result(self, one: Reading) -> Tested:
        at, test = instant_of(one), one.test
        came = self._delivered(test, TestDate(one.period_end, one.due)) if awaits_report(test, one.period_end) else None
        known = max(at, end_of_day(came, self.session.timezone)) if came is not None else at
        if test.class_ == "reporting" and one.due is not None:
            at = known = min(self.as_of, end_of_day(one.due, self.session.timezone))
        rung = rung_on(one) if test.covenant.rung else None
        return Tested(
            at, one.result, rung, min(known, self.as_of), one.due, stays_on(one), restored(one), one.period_end,
            missing_money(one), one.cured,
        )  # fmt: skip

    # tasks of ours and of the borrower's ---------------------------------------------------------------------------------------

    def _missing(self, standings: tuple[Standing, ...]) -> list[Task]:
        """What keeps a test from being judged: a mark of ours, or a certificate of the borrower's."""
        found: list[Task | None] = []
        for t, standing in enumerate(standings):
            if not self.book.terms[standing.test.facility].facility.ours:
                continue
            found.append(self._overdue(t, standing))
            if standing.tested is not None and standing.tested.result == "indeterminate":
                found.append(mark_missing(self.court.spot(t), doubtful(standing.tested), instant_of(standing.tested)))
        return [one for one in found if one is not None]

    def _overdue(self, t: int, standing: Standing) -> Task | None:
        """The clock of a certificate that is due and not here: of the reporting covenant itself, or where there is none, of the test."""
        test = standing.test
        reports = any(self.book.tests[other].class_ == "reporting" for other in self.court.tests[test.facility])
        lacks = standing.tested is not None and standing.tested.result == "indeterminate" and not doubtful(standing.tested)
        if test.class_ != "reporting" and (reports or not lacks):
            return None
        late = [when for when in self.dates[t] if when.due is not None and not self._delivered(test, when)]
        late = [when for when in late if not self._before_closing(test, when.period_end) and when.due is not None and when.due < self.day]
        if not late:
            return None
        period, due = late[-1]
        assert due is not None
        return certificate_overdue(self.court.spot(t), period, due, test.covenant.grace if test.class_ == "reporting" else None, self.as_of)


RUNNING = ("margin_ladder", "borrowing_base", "maintenance", "trigger")
"""Classes whose continuous tests have a past: of the others only the last period counts."""
_MOVES = ("prepayment", "collateral_posted", "collateral_released")


def awaits_report(test: Test, period_end: dt.date) -> bool:
    """Whether a test is told by a certificate: it is of a date, and reads what the borrower reports."""
    return not test.continuous and reads_reports(test.on(period_end.toordinal()).quantity)


def _decided(one: Reading) -> bool:
    return one.waits is None and one.result not in ("indeterminate", "not_tested")


def _counts_days(test: Test) -> bool:
    """Whether a reporting covenant is the plain one: a certificate is late or it is not."""
    return test.quantity is not None and test.quantity.name in ("days_late", "certificate_delay")


def _rows(wanted: list[tuple[int, int, TestDate]]) -> Rows:
    columns = (
        [t for t, _, _ in wanted],
        [instant for _, instant, _ in wanted],
        [when.period_end.toordinal() for _, _, when in wanted],
        [when.due.toordinal() if when.due else 0 for _, _, when in wanted],
    )
    return Rows(*(np.array(column, dtype=np.int64) for column in columns))


__all__ = ["ALL_TESTS", "RUNNING", "Assessor", "Picture", "Reading", "Standing", "assess", "awaits_report", "book_on"]

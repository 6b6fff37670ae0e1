"""From a picture to the past of a chart: one covenant, or debt and collateral, judged day by day with the marks and terms known then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite

import numpy as np

from facilities.model import Amount
from facilities.steps import is_dated, value_on
from monitor.assess import Picture
from monitor.charts.inputs import DebtInput, Point, Points, RatioInput
from monitor.marks.columns import column
from monitor.marks.instants import end_of_day
from monitor.terms import Terms
from rules.book import Book, compile_book
from rules.columns import Floats
from rules.compare import RESULTS
from rules.covenants import Test
from rules.evaluate import evaluate
from rules.formula import Call
from rules.headroom import book_slots
from rules.kernel import value
from rules.life.tasks import Task
from rules.primitives.balances import outstanding_on
from rules.scope import Rows, Scope, day_of, open_scope
from rules.testdates import tests_until
from rules.worlds import MISSING, STALE, Worlds

MOST_TESTS = 40
"""Past tests shown: ten years of quarters."""
BASES = ("mark", "appraisal", "book")
MOST_DAYS = 400
"""Days of a history; a longer span is looked at in equal steps."""


def days_between(first: dt.date, last: dt.date, most: int = MOST_DAYS) -> list[dt.date]:
    """Days from the first to the last, both among them, in equal steps where they are more than `most`."""
    step = max(1, -(-(last - first).days // max(1, most - 1)))
    return [dt.date.fromordinal(day) for day in sorted({*range(last.toordinal(), first.toordinal() - 1, -step), first.toordinal()})]


def ratio_past(picture: Picture, facility: str, covenant: str, first: dt.date, last: dt.date) -> RatioInput:
    """The indications of each day as known that day, the tests as known now, and the limits. KeyError for unknown ids.

    `fails` is the day from which it has failed without a break until the last day, where it fails then. ValueError for a covenant that
    no formula computes.
    """
    place = picture.book.facility(facility)
    test = _test(picture.book, place, covenant)
    if test.on(last.toordinal()).numerator is None:
        raise ValueError("no formula computes it")
    days = days_between(first, last)
    history = tuple(point for book, span in _books(picture, place, days) for point in _indications(picture, book, place, covenant, span))
    tests = tuple(point for point in _tested(picture, test, place) if first <= point.day <= last)
    return RatioInput(
        title=test.covenant.title or test.covenant.id, unit=test.unit, operator=test.levels[0].operator, as_of=last, history=history,
        tests=tests, limits=_limits(picture, place, covenant, first, last), fails=_since(history),
    )  # fmt: skip


def debt_past(picture: Picture, facility: str, first: dt.date, last: dt.date) -> DebtInput:
    """What was owed and what the collateral was worth each day, as known that day. KeyError for an unknown facility.

    The worth is that at the mark; where that is never known, by appraisal, else at book. A debt is unknown from the end of the day
    on which it fell due with nothing recorded since.
    """
    place = picture.book.facility(facility)
    scopes = [(_facility_scope(picture, book, place, span), span) for book, span in _books(picture, place, days_between(first, last))]
    owed = [point for scope, span in scopes for point in _points(span, outstanding_on(scope, scope.facility, scope.day, scope.known))]
    lost = min((one.since for one in _not_told_repaid(picture, facility) if one.since), default=None)
    if lost is not None:
        owed = [one if end_of_day(one.day, picture.session.timezone) < lost else Point(one.day, None) for one in owed]
    worth = {basis: tuple(point for scope, span in scopes for point in _worth(scope, span, place, basis)) for basis in BASES}
    basis = next((basis for basis, points in worth.items() if any(point.value is not None for point in points)), BASES[0])
    terms = picture.book.terms[place].facility
    return DebtInput(title=terms.name, currency=terms.currency, basis=basis, as_of=last, debt=tuple(owed), value=worth[basis])


def _not_told_repaid(picture: Picture, facility: str) -> list[Task]:
    return [one for one in picture.tasks if one.kind == "repayment_unknown" and one.facility == facility]


def _worth(scope: Scope, days: list[dt.date], place: int, basis: str) -> Iterator[Point]:
    """The value of the collateral of a facility on each day."""
    values = value(Call("collateral_value", text=basis), scope)[:, 0].copy()
    values[_doubtful(scope, scope.book, place, basis)] = np.nan
    return _points(days, values)


def _doubtful(scope: Scope, book: Book, place: int, basis: str) -> np.ndarray:
    """bool[T]: days on which a price of the collateral is stale, so that its worth is not known."""
    mine = book.tables["collateral"].owner == place
    if basis == "book":
        return np.zeros(len(scope), dtype=bool)
    series = np.unique(book.ints["collateral.price" if basis == "mark" else "collateral.appraisal"][mine])
    return np.asarray((scope.worlds.data[series[series >= 0]] >= STALE).any(axis=0))


def _points(days: Sequence[dt.date], values: Floats) -> Iterator[Point]:
    for day, figure in zip(days, values.tolist(), strict=True):
        yield Point(day, figure if isfinite(figure) else None)


def _test(book: Book, place: int, covenant: str) -> Test:
    found = next((test for test in book.tests if test.facility == place and test.covenant.id == covenant), None)
    if found is None:
        raise KeyError(covenant)
    return found


def _books(picture: Picture, place: int, days: Sequence[dt.date]) -> Iterator[tuple[Book, list[dt.date]]]:
    """The days in stretches between amendments, each with the book of the terms in force and signed by then."""
    session = picture.session
    facility = picture.book.ids[place]
    cuts = sorted({max(one.effective, one.signed) for one in session.desk.facilities[facility].amendment})
    for _, span in groupby(days, key=lambda day: sum(cut <= day for cut in cuts)):
        stretch = list(span)
        desk = session.on(stretch[0], stretch[0]) if cuts else picture.book.desk
        yield (compile_book(desk, session.definitions, session.calendar, session.timezone) if cuts else picture.book), stretch


def _worlds(picture: Picture, book: Book, place: int, days: Sequence[dt.date], basis: str, known_at: dt.datetime | None = None) -> Worlds:
    """One path over the ends of some days of the series that one facility reads; the others stay unknown.

    Each day sees what was known by its end, or by `known_at`.
    """
    session, index = picture.session, book.series
    instants = [min(end_of_day(day, session.timezone), picture.as_of) for day in days]
    known = [known_at or min(instant, picture.known_at) for instant in instants]
    marks = np.full((len(index), 1, len(instants)), np.nan)
    data = np.full((len(index), len(instants)), MISSING, dtype=np.int8)
    wanted = set(book_slots(book, place))
    wanted |= {remap[k] for t, remap in book.remaps.items() if book.tests[t].facility == place for k in wanted & set(remap)}
    for k in wanted:
        marks[k, 0], data[k] = column(session.history, index.names[k], instants, known, index.policies[k])
    return Worlds(tuple(index.names), tuple(instants), tuple(known), marks, data, basis)


def _indications(picture: Picture, book: Book, place: int, covenant: str, days: list[dt.date]) -> Iterator[Point]:
    """The ratio of each day; unknown where a figure is missing or a mark stale."""
    test = _test(book, place, covenant)
    worlds = _worlds(picture, book, place, days, "tested" if test.continuous else "indicative")
    yield from _judged(book, worlds, test, days, [_period_end(test, day) for day in days], picture)


def _period_end(test: Test, day: dt.date) -> dt.date:
    """The day itself; of a springing covenant the end of the last period by then."""
    ended = tests_until(test.covenant.test, day, test.calendar, 1) if test.class_ == "springing" else []
    return ended[0].period_end if ended else day


def _tested(picture: Picture, test: Test, place: int) -> Iterator[Point]:
    """The past tests of a periodic covenant, as known now, each under the terms of its day."""
    if test.continuous:
        return
    today = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    terms, t = Terms(picture.session, picture.book, picture.as_of, picture.known_at), picture.book.tests.index(test)
    days = sorted(when.period_end for when in terms.dates(t, today, MOST_TESTS))
    ends = np.array([day.toordinal() for day in days], dtype=np.int64)
    rows = Rows(np.full_like(ends, t), np.zeros_like(ends), ends, np.zeros_like(ends))
    for book, places in reversed([*terms.cut(rows)] if days else []):  # the earliest terms first
        own = [days[n] for n in places.tolist()]
        worlds = _worlds(picture, book, place, own, "tested", picture.known_at)
        yield from _judged(book, worlds, book.tests[t], own, own, picture)


def _judged(
    book: Book, worlds: Worlds, test: Test, days: Sequence[dt.date], periods: Sequence[dt.date], picture: Picture
) -> Iterator[Point]:
    every = np.arange(len(days), dtype=np.int64)
    ends = np.array([day.toordinal() for day in periods], dtype=np.int64)
    rows = Rows(np.full(len(days), book.tests.index(test), dtype=np.int64), every, ends, np.zeros_like(every))
    made = evaluate(book, worlds, picture.state, rows=rows)
    for day, ratio, doubt, result in zip(days, made.actual[:, 0].tolist(), made.data.tolist(), made.result[:, 0].tolist(), strict=True):
        yield Point(day, ratio if isfinite(ratio) and doubt < STALE else None, RESULTS[result])


def _limits(picture: Picture, place: int, covenant: str, first: dt.date, last: dt.date) -> Points:
    """The limit in force, from step to step, as the terms of each stretch have it."""
    steps: list[Point] = []
    for book, span in _books(picture, place, days_between(first, last, (last - first).days + 1)):
        threshold = _test(book, place, covenant).levels[0].threshold
        if threshold is None:
            steps.append(Point(span[0], None))
        else:
            steps += steps_of(threshold, span[0], span[-1] if span[-1] < last else dt.date.max)
    return tuple(steps)


def steps_of(threshold: Amount, first: dt.date, last: dt.date) -> Iterator[Point]:
    """The levels of a threshold from the first day to the last, each from its day on."""
    dated = threshold if is_dated(threshold) else []
    days = {first, *(step.from_ for step in dated if first < step.from_ <= last)}
    days |= {step.until + dt.timedelta(days=1) for step in dated if step.until is not None and first <= step.until < last}
    for day in sorted(days):
        held = value_on(threshold, day)
        yield Point(day, None if held is None else float(held))


def _since(history: Points) -> dt.date | None:
    """The first day of the failure that still stands on the last; an unknown day between is no end of it."""
    since = None
    for point in reversed(history):
        if point.result == "fail":
            since = point.day
        elif point.result not in ("indeterminate",):
            break
    return since if history and history[-1].result == "fail" else None


def _facility_scope(picture: Picture, book: Book, place: int, days: list[dt.date]) -> Scope:
    worlds = _worlds(picture, book, place, days, "indicative")
    every = np.arange(len(days), dtype=np.int64)
    ends = np.array([day.toordinal() for day in days], dtype=np.int64)
    rows = Rows(np.full(len(days), -1, dtype=np.int64), every, ends, np.zeros_like(every))
    scope = open_scope(book, worlds, rows, facility=np.full(len(days), place, dtype=np.int64))
    scope.assumed = False
    return scope

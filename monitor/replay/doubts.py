"""Days on which what was heard that day is not what the history, told later, makes of it: between prints, and before a late print came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from monitor.assess import Past
from monitor.replay.figures import Days, Figures, Heard, figures, heard
from monitor.session import Session
from rules.compare import NOT_TESTED
from rules.covenants import Test
from rules.life import Tested, repeats
from rules.scope import day_of
from rules.testdates import tests_until


def doubtful_days(session: Session, past: Past, span: Days, made: Figures, lag: int) -> list[int]:
    """Places in the span, in order, that one history cannot answer for."""
    doubts: set[int] = set()
    days = [day_of(at, session.timezone) for at in span.instants]
    tests = past.picture.book.tests
    for t in made.running:
        found = made.of(t)
        assert found is not None
        closed = _closing(past, t)
        early = 0 if closed is None else sum(day < closed for day in days)
        doubts |= _between(tests[t], heard(tests[t], *found), past.results[t], span.instants, early)
        doubts |= _running_on(tests[t], found[0].result[found[1], 0], days)
    if lag and any(later - day > 1 for day, later in pairwise(days)):
        return list(range(len(days)))  # what came late of the days between is not looked at
    if lag:
        doubts |= set(range(min(lag + 1, len(days))))  # prints of the days before are still on their way
        doubts |= _late(session, past, span, made, lag, days)
        for t in made.periodic:
            doubts |= _tested_lately(tests[t], days, lag)
    return sorted(doubts)


def _closing(past: Past, t: int) -> int | None:
    closing = past.picture.book.terms[past.picture.book.tests[t].facility].facility.closing
    return None if closing is None else closing.date.toordinal()


def _key(test: Test, one: Tested) -> tuple[object, ...]:
    place = next((n for n, level in enumerate(test.levels) if n and level.label == one.rung), 0) if one.rung else 0
    return one.result == "fail", place, bool(one.restored), bool(one.on)


def _between(test: Test, day: Heard, results: Sequence[Tested], instants: Sequence[dt.datetime], early: int) -> set[int]:
    """Days, but for the `early` ones before closing, whose own reading is news to the machine that has heard every print before."""
    keep = repeats(test.covenant, test.class_) or 1
    told = sorted((one for one in results if one.decided), key=lambda one: one.at)
    doubts: set[int] = set()
    before: tuple[object, ...] | None = None
    run = at = 0
    for place, instant in enumerate(instants):
        while at < len(told) and told[at].at <= instant:
            key = _key(test, told[at])
            run = run + 1 if key == before else 1
            before, at = key, at + 1
        if place < early or not day.decided[place] or (at and told[at - 1].at == instant):
            continue
        own = (bool(day.fail[place]), int(day.rung[place]), bool(day.restored[place]), bool(day.on[place]))
        quiet = before is None and not own[0] and not own[1]
        if not quiet and (own != before or run < keep):
            doubts.add(place)
    return doubts


def _running_on(test: Test, result: np.ndarray, days: Sequence[int]) -> set[int]:
    """Days on which a springing covenant may run on although its condition is gone."""
    length = test.covenant.springs.ends_after_days if test.covenant.springs else None
    if not length:
        return set()
    return {place for place, day in enumerate(days) if result[place] == NOT_TESTED and _sprung(result, days, day, length)} | {
        place for place, day in enumerate(days) if result[place] == NOT_TESTED and day - days[0] < length
    }


def _sprung(result: np.ndarray, days: Sequence[int], day: int, length: int) -> bool:
    return any(day - length <= other < day and result[n] != NOT_TESTED for n, other in enumerate(days))


def _late(session: Session, past: Past, span: Days, made: Figures, lag: int, days: Sequence[int]) -> set[int]:
    """Days for which a print that came a few days later than its day changes what is heard."""
    doubts: set[int] = set()
    latest = span.known_at[-1]
    for ahead in range(1, lag + 1):
        known = tuple(min(latest, at + dt.timedelta(days=ahead)) for at in span.known_at)
        later = figures(session, past.picture.book, Days(span.instants, known))
        for t in made.running:
            test, one, other = past.picture.book.tests[t], made.of(t), later.of(t)
            assert one is not None and other is not None
            pairs = zip(heard(test, *one), heard(test, *other), strict=True)
            moved = np.any([first != second for first, second in pairs], axis=0)
            told = {days[place] for place in np.flatnonzero(moved).tolist()}
            doubts |= {place for place, day in enumerate(days) if any(day - lag <= other <= day for other in told)}
    return doubts


def _tested_lately(test: Test, days: Sequence[int], lag: int) -> set[int]:
    """Days at and shortly after a test date, while a print of that date may still be on its way."""
    found: set[int] = set()
    for place, day in enumerate(days):
        when = tests_until(test.covenant.test, dt.date.fromordinal(day), test.calendar, 1)
        if when and day - when[0].period_end.toordinal() < lag + 1:
            found.add(place)
    return found

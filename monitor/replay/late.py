"""Days on which a print was still on its way, and what the past said without it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from monitor.marks.columns import path
from monitor.replay.figures import Days, Heard, Judged, judged
from monitor.replay.past import Past
from monitor.replay.stretches import Late
from monitor.session import Session
from rules.columns import Ints
from rules.compare import INDETERMINATE
from rules.headroom import slots_of
from rules.life import repeats
from rules.scope import Rows, day_of


class _Asked(NamedTuple):
    """A past row of a test, and the day in the span that may have known less of it."""

    test: int
    row: int
    place: int
    at: dt.datetime
    known: dt.datetime


def unheard(session: Session, past: Past, span: Days, days: Sequence[int], late: Mapping[str, Late]) -> Iterator[tuple[int, int]]:
    """(place, test) where a print on its way that day changes what a past row says, or whether it was there at all."""
    asked = [one for t in range(len(past.book.tests)) for one in _lately(session, past, t, span, days, late)]
    if not asked:
        return
    made = _as_known(session, past, asked)
    start = 0
    while start < len(asked):
        t = asked[start].test
        stop = bisect_right(asked, t, lo=start, key=lambda one: one.test)
        rows, mine = slice(start, stop), asked[start:stop]
        differs = _run_differs(past, t, made, rows, mine, late) if t in past.runs else _reading_differs(past, t, made, rows, mine)
        yield from ((one.place, t) for one, other in zip(mine, differs, strict=True) if other)
        start = stop


def _lately(session: Session, past: Past, t: int, span: Days, days: Sequence[int], late: Mapping[str, Late]) -> Iterator[_Asked]:
    """Each past row of a test with the days shortly after it, where it reads a series that comes late."""
    test = past.book.tests[t]
    lag = max((late[name].days for k in slots_of(past.book, test) if (name := past.book.series.names[k]) in late), default=0)
    if not lag:
        return
    for row, at in _past_rows(past, t):
        day = day_of(at, session.timezone)
        for place in range(bisect_left(days, day), bisect_left(days, day + lag)):
            if at <= span.instants[place]:
                yield _Asked(t, row, place, at, span.known_at[place])


def _past_rows(past: Past, t: int) -> Iterator[tuple[int, dt.datetime]]:
    if t in past.runs:
        yield from enumerate(past.runs[t].instants)
    elif not past.book.tests[t].continuous:
        for row, one in enumerate(past.readings[t]):
            yield row, one.assessment.worlds.instants[int(one.assessment.rows.instant[one.row])]


def _as_known(session: Session, past: Past, asked: Sequence[_Asked]) -> Judged:
    """The rows asked for, in worlds of their instants as known on their days."""
    moments = sorted({(one.at, one.known) for one in asked})
    number = {moment: n for n, moment in enumerate(moments)}
    instants, known = [at for at, _ in moments], [known for _, known in moments]
    instant = np.array([number[one.at, one.known] for one in asked], dtype=np.int64)
    ends = np.array([day_of(at, session.timezone) for at in instants], dtype=np.int64)[instant]
    dues = np.zeros_like(instant)
    for n, one in enumerate(asked):
        if one.test not in past.runs:
            rows, row = past.readings[one.test][one.row].assessment.rows, past.readings[one.test][one.row].row
            ends[n], dues[n] = rows.period_end[row], rows.due[row]
    tests = np.array([one.test for one in asked], dtype=np.int64)
    rows = Rows(tests, instant, ends, dues)
    return judged(past.terms, rows, lambda book: path(session.history, book.series, instants, known, "tested"), past.now)


def _run_differs(past: Past, t: int, made: Judged, rows: slice, asked: Sequence[_Asked], late: Mapping[str, Late]) -> list[bool]:
    """Whether each row of a run said something else that day, or was not there although it is news."""
    test, run = past.book.tests[t], past.runs[t]
    places = np.array([one.row for one in asked], dtype=np.int64)
    other = ~run.heard.alike(places, made.heard(t, rows))
    keep = repeats(test.covenant, test.class_, past.terms.former(test)) or 1
    names = {past.book.series.names[k] for k in run.series} & set(late)
    repeated = _repeated(run.heard)
    absent = [any(late[name].known.get(one.at, one.known) > one.known for name in names) for one in asked]
    found: list[bool] = (other | np.array(absent) & run.heard.decided[places] & (repeated[places] < keep)).tolist()
    return found


def _repeated(run: Heard) -> Ints:
    """int64[T]: how many decided rows directly before each say the same."""
    decided = np.flatnonzero(run.decided)
    if not len(decided):
        return np.zeros(len(run.decided), dtype=np.int64)
    same = np.ones(len(decided) - 1, dtype=bool)
    for column in (run.fail, run.rung, run.restored, run.on):
        same &= column[decided[1:]] == column[decided[:-1]]
    found, count = np.zeros(len(run.decided), dtype=np.int64), 0
    for place, again in zip(decided.tolist(), [False, *same.tolist()], strict=True):
        count = count + 1 if again else 0
        found[place] = count
    return found


def _reading_differs(past: Past, t: int, made: Judged, rows: slice, asked: Sequence[_Asked]) -> list[bool]:
    """Whether each test of a date had other figures that day."""
    found = []
    for n, one in enumerate(asked, start=rows.start):
        now, at = made.at(n)
        was, row = past.readings[t][one.row].assessment, past.readings[t][one.row].row
        pairs = ((was.numerator[row, 0], now.numerator[at]), (was.denominator[row, 0], now.denominator[at]))
        same = all(one == other or (np.isnan(one) and np.isnan(other)) for one, other in pairs)
        found.append(bool(not same or (was.result[row, 0] >= INDETERMINATE) != (now.result[at] >= INDETERMINATE)))
    return found

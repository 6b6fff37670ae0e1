"""Days on which what was heard of a test is not what the history, told later, makes of it: between prints, and before a late one came."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np

from monitor.marks.columns import path
from monitor.replay.figures import Days, Figures, Heard, heard
from monitor.replay.late import unheard
from monitor.replay.past import Past
from monitor.replay.stretches import Late
from monitor.session import Session
from rules.book import Book
from rules.columns import Bools, Codes
from rules.compare import NOT_TESTED
from rules.covenants import Test
from rules.headroom import slots_of
from rules.life import Tested, repeats
from rules.scope import Rows, day_of
from rules.springs import holds

Doubts = dict[int, set[int]]
"""By place in the span, the tests that one history cannot answer for on that day."""


def doubts_of(session: Session, past: Past, span: Days, made: Figures, silent: Bools, late: Mapping[str, Late]) -> Doubts:
    """The days and tests that must be asked alone; on those that are `silent`, bool[tests, T], nothing of the past is heard."""
    doubts: Doubts = {}
    days = [day_of(at, session.timezone) for at in span.instants]
    for t in made.running:
        test, found = past.book.tests[t], made.of(t)
        assert found is not None
        result = found[0].result[found[1]]
        early = bisect_left(days, _closing(past.book, test))
        wanted = _between(past, test, heard(test, *found), past.results[t], span.instants, early)
        wanted |= set(np.flatnonzero(_rests(past, t, made, span.instants) & ~silent[t]).tolist())
        if test.springs is not None and test.class_ == "springing":
            wanted |= _running_on(session, past, test, result, span)
        for place in wanted:
            doubts.setdefault(place, set()).add(t)
    for t, test in enumerate(past.book.tests):
        if test.springs is not None and test.class_ != "springing":  # whether its past counts is asked of each day anew
            for place in range(len(days)):
                doubts.setdefault(place, set()).add(t)
    for place, t in unheard(session, past, span, days, late):
        doubts.setdefault(place, set()).add(t)
    return doubts


def _closing(book: Book, test: Test) -> int:
    closing = book.terms[test.facility].facility.closing
    return 0 if closing is None else closing.date.toordinal()


def _key(test: Test, one: Tested) -> tuple[object, ...]:
    place = next((n for n, level in enumerate(test.levels) if n and level.label == one.rung), 0) if one.rung else 0
    return one.result == "fail", place, bool(one.restored), bool(one.on)


def _between(past: Past, test: Test, day: Heard, results: Sequence[Tested], instants: Sequence[dt.datetime], early: int) -> set[int]:
    """Days, but for the `early` ones before closing, whose own reading is news to the machine that has heard every print before."""
    keep = repeats(test.covenant, test.class_, past.terms.former(test)) or 1
    told = sorted((one for one in results if one.decided), key=lambda one: one.at)
    own = list(zip(*(column.tolist() for column in (day.fail, day.rung, day.restored, day.on)), strict=True))
    doubts: set[int] = set()
    before: tuple[object, ...] | None = None
    run = at = 0
    for place in range(early, len(instants)):
        while at < len(told) and told[at].at <= instants[place]:
            key = _key(test, told[at])
            run = run + 1 if key == before else 1
            before, at = key, at + 1
        if not day.decided[place] or (at and told[at - 1].at == instants[place]):
            continue
        quiet = before is None and not own[place][0] and not own[place][1]
        if not quiet and (own[place] != before or run < keep):
            doubts.add(place)
    return doubts


def silent(past: Past, made: Figures, instants: Sequence[dt.datetime]) -> Bools:
    """bool[tests, T]: days on which a test rests and its machine hears nothing of its past, though there is one."""
    found = np.zeros((len(past.book.tests), len(instants)), dtype=bool)
    for t in past.runs:
        rests = _rests(past, t, made, instants)
        if t not in past.counting and rests.any():
            test, figures = past.book.tests[t], made.of(t)
            assert figures is not None
            found[t] = rests & heard(test, *figures).restored if test.covenant.rung else rests
    return found


def _rests(past: Past, t: int, made: Figures, instants: Sequence[dt.datetime]) -> Bools:
    """bool[T]: days on which a test that was decided before rests: what is said then stands on fewer prints than the history, or none."""
    run, figures = past.runs.get(t), made.of(t)
    if run is None or figures is None or not run.heard.decided.any():
        return np.zeros(len(instants), dtype=bool)
    since = bisect_left(instants, run.instants[int(np.argmax(run.heard.decided))])
    return np.asarray((figures[0].result[figures[1]] == NOT_TESTED) & (np.arange(len(instants)) >= since))


def _running_on(session: Session, past: Past, test: Test, result: Codes, span: Days) -> set[int]:
    """Days on which a springing covenant may run on although its condition is gone: it held shortly before, at a close or a print."""
    length = test.covenant.springs.ends_after_days if test.covenant.springs else None
    resting = np.flatnonzero(result == NOT_TESTED).tolist()
    if not length or not resting:
        return set()
    began, last = span.instants[0] - dt.timedelta(days=length), span.instants[-1]
    names = {past.book.series.names[k] for k in slots_of(past.book, test)}
    prints = {at for name in names for at in session.history.instants(name, last, span.known_at[-1]) if at >= began}
    closes = {at - dt.timedelta(days=n) for at in span.instants for n in range(length + 1)}
    instants = sorted(prints | closes)
    sprung = np.zeros(len(instants), dtype=bool)
    for known in ([min(at, span.known_at[-1]) for at in instants], [span.known_at[-1]] * len(instants)):
        worlds = path(session.history, past.book.series, instants, known, "tested", slots_of(past.book, test))
        every = np.arange(len(instants), dtype=np.int64)
        rows = Rows(np.full_like(every, past.book.tests.index(test)), every, worlds.days(session.timezone)[0], np.zeros_like(every))
        on, unknown = holds(past.book, test, worlds, rows)
        sprung |= (on & ~unknown)[:, 0]
    held = [at for at, one in zip(instants, sprung.tolist(), strict=True) if one]
    window = dt.timedelta(days=length)
    return {n for n in resting if bisect_left(held, span.instants[n] - window) < bisect_left(held, span.instants[n])}


__all__ = ["Doubts", "doubts_of", "silent"]

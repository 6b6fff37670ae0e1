"""The whole past of a desk as known at one instant: every test date and every print, so that its histories hold for all days before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np

from monitor.assess import Assessor
from monitor.law import Court
from monitor.lookback import ALL_TESTS, RUNNING, counts, prints_of
from monitor.reading import Reading
from monitor.replay.figures import Figures, Heard, Judged, judged
from monitor.session import Session
from monitor.terms import Terms
from monitor.viewpoint import Viewpoint
from rules.book import Book
from rules.columns import Codes
from rules.compare import NOT_TESTED
from rules.covenants import Test
from rules.evaluate import Assessment, evaluate
from rules.life import Tested, turns
from rules.scope import Rows
from rules.timeline import timeline
from rules.worlds import Worlds


class Run(NamedTuple):
    """A continuous test at every print that may have moved it: the instants in order, the series printed, and what was heard.

    `rows` are those of the test in `made`.
    """

    instants: list[dt.datetime]
    series: tuple[int, ...]
    heard: Heard
    made: Judged
    rows: slice


class Past(NamedTuple):
    """A desk at an instant, with histories that reach back to the beginning.

    What they say of an earlier day is what would have been said then, as long as nothing about the past was learnt in between.
    `results` are what each test's legal machine is told, in order of time; `runs` the continuous tests that have a past, `readings`
    the tests on dates, the latest first; `counting` those of which some prints count even on a day on which they rest. `now` makes
    the world of the instant in the series of a book.
    """

    book: Book
    terms: Terms
    now: Callable[[Book], Worlds]
    results: list[list[Tested]]
    readings: list[list[Reading]]
    runs: dict[int, Run]
    counting: frozenset[int]
    court: Court


def whole_past(session: Session, terms: Terms, as_of: dt.datetime, known_at: dt.datetime, made: Figures) -> Past:
    """Every past print and test date read, as known at an instant, the end of the days of `made`."""
    view = Viewpoint(session, terms.book, as_of, known_at, terms=terms)
    whole = _Whole(view, _moving(made))
    now, _ = view.now()
    readings, results = whole.heard(now)
    counting = frozenset(t for t in whole.runs if counts(view, terms.book.tests[t]))
    return Past(terms.book, terms, view.now_in, results, readings, whole.runs, counting, whole.court)


def _moving(made: Figures) -> dict[int, Sequence[int]]:
    """The series that each continuous test with a past moves with on the last day on which it does not rest."""
    figures, count = made.tested, len(made.tested.worlds.instants)
    tests, rows = [], []
    for at, t in enumerate(made.running):
        if figures.book.tests[t].class_ in RUNNING:
            busy = np.flatnonzero(figures.result[at * count : (at + 1) * count] != NOT_TESTED)
            tests.append(t)
            rows.append(at * count + int(busy[-1] if len(busy) else count - 1))
    if not tests:
        return {}
    probed = evaluate(figures.book, figures.worlds, figures.state, figures.rows.pick(np.array(rows, dtype=np.int64)))
    return {t: probed.drivers.series[n][probed.drivers.direct[n]].tolist() for n, t in enumerate(tests)}


class _Whole(Assessor):
    """Reads all there is, in columns: no driver is looked for, the marks whose prints are the past are given."""

    def __init__(self, view: Viewpoint, moving: Mapping[int, Sequence[int]]) -> None:
        super().__init__(view)
        self.runs: dict[int, Run] = {}
        self.moving = moving
        self.read: list[Assessment] = []

    def _most(self, test: Test) -> int:
        del test
        return ALL_TESTS

    def _made(self, book: Book, worlds: Worlds, rows: Rows, now: Worlds, running: Set[int]) -> Assessment:
        return timeline(book, worlds, rows, self.view.state, now, running).assessment()

    def _past(self, readings: list[list[Reading]], now: Worlds) -> dict[int, list[Reading]]:
        """No reading one by one: the runs hold what there is."""
        del readings
        view = self.view
        prints = prints_of(view, self.moving)
        instants = sorted({at for found in prints.values() for at in found})
        if not instants:
            return {}
        place = {at: number for number, at in enumerate(instants)}
        columns = [np.array([place[at] for at in found], dtype=np.int64) for found in prints.values()]
        instant = np.concatenate(columns)
        day = np.array([view.date(at).toordinal() for at in instants], dtype=np.int64)
        test = np.repeat(np.array(list(prints), dtype=np.int64), [len(one) for one in columns])
        rows = Rows(test, instant, day[instant], np.zeros_like(instant))
        made = judged(view.terms, rows, lambda book: view.over(instants, book), lambda book: view.now_in(book, now))
        self.read = [part.assessment() for part in made.parts]
        ends = np.cumsum([len(one) for one in columns]).tolist()
        for (t, found), end in zip(prints.items(), ends, strict=True):
            mine = slice(end - len(found), end)
            self.runs[t] = Run(found, tuple(self.moving[t]), made.heard(t, mine), made, mine)
        return {}

    def _results(self, t: int, test: Test, readings: list[Reading]) -> list[Tested]:
        found = super()._results(t, test, readings)
        return [*self._turns(t, test), *found] if t in self.runs else found

    def _turns(self, t: int, test: Test) -> list[Tested]:
        """The results of a run that its machine would take for news."""
        run = self.runs[t]
        result: Codes = run.made.column("result", run.rows)
        marks = (run.heard.rung, run.heard.restored.astype(np.int8), run.heard.on.astype(np.int8))
        places = turns(test.covenant, test.class_, result, *marks, former=self.view.terms.former(test))
        days = [self.view.date(run.instants[n]) for n in places.tolist()]
        rows = run.rows.start + places
        told = zip(run.made.part[rows].tolist(), run.made.row[rows].tolist(), days, strict=True)
        return [self._result(Reading(self.read[part], row, day, None)) for part, row, day in told]


__all__ = ["Past", "Run", "whole_past"]

"""One drawn path of many on which a covenant fails: its marks, and the arithmetic on the day it first does, down to the leaf."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec
import numpy as np

from monitor.ahead.outlook import book_ahead
from monitor.cells import name, pad, wrap
from monitor.report.explain import tree_text
from monitor.report.words import ratio
from monitor.stress.dates import looked_at
from monitor.stress.drivers import drivers_of
from monitor.stress.ground import Ground
from monitor.stress.joint import Asked, plan_of
from monitor.stress.shape import number
from rules.book import Book
from rules.columns import Floats, Ints
from rules.compare import RESULTS
from rules.evaluate import evaluate
from rules.explain import Explainer
from rules.feedback import between
from rules.paths import BLOCK, draw
from rules.scope import Rows, open_scope
from rules.simulate import Plan, judged
from rules.state import State
from rules.worlds import Worlds


class Seen(NamedTuple):
    """One test in the marks of one path: its book, worlds and row, and the state that payments left."""

    book: Book
    worlds: Worlds
    rows: Rows
    state: State


def explain_drawn(ground: Ground, n: int, asked: Asked, width: int) -> str:
    """Row `n` of the ground on the middle one, by the date of its first failure, of the paths of the first block on which it fails."""
    days, looked = looked_at(ground, book_ahead(ground.picture), asked.months)
    plan = plan_of(ground, drivers_of(ground.picture, asked.plain), days, asked, asked.dials[0], looked)
    if not plan.fold.due.reshape(-1, plan.dates)[n].any():
        return f"{ground.name(n)} can be judged on no date up to {days[-1]}: there is no path to show"
    marks = draw(plan.process, asked.seed, 0)[:, :, : min(BLOCK, asked.paths)]
    first = _first(plan, marks, n)
    hits = np.flatnonzero(first < plan.dates)
    if not len(hits):
        return f"{ground.name(n)} fails on none of the first {marks.shape[2]:,} paths: there is none to show"
    path = int(hits[np.argsort(first[hits], kind="stable")[len(hits) // 2]])
    t = int(first[path])
    seen = _seen(ground, plan, marks[:, :, path : path + 1], n * plan.dates + t)
    which = f"path {path}, the middle one by date of the {len(hits):,} that fail among the first {marks.shape[2]:,}"
    drawn = f"seed {asked.seed}, dial {asked.dials[0]:g}"
    return "\n".join(
        [*_head(ground, n, days[t], seen), *wrap(f"{which} ({drawn}); its marks then, and now:", width), *_marks(ground, seen), "",
         tree_on_path(ground, seen)]
    )  # fmt: skip


def _first(plan: Plan, marks: Floats, n: int) -> Ints:
    """int64[P]: the first date on which a test fails on each path; T: on none."""
    first = np.full(marks.shape[2], plan.dates, dtype=np.int64)
    for test, t, fails, _ in judged(plan, marks):
        if test == n:
            first[fails & (first == plan.dates)] = t
    return first


def _seen(ground: Ground, plan: Plan, marks: Floats, cell: int) -> Seen:
    """One cell of the plan in marks [D, T, 1]; where payments change it, after all of them along this path."""
    for fed in plan.fed:
        place = np.flatnonzero(fed.cells == cell)
        if len(place):
            moved = between(fed.course.worlds, plan.driver, plan.process, fed.date, marks)
            _, _, state = fed.course.along(moved)
            return Seen(fed.course.book, msgspec.structs.replace(fed.course.worlds, marks=moved), fed.rows.pick(place), state)
    values = plan.worlds.marks.copy()
    for k in np.flatnonzero(plan.driver >= 0).tolist():
        values[k] = marks[plan.driver[k]].T
    worlds, rows = msgspec.structs.replace(plan.worlds, marks=values), plan.fold.rows.pick(np.array([cell]))
    return Seen(book_ahead(ground.picture), worlds, rows, plan.state)


def _head(ground: Ground, n: int, day: dt.date, seen: Seen) -> list[str]:
    made = evaluate(seen.book, seen.worlds, seen.state, seen.rows)
    test = seen.book.tests[seen.rows.test[0]]
    actual, level = (ratio(number(one), test.unit) for one in (made.actual[0, 0], made.threshold[0]))
    result = RESULTS[int(made.result[0, 0])]
    return [f"{ground.name(n)} on {day}: {actual}, agreed {test.levels[0].operator} {level}: {result}"]


def _marks(ground: Ground, seen: Seen) -> list[str]:
    """Every mark that is not what it is now."""
    at, now = int(seen.rows.instant[0]), ground.now
    lines = {}
    for k, series in enumerate(seen.worlds.series):
        then, before = float(seen.worlds.marks[k, 0, at]), float(now.marks[now.series.index(series), 0, 0])
        if then == then and then != before:
            lines[series] = f"  {pad(name(series), 34)}{then:>14,.6g}{before:>14,.6g}"
    return list(lines.values())


def tree_on_path(ground: Ground, seen: Seen) -> str:
    """The arithmetic of a test on a path, leaf by leaf, each mark beside what it is now."""
    test = seen.book.tests[seen.rows.test[0]]
    scope = open_scope(seen.book, seen.worlds, seen.rows, seen.state)
    scope.assumed = False

    def cite(series: int) -> tuple[str, str | None]:
        one = seen.worlds.series[series]
        return f"{one} on this path, {ground.now.marks[ground.now.series.index(one), 0, 0]:,.6g} now", None

    currency = seen.book.terms[test.facility].facility.currency
    return tree_text(Explainer(ground.picture.session.desk, currency, cite).test(test, scope))

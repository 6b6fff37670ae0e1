"""What comes: every future test date and payment day of a book, and the worlds of some days to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import FacilityFile
from rules.book import Book
from rules.columns import FAR, Ints
from rules.covenants import Test
from rules.curves import Curve
from rules.months import add_months
from rules.scope import day_of
from rules.testdates import next_test
from rules.worlds import GOOD, STALE, Worlds

YEARS = 10
"""How far a projection looks at most, unless it is told."""


class Payments(NamedTuple):
    """R payment days in order: the facility, the day, and the last day of the period before (ordinals)."""

    facility: Ints
    day: Ints
    since: Ints

    def pick(self, rows: Ints) -> Payments:
        """Those at some places."""
        return Payments(self.facility[rows], self.day[rows], self.since[rows])


def with_sweeps(one: FacilityFile) -> FacilityFile:
    """The terms as a projection reads them: a loan that repays by sweep alone owes nothing on a schedule but its end."""
    table = one.amortisation
    if table is None or table.style != "sweep":
        return one
    share = 100 if table.sweep_pct is None else table.sweep_pct
    return msgspec.structs.replace(one, amortisation=msgspec.structs.replace(table, style="bullet", sweep_pct=share))


def last_days(book: Book, since: int) -> Ints:
    """int64[F]: the last day of interest of each facility: its last payment, else its maturity, at most ten years ahead."""
    most = add_months(dt.date.fromordinal(since), 12 * YEARS).toordinal()
    found = np.full(len(book.ids), -1, dtype=np.int64)
    np.maximum.at(found, book.tables["leg"].owner, book.periods.cleared)
    for f, one in enumerate(book.terms):
        if found[f] < 0 or found[f] >= FAR:
            found[f] = one.facility.maturity.date.toordinal() if one.facility.maturity else most
    return np.minimum(found, most)


def tests_ahead(book: Book, since: int, last: Ints, only: Collection[int] | None = None) -> tuple[Ints, Ints]:
    """(test[N], day[N]): every future test date of every covenant; one tested continuously is looked at each end of a month."""
    known: dict[str, Ints] = {}
    tests, days, most = [], [], int(last.max(initial=since))
    for t, test in enumerate(book.tests):
        if (only is None or test.facility in only) and test.class_ != "reporting":
            key = f"{test.continuous} {test.covenant.test!r}"  # few schedules are shared by many covenants
            if key not in known:
                known[key] = np.array(list(_dates(test, since, most)), dtype=np.int64)
            mine = known[key][known[key] <= last[test.facility]]
            tests.append(np.full(len(mine), t, dtype=np.int64))
            days.append(mine)
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate([*tests, none]), np.concatenate([*days, none])


def _dates(test: Test, since: int, last: int) -> Iterator[int]:
    """The days after one and up to another on which a covenant is tested, or looked at."""
    terms, day = test.covenant.test, dt.date.fromordinal(since)
    if test.continuous or terms is None or terms.frequency == "weekly":
        end = terms.last.date.toordinal() if terms is not None and terms.last is not None else FAR
        first = terms.first.date.toordinal() if terms is not None and terms.first is not None else 0
        yield from (one for one in _month_ends(day, min(last, end)) if one >= first)
        return
    coming = next_test(terms, day)
    while coming is not None and coming.toordinal() <= last:
        yield coming.toordinal()
        coming = next_test(terms, coming)


def _month_ends(day: dt.date, last: int) -> Iterator[int]:
    end = add_months(day.replace(day=1), 1) - dt.timedelta(days=1)
    while end.toordinal() <= last:
        if end > day:
            yield end.toordinal()
        end = add_months(end.replace(day=1), 2) - dt.timedelta(days=1)


def payments_ahead(book: Book, since: int, last: Ints, only: Collection[int] | None = None) -> Payments:
    """Every payment day ahead of the facilities whose cash can be modelled and whose debt service is known, by day."""
    periods, owner = book.periods, book.tables["leg"].owner
    able = book.models & ~book.unscheduled
    if only is not None:
        able &= np.isin(np.arange(len(book.ids)), list(only))
    facility = owner[periods.table.owner]
    mine = np.flatnonzero(able[facility])
    order = mine[np.lexsort((periods.start[mine], periods.pay[mine], facility[mine]))]
    f, pay, begin = facility[order], periods.pay[order], periods.start[order]
    new = np.concatenate(([True], (f[1:] != f[:-1]) | (pay[1:] != pay[:-1]))) if len(f) else np.zeros(0, bool)
    f, pay, begin = f[new], pay[new], begin[new]  # of several legs that pay on a day, the period that began first
    follows = np.concatenate(([False], f[1:] == f[:-1])) if len(f) else np.zeros(0, bool)
    begin = np.where(follows, np.concatenate(([0], pay[:-1])) if len(pay) else pay, begin)
    keep = (since < pay) & (pay <= last[f])
    made = Payments(f[keep], pay[keep], begin[keep])
    return made.pick(np.lexsort((made.facility, made.day)))


def worlds_ahead(now: Worlds, days: Sequence[int], curves: Sequence[Curve | None], zone: dt.tzinfo) -> Worlds:
    """The worlds of some days to come: the marks of `now` (one instant) along their curves from there, known as they are now.

    Doubt is the doubt of today: a stale or missing mark stays so on every later day.
    """
    origin = now.instants[0]
    today = np.array([day_of(origin, zone)], dtype=np.int64)
    then = np.array(days, dtype=np.int64)
    marks = np.repeat(now.marks[:, :, :1], len(then), axis=2)
    for k, curve in enumerate(curves):
        if curve is not None:
            marks[k] *= curve.ratio(np.repeat(today, len(then)), np.maximum(then, today))
    doubt = np.where(now.data[:, :1] >= STALE, now.data[:, :1], GOOD).astype(np.int8)
    instants = tuple(_end_of(day, zone) for day in days)
    return Worlds(
        now.series, instants, tuple(now.known_at[0] for _ in days), marks, np.repeat(doubt, len(then), axis=1), "projected",
        tuple(curves), origin,
    )  # fmt: skip


def _end_of(day: int, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromordinal(day + 1), dt.time(), zone).astimezone(dt.UTC)

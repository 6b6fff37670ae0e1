"""The dates a simulation looks at: each covenant on its own test dates, one tested continuously on quarter ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from facilities.paydates import add_months
from monitor.stress.ground import Ground
from rules.book import Book
from rules.columns import Bools, Ints
from rules.coming import last_days, tests_ahead
from rules.scope import day_of


def as_of_day(ground: Ground) -> dt.date:
    """The day of the as-of on the desk's clock."""
    return dt.date.fromordinal(day_of(ground.picture.as_of, ground.picture.session.timezone))


def dates_ahead(ground: Ground, months: int, step: int = 3) -> list[dt.date]:
    """Ends of quarters (of every `step` months of a year) after the as-of up to so many months ahead; at least one."""
    today = as_of_day(ground)
    first = dt.date(today.year, (today.month - 1) // step * step + 1, 1)
    ends = [add_months(first, step * k) - dt.timedelta(days=1) for k in range(1, months // step + 2)]
    found = [end for end in ends if end > today and end <= add_months(today, months)]
    return found or [next(end for end in ends if end > today)]


def looked_at(ground: Ground, book: Book, months: int, step: int = 3) -> tuple[list[dt.date], Bools]:
    """(T days in order, bool[N, T]: on which of them each covenant of the ground is looked at), up to so many months ahead.

    A continuous one is looked at every `step` months. Nothing is looked at after the last day of interest of its loan.
    """
    quarters, today = dates_ahead(ground, months, step), as_of_day(ground).toordinal()
    last = np.minimum(last_days(book, today), quarters[-1].toordinal())
    test, day = tests_ahead(book, today, last)
    ends = np.array([end.toordinal() for end in quarters], dtype=np.int64)
    kept = np.isin(test, ground.rows.test) & (np.isin(day, ends) | ~_continuous(book, test))
    test, day = test[kept], day[kept]
    days = np.union1d(ends, day)
    due = np.zeros((len(ground.rows), len(days)), dtype=bool)
    due[np.searchsorted(ground.rows.test, test), np.searchsorted(days, day)] = True
    return [dt.date.fromordinal(one) for one in days.tolist()], due


def _continuous(book: Book, test: Ints) -> Bools:
    found = []
    for t in test.tolist():
        terms = book.tests[t].covenant.test
        found.append(book.tests[t].continuous or terms is None or terms.frequency == "weekly")
    return np.array(found, dtype=bool)


def ordinals(days: Sequence[dt.date]) -> Ints:
    """int64[T]: some days as ordinals."""
    return np.array([day.toordinal() for day in days], dtype=np.int64)

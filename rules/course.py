"""What a book goes through ahead: the days that count, the tests that steer cash and the payments on them; gone through on many paths."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats
from rules.coming import Payments, last_days, payments_ahead, tests_ahead, worlds_ahead
from rules.curves import Curve
from rules.evaluate import Assessment
from rules.gates import Gating
from rules.scope import Rows, day_of
from rules.state import AS_AGREED, State
from rules.waterfall import Carried, Cash, Waterfall, opened
from rules.worlds import Worlds


class Course(msgspec.Struct, frozen=True):
    """The worlds of every day that counts along one path, the tests and payments that fall on them, and how it starts at `now`."""

    book: Book
    now: Worlds
    worlds: Worlds
    rows: Rows
    pays: Payments
    on: tuple[int, ...] = ()
    state: State = AS_AGREED

    def along(self, marks: Floats) -> tuple[Assessment, Cash, State]:
        """The tests, the cash of every payment day and the state it leaves, in marks [K, P, T] of the same days on many paths."""
        worlds = msgspec.structs.replace(self.worlds, marks=marks)
        run = Waterfall(self.book, worlds, self.state, self.rows, self.pays, self.opened(marks.shape[1]), None, True)
        tests, cash = run.run()
        return tests, cash, run.state

    def opened(self, paths: int) -> Carried:
        """What the as-of leaves, on so many paths."""
        marks = np.broadcast_to(self.now.marks[:, :1], (self.now.marks.shape[0], paths, self.now.marks.shape[2]))
        return opened(self.book, msgspec.structs.replace(self.now, marks=marks), self.on)

    def unpaid(self, marks: Floats) -> Floats:
        """float64[R, P]: what lacks of the debt service of every payment day."""
        return self.along(marks)[1].paid.unpaid

    def reads(self) -> Bools:
        """bool[K]: which marks move what comes in, what falls due, or a test that steers cash: each is tried half as high again."""
        count = len(self.worlds.series)
        marks = np.repeat(self.worlds.marks[:, :1], count + 1, axis=1)
        marks[np.arange(count), np.arange(count)] *= 1.5
        tests, cash, _ = self.along(marks)
        seen = np.concatenate([cash.paid.cash, cash.paid.service, tests.numerator, tests.denominator])
        return np.asarray(~((seen[:, :-1] == seen[:, -1:]) | np.isnan(seen[:, :-1])).all(axis=0))


def course_of(
    book: Book, now: Worlds, curves: Sequence[Curve | None], on: Collection[int] = (), last: int | None = None,
    only: Collection[int] | None = None, state: State = AS_AGREED, extra: Sequence[int] = (), every: bool = True,
) -> Course:  # fmt: skip
    """The course of `only` some facilities up to `last`, `extra` days besides; without `every` test, of those that steer cash alone."""
    since = day_of(now.instants[0], book.zone)
    ends = last_days(book, since)
    if last is not None:
        ends = np.minimum(ends, last)
    test, day = tests_ahead(book, since, ends, only)
    if not every:
        steering = Gating(book).gates[test]
        test, day = test[steering], day[steering]
    pays = payments_ahead(book, since, ends, only)
    days = sorted({*day.tolist(), *pays.day.tolist(), *extra})
    worlds = worlds_ahead(now, days, curves, book.zone)
    place = np.searchsorted(np.array(days, dtype=np.int64), day).astype(np.int64)
    return Course(book, now, worlds, Rows(test, place, day, np.zeros_like(test)), pays, tuple(on), state)

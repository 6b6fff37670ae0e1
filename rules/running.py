"""Money moved on some days as running totals: what had moved by a day is looked up, not added up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from rules.columns import Floats, Ints


class Running(msgspec.Struct, frozen=True):
    """Of R of the items, float64[P] each, what has moved by each of its first `count` days: `totals` float64[E + 1, R, P].

    `row` says which row an item has, -1 for one whose money never moves. One more day is written behind the others, so those
    who look at fewer days see what they saw.
    """

    row: Ints
    days: Ints
    totals: Floats
    count: int = 0

    @classmethod
    def begun(cls, items: int, moving: Ints, days: int, paths: int) -> Running:
        """Nothing moved yet, with room for some days of the items named in `moving`."""
        row = np.full(items, -1, dtype=np.int64)
        row[moving] = np.arange(len(moving))
        return cls(row, np.zeros(max(1, days), dtype=np.int64), np.zeros((days + 1, len(moving), paths)))

    def and_on(self, day: int, item: Ints, amount: Floats) -> Running:
        """With `amount[N, P]` moved by N different items on one more day, later than all before."""
        self.days[self.count] = day
        self.totals[self.count + 1] = self.totals[self.count]
        self.totals[self.count + 1, self.row[item]] += amount
        return msgspec.structs.replace(self, count=self.count + 1)

    def places(self, day: Ints) -> Ints:
        """int64[N]: how many of its days lie by each day, that day included."""
        return np.searchsorted(self.days[: self.count], day, side="right").astype(np.int64)

    def upto(self, item: Ints, place: Ints) -> Floats:
        """float64[N, P]: what item `item[n]`, one of those that move, has moved on the first `place[n]` days."""
        return np.asarray(self.totals[place, self.row[item]])

    def each(self, change: Callable[[Floats], Floats]) -> Running:
        """The same with its totals seen through a function of them."""
        return msgspec.structs.replace(self, totals=change(self.totals))


class Swept(NamedTuple):
    """Money repaid out of excess cash, by leg: `plain`, `worth` over what 1 had grown to in kind by its day, `timed` by its day."""

    plain: Running
    worth: Running
    timed: Running

    @classmethod
    def begun(cls, legs: int, moving: Ints, days: int, paths: int) -> Swept:
        """Nothing repaid yet."""
        return cls(*(Running.begun(legs, moving, days, paths) for _ in range(3)))

    def and_on(self, day: int, leg: Ints, amount: Floats, growth: Floats) -> Swept:
        """With `amount[N, P]` repaid of N legs on one more day, when 1 of each had grown to `growth[N]`."""
        since = float(day - int(self.plain.days[0])) if self.plain.count else 0.0
        return Swept(
            self.plain.and_on(day, leg, amount), self.worth.and_on(day, leg, amount / growth[:, None]),
            self.timed.and_on(day, leg, amount * since),
        )  # fmt: skip

    def by(self, leg: Ints, day: Ints) -> tuple[Ints, Floats]:
        """(places in `leg` of which something was repaid by a day, its worth float64[N, P])."""
        place = self.worth.places(day)
        at = np.flatnonzero((self.worth.row[leg] >= 0) & (place > 0))
        return at, self.worth.upto(leg[at], place[at])

    def within(self, leg: Ints, start: Ints, end: Ints, seen: Ints) -> tuple[Ints, Floats]:
        """(places in `leg`, float64[N, P]): what was repaid between two days and by the day `seen`, by the part of them that was left."""
        low, high = self.plain.places(start), self.plain.places(np.minimum(end - 1, seen))
        at = np.flatnonzero((self.plain.row[leg] >= 0) & (high > low))
        paid, timed = (one.upto(leg[at], high[at]) - one.upto(leg[at], low[at]) for one in (self.plain, self.timed))
        left = (end[at] - self.plain.days[0]).astype(float)
        return at, (paid * left[:, None] - timed) / (end - start)[at].astype(float)[:, None]


def first_of(runs: Sequence[Running]) -> list[Running]:
    """Of some running totals the first path alone."""
    return [one.each(lambda totals: totals[:, :, :1]) for one in runs]

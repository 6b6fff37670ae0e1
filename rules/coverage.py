"""What delivered reports cover, as running totals: days and amounts up to any day, looked up instead of added up again.

Which reports of a facility count changes only when one is delivered or replaced: between two such days (an *epoch*) their
days and amounts are running totals over time. Reports of one epoch that overlap have no such totals; who asks about them
adds them up one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rules.columns import FAR, Bools, Floats, Ints, Table

_WIDE = 4 * FAR
"""More than any day: places a day of one group before every day of the next."""


class Coverage:
    """Groups of (facility, epoch); in each the reports in force in order of time, and totals that start anew with the group."""

    def __init__(self, table: Table, start: Ints, end: Ints, known: Ints, replaced: Ints, lines: Floats) -> None:
        """`start`, `end`, `known` (since when a report counts), `replaced` int64[R] and `lines` float64[R, L] of the rows of `table`."""
        groups = list(_epochs(table, start, known, replaced))
        self.key = np.array([f * _WIDE + since for f, since, _ in groups], dtype=np.int64)
        sizes = np.array([len(held) for _, _, held in groups], dtype=np.int64)
        self.first = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        self.messy: Bools = np.array([bool((start[held][1:] < end[held][:-1]).any()) for _, _, held in groups], dtype=bool)
        item = np.concatenate([held for _, _, held in groups]) if groups else np.zeros(0, np.int64)
        number = np.repeat(np.arange(len(groups), dtype=np.int64), sizes)
        # one row more than there are reports, so that a look-up past the last one lands on something that is never used
        self.start, self.end = np.append(start[item], FAR), np.append(end[item], FAR)
        self.starts, self.ends = number * _WIDE + start[item], number * _WIDE + end[item]
        self.days = _running([(end - start)[held].astype(float) for _, _, held in groups])
        self.absent = _running([np.isnan(lines[held]).astype(float) for _, _, held in groups])
        self.amounts = _running([np.nan_to_num(lines[held]) for _, _, held in groups])
        rates = np.nan_to_num(lines[item]) / np.maximum(1, end - start)[item][:, None]
        self.rates = np.concatenate((rates, np.zeros((1, lines.shape[1]))))

    def group(self, facility: Ints, known: Ints) -> Ints:
        """int64[R]: the group in force for each facility as known on a day."""
        return np.searchsorted(self.key, facility * _WIDE + known, side="right") - 1

    def whole(self, group: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        """(low, high)[R] drawn in to the reports that lie wholly between them: an empty span where none does."""
        at = np.searchsorted(self.starts, group * _WIDE + low, side="left")
        to = np.searchsorted(self.ends, group * _WIDE + high, side="right") - 1
        some = (at < self.first[group + 1]) & (to >= at)
        return np.where(some, self.start[at], low), np.where(some, self.end[to], low)

    def covered(self, group: Ints, low: Ints, high: Ints) -> Floats:
        """float64[R]: days of (low, high] that reports cover; 0 where the span is empty."""
        upper, lower = self._place(group, np.maximum(low, high)), self._place(group, low)
        upto, before = (self.days[at + group] + np.where(begun, day - self.start[at], 0) for at, begun, day in (upper, lower))
        return np.asarray(upto - before)

    def amount(self, group: Ints, low: Ints, high: Ints, line: int) -> tuple[Floats, Bools]:
        """(what line number `line` adds up to over (low, high] [R], whether a report in it carries no such line)."""
        upper, lower = self._place(group, np.maximum(low, high)), self._place(group, low)
        upto, before = (
            self.amounts[at + group, line] + np.where(begun, self.rates[at, line] * (day - self.start[at]), 0.0)
            for at, begun, day in (upper, lower)
        )
        through = upper[0] + upper[1]
        lacking = self.absent[through + group, line] > self.absent[lower[0] + group, line]
        return np.asarray(upto - before), lacking & (high > low)

    def _place(self, group: Ints, day: Ints) -> tuple[Ints, Bools, Ints]:
        """(how many reports of this group and those before end by the day, whether the next of the group has begun, the day)."""
        at = np.clip(np.searchsorted(self.ends, group * _WIDE + day, side="right"), self.first[group], self.first[group + 1])
        return at, (at < self.first[group + 1]) & (self.start[at] < day), day


def _epochs(table: Table, start: Ints, known: Ints, replaced: Ints) -> Iterator[tuple[int, int, Ints]]:
    """(facility, first day of an epoch, its reports in order of time): one from the beginning, one from each delivery on."""
    for f in range(len(table.count)):
        own = np.arange(table.start[f], table.start[f] + table.count[f], dtype=np.int64)
        turns = np.unique(np.concatenate((known[own], replaced[own], np.zeros(1, np.int64))))
        for turn in turns[turns < FAR].tolist():
            held = own[(known[own] <= turn) & (turn < replaced[own])]
            yield f, turn, held[np.argsort(start[held], kind="stable")]


def _running(groups: list[np.ndarray]) -> Floats:
    """The sums of the first 0, 1, ... rows of each group, laid end to end: one row more a group than it has reports."""
    parts = [np.concatenate((np.zeros((1, *one.shape[1:])), np.cumsum(one, axis=0))) for one in groups]
    return np.concatenate(parts) if parts else np.zeros(0)

"""The breach map of a desk: the covenants in a grid of bitcoin prices against rents of compute, as shares of today's."""

from __future__ import annotations

import msgspec
import numpy as np

from monitor.assess import Picture
from rules.columns import Bools, Floats
from rules.compare import FAIL, INDETERMINATE, RESULTS
from rules.evaluate import all_rows
from rules.maps import Axis, Judged, grid_worlds, judged, moved_by
from rules.scope import Rows

ACROSS, DOWN = "BTC.price", "*.rent"
SHOCKS = (-0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2)
STILL = SHOCKS.index(0.0)
"""Shocks of both sides as shares of today's marks, and the place of no shock among them."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side of the map: what moves, its one mark now where it is one (else None), and the shocks."""

    label: str
    now: float | None
    series: int
    shocks: tuple[float, ...]


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """One covenant over the map: per cell its result and its ratio, `[down][across]`; a ratio is None where unknown."""

    facility: str
    covenant: str
    title: str
    operator: str
    results: tuple[tuple[str, ...], ...]
    actual: tuple[tuple[float | None, ...], ...]
    moves: bool

    @property
    def here(self) -> str:
        """The result on today's marks."""
        return self.results[STILL][STILL]

    def first(self, across: bool) -> float | None:
        """The smallest fall of one side alone at which it fails; None where it does not in the map."""
        line = self.results[STILL] if across else tuple(row[STILL] for row in self.results)
        return next((SHOCKS[n] for n in range(STILL, -1, -1) if line[n] == "fail"), None)


class StressMap(msgspec.Struct, frozen=True, kw_only=True):
    """How many covenants fail and are unknown in each cell `[down][across]`, and the rows behind, triggers not counted.

    `keys` are facility and covenant of each row, `judged` its results over the cells.
    """

    across: Side
    down: Side
    fails: tuple[tuple[int, ...], ...]
    unknown: tuple[tuple[int, ...], ...]
    keys: tuple[tuple[str, str], ...]
    titles: tuple[tuple[str, str], ...]
    judged: Judged

    def covenant(self, n: int) -> Mapped:
        """The map of row `n`."""
        size = len(SHOCKS)
        return Mapped(
            facility=self.keys[n][0], covenant=self.keys[n][1], title=self.titles[n][0], operator=self.titles[n][1],
            results=tuple(tuple(RESULTS[code] for code in line) for line in self.judged.result[n].reshape(size, size).tolist()),
            actual=tuple(tuple(_known(one) for one in line) for line in self.judged.actual[n].reshape(size, size)),
            moves=_varies(self.judged.actual[n]),
        )  # fmt: skip

    def of(self, facility: str, covenant: str) -> Mapped | None:
        """One covenant's map."""
        return self.covenant(self.keys.index((facility, covenant))) if (facility, covenant) in self.keys else None

    def breaking(self) -> list[int]:
        """The rows that fail in some cell and not in all of them, those that fail in most cells first."""
        failing = (self.judged.result == FAIL).sum(axis=1)
        cells = self.judged.result.shape[1]
        places = np.flatnonzero((failing > 0) & (failing < cells))
        return [int(n) for n in places[np.argsort(-failing[places], kind="stable")]]


def stress_map(picture: Picture, wanted: frozenset[str] | None = None) -> StressMap:
    """The map of every covenant that can be computed, triggers and reports apart from the counts of fails."""
    names = picture.now.series
    axes = [Axis(label, moved_by(names, label), SHOCKS) for label in (DOWN, ACROSS)]
    worlds = grid_worlds(picture.now, axes)
    rows = _rows(picture, wanted)
    made = judged(picture.book, worlds, rows, picture.state)
    tests = [picture.book.tests[t] for t in rows.test.tolist()]
    counted = np.array([test.class_ != "trigger" for test in tests], dtype=bool)
    return StressMap(
        down=_side(picture, axes[0]), across=_side(picture, axes[1]),
        fails=_counts(made, counted, FAIL), unknown=_counts(made, counted, INDETERMINATE),
        keys=tuple((picture.book.ids[test.facility], test.covenant.id) for test in tests),
        titles=tuple((test.title, test.levels[0].operator) for test in tests), judged=made,
    )  # fmt: skip


def _rows(picture: Picture, wanted: frozenset[str] | None) -> Rows:
    """The indication of every covenant with a quantity, at the as-of."""
    rows, book = all_rows(picture.book, picture.now), picture.book
    tests = [book.tests[t] for t in rows.test.tolist()]
    keep = [
        test.on(day).numerator is not None and test.class_ != "reporting" and (wanted is None or book.ids[test.facility] in wanted)
        for test, day in zip(tests, rows.period_end.tolist(), strict=True)
    ]
    return rows.pick(np.array(keep, dtype=bool))


def _side(picture: Picture, axis: Axis) -> Side:
    names = {picture.now.series[k] for k in axis.series}
    only = float(picture.now.marks[axis.series[0], 0, 0]) if len(names) == 1 else float("nan")
    return Side(label=axis.label, now=None if np.isnan(only) else only, series=len(names), shocks=axis.shocks)


def _counts(made: Judged, counted: Bools, result: int) -> tuple[tuple[int, ...], ...]:
    summed = (made.result[counted] == result).sum(axis=0).reshape(len(SHOCKS), len(SHOCKS))
    return tuple(tuple(row) for row in summed.tolist())


def _known(raw: float) -> float | None:
    return float(raw) if np.isfinite(raw) else None


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return bool(known.size and np.ptp(known) > 1e-12 * max(1.0, float(np.abs(known).max())))

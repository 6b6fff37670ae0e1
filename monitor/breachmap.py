"""The breach map of a desk: the covenants in a grid of bitcoin prices against rents of compute, as shares of today's."""

from __future__ import annotations

import msgspec
import numpy as np

from monitor.assess import Picture
from monitor.stress.ground import Ground, ground_of
from rules.columns import Codes, Floats
from rules.compare import FAIL, INDETERMINATE, RESULTS
from rules.evaluate import evaluate
from rules.grids import Shock, named, shocked

ACROSS, DOWN = "BTC.price", "*.rent"
SHOCKS = (-0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2)
STILL = SHOCKS.index(0.0)
"""Shocks of both sides as shares of today's marks, and the place of no shock among them."""
BLOCK = 2_000
"""Rows judged at once: a block over the whole map takes about 20 MB."""


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
    """How many covenants fail and are unknown in each cell `[down][across]`, and the rows behind.

    `keys` are facility and covenant of each of N rows; over the P cells `result` int8[N, P] (places in RESULTS) and `actual` float64[N, P].
    """

    across: Side
    down: Side
    fails: tuple[tuple[int, ...], ...]
    unknown: tuple[tuple[int, ...], ...]
    keys: tuple[tuple[str, str], ...]
    titles: tuple[tuple[str, str], ...]
    result: Codes
    actual: Floats

    def covenant(self, n: int) -> Mapped:
        """The map of row `n`."""
        size = len(SHOCKS)
        return Mapped(
            facility=self.keys[n][0], covenant=self.keys[n][1], title=self.titles[n][0], operator=self.titles[n][1],
            results=tuple(tuple(RESULTS[code] for code in line) for line in self.result[n].reshape(size, size).tolist()),
            actual=tuple(tuple(_known(one) for one in line) for line in self.actual[n].reshape(size, size)),
            moves=_varies(self.actual[n]),
        )  # fmt: skip

    def of(self, facility: str, covenant: str) -> Mapped | None:
        """One covenant's map."""
        return self.covenant(self.keys.index((facility, covenant))) if (facility, covenant) in self.keys else None

    def breaking(self) -> list[int]:
        """The rows that fail in some cell and not in all of them, those that fail in most cells first."""
        failing = (self.result == FAIL).sum(axis=1)
        cells = self.result.shape[1]
        places = np.flatnonzero((failing > 0) & (failing < cells))
        return [int(n) for n in places[np.argsort(-failing[places], kind="stable")]]


def stress_map(picture: Picture, wanted: frozenset[str] | None = None) -> StressMap:
    """The map of every covenant that is computed: the grid of `covenant stress` over the same two axes."""
    ground = ground_of(picture, wanted)
    result, actual = _judged(ground)
    tests = [picture.book.tests[t] for t in ground.rows.test.tolist()]
    return StressMap(
        down=_side(ground, DOWN), across=_side(ground, ACROSS), fails=_counts(result, FAIL), unknown=_counts(result, INDETERMINATE),
        keys=tuple((picture.book.ids[test.facility], test.covenant.id) for test in tests),
        titles=tuple((test.title, test.levels[0].operator) for test in tests), result=result, actual=actual,
    )  # fmt: skip


def _judged(ground: Ground) -> tuple[Codes, Floats]:
    """Results and ratios of each row in each cell, block by block, so that the columns of a large book are never all held at once."""
    there = [label for label in (DOWN, ACROSS) if named(ground.now.series, label)]
    pairs = [((DOWN, down), (ACROSS, across)) for down in SHOCKS for across in SHOCKS]
    cells = [[Shock(label, "relative", size) for label, size in pair if label in there] for pair in pairs]
    worlds = shocked(ground.now, cells)
    result, actual = np.zeros((len(ground.rows), len(cells)), dtype=np.int8), np.full((len(ground.rows), len(cells)), np.nan)
    for start in range(0, len(ground.rows), BLOCK):
        places = np.arange(start, min(start + BLOCK, len(ground.rows)), dtype=np.int64)
        made = evaluate(ground.picture.book, worlds, ground.picture.state, ground.rows.pick(places), departs=ground.now)
        result[places], actual[places] = made.result, made.actual
    return result, actual


def _side(ground: Ground, label: str) -> Side:
    places = named(ground.now.series, label)
    names = {ground.now.series[k] for k in places}
    only = float(ground.now.marks[places[0], 0, 0]) if len(names) == 1 else float("nan")
    return Side(label=label, now=None if np.isnan(only) else only, series=len(names), shocks=SHOCKS)


def _counts(result: Codes, wanted: int) -> tuple[tuple[int, ...], ...]:
    summed = (result == wanted).sum(axis=0).reshape(len(SHOCKS), len(SHOCKS))
    return tuple(tuple(row) for row in summed.tolist())


def _known(raw: float) -> float | None:
    return float(raw) if np.isfinite(raw) else None


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return bool(known.size and np.ptp(known) > 1e-12 * max(1.0, float(np.abs(known).max())))

"""Grids: the worlds of one instant over shocks of several groups of marks, and what every row is in each of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Codes, Floats, Ints
from rules.evaluate import evaluate
from rules.scope import Rows
from rules.state import AS_AGREED, State
from rules.worlds import Worlds

BLOCK = 2_000
"""Rows judged at once: a block of a 9 x 9 grid takes about 20 MB."""


class Axis(msgspec.Struct, frozen=True):
    """One side of a grid: the series that move together (indices into the worlds), and by which shares."""

    label: str
    series: tuple[int, ...]
    shocks: tuple[float, ...]


class Judged(msgspec.Struct, frozen=True):
    """Rows in the worlds of a grid: `result` int8[N, P] (indices into RESULTS), `actual` float64[N, P], NaN where unknown."""

    result: Codes
    actual: Floats


def moved_by(names: Sequence[str], shock: str) -> tuple[int, ...]:
    """The series a shock moves: `BTC.price` itself, every basis of `H100-SXM.rent`, every asset's with `*.rent`."""
    asset, _, rest = shock.partition(".")
    return tuple(k for k, name in enumerate(names) if _moves(name, asset, rest))


def _moves(name: str, asset: str, rest: str) -> bool:
    whose, _, what = name.partition(".")
    return asset in ("*", whose) and (what == rest or what.startswith(f"{rest}."))


def grid_worlds(now: Worlds, axes: Sequence[Axis]) -> Worlds:
    """One stressed world for each combination of shocks of `now` (its first path and instant), the last axis changing fastest.

    A series named by two axes moves by both. Raises ValueError for a shock that leaves no positive mark.
    """
    paths = int(np.prod([len(axis.shocks) for axis in axes], dtype=np.int64))
    marks = np.repeat(now.marks[:, :1, :1], paths, axis=1)
    steps = np.indices([len(axis.shocks) for axis in axes]).reshape(len(axes), -1)
    for axis, step in zip(axes, steps, strict=True):
        if min(axis.shocks) <= -1:
            raise ValueError(f"a fall of {min(axis.shocks):.0%} leaves nothing of {axis.label}")
        marks[list(axis.series), :, 0] *= 1 + np.array(axis.shocks)[step]
    return msgspec.structs.replace(
        now, instants=now.instants[:1], known_at=now.known_at[:1], marks=marks, data=now.data[:, :1], basis="stressed"
    )


def judged(book: Book, worlds: Worlds, rows: Rows, state: State = AS_AGREED, block: int = BLOCK) -> Judged:
    """What each row is in each world, block by block, so that the columns of a large book are never all held at once."""
    result, actual = np.zeros((len(rows), worlds.paths), dtype=np.int8), np.full((len(rows), worlds.paths), np.nan)
    for start in range(0, len(rows), block):
        places: Ints = np.arange(start, min(start + block, len(rows)), dtype=np.int64)
        made = evaluate(book, worlds, state, rows=rows.pick(places))
        result[places], actual[places] = made.result, made.actual
    return Judged(result, actual)

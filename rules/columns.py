"""Columns: rows of many facilities laid end to end, found by facility, with dated amounts looked up by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat, TypeVar

import numpy as np

from facilities.model import Amount
from facilities.steps import is_dated, values_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Codes = NDArray[np.int8]
else:  # numpy.typing costs more to import than a formula to evaluate
    Floats = Ints = Bools = Codes = np.ndarray

Cell = TypeVar("Cell", bound=np.generic)
FAR = 10**7
"""A day later than any date: no end."""


def ordinal(day: dt.date | None, default: int = FAR) -> int:
    """A day as an ordinal; `default` where there is none."""
    return default if day is None else day.toordinal()


class Dated:
    """A column of amounts, some of them dated tables; unknown is NaN."""

    def __init__(self, amounts: Iterable[Amount | None]) -> None:
        rows = list(amounts)
        self.tables = {place: amount for place, amount in enumerate(rows) if amount is not None and is_dated(amount)}
        flat = [np.nan if amount is None or isinstance(amount, list) else float(amount) for amount in rows]
        self.flat = np.array(flat, dtype=np.float64)
        self.stepped = np.isin(np.arange(len(rows)), [*self.tables])

    def at(self, item: Ints, day: Ints) -> Floats:
        """float64[R]: the amount of row `item[r]` in force on `day[r]`."""
        found: Floats = self.flat[item]
        stepped = np.flatnonzero(self.stepped[item]) if self.tables else ()
        if len(stepped):
            for place, mine in places_of(item[stepped]):
                found[stepped[mine]] = values_over(self.tables[place], day[stepped[mine]])
        return found


class Table:
    """Rows owned by facilities: `count[F]` rows each, `columns` by name; items are numbered from 0 over all facilities."""

    def __init__(self, facilities: int, rows: Sequence[tuple[int, Any]]) -> None:
        """`rows` are (facility, row) in facility order."""
        self.owner = np.array([facility for facility, _ in rows], dtype=np.int64)
        self.rows = tuple(row for _, row in rows)
        self.count = np.bincount(self.owner, minlength=facilities).astype(np.int64)
        self.start = np.concatenate(([0], np.cumsum(self.count)[:-1])).astype(np.int64) if facilities else np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def join(self, facility: Ints) -> tuple[Ints, Ints]:
        """(asker[R], item[R]): every pair of an asking row n (of facility[n]) and one of that facility's items, in order."""
        counts = self.count[facility]
        asker = np.repeat(np.arange(len(facility), dtype=np.int64), counts)
        first = np.repeat(self.start[facility], counts)
        offset = np.arange(len(asker), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        return asker, first + offset

    def column(self, values: Iterable[SupportsFloat | None]) -> Floats:
        """A float64 column beside the rows, None as NaN."""
        return np.array([np.nan if value is None else float(value) for value in values], dtype=float)


class Columns:
    """Tables by name, and their columns by `table.name`: dated amounts, whole numbers (days, series), floats."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.dated: dict[str, Dated] = {}
        self.ints: dict[str, Ints] = {}
        self.floats: dict[str, Floats] = {}


def add_up(values: Floats, asker: Ints, rows: int) -> Floats:
    """float64[rows, Q]: `values[R, Q]` summed by asker, element by element in row order."""
    if len(asker) == rows and (asker[1:] > asker[:-1]).all() and (not rows or (asker[0] == 0 and asker[-1] == rows - 1)):
        return values + 0.0
    if values.shape[1] == 1:
        return np.bincount(asker, weights=values[:, 0], minlength=rows).astype(np.float64)[:, None]
    total = np.zeros((rows, values.shape[1]))
    np.add.at(total, asker, values)
    return total


def by_day(days: Ints, found: Callable[[Ints], NDArray[Cell]]) -> NDArray[Cell]:
    """What `found` gives for each day; where many rows ask about few days, it is asked about each day of their span once."""
    if len(days) > 64:
        low, high = int(days.min()), int(days.max())
        if 2 * (high - low) < len(days):
            return found(np.arange(low, high + 1, dtype=np.int64))[days - low]
    return found(days)


def places_of(values: Ints) -> Iterator[tuple[int, Ints]]:
    """(value, its places in order) for every different value, the least first."""
    if not len(values):
        return
    rising = np.diff(values)
    if not rising.any():
        yield int(values[0]), np.arange(len(values), dtype=np.int64)
        return
    order = np.arange(len(values), dtype=np.int64) if (rising >= 0).all() else np.argsort(values, kind="stable")
    cuts = np.flatnonzero(np.diff(values[order])) + 1
    for places in np.split(order, cuts):
        yield int(values[places[0]]), places


def latest(asker: Ints, rank: Ints, allowed: Bools, rows: int) -> Ints:
    """int64[rows]: the place in the join of the allowed row with the highest rank of each asker, -1 where there is none."""
    found = np.full(rows, -1, dtype=np.int64)
    best = np.full(rows, -1, dtype=np.int64)
    places = np.flatnonzero(allowed)
    np.maximum.at(best, asker[places], rank[places])
    won = places[rank[places] == best[asker[places]]]
    found[asker[won]] = won
    return found

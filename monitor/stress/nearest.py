"""Reverse stress: the most plausible world in which a covenant, or several of a group or of the book, fail."""

from __future__ import annotations

import msgspec
import numpy as np

from monitor.stress.drivers import Drivers, drivers_of
from monitor.stress.ground import Ground
from rules.columns import Bools, Floats, Ints
from rules.compare import INDETERMINATE
from rules.correlation import dialled, root_of
from rules.paths import deviation_over
from rules.reverse import Nearest, nearest, nearest_of
from rules.scope import is_rate


class MovePart(msgspec.Struct, frozen=True):
    """One driver in the world found: its level and how far that is, in standard deviations and as a share (a rate: its change)."""

    series: str
    level: float
    change: float
    deviations: float


class NearestPart(msgspec.Struct, frozen=True):
    """The nearest world for one question: `of` a covenant, a group or the book; `fail` at least so many; `distance` null: none in reach."""

    of: str
    kind: str
    fail: int
    distance: float | None
    covenants: tuple[str, ...]
    moves: tuple[MovePart, ...]


class ReversePart(msgspec.Struct, frozen=True):
    """All of them over a horizon; covenants that fail now are left out and named."""

    months: int
    dial: float
    failing_now: tuple[str, ...]
    found: tuple[NearestPart, ...]


class _World:
    """Worlds of the ground by standard deviations of its drivers over the horizon."""

    def __init__(self, ground: Ground, drivers: Drivers, months: int) -> None:
        self.ground, self.drivers = ground, drivers
        deviation, reversion = (np.array([getattr(one, what) for one in drivers.parts]) for what in ("deviation", "reversion"))
        self.size = deviation_over(months / 12, deviation, reversion)
        names = [one.series for one in drivers.parts]
        self.place = np.array([names.index(name) if name in names else -1 for name in ground.now.series])
        self.rate = np.array([is_rate(name) for name in ground.now.series], dtype=bool)
        self.constant, self.slope, self.bent = self._folded()

    def marks(self, x: Floats) -> Floats:
        """float64[K, P, 1] of deviations [D, P]: logarithms and rates moved by so many of their deviations."""
        start = np.repeat(self.ground.now.marks[:, :1], x.shape[1], axis=1)
        for k in np.flatnonzero(self.place >= 0).tolist():
            move = (self.size[self.place[k]] * x[self.place[k]])[:, None]
            start[k] = start[k] + move if self.rate[k] else start[k] * np.exp(move)
        return start

    def _folded(self) -> tuple[Floats, Floats, Bools]:
        """(constant [N], slope [N, K], bool[N]: which bend): slacks as straight lines of the marks, tried elsewhere."""
        now = self.ground.now.marks[:, 0, 0]
        factors = np.ones((len(now), len(now) + 1))
        np.fill_diagonal(factors[:, 1:], 2.0)
        elsewhere = np.exp(np.random.default_rng(7).normal(0, 0.5, (len(now), 8)))
        marks = now[:, None] * np.concatenate((factors, elsewhere), axis=1)
        seen = self._kernel(self.ground, marks[:, :, None])
        count = len(now) + 1
        moved = seen[:, 1:count] - seen[:, :1]
        slope = np.divide(moved, now, out=np.zeros_like(moved), where=(moved != 0) & (now != 0) & np.isfinite(moved))
        constant = seen[:, 0] - (slope * np.nan_to_num(now)).sum(axis=1)
        said = constant[:, None] + slope @ np.nan_to_num(marks[:, count:])
        wide = np.maximum(np.abs(seen).max(axis=1, initial=1e-12), 1e-12)
        good = (np.abs(said - seen[:, count:]) <= 1e-9 * wide[:, None]).all(axis=1)
        return constant, slope, ~good & np.isfinite(seen[:, 0])

    @staticmethod
    def _kernel(ground: Ground, marks: Floats) -> Floats:
        found = ground.run(msgspec.structs.replace(ground.now, marks=marks))
        return np.where(found.made.result >= INDETERMINATE, np.nan, found.gap)

    def slacks(self, x: Floats, wanted: Ints) -> Floats:
        """float64[M, P] of some rows: below 0 where a test fails."""
        marks = self.marks(x)
        found = self.constant[wanted, None] + self.slope[wanted] @ np.nan_to_num(marks[:, :, 0])
        bent = self.bent[wanted]
        if bent.any():
            rows = self.ground.rows.pick(wanted[bent])
            found[bent] = self._kernel(msgspec.structs.replace(self.ground, rows=rows), marks)
        return found

    def fails(self, found: Nearest) -> bool:
        """Whether the kernel says that all of them fail in the world found."""
        seen = self.ground.run(msgspec.structs.replace(self.ground.now, marks=self.marks(found.at[:, None])))
        return bool(seen.failing[list(found.tests), 0].all())


def reverse_of(ground: Ground, months: int, dial: float, most: int) -> ReversePart:
    """The nearest world for every covenant that passes now, every group with several of them, and the book, up to `most` failing."""
    drivers = drivers_of(ground.picture)
    signs = np.array([one.sign for one in drivers.parts])
    root = root_of(dialled(drivers.matrix, dial, signs))
    world = _World(ground, drivers, months)
    passing = [n for n in range(len(ground.rows)) if ground.result(n) in ("pass", "watch")]
    found = []
    if len(drivers.parts):
        for n in passing:
            found.append(_part(world, ground.name(n), "covenant", 1, nearest(world.slacks, root, [n])))
        for group, members in _groups(ground, passing).items():
            if len(members) > 1:
                found.append(_part(world, group, "group", len(members), nearest(world.slacks, root, members)))
        found += [_part(world, "book", "book", count, nearest_of(world.slacks, root, passing, count)) for count in range(1, most + 1)]
    failing = tuple(ground.name(n) for n in range(len(ground.rows)) if ground.result(n) == "fail")
    return ReversePart(months, dial, failing, tuple(found))


def _groups(ground: Ground, passing: list[int]) -> dict[str, list[int]]:
    """The passing covenants of each obligor group."""
    found: dict[str, list[int]] = {}
    for n in passing:
        borrower = ground.picture.book.terms[ground.picture.book.tests[ground.rows.test[n]].facility].facility.borrower
        who = ground.picture.session.desk.obligors.get(borrower)
        found.setdefault((who.obligor.group if who is not None else None) or borrower, []).append(n)
    return found


def _part(world: _World, of: str, kind: str, count: int, found: Nearest | None) -> NearestPart:
    if found is None or not world.fails(found):
        return NearestPart(of, kind, count, None, (), ())
    marks, now = world.marks(found.at[:, None])[:, 0, 0], world.ground.now
    moves = []
    for d, one in enumerate(world.drivers.parts):
        k = now.series.index(one.series)
        before, after = float(now.marks[k, 0, 0]), float(marks[k])
        moves.append(MovePart(one.series, after, after - before if world.rate[k] else after / before - 1, float(found.at[d])))
    moves.sort(key=lambda move: -abs(move.deviations))
    return NearestPart(of, kind, count, found.distance, tuple(world.ground.name(n) for n in found.tests), tuple(moves))

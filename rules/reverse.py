"""The nearest world in which some tests fail: distance in standard deviations, and the mix of drivers that leads there.

A world is x standard deviations of each driver, correlated by R; its distance is sqrt(x' R^-1 x). For one slack that is
linear in x, g'x = -h, the nearest is x* = -R g h / (g' R g) at h / sqrt(g' R g). A slack that bends is followed along its
tangents until that formula holds where it stands; several at once by quadratic programmes over their tangents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import msgspec
import numpy as np

from rules.columns import Floats, Ints

Slacks = Callable[[Floats, Ints], Floats]
"""Worlds float64[D, P] in standard deviations, and M tests, to their slacks float64[M, P]; 0 and more passes, NaN is unknown."""

FURTHEST = 12.0
"""Standard deviations beyond which a world is none."""
_SPREAD = 1e-3
_ROUNDS = 60


class Nearest(msgspec.Struct, frozen=True):
    """The tests that fail there, how far it is, and the standard deviations of each driver [D]."""

    tests: tuple[int, ...]
    distance: float
    at: Floats


def nearest(slacks: Slacks, root: Floats, tests: Sequence[int]) -> Nearest | None:
    """The nearest world in which all of some tests fail, from independent moves u with x = root u; None within reach."""
    wanted = np.array(tests, dtype=np.int64)
    best: Nearest | None = None
    for start in _starts(slacks, root, wanted):
        u = _settled(slacks, root, wanted, start)
        if u is None:
            continue
        distance = float(np.sqrt(u @ u))
        if distance <= FURTHEST and (best is None or distance < best.distance - 1e-9):
            best = Nearest(tuple(tests), distance, root @ u)
    return best


def _starts(slacks: Slacks, root: Floats, wanted: Ints) -> list[Floats]:
    """Where to begin: from the middle, and from the nearest failing of many worlds around it."""
    size = root.shape[1]
    stream = np.random.default_rng(11)
    directions = stream.standard_normal((size, 256))
    directions /= np.sqrt((directions**2).sum(axis=0))
    radii = np.repeat(np.linspace(0.5, FURTHEST, 24), directions.shape[1])
    cloud = np.tile(directions, 24) * radii
    bad = np.asarray((slacks(root @ cloud, wanted) < 0).all(axis=0))
    near = np.argsort(np.where(bad, radii, np.inf), kind="stable")[:3]
    return [np.zeros(size), *(cloud[:, at] for at in near if bad[at])]


def _settled(slacks: Slacks, root: Floats, wanted: Ints, start: Floats) -> Floats | None:
    """Where following the tangents comes to rest on the failing side of all; None where it does not."""
    u, size = start, root.shape[1]
    for _ in range(_ROUNDS):
        steps = np.concatenate((u[:, None], u[:, None] + _SPREAD * np.eye(size), u[:, None] - _SPREAD * np.eye(size)), axis=1)
        found = slacks(root @ steps, wanted)
        if not np.isfinite(found).all():
            return None
        slope = (found[:, 1 : 1 + size] - found[:, 1 + size :]) / (2 * _SPREAD)
        norms = np.sqrt((slope**2).sum(axis=1))
        if (norms <= 0).any():
            return None
        new = _least(slope / norms[:, None], (slope @ u - found[:, 0]) / norms)
        if new is None:
            return None
        if np.abs(new - u).max() < 1e-10:
            return _beyond(slacks, root, wanted, new)
        u = new if np.abs(new - u).max() < 2 else u + (new - u) * 0.5
    return _beyond(slacks, root, wanted, u)


def _least(slope: Floats, bound: Floats) -> Floats | None:
    """The shortest u with slope u <= bound: the best of the worlds in which some of the bounds bind, tried by their number."""
    count = len(slope)
    if (bound >= 0).all():
        return np.zeros(slope.shape[1])
    best: Floats | None = None
    for size in range(1, min(count, slope.shape[1]) + 1):
        for chosen in combinations(range(count), size):
            part = slope[list(chosen)]
            u = np.asarray(np.linalg.lstsq(part, bound[list(chosen)], rcond=None)[0], dtype=np.float64)
            if (slope @ u <= bound + 1e-9 * (1 + np.abs(bound))).all() and (best is None or u @ u < best @ best):
                best = u
        if best is not None:
            return best
    return best


def _beyond(slacks: Slacks, root: Floats, wanted: Ints, u: Floats) -> Floats | None:
    """The world pushed out until the kernel says that all fail; None where a hundredth more does not do."""
    for push in (0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2):
        if (slacks((root @ (u * (1 + push)))[:, None], wanted) < 0).all():
            return u * (1 + push + 1e-8)  # past what a comparison takes for a tie
    return None


def nearest_of(slacks: Slacks, root: Floats, tests: Sequence[int], count: int) -> Nearest | None:
    """The nearest world in which at least `count` of some tests fail: sets that fail together on rays out, the nearest settled."""
    if count > len(tests):
        return None
    wanted = np.array(tests, dtype=np.int64)
    stream, size = np.random.default_rng(13), root.shape[1]
    directions = stream.standard_normal((size, 512))
    directions = np.concatenate((directions / np.sqrt((directions**2).sum(axis=0)), np.eye(size), -np.eye(size)), axis=1)
    sets: dict[tuple[int, ...], float] = {}
    for radius in np.linspace(0.25, FURTHEST, 32):
        failing = slacks(root @ (directions * radius), wanted) < 0
        for column in np.flatnonzero(failing.sum(axis=0) >= count).tolist():
            members = tuple(int(wanted[at]) for at in np.flatnonzero(failing[:, column]))
            for chosen in [members] if len(members) == count else list(combinations(members, count))[:20]:
                sets.setdefault(chosen, float(radius))
        if len(sets) >= 12:
            break
    found = [nearest(slacks, root, chosen) for chosen in sorted(sets, key=lambda one: sets[one])[:12]]
    return min((one for one in found if one is not None), key=lambda one: one.distance, default=None)

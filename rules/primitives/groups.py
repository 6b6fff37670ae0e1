"""The largest of several groups: rows added up by label, and the group of each asker that has most."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from rules.columns import Bools, Floats, Ints, add_up
from rules.primitives.leaf import Factor, Find, Leaf, Terms, Where
from rules.scope import Scope


class Groups(msgspec.Struct, frozen=True):
    """G groups: whose they are, what they are called, what they come to [G, Q], and the first row of each."""

    asker: Ints
    name: tuple[str, ...]
    total: Floats
    first: Ints


def grouped(asker: Ints, labels: Sequence[str], values: Floats) -> Groups:
    """Rows added up by asker and label, whatever its case and the spaces around it, in the order they first come."""
    places: dict[tuple[int, str], int] = {}
    first: list[int] = []
    member = np.zeros(len(labels), dtype=np.int64)
    for r, label in enumerate(labels):
        key = (int(asker[r]), label.strip().casefold())
        if key not in places:
            places[key] = len(first)
            first.append(r)
        member[r] = places[key]
    at = np.array(first, dtype=np.int64)
    return Groups(asker[at], tuple(labels[r].strip() for r in first), add_up(values, member, len(first)), at)


def largest(scope: Scope, groups: Groups, unit: str, where: Find, unknown: Bools, why: Callable[[int], str]) -> Leaf:
    """A leaf of what the largest group of each asker comes to; its one factor lists every group with its share."""
    best = np.full((len(scope), groups.total.shape[1]), -np.inf)
    np.maximum.at(best, groups.asker, groups.total)
    rows = np.flatnonzero(np.isin(np.arange(len(scope)), groups.asker))

    def ordered(r: int) -> list[int]:
        return sorted(np.flatnonzero(groups.asker == rows[r]).tolist(), key=lambda g: -np.nan_to_num(groups.total[g, 0], nan=np.inf))

    def parts(r: int) -> list[tuple[str, float, str, Where | None]]:
        mine = ordered(r)
        whole = float(sum(groups.total[g, 0] for g in mine))
        return [
            (f"{groups.name[g]} ({_share(float(groups.total[g, 0]), whole)})", float(groups.total[g, 0]), unit, where(int(groups.first[g])))
            for g in mine
        ]

    factor = Factor("every group", best[rows], unit, parts=parts)
    return Leaf((Terms(rows, (factor,), lambda r: f"largest: {groups.name[ordered(r)[0]]}"),), unknown, why)


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole > 0 else "share unknown"

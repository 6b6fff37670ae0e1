"""The results of many instants cut down to those that can change a legal state, with numpy, before any machine looks at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rules.columns import Codes, Ints
from rules.life.legal import Tested

_FAIL, _UNDECIDED = 2, 3
"""Places in `rules.compare.RESULTS`: fail; from here on unknown or not tested."""


def changes(results: Codes, *marks: Codes, keep: int = 1) -> Ints:
    """int64[C]: the places of the decided results at which fail, or any of `marks`, turns, and the `keep` - 1 after each.

    `results` is int8[T] of codes of `rules.compare.RESULTS`, `marks` further int8[T] (the rung that is on, whether it is restored).
    """
    decided = np.flatnonzero(results < _UNDECIDED)
    if not len(decided):
        return decided
    turns = np.zeros(len(decided), dtype=bool)
    turns[0] = True
    for column in (results == _FAIL, *marks):
        held = column[decided]
        turns[1:] |= held[1:] != held[:-1]
    starts = np.flatnonzero(turns)
    since = np.arange(len(decided)) - starts[np.cumsum(turns) - 1]
    found: Ints = decided[since < keep]
    return found


def compressed(results: Sequence[Tested], keep: int) -> list[Tested]:
    """The same of results in hand, in order: for a machine that is fed continuously a repetition is no news."""
    kept: list[Tested] = []
    before: tuple[object, ...] | None = None
    count = 0
    for one in results:
        key = (one.result == "fail", one.rung, one.restored, one.on)
        count = count + 1 if key == before else 1
        before = key
        if count <= keep:
            kept.append(one)
    return kept

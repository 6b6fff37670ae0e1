"""The rows of a replay that are shown, asked again for what only they need: the marks they move with, and what they lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from monitor.replay.figures import Figures
from monitor.replay.tracks import Track
from rules.compare import INDETERMINATE
from rules.evaluate import Assessment, evaluate
from rules.timeline import Timeline
from rules.worlds import STALE


def show(made: Figures, tracks: Sequence[Track], first: int) -> None:
    """Fill in the marks and the lacks of the days of a span, which begins at `first`, on which a track turns or is first unknown."""
    count = len(made.tested.worlds.instants)
    wanted = {t: _places(track, first, count) for t, track in enumerate(tracks)}
    for tests, figures in ((made.running, made.tested), (made.periodic, made.indicative)):
        _ask(figures, tracks, {t: (at * count, wanted[t]) for at, t in enumerate(tests) if wanted[t]}, first)


def _places(track: Track, first: int, count: int) -> list[int]:
    """Places in the span."""
    found = track.turns(first, first + count - 1)
    if not track.lacks:
        found += (np.flatnonzero(track.leading[first : first + count] == INDETERMINATE)[:1] + first).tolist()
    return sorted({place - first for place in found})


def _ask(figures: Timeline, tracks: Sequence[Track], wanted: Mapping[int, tuple[int, list[int]]], first: int) -> None:
    if not wanted:
        return
    rows = np.array([start + place for start, places in wanted.values() for place in places], dtype=np.int64)
    made = evaluate(figures.book, figures.worlds, figures.state, figures.rows.pick(rows))
    asked = ((tracks[t], place) for t, (_, places) in wanted.items() for place in places)
    for row, (track, place) in enumerate(asked):
        slots = made.drivers.series[row][made.drivers.direct[row]].tolist()
        track.marks[first + place] = tuple(made.worlds.series[k] for k in sorted(set(slots)))
        if track.leading[first + place] == INDETERMINATE:
            track.lacks[first + place] = _lack(made, row, slots, place)


def _lack(made: Assessment, row: int, slots: Sequence[int], place: int) -> str:
    """The first mark without a usable print, else why the row was not judged, else figures."""
    lacking = next((made.worlds.series[k] for k in slots if made.worlds.data[k, place] >= STALE), None)
    return lacking or made.reason[row] or "figures of the borrower"

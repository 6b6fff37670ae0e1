"""One series over many instants at once: the same answers as `History.observe`, as columns of values and degrees of doubt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np

from facilities.model import MarkPolicy
from monitor.marks.history import History, Track
from monitor.marks.policy import Policy, combine
from rules.columns import Bools, Codes, Floats, Ints
from rules.series import SeriesIndex
from rules.worlds import DATA, GOOD, MISSING, OVERRIDDEN, SINGLE_SOURCE, STALE, Worlds

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_NEVER = np.iinfo(np.int64).max
_NONE = np.iinfo(np.int64).min


def column(
    history: History, series: str, instants: Sequence[dt.datetime], known_at: Sequence[dt.datetime], policy: MarkPolicy | None = None
) -> tuple[Floats, Codes]:
    """(value float64[T], doubt int8[T], an index into DATA) of `series` at each instant as known at the same place of `known_at`.

    NaN where the mark is missing; a stale value is there and marked so. Raises ValueError where the two differ in length.
    """
    if len(instants) != len(known_at):
        raise ValueError(f"{len(instants)} instants, {len(known_at)} times of knowledge")
    if history.gives(series):
        seen = [history.observe(series, at, known, policy) for at, known in zip(instants, known_at, strict=True)]
        values = np.array([np.nan if one.value is None else one.value for one in seen])
        return values, np.array([DATA.index(one.data) for one in seen], dtype=np.int8)
    kept = history.series(series)
    if kept is None:
        return np.full(len(instants), np.nan), np.full(len(instants), MISSING, dtype=np.int8)
    use = history.policy(series, policy)
    tracks = [kept.tracks[source] for source in use.sources if source in kept.tracks] if use.sources else list(kept.tracks.values())
    at = np.array([_micros(moment) for moment in instants], dtype=np.int64)
    shown = [_seen(history, track, use, instants, known_at) for track in (*tracks, kept.overrides)]
    return _judged(shown[:-1], shown[-1], use, at)


def path(
    history: History, index: SeriesIndex, instants: Sequence[dt.datetime], known_at: Sequence[dt.datetime], basis: str,
    only: Collection[int] | None = None,
) -> Worlds:  # fmt: skip
    """One path over some instants of the series of a book, or of `only` some: each under the desk's policy or its covenant's own."""
    marks, data = np.full((len(index), 1, len(instants)), np.nan), np.full((len(index), len(instants)), MISSING, dtype=np.int8)
    for k, (name, policy) in enumerate(zip(index.names, index.policies, strict=True)):
        if only is None or k in only:
            marks[k, 0], data[k] = column(history, name, instants, known_at, policy)
    return Worlds(tuple(index.names), tuple(instants), tuple(known_at), marks, data, basis)


def _micros(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


class _Seen:
    """What one source showed at each instant: value, when observed and known, until when it is fresh; nothing where `there` is False."""

    def __init__(self, at: Ints, values: Floats, as_of: Ints, known: Ints, until: Ints) -> None:
        self.there: Bools = at >= 0
        place = np.maximum(at, 0)
        blank = len(values) == 0
        self.values = np.full(len(at), np.nan) if blank else np.where(self.there, values[place], np.nan)
        self.as_of = np.full(len(at), _NONE) if blank else np.where(self.there, as_of[place], _NONE)
        self.known = np.full(len(at), _NONE) if blank else np.where(self.there, known[place], _NONE)
        self.until = np.full(len(at), _NONE) if blank else np.where(self.there, until[place], _NONE)


def _seen(history: History, track: Track, use: Policy, instants: Sequence[dt.datetime], known_at: Sequence[dt.datetime]) -> _Seen:
    places = np.array([track.place(at, known) for at, known in zip(instants, known_at, strict=True)], dtype=np.int64)
    shown = np.unique(places[places >= 0])
    count = len(track.entries)
    as_of, known, until = (np.full(count, _NONE, dtype=np.int64) for _ in range(3))
    values = np.full(count, np.nan)
    for place in shown.tolist():
        entry = track.entries[place]
        as_of[place], known[place], values[place] = _micros(entry.as_of), _micros(entry.known_at), entry.made.value
        end = history.fresh_until(entry, use)
        until[place] = _NEVER if end is None else _micros(end)
    return _Seen(places, values, as_of, known, until)


def _judged(sources: list[_Seen], override: _Seen, use: Policy, at: Ints) -> tuple[Floats, Codes]:
    values, data = np.full(len(at), np.nan), np.full(len(at), MISSING, dtype=np.int8)
    if sources:
        _of_sources(sources, use, at, values, data)
    allowed = override.there & (override.values >= use.low) & (override.values <= use.high)
    for one in sources:
        allowed &= ~one.there | (override.as_of >= one.as_of)
    values[allowed] = override.values[allowed]
    data[allowed] = np.where(at <= override.until, OVERRIDDEN, STALE)[allowed]
    return values, data


def _of_sources(sources: list[_Seen], use: Policy, at: Ints, values: Floats, data: Codes) -> None:
    """Fill in what the sources that count say where no override stands in their place."""
    order = _order(sources, bool(use.sources))
    held, as_of, until = (
        np.take_along_axis(np.stack([getattr(one, name) for one in sources]), order, axis=0) for name in ("values", "as_of", "until")
    )
    found = (held >= use.low) & (held <= use.high)
    fresh = found & (at <= until)
    count = fresh.sum(axis=0)
    some, aged = count > 0, found.any(axis=0) & (count == 0)
    values[some] = _combined(held, fresh, use.aggregate)[some]
    data[some] = np.where(count >= use.min_sources, GOOD, SINGLE_SOURCE)[some]
    last = np.where(found, as_of, _NONE).argmax(axis=0)  # the first listed of equals
    values[aged] = held[last, np.arange(len(at))][aged]
    data[aged] = STALE


def _order(sources: list[_Seen], listed: bool) -> Ints:
    """int64[S, T]: the sources at each instant in the order they count: as listed, else the most recent first."""
    shape = (len(sources), len(sources[0].there))
    if listed:
        return np.broadcast_to(np.arange(shape[0], dtype=np.int64)[:, None], shape)
    as_of, known = (np.stack([getattr(one, name) for one in sources]) for name in ("as_of", "known"))
    # last key first in weight: -as_of, then -known, and the stable order of names
    return np.lexsort((-np.maximum(known, 1 - _NEVER), -np.maximum(as_of, 1 - _NEVER)), axis=0)


def _combined(held: Floats, fresh: Bools, aggregate: str) -> Floats:
    """float64[T]: the fresh values of each instant as one, to the digit as `combine` has it."""
    first = held[fresh.argmax(axis=0), np.arange(held.shape[1])]
    if aggregate == "first":
        return np.asarray(first)
    several = np.flatnonzero(fresh.sum(axis=0) > 1)
    for t in several.tolist():
        first[t] = combine(held[fresh[:, t], t].tolist(), aggregate)
    return np.asarray(first)

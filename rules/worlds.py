"""A world is an instant and one value for every mark; covenants are only ever evaluated against worlds."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

import msgspec
import numpy as np

from rules.columns import Codes, Floats, Ints
from rules.curves import Curve

DATA = ("good", "single_source", "overridden", "stale", "missing")
"""The data axis in rising order of doubt; `Worlds.data` holds indices into it."""
GOOD, SINGLE_SOURCE, OVERRIDDEN, STALE, MISSING = range(len(DATA))


class Worlds(msgspec.Struct, frozen=True, dict=True):
    """`P` paths over `T` ordered instants of `K` mark series.

    `marks` is float64[K, P, T], NaN where the series has no usable print; `data` is int8[K, T], an index into
    `DATA`; `instants` and `known_at` are UTC; `basis` says what the worlds stand for: `tested`, `indicative`,
    `projected` or `stressed`. `curves` says how each series is assumed to move after an instant, None (or an empty tuple
    for all) that it is held flat; `origin` is the instant whose marks are known, from which curves run in all worlds (None: in
    each from its own instant, so that only windows ahead see them).
    """

    series: tuple[str, ...]
    instants: tuple[dt.datetime, ...]
    known_at: tuple[dt.datetime, ...]
    marks: Floats
    data: Codes
    basis: str = "indicative"
    curves: tuple[Curve | None, ...] = ()
    origin: dt.datetime | None = None

    @property
    def paths(self) -> int:
        """P, the number of paths."""
        return int(self.marks.shape[1])

    def days(self, zone: dt.tzinfo) -> tuple[Ints, Ints]:
        """(int64[T], int64[T]): the day of each instant and of what is known at it on a desk's clock, worked out once."""
        if zone not in self._days:
            seen, known = (np.array([day_of(one, zone) for one in each], dtype=np.int64) for each in (self.instants, self.known_at))
            self._days[zone] = seen, known
        return self._days[zone]

    @cached_property
    def _days(self) -> dict[dt.tzinfo, tuple[Ints, Ints]]:
        return {}


def day_of(moment: dt.datetime, zone: dt.tzinfo) -> int:
    """The ordinal of the day, on the desk's clock, that an instant closes or falls in: midnight belongs to the day it ends."""
    return (moment.astimezone(zone) - dt.timedelta(microseconds=1)).date().toordinal()

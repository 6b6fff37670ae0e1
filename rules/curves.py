"""A mark's forward curve: how it is assumed to move with time, as a multiple of what it is in a world.

`curve(t) = (1 - decay)^t`, times the factor of every jump by then. The value at `u` in a world at `d` is
`m x curve(u) / curve(d)`: a shocked mark scales its whole curve, and a jump counts once, at the end of its day. Before its origin,
the day whose marks are known, a curve is flat: what is not reported of the past is modelled at the mark known. Time runs in
calendar months, each a twelfth of a year with its days alike, as modelled cash does with months of 730 hours: from one 30
September to the next is one year, whatever its days.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from rules.columns import Floats, Ints, by_day

_EPOCH = 719_163
"""The ordinal of 1970-01-01, from which numpy counts days and months."""


def years(days: Ints) -> Floats:
    """float64[R]: the ends of some days (ordinals) in years of twelve months."""
    return by_day(days, _years)


def _years(days: Ints) -> Floats:
    since = (days - _EPOCH).astype("datetime64[D]")
    month = since.astype("datetime64[M]")
    first, after = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    passed = ((since - first).astype(np.int64) + 1) / (after - first).astype(np.int64)
    return np.asarray((month.astype(np.int64) + passed) / 12)


class Curve(msgspec.Struct, frozen=True):
    """Yearly `decay` as a fraction below 1 (negative: growth), and `jumps` (day, factor) in order of their days."""

    decay: float = 0.0
    jumps: tuple[tuple[int, float], ...] = ()

    def ratio(self, since: Ints, until: Ints) -> Floats:
        """float64[R]: curve(until) / curve(since), at the ends of both days (ordinals)."""
        found = np.power(1.0 - self.decay, years(until) - years(since))
        for day, factor in self.jumps:
            found = found * np.where((since < day) & (day <= until), factor, 1.0) / np.where((until < day) & (day <= since), factor, 1.0)
        return np.asarray(found)

    def mean(self, since: Ints, low: Ints, high: Ints) -> Floats:
        """float64[R]: the average of curve(t) / curve(since) over (low, high] in time; the ratio at `low` where that is empty.

        Exact: between jumps the curve is an exponential, whose integral is known.
        """
        length = years(high) - years(low)
        area = np.zeros(len(length))
        steps = [day for day, _ in self.jumps]
        for start, end in zip((None, *steps), (*steps, None), strict=True):
            begin = low if start is None else np.maximum(low, start)
            stop = high if end is None else np.minimum(high, end)
            area += self.ratio(since, begin) * self._area(np.maximum(0.0, years(stop) - years(begin)))
        return np.where(length > 0, area / np.where(length > 0, length, 1.0), self.ratio(since, low))

    def average(self, since: Ints, origin: Ints, low: Ints, high: Ints, before: Floats | None = None) -> Floats:
        """float64[R]: the same of a curve that is flat before its `origin`; `before` is the part of the days counted that lies there.

        Without it every day of (low, high] counts.
        """
        start, stop = np.minimum(low, origin), np.minimum(high, origin)
        if before is None:
            whole = years(high) - years(low)
            flat = np.maximum(0.0, years(stop) - years(start)) * (high > low)
            before = np.divide(flat, whole, out=np.where(low < origin, 1.0, 0.0), where=whole > 0)
        ahead = self.mean(since, np.maximum(low, origin), np.maximum(high, origin))
        return np.where(before > 0, before * self.ratio(since, origin), 0.0) + np.where(before < 1, (1.0 - before) * ahead, 0.0)

    def _area(self, time: Floats) -> Floats:
        """The integral of (1 - decay)^t from 0 to each time."""
        if abs(self.decay) < 1e-12:  # a straight line to the last digit
            return time
        rate = math.log1p(-self.decay)
        return np.asarray(np.expm1(rate * time) / rate)

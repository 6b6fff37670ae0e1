"""Axes of figures: a range that holds what is drawn, round ticks in it, and their labels in the unit."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from math import ceil, floor, isfinite, log10
from typing import NamedTuple

_MOST = sys.float_info.max
_LEAST = 1e-300
_MONEY = frozenset({"money", "USD", "EUR", "GBP", "CAD", "AUD", "JPY", "CHF"})
_SIZES = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))


class Scale(NamedTuple):
    """A range of figures over a number of dots; `low` lies on dot 0, `high` on the last."""

    low: float
    high: float
    dots: int

    def place(self, value: float) -> int:
        """The dot of a figure; figures beyond the range lie on its edge."""
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)  # halved: the widest range has no overflow
        return round(max(0.0, min(1.0, share)) * (self.dots - 1))

    def value(self, dot: float) -> float:
        """The figure at a dot."""
        share = dot / (self.dots - 1) if self.dots > 1 else 0.5
        return self.low * (1 - share) + self.high * share


def scale_of(values: Iterable[float], dots: int, zero: bool = False) -> Scale:
    """The range of some figures with a little air, or about one figure alone; `zero` starts it at nought."""
    known = list(values)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    low, high = (min(0.0, low), max(0.0, high)) if zero else (low, high)
    if high / 2 - low / 2 <= max(abs(low), abs(high)) * 1e-9 or high - low < _LEAST:
        room = max(abs(high) * 0.1, _LEAST * 1e3 if high else 0.5)
        return Scale(0.0 if zero and low >= 0 else max(low - room, -_MOST), min(high + room, _MOST), dots)
    room = (high / 2 - low / 2) * 0.08
    return Scale(low if zero and low == 0 else max(low - room, -_MOST), min(high + room, _MOST), dots)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round figures (1, 2 or 5 times a power of ten apart) from `low` to `high`, the lowest first."""
    step = step_of(low, high, most)
    first, last = ceil(low / step), floor(high / step)
    found = [at * step for at in range(first, min(last, first + most) + 1)]
    return [value for value in found if isfinite(value)][:most]


def step_of(low: float, high: float, most: int) -> float:
    """The least round step that needs at most `most` ticks."""
    rough = min(max((high / 2 - low / 2) / max(1, most - 1), _LEAST), _MOST / 4) * 2  # halved: the widest range has no overflow
    power = floor(log10(rough))
    for lift, times in ((lift, times) for lift in (0, 1) for times in (1, 2, 5)):
        step = times * 10.0 ** min(power + lift, 307)
        if step >= rough * 0.999 and floor(high / step) - ceil(low / step) + 1 <= most:
            return step
    return 10.0 ** min(power + 2, 307)


def label(value: float, step: float, unit: str, largest: float) -> str:
    """A tick in its unit, with the decimals its step needs; `largest` on the axis chooses thousands or millions."""
    if unit in ("x", "ratio"):
        return f"{_plain(value, step)}x"
    if unit in ("fraction", "%", "percent"):
        return f"{_plain(100 * value, 100 * step)}%" if abs(value) < 1e13 else f"{value:.3g}"
    if unit in _MONEY:
        size, sign = next(((size, sign) for size, sign in _SIZES if abs(largest) >= size), (1.0, ""))
        return f"{_plain(value / size, step / size)}{sign}" if abs(value) >= step / 2 else "0"
    return _plain(value, step)


def _plain(value: float, step: float) -> str:
    value = 0.0 if abs(value) < step / 2 else value
    if abs(value) >= 1e9 or step < 1e-6:
        return f"{value:.4g}"
    digits = 0 if step >= 1 else -floor(log10(step) + 1e-9)
    return f"{value:,.{digits}f}"

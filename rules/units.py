"""Units of quantities: products of named dimensions, checked when formulas are read.

`money` is the facility's own currency; a flow is money per `period` until a window integrates it. Assets are
counted in `unit`, whatever their name, so that a price per GPU and a price per BTC have one shape.
"""

from __future__ import annotations

from typing import NamedTuple

_BARE = {"", "1", "x", "ratio", "fraction", "%", "percent"}
_SAME = {"GPU": "unit", "BTC": "unit", "ETH": "unit", "ASIC": "unit", "h": "hour", "hours": "hour", "years": "year", "months": "month"}


class Unit(NamedTuple):
    """Sorted (dimension, power) pairs; empty is a plain number."""

    powers: tuple[tuple[str, int], ...] = ()

    def times(self, other: Unit, sign: int = 1) -> Unit:
        """The unit of a product (`sign` 1) or a quotient (`sign` -1)."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + sign * power
        return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)))

    def __str__(self) -> str:
        up = [name if power == 1 else f"{name}^{power}" for name, power in self.powers if power > 0]
        down = [name if power == -1 else f"{name}^{-power}" for name, power in self.powers if power < 0]
        if not self.powers:
            return "a plain number"
        return "-".join(up or ["1"]) + "".join(f"/{name}" for name in down)


NUMBER = Unit()
PERIOD = Unit((("period", 1),))


def parse_unit(text: str) -> Unit:
    """`"money/GPU-hour"` as a unit. Any word is a dimension."""
    unit = NUMBER
    for place, part in enumerate(text.strip().split("/")):
        for word in part.split("-"):
            word = word.strip()
            if word not in _BARE:
                unit = unit.times(Unit(((_SAME.get(word, word), 1),)), -1 if place else 1)
    return unit


_KINDS = {
    "price": "USD/unit", "rent": "USD/unit-hour", "rate": "", "hashprice": "USD/PH/day", "marketcap": "USD", "fx": "USD/money",
    "difficulty": "PH-day/block",
}  # fmt: skip
"""A difficulty counts the work behind a block: times 2^32 / 1e15 / 86,400 it is in PH/s times days."""


def series_unit(series: str) -> str:
    """The canonical unit of a mark series `<ASSET>.<kind>[.<basis>]`; a plain number for a kind we do not know."""
    parts = series.split(".")
    return _KINDS.get(parts[1], "") if len(parts) > 1 else ""

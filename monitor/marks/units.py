"""Units of marks: each kind has one canonical unit, and what a row may write instead is converted on reading."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Scale(NamedTuple):
    """The canonical unit, and the power of ten that brings a written value to it."""

    unit: str
    power: int = 0


_RENT = Scale("USD/GPU-hour")
_PRICE = Scale("USD/unit")
_HASHPRICE = Scale("USD/PH/day")
_DIFFICULTY = Scale("difficulty")
_RATE = "fraction"

_WRITTEN: dict[str, dict[str, Scale]] = {
    "rent": dict.fromkeys(("USD/GPU-hour", "USD/GPU-hr", "USD/GPU-h", "USD/GPU/hour"), _RENT),
    "price": dict.fromkeys(("USD", "USD/unit", "USD/GPU", "USD/coin"), _PRICE),
    "rate": {
        "fraction": Scale(_RATE),
        "percent": Scale(_RATE, -2),
        "%": Scale(_RATE, -2),
        "bp": Scale(_RATE, -4),
    },
    "marketcap": {"USD": Scale("USD"), "USD million": Scale("USD", 6), "USD billion": Scale("USD", 9)},
    "hashprice": {"USD/PH/day": _HASHPRICE, "USD/PH/s/day": _HASHPRICE, "USD/TH/day": Scale("USD/PH/day", 3)},
    "difficulty": {"difficulty": _DIFFICULTY, "1": _DIFFICULTY, "T": Scale("difficulty", 12)},
}

MAY_BE_NEGATIVE = frozenset({"rate"})
"""Kinds whose values may be zero or below."""

PLACEHOLDER_RENT = 0.5
"""What one public feed prints in USD per GPU-hour for a class that has no price."""


def scale(asset: str, kind: str, written: str) -> Scale | None:
    """How a value of `asset`'s `kind` written in `written` becomes canonical; None when the unit does not fit the kind.

    A kind without a canonical unit keeps the unit as written.
    """
    if kind == "fx":
        quoted, _, base = written.partition("/")
        return Scale(written) if len(quoted) == 3 and quoted.isupper() and base == asset != quoted else None
    if kind == "price" and written == f"USD/{asset}":
        return _PRICE
    if kind in _WRITTEN:
        return _WRITTEN[kind].get(written)
    return Scale(written) if written else None


def accepted(asset: str, kind: str) -> list[str]:
    """The units a row of this kind may be written in, the canonical one first."""
    if kind == "fx":
        return [f"USD/{asset}"]
    own = [f"USD/{asset}"] if kind == "price" else []
    return sorted(_WRITTEN.get(kind, ()), key=lambda unit: unit != _WRITTEN[kind][unit].unit) + own


KINDS = (*_WRITTEN, "fx")
"""The kinds of mark that have units of their own; a row of another kind says its unit."""


def canonical(text: str, power: int) -> float:
    """The number `text` times ten to `power`, rounded once; so 3.9 percent is the float 0.039.

    Raises ValueError when `text` is no plain decimal number; infinities and NaN pass.
    """
    if not text.isascii() or "_" in text:
        raise ValueError(f"{text!r} is not a number")
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if power == 0 or value == 0 or value - value != 0.0:
        return value
    return float(Decimal(text).scaleb(power)) if "e" in text.lower() else float(f"{text}e{power}")


def implausible(kind: str, value: float, unit: str) -> str | None:
    """Why a legal value is worth a second look; None when it is not."""
    if kind == "rate" and abs(value) > 1:
        return f"a rate of {value * 100:g} % a year"
    if kind == "rent" and value == PLACEHOLDER_RENT:
        return f"exactly {PLACEHOLDER_RENT:.2f} {unit} is what a public feed prints for a class that has no price"
    return None

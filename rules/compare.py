"""Holding a ratio against a level: never a quotient with a doubtful denominator, ties pass, rounding as agreed."""

from __future__ import annotations

from typing import cast

import numpy as np

from facilities.model import Amount
from facilities.steps import is_dated, values_over
from rules.columns import Floats, Ints
from rules.levels import Level

RESULTS = ("pass", "watch", "fail", "indeterminate", "not_tested")
PASS, WATCH, FAIL, INDETERMINATE, NOT_TESTED = range(len(RESULTS))
TIE = 1e-9
"""Two figures within this share of their size are equal."""

MONEY = 1e5
"""Sums of money are compared as if they were at least this large: a difference of 0.0001 is a rest of the arithmetic."""

_AT_LEAST = (">=", ">")


def thresholds_on(amount: Amount | None, days: Ints) -> Floats:
    """float64[N]: the level in force on each day, NaN where none is or it is not public."""
    if amount is None:
        return np.full(len(days), np.nan)
    return values_over(amount, days) if is_dated(amount) else np.full(len(days), float(cast(float, amount)))


def effective(level: Level, threshold: Floats, places: int | None) -> Floats:
    """The level an unrounded ratio must reach so that, rounded half up to `places`, it passes."""
    if places is None or level.operator == "==":
        return threshold
    whole = threshold * 10.0**places
    low, high = np.floor(whole + 1e-9), np.ceil(whole - 1e-9)
    last = {">=": high, ">": low + 1, "<=": low, "<": high - 1}[level.operator]  # the last rounded ratio that passes
    return np.asarray((last - 0.5 if level.operator in _AT_LEAST else last + 0.5) * 10.0**-places)


def slack(operator: str, numerator: Floats, denominator: Floats, threshold: Floats) -> Floats:
    """How far the right side is reached: `numerator - threshold x denominator`, signed so that 0 and more passes `>=` and `<=`.

    A negative denominator thus fails `<=` (leverage on negative EBITDA) rather than pass by its sign.
    """
    gap = numerator - threshold * denominator
    return gap if operator in _AT_LEAST else (-np.abs(gap) if operator == "==" else -gap)


def size(numerator: Floats, denominator: Floats, threshold: Floats) -> Floats:
    """What a slack is measured against: the greater of the two sides, at least 1."""
    return np.maximum(np.maximum(np.abs(numerator), np.abs(threshold * denominator)), 1e-12)


def passes(operator: str, gap: Floats, scale: Floats) -> np.ndarray:
    """Whether the slack passes; a tie passes `>=`, `<=` and `==`, and fails `>` and `<`."""
    near = np.abs(gap) <= TIE * scale
    return (gap > 0) & ~near if operator in (">", "<") else (gap > 0) | near


def half_up(ratio: Floats, places: int) -> Floats:
    """A ratio rounded half up; a tie in its last digit is 1e-9."""
    return np.asarray(np.floor(ratio * 10.0**places + 0.5 + 1e-9) / 10.0**places)


def rounded_passes(level: Level, numerator: Floats, denominator: Floats, threshold: Floats, places: int) -> np.ndarray:
    """The same on the quotient rounded half up; a non-positive denominator fails."""
    ratio = np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
    shown = half_up(ratio, places)
    gap = slack(level.operator, shown, np.ones_like(shown), threshold)
    return np.where(denominator > 0, passes(level.operator, gap, size(shown, np.ones_like(shown), threshold)), False)


def headroom(operator: str, actual: Floats, threshold: Floats) -> tuple[Floats, Floats, Floats]:
    """(headroom_abs, headroom_pct, cushion_pct): distance to the level on the passing side (0 at a tie), as a share of the level,
    and the fall of the numerator (coverage) or of the collateral (LTV) that just fails. Shares of a zero level are NaN.
    """
    at_least = operator in _AT_LEAST
    near = np.abs(actual - threshold) <= TIE * size(actual, np.ones_like(actual), threshold)
    distance = np.where(near, 0.0, slack(operator, actual, np.ones_like(actual), threshold))
    share = np.divide(distance, np.abs(threshold), out=np.full_like(distance, np.nan), where=threshold != 0)
    top, under = (threshold, actual) if at_least else (actual, threshold)
    cushion = 1 - np.divide(top, under, out=np.full_like(distance, np.nan), where=(under > 0) & (threshold != 0))
    return distance, share, cushion

"""Dated tables of numbers: the value in force on a day, right-continuous, unknown before the first row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard

from facilities.model import Amount, Step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def is_dated(amount: Amount) -> TypeGuard[list[Step]]:
    """Whether the amount is a dated table rather than one number."""
    return not isinstance(amount, Decimal)


def value_on(amount: Amount, day: dt.date) -> Decimal | None:
    """The value in force on `day`: of the last row that starts by then, unless its `until` (its last day) has passed.

    None before the first row and after a row that ended without a successor.
    """
    if isinstance(amount, Decimal):
        return amount
    row: Step | None = None
    for step in amount:
        if step.from_ <= day and (row is None or step.from_ >= row.from_):
            row = step
    if row is None or (row.until is not None and day > row.until):
        return None
    return row.value


def values_over(amount: Amount, days: NDArray[np.int64]) -> NDArray[np.float64]:
    """`value_on` for every day of `days` (`date.toordinal()`, any shape, any order): float64 of that shape, NaN where unknown."""
    import numpy as np  # here, so that schedules and day counts load without it

    if isinstance(amount, Decimal):
        return np.full(days.shape, float(amount))
    rows = sorted(amount, key=lambda step: step.from_)
    starts = np.array([step.from_.toordinal() for step in rows], dtype=np.int64)
    ends = np.array([(step.until or dt.date.max).toordinal() for step in rows], dtype=np.int64)
    values = np.array([float(step.value) for step in rows], dtype=np.float64)
    if not rows:
        return np.full(days.shape, np.nan)
    at = np.searchsorted(starts, days, side="right") - 1
    known = (at >= 0) & (days <= ends[at])
    return np.where(known, values[at], np.nan)

"""Primitives: the leaves of formulas that read tables. Each is rows of factors, multiplied and added up.

The kernel multiplies and adds the columns; an explanation lists the very same factors, row by row.
"""

from __future__ import annotations

from rules.primitives import (
    accrual,
    base,
    case,
    cash,
    collateral,
    composition,
    fees,
    lettings,
    loan,
    mining,
    owed,
    reports,
    revenue,
    vintages,
)
from rules.primitives.leaf import Reader

READERS: dict[str, Reader] = {
    **owed.READERS,
    **loan.READERS,
    **accrual.READERS,
    **fees.READERS,
    **collateral.READERS,
    **composition.READERS,
    **lettings.READERS,
    **cash.READERS,
    **reports.READERS,
    **revenue.READERS,
    **mining.READERS,
    **base.READERS,
    **case.READERS,
    **vintages.READERS,
}
"""Primitive name -> the function that reads it: (scope, quoted argument) -> Leaf."""

__all__ = ["READERS"]

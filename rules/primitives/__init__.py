"""Primitives: the leaves of formulas that read tables. Each is rows of factors, multiplied and added up.

The kernel multiplies and adds the columns; an explanation lists the very same factors, row by row.
"""

from __future__ import annotations

from rules.primitives import accrual, base, cash, collateral, fees, loan, owed, reports, revenue
from rules.primitives.leaf import Leaf, Reader

READERS: dict[str, Reader] = {
    **owed.READERS,
    **loan.READERS,
    **accrual.READERS,
    **fees.READERS,
    **collateral.READERS,
    **cash.READERS,
    **reports.READERS,
    **revenue.READERS,
    **base.READERS,
}
"""Primitive name -> the function that reads it: (scope, quoted argument) -> Leaf."""

__all__ = ["READERS", "Leaf", "Reader"]

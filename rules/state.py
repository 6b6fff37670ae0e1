"""What may differ from the desk file on a path: money repaid, collateral posted, cash put in, utilisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class State:
    """Columns per facility and path, float64[F, P]; None stands for no difference.

    `repaid` lowers the outstanding, `posted` adds units to the first eligible parcel (negative: sold), `cash` counts
    as cash flow and as liquidity, `utilisation` multiplies the utilisation of units not under contract.
    """

    repaid: Floats | None = None
    posted: Floats | None = None
    cash: Floats | None = None
    utilisation: Floats | None = None


AS_AGREED = State()
"""The state of the desk files themselves."""

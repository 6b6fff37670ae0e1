"""What may differ from the desk file on a path: money repaid, collateral posted, cash put in, utilisation."""

from __future__ import annotations

import msgspec

from rules.columns import Floats


class State(msgspec.Struct, frozen=True):
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


def first_path(state: State) -> State:
    """The state of the first path alone."""
    columns = (state.repaid, state.posted, state.cash, state.utilisation)
    return State(*(None if one is None else one[:, :1] for one in columns))

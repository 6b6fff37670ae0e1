"""What may differ from the desk file on a path: money repaid, collateral posted, cash put in, utilisation, figures given."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from rules.columns import Floats
from rules.running import Running, Swept, first_of


class State(msgspec.Struct, frozen=True):
    """Columns per facility and path, float64[F, P]; None stands for no difference.

    `repaid` lowers the outstanding, `posted` adds units to the first eligible parcel (negative: sold), `cash` counts
    as cash flow and as liquidity, `utilisation` multiplies the utilisation of units not under contract. `given` puts a
    value in the place of a part of a formula, by the part's text: float64[F], NaN for the facilities that compute it.
    `swept` is money repaid out of excess cash, by leg, and `reserve` what was put into (negative: drawn from) the debt service
    reserve, each on its day: unlike `repaid`, which is of the day of the world, past periods see only what was moved before them.
    """

    repaid: Floats | None = None
    posted: Floats | None = None
    cash: Floats | None = None
    utilisation: Floats | None = None
    given: Mapping[str, Floats] = {}
    swept: Swept | None = None
    reserve: Running | None = None


COLUMNS = ("repaid", "posted", "cash", "utilisation")

AS_AGREED = State()
"""The state of the desk files themselves."""


def first_path(state: State) -> State:
    """The state of the first path alone."""
    columns = {name: getattr(state, name) for name in COLUMNS}
    return msgspec.structs.replace(
        state, **{name: column[:, :1] for name, column in columns.items() if column is not None},
        swept=None if state.swept is None else Swept(*first_of(state.swept)),
        reserve=None if state.reserve is None else first_of([state.reserve])[0],
    )  # fmt: skip


def on_top(change: State, state: State) -> State:
    """`change` made where `state` already holds: money and units add up, utilisation multiplies."""

    def added(one: Floats | None, other: Floats | None) -> Floats | None:
        return one if other is None else other if one is None else one + other

    times = change.utilisation if state.utilisation is None else state.utilisation
    if change.utilisation is not None and state.utilisation is not None:
        times = change.utilisation * state.utilisation
    return State(
        added(change.repaid, state.repaid), added(change.posted, state.posted), added(change.cash, state.cash), times,
        {**state.given, **change.given}, change.swept or state.swept, change.reserve or state.reserve,
    )  # fmt: skip


def in_place(state: State, text: str, facility: np.ndarray, computed: Floats) -> Floats:
    """float64[N, Q]: a part of a formula as computed for N rows, or as given for their facilities."""
    values = state.given.get(text)
    if values is None:
        return computed
    given = values[facility][:, None]
    return np.where(np.isnan(given), computed, given)

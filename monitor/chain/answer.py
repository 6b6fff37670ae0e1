"""The answer of `covenant chain` as typed data; times RFC 3339, amounts plain, None where unknown."""

from __future__ import annotations

import msgspec

from monitor.assumed import AssumedPart

SCHEMA = "covenant-monitor/chain/1"


class StepPart(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happens: `kind` is `falls`, `notice`, `acceleration`, `liquidation` or `sale`.

    `assumed` where a person would have to act; `clause` says by what a facility fell, `causes` the debts whose fall the clause read. A sale
    moves `series` from `before` to `after`.
    """

    at: str
    kind: str
    facility: str
    state: str | None
    clause: str | None
    causes: list[str]
    assumed: bool
    series: str | None = None
    units: float | None = None
    before: float | None = None
    after: float | None = None


class ResourcePart(msgspec.Struct, frozen=True, kw_only=True):
    """Free coins of a group against its calls: the price down to which they meet them, and that with its cures of cash beside."""

    group: str
    asset: str
    price: float | None
    free: float
    meets_calls_down_to: float | None
    cures: float
    meets_all_down_to: float | None


class ChainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer: `rounds` is how often the desk was judged until nothing changed, `fallen` who fell in the end.

    `assumptions` are what people are taken to do, `inputs` what fire sales are taken to move marks by.
    """

    schema: str
    as_of: str
    until: str
    supposed: str | None
    rounds: int
    steps: list[StepPart]
    fallen: list[str]
    resources: list[ResourcePart]
    assumptions: list[str]
    inputs: list[AssumedPart] = []

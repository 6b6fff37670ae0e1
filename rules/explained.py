"""One node of an explanation: what was computed, from what, and where each leaf came from."""

from __future__ import annotations

import msgspec


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A value with its unit, the formula or operation that made it, and its operands.

    `origin` of a leaf is a place in a desk file (`facilities/x.toml:52`) or a mark (series, source, as-of, age);
    `source` is the citation written beside the figure; `value` is None when unknown and `reason` then says why.
    """

    label: str
    value: float | None
    unit: str
    operation: str | None = None
    origin: str | None = None
    source: str | None = None
    reason: str | None = None
    children: tuple[Explained, ...] = ()

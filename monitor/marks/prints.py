"""A print: one value of one series, as one source gave it, for one instant, known from another."""

from __future__ import annotations

import datetime as dt

import msgspec

OVERRIDE = "override"
"""The `kind` of a print that a person put in the place of a source's."""


class Print(msgspec.Struct, frozen=True, gc=False):
    """One row of a marks file. Instants are UTC; `value` is in the canonical unit of the series' kind.

    `known_at` None means: known at `as_of` plus the publication lag of the series. `origin` is `file:line`.
    `gone` is the instant from which it is known to have been taken back; asked before that, it is there.
    """

    series: str
    as_of: dt.datetime
    value: float
    unit: str
    source: str
    known_at: dt.datetime | None = None
    kind: str | None = None
    n_obs: int | None = None
    by: str | None = None
    approved_by: str | None = None
    note: str | None = None
    origin: str = ""
    gone: dt.datetime | None = None


def kind_of(series: str) -> str | None:
    """The second part of `ASSET.kind[.basis]`; None when the name has no such shape."""
    parts = series.split(".")
    return parts[1] if len(parts) > 1 and all(part.strip() for part in parts) else None


def two_people(by: str | None, approved_by: str | None) -> bool:
    """Whether an override was entered by one person and approved by another; case and spaces do not make two."""
    names = [" ".join((name or "").casefold().split()) for name in (by, approved_by)]
    return all(names) and names[0] != names[1]

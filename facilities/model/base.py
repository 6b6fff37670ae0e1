"""The shapes every table of a desk file shares: numbers, dated steps, partial dates.

A number is kept as the `Decimal` that was written, so that a contract term prints as the agreement has it;
the kernel works on its float64.
"""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec


def _key(field: str) -> str:
    """The TOML key of a field: Python's reserved words carry a trailing underscore in code only."""
    return field.rstrip("_")


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=_key):
    """Base of every table: immutable, keyword-only, unknown keys refused."""


class Step(Terms, frozen=True, kw_only=True):
    """One row of a dated table: `value` counts from `from` on, until the next row."""

    from_: dt.date
    value: Decimal
    until: dt.date | None = None
    source: str | None = None


Amount = Decimal | list[Step]
"""A number, or a dated table of numbers (a right-continuous step function, unknown before its first row)."""

Frequency = Literal["continuous", "daily", "weekly", "monthly", "quarterly", "semi-annual", "annual"]
BusinessDayRoll = Literal["none", "following", "modified_following", "preceding"]


class PartialDate:
    """A date, or a year or month read as its last day (`"2028-03"`) and marked so.

    `date` is the day used; `written` is the text as it stands in the file; `partial` tells them apart.
    """

    __slots__ = ("date", "written")

    def __init__(self, written: str | dt.date) -> None:
        """Raises ValueError when the text is not `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
        self.written = written if isinstance(written, str) else written.isoformat()
        self.date = _last_day(self.written)

    @property
    def partial(self) -> bool:
        """Whether the day was not written but read as the last of its month or year."""
        return len(self.written) < len("YYYY-MM-DD")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartialDate) and other.written == self.written

    def __hash__(self) -> int:
        return hash(self.written)

    def __repr__(self) -> str:
        return f"PartialDate({self.written!r})"

    def __str__(self) -> str:
        return self.written


def _last_day(written: str) -> dt.date:
    parts = written.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or [len(part) for part in parts] not in ([4], [4, 2], [4, 2, 2]):
        raise ValueError(f"expected YYYY-MM-DD, YYYY-MM or YYYY, got {written!r}")
    year, month = int(parts[0]), int(parts[1]) if len(parts) > 1 else 12
    if len(parts) == 3:
        return dt.date(year, month, int(parts[2]))
    if not 1 <= month <= 12 or year < 1:
        raise ValueError(f"expected YYYY-MM-DD, YYYY-MM or YYYY, got {written!r}")
    return dt.date(year, month, calendar.monthrange(year, month)[1])


class Moment:
    """An as-of as it was written: a date (the end of that day in the desk's timezone) or an instant with an offset."""

    __slots__ = ("written",)

    def __init__(self, written: str | dt.date | dt.datetime) -> None:
        """Raises ValueError when the text is neither an ISO date nor an RFC 3339 time."""
        text = written if isinstance(written, str) else written.isoformat()
        dt.datetime.fromisoformat(text)
        self.written = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Moment) and other.written == self.written

    def __hash__(self) -> int:
        return hash(self.written)

    def __repr__(self) -> str:
        return f"Moment({self.written!r})"

    def __str__(self) -> str:
        return self.written


def decode_hook(wanted: type, raw: object) -> object:
    """Read the two custom types of the schema; raises ValueError or NotImplementedError otherwise."""
    if wanted in (PartialDate, Moment):
        if not isinstance(raw, (str, dt.date)):
            raise ValueError(f"expected a date, got {type(raw).__name__}")
        return wanted(raw)
    raise NotImplementedError(wanted)


def encode_hook(value: object) -> object:
    """Write the two custom types of the schema as text (for the cache)."""
    if isinstance(value, (PartialDate, Moment)):
        return value.written
    raise NotImplementedError(type(value))

"""What decoding lets pass of a TOML file: figures beyond all meaning or in quotes, and ids that cannot be or are there twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from facilities.model import Terms

LARGEST = Decimal("1e24")
"""No figure of an agreement is larger; past it float64 and the schedules lose their meaning."""

COUNTS = {
    "certificate_due_days": (0, 3660),
    "comparable_months": (1, 1200),
    "days": (1, 3660),
    "economic_life_months": (1, 1200),
    "ends_after_days": (0, 3660),
    "life_months": (1, 1200),
    "min_sources": (1, 100),
    "months": (1, 1200),
    "paths": (1, 100_000_000),
    "payments": (1, 1200),
    "rank": (1, 100),
    "reserve_rights_days": (0, 250),
    "round": (0, 12),
    "seed": (0, 2**62),
    "target_months": (0, 1200),
    "tests": (1, 100),
}
"""Every whole number of the schema by key, with the least and the largest that make sense."""

_DIGITS = LARGEST.adjusted()
_ANY = (-int(LARGEST), int(LARGEST))

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""What an id may be: it is typed on the command line as FACILITY/COVENANT, and stands in paths, addresses and columns."""

IDENTIFIED = ("tranche", "collateral", "contract", "borrowing_base", "covenant", "amendment", "debt", "claim")
"""Arrays of tables whose rows are known by `id`."""

FIGURES = frozenset(
    name.rstrip("_")
    for table in Terms.__subclasses__()
    for name, kind in table.__annotations__.items()
    if "Decimal" in str(kind) or "Amount" in str(kind)
)
"""Every key that takes a number with a fraction in some table of the schema."""

Path = tuple[str | int, ...]


def suspect(raw: dict[str, Any]) -> bool:
    """Whether a file that decoded well may still hold what decoding lets pass, and needs `diagnose`.

    Decoding reads `"5"` as a number, accepts nan, inf and counts of any size, and does not compare ids. This looks at
    keys and values without the schema, may suspect too much, and so costs a tenth of parsing.
    """
    return "amendment" in raw or _odd(raw) or any(True for _ in repeated(raw))


def _odd(table: dict[str, Any]) -> bool:
    for key, value in table.items():
        kind = type(value)
        if kind is str:
            if (key in FIGURES and spelled(value) is not None) or (key == "id" and not ID.fullmatch(value)):
                return True
        elif kind is int or kind is Decimal:
            if not _plausible(key, value):
                return True
        elif kind is dict:
            if (key == "lines" and str in map(type, value.values())) or _odd(value):
                return True
        elif kind is list:
            for row in value:
                if type(row) is dict and _odd(row):
                    return True
    return False


def spelled(text: str) -> Decimal | None:
    """The number that a text spells; None where it spells none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _plausible(key: str, value: int | Decimal) -> bool:
    if type(value) is Decimal:
        return value.is_finite() and value.adjusted() < _DIGITS
    least, most = COUNTS.get(key, _ANY)
    return least <= value <= most


def repeated(raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every id that an earlier row of its array has, with its place."""
    for name in IDENTIFIED:
        rows = raw.get(name)
        if isinstance(rows, list) and len(rows) > 1:
            seen: set[str] = set()
            for number, row in enumerate(rows):
                ident = row.get("id") if isinstance(row, dict) else None
                if isinstance(ident, str) and ident in seen:
                    yield (name, number, "id"), ident
                elif isinstance(ident, str):
                    seen.add(ident)

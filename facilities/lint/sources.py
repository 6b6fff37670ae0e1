"""Figures of real borrowers without a source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from facilities.lint.findings import Findings
from facilities.model import Example, PartialDate, Step, Terms, Watch
from facilities.walk import Keys

_NO_FIGURES = frozenset({"min_sources", "rank", "round", "tests"})
"""Whole numbers that count or order, and are no figure of the borrower."""


def check_sources(terms: Terms, findings: Findings) -> None:
    """Every number and date of `terms` is covered by `source` or `sources.KEY` of its table, or of one around it."""
    for path, key in _unsourced(terms, ()):
        findings.add("F039", (*path, key), f"`{key}` of a real borrower has no source", value=False)


def _unsourced(table: Terms, path: Keys) -> Iterator[tuple[Keys, str]]:
    if getattr(table, "source", None) or isinstance(table, (Watch, Example)):  # amber limits and worked examples are the desk's own
        return
    named = getattr(table, "sources", {})
    for name, key, default in _fields(type(table)):
        value = getattr(table, name)
        if value is None or value is default or value == default or named.get(key):
            continue
        if _is_figure(name, value):
            yield path, key
        yield from _inner(value, (*path, key))


def _inner(value: object, path: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, Terms):
        yield from _unsourced(value, path)
    elif isinstance(value, (list, dict)):
        for step, row in enumerate(value) if isinstance(value, list) else value.items():
            if isinstance(row, Terms) and not isinstance(row, Step):
                yield from _unsourced(row, (*path, step))


@cache
def _fields(table: type[Terms]) -> list[tuple[str, str, object]]:
    """Name in code, key in the file and default of each field that may hold a figure; required fields come first and have no default."""
    names, defaults = table.__struct_fields__, table.__struct_defaults__
    missing, words = len(names) - len(defaults), ("str", "str | None", "bool", "bool | None", "list[str]")
    written = {name: kind for base in reversed(table.__mro__) for name, kind in getattr(base, "__annotations__", {}).items()}
    return [
        (name, key, defaults[number - missing] if number >= missing else None)
        for number, (name, key) in enumerate(zip(names, table.__struct_encode_fields__, strict=True))
        if written.get(name) not in words
    ]


def _is_figure(name: str, value: object) -> bool:
    if isinstance(value, list):
        return any(isinstance(row, Step) and not row.source for row in value)
    if isinstance(value, dict):
        return any(isinstance(inner, Decimal) for inner in value.values())
    if isinstance(value, bool) or name in _NO_FIGURES:
        return False
    return isinstance(value, (int, Decimal, dt.date, PartialDate))

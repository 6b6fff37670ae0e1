"""Walking a file's terms table by table, each with its place."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cache

import msgspec

from facilities.model import Terms

Keys = tuple[str | int, ...]
"""A place in a file: the keys and positions that lead to it."""


def tables(terms: Terms, path: Keys = ()) -> Iterator[tuple[Keys, Terms]]:
    """Every table in `terms`, itself first, with its path in the file."""
    yield path, terms
    for name, key in holders(type(terms)):
        inner = getattr(terms, name)
        if not inner:
            continue
        if isinstance(inner, Terms):
            yield from tables(inner, (*path, key))
        elif isinstance(inner, (list, dict)):
            for step, row in enumerate(inner) if isinstance(inner, list) else inner.items():
                if isinstance(row, Terms):
                    yield from tables(row, (*path, key, step))


@cache
def holders(kind: type[Terms]) -> tuple[tuple[str, str], ...]:
    """(name, key) of the fields of a table that can hold tables."""
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(kind) if _holds(field.type))


def _holds(hint: object) -> bool:
    """Whether a type has tables in it."""
    return (isinstance(hint, type) and issubclass(hint, Terms)) or any(_holds(part) for part in typing.get_args(hint))

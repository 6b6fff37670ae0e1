"""Walking a file's terms table by table, each with its place."""

from __future__ import annotations

from collections.abc import Iterator

from facilities.model import Terms

Keys = tuple[str | int, ...]
"""A place in a file: the keys and positions that lead to it."""


def tables(terms: Terms, path: Keys = ()) -> Iterator[tuple[Keys, Terms]]:
    """Every table in `terms`, itself first, with its path in the file."""
    yield path, terms
    for name, key in zip(terms.__struct_fields__, terms.__struct_encode_fields__, strict=True):
        inner = getattr(terms, name)
        if isinstance(inner, Terms):
            yield from tables(inner, (*path, key))
        elif isinstance(inner, (list, dict)):
            for step, row in enumerate(inner) if isinstance(inner, list) else inner.items():
                if isinstance(row, Terms):
                    yield from tables(row, (*path, key, step))

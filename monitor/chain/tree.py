"""Who fell by whom: how each facility fell first, and the tree that the causes make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from monitor.chain.answer import ChainAnswer, StepPart

STATES = {"event_of_default": "Event of Default", "cure_pending": "cure pending", "default": "Default"}


class Branch(NamedTuple):
    """One fall in the tree, and how deep it hangs."""

    depth: int
    step: StepPart


def first_falls(made: ChainAnswer) -> dict[str, StepPart]:
    """How each facility fell: by its first Event of Default, else by its first fall."""
    falls = [one for one in made.steps if one.kind == "falls"]
    found: dict[str, StepPart] = {}
    for one in (*(one for one in falls if one.state == "event_of_default"), *falls):
        found.setdefault(one.facility, one)
    return found


def branches(made: ChainAnswer) -> Iterator[Branch]:
    """The falls, each below the first debt that its clause read, in the order a tree is drawn; circles end where they close."""
    falls = first_falls(made)
    below: dict[str, list[str]] = {}
    for name, one in falls.items():
        for cause in one.causes[:1]:
            below.setdefault(cause, []).append(name)
    roots = [name for name, one in falls.items() if not any(cause in falls for cause in one.causes[:1])]
    seen: set[str] = set()
    for name in (*roots, *falls):  # what no root leads to is a circle: it begins with its first
        if name not in seen:
            for branch in _below(name, falls, below, 0, frozenset()):
                seen.add(branch.step.facility)
                yield branch


def _below(name: str, falls: dict[str, StepPart], below: dict[str, list[str]], depth: int, above: frozenset[str]) -> Iterator[Branch]:
    yield Branch(depth, falls[name])
    for other in below.get(name, []):
        if other not in above and other != name:
            yield from _below(other, falls, below, depth + 1, above | {name})


def struck_by(one: Branch) -> str:
    """The clause by which a facility fell; the debts it read are named where it hangs below none of them, as the first of a circle does."""
    clause = one.step.clause or ""
    return clause.rpartition(", of ")[0] if one.step.causes and one.depth else clause

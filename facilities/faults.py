"""What an error in a desk's files keeps from being judged: the covenants that stand on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from facilities.lint.findings import Finding
    from facilities.load import Desk
    from facilities.model import Collateral
    from facilities.problems import Problem
    from facilities.walk import Keys


BORROWER = "the borrower"
"""The name of a fault on which all stands that reads an obligor's own file, its reports and its group."""

_MISSING, _UNSOURCED = "F038", "F039"


class Fault(NamedTuple):
    """An error and what hangs on it: covenants of `facility` by their places, None for all; with `name` those that read it.

    Without a place in `covenants` the facility alone is in doubt, and its covenants are judged. `reason` is told beside the result.
    """

    facility: str
    covenants: tuple[int, ...] | None
    reason: str
    name: str | None = None


def faults_of(desk: Desk, findings: Iterable[Finding]) -> tuple[Fault, ...]:
    """The faults of a desk: of `findings`, of files that could not be read, and of ids that two files claim."""
    found: list[Fault] = []
    for one in findings:
        kind, _, ident = one.owner.partition(":")
        reason = _reason(one.problem)
        if one.problem.code == _MISSING:  # a series without marks is unknown to whatever reads it
            continue
        if kind == "facility":
            unsourced = one.problem.code == _UNSOURCED  # the figure is known, only not whence
            found += [Fault(ident, (), reason)] if unsourced else _of_facility(desk, ident, one.path, reason)
        elif kind == "obligor":
            found += _of_obligor(desk, ident, reason)
    for owner, problem in (*desk.twice.items(), *desk.unread.items()):
        kind, _, ident = owner.partition(":")
        if kind == "obligor":
            found += _of_obligor(desk, ident, _reason(problem))
        else:
            standing = {ident, *_beside(desk, ident)} & desk.facilities.keys()
            found += (Fault(who, None, _reason(problem)) for who in sorted(standing))
    return tuple(found)


def _reason(problem: Problem) -> str:
    return f"{problem.code}: {problem.message}"


def _of_facility(desk: Desk, ident: str, path: Keys, reason: str) -> Iterator[Fault]:
    """What hangs on an error at `path` of a facility: a covenant, what reads a definition, who is secured by a parcel, else all of it."""
    file = desk.facilities[ident]
    match path:
        case ("covenant", int(place), *_):
            yield Fault(ident, (place,), reason)
        case ("amendment", _, "covenant", str(name), *_) if name in (ids := [one.id for one in file.covenant]):
            yield Fault(ident, (ids.index(name),), reason)
        case ("quantity", str(name), *_) | ("amendment", _, "quantity", str(name), *_):
            yield Fault(ident, None, reason, name)
        case ("facility", "borrower" | "guarantor", *_):
            yield from (Fault(ident, (), reason), Fault(ident, None, reason, BORROWER))
        case ("cross_link", *_):  # what falls with others is not known; its own ratios are
            yield Fault(ident, (), reason)
        case ("collateral", int(place), *_):
            yield from (Fault(who, None, reason) for who in sorted(_secured(desk, ident, file.collateral[place])))
        case _:
            yield Fault(ident, None, reason)


def _of_obligor(desk: Desk, ident: str, reason: str) -> Iterator[Fault]:
    """What hangs on an error of an obligor: what reads it, in the loans of its group and in those it guarantees; covenants of its own."""
    file = desk.obligors.get(ident)
    group = file.obligor.group if file is not None else None
    members = {name for name, one in desk.obligors.items() if group is not None and one.obligor.group == group} | {ident}
    for name, one in desk.facilities.items():
        if one.facility.borrower in members or ident in one.facility.guarantor:
            yield from (Fault(name, (), reason), Fault(name, None, reason, BORROWER))
        own = tuple(place for place, row in enumerate(one.covenant) if row.entity == ident)
        if own:
            yield Fault(name, own, reason)


def _secured(desk: Desk, ident: str, parcel: Collateral) -> set[str]:
    """The facilities of the desk that a parcel in the file of `ident` secures, in whichever files it stands."""
    borrower = desk.facilities[ident].facility.borrower
    found = {ident}
    for other, file in desk.facilities.items():
        if file.facility.borrower == borrower:
            same = [row for row in file.collateral if (row.id, row.asset) == (parcel.id, parcel.asset)]
            found |= {lien.facility for row in same for lien in row.lien} | ({other} if same else set())
    return found & desk.facilities.keys()


def _beside(desk: Desk, ident: str) -> set[str]:
    """The facilities that share a parcel with one: without its file nobody knows what comes before them."""
    return {
        who
        for other, file in desk.facilities.items()
        for row in file.collateral
        if any(lien.facility == ident for lien in row.lien)
        for who in (other, *(lien.facility for lien in row.lien))
    }


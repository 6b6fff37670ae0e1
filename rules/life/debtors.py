"""Which debts a cross-link reads: facilities of the desk and debts elsewhere, by the debtors it names, without those it excludes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from facilities.model import CrossLink, FacilityFile, ObligorFile


class Owing(NamedTuple):
    """One debt: its id (a facility's, or `obligor/debt`), who owes it, what kind it is, and whether only its own security pays it."""

    id: str
    debtor: str
    kind: str | None
    non_recourse: bool


def owings(facilities: Mapping[str, FacilityFile], obligors: Mapping[str, ObligorFile]) -> list[Owing]:
    """Every debt known to a desk, each once: a debt that names a facility of the desk is that facility."""
    rows = [(who, debt) for who, one in obligors.items() for debt in one.debt]
    recourse = {debt.facility: debt.recourse for _, debt in rows if debt.facility is not None and debt.recourse is not None}
    found = [
        Owing(name, one.facility.borrower, one.facility.kind, not recourse[name] if name in recourse else _limited(one.facility.recourse))
        for name, one in facilities.items()
    ]
    return found + [
        Owing(f"{who}/{debt.id}", who, debt.kind, debt.recourse is False) for who, debt in rows if debt.facility not in facilities
    ]


def _limited(recourse: str | None) -> bool:
    """Whether the words on recourse limit it: `non-recourse`, `limited`, `SPV only`."""
    words = (recourse or "").lower()
    return any(word in words for word in ("non-recourse", "non recourse", "non_recourse", "limited", "only", "none"))


def read_by(link: CrossLink, hurt: FacilityFile, debts: list[Owing], obligors: Mapping[str, ObligorFile]) -> tuple[str, ...]:
    """The ids of the debts that a link of `hurt` reads, never its own."""
    terms = link.on_default_of
    people = {who for word in terms.debtors for who in _named(word, hurt, obligors, {one.debtor for one in debts})}
    return tuple(
        one.id
        for one in debts
        if one.id != hurt.facility.id and (one.id in terms.facilities or one.debtor in people) and not _excluded(one, terms.excludes)
    )


def _excluded(one: Owing, excludes: list[str]) -> bool:
    if one.non_recourse and any(word.replace("-", "_") == "non_recourse" for word in excludes):
        return True
    return any(word in (one.id, one.debtor, one.kind) for word in excludes)


def _named(word: str, hurt: FacilityFile, obligors: Mapping[str, ObligorFile], everybody: set[str]) -> set[str]:
    """The obligors a word means, seen from the borrower of the facility that is hurt."""
    borrower = hurt.facility.borrower
    own = obligors.get(borrower)
    if word == "borrower":
        return {borrower}
    if word == "guarantor":
        return set(hurt.facility.guarantor)
    if word == "subsidiaries":
        return {name for name in obligors if borrower in _above(name, obligors)}
    if word == "parent":
        return set(_above(borrower, obligors))
    if word == "group":
        group = own.obligor.group if own else None
        return {borrower} | {name for name, one in obligors.items() if group is not None and one.obligor.group == group}
    return everybody if word == "any" else {word}


def _above(name: str, obligors: Mapping[str, ObligorFile]) -> list[str]:
    """The parents of an obligor, the nearest first; a circle of parents ends where it closes."""
    found: list[str] = []
    while (one := obligors.get(name)) is not None and one.obligor.parent is not None and one.obligor.parent not in found:
        name = one.obligor.parent
        found.append(name)
    return found

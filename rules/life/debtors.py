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


class Debtors:
    """The debts known to a desk, found by id and by debtor, and the obligors found by parent and group."""

    def __init__(self, facilities: Mapping[str, FacilityFile], obligors: Mapping[str, ObligorFile]) -> None:
        self.facilities, self.obligors = facilities, obligors
        self.debts = {one.id: one for one in owings(facilities, obligors)}
        self.owed: dict[str, list[Owing]] = {}
        self.below: dict[str, list[str]] = {}
        self.groups: dict[str, list[str]] = {}
        for debt in self.debts.values():
            self.owed.setdefault(debt.debtor, []).append(debt)
        for name, one in obligors.items():
            self.below.setdefault(one.obligor.parent or "", []).append(name)
            self.groups.setdefault(one.obligor.group or "", []).append(name)

    def read_by(self, link: CrossLink, hurt: str) -> tuple[str, ...]:
        """The ids of the debts that a link of the facility `hurt` reads, in order, never its own."""
        terms = link.on_default_of
        people = {who for word in terms.debtors for who in self._named(word, self.facilities[hurt])}
        found = {name for name in terms.facilities if name in self.debts} | {one.id for who in people for one in self.owed.get(who, ())}
        return tuple(sorted(name for name in found if name != hurt and not _excluded(self.debts[name], terms.excludes)))

    def _named(self, word: str, hurt: FacilityFile) -> set[str]:
        """The obligors a word means, seen from the borrower of the facility that is hurt."""
        borrower = hurt.facility.borrower
        if word == "borrower":
            return {borrower}
        if word == "guarantor":
            return set(hurt.facility.guarantor)
        if word == "subsidiaries":
            return self._subsidiaries(borrower)
        if word == "parent":
            return self._above(borrower)
        if word == "group":
            own = self.obligors.get(borrower)
            return {borrower, *self.groups.get(own.obligor.group if own and own.obligor.group else "-", ())}
        return set(self.owed) if word == "any" else {word}

    def _subsidiaries(self, name: str) -> set[str]:
        """Whoever has an obligor as parent, or the parent of a parent; a circle of parents ends where it closes."""
        found, ahead = set[str](), [name]
        while ahead:
            new = [one for one in self.below.get(ahead.pop(), ()) if one not in found]
            found |= set(new)
            ahead += new
        return found - {name}

    def _above(self, name: str) -> set[str]:
        """The parents of an obligor, all the way up."""
        found = set[str]()
        while (one := self.obligors.get(name)) is not None and one.obligor.parent is not None and one.obligor.parent not in found:
            name = one.obligor.parent
            found.add(name)
        return found


def owings(facilities: Mapping[str, FacilityFile], obligors: Mapping[str, ObligorFile]) -> list[Owing]:
    """Every debt known to a desk, each once: a debt that names a facility of the desk is that facility."""
    rows = [(who, debt) for who, one in obligors.items() for debt in one.debt]
    recourse = {debt.facility: debt.recourse for _, debt in rows if debt.facility is not None and debt.recourse is not None}
    found = [
        Owing(name, one.facility.borrower, one.facility.kind, not recourse[name] if name in recourse else _limited(one.facility.recourse))
        for name, one in facilities.items()
    ]
    others = [(who, debt) for who, debt in rows if debt.facility not in facilities]
    return found + [Owing(f"{who}/{debt.id}", who, debt.kind, debt.recourse is False) for who, debt in others]


def _limited(recourse: str | None) -> bool:
    """Whether the words on recourse limit it: `non-recourse`, `limited`, `SPV only`."""
    words = (recourse or "").lower()
    return any(word in words for word in ("non-recourse", "non recourse", "non_recourse", "limited", "only", "none"))


def _excluded(one: Owing, excludes: list[str]) -> bool:
    if one.non_recourse and any(word.replace("-", "_") == "non_recourse" for word in excludes):
        return True
    return any(word in (one.id, one.debtor, one.kind) for word in excludes)

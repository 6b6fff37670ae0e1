"""Names that must exist: parents, obligors of covenants, and those whose default counts."""

from __future__ import annotations

from facilities.diagnose import nearest
from facilities.lint.findings import Findings
from facilities.load import Desk
from facilities.model import FacilityFile, ObligorFile
from facilities.walk import Keys

DEBTORS = frozenset({"borrower", "guarantor", "subsidiaries", "group", "parent", "any"})
"""Words a cross-link may use for its debtors, beside obligor ids."""


def check_links(desk: Desk, file: FacilityFile, findings: Findings) -> None:
    """The obligors that one facility and its covenants name, and its cross-links."""
    named: list[tuple[str, Keys]] = [(file.facility.borrower, ("facility", "borrower"))]
    named += [(who, ("facility", "guarantor", number)) for number, who in enumerate(file.facility.guarantor)]
    for number, covenant in enumerate(file.covenant):
        if covenant.entity is not None and covenant.entity not in DEBTORS:
            named.append((covenant.entity, ("covenant", number, "entity")))
    for who, path in named:
        if who not in desk.obligor_ids:
            findings.add("F021", path, f"no obligor {who!r} in this desk", nearest(who, desk.obligor_ids))
    for number in range(len(file.cross_link)):
        _check_cross_link(desk, file, number, findings)


def _check_cross_link(desk: Desk, file: FacilityFile, number: int, findings: Findings) -> None:
    path: Keys = ("cross_link", number, "on_default_of")
    terms = file.cross_link[number].on_default_of
    if not terms.debtors and not terms.facilities:
        findings.add("F030", path, "nobody's default counts", value=False)
    for at, word in enumerate(terms.debtors):
        if word not in DEBTORS and word not in desk.obligor_ids:
            findings.add("F030", (*path, "debtors", at), f"no debtor {word!r}", nearest(word, DEBTORS | desk.obligor_ids))
    for at, ident in enumerate(terms.facilities):
        if ident not in desk.facility_ids:
            findings.add("F031", (*path, "facilities", at), f"no facility {ident!r} in this desk", nearest(ident, desk.facility_ids))


def check_obligor(desk: Desk, file: ObligorFile, findings: Findings) -> None:
    """The parent of an obligor, and the facilities its debts name."""
    parent = file.obligor.parent
    if parent is not None and (parent not in desk.obligor_ids or parent == file.obligor.id):
        findings.add("O002", ("obligor", "parent"), f"no other obligor {parent!r} in this desk", nearest(parent, desk.obligor_ids))
    for number, debt in enumerate(file.debt):
        if debt.facility is not None and debt.facility not in desk.facility_ids:
            message = f"no facility {debt.facility!r} in this desk"
            findings.add("O003", ("debt", number, "facility"), message, nearest(debt.facility, desk.facility_ids))

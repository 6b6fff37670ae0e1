"""What a desk says that cannot be right: each file read well, yet its figures contradict each other or the desk."""

from __future__ import annotations

import msgspec

from facilities.lint.assets import Parcels, check_assets, parcels_of
from facilities.lint.covenants import check_covenants
from facilities.lint.findings import Findings
from facilities.lint.links import check_links, check_obligor
from facilities.lint.loan import check_loan
from facilities.lint.marks import check_marks
from facilities.lint.settings import check_quantities, check_rules, check_settings
from facilities.lint.sources import check_sources
from facilities.lint.tables import check_tables
from facilities.load import Desk
from facilities.model import FacilityFile, ObligorFile, RuleFile
from facilities.problems import Problem

__all__ = ["lint"]


def lint(desk: Desk, known_series: set[str] | None = None, library: RuleFile | None = None) -> list[Problem]:
    """Every contradiction in the desk's terms, file by file in the order of their lines.

    `known_series` are the names of the series that the desk's marks provide; None leaves that check out. `library` holds
    the rules that every desk has, so that a covenant's class is known where its rule gives it. The problems
    that kept a file from being read are `desk.problems`, not repeated here.
    """
    found: list[Problem] = []
    if desk.file is not None:
        findings = Findings(desk, "desk")
        check_tables(desk.file, findings)
        check_settings(desk.file, findings)
        found += findings.sorted()
    for obligor in desk.obligors.values():
        found += _lint_obligor(desk, obligor, known_series)
    parcels = parcels_of(desk)
    own = desk.rules
    if library is not None:
        desk = msgspec.structs.replace(desk, rules={**own, "library": library})
    for facility in desk.facilities.values():
        found += _lint_facility(desk, facility, parcels, known_series)
    for name, rules in own.items():
        findings = Findings(desk, f"rules:{name}")
        check_rules(rules, findings)
        found += findings.sorted()
    return found


def _lint_obligor(desk: Desk, file: ObligorFile, known_series: set[str] | None) -> list[Problem]:
    findings = Findings(desk, f"obligor:{file.obligor.id}")
    check_tables(file, findings)
    check_obligor(desk, file, findings)
    check_marks(file, known_series, findings)
    if not file.obligor.illustrative:
        check_sources(file, findings)
    return findings.sorted()


def _lint_facility(desk: Desk, file: FacilityFile, parcels: Parcels, known_series: set[str] | None) -> list[Problem]:
    findings = Findings(desk, f"facility:{file.facility.id}")
    check_tables(file, findings)
    check_loan(file, findings)
    check_assets(desk, file, parcels, findings)
    check_covenants(desk, file, findings)
    check_links(desk, file, findings)
    check_marks(file, known_series, findings)
    check_quantities(file.quantity, findings)
    if not file.facility.illustrative:
        check_sources(file, findings)
    return findings.sorted()

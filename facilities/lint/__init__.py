"""What a desk says that cannot be right: each file read well, yet its figures contradict each other or the desk."""

from __future__ import annotations

from collections.abc import Mapping, Set

from facilities.lint.assets import Parcels, check_assets, parcels_of
from facilities.lint.composition import check_composition, check_fleets
from facilities.lint.covenants import check_covenants
from facilities.lint.findings import Findings
from facilities.lint.links import check_links, check_obligor
from facilities.lint.loan import check_loan
from facilities.lint.marks import check_exchange, check_marks, check_total
from facilities.lint.scenarios import check_scenarios
from facilities.lint.sector import check_sector
from facilities.lint.settings import check_drivers, check_named, check_pricing, check_quantities, check_rules, check_settings
from facilities.lint.sources import check_sources
from facilities.lint.tables import check_tables
from facilities.load import Desk
from facilities.model import FacilityFile, ObligorFile, RuleFile, RuleTerms
from facilities.problems import Problem

__all__ = ["lint"]


def lint(desk: Desk, known_series: set[str] | None = None, library: RuleFile | None = None, words: Set[str] = frozenset()) -> list[Problem]:
    """Every contradiction in the desk's terms, file by file in the order of their lines.

    `known_series` are the names of the series that the desk's marks provide; None leaves those checks out. `library` holds
    the rules and quantities that every desk has, so that a covenant's class is known where its rule gives it; `words` are
    the names beside those quantities that a rule may test. Without a library, what a rule names is not judged. The
    problems found in reading the desk are `desk.problems`, not repeated here.
    """
    found: list[Problem] = []
    if desk.file is not None:
        findings = Findings(desk, "desk")
        check_tables(desk.file, findings)
        check_settings(desk.file, findings)
        check_total(desk, desk.file, known_series, findings)
        check_drivers(desk.file, findings)
        check_pricing(desk.file, findings)
        found += findings.sorted()
    if desk.sector is not None:
        findings = Findings(desk, "sector")
        check_sector(desk, desk.sector, findings)
        found += findings.sorted()
    for obligor in desk.obligors.values():
        found += _lint_obligor(desk, obligor, known_series)
    parcels, rules = parcels_of(desk), _rules(desk, library)
    for facility in desk.facilities.values():
        found += _lint_facility(desk, facility, parcels, rules, known_series)
    for name, file in desk.rules.items():
        findings = Findings(desk, f"rules:{name}")
        check_rules(file, findings)
        if library is not None:
            check_named(file, _quantities(desk, library) | words, findings)
        found += findings.sorted()
    return found + check_scenarios(desk, known_series)


def _rules(desk: Desk, library: RuleFile | None) -> dict[str, RuleTerms]:
    """Every rule by name, the desk's own over the library's."""
    merged = dict(library.rule) if library is not None else {}
    for file in desk.rules.values():
        merged |= file.rule
    return merged


def _quantities(desk: Desk, library: RuleFile) -> set[str]:
    """The names of all quantities: of the library, of the desk, and of facilities, each of which may give a rule its own."""
    files: list[RuleFile | FacilityFile] = [library, *desk.rules.values(), *desk.facilities.values()]
    return {name for file in files for name in file.quantity}


def _lint_obligor(desk: Desk, file: ObligorFile, known_series: set[str] | None) -> list[Problem]:
    findings = Findings(desk, f"obligor:{file.obligor.id}")
    check_tables(file, findings)
    check_obligor(desk, file, findings)
    check_fleets(file.fleet, findings)
    check_marks(file, known_series, findings)
    if not file.obligor.illustrative:
        check_sources(file, findings)
    return findings.sorted()


def _lint_facility(
    desk: Desk, file: FacilityFile, parcels: Parcels, rules: Mapping[str, RuleTerms], known_series: set[str] | None
) -> list[Problem]:
    findings = Findings(desk, f"facility:{file.facility.id}")
    check_tables(file, findings)
    check_loan(file, findings)
    check_assets(desk, file, parcels, findings)
    check_composition(file, findings)
    check_fleets(file.fleet, findings)
    check_covenants(file, rules, findings)
    check_links(desk, file, findings)
    check_marks(file, known_series, findings)
    check_exchange(file, known_series, findings)
    check_quantities(file.quantity, findings)
    for number, amendment in enumerate(file.amendment):
        check_quantities(amendment.quantity, findings, ("amendment", number))
    if not file.facility.illustrative:
        check_sources(file, findings)
    return findings.sorted()

"""What a desk says that cannot be right: each file read well, yet its figures contradict each other or the desk."""

from __future__ import annotations

from collections.abc import Set

from facilities.lint.assets import check_assets, parcels_of
from facilities.lint.composition import check_composition, check_fleets
from facilities.lint.covenants import check_covenants
from facilities.lint.findings import Finding, Findings
from facilities.lint.links import check_links, check_obligor
from facilities.lint.liquidity import check_liquidity
from facilities.lint.loan import check_loan
from facilities.lint.marks import check_exchange, check_marks, check_total
from facilities.lint.percent import check_percents
from facilities.lint.reports import check_reports
from facilities.lint.scenarios import check_scenarios
from facilities.lint.sector import check_sector
from facilities.lint.settings import check_drivers, check_named, check_pricing, check_quantities, check_rules, check_settings
from facilities.lint.sources import check_sources
from facilities.load import Desk
from facilities.model import DeskFile, FacilityFile, ObligorFile, RuleFile
from facilities.problems import Problem

__all__ = ["errors", "lint"]


def lint(desk: Desk, known_series: set[str] | None = None, library: RuleFile | None = None, words: Set[str] = frozenset()) -> list[Problem]:
    """Every contradiction in the desk's terms, file by file in the order of their lines.

    `known_series` are the names of the series that the desk's marks provide; None leaves those checks out. `library` holds
    the rules and quantities that every desk has, so that a covenant's class is known where its rule gives it; `words` are
    the names beside those quantities that a rule may test. Without a library, what a rule names is not judged. The
    problems found in reading the desk are `desk.problems`, not repeated here.
    """
    return [one.problem for one in _Lint(desk, known_series, library, words).run()]


def errors(desk: Desk, known_series: set[str] | None, library: RuleFile, words: Set[str]) -> list[Finding]:
    """What of `lint` is an error, with what it is about; warnings are not looked up."""
    return _Lint(desk, known_series, library, words, errors=True).run()


class _Lint:
    """One pass over a desk, its findings in the order of the files."""

    def __init__(
        self, desk: Desk, known_series: set[str] | None, library: RuleFile | None, words: Set[str], errors: bool = False
    ) -> None:  # fmt: skip
        self.desk, self.known, self.library, self.words, self.errors = desk, known_series, library, words, errors
        self.parcels = parcels_of(desk)
        self.rules = dict(library.rule) if library is not None else {}
        for file in desk.rules.values():  # the desk's own over the library's
            self.rules |= file.rule
        own = {name for file in desk.rules.values() for name in file.line}
        self.lines = None if library is None else own | set(library.line)

    def run(self) -> list[Finding]:
        """Every finding."""
        desk, found = self.desk, list[Finding]()
        if desk.file is not None:
            found += self._desk(desk.file)
        if desk.sector is not None:
            findings = self._findings("sector")
            check_sector(desk, desk.sector, findings)
            check_percents(desk.sector, findings)
            found += findings.sorted()
        for obligor in desk.obligors.values():
            found += self._obligor(obligor)
        for facility in desk.facilities.values():
            found += self._facility(facility)
        for name, rules in desk.rules.items():
            found += self._rules(name, rules)
        return found + check_scenarios(desk, self.known, self.errors)

    def _findings(self, owner: str) -> Findings:
        return Findings(self.desk, owner, self.errors)

    def _desk(self, file: DeskFile) -> list[Finding]:
        findings = self._findings("desk")
        check_settings(file, findings)
        check_percents(file, findings)
        check_total(self.desk, file, self.known, findings)
        check_drivers(file, findings)
        check_liquidity(file, _held(self.desk), findings)
        check_pricing(file, findings)
        return findings.sorted()

    def _rules(self, name: str, file: RuleFile) -> list[Finding]:
        findings = self._findings(f"rules:{name}")
        check_rules(file, findings)
        if self.library is not None:
            check_named(file, _quantities(self.desk, self.library) | self.words, findings)
        return findings.sorted()

    def _obligor(self, file: ObligorFile) -> list[Finding]:
        findings = self._findings(f"obligor:{file.obligor.id}")
        check_obligor(self.desk, file, findings)
        check_percents(file, findings)
        check_reports(file.reported, self.lines, findings)
        check_fleets(file.fleet, findings)
        check_marks(file, self.known, findings)
        if not file.obligor.illustrative:
            check_sources(file, findings)
        return findings.sorted()

    def _facility(self, file: FacilityFile) -> list[Finding]:
        findings = self._findings(f"facility:{file.facility.id}")
        check_loan(file, findings)
        check_percents(file, findings)
        check_reports(file.reported, self.lines, findings)
        check_assets(self.desk, file, self.parcels, findings)
        check_composition(file, findings)
        check_fleets(file.fleet, findings)
        check_covenants(file, self.rules, findings)
        check_links(self.desk, file, findings)
        check_marks(file, self.known, findings)
        check_exchange(file, self.known, findings)
        check_quantities(file.quantity, findings)
        for number, amendment in enumerate(file.amendment):
            check_quantities(amendment.quantity, findings, ("amendment", number))
        if not file.facility.illustrative:
            check_sources(file, findings)
        return findings.sorted()


def _quantities(desk: Desk, library: RuleFile) -> set[str]:
    """The names of all quantities: of the library, of the desk, and of facilities, each of which may give a rule its own."""
    files: list[RuleFile | FacilityFile] = [library, *desk.rules.values(), *desk.facilities.values()]
    return {name for file in files for name in file.quantity}


def _held(desk: Desk) -> set[str]:
    """Every asset that a loan stands on or an obligor holds."""
    found = {row.asset for one in desk.facilities.values() for row in one.collateral}
    return found | {row.asset for one in desk.obligors.values() for row in one.treasury}

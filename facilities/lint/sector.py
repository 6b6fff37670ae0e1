"""`sector.toml`: every claim with one rule, about measures, dates and groups that there are; no figure twice, no deal that says nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from facilities.diagnose import nearest
from facilities.lint.findings import Findings
from facilities.load import Desk
from facilities.model import Claim, Growth, Level, Margins, OwnPeak, SectorFile, YearlyChange
from facilities.walk import Keys

Rule = Growth | Level | OwnPeak | YearlyChange | Margins
RULES = ("growth", "level", "own_peak", "yearly_change", "margins")
"""The keys of a claim that hold its rule."""


def rule_of(claim: Claim) -> tuple[str, Rule] | None:
    """The one rule of a claim with its key; None where there is none, or more than one."""
    given = [(key, rule) for key in RULES if (rule := getattr(claim, key)) is not None]
    return given[0] if len(given) == 1 else None


def check_sector(desk: Desk, file: SectorFile, findings: Findings) -> None:
    """Everything that the file says together."""
    groups = {one.obligor.group or one.obligor.id for one in desk.obligors.values()}
    for number, claim in enumerate(file.claim):
        _check_claim(claim, file, groups, ("claim", number), findings)
    _check_facts(file, findings)
    for number, deal in enumerate(file.deal):
        if deal.spread_bp is None and deal.fixed_pct is None and not deal.gpu_backed:
            findings.add("S004", ("deal", number), f"{deal.name!r} has neither a price nor GPUs behind it", value=False)


def _check_claim(claim: Claim, file: SectorFile, groups: set[str], path: Keys, findings: Findings) -> None:
    for at, name in enumerate(claim.beside):
        _check_measure(name, file, (*path, "beside", at), findings)
    found = rule_of(claim)
    if found is None:
        findings.add("S001", path, f"the claim {claim.id!r} has no rule, or several", value=False)
        return
    key, rule = found
    if isinstance(rule, (Growth, Level, YearlyChange)):
        _check_about(rule.measures, (*path, key, "measures"), findings)
        for at, name in enumerate(rule.measures):
            _check_measure(name, file, (*path, key, "measures", at), findings)
    elif isinstance(rule, OwnPeak):
        _check_about(rule.groups, (*path, key, "groups"), findings)
        for at, name in enumerate(rule.groups):
            _check_group(name, groups, (*path, key, "groups", at), findings)
    else:
        _check_about(rule.bp, (*path, key, "bp"), findings)
        _check_group(rule.group, groups, (*path, key, "group"), findings)
    _check_order(rule, (*path, key), findings)


def _check_about(named: Sequence[object], path: Keys, findings: Findings) -> None:
    if not named:
        findings.add("S001", path, "the rule is about nothing")


def _check_measure(name: str, file: SectorFile, path: Keys, findings: Findings) -> None:
    if name not in file.measure:
        findings.add("S002", path, f"no measure is called {name!r}", nearest(name, set(file.measure)))


def _check_group(name: str, groups: set[str], path: Keys, findings: Findings) -> None:
    if name not in groups:
        findings.add("S003", path, f"no obligor group is called {name!r}", nearest(name, groups))


def _check_order(rule: Rule, path: Keys, findings: Findings) -> None:
    match rule:
        case Growth() if rule.to.date <= rule.from_.date:
            findings.add("S006", (*path, "to"), f"{rule.to} does not lie after {rule.from_}")
        case OwnPeak() if rule.on <= rule.until:
            findings.add("S006", (*path, "on"), f"{rule.on} does not lie after {rule.until}")
        case YearlyChange() if rule.least > rule.most:
            findings.add("S006", (*path, "most"), f"{rule.most} is less than {rule.least}")


def _check_facts(file: SectorFile, findings: Findings) -> None:
    seen: set[tuple[str, dt.date]] = set()
    for number, fact in enumerate(file.fact):
        _check_measure(fact.measure, file, ("fact", number, "measure"), findings)
        if (fact.measure, fact.date.date) in seen:
            findings.add("S005", ("fact", number, "date"), f"{fact.measure!r} has a figure for {fact.date} already")
        seen.add((fact.measure, fact.date.date))

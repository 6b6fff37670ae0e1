"""The desk's own settings and rule files: bands, decays, names."""

from __future__ import annotations

import re

from facilities.lint.findings import Findings, Keys, nearest
from facilities.model import DeskFile, QuantityTerms, RuleFile

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_settings(file: DeskFile, findings: Findings) -> None:
    """Bands of the mark policies and decays of the curves."""
    for number, policy in enumerate(file.series):
        if policy.min is not None and policy.max is not None and policy.min >= policy.max:
            findings.add("D003", ("series", number, "min"), f"no print lies between {policy.min} and {policy.max}")
    for number, curve in enumerate(file.curve):
        if curve.annual_decay >= 1:
            findings.add("D004", ("curve", number, "annual_decay"), f"a loss of {curve.annual_decay} a year leaves nothing")


def check_rules(file: RuleFile, findings: Findings) -> None:
    """Names of the rules and quantities of one rule file."""
    check_quantities(file.quantity, findings)
    for name in file.rule:
        _check_name(("rule", name), findings)


def check_named(file: RuleFile, known: set[str], findings: Findings) -> None:
    """The quantity that each rule of one file tests, which is one of `known`."""
    for name, rule in file.rule.items():
        if rule.quantity not in known:
            findings.add("T003", ("rule", name, "quantity"), f"no quantity is called {rule.quantity!r}", nearest(rule.quantity, known))


def check_quantities(quantities: dict[str, QuantityTerms], findings: Findings, above: Keys = ()) -> None:
    """Names of quantities, and formulas that are there; what a formula means is not judged here. `above` leads to their table."""
    for name, terms in quantities.items():
        _check_name((*above, "quantity", name), findings)
        if not terms.formula.strip():
            findings.add("T002", (*above, "quantity", name, "formula"), f"{name!r} has no formula")


def _check_name(path: Keys, findings: Findings) -> None:
    if not _NAME.fullmatch(str(path[-1])):
        findings.add("T001", path, f"{path[-1]!r} cannot be used in a formula", value=False)

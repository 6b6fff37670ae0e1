"""The desk's own settings and rule files: bands, decays, names."""

from __future__ import annotations

import re

from facilities.diagnose import nearest
from facilities.durations import parse_duration
from facilities.lint.findings import Findings
from facilities.model import DeskFile, Pricing, QuantityTerms, RuleFile, SeriesPolicy
from facilities.walk import Keys

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_settings(file: DeskFile, findings: Findings) -> None:
    """Bands and ages of the mark policies, and decays of the curves."""
    for number, policy in enumerate(file.series):
        _check_durations(policy, ("series", number), findings)
        if policy.min is not None and policy.max is not None and policy.min >= policy.max:
            findings.add("D003", ("series", number, "min"), f"no print lies between {policy.min} and {policy.max}")
    for number, curve in enumerate(file.curve):
        if curve.annual_decay >= 1:
            findings.add("D004", ("curve", number, "annual_decay"), f"a loss of {curve.annual_decay} a year leaves nothing")


def _check_durations(policy: SeriesPolicy, path: Keys, findings: Findings) -> None:
    """Of the desk's own mark policies; those of an agreement are checked as it is read."""
    for name, text in (("max_age", policy.max_age), ("publication_lag", policy.publication_lag)):
        try:
            parse_duration(text or "0d")
        except ValueError:
            findings.add("F046", (*path, name), f"{text!r} is not a duration")


def check_drivers(file: DeskFile, findings: Findings) -> None:
    """The assumed volatilities and correlations: each possible, and all together too."""
    for number, driver in enumerate(file.driver):
        sizes = [size for size in (driver.volatility, driver.volatility_bp) if size is not None]
        if len(sizes) != 1 or driver.sign not in (1, -1):
            message = f"{driver.match!r} has {len(sizes)} volatilities and the sign {driver.sign}"
            findings.add("D005", ("driver", number), message, value=False)
    good = True
    for number, one in enumerate(file.correlation):
        if len(one.between) != 2 or not -1 <= one.value <= 1:
            good = False
            findings.add("D006", ("correlation", number), f"{one.value} between {len(one.between)} series", value=False)
    if good and file.correlation and not _possible(file):
        message = "with the others, this value belongs to no joint movement"
        findings.add("D007", ("correlation", len(file.correlation) - 1, "value"), message)


STEPS = ("deflation", "liquidity", "correlation", "chain")
"""What `covenant spread` switches on, in the order it does unless told otherwise."""


def pricing_faults(terms: Pricing) -> list[tuple[str, str]]:
    """(key, what is wrong with it) of every value of `[pricing]` that no question can use."""
    found = []
    if terms.order and sorted(terms.order) != sorted(STEPS):
        found.append(("order", f"the steps {', '.join(terms.order)} are not {', '.join(STEPS)}, each once"))
    if terms.horizon is not None and not 3 <= _months(terms.horizon) <= 360:
        found.append(("horizon", f"{terms.horizon!r} is no span of 3 months to 30 years"))
    return found


def _months(text: str) -> int:
    try:
        span = parse_duration(text)
    except ValueError:
        return 0
    return {"m": span.count, "y": 12 * span.count}.get(span.unit, 0)


def check_pricing(file: DeskFile, findings: Findings) -> None:
    """What `covenant spread` is asked by the desk."""
    for key, message in pricing_faults(file.pricing) if file.pricing else ():
        findings.add("D008", ("pricing", key), message)


def _possible(file: DeskFile) -> bool:
    """Whether the named correlations, the pairs not named being 0, make a matrix without a negative eigenvalue."""
    names = list(dict.fromkeys(name for one in file.correlation for name in one.between))
    pairs = {frozenset(one.between): float(one.value) for one in file.correlation if one.between[0] != one.between[1]}
    rows: list[list[float]] = []
    for i, name in enumerate(names):  # a Cholesky factor, row by row
        row: list[float] = []
        for j in range(i + 1):
            whole = 1.0 if i == j else pairs.get(frozenset((name, names[j])), 0.0)
            rest = whole - sum(a * b for a, b in zip(row, rows[j] if j < i else row, strict=False))
            if i == j:
                if rest < -1e-9:
                    return False
                row.append(max(rest, 0.0) ** 0.5)
            elif rows[j][j] < 1e-9:
                if abs(rest) > 1e-6:
                    return False
                row.append(0.0)
            else:
                row.append(rest / rows[j][j])
        rows.append(row)
    return True


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

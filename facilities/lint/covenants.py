"""Covenants against themselves: classes and what they need, ladders, thresholds, test dates, amendments."""

from __future__ import annotations

from collections.abc import Mapping

from facilities.diagnose import nearest
from facilities.lint.findings import Findings, surely_before
from facilities.lint.ladder import check_ladder
from facilities.model import Covenant, FacilityFile, PartialDate, RuleTerms
from facilities.walk import Keys

_PERIODIC = ("maintenance", "trigger", "reporting")
"""Classes whose tests fall on dates."""

_LEVELLED = ("maintenance", "springing")
"""Classes that hold one threshold of their own or of their rule."""


def check_covenants(file: FacilityFile, rules: Mapping[str, RuleTerms], findings: Findings) -> None:
    """Every covenant of one facility, and the amendments that change them; `rules` are those known by name."""
    for number, covenant in enumerate(file.covenant):
        path: Keys = ("covenant", number)
        rule = rules.get(covenant.rule or "")
        _check_class(covenant, rule, path, findings)
        _check_dates(covenant, rule, path, findings)
        check_ladder(covenant, path, findings)
        _check_first_test(file, covenant, path, findings)
    _check_amendments(file, findings)
    _check_amended_life(file, findings)


def _class(covenant: Covenant, rule: RuleTerms | None) -> str | None:
    """The class of a covenant: its own, or that of its rule; None where neither is known."""
    return covenant.class_ or (rule.class_ if rule else None)


def _check_class(covenant: Covenant, rule: RuleTerms | None, path: Keys, findings: Findings) -> None:
    kind = _class(covenant, rule)
    if covenant.rung and kind != "margin_ladder":
        findings.add("F041", (*path, "rung"), f"{covenant.id!r} has rungs but its class is {kind or 'not given'}", value=False)
    if kind == "margin_ladder" and not covenant.rung:
        findings.add("F042", path, f"{covenant.id!r} is a margin ladder without a rung", value=False)
    if kind == "trigger" and covenant.on is None:
        findings.add("F043", path, f"{covenant.id!r} is a trigger without `on`", value=False)
    if kind in _LEVELLED and covenant.threshold is None and covenant.threshold_public and (rule is None or rule.threshold is None):
        findings.add("F044", (*path, "rule"), f"{covenant.id!r} has no threshold", value=False)


def _check_dates(covenant: Covenant, rule: RuleTerms | None, path: Keys, findings: Findings) -> None:
    """A periodic covenant whose level is known needs test dates: `continuous` and `daily` have theirs without a first."""
    if _class(covenant, rule) not in _PERIODIC or not covenant.tested_by_us:
        return
    if not covenant.threshold_public and covenant.threshold is None:
        return
    if covenant.test is None:
        findings.add("F053", path, f"{covenant.id!r} has no test dates", value=False)
    elif covenant.test.first is None and covenant.test.frequency not in ("continuous", "daily"):
        findings.add("F053", (*path, "test"), f"{covenant.id!r} is tested {covenant.test.frequency} from no first date on", value=False)


def _check_first_test(file: FacilityFile, covenant: Covenant, path: Keys, findings: Findings) -> None:
    loan = file.facility
    first = covenant.test.first if covenant.test else None
    if first is None:
        return
    if loan.closing is not None and surely_before(first, loan.closing):
        findings.add("F036", (*path, "test", "first"), f"{covenant.id!r} is first tested on {first}, before closing {loan.closing}")
    elif loan.maturity is not None and surely_before(loan.maturity, first):
        findings.add("F036", (*path, "test", "first"), f"{covenant.id!r} is first tested on {first}, after maturity {loan.maturity}")


def _check_amended_life(file: FacilityFile, findings: Findings) -> None:
    """In the order in which they take effect, each amendment falls into the life of the loan, and leaves it one."""
    closing, end = file.facility.closing, file.facility.maturity
    for number, row in sorted(enumerate(file.amendment), key=lambda one: one[1].effective):
        path, raw, day = ("amendment", number), row.facility.get("maturity"), PartialDate(row.effective)
        until = end if raw is None else PartialDate(raw)
        if raw is None and end is not None and surely_before(end, day):
            findings.add("F058", (*path, "effective"), f"{row.id!r} is effective {day.written}, after maturity {end}")
        if raw is not None and until is not None:
            at = (*path, "facility", "maturity")
            if closing is not None and surely_before(until, closing):
                findings.add("F035", at, f"maturity {until} lies before closing {closing}")
            elif surely_before(until, day):
                findings.add("F058", at, f"{row.id!r} is effective {day.written} and ends the loan before that, on {until}")
        end = until


def _check_amendments(file: FacilityFile, findings: Findings) -> None:
    known, closing = [covenant.id for covenant in file.covenant], file.facility.closing
    for number, row in enumerate(file.amendment):
        if closing is not None and surely_before(PartialDate(row.effective), closing):
            findings.add("F047", ("amendment", number, "effective"), f"{row.id!r} is effective {row.effective}, before closing {closing}")
        for ident, keys in row.covenant.items():
            path: Keys = ("amendment", number, "covenant", ident)
            if ident not in known:
                findings.add("F048", path, f"{row.id!r} amends {ident!r}, which the file lacks", nearest(ident, known), value=False)
            if "id" in keys:
                findings.add("F049", (*path, "id"), f"{row.id!r} renames {ident!r}", "an id never changes; use title", value=False)
        if "id" in row.facility:
            path = ("amendment", number, "facility", "id")
            findings.add("F049", path, f"{row.id!r} renames the facility", "an id never changes; use name", value=False)

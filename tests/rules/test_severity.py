"""Severity: one order, and the exit code that follows from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.severity import ORDER, RANK, exit_code, of_facility, severity, worst


@pytest.mark.parametrize(
    ("class_", "legal", "tested", "indicative", "found"),
    [
        ("maintenance", "compliant", "pass", "fail", "indicative_fail"),
        ("maintenance", "compliant", "fail", "pass", "tested_fail"),
        ("maintenance", "event_of_default", "fail", None, "event_of_default"),
        ("maintenance", "cure_pending", "fail", "pass", "tested_fail"),
        ("maintenance", "waived", "fail", "fail", "waived"),
        ("maintenance", "accelerated", "pass", None, "accelerated"),
        ("maintenance", "compliant", "indeterminate", "fail", "indeterminate"),
        ("maintenance", "compliant", None, None, "not_tested"),
        ("maintenance", "compliant", "not_tested", "pass", "pass"),
        ("trigger", "on", "fail", None, "trigger_on"),
        ("trigger", "pending", "fail", None, "watch"),
        ("trigger", "curing", "pass", "pass", "trigger_on"),
        ("trigger", "off", "pass", "fail", "watch"),
        ("margin_ladder", "callable", "fail", None, "callable"),
        ("margin_ladder", "call_expired", "fail", None, "call_expired"),
        ("margin_ladder", "notice", "watch", None, "watch"),
    ],
)
def test_the_worst_thing_that_is_true(class_: str, legal: str, tested: str | None, indicative: str | None, found: str) -> None:
    assert severity(class_, legal, tested, indicative) == found


def test_what_a_waiver_lies_over_is_no_open_fail() -> None:
    assert severity("margin_ladder", "normal", "fail", None, excused=True) == "waived"
    assert severity("trigger", "off", "fail", "fail", excused=True) == "waived"
    assert severity("maintenance", "forbearance", "fail", "fail") == "waived"
    assert [of_facility(one) for one in ("event_of_default", "enforcement", "compliant")] == [["event_of_default"], ["accelerated"], []]


@pytest.mark.parametrize(
    ("names", "code"),
    [([], 0), (["pass", "not_tested"], 0), (["cured"], 0), (["watch"], 1), (["waived"], 1), (["trigger_on"], 1), (["indicative_fail"], 1),
     (["indeterminate", "watch"], 3), (["indeterminate", "callable"], 2), (["tested_fail"], 2), (["accelerated", "indeterminate"], 2)],
)  # fmt: skip
def test_two_outranks_three_outranks_one(names: list[str], code: int) -> None:
    assert exit_code(names) == code


@given(st.lists(st.sampled_from(ORDER), max_size=6))
def test_one_order_whoever_lists_it(names: list[str]) -> None:
    assert worst(names) == worst(list(reversed(names)))
    assert exit_code(names) == exit_code(sorted(names))
    assert exit_code(names) == exit_code([worst(names)]) or "indeterminate" in names
    assert len(RANK) == len(ORDER)

"""Holding a ratio against a level: ties, rounding, doubtful denominators, headroom."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.compare import RESULTS, effective, half_up, headroom, passes, rounded_passes, size, slack, thresholds_on
from rules.levels import Level
from tests.rules.small import LOAN, book_of, covenant, formula, judge, report

OPERATORS = [">=", ">", "<=", "<"]
FIGURES = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-6)


def col(value: float) -> np.ndarray:
    return np.array([[float(value)]])


def good(operator: str, top: float, under: float, level: float) -> bool:
    return bool(passes(operator, slack(operator, col(top), col(under), col(level)), size(col(top), col(under), col(level)))[0, 0])


@pytest.mark.parametrize(("operator", "at", "above", "below"), [
    (">=", True, True, False), (">", False, True, False), ("<=", True, False, True), ("<", False, False, True), ("==", True, False, False),
])  # fmt: skip
def test_sides_and_ties(operator: str, at: bool, above: bool, below: bool) -> None:
    assert good(operator, 1.25, 1, 1.25) is at
    assert good(operator, 1.25 * (1 + 9e-10), 1, 1.25) is at
    assert good(operator, 1.25 * (1 + 5e-9), 1, 1.25) is above
    assert good(operator, 1.25 * (1 - 5e-9), 1, 1.25) is below


def test_leverage_on_negative_or_no_earnings_fails() -> None:
    assert not good("<=", 100, -50, 4)
    assert not good("<=", 100, 0, 4)


def test_half_up() -> None:
    assert half_up(np.array([1.245, 1.2449, 1.255, -0.005]), 2).tolist() == [1.25, 1.24, 1.26, 0.0]


@given(st.sampled_from(OPERATORS), st.floats(0.01, 10), st.floats(0.01, 10).map(lambda level: round(level, 3)), st.sampled_from([0, 1, 2]))
def test_the_effective_level_decides_as_rounding_does(operator: str, ratio: float, level: float, places: int) -> None:
    reach = effective(Level(operator, None), np.array([level]), places)
    by_rounding = bool(rounded_passes(Level(operator, None), col(ratio), col(1), col(level), places)[0, 0])
    at_least = operator in (">=", ">")
    if abs(ratio - reach[0]) > 1e-7:  # half up itself is on the side that rounds up
        assert (ratio > reach[0] if at_least else ratio < reach[0]) == by_rounding


def test_rounding_fails_a_denominator_that_is_not_positive() -> None:
    assert not rounded_passes(Level("<=", None), col(100), col(-50), col(4), 2)[0, 0]


@given(st.sampled_from([*OPERATORS, "=="]), FIGURES, FIGURES.filter(lambda level: level != 0))
def test_headroom_above_zero_is_a_pass_and_a_pass_is_never_below(operator: str, ratio: float, level: float) -> None:
    above, share, _ = headroom(operator, col(ratio), col(level))
    passing = good(operator, ratio, 1, level)
    assert not above[0, 0] > 0 or passing
    assert not passing or above[0, 0] >= 0
    assert math.copysign(1, share[0, 0]) == math.copysign(1, above[0, 0]) or share[0, 0] == 0


def test_shares_of_a_zero_level_are_unknown() -> None:
    above, share, cushion = headroom(">=", col(5), col(0))
    assert above[0, 0] == 5
    assert np.isnan(share[0, 0])
    assert np.isnan(cushion[0, 0])


def test_cushion_is_the_fall_that_just_fails() -> None:
    assert headroom(">=", col(1.4), col(1.0))[2][0, 0] == pytest.approx(1 - 1 / 1.4)
    assert headroom("<=", col(0.5), col(0.8))[2][0, 0] == pytest.approx(1 - 0.5 / 0.8)


def test_levels_by_date() -> None:
    text = "[{ from = 2026-01-31, value = 1.2 }, { from = 2026-06-30, value = 1.3, until = 2026-09-30 }]"
    book = book_of(LOAN + covenant("total_debt", "<=", text))
    level = book.tests[0].levels[0].threshold
    days = np.array([dt.date.fromisoformat(day).toordinal() for day in ("2026-01-30", "2026-01-31", "2026-09-30", "2026-10-01")])
    assert [None if math.isnan(one) else one for one in thresholds_on(level, days)] == [None, 1.2, 1.3, None]
    assert judge(book, day="2025-12-31").reason == ["no level is in force on that day"]


# through evaluate --------------------------------------------------------------------------------------------------------------


def result(text: str, **lines: float) -> str:
    reports = report("2026-06-30", 12, "2026-07-15", **lines) if lines else ""
    made = judge(book_of(LOAN + reports + text), day="2026-06-30", known="2026-08-01", basis="tested")
    return RESULTS[int(made.result[0, 0])]


def test_results_of_whole_covenants() -> None:
    own = formula('last12m(line("ebitda")) / last12m(line("interest_cash"))')
    assert result(own + covenant("q", ">=", 2), ebitda=200, interest_cash=100) == "pass"
    assert result(own + covenant("q", ">=", 2), ebitda=199, interest_cash=100) == "fail"
    assert result(own + covenant("q", ">=", 2), ebitda=199, interest_cash=0) == "not_tested"
    assert result(own + covenant("q", ">=", 2), ebitda=199) == "indeterminate"
    assert result(own + covenant("q", ">=", 2)) == "indeterminate"
    assert result(own + covenant("q", ">=", None, "threshold_public = false"), ebitda=200, interest_cash=100) == "not_tested"
    assert result(covenant("leverage", "<=", 4), ebitda=-5) == "fail"
    assert result(own + covenant("q", ">=", 2, "round = 1"), ebitda=195, interest_cash=100) == "pass"
    assert result(own + covenant("q", ">", 2, "round = 1"), ebitda=204, interest_cash=100) == "fail"
    assert result(own + covenant("q", ">=", 2, "watch = { headroom_pct = 0.1 }"), ebitda=210, interest_cash=100) == "watch"


def test_a_rest_of_the_arithmetic_is_no_over_advance() -> None:
    base = '[[borrowing_base]]\nid = "c"\ngross = {gross}\nadvance_rate = 0.7\n'
    loan = LOAN.replace("outstanding = 1000", "outstanding = 0.07")
    assert 0.1 * 0.7 - 0.07 < 0
    made = judge(book_of(loan + base.format(gross=0.1) + covenant("borrowing_base", ">=", 0)))
    assert RESULTS[int(made.result[0, 0])] == "pass"
    made = judge(book_of(loan + base.format(gross=0.09) + covenant("borrowing_base", ">=", 0)))
    assert RESULTS[int(made.result[0, 0])] == "fail"

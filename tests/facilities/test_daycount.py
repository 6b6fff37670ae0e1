"""Day counts against the printed tables of ISDA, OpenGamma and spreadsheets, and their algebra."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.daycount import CONVENTIONS, day_count, year_fraction
from facilities.model.loan import DayCount
from tests.published import published

YEARFRAC = {0: "30U/360", 2: "ACT/360", 3: "ACT/365F", 4: "30E/360"}
DATES = st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31))
ACT = st.sampled_from(["ACT/360", "ACT/365F", "ACT/ACT ISDA"])


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# ISDA's 30/360 table (isda.org/2008/12/22/30-360-day-count-conventions): start, end, days under (f) and (g), and under (h)
ISDA_TABLE = [
    ("2007-01-15", "2007-01-30", 15, 15, 15),
    ("2007-01-15", "2007-02-15", 30, 30, 30),
    ("2007-01-15", "2007-07-15", 180, 180, 180),
    ("2007-09-30", "2008-03-31", 180, 180, 180),
    ("2007-09-30", "2007-10-31", 30, 30, 30),
    ("2007-09-30", "2008-09-30", 360, 360, 360),
    ("2007-01-15", "2007-01-31", 16, 15, 15),
    ("2007-01-31", "2007-02-28", 28, 28, 30),
    ("2007-02-28", "2007-03-31", 33, 32, 30),
    ("2006-08-31", "2007-02-28", 178, 178, 180),
    ("2007-02-28", "2007-08-31", 183, 182, 180),
    ("2007-02-14", "2007-02-28", 14, 14, 16),
    ("2007-02-26", "2008-02-29", 363, 363, 364),
    ("2008-02-29", "2009-02-28", 359, 359, 360),
    ("2008-02-29", "2008-03-30", 31, 31, 30),
    ("2008-02-29", "2008-03-31", 32, 31, 30),
    ("2007-02-28", "2007-03-05", 7, 7, 5),
    ("2007-10-31", "2007-11-28", 28, 28, 28),
    ("2007-08-31", "2008-02-29", 179, 179, 180),
    ("2008-02-29", "2008-08-31", 182, 181, 180),
    ("2008-08-31", "2009-02-28", 178, 178, 180),
    ("2009-02-28", "2009-08-31", 183, 182, 180),
]


@pytest.mark.parametrize(("start", "end", "bond", "euro", "isda"), ISDA_TABLE)
def test_isda_thirty_day_table(start: str, end: str, bond: int, euro: int, isda: int) -> None:
    assert day_count(d(start), d(end), "30/360") == bond
    assert day_count(d(start), d(end), "30E/360") == euro
    assert day_count(d(start), d(end), "30E/360 ISDA") == isda


@pytest.mark.parametrize(("start", "end", "days"), [("2007-08-31", "2008-02-29", 179), ("2008-08-31", "2009-02-28", 178)])
def test_a_period_ending_at_maturity_on_the_last_of_february_keeps_that_day(start: str, end: str, days: int) -> None:
    assert day_count(d(start), d(end), "30E/360 ISDA", maturity=d(end)) == days
    assert day_count(d(start), d(end), "30E/360 ISDA", maturity=d("2030-02-28")) == 180


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [  # the SIA rules: end of February is the 30th in D1, and in D2 only after a D1 of that kind
        ("2006-08-31", "2007-02-28", 178),
        ("2007-02-28", "2007-08-31", 180),
        ("2008-02-29", "2009-02-28", 360),
        ("2008-02-28", "2008-08-31", 183),
        ("2007-02-28", "2008-02-29", 360),
        ("2007-02-28", "2008-02-28", 358),
        ("2007-01-31", "2007-03-31", 60),
        ("2007-01-29", "2007-03-31", 62),
    ],
)
def test_us_thirty_day_months(start: str, end: str, days: int) -> None:
    assert day_count(d(start), d(end), "30U/360") == days


def test_act_act_isda_splits_at_the_year_end() -> None:
    # ISDA, "EMU and market conventions" (1998): 1 Nov 2003 - 1 May 2004, 61/365 + 121/366
    assert year_fraction(d("2003-11-01"), d("2004-05-01"), "ACT/ACT ISDA") == pytest.approx(0.497724380567, abs=1e-12)
    assert year_fraction(d("1999-02-01"), d("1999-07-01"), "ACT/ACT ISDA") == pytest.approx(0.410958904110, abs=1e-12)
    assert year_fraction(d("2002-08-15"), d("2003-07-15"), "ACT/ACT ISDA") == pytest.approx(0.915068493151, abs=1e-12)
    assert year_fraction(d("2000-01-30"), d("2000-06-30"), "ACT/ACT ISDA") == pytest.approx(0.415300546448, abs=1e-12)
    assert year_fraction(d("1999-07-30"), d("2000-01-30"), "ACT/ACT ISDA") == pytest.approx(0.503892506924, abs=1e-12)
    assert year_fraction(d("2011-12-28"), d("2016-02-28"), "ACT/ACT ISDA") == pytest.approx(4 / 365 + 4 + 58 / 366, abs=1e-12)


def test_act_360_over_a_leap_day() -> None:
    # OpenGamma Strata, DayCountTest
    assert year_fraction(d("2011-12-28"), d("2012-03-01"), "ACT/360") == pytest.approx(0.17777777777777778, abs=1e-15)
    assert year_fraction(d("2011-12-28"), d("2016-02-29"), "ACT/360") == pytest.approx(4.233333333333333, abs=1e-12)


def test_every_published_row_of_the_isda_memo() -> None:
    case = published("DC-01")
    assert [day_count(d(start), d(end), "30/360") for start, end in case["inputs"]["rows"]] == case["expected"]["days"]


def test_every_published_row_of_act_360() -> None:
    case = published("DC-06")
    found = [year_fraction(d(start), d(end), "ACT/360") for start, end in case["inputs"]["rows"]]
    assert found == pytest.approx(case["expected"]["yf"], abs=case["tolerance"]["abs"])


def test_every_published_row_of_yearfrac() -> None:
    case = published("DC-09")  # YEARFRAC has no sign
    found = [abs(year_fraction(d(start), d(end), YEARFRAC[basis])) for start, end, basis in case["inputs"]["rows"]]
    assert found == pytest.approx(case["expected"]["yf"], abs=case["tolerance"]["abs"])


def test_the_conventions_are_those_of_the_schema() -> None:
    assert set(CONVENTIONS) == set(get_args(DayCount))


@pytest.mark.parametrize("count", [day_count, year_fraction])
def test_an_unknown_convention_is_refused_with_the_known_ones(count: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown day count 'ACT/364'; known: ACT/360, ACT/365F, ACT/ACT ISDA, 30/360"):
        count(d("2026-01-01"), d("2026-02-01"), "ACT/364")


@given(DATES, DATES, DATES, ACT)
def test_actual_days_add_up(a: dt.date, b: dt.date, c: dt.date, convention: str) -> None:
    assert day_count(a, b, convention) + day_count(b, c, convention) == day_count(a, c, convention)
    whole = year_fraction(a, c, convention)
    assert year_fraction(a, b, convention) + year_fraction(b, c, convention) == pytest.approx(whole, abs=1e-11)


@given(DATES, DATES, st.sampled_from(CONVENTIONS))
def test_swapping_the_dates_changes_the_sign(a: dt.date, b: dt.date, convention: str) -> None:
    assert day_count(a, b, convention) == -day_count(b, a, convention)
    assert year_fraction(a, b, convention) == -year_fraction(b, a, convention)


@given(DATES, DATES, st.sampled_from(CONVENTIONS))
def test_no_convention_strays_far_from_the_calendar(a: dt.date, b: dt.date, convention: str) -> None:
    actual = (b - a).days / 365.25
    assert year_fraction(a, b, convention) == pytest.approx(actual, rel=0.016, abs=0.02)


@pytest.mark.parametrize(
    ("convention", "expected"),
    [  # MathWorks xirr example, 15 digits from the tests of pyxirr
        ("30U/360", 0.100675477282743),
        ("ACT/360", 0.0991988898057063),
        ("ACT/365F", 0.10064378342638),
        ("30E/360", 0.100675477282743),
        ("ACT/ACT ISDA", 0.100739648987346),
    ],
)
def test_internal_rate_of_return_under_five_day_counts(convention: str, expected: float) -> None:
    flows = [("2007-01-12", -10000), ("2008-02-14", 2500), ("2008-03-03", 2000), ("2008-06-14", 3000), ("2008-12-01", 4000)]
    times = [year_fraction(d("2007-01-12"), d(day), convention) for day, _ in flows]
    low, high = 0.0, 1.0
    for _ in range(80):
        rate = (low + high) / 2
        value = sum(amount * (1 + rate) ** -time for (_, amount), time in zip(flows, times, strict=True))
        low, high = (rate, high) if value > 0 else (low, rate)
    assert low == pytest.approx(expected, abs=1e-9)


def test_the_typed_flows_are_the_published_ones() -> None:
    case = published("XI-01")
    assert case["inputs"]["flows"][0] == ["2007-01-12", -10000] and case["expected"]["act/360"] == 0.0991988898057063


def test_discount_and_rate_of_a_bill() -> None:
    case = published("AM-15")
    start, end, principal, rate, _ = case["inputs"]["received"]
    assert principal / (1 - rate * year_fraction(d(start), d(end), "ACT/360")) == pytest.approx(case["expected"]["received"], abs=1e-6)
    start, end, paid, redeemed, _ = case["inputs"]["intrate"]
    assert (redeemed / paid - 1) / year_fraction(d(start), d(end), "ACT/360") == pytest.approx(case["expected"]["intrate"], abs=1e-6)
    start, end, rate, principal, _ = case["inputs"]["accrintm"]
    assert principal * rate * year_fraction(d(start), d(end), "ACT/365F") == pytest.approx(case["expected"]["accrintm"], abs=1e-6)



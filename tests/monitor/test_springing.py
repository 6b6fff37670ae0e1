"""A springing covenant: tested from the day its condition holds until it has not held for so many consecutive days."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from monitor.assess import assess
from monitor.session import open_desk

BASE = Path(__file__).parents[1] / "errors" / "formulas" / "base"
COVENANT = """
[[covenant]]
id = "spring"
rule = "ltv"
class = "springing"
threshold = 0.99
springs = {{ quantity = "collateral_coverage", operator = "<", value = 1.5{ends} }}
"""
# owed 60 on one coin: the condition holds below 90
PRINTS = {"2026-03-01": 100, "2026-03-10": 80, "2026-03-12": 95, "2026-03-20": 85, "2026-03-21": 100}


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(BASE, tmp_path / "desk")
    rows = "".join(f"BTC.price,{day},{price},USD,exchange\n" for day, price in PRINTS.items())
    (tmp_path / "desk" / "marks" / "marks.csv").write_text("series,date,value,unit,source\n" + rows)
    return tmp_path / "desk"


def springs(desk, day, ends=", ends_after_days = 30", balance="2026-02-01"):
    facility = desk / "facilities" / "oak.toml"
    text = (BASE / "facilities" / "oak.toml").read_text().replace("2026-06-30", balance)
    facility.write_text(text + COVENANT.format(ends=ends))
    session = open_desk(desk)
    at = session.moment(day, dt.datetime(2026, 10, 9, tzinfo=dt.UTC))
    one = next(one for one in assess(session, at, at).standings if one.test.covenant.id == "spring")
    return one.tested.result, one.tested.assessment.reason[one.tested.row]


@pytest.mark.parametrize(
    ("day", "tested"),
    [("2026-03-09", False), ("2026-03-10", True), ("2026-03-11", True), ("2026-03-12", True), ("2026-03-19", True),
     ("2026-04-12", True), ("2026-04-19", True), ("2026-04-20", False), ("2026-05-20", False)],
)  # fmt: skip
def test_the_period_ends_after_thirty_days_without_the_condition(desk, day, tested):
    """It held last until the print of 21 March, at the end of that day; thirty days later the period is over."""
    result, reason = springs(desk, day)
    assert (result != "not_tested") is tested
    assert tested or reason.startswith("not sprung")


def test_without_a_number_of_days_it_ends_with_the_condition(desk):
    assert springs(desk, "2026-03-12", ends="")[0] == "not_tested"
    assert springs(desk, "2026-03-11", ends="")[0] != "not_tested"


def test_days_before_the_loan_was_known_are_days_without(desk):
    assert springs(desk, "2026-03-25", balance="2026-03-21")[0] == "not_tested"

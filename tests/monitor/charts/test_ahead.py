"""A chart of past and future says what the projection says, and joins it to what was known today."""

from __future__ import annotations

import datetime as dt

import pytest

from monitor import cli
from monitor.ahead.build import build_ahead
from monitor.ahead.outlook import first_failing_dates
from monitor.assess import Picture
from monitor.charts.ahead import debt_over, ratio_over, today_of
from tests.rules.shipped import picture

FIRST = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def seen() -> Picture:
    return picture("shipped")


def test_the_failing_date_is_that_of_the_projection(seen: Picture) -> None:
    expected = first_failing_dates(seen)[seen.book.facility("tamar-h100"), "dscr"]
    made = ratio_over(seen, "tamar-h100", "dscr", FIRST)
    assert made.fails is not None and made.fails.isoformat() == expected
    assert next(point.day for point in made.projection if point.result == "fail") == made.fails


def test_what_comes_is_the_projection_point_by_point_and_starts_at_today(seen: Picture) -> None:
    place = seen.book.facility("tamar-h100")
    case = build_ahead(seen, [place], (), None, "dscr").facilities[0].cases[0]
    told = [(line.date, test.actual) for line in case.dates for test in line.tests if test.covenant == "dscr"]
    made = ratio_over(seen, "tamar-h100", "dscr", FIRST)
    assert [(point.day.isoformat(), point.value) for point in made.projection[1:]] == told
    assert made.projection[0].day == today_of(seen) and made.projection[0].value == made.history[-1].value


def test_what_fails_now_has_failed_since_its_day(seen: Picture) -> None:
    assert ratio_over(seen, "rowan-alder", "ltv", FIRST).fails == dt.date(2026, 10, 7)


def test_a_horizon_ends_it(seen: Picture) -> None:
    made = ratio_over(seen, "tamar-h100", "dscr", FIRST, dt.date(2027, 12, 31))
    assert made.projection[-1].day == dt.date(2027, 12, 31) and made.fails is None


def test_an_unknown_mark_is_unknown_ahead(seen: Picture) -> None:
    made = ratio_over(seen, "linden-b200", "ltv", FIRST)
    assert made.projection and all(point.value is None for point in made.projection[1:])


def test_debt_and_collateral_ahead_start_where_the_past_ends(seen: Picture) -> None:
    made = debt_over(seen, "tamar-h100", FIRST)
    assert made.debt_ahead[0] == made.debt[-1] and made.value_ahead[0] == made.value[-1]
    assert made.debt_ahead[-1].value == 0
    worth = [point.value for point in made.value_ahead]
    assert worth == sorted(worth, key=lambda one: -(one or 0))


def test_a_past_that_ends_before_the_as_of_has_nothing_ahead(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["chart", "tamar-h100/dscr", "--to", "2026-09-01"]) == 0
    assert "projected" not in capsys.readouterr().out

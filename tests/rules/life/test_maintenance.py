"""Maintenance and reporting covenants: grace, cure, waiver, forbearance, acceleration, in days."""

from __future__ import annotations

import datetime as dt

import pytest

from rules.life.cures import shortfall
from tests.rules.life.happenings import CAPPED, CURE, EOD, GRACE, PLAIN, at, event, fail, passed, stand, told


def test_a_grace_lapses_only_once_a_notice_or_the_default_is_on_record() -> None:
    silent = stand(GRACE, "maintenance", [fail(0, 5)], now=30)
    assert (silent.state, silent.deadline, silent.by_lapse) == ("default", at(15), False)
    for kind in ("notice", "default"):
        spoken = [event(kind, 6)]
        states = [stand(GRACE, "maintenance", [fail(0, 5)], spoken, day).state for day in (15, 16)]
        assert states == ["default", "event_of_default"]
        legal = stand(GRACE, "maintenance", [fail(0, 5)], spoken, 20)
        assert (legal.by_lapse, legal.tested_as_of, legal.known_at, legal.acted_on) == (True, at(0), at(5), at(6))


def test_the_first_record_starts_the_grace_and_a_second_does_not_restart_it() -> None:
    legal = stand(GRACE, "maintenance", [fail(0, 5)], [event("notice", 6), event("default", 9, id="2")], 10)
    assert legal.deadline == at(16)


def test_a_default_that_is_recorded_needs_no_figures() -> None:
    assert stand(PLAIN, "maintenance", [], [event("default", 3)], 4).state == "default"
    assert stand(PLAIN, "maintenance", [], [event("default", 3), event("waiver", 9, id="2")], 10).state == "waived"
    assert stand(PLAIN, "maintenance", [], [event("default", 3), event("equity_cure", 9, id="2")], 10).state == "cured"


def test_cure_money_in_the_window_cures_when_it_is_enough() -> None:
    short = fail(0, 5, shortfall=100)
    assert stand(CURE, "maintenance", [short], now=6).standstill_until == at(15)
    assert stand(CURE, "maintenance", [short], [event("equity_cure", 8, amount=100)], 9).state == "cured"
    assert stand(CURE, "maintenance", [short], [event("equity_cure", 8, amount=99)], 9).state == "cure_pending"
    both = [event("equity_cure", 8, amount=60), event("equity_cure", 9, amount=40, id="2")]
    assert [stand(CURE, "maintenance", [short], both, day).state for day in (8, 9, 40)] == ["cure_pending", "cured", "cured"]
    assert stand(CURE, "maintenance", [short], [event("equity_cure", 15, amount=100)], 20).state == "event_of_default"
    assert stand(CURE, "maintenance", [short], [event("prepayment", 8, amount=100)], 9).state == "cure_pending"
    assert stand(CURE, "maintenance", [short], [event("equity_cure", 8)], 9).state == "cure_pending"
    assert stand(CURE, "maintenance", [short], [event("equity_cure", 3, amount=100)], 6).state == "cured"


def test_a_cure_is_for_its_own_test_and_nothing_is_left_over() -> None:
    tests = [fail(0, 5, 100), fail(6, 7, 100)]
    legal = stand(CURE, "maintenance", tests, [event("equity_cure", 8, amount=250)], 9)
    assert (legal.state, legal.cures_used, legal.tested_as_of) == ("cure_pending", 1, at(6))


def test_what_the_evaluation_says_of_the_cure_goes_before_the_amount() -> None:
    paid = [event("equity_cure", 8, amount=100)]
    assert stand(CURE, "maintenance", [fail(0, 5, 90)._replace(cured=False)], paid, 9).state == "cure_pending"
    assert stand(CURE, "maintenance", [fail(0, 5)._replace(cured=True)], paid, 9).state == "cured"


def test_after_a_cure_the_next_test_decides() -> None:
    paid = [event("equity_cure", 8, amount=100)]
    assert stand(CURE, "maintenance", [fail(0, 5, 100), passed(90)], paid, 95).state == "compliant"
    assert stand(CURE, "maintenance", [fail(0, 5, 100), fail(90)], paid, 95).state == "cure_pending"


def quarterly(*periods: str) -> list[tuple[float, dt.date]]:
    days = [dt.date.fromisoformat(one) for one in periods]
    return [((one - dt.date(2025, 12, 31)).days, one) for one in days]


def test_an_exhausted_right_makes_a_fail_an_event_of_default_at_once() -> None:
    held = quarterly("2026-03-31", "2026-09-30", "2027-03-31")
    tests = [fail(day, day + 10, 5) for day, _ in held]
    paid = [event("equity_cure", day + 12, amount=5, id=str(day), period=period) for day, period in held]
    assert stand(CAPPED, "maintenance", tests[:2], paid[:2], 300).state == "cured"
    third = stand(CAPPED, "maintenance", tests, paid, held[2][0] + 10)  # 2026-03-31 lies outside the four quarters to 2027-03-31
    assert (third.state, third.cures_used) == ("cure_pending", 2)
    close = quarterly("2026-03-31", "2026-09-30", "2026-12-31")
    tests = [fail(day, day + 10, 5) for day, _ in close]
    legal = stand(CAPPED, "maintenance", tests, paid[:2], close[2][0] + 10)
    assert (legal.state, legal.by_lapse, legal.deadline) == ("event_of_default", False, None)


def test_two_quarters_running_are_not_cured() -> None:
    held = quarterly("2026-03-31", "2026-06-30")
    tests = [fail(day, day + 10, 5) for day, _ in held]
    paid = [event("equity_cure", held[0][0] + 12, amount=5, period=held[0][1])]
    assert stand(CAPPED, "maintenance", tests, paid, held[1][0] + 10).state == "event_of_default"
    free = CAPPED.replace("consecutive = false", "consecutive = true")
    assert stand(free, "maintenance", tests, paid, held[1][0] + 10).state == "cure_pending"


def test_a_cap_may_be_a_dated_table() -> None:
    steps = "[{ from = 2026-01-01, value = 0 }, { from = 2026-06-01, value = 1 }]"
    text = CURE.replace('from = "certificate"', f'from = "certificate", max_life = {steps}')
    assert stand(text, "maintenance", [fail(10)], now=11).state == "event_of_default"
    assert stand(text, "maintenance", [fail(200)], now=201).state == "cure_pending"


def test_a_right_that_runs_from_a_notice_waits_for_it() -> None:
    text = CURE.replace('"certificate"', '"notice"')
    silent = stand(text, "maintenance", [fail(0)], now=90)
    assert (silent.state, silent.deadline) == ("cure_pending", None)
    assert stand(text, "maintenance", [fail(0)], [event("notice", 50)], 55).deadline == at(60)
    assert stand(text, "maintenance", [fail(0)], [event("notice", 50)], 60).state == "event_of_default"


def test_a_waiver_that_ends_gives_back_what_lies_beneath() -> None:
    spared = [event("waiver", 3, until=20)]
    seen = told(EOD, "maintenance", [fail(0)], spared, 60)
    assert [(one.before, one.after, one.legal.by_lapse) for one in seen.transitions] == [
        ("compliant", "event_of_default", False), ("event_of_default", "waived", False), ("waived", "event_of_default", True),
    ]  # fmt: skip
    assert seen.at(at(10)).underlying == "event_of_default"
    assert (seen.at(at(10)).deadline, seen.at(at(20)).state) == (at(20), "waived")
    assert stand(PLAIN, "maintenance", [fail(0), passed(10)], spared, 30).state == "compliant"


def test_a_waiver_of_the_cure_period_lets_its_clock_run_on_beneath() -> None:
    seen = told(CURE, "maintenance", [fail(0, 0, 5)], [event("waiver", 2, until=30)], 60)
    assert [one.after for one in seen.transitions] == ["cure_pending", "waived", "waived", "event_of_default"]
    assert seen.at(at(12)).underlying == "event_of_default"


def test_a_waiver_without_an_end_removes_what_it_found_and_no_later_fail() -> None:
    assert stand(EOD, "maintenance", [fail(0)], [event("waiver", 3)], 500).state == "waived"
    assert stand(EOD, "maintenance", [fail(0), passed(90)], [event("waiver", 3)], 500).state == "compliant"
    assert stand(EOD, "maintenance", [fail(0), fail(90)], [event("waiver", 3)], 500).state == "event_of_default"
    assert stand(EOD, "maintenance", [fail(0, 30)], [event("waiver", 3)], 40).state == "waived"  # given before the certificate came


def test_a_forbearance_keeps_the_default_and_stays_remedies() -> None:
    legal = stand(EOD, "maintenance", [fail(0)], [event("forbearance", 3, until=20)], 10)
    assert (legal.state, legal.underlying, legal.standstill_until, legal.fall) == ("forbearance", "event_of_default", at(20), "forbearance")
    assert stand(EOD, "maintenance", [fail(0)], [event("forbearance", 3, until=20)], 21).by_lapse


def test_a_facility_wide_waiver_and_an_acceleration_reach_every_covenant_that_failed() -> None:
    assert stand(EOD, "maintenance", [fail(0)], [event("waiver", 3, until=9, covenant=None)], 5).state == "waived"
    called = [event("acceleration", 3, covenant=None), event("enforcement", 9, covenant=None, id="2")]
    assert [stand(PLAIN, "maintenance", [fail(0)], called, day).state for day in (2, 4, 10)] == ["default", "accelerated", "enforcement"]
    assert stand(PLAIN, "maintenance", [passed(0)], called, 10).state == "compliant"
    assert stand(PLAIN, "maintenance", [fail(0), passed(20)], called, 30).state == "enforcement"


def test_what_ends_an_event_of_default_is_the_agreements() -> None:
    assert stand(EOD, "maintenance", [fail(0)], now=1).continuing_until == "waived"
    assert stand(EOD, "maintenance", [fail(0), passed(90)], now=100).state == "event_of_default"
    assert stand(EOD + 'continuing_until = "remedied"', "maintenance", [fail(0), passed(90)], now=100).state == "compliant"


def test_a_reservation_of_rights_is_a_dated_attribute() -> None:
    legal = stand(PLAIN, "maintenance", [fail(0, 5)], [event("reservation_of_rights", 9)], 10)
    assert (legal.state, legal.reserved, legal.acted_on) == ("default", at(9), at(9))


def test_what_was_taken_back_or_not_known_yet_is_not_there() -> None:
    spared = [event("waiver", 3, known=8)]
    assert [stand(EOD, "maintenance", [fail(0)], spared, 5, known).state for known in (7, 8)] == ["event_of_default", "waived"]
    gone = [*spared, event("withdrawal", 12, id="2", refers="1")]
    assert [stand(EOD, "maintenance", [fail(0)], gone, 15, known).state for known in (11, 12)] == ["waived", "event_of_default"]


def test_a_late_certificate_ends_its_default_and_an_early_one_forestalls_it() -> None:
    late = fail(30)._replace(period=dt.date(2025, 12, 31))
    came = [event("certificate_delivered", 34, covenant=None, period=dt.date(2025, 12, 31))]
    assert [stand(GRACE, "reporting", [late], came, day).state for day in (31, 35)] == ["default", "compliant"]
    assert stand(GRACE, "reporting", [late], [event("certificate_delivered", 20, period=dt.date(2025, 12, 31))], 31).state == "compliant"


def test_of_a_continuous_test_a_run_of_fails_is_one_failure() -> None:
    daily = EOD + 'test = { frequency = "daily" }\ncure = { kind = "cash", window = "10D", from = "test_date" }\n'
    legal = stand(daily, "maintenance", [fail(day, shortfall=5) for day in range(8)], [event("equity_cure", 3, amount=5)], 8)
    assert (legal.state, legal.tested_as_of) == ("cured", at(0))


@pytest.mark.parametrize(
    ("kind", "operator", "top", "under", "level", "money"),
    [("cash", ">=", 27.27, 23.87, 1.20, 1.374), ("equity", "<=", 45.0, 10.0, 4.0, 1.25), ("prepayment", "<=", 45.0, 10.0, 4.0, 5.0),
     ("prepayment", ">=", 9.0, 10.0, 1.0, 1.0), ("collateral", "<=", 70.0, 100.0, 0.5, 40.0), ("collateral", ">=", 120.0, 100.0, 1.5, 30.0),
     ("cash", ">=", 30.0, 20.0, 1.2, 0.0)],
)  # fmt: skip
def test_what_a_cure_takes(kind: str, operator: str, top: float, under: float, level: float, money: float) -> None:
    assert shortfall(kind, operator, top, under, level) == pytest.approx(money)


def test_no_money_cures_what_no_money_moves() -> None:
    assert shortfall("equity", "<=", 45.0, 10.0, 0.0) is None
    assert shortfall("cash", ">=", float("nan"), 10.0, 1.0) is None

"""Legal life: three machines, folds over results, whatever came between that was not known."""

from __future__ import annotations

import datetime as dt

import pytest

from facilities.calendars import Calendar
from rules.life import Legal, history
from rules.life import Tested as Result
from tests.rules.life.happenings import PLAIN, US, at, covenant, stand
from tests.rules.small import WEEKENDS

CURE = PLAIN + 'on_fail = "event_of_default"\ncure = { kind = "cash", window = "10BD", from = "certificate_due" }\n'
TRIGGER = PLAIN + 'on = { operator = "<", value = 1.35, tests = %d }\noff = { operator = ">=", value = 1.35, tests = %d }\n'
LADDER = (
    PLAIN
    + """class = "margin_ladder"
starts = "%s"
rung = [ { above = 0.6, state = "notice" }, { above = 0.65, state = "call", within = "48h", restore_to = 0.6 },
 { above = 0.75, state = "accelerated_call", within = "12h" }, { above = 0.85, state = "liquidation" } ]
"""
)


def quarters(*results: str) -> list[Result]:
    return [Result(at(90 * place), result, known=at(90 * place + 30), on=result == "fail") for place, result in enumerate(results)]


def steps(*rungs: str | None, restored: bool = False) -> list[Result]:
    return [Result(at(place), "fail" if rung not in (None, "notice") else "pass", rung, at(place), restored=restored and rung is None)
            for place, rung in enumerate(rungs)]  # fmt: skip


# maintenance -------------------------------------------------------------------------------------------------------------------


def test_the_cure_window_ends_after_ten_business_days_of_a_calendar_with_its_holiday() -> None:
    known = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    fail = [Result(dt.datetime(2026, 9, 1, tzinfo=dt.UTC), "fail", known=known, due=dt.date(2026, 9, 30))]
    end = dt.datetime(2026, 10, 16, tzinfo=dt.UTC)

    def on(now: dt.datetime, calendar: Calendar = US) -> Legal:
        return history(covenant(CURE), "maintenance", fail, now=now, calendar=calendar).at(now)

    assert (on(known).state, on(known).deadline) == ("cure_pending", end)
    assert on(end - dt.timedelta(seconds=1)).state == "cure_pending"
    assert (on(end).state, on(end).by_lapse) == ("event_of_default", True)
    assert on(known, WEEKENDS).deadline == end - dt.timedelta(days=1)


def test_what_a_fail_becomes_is_the_agreements() -> None:
    assert stand(PLAIN, "maintenance", quarters("fail")).state == "default"
    assert stand(PLAIN + 'on_fail = "event_of_default"', "maintenance", quarters("fail")).state == "event_of_default"
    legal = stand(PLAIN + 'grace = "5D"', "maintenance", quarters("fail"), now=31)
    assert (legal.state, legal.deadline) == ("default", at(35))
    assert (legal.tested_as_of, legal.known_at) == (at(0), at(30))


def test_a_later_pass_ends_a_default_but_no_event_of_default() -> None:
    assert stand(PLAIN, "maintenance", quarters("fail", "pass")).state == "compliant"
    assert stand(PLAIN + 'on_fail = "event_of_default"', "maintenance", quarters("fail", "pass")).state == "event_of_default"


def test_a_pass_before_the_cure_right_lapsed_ends_it() -> None:
    fail = Result(at(0), "fail", known=at(10), due=at(10).date())
    assert stand(CURE, "maintenance", [fail, Result(at(15), "pass", known=at(15))]).state == "compliant"
    assert stand(CURE, "maintenance", [fail, Result(at(60), "pass", known=at(60))]).state == "event_of_default"


def test_the_first_fail_of_a_run_counts() -> None:
    assert stand(PLAIN, "maintenance", quarters("pass", "fail", "fail")).tested_as_of == at(90)


# triggers ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "off", "results", "state"),
    [(1, 2, "", "off"), (1, 2, "F", "on"), (1, 2, "FP", "curing"), (1, 2, "FPP", "off"), (1, 2, "FPFP", "curing"), (1, 2, "FPF", "on"),
     (2, 1, "F", "pending"), (2, 1, "FF", "on"), (2, 1, "FPF", "pending"), (2, 1, "FFP", "off"), (3, 1, "FFPFF", "pending"),
     (3, 1, "FF?F", "on"), (1, 2, "FP?P", "off")],
)  # fmt: skip
def test_a_trigger_needs_its_tests_running(on: int, off: int, results: str, state: str) -> None:
    words = [{"F": "fail", "P": "pass", "?": "indeterminate"}[one] for one in results]
    assert stand(TRIGGER % (on, off), "trigger", quarters(*words)).state == state


# ladders -----------------------------------------------------------------------------------------------------------------------


def test_a_rung_without_a_recorded_notice_is_callable() -> None:
    assert stand(LADDER % "notice", "margin_ladder", steps(None)).state == "normal"
    assert stand(LADDER % "notice", "margin_ladder", steps("notice")).state == "notice"
    legal = stand(LADDER % "notice", "margin_ladder", steps("notice", "call", "accelerated_call"))
    assert (legal.state, legal.tested_as_of, legal.deadline) == ("callable", at(1), None)
    assert stand(LADDER % "notice", "margin_ladder", steps("call", None)).state == "normal"


def test_a_clock_that_the_trigger_starts() -> None:
    legal = stand(LADDER % "trigger", "margin_ladder", steps("call"), now=1)
    assert (legal.state, legal.deadline) == ("call", at(2))
    assert stand(LADDER % "trigger", "margin_ladder", steps("call", "call"), now=1.5).deadline == at(2)
    worse = stand(LADDER % "trigger", "margin_ladder", steps("call", "accelerated_call"), now=1.2)
    assert (worse.state, worse.deadline) == ("accelerated_call", at(1.5))
    expired = stand(LADDER % "trigger", "margin_ladder", steps("call"), now=2)
    assert (expired.state, expired.by_lapse) == ("call_expired", True)
    assert stand(LADDER % "trigger", "margin_ladder", steps("liquidation"), now=9).state == "liquidation"


def test_recovery_short_of_the_restore_level_does_not_clear_a_running_call() -> None:
    assert stand(LADDER % "trigger", "margin_ladder", steps("call", "notice"), now=1.5).state == "call"
    assert stand(LADDER % "trigger", "margin_ladder", steps("call", None), now=1.5).state == "call"
    assert stand(LADDER % "trigger", "margin_ladder", steps("call", None, restored=True), now=1.5).state == "restored"
    assert stand(LADDER % "trigger", "margin_ladder", steps("call", None, None, restored=True), now=9).state == "normal"
    clears = (LADDER % "trigger").replace("starts", 'clears_at = "trigger"\nstarts')
    assert stand(clears, "margin_ladder", steps("call", None), now=1.5).state == "restored"


def test_a_business_clock_stands_still_on_closed_days() -> None:
    friday = dt.datetime(2026, 10, 9, 12, tzinfo=dt.UTC)
    text = (LADDER % "trigger").replace("starts", 'clock = "business"\nstarts')
    made = history(covenant(text), "margin_ladder", [Result(friday, "fail", "call", friday)], now=friday, calendar=US).at(friday)
    assert made.deadline == dt.datetime(2026, 10, 14, 12, tzinfo=dt.UTC)  # 12 h on Friday, none to Tuesday, 36 h from there
    days = (LADDER % "trigger").replace('"48h"', '"2BD"')
    made = history(covenant(days), "margin_ladder", [Result(friday, "fail", "call", friday)], now=friday, calendar=US).at(friday)
    assert made.deadline == dt.datetime(2026, 10, 15, tzinfo=dt.UTC)

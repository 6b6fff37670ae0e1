"""Margin ladders with recorded notices, and triggers that a cure ends."""

from __future__ import annotations

import datetime as dt

from tests.rules.life.happenings import LADDER, TRIGGER, US, at, event, fail, passed, rung, stand, told

NOTICE, AT_ONCE = LADDER % "notice", LADDER % "trigger"


def test_a_notice_makes_the_call_and_its_deemed_receipt_starts_the_clock() -> None:
    legal = stand(NOTICE, "margin_ladder", [rung(0, "call")], [event("notice", 0.5)], 1)
    assert (legal.state, legal.deadline, legal.acted_on, legal.tested_as_of) == ("call", at(2.5), at(0.5), at(0))
    assert stand(NOTICE, "margin_ladder", [rung(0, "call")], [event("notice", 0.5)], 0.4).state == "callable"


def test_nobody_meets_the_call() -> None:
    seen = told(NOTICE, "margin_ladder", [rung(0, "call")], [event("notice", 0.5)], 9)
    assert [(one.at, one.after, one.why) for one in seen.transitions] == [
        (at(0), "callable", "call level reached"), (at(0.5), "call", "notice given"), (at(2.5), "call_expired", "nobody met the call"),
    ]  # fmt: skip
    legal = seen.at(at(3))
    assert (legal.by_lapse, legal.fall, legal.fell, legal.continuing_until) == (True, "event_of_default", at(2.5), "waived")
    assert seen.at(at(2.4)).fall is None


def test_what_an_expired_call_makes_of_the_facility_is_the_agreements() -> None:
    mild = NOTICE.replace('on_fail = "event_of_default"', 'on_fail = "default"')
    called = [event("notice", 0.5)]
    assert stand(mild, "margin_ladder", [rung(0, "call")], called, 3).fall == "default"
    back = [rung(0, "call"), rung(4, None, restored=True)]
    assert (stand(mild, "margin_ladder", back, called, 5).state, stand(mild, "margin_ladder", back, called, 5).fall) == ("restored", None)
    lasting = stand(NOTICE, "margin_ladder", back, called, 5)
    assert (lasting.state, lasting.fall) == ("restored", "event_of_default")
    assert stand(NOTICE, "margin_ladder", back, [*called, event("waiver", 6, id="2")], 7).fall is None


def test_a_worse_rung_needs_its_own_notice_and_shortens_the_clock() -> None:
    worse = [rung(0, "call"), rung(1, "accelerated_call")]
    legal = stand(NOTICE, "margin_ladder", worse, [event("notice", 0.5)], 1.2)
    assert (legal.state, legal.deadline, legal.rung) == ("call", at(2.5), "accelerated_call")
    again = stand(NOTICE, "margin_ladder", worse, [event("notice", 0.5), event("notice", 1.25, id="2")], 1.3)
    assert (again.state, again.deadline) == ("accelerated_call", at(1.75))
    late = stand(NOTICE, "margin_ladder", worse, [event("notice", 0.5), event("notice", 2.25, id="2")], 2.3)
    assert (late.state, late.deadline) == ("accelerated_call", at(2.5))  # 12 hours would end later than the call


def test_a_second_notice_of_the_same_call_does_not_restart_its_clock() -> None:
    assert stand(NOTICE, "margin_ladder", [rung(0, "call")], [event("notice", 0.5), event("notice", 2, id="2")], 2.1).deadline == at(2.5)


def test_the_right_to_liquidate_comes_in_a_running_call_and_its_deadline_still_lapses() -> None:
    seen = told(NOTICE, "margin_ladder", [rung(0, "call"), rung(1, "liquidation")], [event("notice", 0.5)], 9)
    assert (seen.at(at(1)).state, seen.at(at(1)).fall) == ("liquidation", None)
    assert (seen.at(at(3)).state, seen.at(at(3)).fall) == ("liquidation", "event_of_default")


def test_the_right_to_liquidate_that_comes_after_the_call_expired_is_its_own_news() -> None:
    seen = told(AT_ONCE, "margin_ladder", [rung(0, "call"), rung(5, "liquidation")], [], 9)
    assert [(one.at, one.after, one.why) for one in seen.transitions][1:] == [
        (at(2), "call_expired", "nobody met the call"), (at(5), "liquidation", "liquidation level reached"),
    ]  # fmt: skip
    assert (seen.at(at(6)).fall, seen.at(at(6)).fell) == ("event_of_default", at(2))


def test_a_call_ends_at_its_restore_level_in_time() -> None:
    called = [event("notice", 0.5)]
    between = [rung(0, "call"), rung(1, None), rung(2, None, restored=True), rung(3, None, restored=True)]
    states = [stand(NOTICE, "margin_ladder", between, called, day).state for day in (1.5, 2, 2.6, 3)]
    assert states == ["call", "restored", "restored", "normal"]
    assert stand(NOTICE, "margin_ladder", between, called, 9).fall is None


def test_a_notice_before_anything_may_be_called_is_no_call() -> None:
    assert stand(NOTICE, "margin_ladder", [rung(0, "notice"), rung(1, "call")], [event("notice", 0.5)], 2).state == "callable"


def test_a_waived_call_is_normal_while_it_lasts() -> None:
    seen = told(AT_ONCE, "margin_ladder", [rung(0, "call")], [event("waiver", 1, until=5)], 9)
    assert [(one.at, one.after) for one in seen.transitions if one.before != one.after] == [
        (at(0), "call"), (at(1), "normal"), (at(5) + dt.timedelta(microseconds=1), "call_expired"),
    ]  # fmt: skip
    assert (seen.at(at(1.5)).underlying, seen.at(at(3)).underlying, seen.at(at(3)).fall) == ("call", "call_expired", None)


def test_hours_of_a_business_clock_stand_still_over_a_holiday_weekend() -> None:
    friday = dt.datetime(2026, 10, 9, 12, tzinfo=dt.UTC)
    day = (friday - at(0)) / dt.timedelta(days=1)
    text = NOTICE.replace("starts", 'clock = "business"\nstarts')
    legal = stand(text, "margin_ladder", [rung(day - 1, "call")], [event("notice", day)], day + 1, calendar=US)
    assert legal.deadline == dt.datetime(2026, 10, 14, 12, tzinfo=dt.UTC)


def test_a_curable_trigger_is_switched_off_by_a_cure_that_names_it() -> None:
    text = TRIGGER % (1, 2)
    assert stand(text, "trigger", [fail(0)], [event("equity_cure", 3, amount=1)], 4).state == "off"
    assert stand(text, "trigger", [fail(0)], [event("equity_cure", 3, amount=1, covenant=None)], 4).state == "on"
    assert stand(text.replace("curable = true", ""), "trigger", [fail(0)], [event("equity_cure", 3, amount=1)], 4).state == "on"
    assert stand(text, "trigger", [fail(0), fail(9)], [event("equity_cure", 3, amount=1)], 10).state == "on"


def test_a_waived_trigger_is_off_while_it_lasts_and_counts_on_beneath() -> None:
    seen = told(TRIGGER % (1, 2), "trigger", [fail(0), passed(3)], [event("waiver", 1, until=5)], 9)
    assert [seen.at(at(day)).state for day in (0, 2, 4, 6)] == ["on", "off", "off", "curing"]
    assert stand(TRIGGER % (1, 2), "trigger", [fail(0)], [event("acceleration", 1)], 9).fall is None

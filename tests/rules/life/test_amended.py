"""Machines with former terms: each failure is followed up under those of the day that was tested."""

from __future__ import annotations

import datetime as dt

from rules.events import Event
from rules.life import Former, Tested, history
from rules.life.legal import terms_on
from tests.rules.life.happenings import CURE, EOD, GRACE, LADDER, PLAIN, TRIGGER, WEEKENDS, at, covenant, event, fail, passed, rung


def stood(was: str, is_now: str, class_: str, results: list[Tested], now: float, events: list[Event] | None = None) -> str:
    """The state at `now` where `was` held before day 10 and `is_now` from it on."""
    former = (Former(at(10).date(), covenant(was)),)
    made = history(covenant(is_now), class_, results, events or (), now=at(now), calendar=WEEKENDS, zone=dt.UTC, former=former)
    return made.at(at(now)).state


def test_terms_of_a_day() -> None:
    first, second, third = (covenant(text) for text in (PLAIN, EOD, GRACE))
    former = (Former(at(10).date(), first), Former(at(20).date(), second))
    assert [terms_on(third, former, at(day).date()) for day in (0, 9, 10, 19, 20, 99)] == [first, first, second, second, third, third]


def test_what_a_failure_is_and_its_cure_right_are_those_of_its_day() -> None:
    assert stood(EOD, PLAIN, "maintenance", [fail(9.5)], 50) == "event_of_default"
    assert stood(PLAIN, EOD, "maintenance", [fail(9.5)], 50) == "default"
    assert stood(PLAIN, EOD, "maintenance", [fail(10.5)], 50) == "event_of_default"
    assert stood(CURE, EOD, "maintenance", [fail(9.5)], 11) == "cure_pending"
    assert stood(EOD, CURE, "maintenance", [fail(9.5)], 11) == "event_of_default"
    paid = [event("equity_cure", 12, amount=5)]
    assert stood(CURE, PLAIN, "maintenance", [fail(9.5, shortfall=5)], 50, paid) == "cured"


def test_a_grace_is_that_of_the_day() -> None:
    notice = [event("notice", 12)]
    assert stood(GRACE, PLAIN, "maintenance", [fail(9.5)], 40, notice) == "event_of_default"
    assert stood(PLAIN, GRACE, "maintenance", [fail(9.5)], 40, notice) == "default"


def test_an_event_of_default_that_a_pass_ended_is_not_brought_back() -> None:
    remedied = EOD + 'continuing_until = "remedied"\n'
    assert stood(remedied, EOD, "maintenance", [fail(9.5), passed(12)], 50) == "compliant"
    assert stood(EOD + 'continuing_until = "waived"\n', remedied, "maintenance", [fail(9.5), passed(12)], 50) == "event_of_default"


def test_a_trigger_counts_tests_as_agreed_on_their_day() -> None:
    assert stood(TRIGGER % (1, 1), TRIGGER % (3, 1), "trigger", [fail(9)], 50) == "on"
    assert stood(TRIGGER % (3, 1), TRIGGER % (1, 1), "trigger", [fail(8), fail(9)], 50) == "pending"
    assert stood(TRIGGER % (3, 1), TRIGGER % (1, 1), "trigger", [fail(8), fail(9), fail(10)], 50) == "on"


def test_a_call_keeps_the_clock_of_its_day_and_what_its_expiry_makes() -> None:
    was, now = LADDER % "trigger", (LADDER % "trigger").replace("48h", "240h").replace("event_of_default", "default")
    former = (Former(at(10).date(), covenant(was)),)
    made = history(
        covenant(now), "margin_ladder", [rung(9, "call"), rung(10.5, "call")], now=at(12), calendar=WEEKENDS, zone=dt.UTC, former=former
    )
    legal = made.at(at(12))
    assert (legal.state, legal.fall, legal.fell) == ("call_expired", "event_of_default", at(11))
    assert stood(was, now, "margin_ladder", [rung(10.5, "call")], 13) == "call"

"""What holds of all three machines, whatever happens: replay is live evaluation, order of recording is nothing, unknown is nothing."""

from __future__ import annotations

import datetime as dt
import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.events import Event
from rules.life import Clockwork, Legal, Tested, fold
from rules.life.maintenance import Maintenance
from rules.months import add_months
from tests.rules.life.happenings import CAPPED, CURE, EOD, GRACE, LADDER, PLAIN, TRIGGER, at, covenant, event, fail, passed, stand, told
from tests.rules.small import WEEKENDS

END = 40
REMEDIED = EOD + 'continuing_until = "remedied"\n'
NOTICED = CURE.replace('"certificate"', '"notice"')
CONTINUOUS = PLAIN + 'test = { frequency = "daily" }\n'
MACHINES = st.sampled_from([
    (PLAIN, "maintenance"), (EOD, "maintenance"), (GRACE, "maintenance"), (CURE, "maintenance"), (NOTICED, "maintenance"),
    (REMEDIED, "maintenance"), (CONTINUOUS, "maintenance"), (CAPPED, "maintenance"), (GRACE, "reporting"), (TRIGGER % (1, 2), "trigger"),
    (TRIGGER % (2, 1), "trigger"), (LADDER % "notice", "margin_ladder"), (LADDER % "trigger", "margin_ladder"),
])  # fmt: skip
RUNGS = st.sampled_from([None, None, "notice", "call", "accelerated_call", "liquidation"])
KINDS = st.sampled_from([
    "equity_cure", "waiver", "forbearance", "notice", "reservation_of_rights", "default", "acceleration", "enforcement", "insolvency",
    "certificate_delivered", "prepayment",
])  # fmt: skip
DAYS = st.integers(0, END)
WORDS = st.sampled_from(["pass", "fail", "watch", "indeterminate", "not_tested"])


@st.composite
def results(draw: st.DrawFn) -> list[Tested]:
    days = sorted(draw(st.lists(DAYS, max_size=8)))
    return [
        Tested(
            at(day), draw(WORDS), draw(RUNGS), at(day + draw(st.sampled_from([0, 0, 3]))), None, draw(st.booleans()), draw(st.booleans()),
            None, draw(st.sampled_from([5.0, None])),
        )
        for day in days
    ]  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        kind, day = draw(KINDS), draw(DAYS)
        until = day + draw(st.integers(1, 15)) if kind == "forbearance" or (kind == "waiver" and draw(st.booleans())) else None
        late, whose = draw(st.sampled_from([0, 0, 2, -1])), draw(st.sampled_from(["c", None]))
        found.append(event(kind, day, max(0, day + late), until, draw(st.sampled_from([None, 4.0, 10.0])), str(number), whose))
    if found and draw(st.booleans()):
        found.append(event("withdrawal", draw(DAYS), id="99", refers="0"))
    return found


@settings(max_examples=400, deadline=None)
@given(MACHINES, results(), events())
def test_replay_up_to_any_day_is_live_evaluation_on_that_day(machine: tuple[str, str], tests: list[Tested], facts: list[Event]) -> None:
    news = {one.known for one in facts if one.known > one.effective or one.kind == "withdrawal"}
    for day in range(END + 1):
        known = next((day for day in range(day, END) if at(day + 1) in news), END)  # until the next late news nothing but time passes
        live = stand(*machine, [one for one in tests if one.seen <= at(day)], [one for one in facts if one.known <= at(day)], day)
        assert told(*machine, tests, facts, END, known).at(at(day)) == live, day


@settings(deadline=None)
@given(MACHINES, results(), events(), st.randoms(use_true_random=False))
def test_the_order_of_recording_decides_nothing(
    machine: tuple[str, str], tests: list[Tested], facts: list[Event], dice: random.Random
) -> None:
    kept = [one for one in facts if one.kind != "withdrawal"]
    numbers = [str(place) for place in range(len(kept))]
    dice.shuffle(numbers)
    again = [msgspec.structs.replace(one, id=number) for one, number in zip(kept, numbers, strict=True)]
    dice.shuffle(again)
    mixed = dice.sample(tests, len(tests))
    assert told(*machine, mixed, again, END) == told(*machine, tests, kept, END)


@settings(deadline=None)
@given(MACHINES, results(), events())
def test_what_is_not_known_changes_nothing(machine: tuple[str, str], tests: list[Tested], facts: list[Event]) -> None:
    assert told(*machine, tests, facts, END) == told(*machine, [one for one in tests if one.decided], facts, END)


@settings(deadline=None)
@given(MACHINES, results(), events(), DAYS, st.integers(1, 15), st.sampled_from(["waiver", "forbearance"]))
def test_when_a_waiver_ends_the_state_is_what_it_would_have_been_without(
    machine: tuple[str, str], tests: list[Tested], facts: list[Event], start: int, length: int, kind: str
) -> None:
    spared = event("waiver" if kind == "waiver" else "forbearance", start, until=start + length, id="77")
    without, under = told(*machine, tests, facts, END), told(*machine, tests, [*facts, spared], END)
    for day in range(END + 1):
        if day < start or day > start + length:
            assert bare(under.at(at(day))) == bare(without.at(at(day))), day


def bare(legal: Legal) -> Legal:
    """A standing without whether a lapse brought it: the end of a waiver is one."""
    return msgspec.structs.replace(legal, by_lapse=False)


@settings(deadline=None)
@given(results(), events(), st.sampled_from(["notice", "trigger"]))
def test_a_worse_rung_never_lengthens_a_clock(tests: list[Tested], facts: list[Event], starts: str) -> None:
    running = None
    for one in told(LADDER % starts, "margin_ladder", tests, [one for one in facts if one.kind != "waiver"], END).transitions:
        called = one.after in ("call", "accelerated_call") and one.legal.underlying is None
        if called and running is not None:
            assert one.legal.deadline is not None and one.legal.deadline <= running
        running = one.legal.deadline if called else None


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=24))
def test_no_more_cures_than_the_agreement_gives(quarters: list[tuple[bool, bool]]) -> None:
    tests, facts = [], []
    for place, (good, pays) in enumerate(quarters):
        period = add_months(dt.date(2026, 3, 31), 3 * place)
        day = (period - dt.date(2025, 12, 31)).days
        tests.append((passed if good else fail)(day, day + 30)._replace(shortfall=5.0))
        if pays:
            facts.append(event("equity_cure", day + 40, amount=5, id=str(place), period=period))
    machine = Maintenance(covenant(CAPPED), Clockwork(WEEKENDS))
    fold(machine, tests, facts, at(4000))
    days = machine.cured
    assert len(days) <= 5
    for place, day in enumerate(days):
        assert sum(add_months(day, -12) < other <= day for other in days[: place + 1]) <= 2
        assert place == 0 or days[place - 1] < add_months(day, -3)

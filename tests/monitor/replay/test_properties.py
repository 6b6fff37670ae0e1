"""Replays against live answers, day by day: small desks at random, and the shipped one."""

from __future__ import annotations

import shutil
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitor.replay.run import replay
from rules.events import Event
from tests.monitor.replay.asked import DAY, days, live, opened, said, when
from tests.monitor.replay.desks import SPAN, START, desks, lines
from tests.rules.shipped import session


@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.one_of(desks(), lines()), st.sampled_from((1, 3)), st.booleans())
def test_replay_up_to_any_day_is_what_was_answered_on_that_day(made: tuple[Path, list[Event]], step: int, capped: bool) -> None:
    root, events = made
    here = opened(root, events)
    wanted = [START + DAY * n for n in range(0, SPAN, step)]
    known = when("2026-04-05") if capped else None
    told = replay(here, wanted, known)
    for n in range(0, len(wanted), 2 if step == 3 else 5):
        assert said(told, n) == live(here, told.instants[n], told.known_at[n]), wanted[n]
    shuffled = replay(opened(root, events[::-1]), wanted, known)
    assert [said(shuffled, n) for n in range(len(wanted))] == [said(told, n) for n in range(len(wanted))]
    half = replay(here, wanted[: len(wanted) // 2], known)
    assert [said(half, n) for n in range(len(half.days))] == [said(told, n) for n in range(len(half.days))]
    shutil.rmtree(root)


def test_the_shipped_desk_replays_to_what_it_said() -> None:
    here = session("shipped")
    told = replay(here, days("2026-09-20", "2026-10-16"))
    for n in range(0, len(told.days), 4):
        assert said(told, n) == live(here, told.instants[n], told.known_at[n]), told.days[n]

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


@settings(max_examples=20, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
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


@settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.one_of(desks(), lines()), st.integers(10, SPAN - 15), st.integers(0, 12), st.integers(60, 160))
def test_nothing_said_before_a_revision_was_known_leaks_it(made: tuple[Path, list[Event]], at: int, later: int, value: int) -> None:
    root, events = made
    wanted, seen, known = [START + DAY * n for n in range(SPAN)], START + DAY * at, START + DAY * (at + later)
    plain = replay(opened(root, events), wanted)
    with (root / "marks" / "m.csv").open("a") as out:
        out.write(f"BTC.price,{seen},{value},USD/BTC,one,{known}T18:00:00Z\n")
    eve = when(f"{known}T17:59:59")
    revised, shut = replay(opened(root, events), wanted), replay(opened(root, events), wanted, eve)
    before = [n for n, end in enumerate(revised.instants) if end <= eve]
    assert before and all(said(revised, n) == said(plain, n) for n in before)
    without = replay(opened(_without_the_last_row(root), events), wanted, eve)
    assert [said(shut, n) for n in range(SPAN)] == [said(without, n) for n in range(SPAN)], "--known-at hears nothing of it on any day"
    assert [repr(row.actual.tolist()) for row in shut.tracks] == [repr(row.actual.tolist()) for row in without.tracks]
    shutil.rmtree(root)


def _without_the_last_row(root: Path) -> Path:
    marks = root / "marks" / "m.csv"
    marks.write_text("".join(marks.read_text().splitlines(keepends=True)[:-1]))
    return root


def test_the_shipped_desk_replays_to_what_it_said() -> None:
    here = session("shipped")
    told = replay(here, days("2026-09-20", "2026-10-16"))
    for n in range(0, len(told.days), 4):
        assert said(told, n) == live(here, told.instants[n], told.known_at[n]), told.days[n]

"""Dated events replayed by the as-of alone, against the figures that were collected; tests/cases asks for the rest."""

from __future__ import annotations

import json

import pytest

from tests.published import data_file
from tests.rules.shipped import actual, reading


def say(name: str, as_of: str) -> tuple[str, float]:
    one = reading(name, as_of=as_of, desk="history")
    return one.result, actual(one)


def test_the_figures_are_those_of_the_collected_events() -> None:
    events = json.loads(data_file("events.json").read_text(encoding="utf-8"))
    events = events if isinstance(events, list) else events["events"]
    computed = {one["id"]: one["computed"] for one in events}
    asked = {
        "iren-2022-11-02-dscr": ("iren-spv3-nydig/dscr", "2022-11-02"),
        "bitf-2022-06-17": ("bitf-galaxy/coverage", "2022-06-17"),
        "bitf-2022-06-21-cured": ("bitf-galaxy/coverage", "2022-06-21"),
        "mstr-2022-06-14": ("mstr-silvergate/ltv", "2022-06-14"),
        "mstr-2022-06-15": ("mstr-silvergate/ltv", "2022-06-15T12:00Z"),
    }
    for event, (name, as_of) in asked.items():
        assert say(name, as_of)[1] == pytest.approx(computed[event], abs=5.1e-5), event

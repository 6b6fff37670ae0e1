"""Dated events, replayed by the as-of alone: what a monitor must have said on that day."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.rules.shipped import actual, breach, reading, standing

BTC = "BTC.price"


def say(name: str, as_of: str) -> tuple[str, float]:
    one = reading(name, as_of=as_of, desk="history")
    return one.result, actual(one)


def test_microstrategy_was_near_its_trigger_and_through_it_intraday() -> None:
    result, ltv = say("mstr-silvergate/ltv", "2022-06-14")
    assert result != "fail"
    assert ltv == pytest.approx(0.473, abs=5e-4)
    assert breach(reading("mstr-silvergate/ltv", as_of="2022-06-14", desk="history"), BTC)[0] == pytest.approx(21_062, abs=0.5)
    assert say("mstr-silvergate/ltv", "2022-06-15T12:00Z") == ("fail", pytest.approx(0.513, abs=5e-4))


def test_iris_energy_could_not_cover_its_debt_service() -> None:
    assert say("iren-spv3-nydig/dscr", "2022-11-02") == ("fail", pytest.approx(0.286, abs=5e-4))
    assert standing("iren-spv3-nydig/dscr", "2022-11-02", "history").legal.state in ("default", "event_of_default")


def test_bitfarms_was_on_watch_and_cured() -> None:
    assert say("bitf-galaxy/coverage", "2022-06-17") == ("watch", pytest.approx(1.3365, abs=5e-5))
    assert breach(reading("bitf-galaxy/coverage", as_of="2022-06-17", desk="history"), BTC)[0] == pytest.approx(21_893, abs=0.5)
    assert say("bitf-galaxy/coverage", "2022-06-21") == ("pass", pytest.approx(1.8948, abs=5e-5))


def test_canaan_stood_at_its_trigger() -> None:
    assert say("can-loan-b/btc-price", "2024-06-30")[0] == "pass"
    assert breach(reading("can-loan-b/btc-price", as_of="2024-06-30", desk="history"), BTC)[0] == pytest.approx(49_500)


def test_levels_that_are_not_public_are_never_a_pass() -> None:
    assert reading("mara-lines/ltv", "indicative", "2025-12-31", "history").result == "not_tested"
    assert actual(reading("mara-lines/ltv", "indicative", "2025-12-31", "history")) == pytest.approx(0.675, abs=5e-4)


def test_the_figures_are_those_of_the_collected_events() -> None:
    folder = Path(os.environ.get("COVENANT_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not (folder / "events.json").exists():
        pytest.skip("neither COVENANT_DATA nor ../shared/data holds events.json")
    events = json.loads((folder / "events.json").read_text(encoding="utf-8"))
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

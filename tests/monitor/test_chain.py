"""`covenant chain`: the illustrative group on its days, fire sales that move marks, circles that end."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from monitor.chain.answer import StepPart
from monitor.chain.build import in_order
from monitor.cli import main
from monitor.places import SHIPPED
from tests.monitor import two_coins

GOLDEN = Path(__file__).with_name("golden") / "chain.txt"


def asked(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["chain", *argv]) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(asked(capsys, *argv, "--format", "json"))
    return made


def falls(made: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["facility"], one["state"]): one for one in made["steps"] if one["kind"] == "falls"}


def test_the_page_is_the_golden_one_and_fits(capsys: pytest.CaptureFixture[str]) -> None:
    made = asked(capsys)
    if os.environ.get("COVENANT_GOLDEN") == "write":
        GOLDEN.write_text(made)
    assert made == GOLDEN.read_text() and max(map(len, made.split("\n"))) <= 80


def test_the_group_falls_on_its_days(capsys: pytest.CaptureFixture[str]) -> None:
    """The call lapses after 48 h, the DDTL falls the same instant, the convertible 30 days after notice of the acceleration."""
    made = told(capsys)
    found = falls(made)
    alder, ddtl = found["rowan-alder", "event_of_default"], found["rowan-compute", "event_of_default"]
    assert alder["at"] == ddtl["at"] == "2026-10-10T09:00:00Z"
    assert ddtl["causes"] == ["rowan-alder"] and "8.1(f)" in ddtl["clause"]
    convert = dt.datetime.fromisoformat(found["rowan-convert", "event_of_default"]["at"])
    assert (convert - dt.datetime.fromisoformat(alder["at"])).days == 30
    assert {"rowan-alder", "rowan-compute", "rowan-convert"} <= set(made["fallen"])


def test_a_recorded_notice_is_the_one_that_counts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    shutil.copytree(SHIPPED, desk)
    when = "2026-10-08T02:10:00Z"
    argv = ["event", "notice", "rowan-alder/ltv", "--effective", when, "--known", when, "--by", "desk", "--desk", str(desk)]
    assert main(argv) == 0
    capsys.readouterr()
    assert falls(told(capsys, "--desk", str(desk)))["rowan-alder", "event_of_default"]["at"] == "2026-10-10T02:10:00Z"


def test_free_coins_meet_the_calls_and_then_the_cures(capsys: pytest.CaptureFixture[str]) -> None:
    rowan = next(one for one in told(capsys)["resources"] if one["group"] == "rowan")
    assert rowan["meets_calls_down_to"] == pytest.approx(52.5e6 / 0.6 / 1275)
    assert rowan["meets_calls_down_to"] == pytest.approx(68_627, abs=1) and rowan["meets_all_down_to"] == pytest.approx(69_703, abs=1)


def test_a_fire_sale_moves_the_mark_for_every_holder(capsys: pytest.CaptureFixture[str]) -> None:
    made = told(capsys, "--if", "birch-btc=acceleration")
    sale = next(one for one in made["steps"] if one["kind"] == "sale" and one["facility"] == "birch-btc")
    assert sale["after"] == pytest.approx(sale["before"] * (1 - 0.025 * (1150 / 12_000) ** 0.5))
    later = next(one for one in made["steps"] if one["kind"] == "sale" and one["facility"] == "rowan-alder")
    assert later["before"] == sale["after"]
    assert not [one for one in told(capsys, "--no-sales")["steps"] if one["kind"] == "sale"]


def test_never_both_ways_along_one_clause(capsys: pytest.CaptureFixture[str]) -> None:
    """The DDTL falls first: Alder falls by it, and nothing says that the DDTL fell by Alder."""
    found = falls(told(capsys, "--if", "rowan-compute=acceleration"))
    assert found["rowan-alder", "event_of_default"]["causes"] == ["rowan-compute"]
    assert found["rowan-compute", "accelerated"]["causes"] == []


@pytest.mark.parametrize("name", ["birch-btc", "rowan-compute", "tamar-h100"])
def test_more_defaults_at_the_start_never_spare_anybody(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert {*told(capsys)["fallen"], name} <= set(told(capsys, "--if", name)["fallen"])


@pytest.mark.parametrize("argv", [(), ("--if", "rowan-compute"), ("--if", "birch-btc=default"), ("--days", "31"), ("--no-sales",)])
def test_a_fall_has_its_own_date_whatever_else_happens(argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing links Linden to anybody: its test of the end of October fails at its end; Kestrel's Default began before the start."""
    found = falls(told(capsys, *argv))
    assert found["linden-b200", "cure_pending"]["at"] == "2026-11-01T00:00:00Z"
    assert found["kestrel-abl", "default"]["at"] == "2026-10-07T00:00:00Z"


def test_steps_are_in_order_and_those_assumed_from_the_start_on(capsys: pytest.CaptureFixture[str]) -> None:
    made = told(capsys)
    days = [one["at"] for one in made["steps"]]
    assert days == sorted(days) and min(one["at"] for one in made["steps"] if one["assumed"]) == made["as_of"]


def test_a_fall_before_the_horizon_is_seen_though_no_clock_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """Without its grace ending in between, the test date alone brings Linden down; a day before it nothing is said of it."""
    assert ("linden-b200", "cure_pending") in falls(told(capsys, "--days", "24"))
    assert ("linden-b200", "cure_pending") not in falls(told(capsys, "--days", "23"))


def test_a_fall_is_not_dated_before_the_mark_that_shows_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The first print of a price is that of the as-of: nothing is known of the nine months since the closing, nor of a default in them."""
    root = two_coins.write(tmp_path / "desk", btc=[60.0])
    assert main(["chain", "--desk", str(root), "--format", "json"]) == 0
    falls = [one for one in json.loads(capsys.readouterr().out)["steps"] if one["kind"] == "falls"]
    assert [(one["facility"], one["at"][:10]) for one in falls] == [("one", "2026-10-01")]


def test_the_first_of_a_circle_says_by_whom_it_fell(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each of two loans is in default where the other is: one fails by itself, and both fall."""
    root = two_coins.write(tmp_path / "desk", btc=[100.0] * 300 + [60.0])
    for one, other in (("one", "two"), ("two", "one")):
        link = f'[[cross_link]]\nkind = "cross_default"\non_default_of = {{ facilities = ["{other}"] }}\ngrace = "2D"\n'
        path = root / "facilities" / f"{one}.toml"
        path.write_text(path.read_text() + link)
    assert main(["chain", "--desk", str(root)]) == 0
    tree = capsys.readouterr().out.partition("Who falls by whom:")[2]
    assert "\n  two  2026-10-02 24:00Z Event of Default: cross-default, of one\n    `- one " in tree


def test_graphviz(capsys: pytest.CaptureFixture[str]) -> None:
    made = asked(capsys, "--format", "dot")
    assert made.startswith("digraph chain {") and '"rowan-alder" -> "rowan-compute"' in made and made.rstrip().endswith("}")


@pytest.mark.parametrize("argv", [["--if", "nobody"], ["--if", "birch-btc=ruin"], ["--mark", "BTC.price=-200%"]])
def test_words_that_are_no_question(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chain", *argv]) == 64
    assert capsys.readouterr().err.startswith("covenant: ")


def test_within_an_instant_a_cause_comes_before_its_effect() -> None:
    def step(kind: str, facility: str, *causes: str, at: str = "2026-10-16T00:00:00Z") -> StepPart:
        return StepPart(at=at, kind=kind, facility=facility, state=None, clause=None, causes=list(causes), assumed=False)

    effect, act, cause, root = step("falls", "b", "a"), step("acceleration", "b"), step("falls", "a", "c"), step("falls", "c")
    later = step("falls", "d", at="2026-10-17T00:00:00Z")
    assert in_order([later, effect, act, cause, root]) == [root, cause, effect, act, later]
    circle = [step("falls", "a", "b"), step("falls", "b", "a")]
    assert sorted(one.facility for one in in_order(circle)) == ["a", "b"]

"""Scenarios: customers and hedges that leave, windows of the past, prefixes that move all their bases; asked by every verb."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor import cli
from monitor.places import SHIPPED
from monitor.stress import scenarios
from tests.monitor import two_coins

Ask = Callable[..., dict[str, Any]]
SCENARIOS = """\
[[scenario]]
id = "tenant-leaves"
reject = [{ customer = "Anchor customer", facility = "tamar-h100" }]

[[scenario]]
id = "tenant-leaves-as-rents-fall"
shock = [{ series = "H100-SXM.rent", change = -0.30 }]
reject = [{ customer = "Anchor customer" }]

[[scenario]]
id = "swap-lost"
shock = [{ series = "SOFR.rate", change_bp = 300 }]
unhedge = [{ facility = "tamar-h100" }]

[[scenario]]
id = "swap-kept"
shock = [{ series = "SOFR.rate", change_bp = 300 }]
"""


def desk(root: Path, *edits: tuple[str, str]) -> Path:
    """The shipped desk with these scenarios, its Tamar loan edited."""
    shutil.copytree(SHIPPED, root)
    (root / "scenarios" / "more.toml").write_text(SCENARIOS)
    loan = root / "facilities" / "tamar-h100.toml"
    text = loan.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    loan.write_text(text)
    return root


def actual(made: dict[str, Any], name: str) -> float:
    """The figure of a covenant that fails in the world of a scenario."""
    found: float = next(one["actual"] for one in made["scenarios"][0]["fails"] if one["id"] == name)
    return found


def now(told: Ask, root: Path, name: str) -> float:
    """A covenant's figure in the marks of now, along the desk's curves as all of stress is."""
    made = told("stress", "--desk", root, "--grid", "BTC.price=0%..0%:2")["grid"]
    value: float = next(one["actual_now"] for one in made["covenants"] if one["id"] == name)
    return value


FORWARD = """
[[covenant]]
id = "forward"
rule = "dscr_fwd"
operator = ">="
threshold = 9.0
test = { frequency = "quarterly", first = 2026-09-30 }
"""


def test_a_customer_that_leaves_is_a_contract_that_ends_today(told: Ask, tmp_path: Path) -> None:
    """The units re-let at the mark: the same figure as of a desk whose file says that the contract ends on the as-of."""
    tail = ("[[account]]\n", FORWARD + "\n[[account]]\n")
    kept = desk(tmp_path / "kept", tail)
    ended = desk(tmp_path / "ended", tail, ("end = 2027-12-31\n", "end = 2026-10-08\n"))
    left = actual(told("stress", "--desk", kept, "--scenario", "tenant-leaves", "--facility", "tamar-h100"), "tamar-h100/forward")
    assert left == pytest.approx(now(told, ended, "tamar-h100/forward"), rel=1e-12)
    assert left != pytest.approx(now(told, kept, "tamar-h100/forward"), rel=1e-3)


def test_a_customer_is_only_missed_where_rents_are_lower_than_its_own(told: Ask, tmp_path: Path) -> None:
    root = desk(tmp_path / "desk", ("[[account]]\n", FORWARD + "\n[[account]]\n"))
    both = actual(told("stress", "--desk", root, "--scenario", "tenant-leaves-as-rents-fall"), "tamar-h100/forward")
    alone = actual(told("stress", "--desk", root, "--scenario", "tenant-leaves"), "tamar-h100/forward")
    assert both < alone


def test_without_its_swap_a_loan_pays_the_rate_of_the_shock(told: Ask, tmp_path: Path) -> None:
    tail = ("[[account]]\n", FORWARD + "\n[[account]]\n")
    root = desk(tmp_path / "desk", tail)
    bare = desk(tmp_path / "bare", tail, ("end = 2031-12-31\n", "end = 2026-10-08\n"))
    lost, kept = (actual(told("stress", "--desk", root, "--scenario", name), "tamar-h100/forward") for name in ("swap-lost", "swap-kept"))
    assert lost == pytest.approx(actual(told("stress", "--desk", bare, "--scenario", "swap-kept"), "tamar-h100/forward"), rel=1e-12)
    assert lost < kept == pytest.approx(now(told, root, "tamar-h100/forward"), rel=1e-9)  # fixed for floating, whole


WINDOW = """\
[[scenario]]
id = "as-it-happened"
window = { from = "2026-07-01", to = "2026-09-15", series = ["BTC"] }

[[scenario]]
id = "before-any-print"
window = { from = "2021-05", to = "2022-12" }
"""


def test_a_window_is_the_relative_path_of_its_days_from_today_on(
    told: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """BTC went from 200 to 90 and back to 150; today it is 100, so that the worst day stands at 45."""
    path = [200.0] * 20 + [90.0] + [150.0] * 70 + [100.0] * 15
    root = two_coins.write(tmp_path / "desk", btc=path, eth=[100.0] * len(path), owed=400)
    (root / "scenarios").mkdir()
    (root / "scenarios" / "past.toml").write_text(WINDOW)
    made = told("stress", "--desk", root, "--scenario", "as-it-happened")["scenarios"][0]
    assert made["failing"] == 1 and made["newly"] == 1 and made["missing"] == pytest.approx(400 - 0.7 * 450)
    fail = made["fails"][0]
    assert fail["id"] == "one/ltv" and fail["actual"] == pytest.approx(400 / 450) and fail["first"] == made["worst"]
    at = {point[0]: point[1] for point in made["path"]}
    assert list(at) == sorted(at) and at["2026-09-15"] == 0  # 150 of 200 is 75 today: passes
    assert cli.main(["stress", "--desk", str(root), "--scenario", "before-any-print"]) == 64
    assert "scenario before-any-print: no marks between 2021-05 and 2022-12" in capsys.readouterr().err


def test_no_day_of_a_long_window_is_passed_over(told: Ask, tmp_path: Path) -> None:
    """The one bad day of two years, wherever it lies: the first failure and the worst point are it."""
    for bad in (251, 252, 253):
        path = [200.0] * 600 + [100.0] * 30
        path[bad] = 90.0
        root = two_coins.write(tmp_path / str(bad), btc=path, eth=[100.0] * len(path), owed=400)
        (root / "scenarios").mkdir()
        window = 'window = { from = "2024", to = "2026-08-15", series = ["BTC.price"] }\n'
        (root / "scenarios" / "past.toml").write_text('[[scenario]]\nid = "long"\n' + window)
        made = told("stress", "--desk", root, "--scenario", "long")["scenarios"][0]
        day = two_coins.AS_OF - dt.timedelta(days=len(path) - 1 - bad)
        assert made["failing"] == 1 and made["worst"] == made["fails"][0]["first"] == day.isoformat()


def test_a_thinned_window_keeps_its_extremes() -> None:
    factors = np.ones((2, 5000))
    factors[0, 1234], factors[1, 4321] = 0.1, 3.0
    kept = scenarios.kept_of(factors, 400)
    assert {0, 1234, 4321, 4999} <= set(kept.tolist()) and 400 <= len(kept) <= 404 and (np.diff(kept) > 0).all()
    assert scenarios.kept_of(factors[:, :300], 400).tolist() == list(range(300))


def test_a_prefix_moves_all_its_bases_together(told: Ask) -> None:
    whole = told("stress", "--grid", "H100-SXM=-50%..0%:3")["grid"]
    each = told("stress", "--grid", "H100-SXM.price=-50%..-50%:2,H100-SXM.rent=-50%..-50%:2")["grid"]
    assert {name.split(".")[1] for name in whole["axes"][0]["series"]} == {"price", "rent"}
    for one, two in zip(whole["covenants"], each["covenants"], strict=True):
        assert one["id"] == two["id"] and one["actual"][0] == two["actual"][0] and one["results"][0] == two["results"][0]
    assert whole["failing"][0] == each["failing"][0]


@pytest.mark.parametrize("verb", ["liquidate", "chain", "cure"])
def test_other_verbs_ask_inside_a_scenario(told: Ask, tmp_path: Path, verb: str) -> None:
    """The scenario that lists shocks is the same world as the shocks."""
    words = [verb] + (["rowan-alder"] if verb != "chain" else [])
    inside = told(*words, "--scenario", "coins-and-rents")
    sizes = {"BTC": 40, "H100-SXM": 30, "H200-SXM": 30, "B200": 30}
    marks = [word for name, size in sizes.items() for word in ("--mark", f"{name}=-{size}%")]
    beside = json.loads(json.dumps(told(*words, *marks)).replace("given by --mark", "given by scenario coins-and-rents"))
    assert inside == beside and inside != told(*words)


def test_a_scenario_of_terms_reaches_the_other_verbs(told: Ask, tmp_path: Path) -> None:
    tail = ("[[account]]\n", FORWARD + "\n[[account]]\n")
    kept = desk(tmp_path / "kept", tail)
    ended = desk(tmp_path / "ended", tail, ("end = 2027-12-31\n", "end = 2026-10-08\n"))
    left, alone = (
        told("cure", "tamar-h100/forward", "--desk", root, *words)["covenants"][0]["actual"]
        for root, words in ((kept, ["--scenario", "tenant-leaves"]), (ended, ["--mark", "H100-SXM.rent=+0%"]))
    )
    assert left == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("verb", ["liquidate", "chain"])
def test_a_scenario_that_is_none(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([verb, "--scenario", "coins-and-rent"]) == 64
    assert "did you mean 'coins-and-rents'" in capsys.readouterr().err


def test_a_chain_in_every_world_of_a_grid(told: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    made = told("chain", "--grid", "BTC.price=-60%..0%:3")
    fallen = [{one["facility"] for one in world["falls"]} for world in made["worlds"]]
    assert [world["shocks"] for world in made["worlds"]] == ["BTC.price -60%", "BTC.price -30%", "BTC.price +0%"]
    assert fallen[2] == set(told("chain")["fallen"])
    assert set(made["worlds"][0]["liquidated"]) == {"birch-btc", "rowan-alder"}
    for bad in (["--grid", "BTC.price=-60%..0%:100"], ["--grid", "BTC.price=-60%..0%:3", "--format", "dot"], ["--grid", "BTX=-1%"]):
        assert cli.main(["chain", *bad]) == 64
        assert capsys.readouterr().err.startswith("covenant: ")


CASE = """\
[[case]]
name = "the tenant leaves while rents fall"
facility = "tamar-h100"
[case.stress]
at = "H100-SXM.rent=-60%"
reject = [{{ customer = "Anchor customer" }}]
expect.{covenant} = {wanted}

[[case]]
name = "coins and rents fall"
[case.stress]
scenario = "coins-and-rents"
expect."birch-btc/ltv" = 0.696
expect."rowan-alder/ltv" = {{ result = "fail", now = "fail", missing = 21.2e6 }}
report = {{ failing = 5, newly = 0, worst = "null" }}
"""


@pytest.mark.parametrize(("wanted", "code"), [('{ result = "fail", threshold = 9 }', 0), ("{ actual = 7 }", 1)])
def test_a_test_file_says_what_must_hold_in_a_moved_world(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wanted: str, code: int
) -> None:
    root = desk(tmp_path / "desk", ("[[account]]\n", FORWARD + "\n[[account]]\n"))
    (root / "tests" / "moved.toml").write_text(CASE.format(covenant="forward", wanted=wanted))
    assert cli.main(["test", "--desk", str(root), str(root / "tests" / "moved.toml")]) == code
    out = capsys.readouterr().out
    assert ("tamar-h100/forward" in out) is (code == 1)


def test_a_mark_given_on_top_of_others_leaves_them_given(tmp_path: Path) -> None:
    """A sale moves one mark of a desk whose marks are given: the others stay given, also where a column of them is read."""
    from monitor.marks.columns import column
    from monitor.session import moments, open_desk
    from monitor.shocked import with_levels

    session = open_desk(two_coins.write(tmp_path / "desk"))
    at, _ = moments(session, None, None)
    both = with_levels(with_levels(session, {"BTC.price": 70.0, "ETH.price": 60.0}, at), {"ETH.price": 50.0}, at)
    later = at + dt.timedelta(days=40)
    for name, level in (("BTC.price", 70.0), ("ETH.price", 50.0)):
        values, data = column(both.history, name, [at, later], [later, later])
        assert values.tolist() == [level, level] and data.tolist() == [0, 0]
        assert both.history.instants(name, later, later)[-1] == at

"""Published figures and closed forms, each through the command that a user would type."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rules.normal import cdf, joint
from tests.monitor import two_coins
from tests.published import published

CASES = Path(__file__).parents[1] / "cases"
Ask = Callable[..., dict[str, Any]]


def closed(told: Ask, form: str, **given: float) -> dict[str, float]:
    found: dict[str, float] = told("stress", "--closed", f"{form}:" + ",".join(f"{name}={value!r}" for name, value in given.items()))[
        "closed"
    ]
    return found


@pytest.mark.parametrize("firm", range(5))
def test_five_firms_of_merton(told: Ask, firm: int) -> None:
    case = published("ST-01")
    given, wanted, within = case["inputs"], case["expected"], case["tolerance"]["abs"] * 1.01
    names = {"equity": "equity_1e7", "equity_vol": "equity_vol", "debt": "liability_1e7", "drift": "drift"}
    inputs = {name: given[column][firm] for name, column in names.items()}
    made = closed(told, "merton", rate=given["rate"], years=given["horizon_years"], **inputs)
    for name, column in {"pd": "pd", "distance": "dd", "asset": "asset_1e7"}.items():
        assert made[name] == pytest.approx(wanted[column][firm], abs=within), name


def test_the_worst_case_rate_of_a_large_book(told: Ask) -> None:
    case = published("ST-06")
    given = case["inputs"]
    made = closed(
        told, "wcdr", pd=given["pd"], rho=given["rho"], confidence=given["confidence"], lgd=given["lgd"], exposure=given["exposure_musd"]
    )
    assert made["wcdr"] == pytest.approx(case["expected"]["wcdr"], abs=case["tolerance"]["abs"])
    assert made["loss"] == pytest.approx(case["expected"]["wcdr"] * given["lgd"] * given["exposure_musd"], abs=0.04)


@pytest.mark.parametrize("row", range(9))
def test_the_cheapest_sale_at_nine_aversions(told: Ask, row: int) -> None:
    case = published("ST-07")
    given, wanted = case["inputs"], case["expected"]
    made = closed(
        told, "almgren", units=given["X"], days=given["T_days"], steps=given["N"], volatility=given["sigma_daily"], spread=given["epsilon"],
        permanent=given["gamma"], temporary=given["eta"], aversion=given["lambda_"][row],
    )  # fmt: skip
    assert made["cost"] / 1e6 == pytest.approx(wanted["mean"][row], abs=1e-4)
    assert made["variance"] / 1e12 == pytest.approx(wanted["var"][row], abs=1e-4)
    assert made["utility"] / 1e6 == pytest.approx(wanted["utility"][row], abs=1e-4)
    assert made["half_life"] == pytest.approx(wanted["halflife"][row], rel=2e-3)


def test_both_default_under_a_gaussian_copula(told: Ask) -> None:
    case = published("ST-09")
    for (a, b, rho), wanted in zip(case["inputs"]["rows"], case["expected"]["p"], strict=True):
        assert closed(told, "joint", a=a, b=b, rho=rho)["probability"] == pytest.approx(wanted, abs=case["tolerance"]["abs"])


@pytest.mark.parametrize("name", ["ltv-01", "ltv-02", "ltv-10"])
def test_the_printed_ladders(told: Ask, name: str) -> None:
    made = told("test", CASES / f"{name}.toml")
    assert made["cases"]
    assert all(one["status"] == "ok" for one in made["cases"])


def test_a_lognormal_breach_is_the_closed_form_within_the_error_it_states(told: Ask, tmp_path: Path) -> None:
    """500 owed on 10 coins at 100: 70 % is passed below 71.43. The chances of the first date, and of both together, have closed forms."""
    desk = two_coins.write(tmp_path / "desk")
    made = told("stress", "--desk", desk, "--paths", 40_000, "--seed", 5, "--horizon", "3m", "--dial", "0..1:3")["joint"]
    years = 92 / 365.25
    level = (math.log(500 / 0.70 / 1000) + 0.36 * years / 2) / (0.6 * math.sqrt(years))
    for dial in made["dials"]:
        for one in dial["covenants"]:
            assert one["probability"] == pytest.approx(cdf(level), abs=3 * one["error"]) and one["error"] < 0.0025
        both = dial["together"][2] / dial["paths"]
        rho = (1 - dial["dial"]) * 0.3 + dial["dial"]
        wanted = cdf(level) if rho == 1 else float(joint(level, level, rho))
        assert both == pytest.approx(wanted, abs=3 * math.sqrt(wanted * (1 - wanted) / dial["paths"]))
        assert dial["any"] == pytest.approx(2 * cdf(level) - wanted, abs=3 * dial["any_error"])
        assert dial["mean"] == pytest.approx(2 * cdf(level), abs=3 * dial["mean_error"])


def test_dial_1_moves_everything_together_to_the_digit(told: Ask, tmp_path: Path) -> None:
    desk = two_coins.write(tmp_path / "desk")
    dials = told("stress", "--desk", desk, "--paths", 9_000, "--horizon", "2y", "--dial", "0..1:2")["joint"]["dials"]
    one, two = dials[1]["covenants"]
    assert one["by_date"] == two["by_date"] and one["probability"] == two["probability"] > 0.1
    assert dials[1]["together"][1] == 0 and dials[0]["together"][1] > 0


@pytest.mark.parametrize("signs", [(1, -1), (-1, 1), (-1, -1)])
def test_dial_1_moves_with_the_signs_of_the_desk_to_the_digit(told: Ask, tmp_path: Path, signs: tuple[int, int]) -> None:
    """One factor: with signs against each other, where one coin is below its median the other is above; both never fail on one date."""
    driver = '[[driver]]\nmatch = "{}.price"\nvolatility = 0.6\nsign = {}\n'
    terms = "".join(driver.format(one, sign) for one, sign in zip(("BTC", "ETH"), signs, strict=True))
    desk = two_coins.write(tmp_path / "desk", more=terms)
    dial = told("stress", "--desk", desk, "--paths", 9_000, "--horizon", "3m", "--dial", "1")["joint"]["dials"][0]
    alone = [round(one["probability"] * 9_000) for one in dial["covenants"]]
    together = [*dial["together"], 0, 0, 0][:3]
    against = signs[0] != signs[1]
    assert together == ([9_000 - sum(alone), sum(alone), 0] if against else [9_000 - alone[0], 0, alone[0]])


@pytest.mark.parametrize("weights", ["plain", "ewma"])
def test_dial_0_is_the_measured_correlation_to_the_digit(told: Ask, tmp_path: Path, weights: str) -> None:
    stream = np.random.default_rng(4)
    moves = stream.normal(0, 0.03, (2, 80))
    prices = 100 * np.exp(np.concatenate((np.zeros((2, 1)), np.cumsum([moves[0], 0.6 * moves[0] + moves[1]], axis=1)), axis=1))
    btc, eth = (row.tolist() for row in prices)
    desk = two_coins.write(tmp_path / "desk", btc=btc, eth=eth, owed=300, more="")
    made = told("stress", "--desk", desk, "--paths", 200, "--horizon", "3m", "--dial", "0", "--weights", weights)["joint"]
    pair = made["pairs"][0]
    one, two = np.diff(np.log(btc)), np.diff(np.log(eth))
    weight = 0.94 ** np.arange(79, -1, -1)
    wanted = {
        "plain": float(np.corrcoef(one, two)[0, 1]),
        "ewma": float((weight * one * two).sum() / math.sqrt((weight * one * one).sum() * (weight * two * two).sum())),
    }
    assert (pair["basis"], pair["observations"]) == (weights, 80)
    assert pair["value"] == pytest.approx(wanted[weights], abs=1e-12) and pair[weights] == pair["value"]


def test_the_error_of_a_tail_is_what_repeated_runs_scatter_by(told: Ask, tmp_path: Path) -> None:
    desk = two_coins.write(tmp_path / "desk")
    runs = [told("stress", "--desk", desk, "--paths", 2_000, "--seed", seed, "--horizon", "6m")["joint"]["dials"][0] for seed in range(40)]
    for value, error in (("expected_shortfall", "shortfall_error"), ("missing_mean", "missing_error"), ("mean", "mean_error")):
        scatter = float(np.std([one[value] for one in runs], ddof=1))
        assert scatter == pytest.approx(float(np.mean([one[error] for one in runs])), rel=0.35), value


def test_selling_at_a_haircut_of_35_against_70_makes_it_worse(told: Ask, tmp_path: Path) -> None:
    """LTV 70.1 % with coins that lose 35 % on the way: the sale takes more value than debt, as 0.701 > 1 - 0.35."""
    desk = two_coins.write(tmp_path / "desk", owed=701)
    sold = {share: told("cure", "one", "--desk", desk, "--haircut", f"{share}%") for share in (35, 29)}
    assert sold[35]["covenants"][0]["worse"] == ["selling BTC at 35% cost makes it worse and never clears it"]
    assert sold[29]["covenants"][0]["worse"] == []

"""`covenant stress`: what it says, how it fails, and that its digits do not depend on who computes them."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from monitor.cli import main
from tests.monitor import two_coins
from tests.published import published


@pytest.fixture
def ask(ask: Any, eighty: None) -> Any:
    return partial(ask, "stress")


def test_every_page_fits_80_columns_and_says_no_nan(ask: Any) -> None:
    grids = [("--grid", "BTC.price=-60%..+20%,H100-SXM=-60%..+20%"), ("--grid", "SOFR.rate=-100bp..300bp")]
    for words in ((), *grids, ("--dial", "0..1:2", "--paths", "500"), ("--reverse", "2")):
        code, out, err = ask(*words)
        assert (code, err) == (0, "") and out
        assert max(map(len, out.splitlines())) <= 80 and not re.search(r"\bnan\b", out.lower()) and "inf%" not in out


def test_the_grid_agrees_with_the_board_on_where_a_covenant_breaks(ask: Any) -> None:
    code, out, _ = ask("--grid", "BTC.price=-60%..+20%", "--format", "json", "--facility", "birch-btc")
    one = json.loads(out)["grid"]["covenants"][0]
    assert code == 0 and one["id"] == "birch-btc/ltv"
    assert one["breaks"][0]["at"] == pytest.approx(1 - 1 + (one["actual_now"] / one["threshold"] - 1), rel=1e-9)


def test_a_frontier_is_a_world_that_just_breaks(ask: Any) -> None:
    _, out, _ = ask("--grid", "H100-SXM.price=-40%..0%:3,BTC.price=-60%..+20%", "--format", "json")
    for one in json.loads(out)["grid"]["covenants"]:
        if one["frontier"] and one["id"] == "birch-btc/ltv":
            assert len(set(one["frontier"]["breaks_at"])) == 1  # coins alone secure it


def test_explain_shows_the_leaf_in_that_world(ask: Any) -> None:
    code, out, _ = ask("--explain", "birch-btc/ltv", "--at", "BTC.price=-50%")
    assert code == 0 and "fail" in out.splitlines()[0] and "in this world, 83,275.9 now" in out
    code, out, _ = ask("--explain", "birch-btc/ltv", "--scenario", "coins-and-rents")
    assert code == 0 and "coins-and-rents" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--grid", "BTC.pric=-60%..0%"), "did you mean 'BTC.price'"), (("--grid", "BTC.price=-160%..0%"), "more than all"),
        (("--grid", "BTC.price=\x1b[31m"), "is no shock"), (("--scenario", "coin-and-rents"), "did you mean 'coins-and-rents'"),
        (("--dial", "1.5"), "between 0 and 1"), (("--dial", "0", "--horizon", "1d"), "quarter ends"), (("--paths", "0"), "--paths"),
        (("--dial", "0", "--copula", "clayton"), "gaussian"), (("--explain", "birch-btc/ltv"), "--at"), (("--reverse", "0"), "1 to 10"),
        (("--explain", "birch-btc/lvt", "--at", "BTC=-1%"), "did you mean 'ltv'"),
        (("--closed", "joint:a=1,b=1,rho=2"), "between -1 and 1"), (("--closed", "joint:a=1,b=nan,rho=0"), "'b=nan' is no NAME=NUMBER"),
        (("--closed", "wcdr:pd=0,rho=0.1,confidence=0.9"), "strictly between"), (("--facility", "birch"), "did you mean"),
    ],
)  # fmt: skip
def test_bad_questions_get_a_clear_answer(ask: Any, words: tuple[str, ...], says: str) -> None:
    code, out, err = ask(*words)
    assert (code, out) == (64, "") and says in err and "\x1b" not in err


def test_a_horizon_past_maturity_tests_nothing_after_it(ask: Any) -> None:
    code, out, _ = ask("--paths", "200", "--horizon", "10y", "--format", "json", "--facility", "birch-btc")
    joint = json.loads(out)["joint"]
    assert code == 0 and joint["dials"][0]["covenants"][0]["by_date"][-1] is None and "NaN" not in out


def test_the_mean_world_of_a_date_is_the_projected_one() -> None:
    """A test that looks back sees the months before it along the curve, as `covenant project` does, and not at the mark of its own day."""
    from monitor.ahead.outlook import outlook
    from monitor.assess import assess
    from monitor.places import SHIPPED
    from monitor.session import moments, open_desk
    from monitor.stress.dates import dates_ahead
    from monitor.stress.ground import ground_of
    from monitor.stress.joint import worlds_ahead
    from rules.evaluate import evaluate

    session = open_desk(SHIPPED)
    picture = assess(session, *moments(session, None, None))
    projected = outlook(picture, [picture.book.ids.index("tamar-h100")])
    days = dates_ahead(ground_of(picture), 60)
    rows = projected.tests.rows
    mine = np.array([n for n, day in enumerate(rows.period_end) if dt.date.fromordinal(int(day)) in days and day < days[-1].toordinal()])
    at = np.array([days.index(dt.date.fromordinal(int(day))) for day in rows.period_end[mine]])
    asked = msgspec.structs.replace(rows.pick(mine), instant=at)
    made = evaluate(picture.book, worlds_ahead(ground_of(picture), days), projected.stages[0].state, asked)
    assert len(mine) > 30 and made.actual[:, 0] == pytest.approx(projected.tests.actual[mine, 0], rel=1e-9, nan_ok=True)


def test_the_published_closed_forms_come_out(ask: Any) -> None:
    vasicek, haug = published("ST-06"), published("ST-09")
    given = vasicek["inputs"]
    _, out, _ = ask("--closed", f"wcdr:pd={given['pd']},rho={given['rho']},confidence={given['confidence']}", "--format", "json")
    assert json.loads(out)["closed"]["wcdr"] == pytest.approx(vasicek["expected"]["wcdr"], abs=vasicek["tolerance"]["abs"])
    for (a, b, rho), wanted in zip(haug["inputs"]["rows"], haug["expected"]["p"], strict=True):
        _, out, _ = ask("--closed", f"joint:a={a},b={b},rho={rho}", "--format", "json")
        assert json.loads(out)["closed"]["probability"] == pytest.approx(wanted, abs=haug["tolerance"]["abs"])


def test_the_nearest_world_of_a_coin_loan_is_the_fall_that_breaks_it(ask: Any) -> None:
    code, out, _ = ask("--reverse", "1", "--horizon", "1y", "--facility", "birch-btc", "--format", "json")
    found = json.loads(out)["reverse"]["found"][0]
    move = next(one for one in found["moves"] if one["series"] == "BTC.price")
    assert code == 0 and move["change"] == pytest.approx(-0.40327, abs=1e-4) and found["distance"] == pytest.approx(1.0325, abs=1e-3)


def test_a_drawn_path_is_shown_down_to_the_leaf(ask: Any, tmp_path: Path) -> None:
    """The paths counted are those of the simulation; the figure is the loan over ten coins at the price of the path."""
    desk = ("--desk", str(two_coins.write(tmp_path / "desk")), "--paths", "3000", "--seed", "5", "--horizon", "3m", "--dial", "0.5")
    _, out, _ = ask(*desk, "--format", "json")
    joint = json.loads(out)["joint"]
    share = next(one["probability"] for one in joint["dials"][0]["covenants"] if one["id"] == "two/ltv")
    code, page, _ = ask(*desk, "--explain", "two/ltv")
    said, price = " ".join(page.split()), re.search(r"price = ([\d.]+) USD/unit", page)
    assert code == 0 and price is not None
    assert page.startswith(f"two/ltv on {joint['dates'][0]}: {50 / float(price[1]):.1%}, agreed <= 70.0%: fail")
    assert f"of the {round(share * 3000)} that fail among the first 3,000 (seed 5, dial 0.5)" in said
    assert "ETH.price on this path, 100 now" in page


def test_a_drawn_path_carries_what_was_paid_along_it(ask: Any) -> None:
    code, page, _ = ask("--paths", "1000", "--explain", "tamar-h100/dsra")
    found = re.search(r"^dsra = ([\d.]+)x", page, re.M)
    assert code == 0 and found is not None and page.splitlines()[0].endswith(f"{float(found[1]):.3f}x, agreed >= 1.000x: fail")
    assert "put in and drawn since = -" in page


@pytest.mark.parametrize(("covenant", "says"), [("linden-b200/ltv", "can be judged on no date"), ("kestrel-abl/fccr", "fails on none of")])
def test_a_path_that_is_not_there_is_said(ask: Any, covenant: str, says: str) -> None:
    code, page, _ = ask("--paths", "500", "--horizon", "9m", "--explain", covenant)
    assert code == 0 and page.startswith(f"{covenant} {says}")


@pytest.mark.parametrize("reversion", [0.0, 1.5])
def test_a_deviation_of_the_horizon_dies_out_as_fast_as_the_desk_says(ask: Any, tmp_path: Path, reversion: float) -> None:
    """A fall of ln(500/700) over what an Ornstein-Uhlenbeck process scatters in a year: the same as that of the paths."""
    terms = f'[[driver]]\nmatch = "*.price"\nvolatility = 0.60\nreversion = {reversion}\n'
    desk = str(two_coins.write(tmp_path / "desk", more=terms))
    _, out, _ = ask("--desk", desk, "--reverse", "1", "--horizon", "1y", "--format", "json")
    found = json.loads(out)["reverse"]["found"][0]
    scatter = 0.6 * math.sqrt((1 - math.exp(-2 * reversion)) / (2 * reversion)) if reversion else 0.6
    assert found["of"] == "one/ltv" and found["distance"] == pytest.approx(math.log(1000 * 0.7 / 500) / scatter, rel=1e-6)


def test_the_nearest_world_can_be_asked_for_leaf_by_leaf_as_it_is_printed(ask: Any) -> None:
    _, out, _ = ask("--reverse", "1", "--facility", "birch-btc")
    words = " ".join(out.partition("such as the first:")[2].split())
    found = re.match(r'covenant stress --explain (\S+) --at "([^"]+)"', words)
    assert found is not None, words
    code, out, _ = ask("--explain", found[1], "--at", found[2])
    assert code == 0 and out.splitlines()[0].endswith(": 70.0%, agreed <= 70.0%: fail")


def test_a_page_says_what_a_correlation_was_measured_on_and_the_sign_that_was_chosen(ask: Any, tmp_path: Path) -> None:
    """Two of thirty closes of one coin are missing: three returns of the other span no common day."""
    stream = np.random.default_rng(8)
    btc, eth = (100 * np.exp(np.cumsum(stream.normal(0, 0.03, (2, 30)), axis=1))).tolist()
    desk = two_coins.write(tmp_path / "desk", btc=btc, eth=eth, more='[[driver]]\nmatch = "ETH.price"\nvolatility = 0.5\nsign = -1\n')
    marks = (desk / "marks" / "marks.csv").read_text().splitlines(keepends=True)
    (desk / "marks" / "marks.csv").write_text("".join(line for n, line in enumerate(marks) if n not in (40, 45)))
    _, out, _ = ask("--desk", str(desk), "--paths", "100", "--horizon", "3m")
    assert re.search(r"^ETH.price .* ewma, 27 returns, sign -1$", out, re.M)
    assert re.search(r"^[+-]0\.\d\de  [+-]0\.\d\d [+-]0\.\d\d     27  BTC.price +ETH.price$", out, re.M)


def test_what_cannot_be_judged_is_said_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stress", "--grid", "BTC.price=-50%..0%:3"]) == 0
    page = capsys.readouterr().out
    assert "2 that cannot be judged" in page and "cannot be judged now: can-loan-b/btc-price, linden-b200/ltv" in page
    assert main(["stress", "--grid", "BTC.price=-50%..0%:3", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["unknown_now"] == ["can-loan-b/btc-price", "linden-b200/ltv"]


def test_what_came_due_and_what_owes_nothing_fail_in_no_world(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stress", "--grid", "BTC.price=-99%..0%:3", "--reverse", "3", "--horizon", "1y", "--format", "json"]) == 0
    made = json.loads(capsys.readouterr().out)
    rows = {one["id"]: one for one in made["grid"]["covenants"]}
    assert set(rows["can-loan-b/btc-price"]["results"]) == {"indeterminate"} and not rows["can-loan-b/btc-price"]["breaks"]
    assert set(rows["cifr-coinbase/btc-price"]["results"]) == {"not_tested"} and "cifr-coinbase/btc-price" in made["nothing_owed"]
    fallen = {name for one in made["reverse"]["found"] for name in one["covenants"]}
    assert fallen and not fallen & {"can-loan-b/btc-price", "cifr-coinbase/btc-price"}
    assert main(["stress", "--grid", "BTC.price=-99%..0%:3"]) == 0
    assert "nothing owed: cifr-coinbase/btc-price" in capsys.readouterr().out
    assert main(["liquidate", "can-loan-b"]) == 0
    assert "it cannot be judged: whether it was repaid is not known" in capsys.readouterr().out

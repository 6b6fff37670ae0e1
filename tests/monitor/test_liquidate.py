"""`covenant liquidate`: the shipped page, one market for all sellers, and clear words for what cannot be sold."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main
from monitor.liquidate import answer
from monitor.places import SHIPPED
from tests.monitor import two_coins

GOLDEN = Path(__file__).with_name("golden")
ROOT = Path(__file__).resolve().parents[2]


def asked(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["liquidate", *argv]) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(asked(capsys, *argv, "--format", "json"))
    return {one["id"]: one for one in made["facilities"]} | {"answer": made}


def desk_with(tmp_path: Path, old: str, new: str, name: str = "desk.toml") -> str:
    root = tmp_path / "desk"
    shutil.copytree(SHIPPED, root)
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new, 1))
    return str(root)


@pytest.mark.parametrize(("name", "argv"), [("liquidate.txt", []), ("liquidate-one.txt", ["rowan-compute"])])
def test_the_page_is_the_golden_one_and_fits(name: str, argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    made = asked(capsys, *argv)
    if os.environ.get("COVENANT_GOLDEN") == "write":
        (GOLDEN / name).write_text(made)
    assert made == (GOLDEN / name).read_text()
    assert max(map(len, made.split("\n"))) <= 80


def test_the_steps_add_up_to_what_is_brought(capsys: pytest.CaptureFixture[str]) -> None:
    for one in told(capsys, "kestrel-abl", "tamar-h100")["answer"]["facilities"]:
        lots = one["lots"]
        for lot in lots:
            spent = sum(lot[name] for name in ("decayed", "discount", "fees", "hosting", "liens", "enforcement"))
            assert lot["net"] == pytest.approx(lot["gross"] + lot["scrap"] - spent)
            assert all(leaf["at"] for leaf in lot["leaves"])
        assert one["recovery"] == pytest.approx(sum(lot["net"] for lot in lots) - one["prior"])
        assert one["ltv_critical"] == pytest.approx(one["recovery"] / one["value"])
        assert one["ltv_liq"] == pytest.approx(one["debt_at_sale"] / one["recovery"])
        assert one["low"] < one["recovery"] < one["high"]


def test_sellers_together_never_bring_more(capsys: pytest.CaptureFixture[str]) -> None:
    alone, both = told(capsys, "kestrel-abl", "tamar-h100", "--alone"), told(capsys, "kestrel-abl", "tamar-h100")
    for name in ("kestrel-abl", "tamar-h100"):
        assert both[name]["recovery"] <= alone[name]["recovery"]
        assert sum(lot["units"] for lot in both[name]["lots"]) > 0
    pressed = [told(capsys, "kestrel-abl", "tamar-h100", "--within", "60", *more)["tamar-h100"]["recovery"] for more in ([], ["--alone"])]
    assert pressed[0] < pressed[1]


def test_coins_sell_in_hours(capsys: pytest.CaptureFixture[str]) -> None:
    one = told(capsys, "birch-btc")["birch-btc"]
    assert one["days"] * 24 == pytest.approx(1150 / 1200 * 24) and one["recovery"] == pytest.approx(one["value"] * 0.99)


def test_default_interest_is_charged_while_it_waits(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plain = told(capsys, "rowan-compute")["rowan-compute"]
    desk = desk_with(tmp_path, "spread_bp = 600\n", "spread_bp = 600\ndefault_margin_bp = 200\n", "facilities/rowan-compute.toml")
    one = told(capsys, "rowan-compute", "--desk", desk)["rowan-compute"]
    wait = one["enforcement_days"] + one["days"] / 2
    assert one["debt_at_sale"] - plain["debt_at_sale"] == pytest.approx(one["owed"] * 0.02 * wait / 360)


def test_the_published_sale_comes_out_of_the_verb(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    more = "half_spread = 0.0625\npermanent_impact = 2.5e-7\ntemporary_impact = 2.5e-6\nrisk_aversion = 1e-9\n"
    desk = desk_with(tmp_path, "units_per_day = 12_000\n", "units_per_day = 2_000_000\n" + more)
    root = Path(desk)
    text = (root / "desk.toml").read_text().replace("daily_volatility = 0.025\n", "daily_volatility = 0.019\n")
    (root / "desk.toml").write_text(text)
    loan = root / "facilities" / "birch-btc.toml"
    loan.write_text(loan.read_text().replace("units = 1_150\n", "units = 1_000_000\n"))
    lot = told(capsys, "birch-btc", "--desk", desk, "--impact", "almgren", "--mark", "BTC.price=50")["birch-btc"]["lots"][0]
    assert lot["days"] == 5 and lot["plan"]["cost"] / 1e6 == pytest.approx(0.6625, abs=5e-5)
    assert lot["plan"]["variance"] / 1e12 == pytest.approx(1.0812, abs=5e-5)
    assert lot["plan"]["half_life"] == pytest.approx(51.3, abs=5e-3)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("units_per_day = 12_000\n", "units_per_day = 0\n", "absorbs nothing"),
        ("units_per_day = 12_000\n", "", "says how many units a day"),
        ("impact_coefficient = 1.0\ndaily_volatility = 0.025\n", "", "gives no impact_coefficient"),
    ],
)
def test_what_cannot_be_sold_says_why(old: str, new: str, says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    desk = desk_with(tmp_path, old, new)
    more = ["--impact", "sqrt"] if "impact" in says else []
    one = told(capsys, "birch-btc", "--desk", desk, *more)["birch-btc"]
    assert says in one["reason"] and one["recovery"] is None
    text = asked(capsys, "birch-btc", "--desk", desk, *more)
    assert says in text.replace("\n", " ") and "nan" not in text


def test_a_price_of_nothing_and_a_loan_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    one = told(capsys, "birch-btc", "--mark", "BTC.price=0")["birch-btc"]
    assert one["reason"] is None and (one["recovery"], one["recovered"], one["outcome"]) == (0, 0, "loss")
    assert one["lots"][0]["sold"] == 0 and one["ltv_liq"] is None and one["notes"] == ["a price of nothing brings nothing"]
    none = told(capsys, "smlr-coinbase")["smlr-coinbase"]
    assert none["owed"] is None and none["recovered"] is None and none["reason"].endswith("whether it was repaid is not known")


def in_euros(root: Path, rate: str) -> str:
    """A loan of 500 EUR on 10 coins at 100 dollars, which lose 5 % on the way; enforcing it costs 20 dollars."""
    liquidity = '[[liquidity]]\nasset = "BTC"\nsale_cost = 0.05\nfee = 0.01\nunits_per_day = 100\nenforcement_cost = 20\n'
    two_coins.write(root, more=liquidity)
    loan = root / "facilities" / "one.toml"
    loan.write_text(loan.read_text().replace('borrower = "one-co"', 'borrower = "one-co"\ncurrency = "EUR"'))
    with (root / "marks" / "marks.csv").open("a") as marks:
        marks.write(rate)
    return str(root)


def test_a_sale_pays_in_the_currency_of_the_loan(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Coins are quoted in dollars, as are the desk's costs; the loan is in euros at 1.25 dollars."""
    desk = in_euros(tmp_path / "desk", f"EUR.fx,{two_coins.AS_OF},1.25,USD/EUR,central bank\n")
    one = told(capsys, "one", "--desk", desk)["one"]
    lot = one["lots"][0]
    assert one["currency"] == "EUR" and one["value"] == pytest.approx(800) and lot["price"] == pytest.approx(80)
    assert one["ltv"] == pytest.approx(500 / 800)
    assert lot["gross"] == pytest.approx(800) and lot["discount"] == pytest.approx(40) and lot["fees"] == pytest.approx(7.6)
    assert lot["enforcement"] == pytest.approx(16) and one["recovery"] == pytest.approx(lot["net"]) == pytest.approx(800 - 40 - 7.6 - 16)


def test_a_currency_without_a_rate_is_unknown_and_never_wrong(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    desk = in_euros(tmp_path / "desk", "")
    one = told(capsys, "one", "--desk", desk)["one"]
    assert one["recovery"] is None and one["reason"]
    assert "nan" not in asked(capsys, "one", "--desk", desk).lower()


@pytest.mark.parametrize(
    "argv", [["nobody"], ["birch-btc", "--mark", "BTC.price=-120%"], ["birch-btc", "--mark", "BTX.price=-10%"], ["--mark", "BTC.price=-5"]]
)
def test_words_that_are_no_question(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["liquidate", *argv]) == 64
    assert capsys.readouterr().err.startswith("covenant: ")


def test_every_key_is_in_the_documents() -> None:
    keys = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "liquidation.md").read_text()))
    parts = (answer.Answer, answer.SalePart, answer.LotPart, answer.PlanPart, answer.LeafPart, answer.OverhangPart, answer.BackedPart)
    assert {name for part in parts for name in part.__struct_fields__} <= keys


def test_a_range_that_straddles_the_debt_may_pay(capsys: pytest.CaptureFixture[str]) -> None:
    """Kestrel is covered in the middle and not at the low end; a word for each, and none where nothing is computed."""
    made = told(capsys)
    outcomes = {name: one["outcome"] for name, one in made.items() if name != "answer"}
    kestrel = made["kestrel-abl"]
    assert kestrel["low"] < kestrel["owed"] < kestrel["recovery"] and kestrel["recovered"] == 1 and outcomes["kestrel-abl"] == "may_pay"
    assert outcomes["birch-btc"] == "pays" and outcomes["tamar-h100"] == "loss" and outcomes["riot-coinbase"] is None
    assert "MAY PAY, an end of the range does not cover the debt: kestrel-abl" in asked(capsys)


def test_one_end_of_a_range_is_told_without_the_other(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Half the market at the low end: the same sale takes longer and decays more; the high end is the middle."""
    market = '[[liquidity]]\nasset = "BTC"\nunits_per_day = 0.1\nlow = { units_per_day = 0.05 }\n'
    terms = f'[[curve]]\nmatch = "BTC.price"\nannual_decay = 0.5\n\n{market}'
    made = told(capsys, "--desk", str(two_coins.write(tmp_path / "desk", more=terms)))["one"]
    paper = 10 * 100.0
    assert made["high"] == made["recovery"] == pytest.approx(paper * 0.5 ** (50 / 365.25), rel=2e-3)
    assert made["low"] == pytest.approx(paper * 0.5 ** (100 / 365.25), rel=8e-3)

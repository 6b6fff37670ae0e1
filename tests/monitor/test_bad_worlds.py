"""What no market should be: every analysis of a desk answers in words and figures, never with NaN, or says where its file is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.monitor import two_coins

pytestmark = pytest.mark.usefixtures("eighty")

ASKED = (
    ("stress", "--grid", "BTC.price=-60%..+20%,ETH.price=-60%..+20%"),
    ("stress", "--dial", "0..1:3", "--paths", "3000", "--horizon", "2y"),
    ("stress", "--reverse", "2"),
    ("liquidate",),
    ("chain",),
    ("chain", "--if", "one=acceleration"),
    ("cure", "one"),
)
LIQUIDITY = '[[liquidity]]\nasset = "BTC"\nsale_cost = 0.05\nunits_per_day = {a_day}\nimpact_coefficient = 1\ndaily_volatility = 0.03\n'
LINK = """
[[cross_link]]
kind = "cross_default"
on_default_of = {{ facilities = ["{other}"], aggregate_principal_ge = 0 }}
grace = "1D"
"""
Ask = Callable[..., tuple[int, str, str]]


def answers(ask: Ask, root: Path, wanted: Sequence[tuple[str, ...]] = ASKED) -> str:
    """All answers about a desk as text, each of which fits, is no NaN, and has its JSON."""
    told = []
    for words in wanted:
        code, out, err = ask(*words, "--desk", root)
        assert code == 0, (words, err)
        assert not re.search(r"\b(nan|inf|infinity)\b", out.lower()), (words, out)
        assert max(map(len, out.splitlines())) <= 80, words
        code, raw, err = ask(*words, "--desk", root, "--format", "json")
        assert code == 0 and not re.search(r"\b(NaN|Infinity)\b", raw), words
        json.loads(raw)
        told.append(out)
    return " ".join("\n".join(told).split())


def more(a_day: str = "100", driver: bool = True) -> str:
    return (two_coins.ASSUMED if driver else "") + LIQUIDITY.format(a_day=a_day)


@pytest.mark.parametrize("between", ['["BTC", "ETH"]\nvalue = 1.4', '["BTC"]\nvalue = 0.4', '["BTC", "ETH"]\nvalue = -1.2'])
def test_a_correlation_that_is_none_is_told_with_its_line(ask: Ask, tmp_path: Path, between: str) -> None:
    bad = more().replace('["BTC", "ETH"]\nvalue = 0.3', between)
    assert bad != more()
    got, out, err = ask("stress", "--dial", "0", "--desk", two_coins.write(tmp_path / "desk", more=bad))
    assert (got, out) == (65, "") and "error[D006]" in err and "desk.toml:" in err and "hint:" in err


def test_correlations_that_contradict_each_other_are_told_with_their_line(ask: Ask, tmp_path: Path) -> None:
    pairs = (("BTC", "ETH", 0.9), ("ETH", "SOL", 0.9), ("BTC", "SOL", -0.9))
    rows = "".join(f'\n[[correlation]]\nbetween = ["{one}", "{two}"]\nvalue = {value}\n' for one, two, value in pairs)
    bad = more().replace('\n[[correlation]]\nbetween = ["BTC", "ETH"]\nvalue = 0.3\n', rows)
    got, out, err = ask("stress", "--dial", "0", "--desk", two_coins.write(tmp_path / "desk", more=bad))
    assert (got, out) == (65, "") and "error[D007]" in err and "bring the values nearer to 0" in err


def test_a_series_that_never_moves_says_so(ask: Ask, tmp_path: Path) -> None:
    """Its correlation and deviation are not measured: the desk's assumption counts, or the mark is held, and the page says which."""
    still = {"btc": [100.0] * 60, "eth": [100.0] * 60}
    assert "assumed, 59 returns" in answers(ask, two_coins.write(tmp_path / "assumed", more=more(), **still))
    held = answers(ask, two_coins.write(tmp_path / "held", more=more(driver=False), **still))
    assert "held: BTC.price: it does not move" in held


def test_three_observations_are_no_history(ask: Ask, tmp_path: Path) -> None:
    few = {"btc": [90.0, 95.0, 100.0], "eth": [100.0, 101.0, 100.0]}
    assert "assumed, 2 returns" in answers(ask, two_coins.write(tmp_path / "assumed", more=more(), **few))
    held = answers(ask, two_coins.write(tmp_path / "held", more=more(driver=False), **few))
    assert "2 returns, 20 needed" in held


@pytest.mark.parametrize("price", [-100.0, 0.0])
def test_a_price_of_nothing_or_less_is_no_mark(ask: Ask, tmp_path: Path, price: float) -> None:
    root = two_coins.write(tmp_path / "desk", btc=[100.0, price], more=more())
    for words in ASKED:
        code, out, err = ask(*words, "--desk", root)
        assert (code, out) == (65, "") and "marks/marks.csv:" in err and "hint:" in err, words


def test_a_loan_of_nothing_cannot_fail(ask: Ask, tmp_path: Path) -> None:
    told = answers(ask, two_coins.write(tmp_path / "desk", owed=0, more=more()))
    assert "nothing owed: one/ltv, two/ltv" in " ".join(told.split()) and "Nothing fails: there is nothing to cure." in told
    assert "no world within 12 standard deviations" in told


def test_a_market_that_absorbs_nothing_says_so(ask: Ask, tmp_path: Path) -> None:
    told = answers(ask, two_coins.write(tmp_path / "desk", owed=800, more=more("0")))
    assert "absorbs nothing" in told


def test_a_circle_of_links_ends(ask: Ask, tmp_path: Path) -> None:
    """Each falls by the other: whoever falls first stays the cause, and the rolling ends."""
    root = two_coins.write(tmp_path / "desk", owed=500, more=more())
    for name, other in (("one", "two"), ("two", "one")):
        loan = root / "facilities" / f"{name}.toml"
        loan.write_text(loan.read_text() + LINK.format(other=other))
    answers(ask, root)
    for first, second in (("one", "two"), ("two", "one")):
        code, raw, err = ask("chain", "--if", first, "--desk", root, "--format", "json")
        assert code == 0, err
        made = json.loads(raw)
        causes = {one["facility"]: one["causes"] for one in made["steps"] if one["kind"] == "falls" and one["causes"]}
        assert causes == {second: [first]} and set(made["fallen"]) == {"one", "two"} and made["rounds"] < 20


def test_a_horizon_past_maturity_looks_at_nothing_after_it(ask: Ask, tmp_path: Path) -> None:
    root = two_coins.write(tmp_path / "desk", more=more())
    code, raw, err = ask("stress", "--paths", "3000", "--horizon", "30y", "--desk", root, "--format", "json")
    assert code == 0, err
    joint = json.loads(raw)["joint"]
    for one in joint["dials"][0]["covenants"]:
        tested = [date for date, share in zip(joint["dates"], one["by_date"], strict=True) if share is not None]
        assert tested[-1] <= "2030-12-31" and one["first_date"] <= "2030-12-31"
    answers(ask, root, [("stress", "--paths", "3000", "--horizon", "30y")])

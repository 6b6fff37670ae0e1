"""`covenant spread`: closed forms, sums that must hold, what the dial does, the page, and clear words where nothing can be said."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from functools import partial
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

from monitor import cli
from monitor.places import SHIPPED
from monitor.spread import margin, settings, shape
from tests.monitor.spread_desk import written
from tests.published import published

GOLDEN = Path(__file__).with_name("golden")
ROOT = Path(__file__).resolve().parents[2]
N = NormalDist().cdf


@pytest.fixture
def ask(ask: Any, eighty: None) -> Any:
    return partial(ask, "spread")


def told(ask: Any, *words: str) -> dict[str, Any]:
    code, out, err = ask(*words, "--format", "json")
    assert (code, err) == (0, ""), err
    made: dict[str, Any] = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} in the answer"))
    return made


def loan(made: dict[str, Any], name: str = "elm") -> dict[str, Any]:
    return next(one for one in made["loans"] if one["id"] == name)


# closed forms -----------------------------------------------------------------------------------------------------------------------


def closed(owed: float, units: float, level: float, cost: float, mean: float, sigma: float, years: float) -> tuple[float, float]:
    """(chance that LTV is above its level, expected loss) of a lognormal price looked at once: a digital and a put capped at the breach."""
    deviation = sigma * math.sqrt(years)

    def below(price: float) -> tuple[float, float]:
        at = (math.log(price / mean) + deviation**2 / 2) / deviation
        return N(at), mean * N(at - deviation)  # P(S < price), E[S; S < price]

    breach, whole = owed / (units * level), owed / (units * (1 - cost))
    chance, _ = below(breach)
    lost, part = below(min(breach, whole))
    return chance, owed * lost - units * (1 - cost) * part


@pytest.mark.parametrize(("cost", "decay"), [(0.0, 0.0), (0.25, 0.0), (0.25, 0.3)])
def test_one_loan_looked_at_once_has_its_closed_form(ask: Any, tmp_path: Path, cost: float, decay: float) -> None:
    """To the end of the first quarter: 92 days. The spread is the put over the annuity of those that survive it."""
    made = loan(told(ask, "--desk", str(written(tmp_path, cost=cost, decay=decay)), "--horizon", "3m", "--paths", "200000"))
    years, owed = 92 / 365.25, 60e6
    mean = 1e5 * (1 - decay) ** 0.25  # a quarter of the calendar
    chance, lost = closed(owed, 1000, 0.70, cost, mean, 0.6, years)
    assert made["pd"]["value"] == pytest.approx(chance, abs=4 * made["pd"]["error"])
    kept = 1 if not decay else 1.0  # sold within minutes: nothing decays while waiting
    discount = 1.05**-years
    wanted = lost * kept * discount / ((1 - chance) * owed * discount * years) * 1e4
    assert made["spread_bp"]["value"] == pytest.approx(wanted, abs=4 * made["spread_bp"]["error"], rel=1e-3)
    assert made["spread_bp"]["error"] < 0.05 * wanted + 0.5
    assert made["ead"] == pytest.approx(owed) and made["required"]["capital_bp"] == pytest.approx(80)


def test_the_spread_is_its_printed_formula(ask: Any) -> None:
    """sum(dPD x E[LGD x EAD] x DF) / sum(S x EAD x DF x dt), from the dates that the answer lists."""
    for one in told(ask, "--paths", "3000", "--seed", "5")["loans"]:
        if one["spread_bp"] is None:
            continue
        rows = one["dates"]
        for row in rows:
            wanted = row["pd"] * (row["lgd"] or 0) * row["ead"] * row["discount"]
            assert row["expected_loss"] == pytest.approx(wanted, rel=1e-9, abs=1e-6)
            assert row["annuity"] == pytest.approx(row["survival"] * row["ead"] * row["discount"] * row["years"], rel=1e-9, abs=1e-6)
        made = sum(row["expected_loss"] for row in rows) / sum(row["annuity"] for row in rows) * 1e4
        assert one["spread_bp"]["value"] == pytest.approx(made, rel=1e-9)
        assert one["pd"]["value"] == pytest.approx(sum(row["pd"] for row in rows))
        assert sum(cause["share"] for cause in one["causes"]) == pytest.approx(1)


def test_the_published_firms_of_merton_come_out(ask: Any) -> None:
    case = published("ST-01")
    given, wanted, within = case["inputs"], case["expected"], case["tolerance"]["abs"] * 1.01
    for n, equity in enumerate(given["equity_1e7"]):
        form = f"equity={equity},vol={given['equity_vol'][n]},liability={given['liability_1e7'][n]},rate={given['rate']}"
        form += f",drift={given['drift'][n]},years={given['horizon_years']}"
        made = told(ask, "--merton", form)["merton"]
        assert made["pd"] == pytest.approx(wanted["pd"][n], abs=within)
        assert made["distance"] == pytest.approx(wanted["dd"][n], abs=within)
        assert made["asset"] == pytest.approx(wanted["asset_1e7"][n], abs=within)


def test_marks_that_hardly_scatter_fall_on_the_projected_day(ask: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every path is then the projection: the loan defaults on the first date on which it fails, and by that covenant."""
    root = tmp_path / "desk"
    shutil.copytree(SHIPPED, root)
    text = (root / "desk.toml").read_text()
    (root / "desk.toml").write_text(re.sub(r"^volatility = .*$", "volatility = 0.000001", text, flags=re.MULTILINE))
    one = loan(told(ask, "--desk", str(root), "--paths", "50", "tamar-h100"), "tamar-h100")
    assert cli.main(["project", "--desk", str(root), "--format", "json", "tamar-h100"]) == 0
    case = json.loads(capsys.readouterr().out)["facilities"][0]["cases"][0]
    failing = min((row for row in case["first_failing"] if row["class"] != "trigger"), key=lambda row: str(row["date"]))
    assert [row["date"] for row in one["dates"] if row["pd"] > 0] == [failing["date"]]
    assert one["causes"][0]["cause"] == failing["covenant"] and one["causes"][0]["share"] == 1


def test_merton_beside_a_loan_is_its_own_closed_form(ask: Any, tmp_path: Path) -> None:
    desk = str(written(tmp_path, decay=0.2, maturity="maturity = 2027-06-30"))
    made = loan(told(ask, "--desk", desk, "--paths", "100"))["merton"]
    years = 365 / 365.25
    drift = math.log(0.8) / years
    distance = (math.log(100 / 60) + (drift - 0.18) * years) / (0.6 * math.sqrt(years))
    assert made["date"] == "2027-06-30" and made["distance"] == pytest.approx(distance) and made["pd"] == pytest.approx(N(-distance))


def test_merton_ends_with_the_loan(ask: Any, tmp_path: Path) -> None:
    """A maturity within a quarter: the firm is looked at on it, not on the quarter end by which its paths are."""
    made = loan(told(ask, "--desk", str(written(tmp_path, decay=0.2, maturity="maturity = 2027-05-15")), "--paths", "100"))["merton"]
    years = 319 / 365.25
    distance = (math.log(100 / 60) + math.log(0.8) * 319 / 365 - 0.18 * years) / (0.6 * math.sqrt(years))
    assert made["date"] == "2027-05-15" and made["distance"] == pytest.approx(distance, abs=1e-3)


# sums, signs and digits -------------------------------------------------------------------------------------------------------------


def test_the_steps_add_up_in_any_order(ask: Any) -> None:
    totals = []
    for order in ("deflation,liquidity,correlation,chain", "chain,correlation,liquidity,deflation"):
        made = told(ask, "--paths", "2000", "--order", order)
        assert made["order"] == order.split(",")
        known = {one["id"]: one for one in made["loans"] if one["spread_bp"] is not None}
        for one in known.values():
            assert [step["on"] for step in one["steps"]] == order.split(",")
            whole = one["base_bp"] + sum(step["bp"] for step in one["steps"])
            assert whole == pytest.approx(one["spread_bp"]["value"], rel=1e-12) and all(step["error_bp"] >= 0 for step in one["steps"])
        totals.append({name: (one["base_bp"], one["spread_bp"]["value"]) for name, one in known.items()})
    assert totals[0] == totals[1]  # nothing on, and all on, are the same paths whatever comes first


def test_what_is_shown_of_the_steps_adds_up(ask: Any) -> None:
    _, out, _ = ask("--paths", "2000")
    table = out[out.index("Where the expected loss") :].split("\n\n")[0].split("\n")[6:]
    for line in table[::2]:
        base, *steps, total = [int(word.replace(",", "")) for word in line.split()[1:]]
        assert base + sum(steps) == total


def test_tranches_add_up_to_the_book_and_the_dial_moves_loss_upwards(ask: Any, tmp_path: Path) -> None:
    """Two loans on marks that do not move together: as they converge the first loss is hit on fewer paths, the last on more."""
    root = written(tmp_path, loans=("elm", "oak"), cost=0.3, more=_TWO)
    text = (root / "facilities" / "oak.toml").read_text().replace("BTC", "ETH")
    (root / "facilities" / "oak.toml").write_text(text)
    (root / "marks" / "marks.csv").write_text((root / "marks" / "marks.csv").read_text() + "ETH.price,2026-06-30,100000,USD/ETH,typed\n")
    made = told(ask, "--desk", str(root), "--horizon", "1y", "--paths", "8000", "--tranche", "0-10,10-30,30-100")["book"]
    assert made["owed"] == pytest.approx(120e6) and made["dials"] == [0, 0.25, 0.5, 0.75, 1]
    for n, whole in enumerate(made["loss"]):
        assert sum(one["money"][n] for one in made["tranches"]) == pytest.approx(whole, rel=1e-9)
    equity, senior = made["tranches"][0]["share"], made["tranches"][-1]["share"]
    assert equity == sorted(equity, reverse=True) and equity[0] > equity[-1] * 1.02
    assert senior == sorted(senior) and senior[-1] > senior[0] * 1.5
    for n in range(5):
        assert made["loss"][n] == pytest.approx(made["loss"][0], abs=4 * (made["error"][n] + made["error"][0]))


_TWO = """
[[liquidity]]
asset = "ETH"
sale_cost = 0.3
units_per_day = 1_000_000

[[driver]]
match = "ETH.price"
volatility = 0.60
"""


def test_part_of_the_book_is_told_of_what_lies_outside(ask: Any) -> None:
    made = told(ask, "--paths", "1000", "--tranche", "5-15")["book"]
    rest = [whole - one for whole, one in zip(made["loss"], made["tranches"][0]["money"], strict=True)]
    assert made["outside"] == pytest.approx(rest)
    assert min(made["outside"]) > 0


def test_the_digits_are_the_same_on_one_process_and_on_two(ask: Any) -> None:
    words = ("--paths", "4200", "--seed", "3", "--horizon", "6m", "--format", "json", "--tranche", "0-10,10-100")
    _, one, _ = ask(*words)
    _, two, _ = ask(*words, "--workers", "2")
    _, other, _ = ask(*words[:3], "4", *words[4:])
    assert one == two and one != other


def test_decay_and_a_costly_sale_make_a_loan_dearer(ask: Any, tmp_path: Path) -> None:
    one = loan(told(ask, "--desk", str(written(tmp_path, cost=0.25, decay=0.3)), "--paths", "4000"))
    steps = {step["on"]: step["bp"] for step in one["steps"]}
    assert steps["deflation"] > 0 and steps["liquidity"] > 0 and steps["correlation"] == 0 and steps["chain"] == 0


def test_a_fire_sale_of_one_makes_the_other_fall(ask: Any, tmp_path: Path) -> None:
    """The chain: the loan that is called first sells coins; the other, nearer to its level than the price then falls, falls too."""
    impact = "impact_coefficient = 1.0\ndaily_volatility = 0.05\n"
    root = written(tmp_path, loans=("elm", "oak"), cost=0.1, maturity="maturity = 2028-06-30")
    text = (root / "desk.toml").read_text().replace("units_per_day = 1_000_000\n", f"units_per_day = 1_000\n{impact}")
    (root / "desk.toml").write_text(text)
    oak = root / "facilities" / "oak.toml"
    oak.write_text(oak.read_text().replace("threshold = 0.7", "threshold = 0.725"))
    made = told(ask, "--desk", str(root), "--paths", "4000")
    chain = {one["id"]: next(step for step in one["steps"] if step["on"] == "chain") for one in made["loans"]}
    before = {one["id"]: next(step for step in one["steps"] if step["on"] == "correlation")["pd"] for one in made["loans"]}
    assert chain["oak"]["pd"] > before["oak"] + 0.01 and chain["elm"]["pd"] == before["elm"]
    assert chain["oak"]["bp"] != 0  # earlier, and so at a better price: this one loses less by it


# margins ----------------------------------------------------------------------------------------------------------------------------


def test_paid_required_and_market_stand_side_by_side(ask: Any) -> None:
    made = told(ask, "--paths", "500", "rowan-alder", "tamar-h100")
    alder, tamar = loan(made, "rowan-alder"), loan(made, "tamar-h100")
    assert alder["paid"]["bp"] == pytest.approx(560) and "fixed 9.5% less SOFR 3.90% of 2026-10-06" in alder["paid"]["basis"]
    assert tamar["paid"]["bp"] == 475 and tamar["gap_bp"] == pytest.approx(475 - tamar["required"]["total_bp"])
    assert {deal["name"] for deal in alder["market"]["deals"]} & {"Riot BTC term loan"} and "coins" in alder["market"]["kind"]
    assert all(deal["source"] and deal["date"] >= "2024-10" for one in (alder, tamar) for deal in one["market"]["deals"])
    assert len(made["loans"]) == 2


def test_a_moved_world_is_named_and_dearer(ask: Any, tmp_path: Path) -> None:
    desk = ("--desk", str(written(tmp_path)), "--paths", "2000", "--horizon", "1y")
    plain, moved = told(ask, *desk), told(ask, *desk, "--mark", "BTC.price=-10%")
    assert plain["world"] is None and moved["world"] == "BTC.price=-10%"
    assert loan(moved)["pd"]["value"] > loan(plain)["pd"]["value"]
    _, out, _ = ask("--paths", "50", "--scenario", "coins-and-rents")
    assert "in a moved world: scenario coins-and-rents" in out


def test_month_ends_see_more(ask: Any, tmp_path: Path) -> None:
    """Looked at more often, a loan is caught more often, and earlier, and so loses less when it is."""
    desk = ("--desk", str(written(tmp_path)), "--paths", "8000", "--horizon", "1y")
    quarters, months = (loan(told(ask, *desk, "--step", step)) for step in ("3m", "1m"))
    assert len(months["dates"]) == 12 and len(quarters["dates"]) == 4
    assert months["pd"]["value"] > quarters["pd"]["value"] + 3 * quarters["pd"]["error"] and months["lgd"] < quarters["lgd"]


def test_every_assumption_has_its_source_and_place(ask: Any) -> None:
    made = {one["name"]: one for one in told(ask, "--paths", "100", "--hurdle", "15")["assumptions"]}
    assert made["hurdle_pct"]["value"] == 15 and made["hurdle_pct"]["at"] == "command line"
    assert made["discount_pct"]["source"] == "illustrative" and re.fullmatch(r"desk\.toml:\d+:\d+", made["discount_pct"]["at"])
    assert "Basel" in made["capital_pct"]["source"]


def test_a_case_may_say_what_a_loan_must_earn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The closed form of one look as a unit test of the desk: it passes, and fails where the figure is another."""
    root = written(tmp_path / "desk")
    chance, _ = closed(60e6, 1000, 0.70, 0.0, 1e5, 0.6, 92 / 365.25)
    (root / "tests").mkdir()
    case = '[[case]]\nname = "once"\n[case.spread]\npaths = 20_000\nhorizon = "3m"\n'
    case += 'expect.elm = {{ pd = "{} +- 0.01", paid = 500, chain = 0.0 }}\n'
    for figure, code in ((chance, 0), (chance + 0.05, 1)):
        (root / "tests" / "elm.toml").write_text(case.format(f"{figure:.4f}"))
        assert cli.main(["test", "--desk", str(root)]) == code
        assert ("pd" in capsys.readouterr().out) == bool(code)


# pages ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"), [("spread.txt", ("--tranche", "0-5,5-15,15-100")), ("spread-one.txt", ("--explain", "birch-btc"))]
)
def test_the_page_is_the_golden_one_and_fits(ask: Any, name: str, words: tuple[str, ...]) -> None:
    code, out, err = ask("--paths", "2000", *words)
    if os.environ.get("COVENANT_GOLDEN") == "write":
        (GOLDEN / name).write_text(out)
    assert (code, err) == (0, "") and out == (GOLDEN / name).read_text()
    assert max(map(len, out.split("\n"))) <= 80 and not re.search(r"\b(nan|inf)\b", out.lower())


def test_csv_has_a_row_a_loan(ask: Any) -> None:
    _, out, _ = ask("--paths", "200", "--format", "csv", "--tranche", "0-10,10-100")
    loans, _, layers = out.partition("\n\n")
    rows = [line.split(",") for line in loans.splitlines()]
    assert rows[0][:3] == ["facility", "currency", "owed"] and len(rows) > 10
    assert layers.splitlines()[0] == "attach,detach,dial,share,error,money" and len(layers.splitlines()) == 11


def test_every_key_is_in_the_documents() -> None:
    keys = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "spread.md").read_text()))
    parts = [one for module in (shape, margin, settings) for one in vars(module).values() if getattr(one, "__name__", "").endswith("Part")]
    assert len(parts) > 12 and {name for part in (*parts, shape.Answer) for name in part.__struct_fields__} <= keys


# what cannot be said ----------------------------------------------------------------------------------------------------------------

_STATES = [
    ({"owed": "0"}, "nothing is owed"), ({"price": ""}, "no usable mark of BTC.price"),
    ({"maturity": "maturity = 2026-05-31"}, "its maturity, 2026-05-31, is past"),
    ({"less": "units_per_day = 1_000_000\n"}, "no [[liquidity]] of BTC says how many units a day its market absorbs"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "says"), _STATES)
def test_what_is_missing_is_named(ask: Any, tmp_path: Path, change: dict[str, Any], says: str) -> None:
    desk = str(written(tmp_path, **change))
    made = loan(told(ask, "--desk", desk, "--paths", "500"))
    assert says in made["reason"] and made["spread_bp"] is None and made["steps"] == []
    _, out, _ = ask("--desk", desk, "--paths", "500")
    assert "No spread:" in out and not re.search(r"\bnan\b", out.lower())


def test_a_chance_is_told_where_only_the_loss_is_unknown(ask: Any, tmp_path: Path) -> None:
    made = loan(told(ask, "--desk", str(written(tmp_path, less="units_per_day = 1_000_000\n")), "--paths", "500"))
    assert 0 < made["pd"]["value"] < 1 and made["lgd"] is None


def test_no_margin_no_maturity_and_no_volatility_are_said(ask: Any, tmp_path: Path) -> None:
    root = written(tmp_path, maturity="", less='[[driver]]\nmatch = "BTC.price"\nvolatility = 0.60\n')
    text = (root / "facilities" / "elm.toml").read_text().replace("fixed_pct = 9\n", 'benchmark = "SOFR"\n')
    (root / "facilities" / "elm.toml").write_text(text)
    made = told(ask, "--desk", str(root), "--paths", "100", "--horizon", "1y")
    one = loan(made)
    assert one["paid"]["bp"] is None and one["paid"]["reason"] == "its spread is not public" and one["gap_bp"] is None
    assert any("no maturity is stated" in note for note in one["notes"])
    assert one["merton"]["pd"] is None and "how BTC.price scatters is not known" in one["merton"]["reason"]
    assert one["pd"]["value"] == 0 and any("BTC.price" in held for held in made["held"])
    assert one["market"]["bp"] is None and "sector.toml" in one["market"]["reason"]


def test_a_desk_without_a_loan_and_tranches_of_nothing(ask: Any, tmp_path: Path) -> None:
    root = written(tmp_path, loans=())
    code, out, _ = ask("--desk", str(root), "--paths", "100", "--tranche", "0-5")
    assert code == 0 and "no loan of ours" in out and "no tranches" in out
    assert told(ask, "--desk", str(root), "--paths", "100", "--tranche", "0-5")["book"] is None


def test_a_parcel_of_two_lenders_is_sold_once(ask: Any, tmp_path: Path) -> None:
    """A second lien: its holder gets what the first leaves, and the coins leave the market once."""
    root = written(tmp_path, loans=("elm", "oak"), cost=0.1)
    oak = root / "facilities" / "oak.toml"
    text = oak.read_text()
    oak.write_text(text[: text.index("[[collateral]]")] + text[text.index("[[covenant]]") :])
    elm = root / "facilities" / "elm.toml"
    elm.write_text(elm.read_text().replace("rank = 1 }", 'rank = 1 }, { facility = "oak", rank = 2 }'))
    made = told(ask, "--desk", str(root), "--paths", "1000")
    assert loan(made, "oak")["lgd"] > loan(made, "elm")["lgd"]


def test_a_horizon_before_maturity_is_said(ask: Any, tmp_path: Path) -> None:
    one = loan(told(ask, "--desk", str(written(tmp_path)), "--paths", "100", "--horizon", "1y"))
    assert one["until"] == "2027-06-30" and any("before its maturity" in note for note in one["notes"])
    one = loan(told(ask, "--desk", str(written(tmp_path)), "--paths", "100", "--horizon", "9y"))
    assert one["until"] == "2030-06-30" and [row["date"] for row in one["dates"]][-1] == "2030-06-30"


def test_a_loan_that_always_falls_at_once_has_no_spread(ask: Any, tmp_path: Path) -> None:
    one = loan(told(ask, "--desk", str(written(tmp_path, level="0.0001")), "--paths", "100"))
    assert one["pd"]["value"] == 1 and "there is no time" in one["reason"] and one["failing_now"] == ["ltv"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--tranche", "0-5,3-10"), "overlap"), (("--tranche", "5-5"), "attaches below"), (("--tranche", "nan-5"), "attaches below"),
        (("--tranche", "junk"), "ATTACH-DETACH"), (("--order", "deflation,chain"), "name each of"), (("--dial", "1.5"), "from 0 to 1"),
        (("--dial", "nan"), "from 0 to 1"), (("--hurdle", "x"), "a number from 0"), (("--horizon", "1d"), "3 months to 30 years"),
        (("--paths", "0"), "--paths"), (("--seed", "-1"), "--seed"), (("--copula", "clayton"), "gaussian"), (("birch",), "did you mean"),
        (("--explain", "birch"), "did you mean"), (("--mark", "BTC.price=-160%"), "more than all"),
        (("--merton", "equity=0,vol=0.4,liability=3,rate=0.05,drift=0"), "above 0"), (("--merton", "equity=1"), "needs equity="),
        (("--merton", "equity=x"), "NAME=NUMBER"), (("--merton", "equity=1e308,vol=0.4,liability=3,rate=0.05,drift=0"), "--merton"),
    ],
)  # fmt: skip
def test_bad_questions_get_a_clear_answer(ask: Any, words: tuple[str, ...], says: str) -> None:
    code, out, err = ask(*words)
    assert (code, out) == (64, "") and says in err


def test_a_desk_whose_pricing_cannot_be_is_told(ask: Any, tmp_path: Path) -> None:
    root = written(tmp_path, less="dial = 1\n", more='dial = 1\norder = ["chain", "chain", "liquidity", "deflation"]\n')
    code, _, err = ask("--desk", str(root))
    assert code == 65 and "D008" in err and "desk.toml" in err


def test_what_is_done_is_kept_when_interrupted(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rules.losses import Losses

    real = Losses.run

    def stops(job: Losses, block: int) -> Any:
        if block:
            raise KeyboardInterrupt
        return real(job, block)

    monkeypatch.setattr(Losses, "run", stops)
    code, out, _ = ask("--paths", "9000", "--horizon", "6m", "--format", "json")
    made = json.loads(out)
    assert code == 130 and made["paths"] == 4096 and not made["complete"]


def test_collateral_worth_nothing_is_all_lost_and_stays_in_the_book(ask: Any) -> None:
    made = told(ask, "--mark", "BTC.price=-100%", "--paths", "50", "--tranche", "0-5,5-100", "--desk", str(SHIPPED))
    one = loan(made, "birch-btc")
    assert one["reason"] is None and one["lgd"] == pytest.approx(1.0) and one["pd"]["value"] == 1.0
    assert "birch-btc" in made["book"]["loans"] and made["book"]["dials"]

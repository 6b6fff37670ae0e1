"""`covenant cure`: the smallest amounts restore when they are applied, and a sale that makes it worse is called so."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from monitor.cli import main
from monitor.remedied import failing_of
from rules.evaluate import evaluate
from rules.remedies import Failing, joint_remedies, remedies
from rules.state import State
from tests.rules.shipped import picture


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    assert main(["cure", *argv, "--format", "json"]) == 0
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


def amounts(one: dict[str, Any]) -> dict[str, float | None]:
    return {part["kind"]: part["amount"] for part in one["remedies"]}


def test_the_illustrative_cures(capsys: pytest.CaptureFixture[str]) -> None:
    found = amounts(told(capsys, "rowan-alder")["covenants"][0])
    assert found["repay"] == pytest.approx(4.283e6, abs=500) and (found["post"], found["sell"]) == (86, 132)
    assert amounts(told(capsys, "rowan-compute/dscr")["covenants"][0])["cash"] == pytest.approx(1.372e6, abs=500)
    assert amounts(told(capsys, "kestrel-abl")["covenants"][0])["sell"] == 957


def test_selling_above_one_less_the_haircut_makes_it_worse(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["birch-btc", "--haircut", "35%"]
    level = 40e6 / 1150
    one = told(capsys, *argv, "--mark", f"BTC.price={level / 0.7005:.4f}")["covenants"][0]
    assert one["actual"] == pytest.approx(0.7005) and one["worse"] == ["selling BTC at 35% cost makes it worse and never clears it"]
    assert told(capsys, "birch-btc", "--haircut", "20%", "--mark", f"BTC.price={level / 0.7005:.4f}")["covenants"][0]["worse"] == []


def test_what_is_named_restores_when_it_is_applied() -> None:
    made = picture()
    one = next(one for one in made.standings if made.book.ids[one.test.facility] == "rowan-alder")
    failing = failing_of(one)
    assert failing is not None
    f = one.test.facility
    sale = made.session.desk.file.liquidity if made.session.desk.file else []
    for remedy in remedies(made.book, failing.worlds, failing.row, failing.rung, sale, failing.threshold):
        assert remedy.amount is not None
        for part, good in ((1.0, True), (0.98, False)):
            column = np.zeros((len(made.book.ids), 1))
            column[f] = remedy.amount * part
            net = 83_275.93 * 0.99
            made_by = {"repay": State(repaid=column), "post": State(posted=column), "sell": State(repaid=column * net, posted=-column)}
            state = made_by[remedy.kind]
            actual = float(evaluate(made.book, failing.worlds, state, rows=failing.row).actual[0, 0])
            assert (actual <= 0.60 + 1e-9) is good, remedy.kind


def test_together_is_the_least_that_clears_each() -> None:
    made = picture()
    one = next(one for one in made.standings if made.book.ids[one.test.facility] == "rowan-alder")
    failing = failing_of(one)
    assert isinstance(failing, Failing)
    sale = made.session.desk.file.liquidity if made.session.desk.file else []
    alone = {part.kind: part.amount for part in remedies(made.book, failing.worlds, failing.row, failing.rung, sale, failing.threshold)}
    both = {part.kind: part.amount for part in joint_remedies(made.book, [failing, failing._replace(rung=None, threshold=0.5)], sale)}
    assert both["repay"] == pytest.approx(52.5e6 - 0.5 * 965 * 83_275.93, rel=1e-6) and (both["repay"] or 0) > (alone["repay"] or 0)
    assert joint_remedies(made.book, [failing], sale)[0].amount == pytest.approx(alone["repay"])


def test_nothing_to_cure_and_nothing_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cure", "birch-btc"]) == 0
    assert "nothing to cure" in capsys.readouterr().out
    assert main(["cure", "linden-b200"]) == 0
    said = capsys.readouterr().out
    assert "Not known" in said and "nothing to cure" not in said and max(map(len, said.split("\n"))) <= 80


def test_one_thing_is_said_of_what_cannot_be_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cure", "linden-b200/ltv"]) == 0
    said = capsys.readouterr().out
    assert "Not known, and so not cured: ltv; nothing else that was asked for fails." in said and "nothing to cure" not in said


@pytest.mark.parametrize("argv", [["nobody"], ["birch-btc/nothing"], ["birch-btc", "--mark", "BTC.price"]])
def test_words_that_are_no_question(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cure", *argv]) == 64
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["cure", "birch-btc", "--haircut", "135%"])


@pytest.mark.parametrize(
    ("name", "ours", "theirs"),
    [
        ("rowan-compute/dscr", ["--scenario", "coins-and-rents"], ["--scenario", "coins-and-rents"]),
        ("rowan-compute/dscr", ["--mark", "H200-SXM.rent=-20%"], ["--at", "H200-SXM.rent=-20%"]),
        ("linden-b200/dscr-fwd", ["--mark", "B200.rent=-10%"], ["--at", "B200.rent=-10%"]),
    ],
)
def test_another_world_is_read_as_stress_reads_it(
    name: str, ours: list[str], theirs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    one = told(capsys, name, *ours)["covenants"][0]
    assert main(["stress", "--explain", name, *theirs]) == 0
    missing = re.search(r"money missing to the level: ([\d,.]+)", capsys.readouterr().out)
    assert missing is not None and one["basis"] == "stressed"
    assert amounts(one)["cash"] == pytest.approx(float(missing[1].replace(",", "")), rel=1e-6)

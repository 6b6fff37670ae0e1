"""The obligor group looked through: what it owes, nothing twice, and how far its free coins meet a call."""

import json
import shutil
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.places import SHIPPED


def explained(capsys: pytest.CaptureFixture[str], desk: Path, facility: str, name: str) -> float:
    assert main(["explain", facility, name, "--desk", str(desk), "--format", "json"]) == 0
    value = json.loads(capsys.readouterr().out)["explained"][name]["value"]
    assert isinstance(value, float)
    return value


@pytest.mark.parametrize("facility", ["rowan-alder", "rowan-compute"])
def test_the_group_owes_each_debt_once_whoever_asks(capsys, facility):
    assert explained(capsys, SHIPPED, facility, "group_debt") == pytest.approx(245.4e6, abs=5e4)
    assert explained(capsys, SHIPPED, facility, "group_net_debt") == pytest.approx(231.4e6, abs=5e4)
    assert explained(capsys, SHIPPED, facility, "group_coins") == pytest.approx(25.8e6, abs=5e4)
    assert explained(capsys, SHIPPED, facility, "group_cash") == 14e6


def test_a_borrower_without_a_group_stands_alone(capsys):
    assert explained(capsys, SHIPPED, "birch-btc", "group_debt") == pytest.approx(40e6)


def test_free_coins_meet_the_call_down_to_a_price(capsys, tmp_path):
    desk = tmp_path / "desk"
    shutil.copytree(SHIPPED, desk)
    alder = desk / "facilities" / "rowan-alder.toml"
    covenant = 'id = "free"\nrule = "ltv_with_free_coins"\nclass = "maintenance"\noperator = "<="\nthreshold = 0.60\n'
    covenant += 'test = { frequency = "continuous" }\n'
    alder.write_text(alder.read_text() + "\n[[covenant]]\n" + covenant)
    main(["report", "--desk", str(desk), "--format", "json", "--facility", "rowan-alder"])
    part = json.loads(capsys.readouterr().out)["facilities"][0]
    free = next(one for one in part["covenants"] if one["id"] == "free")
    assert free["assessments"][0]["drivers"][0]["breach_at"] == pytest.approx(68_627, abs=0.5)
    assert free["assessments"][0]["drivers"][0]["shock_to_breach"] == pytest.approx(-0.176, abs=5e-4)


def test_other_debt_of_an_obligor_counts_and_an_unknown_one_makes_the_sum_unknown(capsys, tmp_path):
    desk = tmp_path / "desk"
    shutil.copytree(SHIPPED, desk)
    holdings = desk / "obligors" / "rowan-holdings.toml"
    text = holdings.read_text()
    holdings.write_text(text + '\n[[debt]]\nid = "bank"\noutstanding = 1_000_000\n')
    assert explained(capsys, desk, "rowan-alder", "group_debt") == pytest.approx(246.4e6, abs=5e4)
    holdings.write_text(text + '\n[[debt]]\nid = "bank"\n')
    assert main(["explain", "rowan-alder", "group_debt", "--desk", str(desk), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["explained"]["group_debt"]["value"] is None

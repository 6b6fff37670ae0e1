"""The page of each analysis on the shipped desk: the golden one, at most 80 columns wide, no figure that is none."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from monitor.cli import main

GOLDEN = Path(__file__).with_name("golden")
PAGES = {
    "stress-scenarios": ["stress"],
    "stress-grid": ["stress", "--grid", "BTC.price=-60%..+20%,H100-SXM=-60%..+20%"],
    "stress-axis": ["stress", "--grid", "SOFR.rate=-100bp..300bp:5"],
    "stress-frontier": ["stress", "--grid", "H100-SXM.rent=-40%..+20%:4,H100-SXM.price=-40%..+20%:4", "--facility", "tamar-h100"],
    "stress-paths": ["stress", "--paths", "8192", "--seed", "1"],
    "stress-dial": ["stress", "--dial", "0..1:3", "--paths", "4096", "--seed", "1", "--copula", "t4"],
    "stress-reverse": ["stress", "--reverse", "3"],
    "stress-explain": ["stress", "--explain", "tamar-h100/dscr", "--scenario", "coins-and-rents"],
    "chain-grid": ["chain", "--grid", "BTC.price=-60%..0%:3"],
    "chain-if": ["chain", "--if", "birch-btc=acceleration"],
    "cure-ladder": ["cure", "rowan-alder"],
    "cure-worse": ["cure", "rowan-alder", "--haircut", "35%", "--mark", "BTC.price=-10%"],
    "cure-base": ["cure", "kestrel-abl"],
    "cure-ratio": ["cure", "rowan-compute"],
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("eighty")
def test_the_page_is_the_golden_one_and_fits(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(PAGES[page]) == 0
    made, golden = capsys.readouterr().out, GOLDEN / f"{page}.txt"
    if os.environ.get("COVENANT_GOLDEN") == "write":
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")
    assert not re.search(r"\b(nan|inf)\b", made.lower())
    if page != "stress-explain":  # a tree is as wide as its names
        assert max(map(len, made.splitlines())) <= 80

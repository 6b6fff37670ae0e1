"""A mark that the desk calls good and an agreement's own policy does not rely on: both are said."""

from __future__ import annotations

import csv
import io
import json

import pytest

from monitor.cli import main

TOLD = "stale for linden-b200/ltv: the last print is older than 90D"


def test_the_list_names_the_covenant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["marks", "list"]) == 0
    assert f"    {TOLD}\n" in capsys.readouterr().out
    assert main(["marks", "list", "--format", "json"]) == 0
    rows = {one["series"]: one for one in json.loads(capsys.readouterr().out)["marks"]}
    assert (rows["B200.price.appraisal"]["data"], rows["B200.price.appraisal"]["reason"]) == ("good", TOLD)
    assert rows["BTC.price"]["reason"] is None


def test_a_facility_without_covenants_has_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(one["covenant"], one["legal"]) for one in rows if one["facility"] == "rowan-convert"] == [("", "compliant")]

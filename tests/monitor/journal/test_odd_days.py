"""Days that are easily counted wrong, through the command: clock changes, leap days, two tests on one day, amendments out of order."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests.monitor.journal.desk import Typed

LADDER = """class = "margin_ladder"
starts = "notice"
rung = [{{ above = 0.50, state = "call", within = "{within}", restore_to = 0.45 }}]
"""


def covenants(run: Typed, *argv: str) -> dict[str, dict[str, Any]]:
    run("report --format json", *argv)
    return {one["id"]: one for part in json.loads(run.out)["facilities"] for one in part["covenants"]}


@pytest.mark.parametrize(
    ("within", "notice", "deadline"),
    [
        ("48h", "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z"),  # hours elapse
        ("2D", "2026-10-31T12:00:00Z", "2026-11-03T05:00:00Z"),  # days end by the clock on the wall, an hour later than before
        ("1D", "2026-03-07T12:00:00Z", "2026-03-09T04:00:00Z"),  # and an hour sooner in spring
        ("1D", "2028-02-28T12:00:00Z", "2028-03-01T05:00:00Z"),  # to the end of 29 February
        ("1D", "2027-02-28T12:00:00Z", "2027-03-02T05:00:00Z"),
    ],
)
def test_a_call_counts_its_days_over_clock_changes_and_leap_days(
    run: Typed, root: Path, monkeypatch: pytest.MonkeyPatch, within: str, notice: str, deadline: str
) -> None:
    at = dt.datetime.fromisoformat(notice) + dt.timedelta(hours=1)
    monkeypatch.setattr("monitor.session.now", lambda: at)
    (root / "desk.toml").write_text('[desk]\nname = "Small"\ntimezone = "America/New_York"\n')
    loan = root / "facilities" / "coin.toml"
    loan.write_text(loan.read_text().replace("threshold = 0.70\n", LADDER.format(within=within)))
    (root / "marks" / "m.csv").write_text(f"series,date,value,unit,source\nBTC.price,{notice[:10]}T00:00:00Z,100,USD/BTC,venue\n")
    assert run(f"event notice coin/ltv --effective {notice} --known {notice}") == 0, run.err
    ltv = covenants(run, "--facility", "coin")["ltv"]
    assert (ltv["legal"], ltv["deadline"]) == ("call", deadline)


def test_two_tests_on_one_day_are_two_tests(run: Typed, root: Path) -> None:
    loan = root / "facilities" / "project.toml"
    other = '[[covenant]]\nid = "twin"\nrule = "leverage"\noperator = "<="\nthreshold = 5\n'
    loan.write_text(loan.read_text() + other + 'test = { frequency = "annual", first = 2026-06-30, certificate_due_days = 60 }\n')
    found = covenants(run, "--facility", "project")
    days = {name: {one["basis"]: one for one in found[name]["assessments"]}["tested"] for name in ("leverage", "twin")}
    assert {one["period_end"] for one in days.values()} == {"2026-06-30"} and days["leverage"]["actual"] == days["twin"]["actual"]
    assert run("event waiver project/leverage") == 0, run.err
    found = covenants(run, "--facility", "project")
    assert found["leverage"]["legal"] == "waived" and found["twin"]["legal"] == "default", "a waiver is of the covenant it names"


AMENDED = """
[[amendment]]
id = "second"
signed = 2026-08-20
effective = 2026-09-01
covenant.ltv = { threshold = 0.55 }

[[amendment]]
id = "first"
signed = 2026-09-20
effective = 2026-06-01
covenant.ltv = { threshold = 0.65 }
"""


@pytest.mark.parametrize(
    ("as_of", "known", "level"),
    [
        ("2026-05-31", "2026-10-08", 0.70),
        ("2026-06-30", "2026-07-31", 0.70),  # in force in June by what was signed in September: nobody knew
        ("2026-06-30", "2026-10-08", 0.65),
        ("2026-09-10", "2026-09-10", 0.55),
        ("2026-10-08", "2026-10-08", 0.55),  # the last to take effect holds, whichever was signed last or stands last in the file
    ],
)
def test_amendments_count_by_when_they_take_effect_and_are_signed(run: Typed, root: Path, as_of: str, known: str, level: float) -> None:
    loan = root / "facilities" / "coin.toml"
    loan.write_text(loan.read_text() + AMENDED)
    ltv = covenants(run, "--facility", "coin", "--as-of", as_of, "--known-at", known)["ltv"]
    assert [one["threshold"] for one in ltv["assessments"]] == [level]

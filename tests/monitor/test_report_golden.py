"""The report and the check of the illustrative facilities, held to golden files; COVENANT_GOLDEN=write renews them."""

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest

from monitor.cli import main

GOLDEN = Path(__file__).with_name("golden")
NAMES = ("birch-btc", "rowan-alder", "rowan-compute", "kestrel-abl", "linden-b200", "tamar-h100")
ASKED = [word for name in NAMES for word in ("--facility", name)]


def settled(text: str) -> str:
    """The text without the hashes, which change with every comment in a desk file."""
    return re.sub(r"(?<=desk )[0-9a-f]{16}|(?<=marks )[0-9a-f]{16}|(?<=[\"`])[0-9a-f]{64}", "HASH", text)


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("report.txt", ["report"]),
        ("report-80.txt", ["report", "--since", "2026-10-05"]),
        ("report.md", ["report", "--format", "md", "--since", "2026-10-05"]),
        ("report.json", ["report", "--format", "json"]),
        ("report.jsonl", ["report", "--format", "jsonl", "--since", "2026-10-05"]),
        ("report.csv", ["report", "--format", "csv", "--since", "2026-10-05"]),
        ("check.txt", ["check"]),
        ("check-since.txt", ["check", "--since", "2026-10-05"]),
        ("check.json", ["check", "--format", "json"]),
        ("check.jsonl", ["check", "--format", "jsonl"]),
        ("check.csv", ["check", "--format", "csv"]),
    ],
)
def test_output_is_the_golden_one(name, argv, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80" if "80" in name else "100")
    assert main([*argv, *ASKED]) == 2
    made = settled(capsys.readouterr().out)
    golden = GOLDEN / name
    if os.environ.get("COVENANT_GOLDEN") == "write":
        golden.write_bytes(made.encode())
    wanted = golden.read_bytes().decode()
    assert close(parsed(name, made), parsed(name, wanted))


def parsed(name: str, text: str) -> object:
    """A document as its readers read it: figures as numbers, so that they may differ in the last digit."""
    if name.endswith(".json"):
        return json.loads(text)
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    if name.endswith(".csv"):
        assert text.count("\r\n") == text.count("\n")
        return [[figure(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    return text


def figure(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def close(made: object, wanted: object) -> bool:
    """The same shape, keys, words, and figures to 1e-9: libraries may differ in the last digit."""
    if isinstance(wanted, dict):
        return isinstance(made, dict) and list(made) == list(wanted) and all(close(made[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(made, list) and len(made) == len(wanted) and all(close(a, b) for a, b in zip(made, wanted, strict=True))
    if isinstance(wanted, float):
        return isinstance(made, (int, float)) and made == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    return made == wanted


def test_no_figure_is_rounded_and_none_is_not_a_number(capsys):
    main(["report", "--format", "json"])
    text = capsys.readouterr().out
    assert "NaN" not in text and "Infinity" not in text
    alder = next(one for one in json.loads(text)["facilities"] if one["id"] == "rowan-alder")
    assert alder["covenants"][0]["assessments"][0]["actual"] == pytest.approx(52_500_000 / (965 * 83_275.93), rel=1e-15)

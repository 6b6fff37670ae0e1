"""Every error of the corpora as `check` sees it: the desk is refused, or the error is told and what stands on it is not judged.

The desks are those of `tests/errors`: each bad file laid over a small good desk. A test file of covenants decides nothing and
is read by `covenant test` and `lint` alone.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from monitor import cli

ERRORS = Path(__file__).parents[1] / "errors"
SPECIAL = ("expected.txt", ".without", "README")
APART = ("base", "cases", "marks", "odd", "formulas")

SURE = """
[[covenant]]
id = "sure"
rule = "sure"
operator = ">="
threshold = 1
test = { frequency = "continuous" }
"""
"""A covenant that reads one mark and passes: what is judged of a facility where the error touches something else of it."""

REST_JUDGED = {
    "F021", "F039", "O001", "O002", "O003",
    "F022", "F023", "F024", "F025", "F030", "F031", "F038", "F041", "F042", "F043", "F044", "F049", "L005",
    "R001", "R002", "R003", "R004", "R005", "R006", "R007", "R008", "R009", "R010", "R011", "R012", "R013", "T001", "T002",
}  # fmt: skip
"""Errors of one covenant, one definition, one cross-link, one series, an obligor or a source: the rest of the facility is judged."""


def corpus(base: Path) -> list[str]:
    return sorted(one.name for one in base.iterdir() if one.is_dir() and one.name not in APART)


def laid(base: Path, case: str, root: Path) -> Path:
    shutil.copytree(base / "base", root)
    shutil.copytree(base / case, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*SPECIAL))
    without = base / case / ".without"
    for name in without.read_text().split() if without.exists() else ():
        (root / name).unlink()
    price = "H100-SXM.price" if base == ERRORS else "BTC.price"
    (root / "rules").mkdir(exist_ok=True)
    (root / "rules" / "sure.toml").write_text(f"[quantity.sure]\nformula = 'mark(\"{price}\")'\n")
    for path in (root / "facilities").iterdir():
        if path.is_file():
            path.write_bytes(path.read_bytes() + SURE.encode())
    if case.startswith("F002"):
        (root / "facilities" / "bad.toml").write_bytes(b"#" * 5_000_001)
    return root


CASES = [(ERRORS, case) for case in corpus(ERRORS)] + [(ERRORS / "formulas", case) for case in corpus(ERRORS / "formulas")]


@pytest.mark.parametrize(("base", "case"), CASES, ids=[case for _, case in CASES])
def test_no_error_of_lint_is_silent_elsewhere(base: Path, case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, code = laid(base, case, tmp_path / "desk"), case.partition("-")[0]
    assert cli.main(["lint", "--desk", str(root), "--format", "json"]) in (0, 65)
    level = {one["code"]: one["level"] for one in json.loads(capsys.readouterr().out)}.get(code)
    found = cli.main(["check", "--desk", str(root)])
    out, err = capsys.readouterr()
    if level != "error":
        assert found in (0, 1, 2, 3)
        return
    assert f"[{code}]" in err
    if found == 65:
        assert out == ""
        return
    assert found in (2, 3)
    cli.main(["report", "--desk", str(root), "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert code in {one["code"] for one in report["problems"]}
    for facility in bad_facilities(root, report):
        results = {row["id"]: {one["result"] for one in row["assessments"]} for row in facility["covenants"]}
        sure = results.pop("sure", {"indeterminate"})
        assert sure == ({"pass"} if code in REST_JUDGED else {"indeterminate"}), facility["id"]
        judged = set().union(*results.values()) & {"pass", "watch", "fail"}
        assert not judged or code == "F039", facility["id"]
        assert facility["severity"] == "indeterminate" or code == "F038"
    assert code in out or "cannot be used" in out or not bad_facilities(root, report) or code == "F038"


def bad_facilities(root: Path, report: dict[str, list[dict[str, object]]]) -> list[dict[str, object]]:
    """The facilities of the files that are told of, and those whose borrower is an obligor of such a file."""
    files = {one["place"]["file"] for one in report["problems"] if one["level"] == "error"}
    told = {ident(root / file, "facility") for file in files if file.startswith("facilities/")}
    who = {ident(root / file, "obligor") for file in files if file.startswith("obligors/")}
    borrowed = {path.stem for path in (root / "facilities").glob("*.toml") if path.is_file() and borrower(path) in who}
    found = [one for one in report["facilities"] if one["id"] in told | borrowed]
    assert {one["id"] for one in found} == told | borrowed
    return found


def ident(path: Path, kind: str) -> str:
    """The id that a file gives itself, else its name."""
    text = path.read_text(errors="replace") if path.is_file() else ""
    found = re.search(rf"^\[{kind}\]\nid = \"([a-z-]+)\"$", text, re.MULTILINE)
    return found[1] if found else path.stem


def borrower(path: Path) -> str | None:
    found = re.search(r'^borrower = "(.*)"$', path.read_text(errors="replace"), re.MULTILINE)
    return found[1] if found else None

"""Every code of the catalogue has a bad desk under tests/errors, and says exactly what is written beside it.

Each folder is laid over `base`, a small good desk. `COVENANT_GOLDEN=write` writes the texts anew; read them before
they are committed.
"""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
import tomli

from facilities.catalogue import CATALOGUE
from facilities.lint import lint
from facilities.load import LIMIT, load
from facilities.model import LineTerms, QuantityTerms, RuleFile, RuleTerms
from facilities.problems import Problem, render

ERRORS = Path(__file__).parent.parent / "errors"
CASES = sorted(folder.name for folder in ERRORS.iterdir() if folder.name not in ("base", "cases", "formulas", "marks", "odd"))
MARKS = {"SOFR.rate", "H100-SXM.price"}
LIBRARY = RuleFile(
    line={"revenue_cash": LineTerms(), "opex_cash": LineTerms(), "ebitda": LineTerms()},
    quantity={"dscr_hist": QuantityTerms(formula="1")},
    rule={
        "dscr_hist": RuleTerms(quantity="dscr_hist", class_="maintenance", operator=">="),
        "coin_price": RuleTerms(quantity="coin_price", class_="margin_ladder", operator=">="),
        "borrowing_base": RuleTerms(quantity="availability", class_="borrowing_base", operator=">=", threshold=Decimal(0)),
    },
)
"""A small library: the rules of the shipped one are not known in this room."""

SPECIAL = ("expected.txt", ".without", "README")


def laid_over_base(case: str, root: Path) -> Path:
    """The base desk with the files of the case over it, without those that `.without` names."""
    shutil.copytree(ERRORS / "base", root)
    if case != "base":
        shutil.copytree(ERRORS / case, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*SPECIAL))
    without = ERRORS / case / ".without"
    for name in without.read_text().split() if without.exists() else ():
        (root / name).unlink()
    if case.startswith("F002"):
        (root / "facilities" / "bad.toml").write_bytes(b"#" * (LIMIT + 1))
    return root


def problems_of(root: Path) -> list[Problem]:
    desk = load(root)
    return desk.problems + lint(desk, MARKS, LIBRARY, {"unrestricted_cash"})


def test_the_base_is_good(tmp_path: Path) -> None:
    assert problems_of(laid_over_base("base", tmp_path / "desk")) == []


@pytest.mark.parametrize("case", CASES)
def test_the_text_of_each_problem(case: str, tmp_path: Path) -> None:
    root = laid_over_base(case, tmp_path / "desk")
    found = problems_of(root)
    text = "\n\n".join(render(problem) for problem in found) + "\n"
    text = text.replace(str(root), "DESK")
    expected = ERRORS / case / "expected.txt"
    if os.environ.get("COVENANT_GOLDEN") == "write":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    kind = CATALOGUE[case.partition("-")[0]]
    assert case == f"{kind.code}-{kind.name}"
    assert {(problem.code, problem.name, problem.level) for problem in found} == {(kind.code, kind.name, kind.level)}


def test_every_code_has_its_case() -> None:
    assert [case.partition("-")[0] for case in CASES] == sorted(CATALOGUE)


def test_names_are_kebab_case_and_unique() -> None:
    names = [kind.name for kind in CATALOGUE.values()]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)
    assert all(kind.hint and kind.level in ("error", "warning") for kind in CATALOGUE.values())


LEGAL = """
[[facility.balance]]
date = 2026-03-31
outstanding = 5
known = 2026-04-10

[[facility.balance]]
date = 2026-03-31
outstanding = 6
known = 2026-05-02

[[covenant]]
id = "ltv"
rule = "ltv"
class = "margin_ladder"
rung = [
  { above = 0.60, state = "call", within = "2BD", restore_to = 0.60 },
  { at_or_above = 0.70, state = "call", within = "12h", restore_to = 0.60 },
]

[[covenant]]
id = "cover"
class = "margin_ladder"
rung = [
  { below = 1.50, state = "call", restore_to = 1.65 },
  { at_or_below = 1.10, state = "liquidation" },
]

[[covenant]]
id = "hidden"
class = "maintenance"
threshold_public = false
entity = "group"
test = { frequency = "annual", first = "2025" }

[[contract]]
customer = "First"
asset = "H100-SXM"
units = 1_000
rate = 2.0
start = 2026-01-01
end = 2026-06-30

[[contract]]
customer = "Second"
asset = "H100-SXM"
units = [{ from = 2026-07-01, value = 900 }]
rate = 2.0
start = 2026-07-01
end = 2027-06-30

[[cross_link]]
kind = "cross_default"
on_default_of = { debtors = ["subsidiaries", "oak"], facilities = ["oak"] }

[[amendment]]
id = "first"
signed = 2026-05-01
effective = 2026-01-01
covenant.dscr = { threshold = 1.10 }
"""


def test_what_is_legal_is_not_told(tmp_path: Path) -> None:
    root = laid_over_base("base", tmp_path / "desk")
    oak = root / "facilities" / "oak.toml"
    oak.write_text(oak.read_text() + LEGAL)
    assert problems_of(root) == []


def test_an_unreadable_file_is_not_told_again_by_those_that_name_it(tmp_path: Path) -> None:
    root = laid_over_base("base", tmp_path / "desk")
    (root / "obligors" / "oak.toml").write_text("[obligor\n")
    assert [problem.code for problem in problems_of(root)] == ["F005"]


def test_marks_are_not_asked_for_when_nobody_says_which_there_are(tmp_path: Path) -> None:
    desk = load(laid_over_base("F038-unprovided-mark", tmp_path / "desk"))
    assert lint(desk) == []
    assert len(lint(desk, set())) > len(lint(desk, MARKS))


def test_what_is_a_fraction_is_said_so_where_keys_are_told() -> None:
    from facilities.lint.percent import FRACTIONS

    words = tomli.loads((Path(__file__).parents[2] / "facilities" / "model" / "words.toml").read_text(encoding="utf-8"))
    told = [(key, said[0].split()[0]) for table in words.values() for key, said in table.items()]
    units = {key: {unit for name, unit in told if name == key} for key in _percent(words)}
    assert {key for key, said in units.items() if said == {"fraction"}} == FRACTIONS
    assert all(said == {"fraction"} or {one.rstrip(",") for one in said} == {"percent"} for said in units.values())


def _percent(words: dict[str, dict[str, list[str]]]) -> set[str]:
    return {name for table in words.values() for name in table if name.endswith("_pct")}

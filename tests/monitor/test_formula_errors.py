"""Every code of the formulas, and what opening a desk can find, has a bad desk under tests/errors/formulas and its exact text.

COVENANT_GOLDEN=write writes the texts anew; read them before they are committed.
"""

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest

from facilities.catalogue import CATALOGUE
from facilities.problems import Problem, render
from monitor.assess import assess
from monitor.places import DeskError
from monitor.session import open_desk
from rules.wording import RULE_CODES

FORMULAS = Path(__file__).parents[1] / "errors" / "formulas"
CASES = sorted(folder.name for folder in FORMULAS.iterdir() if folder.name != "base")
AT = dt.datetime(2026, 10, 9, tzinfo=dt.UTC)


def problems_of(root: Path) -> list[Problem]:
    try:
        session = open_desk(root)
    except DeskError as error:
        return error.problems
    found = dict.fromkeys([*session.problems, *assess(session, AT, AT).book.problems])
    return [one for one in found if one.code not in CATALOGUE]  # what lint says of the same is its own


def laid_over_base(case: str, root: Path) -> Path:
    shutil.copytree(FORMULAS / "base", root)
    shutil.copytree(FORMULAS / case, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    return root


@pytest.mark.parametrize("case", CASES)
def test_the_text_of_each_problem(case, tmp_path):
    found = problems_of(laid_over_base(case, tmp_path / "desk"))
    text = "\n\n".join(render(one) for one in found) + "\n"
    expected = FORMULAS / case / "expected.txt"
    if os.environ.get("COVENANT_GOLDEN") == "write":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert {f"{one.code}-{one.name}" for one in found} == {case}


def test_every_code_has_its_desk():
    codes = {f"{code}-{name}" for code, name in RULE_CODES.items()} | {"D011-unknown-calendar"}
    assert set(CASES) == codes


def test_the_base_is_good(tmp_path):
    shutil.copytree(FORMULAS / "base", tmp_path / "desk")
    assert problems_of(tmp_path / "desk") == []

"""`covenant init`, `schema` and `rules`: a stranger's first desk, what editors read of it, and the book of definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli

from facilities.schema import FILES
from monitor.places import STARTER
from monitor.verbs.schema import names_offered
from rules.definitions import read_library
from rules.vocabulary import PRIMITIVES
from tests.facilities.test_schema import as_an_editor_sees, files

pytestmark = pytest.mark.usefixtures("eighty")

Run = Any


@pytest.fixture
def desk(tmp_path: Path, ask: Run) -> Path:
    assert ask("init", tmp_path / "desk")[0] == 0
    return tmp_path / "desk"


def test_the_starter_desk_is_clean_and_shows_a_call_and_an_amber(ask: Run, desk: Path) -> None:
    assert ask("lint", "--desk", desk) == (0, "", "0 errors, 0 warnings\n")
    code, out, err = ask("check", "--desk", desk)
    assert (code, err) == (2, "")
    assert [line.split()[:2] for line in out.splitlines()] == [["CALLABLE", "hazel-btc/ltv"], ["WATCH", "maple-term/dscr"]]


def test_init_takes_an_empty_folder_and_leaves_any_other_as_it_is(ask: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert ask("init", tmp_path / "empty")[0] == 0
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    code, out, err = ask("init", tmp_path / "full")
    assert (code, out) == (64, "") and "not empty" in err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["notes.txt"]
    assert ask("init", tmp_path / "full" / "notes.txt")[0] == 64
    assert (tmp_path / "full" / "notes.txt").read_text() == "mine"
    assert ask("init", tmp_path / "full" / "notes.txt" / "below")[0] == 74


def test_each_file_names_a_schema_that_is_there_and_accepts_it(desk: Path) -> None:
    checked = 0
    for kind, path in files(desk):
        first = path.read_text().splitlines()[0]
        assert first.startswith("#:schema ")
        named = (path.parent / first.removeprefix("#:schema ")).resolve()
        assert named == (desk / ".schema" / f"{kind}.schema.json").resolve()
        jsonschema.Draft7Validator(json.loads(named.read_text())).validate(as_an_editor_sees(tomli.loads(path.read_text())))
        checked += 1
    assert checked == 7
    rules = tomli.loads((desk / ".taplo.toml").read_text())["rule"]
    assert {(desk / rule["schema"]["path"]).is_file() for rule in rules} == {True}


def test_an_editor_is_offered_the_rules_of_the_library_and_of_the_desk(ask: Run, desk: Path) -> None:
    (desk / "rules" / "own.toml").write_text('[quantity.my_cover]\nformula = "1 / ltv"\n')
    (desk / ".schema" / "facility.schema.json").unlink()
    code, out, _ = ask("schema", "--write", desk)
    assert code == 0 and len(out.splitlines()) == len(FILES)
    covenant = json.loads((desk / ".schema" / "facility.schema.json").read_text())["definitions"]["Covenant"]
    words = covenant["properties"]["rule"]["anyOf"][0]["enum"]
    assert {"my_cover", "dscr_hist", "min_liquidity"} <= set(words) and words == names_offered(desk)["Covenant", "rule"]


def test_schema_answers_by_kind_and_refuses_what_is_none(ask: Run, tmp_path: Path) -> None:
    code, out, _ = ask("schema")
    assert code == 0
    whole = json.loads(out)
    code, out, _ = ask("schema", "facility")
    assert code == 0 and json.loads(out) == whole["facility"]
    code, out, err = ask("schema", "facilty")
    assert (code, out) == (64, "") and "did you mean 'facility'" in err
    code, out, err = ask("schema", "--write", tmp_path)
    assert (code, out) == (64, "") and "no desk" in err


def test_rules_lists_every_definition_within_the_width(ask: Run, desk: Path) -> None:
    code, text, _ = ask("rules", "--desk", desk)
    assert code == 0 and max(map(len, text.splitlines())) <= 80
    book = json.loads(ask("rules", "--desk", desk, "--format", "json")[1])
    library = read_library()
    assert {one["name"] for one in book["quantities"]} == set(library.quantity)
    assert {one["name"] for one in book["rules"]} == set(library.rule)
    assert {one["name"] for one in book["lines"]} == {*library.line, "founder_salaries"}
    assert set(PRIMITIVES) < {one["name"] for one in book["words"]}
    assert all(f"{name} [" in text for name in library.quantity)
    markdown = ask("rules", "--desk", desk, "--format", "md")[1]
    assert all(f"| `{name}` |" in markdown for name in (*library.quantity, *library.rule))


def test_rules_shows_one_definition_whole_with_what_it_lies_over_and_who_uses_it(ask: Run, desk: Path) -> None:
    code, text, _ = ask("rules", "ebitda", "--desk", desk)
    assert code == 0 and max(map(len, text.splitlines())) <= 80
    assert "clause 1.01, House form of credit agreement" in text and "rules/house.toml:9" in text
    assert "over: known(" in text and "├─ modelled_revenue [money/period] =" in text
    assert "used by: maple-term/leverage" in text
    assert ask("rules", "outstanding", "--desk", desk)[1].startswith("leaf outstanding [money]: principal owed")
    assert "used by: maple-term/leverage" in ask("rules", "founder_salaries", "--desk", desk)[1]
    code, out, err = ask("rules", "ebtida", "--desk", desk)
    assert (code, out) == (64, "") and "did you mean 'ebitda'" in err


def test_rules_of_one_facility_are_its_own_wording(ask: Run, desk: Path) -> None:
    file = desk / "facilities" / "maple-term.toml"
    line = len(file.read_text().splitlines()) + 1
    file.write_text(file.read_text() + '[quantity.ebitda]\nformula = \'reported("revenue_cash")\'\nunit = "money/period"\nclause = "9.9"\n')
    told = " ".join(ask("rules", "ebitda", "--desk", desk)[1].split())
    assert f"defined otherwise by: maple-term (facilities/maple-term.toml:{line})" in told
    text = ask("rules", "ebitda", "--desk", desk, "--facility", "maple-term")[1]
    assert "clause 9.9" in text and f"facilities/maple-term.toml:{line}" in text and "founder_salaries" in text.split("over:")[1]
    assert ask("rules", "--desk", desk, "--facility", "nobody")[0] == 64


def test_every_file_of_the_starter_desk_is_text_that_travels() -> None:
    assert {path.relative_to(STARTER).parts[0] for path in STARTER.rglob("*") if path.is_file()} == {
        ".taplo.toml", "README.md", "desk.toml", "facilities", "marks", "obligors", "rules", "tests",
    }  # fmt: skip


def test_a_wording_that_cannot_be_used_is_told_of_and_crashes_nothing(ask: Run, desk: Path) -> None:
    file = desk / "facilities" / "maple-term.toml"
    file.write_text(file.read_text() + '[quantity.ebitda]\nformula = "outstanding + accrued"\nunit = "x"\n')
    for words in (("explain", "maple-term", "ebitda"), ("explain", "maple-term", "icr")):
        code, _, err = ask(*words, "--desk", desk)
        assert code == 64 and "R005" in err
    code, out, err = ask("rules", "ebitda", "--facility", "maple-term", "--desk", desk)
    assert code == 0 and "outstanding + accrued" in out and "R005" in err
    assert ask("lint", "--desk", desk)[0] == 65


def test_a_loan_whose_collateral_is_gone_says_so(ask: Run, desk: Path) -> None:
    loan = desk / "facilities" / "hazel-btc.toml"
    loan.write_text(loan.read_text(encoding="utf-8").replace("units = 540", "units = 0"), encoding="utf-8")
    code, out, _ = ask("check", "--desk", desk)
    line = out.splitlines()[0]
    assert code == 2 and "- > 65.0%" in line and "  no collateral  callable" in line and "price driver" not in line


def test_a_folder_without_a_desk_is_named(ask: Run, desk: Path) -> None:
    assert f"the folder {desk / 'marks'} has no desk.toml" in "".join(ask("check", "--desk", desk / "marks")[1:])


def test_sector_says_what_is_missing(ask: Run, desk: Path) -> None:
    code, _, err = ask("sector", "--desk", desk)
    assert code == 0 and "the desk has no sector.toml" in err

"""`covenant test`: what it says of a case that is off, of a test file that is wrong, and of thresholds."""

from __future__ import annotations

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

import facilities
import rules.judge
from facilities.catalogue import CATALOGUE as OF_FILES
from facilities.model import SeriesPolicy, Step
from monitor import cli
from monitor.cases.marks import GivenMarks
from monitor.cases.problems import CATALOGUE
from monitor.cases.run import run
from monitor.cases.text import summary_text
from monitor.marks.columns import column
from monitor.marks.history import History
from monitor.marks.prints import Print
from rules.compare import passes
from rules.wording import RULE_CODES
from rules.worlds import DATA

ERRORS = Path(__file__).parents[1] / "errors" / "cases"
BAD = sorted(folder.name for folder in ERRORS.iterdir())
SHIPPED = Path(facilities.__file__).parent / "desk"

LOAN = """as_of = 2021-12-31
marks = { "BTC.price" = 100 }
[facility]
balance = [{ date = 2021-12-31, outstanding = 60 }]
[[collateral]]
id = "coins"
asset = "BTC"
units = 1
price = "BTC.price"
lien = [{ facility = "loan", rank = 1 }]
[[covenant]]
id = "ltv"
rule = "ltv"
operator = "<="
threshold = 0.65
test = { frequency = "continuous" }
"""


def ask(tmp_path: Path, cases: str, loan: str = LOAN, only: str | None = None, every: bool = False):
    (tmp_path / "loan.toml").write_text(loan + cases, encoding="utf-8")
    return run([str(tmp_path / "loan.toml")], SHIPPED, only, every)


def case(name: str, body: str) -> str:
    return f'[[case]]\nname = "{name}"\n{body}\n'


# what a bad file is told


@pytest.mark.parametrize("name", BAD)
def test_a_bad_test_file_is_told_with_code_place_and_hint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ERRORS / name)
    made = run(["loan.toml"], SHIPPED)
    text = summary_text(made) + "\n"
    expected = ERRORS / name / "expected.txt"
    if os.environ.get("COVENANT_GOLDEN") == "write":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert made.exit_code == 65 and "hint: " in text and "\x1b" not in text
    assert {one.code for outcome in made.outcomes for one in outcome.problems} >= {name.partition("-")[0]}
    assert all(outcome.status == "error" for outcome in made.outcomes)


def test_every_code_has_its_file() -> None:
    codes = {name.partition("-")[0] for name in BAD}
    assert codes - OF_FILES.keys() - RULE_CODES.keys() == CATALOGUE.keys() - {"C001"}


def test_a_desk_without_tests_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "desk.toml").write_text('[desk]\nname = "None"\n')
    assert cli.main(["test", "--desk", str(tmp_path)]) == 65
    assert "error[C001] no-test-file" in capsys.readouterr().out


def test_a_path_that_is_not_there_is_input_and_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["test", "no/such/file.toml"]) == 74
    assert "no/such/file.toml" in capsys.readouterr().err


# what a case that is off is told


def test_a_failing_case_shows_every_field_and_how_it_was_computed(tmp_path: Path) -> None:
    made = ask(tmp_path, case("off", 'expect.ltv = { actual = 0.50, result = "fail", breach_at = { "BTC.price" = 92.31 } }'))
    assert (made.exit_code, made.count("fail")) == (1, 1)
    off = {
        check.field: (check.expected, check.got, check.difference, check.tolerance) for check in made.outcomes[0].checks if not check.good
    }
    assert off == {"actual": ("0.50", "0.60000", "+0.10000", "0.005"), "result": ("fail", "pass", "", "")}
    text = summary_text(made)
    assert "ltv = 60.00%   outstanding / collateral_value" in text and "loan.toml:4" in text
    assert text.endswith("0 passed, 1 failed, 0 errors; covenants covered 1 of 1; boundaries 1 of 1, 4 worlds")


@pytest.mark.parametrize(
    ("written", "good"),
    [("0.6", True), ("0.60", True), ("0.61", False), ("0.595", False), ("1", True), ("0.7", False), ('"0.7 +- 0.1"', True),
     ('"0.7 ± 0.09"', False), ('"0.5 +- 20%"', True), ('"0.5 +- 19%"', False), ('"0.6 +- 0"', True), ('"6e-1"', True), ('"null"', False)],
)  # fmt: skip
def test_a_figure_holds_to_the_digits_written(tmp_path: Path, written: str, good: bool) -> None:
    assert ask(tmp_path, case("figure", f"expect.ltv = {written}")).exit_code == (0 if good else 1)


def test_text_days_lists_and_null(tmp_path: Path) -> None:
    body = 'expect.ltv = { data = "g*", since.tested_as_of = "null", deadline = "null", effects_in_force = [], test_date = 2021-12-31 }'
    assert ask(tmp_path, case("text", body)).exit_code == 0
    made = ask(tmp_path, case("text", 'expect.ltv = { data = "s*", test_date = 2021-12-30, effects_in_force = ["draw_stop"] }'))
    assert [check.good for check in made.outcomes[0].checks] == [False, False, False]


def test_given_marks_and_state_make_the_world(tmp_path: Path) -> None:
    cases = [
        case("mark", 'marks = { "BTC.price" = 80 }\nexpect.ltv = 0.75'),
        case("part", "given = { outstanding = 30 }\nexpect.ltv = 0.30"),
        case("whole", "given = { ltv = 0.651 }\nexpect.ltv.result = 'fail'"),
        case("posted", "given = { posted = 1, repaid = 20 }\nexpect.ltv = 0.20"),
        case(
            "dated", 'marks = { "BTC.price" = [{ from = 2021-12-01, value = 50 }, { from = 2022-01-01, value = 10 }] }\nexpect.ltv = 1.20'
        ),
    ]
    assert ask(tmp_path, "".join(cases)).count("ok") == 5


def test_errors_are_expected_by_code_and_place(tmp_path: Path) -> None:
    bad = LOAN.replace('rule = "ltv"', 'rule = "ltw"')
    assert ask(tmp_path, case("told", 'error = ["R003 loan.toml:*ltw*"]'), bad).exit_code == 0
    assert ask(tmp_path, case("told", 'error = ["R005"]'), bad).exit_code == 1
    assert ask(tmp_path, case("untold", "expect.outstanding = 60"), bad).exit_code == 65
    unread = LOAN.replace("units = 1", 'units = "one"')
    assert ask(tmp_path, case("unread", 'error = ["F012"]'), unread).exit_code == 0


def test_run_narrows_and_says_when_nothing_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = case("first one", "expect.ltv = 0.6") + case("second one", "expect.ltv = 0.9")
    assert [one.name for one in ask(tmp_path, cases, only="first*").outcomes] == ["first one"]
    assert [one.name for one in ask(tmp_path, cases, only="SECOND").outcomes] == ["second one"]
    assert [one.name for one in ask(tmp_path, cases, only="loan/*").outcomes] == ["first one", "second one"]
    assert cli.main(["test", str(tmp_path), "--run", "third"]) == 64
    assert "no case is called 'third'" in capsys.readouterr().err


def test_coverage_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = '[[covenant]]\nid = "cover"\nrule = "collateral_coverage"\noperator = ">="\nthreshold = 1.5\n'
    (tmp_path / "loan.toml").write_text(LOAN + second + case("one", "expect.ltv = 0.6"))
    assert cli.main(["test", str(tmp_path), "--coverage"]) == 0
    assert "not covered: loan/cover\n1 passed, 0 failed, 0 errors; covenants covered 1 of 2" in capsys.readouterr().out
    assert cli.main(["test", str(tmp_path), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["passed"], told["covered"], told["uncovered"]) == (1, ["loan/ltv"], ["loan/cover"])
    assert told["cases"][0]["checks"][0]["field"] == "actual" and told["boundaries"][0]["covenant"] == "loan/ltv"


# thresholds


def _strict(operator: str, gap, scale):
    """A comparison gone wrong: equality fails everywhere."""
    return passes(">" if operator == ">=" else "<" if operator == "<=" else operator, gap, scale)


def test_boundaries_find_a_comparison_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(tmp_path, case("one", "expect.ltv = 0.6")).exit_code == 0
    monkeypatch.setattr(rules.judge, "passes", _strict)
    made = ask(tmp_path, case("one", "expect.ltv = 0.6"))
    assert (made.exit_code, made.count("ok")) == (1, 1)
    assert "FAIL   boundaries" in summary_text(made)


@pytest.mark.parametrize("operator", [">=", ">", "<=", "<"])
@pytest.mark.parametrize("places", [None, 0, 2])
@pytest.mark.parametrize("rule", ["ltv", "collateral_coverage", "dscr_hist"])
def test_operators_and_rounding_hold_at_their_level(tmp_path: Path, operator: str, places: int | None, rule: str) -> None:
    rounded = "" if places is None else f"round = {places}\n"
    other = f'[[covenant]]\nid = "other"\nrule = "{rule}"\noperator = "{operator}"\nthreshold = 1.25\n{rounded}'
    other += 'test = { frequency = "continuous" }\n'
    given = "given = { 'last12m(cfads)' = 2, 'last12m(debt_service)' = 1 }\n" if rule == "dscr_hist" else ""
    made = ask(tmp_path, case("one", f"{given}expect.other.threshold = 1.25"), LOAN + other)
    assert made.exit_code == 0, summary_text(made)
    assert len(made.boundaries[0].checks) == 4


def test_a_level_that_is_not_public_is_not_tried(tmp_path: Path) -> None:
    made = ask(tmp_path, case("one", "expect.ltv = 0.60"), LOAN.replace("threshold = 0.65", "threshold_public = false"))
    assert made.exit_code == 0 and made.boundaries[0].reason == "its level is not known"


def test_the_desks_own_tests_are_linted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "desk.toml").write_text('[desk]\nname = "One"\nas_of = 2021-12-31\n')
    (tmp_path / "tests" / "bad.toml").write_text('[[cases]]\nname = "x"\n')
    assert cli.main(["lint", "--desk", str(tmp_path)]) == 65
    assert "F014" in capsys.readouterr().out


# given marks


def test_given_marks_are_the_same_one_by_one_and_as_columns() -> None:
    zone, day = dt.UTC, dt.timedelta(days=1)
    at = dt.datetime(2026, 10, 8, tzinfo=dt.UTC)
    prints = [Print("A.price", at - 9 * day, 5.0, "USD/A", "x"), Print("B.price", at - 9 * day, 7.0, "USD/B", "x")]
    under = History(prints, [SeriesPolicy(match="A.price", max_age="1d")])
    steps = [Step(from_=dt.date(2026, 10, 1), value=Decimal(2)), Step(from_=dt.date(2026, 10, 5), value=Decimal(3))]
    given = GivenMarks(under, {"A.price": Decimal(6), "C.price": steps, "D.price": Decimal(8)}, at, zone)
    instants = [at - 20 * day, at - 9 * day, at - 6 * day, at - day, at]
    for series, values, doubts in [
        ("A.price", [6, 5, 5, 5, 6], ["good", "good", "stale", "stale", "good"]),
        ("B.price", [None, 7, 7, 7, 7], ["missing", "good", "good", "good", "good"]),
        ("C.price", [None, None, 2, 3, 3], ["missing", "missing", "good", "good", "good"]),
        ("D.price", [8] * 5, ["good"] * 5),
    ]:
        seen = [given.observe(series, moment, moment) for moment in instants]
        assert ([one.value for one in seen], [one.data for one in seen]) == (values, doubts), series
        held, data = column(given, series, instants, instants)
        assert [None if value != value else value for value in held] == values and [DATA[code] for code in data] == doubts


AHEAD = """
[case.projection]
rent_decay = 0.30
[case.projection.expect]
"""
TAMAR = 'desk = "{desk}"\n[[case]]\nname = "ahead"\nas_of = 2026-09-30\nfacility = "tamar-h100"\n'


def ask_ahead(tmp_path: Path, expectations: str, head: str = "", projection: str = AHEAD) -> str:
    text = TAMAR.replace("{desk}", os.path.relpath(SHIPPED, tmp_path)) + head + projection + expectations
    (tmp_path / "ahead.toml").write_text(text, encoding="utf-8")
    return summary_text(run([str(tmp_path / "ahead.toml")], SHIPPED))


@pytest.mark.parametrize(
    ("expectations", "said"),
    [
        ("dscr.first_failing = 2028-12-30", "2028-12-31"),
        ("dscr.at.2028-12-31 = 0.81", "0.786"),
        ('dscr.first_failing = "null"', "2028-12-31"),
        ("dscr_fwd.years_to_below_one = 1.0", "1.13"),
        ("'next12m(cfads)'.at.2028-12-31 = 1", "difference"),
        ("tamar-h100.plcr = 0.90", "0.846"),
    ],
)
def test_a_day_ahead_that_is_off_is_a_failure(tmp_path: Path, expectations: str, said: str) -> None:
    text = ask_ahead(tmp_path, expectations)
    assert "0 passed, 1 failed, 0 errors" in text and said in text


@pytest.mark.parametrize(
    ("expectations", "said"),
    [
        ("dscr.at.2028-12-30 = 0.81", "'dscr' is not tested on 2028-12-30"),
        ("dscr.at.soon = 0.81", "'soon' is no date"),
        ("dscr_fwd.at.2026-09-30 = 0.81", "2026-09-30 is not after the as-of"),
        ("dsrc.first_failing = 2028-12-31", "error[C004] unknown-name"),
        ("dscr.first_fail = 2028-12-31", "error[C005] unknown-field"),
        ("'next12m(cfads'.now = 1", "error[R001] formula-syntax"),
    ],
)
def test_what_cannot_be_foreseen_is_told(tmp_path: Path, expectations: str, said: str) -> None:
    text = ask_ahead(tmp_path, expectations)
    assert "0 passed, 0 failed, 1 errors" in text and said in text


def test_a_projection_takes_no_decay_beyond_all_no_past_horizon_and_nothing_given(tmp_path: Path) -> None:
    asked = "dscr.first_failing = 2028-12-31"
    assert "a rent cannot fall by 30 a year" in ask_ahead(tmp_path, asked, projection=AHEAD.replace("0.30", "30"))
    assert "is not after the as-of" in ask_ahead(tmp_path, asked, projection=AHEAD.replace("rent_decay = 0.30", "horizon = 2026-09-30"))
    assert "reads nothing that is given" in ask_ahead(tmp_path, asked, "given = { utilisation = 0.5 }\n")


def test_a_horizon_and_cures_count(tmp_path: Path) -> None:
    assert "1 passed" in ask_ahead(tmp_path, 'dscr.first_failing = "null"', projection=AHEAD.replace("0.30", "0.30\nhorizon = 2028-09-30"))
    cured = AHEAD.replace("0.30", '0.30\ncure_with = ["equity"]')
    assert "1 passed" in ask_ahead(tmp_path, "dscr = { first_failing = 2029-06-30, used_up = true, cures = 4 }", projection=cured)

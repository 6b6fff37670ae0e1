"""The command as its users run it: output on stdout, messages on stderr, the exit code, every bad input told."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.places import SHIPPED, cache_folder
from tests.monitor.coin import COINS, OWED

HISTORY = Path(__file__).parents[1] / "desks" / "history"
DESK = '[desk]\nname = "Small"\nas_of = 2026-10-08\n'
OBLIGOR = '[obligor]\nid = "b"\nname = "B"\nillustrative = true\n'
LOAN = (
    """[facility]
id = "one"
name = "One"
"""
    + OWED
    + COINS
    + """[[covenant]]
id = "ltv"
rule = "ltv"
threshold = {threshold}
test = {{ frequency = "continuous" }}
watch = {{ headroom_pct = 0.05 }}
"""
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """One loan of 60 on one coin at 100."""
    root = tmp_path / "desk"
    for folder in ("facilities", "obligors", "marks"):
        (root / folder).mkdir(parents=True)
    (root / "desk.toml").write_text(DESK)
    (root / "obligors" / "b.toml").write_text(OBLIGOR)
    (root / "facilities" / "one.toml").write_text(LOAN.format(threshold="0.70"))
    (root / "marks" / "m.csv").write_text("series,date,value,unit,source\nBTC.price,2026-10-08,100,USD/BTC,venue\n")
    return root


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of one command."""
    try:
        code = main(argv)
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_shipped_desk_is_checked(capsys):
    code, out, err = run(capsys, "check")
    assert code == 2 and err.startswith("covenant: no desk is named: this is the example desk") and err.count("\n") == 1
    lines = out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines][:9] == [
        "CALLABLE",
        "TESTED FAIL",
        "TESTED FAIL",
        "INDETERMINATE",
        "INDETERMINATE",
        "INDETERMINATE",
        "INDETERMINATE",
        "INDETERMINATE",
        "INDICATIVE FAIL",
    ]
    # loans that matured without a word of repayment
    assert [line.split()[1] for line in lines[4:8]] == ["can-loan-b/btc-price", "can-loan-b", "hut-coinbase", "smlr-coinbase"]
    assert "rowan-alder/ltv" in lines[0] and "83,699 (+0.5%)" in lines[0]
    assert "passes only if B200.price.appraisal >= 51,765" in lines[3]


def test_the_same_question_is_answered_the_same_from_memory(capsys, desk, monkeypatch):
    (desk / "facilities" / "one.toml").write_text(LOAN.format(threshold="0.50"))
    first = run(capsys, "check", "--desk", str(desk))
    monkeypatch.setattr("monitor.verbs.check._checked", lambda _: pytest.fail("computed again"))
    assert run(capsys, "check", "--desk", str(desk)) == first


@pytest.mark.parametrize("change", ["mark", "term", "argument"])
def test_a_changed_input_is_a_new_question(capsys, desk, change):
    assert run(capsys, "check", "--desk", str(desk))[0] == 0
    more = ()
    if change == "mark":
        (desk / "marks" / "m.csv").write_text("series,date,value,unit,source\nBTC.price,2026-10-08,80,USD/BTC,venue\n")
    elif change == "term":
        (desk / "facilities" / "one.toml").write_text(LOAN.format(threshold="0.55"))
    else:
        more = ("--as-of", "2026-10-07")
    assert run(capsys, "check", "--desk", str(desk), *more)[0] == (3 if change == "argument" else 2)


def test_a_damaged_memory_is_no_memory(capsys, desk):
    first = run(capsys, "check", "--desk", str(desk))
    kept = list(cache_folder().glob("*.answer"))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert run(capsys, "check", "--desk", str(desk)) == first


def test_what_depends_on_the_clock_is_not_kept(capsys, desk):
    run(capsys, "check", "--desk", str(desk), "--as-of", "today")
    assert not list(cache_folder().glob("*.answer"))


@pytest.mark.parametrize(("threshold", "code"), [("0.70", 0), ("0.62", 1), ("0.55", 2)])
def test_exit_codes_of_results(capsys, desk, threshold, code):
    (desk / "facilities" / "one.toml").write_text(LOAN.format(threshold=threshold))
    assert run(capsys, "check", "--desk", str(desk))[0] == code


def test_without_marks_nothing_passes(capsys, desk):
    (desk / "marks" / "m.csv").unlink()
    code, out, _ = run(capsys, "check", "--desk", str(desk))
    assert code == 3
    assert "INDETERMINATE" in out and "passes only if BTC.price >= 85.71" in out


def test_fail_on_narrows_the_exit_code(capsys, desk):
    (desk / "facilities" / "one.toml").write_text(LOAN.format(threshold="0.62"))
    assert run(capsys, "check", "--desk", str(desk), "--fail-on", "tested_fail")[0] == 0
    code, _, err = run(capsys, "check", "--desk", str(desk), "--fail-on", "tested_fial")
    assert code == 64 and "did you mean 'tested_fail'?" in err


def test_one_bad_facility_is_told_and_the_rest_judged(capsys, desk):
    (desk / "facilities" / "two.toml").write_text("[facility\n")
    code, out, err = run(capsys, "check", "--desk", str(desk))
    assert code == 3 and "facilities/two.toml" in err and "error[F" in err
    (desk / "facilities" / "one.toml").write_text(LOAN.format(threshold="0.55"))
    code, out, err = run(capsys, "check", "--desk", str(desk))
    assert code == 2 and "one/ltv" in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("desk.toml", "[desk]\n"),
        ("desk.toml", '[desk]\nname = "x"\ntimezone = "Mars/Olympus"\n'),
        ("desk.toml", '[desk]\nname = "x"\ncalendar = "Atlantis"\n'),
        ("desk.toml", '[desk]\nname = "x"\n[[series]]\nmatch = "BTC.price"\nmax_age = "soon"\n'),
        ("rules/r.toml", '[quantity.x]\nformula = "9**9**9"\n'),
        ("rules/r.toml", '[quantity.min]\nformula = "1"\n'),
        ("marks/m.csv", "series,date,value,unit,source\nBTC.price,2026-10-08,zero,USD/BTC,venue\n"),
    ],
)
def test_a_desk_that_cannot_be_judged_ends_with_65(capsys, desk, name, text):
    (desk / name).parent.mkdir(exist_ok=True)
    (desk / name).write_text(text)
    code, out, err = run(capsys, "check", "--desk", str(desk))
    assert code == 65 and out == "" and "error[" in err and name in err


def test_a_folder_that_is_no_desk(capsys, tmp_path):
    code, out, err = run(capsys, "check", "--desk", str(tmp_path / "nowhere"))
    assert code == 65 and out == "" and "desk.toml" in err


@pytest.mark.parametrize(
    "argv",
    [
        ("chek",),
        ("check", "--as-of", "yesterday"),
        ("check", "--as-of", "2026-10-08T09:00:00"),
        ("check", "--facility", "birch"),
        ("explain", "nobody"),
    ],
)
def test_usage_errors_end_with_64(capsys, argv):
    code, out, err = run(capsys, *argv)
    assert code == 64 and out == "" and err


def test_nearest_names_are_offered(capsys):
    assert "did you mean 'birch-btc'?" in run(capsys, "check", "--facility", "birch-bct")[2]
    assert "did you mean 'ltv'?" in run(capsys, "explain", "birch-btc", "ltvv")[2]


def test_report_json_has_the_promised_keys(capsys):
    code, out, _ = run(capsys, "report", "--format", "json")
    report = json.loads(out)
    assert code == report["exit_code"] == 2
    assert report["schema"] == "covenant-monitor/report/1"
    assert {"as_of", "known_at", "version", "inputs", "counts", "facilities", "marks", "events"} <= report.keys()
    assert {"desk_sha256", "marks_sha256", "journal_sha256"} == report["inputs"].keys()
    assert set(report["counts"]["tested"]) == {"pass", "watch", "fail", "indeterminate", "not_tested"}
    alder = next(one for one in report["facilities"] if one["id"] == "rowan-alder")
    keys = "id name borrower obligor_group kind illustrative outstanding commitment maturity severity covenants"
    assert set(keys.split()) <= alder.keys()
    ltv = alder["covenants"][0]
    keys = "id rule title clause class legal severity since deadline next_test first_failing_date"
    keys += " effects_in_force effects_if_tested assessments"
    assert set(keys.split()) <= ltv.keys()
    assert ltv["since"] == {"tested_as_of": "2026-10-07", "known_at": "2026-10-07", "acted_on": None}
    keys = "basis test_date period_end result data actual operator threshold unit headroom_abs headroom_pct cushion_pct"
    keys += " modelled_share drivers reason bound"
    assert set(keys.split()) <= ltv["assessments"][0].keys()
    assert [one["rung"] for one in ltv["assessments"][0]["drivers"]] == ["call", "notice", "accelerated_call", "liquidation"]


def test_covenants_never_tested_are_counted_apart(capsys):
    report = json.loads(run(capsys, "report", "--format", "json")[1])
    covenants = sum(len(one["covenants"]) for one in report["facilities"])
    assert sum(report["counts"]["tested"].values()) == covenants


def test_explain_shows_every_leaf(capsys):
    code, out, _ = run(capsys, "explain", "mstr-silvergate", "ltv", "--as-of", "2022-06-14")
    assert code == 0
    for text in (
        "47.26%",
        "205,000,000.00 USD",
        "facilities/mstr-silvergate.toml:",
        "19,466.00 unit",
        "22,284.76 USD/unit",
        "marks/public.csv:",
    ):
        assert text in out
    assert "breaks at BTC.price 21,062" in out


def test_explain_any_quantity_and_as_json(capsys):
    code, out, _ = run(capsys, "explain", "rowan-compute", "ltv", "--format", "json")
    assert code == 0
    assert json.loads(out)["explained"]["ltv"]["value"] == pytest.approx(1.047, abs=5e-4)


def test_history_by_as_of_alone(capsys):
    assert run(capsys, "check", "--desk", str(HISTORY), "--facility", "mstr-silvergate", "--as-of", "2022-06-14")[0] in (0, 1)
    code, out, _ = run(capsys, "check", "--desk", str(HISTORY), "--facility", "mstr-silvergate", "--as-of", "2022-06-15T12:00:00Z")
    assert code == 2 and "LTV 51.3% > 50.0%" in out


def test_today_shows_the_shipped_desk_going_stale(capsys):
    code, out, _ = run(capsys, "report", "--as-of", "2026-12-01")
    assert code == 2 and "BTC.price 83,276 USD/unit: stale, 55 days old" in " ".join(out.split())


@pytest.mark.parametrize("verb", ["check", "report", "watch", "marks list", "chart wall", "lint"])
def test_an_empty_name_is_never_the_example_desk(capsys, desk, monkeypatch, verb):
    for argv in ((*verb.split(), "--desk", ""), (*verb.split(), "--desk", " ")):
        code, out, err = run(capsys, *argv)
        assert (code, out) == (64, "") and "is empty and names no desk" in err
    monkeypatch.setenv("COVENANT_DESK", "")
    code, out, err = run(capsys, *verb.split())
    assert (code, out) == (64, "") and "COVENANT_DESK is empty" in err
    assert run(capsys, "check", "--desk", str(desk))[0] == 0


def test_lint_of_the_shipped_desk_has_no_error(capsys):
    code, out, err = run(capsys, "lint")
    assert code == 0 and "0 errors" in err and "error[" not in out


def test_lint_finds_a_mark_nobody_provides_and_bad_formulas(capsys, desk):
    (desk / "facilities" / "one.toml").write_text(
        LOAN.format(threshold="0.70").replace('"BTC.price"', '"BTC.prise"').replace('rule = "ltv"', 'rule = "ltw"')
    )
    code, out, _ = run(capsys, "lint", "--desk", str(desk))
    assert code == 65 and "BTC.prise" in out and "R003" in out and "did you mean 'ltv'" in out


def test_output_file_is_whole_or_not_at_all(capsys, desk, tmp_path):
    target = tmp_path / "r.json"
    assert run(capsys, "report", "--desk", str(desk), "--format", "json", "-o", str(target))[0] == 0
    assert json.loads(target.read_text())["exit_code"] == 0
    code, out, err = run(capsys, "report", "--desk", str(desk), "-o", str(tmp_path / "no" / "r.txt"))
    assert code == 74 and out == "" and "No such file" in err


def test_hostile_names_are_inert_in_every_output(capsys, desk):
    evil = "\\u001b[31mred\\u001b[0m [bold]x[/bold] \\u202Eabc\\nnewline"
    text = (
        LOAN.format(threshold="0.55")
        .replace('name = "One"', f'name = "{evil}"')
        .replace('rule = "ltv"', f'rule = "ltv"\ntitle = "{evil}"\nclause = "{evil}"')
    )
    (desk / "facilities" / "one.toml").write_text(text)
    for argv in (("check",), ("report",), ("explain", "one"), ("watch",)):
        code, out, err = run(capsys, *argv, "--desk", str(desk))
        assert code in (0, 2), err
        assert "\x1b" not in out + err and "\u202e" not in out + err
        if argv[0] != "watch":
            assert "<U+001B>" in out


def test_without_a_terminal_the_text_board_is_printed():
    environment = {key: value for key, value in os.environ.items() if key != "TERM"} | {"COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "monitor"], capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2
    assert "Board" in done.stdout and "CALLABLE" in done.stdout and "\x1b" not in done.stdout + done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_a_reader_that_leaves_early_is_no_crash():
    done = subprocess.run(f"{sys.executable} -m monitor report | head -1", shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == "" and "breach report" in done.stdout


def test_internal_errors_are_told_without_a_trace(capsys, desk, monkeypatch):
    def broken(arguments: object) -> None:
        raise RuntimeError("\x1b[31mboom")

    monkeypatch.setattr("monitor.verbs.check._checked", broken)
    code, out, err = run(capsys, "check", "--desk", str(desk))
    assert code == 70 and out == "" and "RuntimeError" in err and "\x1b" not in err


def test_the_shipped_desk_is_read_only_data(tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(SHIPPED, copy)
    for path in copy.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert run(capsys, "check", "--desk", str(copy))[0] == 2
    for path in copy.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_facility_that_cannot_be_read_stays_on_the_board(capsys, desk):
    (desk / "facilities" / "two.toml").write_text("[facility\n")
    code, out, _ = run(capsys, "watch", "--desk", str(desk))
    assert code == 3
    row = next(line for line in out.splitlines() if "two" in line)
    assert "UNKNOWN" in row and "bad file" in row
    _, out, _ = run(capsys, "report", "--desk", str(desk))
    assert "Facilities in doubt" in out and "two" in out
    code, _, err = run(capsys, "explain", "two", "--desk", str(desk))
    assert code == 64 and "cannot be used" in err


def test_a_stale_mark_never_closes_a_call(capsys):
    _, out, _ = run(capsys, "report", "--format", "json", "--as-of", "2026-12-01", "--facility", "rowan-alder")
    ltv = json.loads(out)["facilities"][0]["covenants"][0]
    assert ltv["assessments"][0]["result"] == "indeterminate" and ltv["assessments"][0]["data"] == "stale"
    assert ltv["legal"] == "callable" and ltv["severity"] == "callable" and ltv["since"]["tested_as_of"] == "2026-10-07"


def test_two_rows_of_one_day_are_no_pass(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loan = desk / "facilities" / "one.toml"
    rows = "units = [{ from = 2026-01-01, value = 1 }, { from = 2026-01-01, value = 9 }]"
    loan.write_text(loan.read_text().replace("units = 1\n", f"{rows}\n"))
    code, out, err = run(capsys, "check", "--desk", str(desk))
    assert code == 3 and out.startswith("INDETERMINATE") and "F027" in err


def test_a_percentage_for_a_ratio_is_told_and_never_a_pass(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "facilities" / "one.toml").write_text(LOAN.format(threshold="70"))
    for verb in ("check", "report"):
        code, out, err = run(capsys, verb, "--desk", str(desk))
        assert code == 3 and "L005" in err and "7,000 %" in err and "L005" in out


def test_a_covenant_of_an_unknown_rule_shows_the_level_that_is_written(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "facilities" / "one.toml").write_text(LOAN.format(threshold="0.70").replace('rule = "ltv"', 'rule = "ltw"'))
    _, out, err = run(capsys, "check", "--desk", str(desk))
    assert "0.7" in out and "no level" not in out and "R003" in out and "R003" in err


def test_a_series_is_no_facility_to_the_charts(capsys: pytest.CaptureFixture[str]) -> None:
    known = {"BTC.pric": "did you mean 'BTC.price'?", "BTC.price": "--show marks draws it", "hazel": "no facility is called"}
    for name, told in known.items():
        code, _, err = run(capsys, "chart", name)
        assert code == 64 and told in err


def test_what_is_owed_without_a_date_stands_beside_the_years_of_the_wall(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("chart", "--show", "wall"), ("calendar",)):
        _, out, _ = run(capsys, *words, "--desk", str(desk))
        assert "no date" in out and "60" in out


def test_an_answer_never_replaces_a_file_of_the_desk(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("desk.toml", "facilities/one.toml", "marks/m.csv"):
        before = (desk / name).read_bytes()
        code, _, err = run(capsys, "report", "--desk", str(desk), "-o", str(desk / name))
        assert code == 64 and "is a file of the desk" in err
        assert (desk / name).read_bytes() == before
    code, *_ = run(capsys, "report", "--desk", str(desk), "-o", str(desk / "report.txt"))
    assert code == 0


def test_an_unknown_name_is_not_answered_with_every_name_there_is(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "rules", "zzzzzz", "--desk", str(desk))
    assert code == 64 and " more\n" in err and len(err) < 600

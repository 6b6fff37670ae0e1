"""`lint` and `check` of a bad desk say the same of it, and each thing once."""

import shutil
from pathlib import Path

import pytest

from monitor import cli

BASE = Path(__file__).parents[1] / "errors" / "base"
HEAD = '[facility]\nid = "elm"\nname = "Elm"\nkind = "term"\nborrower = "oak"\nillustrative = true\n'
COVENANT = '[[covenant]]\nid = "dscr"\nrule = "dscr_hist"\nclause = "6.2"\ntest = { frequency = "quarterly", first = 2026-06-30 }\n'


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(BASE, tmp_path / "desk")
    with (tmp_path / "desk" / "facilities" / "oak.toml").open("a") as file:
        file.write('clause = "6.1"\n')
    return tmp_path / "desk"


def codes(capsys, verb, desk):
    """(exit code, the codes told on both streams, in order)."""
    code = cli.main([verb, "--desk", str(desk)])
    out, err = capsys.readouterr()
    told = [line.split("[")[1][:4] for line in (out + err).splitlines() if line.startswith(("error[", "warning["))]
    return code, told


def test_the_base_is_good(capsys, desk):
    assert codes(capsys, "lint", desk) == (0, [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("commitment = -5\n", "F051"),
        ('[[collateral]]\nid = "c"\nasset = "H100-SXM"\nunits = -400\n', "F051"),
        ('[[collateral]]\nid = "c"\nasset = "H100-SXM"\nutilisation = 58\n', "F052"),
        ("[[hedge]]\nshare = 75\n", "F033"),
        ('[[borrowing_base]]\nid = "b"\ngross = 5\nadvance_rate = 85\n', "F034"),
        (COVENANT + 'threshold = 1.2\nmarks = { "H100-SXM.price" = { max_age = "two days" } }\n', "F046"),
        ('calendar = "Mars"\n', "D011"),
    ],
)
def test_a_value_that_means_nothing_keeps_the_facility_from_being_judged(capsys, desk, text, code):
    (desk / "facilities" / "elm.toml").write_text(HEAD + text)
    assert codes(capsys, "lint", desk) == (65, [code])
    assert cli.main(["check", "--desk", str(desk)]) == 3
    out, err = capsys.readouterr()
    assert f"[{code}]" in err and "elm" in out


def test_a_borrower_that_is_no_obligor_is_told_by_both_and_keeps_the_facility_from_being_judged(capsys, desk):
    (desk / "facilities" / "elm.toml").write_text(HEAD.replace('"oak"', '"oack"'))
    assert codes(capsys, "lint", desk) == (65, ["F021"])
    assert cli.main(["check", "--desk", str(desk)]) == 3
    out, err = capsys.readouterr()
    assert "did you mean `oak`?" in err and "elm" in out and "F021" in out


def test_a_library_rule_gives_the_class_and_a_missing_threshold_is_told_once(capsys, desk):
    (desk / "facilities" / "elm.toml").write_text(HEAD + COVENANT)
    assert codes(capsys, "lint", desk) == (65, ["F044"])
    assert codes(capsys, "check", desk) == (3, ["F044"])
    (desk / "facilities" / "elm.toml").write_text(HEAD + COVENANT.split("test")[0] + "threshold = 1.2\n")
    assert codes(capsys, "lint", desk) == (0, ["F053"])


def test_a_rule_of_the_desk_may_test_what_the_library_knows(capsys, desk):
    rule = '[rule.mine]\nquantity = "{}"\nclass = "maintenance"\noperator = ">="\n'
    for name, told in (("ltv", []), ("unrestricted_cash", []), ("ltw", ["T003"])):
        (desk / "rules" / "mine.toml").write_text(rule.format(name))
        assert codes(capsys, "lint", desk) == (65 if told else 0, told), name


def test_a_bad_marks_header_is_told_alone(capsys, desk):
    marks = desk / "marks" / "marks.csv"
    marks.write_text(marks.read_text().replace("date,", "as_of,"))
    code, told = codes(capsys, "lint", desk)
    assert (code, told) == (65, ["M009", "M008"])


def test_a_malformed_duration_of_the_desk_is_told_once(capsys, desk):
    with (desk / "desk.toml").open("a") as file:
        file.write('[[series]]\nmatch = "*"\nmax_age = "two days"\n')
    assert codes(capsys, "lint", desk) == (65, ["F046"])
    assert codes(capsys, "check", desk) == (65, ["F046"])

"""Terms amended mid-life: a test before an amendment keeps the operator, rounding, rights and loan terms of its own day."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from monitor import cli
from monitor.assess import assess
from monitor.session import open_desk
from monitor.terms import Terms, book_on

LOAN = """
[facility]
id = "loan"
name = "Loan"
kind = "term"
commitment = 30
borrower = "b"
closing = 2025-01-01
maturity = 2028-12-31
illustrative = true
[[facility.balance]]
date = 2025-01-01
outstanding = 120
[interest]
fixed_pct = 10
frequency = "quarterly"
[quantity.carry]
formula = "next12m(interest)"
unit = "money"
[[covenant]]
id = "leverage"
rule = "leverage"
operator = "<="
threshold = 4.0
clause = "6.1"
on_fail = "event_of_default"
test = { frequency = "quarterly", first = 2025-12-31 }
[[covenant]]
id = "carry"
rule = "carry"
operator = "<="
threshold = 13
clause = "6.2"
test = { frequency = "quarterly", first = 2025-12-31 }
[quantity.leverage]
formula = 'outstanding / commitment'
unit = "x"
"""
AMENDMENT = '[[amendment]]\nid = "{id}"\nsigned = {signed}\neffective = {effective}\nsource = "{id}"\n{terms}\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "desk"
    for folder in ("facilities", "obligors"):
        (root / folder).mkdir(parents=True)
    (root / "desk.toml").write_text('[desk]\nname = "D"\n')
    (root / "obligors" / "b.toml").write_text('[obligor]\nid = "b"\nname = "B"\nillustrative = true\n')
    return root


def write(root: Path, *amendments: tuple[str, str, str], loan: str = LOAN) -> None:
    """Amendments as (signed, effective, terms), in the order given."""
    rows = [AMENDMENT.format(id=f"no-{n}", signed=s, effective=e, terms=terms) for n, (s, e, terms) in enumerate(amendments, 1)]
    (root / "facilities" / "loan.toml").write_text(loan + "".join(rows))


def covenant(root: Path, capsys: pytest.CaptureFixture[str], ident: str, as_of: str, known: str | None = None) -> dict[str, Any]:
    capsys.readouterr()
    words = ["report", "--facility", "loan", "--format", "json", "--desk", str(root), "--as-of", as_of]
    assert cli.main([*words, *(("--known-at", known) if known else ())]) < 4
    found = json.loads(capsys.readouterr().out)["facilities"][0]["covenants"]
    return next(one for one in found if one["id"] == ident)


def told(one: dict[str, Any], basis: str = "tested") -> tuple[object, ...]:
    row = next(row for row in one["assessments"] if row["basis"] == basis)
    return row["period_end"], row["result"], row["operator"], row["threshold"]


LEVEL = '[amendment.covenant.leverage]\noperator = ">="\nthreshold = 4.5\non_fail = "default"'


def test_a_test_before_the_amendment_keeps_operator_and_level(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, ("2026-02-10", "2026-02-15", LEVEL))
    before, between, after = (covenant(root, capsys, "leverage", day) for day in ("2026-02-14", "2026-03-30", "2026-03-31"))
    assert told(before) == told(between) == ("2025-12-31", "pass", "<=", 4.0)
    assert told(between, "indicative")[1:] == ("fail", ">=", 4.5)
    assert told(after) == ("2026-03-31", "fail", ">=", 4.5)


def test_a_failure_before_it_is_followed_up_under_the_terms_of_its_day(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strict = LOAN.replace("threshold = 4.0", "threshold = 3.5")
    write(root, ("2026-02-10", "2026-02-15", '[amendment.covenant.leverage]\non_fail = "default"'), loan=strict)
    assert covenant(root, capsys, "leverage", "2026-03-30")["legal"] == "event_of_default"
    write(root, ("2025-12-01", "2025-12-15", '[amendment.covenant.leverage]\non_fail = "default"'), loan=strict)
    assert covenant(root, capsys, "leverage", "2026-03-30")["legal"] == "default"
    mild = strict.replace('on_fail = "event_of_default"', 'on_fail = "default"')
    write(root, ("2026-02-10", "2026-02-15", '[amendment.covenant.leverage]\non_fail = "event_of_default"'), loan=mild)
    assert covenant(root, capsys, "leverage", "2026-03-30")["legal"] == "default"
    assert covenant(root, capsys, "leverage", "2026-03-31")["legal"] == "event_of_default"


def test_rounding_is_that_of_the_day(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    near = LOAN.replace("threshold = 4.0", "threshold = 3.99")
    write(root, ("2026-02-10", "2026-02-15", "[amendment.covenant.leverage]\nround = 0\nthreshold = 4"), loan=near)
    assert told(covenant(root, capsys, "leverage", "2026-03-30"))[1] == "fail"
    assert told(covenant(root, capsys, "leverage", "2026-03-31"))[1] != "fail"


def test_a_forward_figure_of_a_past_test_reads_the_margin_of_its_day(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, ("2026-02-10", "2026-02-15", "[amendment.interest]\nfixed_pct = 12"))
    past, now = covenant(root, capsys, "carry", "2026-03-30"), covenant(root, capsys, "carry", "2026-03-31")
    actual = {row["basis"]: row["actual"] for row in past["assessments"]}
    assert told(past)[:2] == ("2025-12-31", "pass") and actual["tested"] == pytest.approx(12.17, abs=0.01)
    assert actual["indicative"] == pytest.approx(14.6, abs=0.02) and told(now)[:2] == ("2026-03-31", "fail")


def test_two_amendments_out_of_order_one_signed_after_it_took_effect(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = '[amendment.covenant.leverage]\noperator = ">"\nthreshold = 4.4'
    early = '[amendment.covenant.leverage]\noperator = "<"\nthreshold = 3.0'
    write(root, ("2026-06-01", "2026-05-01", late), ("2026-04-20", "2026-02-15", early))
    assert told(covenant(root, capsys, "leverage", "2026-04-10"))[2:] == ("<=", 4.0), "not signed yet"
    assert told(covenant(root, capsys, "leverage", "2026-04-20")) == ("2026-03-31", "fail", "<", 3.0)
    assert told(covenant(root, capsys, "leverage", "2026-04-10", "2026-04-20"))[2:] == ("<", 3.0)
    assert told(covenant(root, capsys, "leverage", "2026-06-29")) == ("2026-03-31", "fail", "<", 3.0)
    assert told(covenant(root, capsys, "leverage", "2026-05-31"), "indicative")[2:] == ("<", 3.0)
    assert told(covenant(root, capsys, "leverage", "2026-06-30"))[2:] == (">", 4.4)
    assert told(covenant(root, capsys, "leverage", "2026-02-14", "2026-06-30")) == ("2025-12-31", "pass", "<=", 4.0)


def test_a_level_that_was_not_public_before_is_not_known_of_earlier_tests(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blank = LOAN.replace("threshold = 4.0", "threshold_public = false")
    write(root, ("2026-02-10", "2026-02-15", "[amendment.covenant.leverage]\nthreshold = 3\nthreshold_public = true"), loan=blank)
    assert told(covenant(root, capsys, "leverage", "2026-03-30"))[1:] == ("not_tested", "<=", None)
    assert told(covenant(root, capsys, "leverage", "2026-03-31"))[1:] == ("fail", "<=", 3.0)


def test_dates_are_those_of_the_schedule_in_force(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monthly = '[amendment.covenant.leverage]\ntest = { frequency = "monthly", first = 2025-10-31 }'
    write(root, ("2026-02-10", "2026-02-15", monthly))
    assert told(covenant(root, capsys, "leverage", "2026-02-27"))[0] == "2025-12-31"
    assert told(covenant(root, capsys, "leverage", "2026-02-28"))[0] == "2026-02-28"


def test_explain_shows_the_figures_of_the_day(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, ("2026-02-10", "2026-02-15", "[amendment.interest]\nfixed_pct = 12"))
    assert cli.main(["explain", "loan", "carry", "--desk", str(root), "--as-of", "2026-03-30"]) == 0
    out = capsys.readouterr().out
    assert "12.1" in out and "rate = 0.1 1/year" in out and "0.12 1/year" not in out


CASES = """
desk = "../desk"
[[case]]
name = "the last test before it"
facility = "loan"
as_of = 2026-03-30
expect.leverage = { tested = { result = "pass", operator = "<=", threshold = 4.0 }, indicative = { result = "fail", operator = ">=" } }
[[case]]
name = "the first test after it"
facility = "loan"
as_of = 2026-03-31
expect.leverage = { tested = { result = "fail", operator = ">=", threshold = 4.5 } }
"""


def test_a_case_expects_the_terms_of_each_day(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, ("2026-02-10", "2026-02-15", LEVEL))
    (root.parent / "cases").mkdir()
    (root.parent / "cases" / "amended.toml").write_text(CASES)
    code = cli.main(["test", str(root.parent / "cases" / "amended.toml")])
    said = capsys.readouterr()
    assert code == 0, said


def test_the_chart_of_past_tests_says_the_same(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from monitor.charts.past import ratio_past

    write(root, ("2026-02-10", "2026-02-15", LEVEL))
    session = open_desk(root)
    at = session.moment("2026-04-30", dt.datetime.now(dt.UTC))
    made = ratio_past(assess(session, at, at), "loan", "leverage", dt.date(2025, 12, 1), dt.date(2026, 4, 30))
    assert [(one.day.isoformat(), one.result) for one in made.tests] == [("2025-12-31", "pass"), ("2026-03-31", "fail")]


def test_a_facility_of_the_same_group_sees_the_terms_of_the_day(root: Path) -> None:
    """The margin of a sister loan that a group figure reads is that of the test date."""
    write(root, ("2026-02-10", "2026-02-15", "[amendment.interest]\nfixed_pct = 12"))
    sister = LOAN.replace('id = "loan"', 'id = "sister"').replace('name = "Loan"', 'name = "Sister"')
    (root / "facilities" / "sister.toml").write_text(sister)
    session = open_desk(root)
    at = session.moment("2026-03-30", dt.datetime.now(dt.UTC))
    terms = Terms(session, book_on(session, at, at), at, at)
    assert set(terms.changes) == {0, 1} and len(terms.books) == 1
    assert float(terms.of(1).terms[0].interest.fixed_pct) == 10 and float(terms.book.terms[0].interest.fixed_pct) == 12  # type: ignore


def test_a_level_alone_needs_no_second_book(root: Path) -> None:
    write(root, ("2026-02-10", "2026-02-15", "[amendment.covenant.leverage]\nthreshold = 3.0"))
    session = open_desk(root)
    at = session.moment("2026-03-30", dt.datetime.now(dt.UTC))
    assert Terms(session, book_on(session, at, at), at, at).changes == {}

"""A definition amended mid-life: each test uses the wording of its own day, and only from the day the amendment was signed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from facilities.problems import Problem
from monitor.assess import Picture, assess
from monitor.report.explain import explain_covenant, explain_quantity, tree_text
from monitor.session import open_desk
from monitor.verbs.lint import problems_of

REPORT = "[[reported]]\nperiod_end = {0}\nmonths = 3\ndelivered = {1}\nlines = {{ revenue_cash = 22.5, opex_cash = 15, one_off = 2.5 }}\n"
LOAN = """
[facility]
id = "loan"
name = "Loan"
kind = "term"
borrower = "b"
closing = 2025-01-01
maturity = 2030-01-01
illustrative = true
[[facility.balance]]
date = 2025-01-01
outstanding = 120
[[covenant]]
id = "leverage"
rule = "leverage"
threshold = 4.0
clause = "6.1"
test = { frequency = "quarterly", first = 2025-12-31 }
[quantity.ebitda]
formula = 'reported("revenue_cash") - reported("opex_cash")'
unit = "money/period"
clause = "1.01 EBITDA"
[[amendment]]
id = "no-1"
signed = 2026-05-15
effective = 2026-04-01
source = "First amendment"
[amendment.quantity.ebitda]
formula = 'reported("revenue_cash") - reported("opex_cash") + reported("one_off")'
unit = "money/period"
clause = "1.01 EBITDA (j)"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "desk"
    for folder in ("facilities", "obligors", "rules"):
        (root / folder).mkdir(parents=True)
    (root / "desk.toml").write_text('[desk]\nname = "D"\nas_of = 2026-07-31\n')
    (root / "rules" / "lines.toml").write_text('[line.one_off]\nkind = "flow"\nabsent = "zero"\n')
    dates = [(f"2025-{end}", "2026-01-31") for end in ("03-31", "06-30", "09-30", "12-31")]
    dates += [("2026-03-31", "2026-04-30"), ("2026-06-30", "2026-07-20")]
    reports = "".join(REPORT.format(*one) for one in dates)
    (root / "obligors" / "b.toml").write_text('[obligor]\nid = "b"\nname = "B"\nillustrative = true\n' + reports)
    (root / "facilities" / "loan.toml").write_text(LOAN)
    return root


def picture(root: Path, as_of: str, known: str | None = None) -> Picture:
    session = open_desk(root)
    at = session.moment(as_of, dt.datetime.now(dt.UTC))
    return assess(session, at, session.moment(known, at) if known else at)


def leverage(made: Picture) -> float:
    reading = made.standings[0].tested
    assert reading is not None
    return float(reading.assessment.actual[reading.row, 0])


def lint(root: Path) -> list[Problem]:
    return problems_of(root)


def test_the_same_figures_give_other_leverage_after_the_amendment(root: Path) -> None:
    assert leverage(picture(root, "2026-03-31", "2026-04-30")) == pytest.approx(120 / 30)
    assert leverage(picture(root, "2026-07-31")) == pytest.approx(120 / 40)


def test_a_test_before_the_amendment_keeps_the_definition_of_its_day(root: Path) -> None:
    made = picture(root, "2026-06-15")  # the amendment is in force; the last test is still that of March
    assert leverage(made) == pytest.approx(120 / 30)
    assert explain_quantity(made, "loan", "leverage").value == pytest.approx(120 / 40)


def test_an_amendment_is_not_known_before_it_is_signed(root: Path) -> None:
    assert explain_quantity(picture(root, "2026-05-01", "2026-05-14"), "loan", "leverage").value == pytest.approx(120 / 30)
    assert explain_quantity(picture(root, "2026-05-01", "2026-05-15"), "loan", "leverage").value == pytest.approx(120 / 40)


def test_explain_shows_clause_and_amendment_of_the_wording_used(root: Path) -> None:
    after = tree_text(explain_covenant(picture(root, "2026-07-31"), "loan", "leverage"))
    assert "source: clause 1.01 EBITDA (j) as amended by 'no-1' from 2026-04-01: First amendment" in after
    before = tree_text(explain_covenant(picture(root, "2026-06-15"), "loan", "leverage"))
    assert "source: clause 1.01 EBITDA\n" in before and "amended" not in before


def test_an_amended_definition_that_cannot_be_used_is_found_before_it_is_in_force(root: Path) -> None:
    file = root / "facilities" / "loan.toml"
    assert lint(root) == []
    file.write_text(file.read_text().replace("effective = 2026-04-01", "effective = 2028-04-01").replace('reported("one_off")', "one_offf"))
    found = lint(root)
    assert [(one.code, one.place.line) for one in found] == [("R003", 29)]
    assert leverage(picture(root, "2026-07-31")) == pytest.approx(120 / 30)


def test_an_amended_definition_must_have_a_formula_and_a_name_and_no_unknown_key(root: Path) -> None:
    file = root / "facilities" / "loan.toml"
    text = file.read_text()
    file.write_text(text.replace("[amendment.quantity.ebitda]", "[amendment.quantity.EBITDA]"))
    assert "T001" in [one.code for one in lint(root)]
    file.write_text(text.replace("[amendment.quantity.ebitda]\nformula", "[amendment.quantity.ebitda]\nformulla"))
    assert [one.code for one in lint(root)][:2] == ["F011", "F014"]

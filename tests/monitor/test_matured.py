"""A loan past its maturity of which nothing says that it was repaid: it is told, unknown, and never a pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor import cli

BULLET = """
[facility]
id = "loan"
name = "The loan"
kind = "ddtl"
borrower = "somebody"
closing = 2026-03-31
illustrative = true
{terms}

[interest]
fixed_pct = 10.0
{more}
"""
WHOLE = """maturity = 2026-09-30
[[facility.balance]]
date = 2026-03-31
outstanding = 30_000_000
"""
TOLD = "maturity 2026-09-30 passed: record the repayment, or the balance still owed (USD 30,000,000 was due)"


def row(date: str, amount: int, known: str | None = None) -> str:
    return f"[[facility.balance]]\ndate = {date}\noutstanding = {amount}\n" + (f"known = {known}\n" if known else "")


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    root = tmp_path / "desk"
    (root / "facilities").mkdir(parents=True)
    (root / "obligors").mkdir()
    (root / "desk.toml").write_text('[desk]\nname = "Desk"\nas_of = 2026-10-08\n', encoding="utf-8")
    (root / "obligors" / "somebody.toml").write_text('[obligor]\nid = "somebody"\nname = "Somebody"\n', encoding="utf-8")

    def asked(terms: str, *words: str, more: str = "") -> tuple[int, str]:
        text = BULLET.format(terms=terms, more=more)
        (root / "facilities" / "loan.toml").write_text(text, encoding="utf-8")
        code = cli.main([*words, "--desk", str(root)])
        return code, capsys.readouterr().out

    return asked


def test_it_is_told_everywhere(ask) -> None:
    assert ask(WHOLE, "check") == (3, f"INDETERMINATE    loan  {TOLD}\n")
    code, text = ask(WHOLE, "report", "--format", "json")
    made = json.loads(text)
    assert (code, made["exit_code"], made["facilities"][0]["outstanding"]) == (3, 3, None)
    assert [(one["kind"], one["party"], one["text"]) for one in made["tasks"]] == [("repayment_unknown", "us", f"The loan: {TOLD}")]
    assert made["tasks"][0]["since"] == "2026-10-01T00:00:00Z"
    assert f"loan: {TOLD}" in " ".join(ask(WHOLE, "calendar")[1].split())
    assert " not known  on machines: The loan, due 2026-09-30" in ask(WHOLE, "obligors")[1]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (row("2026-09-30", 0), 0),
        (row("2026-10-02", 0), 0),
        (row("2026-10-02", 30_000_000), 0),
        (row("2026-09-15", 0), 0),
        (row("2026-09-29", 10_000_000), 3),
        (row("2026-10-02", 0, known="2026-10-09"), 3),
        (row("2026-10-09", 0), 3),
    ],
)
def test_a_balance_of_the_last_day_or_later_settles_it(ask, more: str, code: int) -> None:
    assert ask(WHOLE + more, "check")[0] == code


@pytest.mark.parametrize(("as_of", "code"), [("2026-09-29", 0), ("2026-09-30", 0), ("2026-10-01", 3)])
def test_it_is_asked_once_the_day_has_passed(ask, as_of: str, code: int) -> None:
    assert ask(WHOLE, "check", "--as-of", as_of)[0] == code


@pytest.mark.parametrize(
    ("day", "amount", "told"),
    [
        ("2026-10-01", "30_000_000", None),
        ("2026-09-30", "30_000_000", None),
        ("2026-09-01", "30_000_000", None),
        ("2026-10-01", "12_000_000", "USD 18,000,000 was due"),
        ("2026-09-01", "12_000_000", "USD 18,000,000 was due"),
    ],
)
def test_a_prepayment_counts_for_what_it_paid(ask, day: str, amount: str, told: str | None) -> None:
    ask(WHOLE, "check")
    words = ["event", "prepayment", "loan", "--effective", day, "--amount", amount.replace("_", ""), "--by", "somebody"]
    assert ask(WHOLE, *words)[0] == 0
    code, text = ask(WHOLE, "check", "--known-at", "now")
    assert (code, told in text if told else text) == ((3, True) if told else (0, ""))


def test_a_tranche_is_named(ask) -> None:
    tranches = """maturity = 2029-03-31
[[tranche]]
id = "a"
name = "Tranche A"
maturity = 2026-09-30
{a}
[[tranche]]
id = "b"
{b}
"""
    own = '[[tranche.balance]]\ndate = 2026-03-31\noutstanding = 10_000_000\n'
    assert "maturity of Tranche A, 2026-09-30 passed" in ask(tranches.format(a=own, b=own), "check")[1]
    kept = tranches.format(a="", b="").replace("[[tranche]]", row("2026-03-31", 30_000_000) + "[[tranche]]", 1)
    code, text = ask(kept, "check")
    assert code == 3 and "maturity of Tranche A, 2026-09-30 passed" in text and "was due" not in text
    assert ask(kept.replace("[[tranche]]", row("2026-10-01", 20_000_000) + "[[tranche]]", 1), "check")[0] == 0


def test_the_last_payment_of_a_schedule_is_asked_for_too(ask) -> None:
    terms = row("2026-03-31", 30_000_000)
    more = '[amortisation]\nstyle = "straight-line"\nfrequency = "quarterly"\npayments = 2\nstart = 2026-03-31\n'
    code, text = ask(terms, "check", more=more)
    assert code == 3 and "the last payment of 2026-09-30 passed" in text and "(USD 15,000,000 was due)" in text


def test_a_debt_of_which_no_balance_is_known(ask) -> None:
    code, text = ask("maturity = 2026-09-30", "check")
    assert code == 3 and text.rstrip().endswith("record the repayment, or the balance still owed")

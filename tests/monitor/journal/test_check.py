"""Events that contradict are refused with the reason, and nothing is recorded."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.journal.check import failing
from monitor.journal.kinds import KINDS
from monitor.journal.ledger import read_ledger
from monitor.journal.problems import CATALOGUE
from tests.monitor.journal.desk import Typed

POSTED = "event collateral_posted coin --units 5 --effective 2026-10-06"
PENDING = "marks set BTC.price 90 --source desk --override --reason down --by ann"
PERIOD = "event certificate_delivered project --period-end"

REFUSED = [
    ("J010", "event waiver coyn/ltv", [], "did you mean 'coin'?"),
    ("J011", "event waiver coin/lvt", [], "did you mean 'ltv'?"),
    ("J014", "event prepayment coin --amount 0", [], "0 is not above zero"),
    ("J014", "event collateral_posted coin --units -3", [], "-3 is not above zero"),
    ("J020", "event prepayment coin --amount 1 --known 2026-10-09", [], "known at 2026-10-09, but it is 2026-10-08T12:00Z"),
    ("J020", "marks set BTC.price 90 --source venue --known 2027-01-01", [], "but it is"),
    ("J021", "event prepayment coin --amount 1 --effective 2026-10-07 --known 2026-10-06", [], "known already at 2026-10-06"),
    ("J021", "marks set BTC.price 90 --source venue --as-of 2026-10-07 --known 2026-10-06", [], "known already"),
    ("J022", "event forbearance project --until 2026-10-01", [], "ends at 2026-10-01"),
    ("J030", "event waiver coin/ltv", [], "coin/ltv has not failed: it is compliant"),
    ("J030", "event waiver coin", [], "no covenant of coin has failed"),
    ("J030", "event forbearance coin --until 2026-12-31", [], "has failed"),
    ("J030", "event acceleration coin", [], "has failed"),
    ("J030", "event notice coin/ltv", [], "has not failed"),
    ("J030", "event equity_cure project/leverage --amount 5 --period-end 2026-03-31", [], "is of 2026-06-30, not of 2026-03-31"),
    ("J031", "event equity_cure coin/ltv --amount 5", [], "no right to cure"),
    ("J032", "event equity_cure project/leverage --amount 5 --effective 2026-10-14 --known 2026-10-14", ["LATE"], "no cure window"),
    ("J033", "event prepayment coin --amount 61", [], "61 is repaid, 60.00 was owed"),
    ("J034", "event collateral_posted coin --units 1 --collateral coinz", [], "did you mean 'coins'?"),
    ("J035", "event collateral_released coin --units 1", [], "0 posted"),
    ("J035", "event collateral_released coin --units 6", [POSTED], "5 posted"),
    ("J035", "event collateral_released coin --units 1 --effective 2026-10-05", [POSTED], "0 posted"),
    ("J035", "event withdrawal --refers 1", [POSTED, "event collateral_released coin --units 2"], "2 units of coins released"),
    ("J036", f"{PERIOD} 2026-03-31", [], "no figures for 2026-03-31; the last periods: 2026-06-30, 2026-09-30"),
    ("J037", f"{PERIOD} 2026-09-30 --effective 2026-09-15", [], "the period ends on 2026-09-30"),
    ("J038", f"{PERIOD} 2026-09-30", [f"{PERIOD} 2026-09-30 --effective 2026-10-05"], "entry 1 says that it came at 2026-10-05"),
    ("J038", f"{PERIOD} 2026-06-30 --effective 2026-09-05", [], "the file says that it was delivered on 2026-08-14"),
    ("J040", "event withdrawal --refers 9", [POSTED], "no entry 9 was recorded"),
    ("J040", "event withdrawal project --refers 1", [POSTED], "entry 1 is of coin"),
    ("J040", "marks approve 4", [], "no entry 4"),
    ("J041", "event withdrawal --refers 1", [POSTED, "event withdrawal --refers 1"], "withdrawn by entry 2"),
    ("J021", "event withdrawal --refers 1 --known 2026-10-01", [POSTED], "entry 1 was known at"),
    ("J042", "event withdrawal --refers 2", [POSTED, "event withdrawal --refers 1"], "entry 2 is a withdrawal"),
    ("J042", "event withdrawal --refers 1", [PENDING, "marks approve 1 --by bob"], "was approved"),
    ("J043", "marks approve 1 --by cy", [PENDING, "marks approve 1 --by bob"], "bob approved entry 1 in entry 2"),
    ("J044", "marks approve 1 --by ANN", [PENDING], "no second person"),
    ("J045", "marks approve 1 --by bob", [POSTED], "is a collateral posted"),
    ("J041", "marks approve 1 --by bob", [PENDING, "event withdrawal --refers 1"], "withdrawn by entry 2"),
]


@pytest.mark.parametrize(("code", "line", "before", "reason"), REFUSED, ids=[f"{code} {line}" for code, line, _, _ in REFUSED])
def test_a_contradiction_is_refused(
    run: Typed, root: Path, monkeypatch: pytest.MonkeyPatch, code: str, line: str, before: list[str], reason: str
) -> None:
    if before == ["LATE"]:
        import datetime as dt

        before = []
        monkeypatch.setattr("monitor.session.now", lambda: dt.datetime(2026, 10, 20, tzinfo=dt.UTC))
    for earlier in before:
        assert run(earlier) == 0, run.err
    have = len(read_ledger(root).entries)
    assert run(line) == 65, run.out
    assert f"error[{code}] {CATALOGUE[code].name}" in run.err and reason in run.err and "hint:" in run.err
    assert run.out == "" and len(read_ledger(root).entries) == have == len(before)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("event waver coin/ltv", "did you mean 'waiver'?"),
        ("event mark_override coin", "covenant marks"),
        ("event prepayment coin", "prepayment needs --amount"),
        ("event prepayment --amount 5", "prepayment needs a FACILITY"),
        ("event equity_cure project --amount 5", "needs a COVENANT"),
        ("event prepayment coin --amount 5 --units 3", "prepayment has no use for --units"),
        ("event prepayment coin --amount 5e9", "is no number"),
        ("event prepayment coin --amount nan", "is no number"),
        ("event prepayment coin --amount 5 --effective yesterday", "not a time"),
        ("event prepayment coin --amount 5 --effective 2026-10-08T09:00", "has no offset"),
        ("event certificate_delivered project --period-end June", "is no date"),
        ("marks set BTC.price 90 --source x --override", "needs --reason"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(run: Typed, root: Path, line: str, reason: str) -> None:
    assert run(line) == 64
    assert reason in run.err and not (root / "journal.db").exists()


def test_only_the_fictional_desk_that_ships_is_never_written(capsys: pytest.CaptureFixture[str]) -> None:
    from monitor.cli import main

    assert main(["event", "prepayment", "birch-btc", "--amount", "5"]) == 64
    assert "name yours with --desk" in capsys.readouterr().err


def test_texts_have_a_limit_and_are_text(run: Typed) -> None:
    assert run("event notice coin", "--note", "x" * 4001) == 65 and "J015" in run.err
    assert run("event notice coin", "--note", "\udcff") == 65 and "J015" in run.err
    assert run("event notice coin", "--by", " ") == 65 and "J015" in run.err


ACCEPTED = [
    f"{PERIOD} 2026-09-30 --effective 2026-10-05",
    "event equity_cure project/leverage --amount 10",
    "event equity_cure project/leverage --amount 10 --effective 2026-10-07 --known 2026-10-07",
    "event prepayment coin --amount 60",
    "event prepayment coin --amount 1 --effective 2026-10-01",  # learned of it late
    "event collateral_posted coin --units 0.5",
    "event waiver project/leverage --until 2026-12-31 --conditions fee",
    "event waiver project --effective 2026-10-20",  # signed today, in force later
    "event forbearance project --until 2026-12-31",
    "event notice project/leverage --effective 2026-10-12",  # deemed receipt
    "event notice coin",
    "event reservation-of-rights project",
    "event default coin --note location",
    "event missed_payment coin --amount 3",
    "event acceleration project",
    "event enforcement project",
    "event insolvency coin",
]


@pytest.mark.parametrize("line", ACCEPTED)
def test_what_contradicts_nothing_is_recorded(run: Typed, root: Path, line: str) -> None:
    assert run(f"{line} --dry-run") == 0, run.err
    assert "would record" in run.out and not (root / "journal.db").exists()
    assert run(line) == 0, run.err
    assert [getattr(one, "kind", "") for one in read_ledger(root).entries] == [line.split()[1].replace("-", "_")]


def test_every_kind_is_recorded_above() -> None:
    assert {line.split()[1].replace("-", "_") for line in ACCEPTED} == set(KINDS) - {"collateral_released", "withdrawal"}


def test_a_default_known_from_elsewhere_can_be_waived(run: Typed) -> None:
    assert run("event default coin/ltv --note location") == 0
    assert run("event waiver coin/ltv") == 0, run.err


def test_a_cure_on_the_last_day_of_its_window_counts(run: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt

    monkeypatch.setattr("monitor.session.now", lambda: dt.datetime(2026, 10, 20, tzinfo=dt.UTC))
    last = "event equity_cure project/leverage --amount 5 --effective 2026-10-{0} --known 2026-10-{0} --dry-run"
    codes = [run(last.format(f"{day:02}")) for day in range(5, 15)]
    assert codes == sorted(codes) and set(codes) == {0, 65}
    assert codes.index(65) == 5  # 40 business days after the 14th of August end on Friday the 9th of October


@pytest.mark.parametrize(
    ("state", "tested", "indicative", "fails"),
    [
        ("compliant", "pass", "pass", False),
        ("compliant", "pass", "fail", True),
        ("compliant", None, None, False),
        ("default", "pass", "pass", True),
        ("waived", "fail", "pass", True),  # a waiver may be renewed
        ("cured", "fail", "pass", False),
        ("cured", "fail", "fail", True),
    ],
)
def test_what_counts_as_failed(state: str, tested: str | None, indicative: str | None, fails: bool) -> None:
    readings = [one and SimpleNamespace(result=one) for one in (tested, indicative)]
    standing = SimpleNamespace(legal=SimpleNamespace(state=state), tested=readings[0], indicative=readings[1])
    assert failing(standing) is fails  # type: ignore[arg-type]

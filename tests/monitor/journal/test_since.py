"""`--since` names the entry of the journal that changed a state: recorded, lapsed, taken back, or a mark put in another's place."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from tests.monitor.journal.desk import Typed

WAIVED = "event waiver project/leverage --effective 2026-10-02 --known 2026-10-02 --until 2026-10-06"


def changed(run: Typed, since: str, *more: str) -> list[tuple[str, str | None, list[str]]]:
    """(kind, covenant, entries) of what the report tells, whose words each format must hold."""
    run(f"report --since {since} --format json", *more)
    found = json.loads(run.out)["changes"]
    for verb in ("check", "report", "report --format md"):
        run(f"{verb} --since {since}", *more)
        for one in (one for one in found if one["events"]):
            assert f"entry {one['events'][0]}" in " ".join(run.out.split()), (verb, run.out)
    return [(one["kind"], one["covenant"], one["events"]) for one in found if one["events"]]


def test_a_waiver_is_the_cause_when_it_is_recorded_and_when_it_lapses(run: Typed) -> None:
    assert run(WAIVED) == 0, run.err
    assert changed(run, "2026-10-01", "--as-of", "2026-10-04") == [("better", "leverage", ["1"])]
    assert changed(run, "2026-10-04") == [("worse", "leverage", ["1"])]
    run("report --since 2026-10-04")
    assert "lapsed 2026-10-06" in run.out
    assert changed(run, "2026-10-07") == []


def test_a_withdrawn_waiver_is_named_with_the_entry_that_took_it_back(run: Typed) -> None:
    assert run("event waiver project/leverage --effective 2026-10-02 --known 2026-10-02") == 0, run.err
    assert run("event withdrawal --refers 1 --known 2026-10-07") == 0, run.err
    assert changed(run, "2026-10-04") == [("worse", "leverage", ["1"])]
    run("check --since 2026-10-04")
    assert "waiver (entry 1) withdrawn by entry 2" in run.out


def test_an_approved_override_is_the_cause_of_what_its_mark_moves(run: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("marks set BTC.price 70 --source desk --override --reason typo --by ann") == 0, run.err
    assert run("marks approve 1 --by bob") == 0, run.err
    monkeypatch.setattr("monitor.session.now", lambda: dt.datetime(2026, 10, 8, 13, tzinfo=dt.UTC))
    assert changed(run, "2026-10-07") == [("worse", "ltv", ["1"])]
    run("report --since 2026-10-07")
    assert "BTC.price overridden by ann (entry 1), approved by bob" in " ".join(run.out.split())


def test_a_facility_that_falls_as_a_whole_is_told(run: Typed) -> None:
    assert run("event insolvency coin --note court --effective 2026-10-06") == 0, run.err
    found = changed(run, "2026-10-04")
    assert ("new", None, ["1"]) in found or ("worse", None, ["1"]) in found, found


def test_money_prepaid_is_the_cause_of_the_facility_it_was_paid_on_alone(run: Typed) -> None:
    assert run(WAIVED) == 0, run.err
    paid = "2026-10-08T11:00:00Z"
    assert run(f"event prepayment coin --amount 40 --effective {paid} --known {paid}") == 0, run.err
    assert changed(run, "2026-10-08T10:00:00Z") == [("better", "ltv", ["2"])]
    run("report --since 2026-10-08T10:00:00Z")
    assert "prepayment (entry 2) of 2026-10-08T11:00Z: amount 40" in " ".join(run.out.split())

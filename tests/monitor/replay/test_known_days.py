"""Replays of what happened: a revision on a small desk, and loans whose bad days are known."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import msgspec

from monitor.assess import assess
from monitor.journal.ledger import Ledger
from monitor.replay.run import replay
from monitor.replay.text import replay_text
from monitor.replay.tracks import NOTHING
from monitor.session import Session, open_desk
from rules.events import Event
from tests.monitor.replay.asked import day, days, live, opened, said, track, verdict, when, word
from tests.monitor.replay.desks import DESK, LOAN
from tests.monitor.replay.market import on_closes
from tests.rules.shipped import DESKS, FOLDERS, session


def desk_of(tmp_path: Path, marks: str, events: list[Event] | None = None) -> Session:
    (tmp_path / "facilities").mkdir(exist_ok=True)
    (tmp_path / "marks").mkdir(exist_ok=True)
    (tmp_path / "obligors").mkdir(exist_ok=True)
    (tmp_path / "obligors" / "b.toml").write_text('[obligor]\nid = "b"\nname = "B"\n')
    (tmp_path / "desk.toml").write_text(DESK.format(zone="America/New_York", lag="0h", age="5d"))
    terms = LOAN.format(
        later=600, delivered="10", revenue=45, starts="notice", on_fail="default", signed="10", effective="08", month="", first=""
    )
    (tmp_path / "facilities" / "x.toml").write_text(terms)
    (tmp_path / "marks" / "m.csv").write_text("series,date,value,unit,source,known_at\n" + marks)
    return opened(tmp_path, events or [])


def test_a_revision_known_later_changes_no_earlier_day(tmp_path: Path) -> None:
    first = "BTC.price,2026-03-02,120,USD/BTC,one,\nBTC.price,2026-03-03,120,USD/BTC,one,\n"
    revised = "BTC.price,2026-03-02,95,USD/BTC,one,2026-03-05\nBTC.price,2026-03-03,95,USD/BTC,one,2026-03-05\n"
    wanted = days("2026-03-01", "2026-03-07")
    plain = replay(desk_of(tmp_path, first), wanted)
    here = desk_of(tmp_path, first + revised)
    told, shut = replay(here, wanted), replay(here, wanted, when("2026-03-04"))
    assert [said(told, n) for n in range(4)] == [said(plain, n) for n in range(4)]
    assert track(told, "x", "ladder").legal[3:5] == ["normal", "callable"]
    assert set(track(shut, "x", "ladder").legal) == {"normal"}, "what was learnt after --known-at is never heard"


def test_a_test_that_reads_no_report_is_known_on_its_day_and_stays_so(tmp_path: Path) -> None:
    here = desk_of(tmp_path, "BTC.price,2026-03-30,90,USD/BTC,one,\n")
    for at in (when("2026-04-02"), when("2026-04-20")):  # before and after the certificate of March came, on 10 April
        month = next(one for one in assess(here, at, at).standings if one.test.covenant.id == "month")
        assert (month.legal.state, month.legal.known_at) == ("cure_pending", when("2026-04-01T04:00"))


def test_days_are_whole_days_of_the_desk_across_clock_changes_and_leap_days(tmp_path: Path) -> None:
    here = desk_of(tmp_path, "BTC.price,2026-03-06,120,USD/BTC,one,\n")
    told = replay(here, days("2026-03-07", "2026-03-09"))
    assert [one.hour for one in told.instants] == [5, 4, 4] and told.instants[1] - told.instants[0] == dt.timedelta(hours=23)
    assert replay(here, days("2028-02-28", "2028-03-01")).days[1] == dt.date(2028, 2, 29)


# what happened --------------------------------------------------------------------------------------------------------------------


def test_on_daily_closes_microstrategy_first_fails_on_16_june_2022() -> None:
    made = replay(on_closes(), days("2022-03-23", "2023-03-31"))
    told = verdict(made, "mstr-silvergate", "ltv")
    assert (told.first_fail, told.first_open) == (day("2022-06-16"), day("2022-06-16"))
    assert track(made, "mstr-silvergate", "ltv").legal[made.days.index(day("2022-06-15"))] == "normal"
    assert verdict(made, "mstr-silvergate", "collateral-value").first_fail == day("2022-06-16")
    assert made.alone < 40, "a history answers for nearly every day"


def test_bitfarms_is_called_at_the_same_close_and_restored_by_its_sale() -> None:
    made = replay(on_closes(), days("2022-06-01", "2022-06-29"))
    told = verdict(made, "bitf-galaxy", "coverage")
    assert told.first_fail == day("2022-06-16") and told.first_amber == day("2022-06-13")
    assert told.warning_days == 3
    legal = track(made, "bitf-galaxy", "coverage").legal
    assert legal[made.days.index(day("2022-06-20"))] == "callable" and legal[made.days.index(day("2022-06-21"))] == "normal"
    assert all(said(made, n) == live(on_closes(), made.instants[n], made.known_at[n]) for n in range(10, 29, 3))


def test_canaan_is_not_called_on_any_close_of_august_2024() -> None:
    made = replay(on_closes(), days("2024-08-01", "2024-09-30"))
    told = track(made, "can-loan-b", "btc-price")
    assert "fail" not in {word(code) for code in told.tested} and set(told.legal) == {"normal"}


def test_iren_fails_its_debt_service_when_the_figures_came() -> None:
    told = verdict(replay(session("history"), days("2022-10-25", "2022-11-10")), "iren-spv3-nydig", "dscr")
    assert (told.first_fail, told.first_open) == (day("2022-11-02"), day("2022-11-02"))


def test_a_default_stands_however_many_unknown_tests_follow() -> None:
    at = when("2024-08-01")
    stand = {row[:2]: row[2:] for row in live(session("history"), at, at) if len(row) > 2}
    assert stand["iren-spv3-nydig", "dscr"] == ("default", "indeterminate", "fail")


def test_the_core_scientific_default_warns_its_converts() -> None:
    missed = Event(
        id="1", kind="missed_payment", facility="corz-equipment", effective=when("2022-10-26"), known=when("2022-10-27"), by="desk"
    )
    here = msgspec.structs.replace(open_desk(DESKS / "law"), journal=Ledger([missed]))
    made = replay(here, days("2022-10-24", "2022-10-30"))
    for name in ("corz-convert-1", "corz-convert-2"):
        assert made.facilities[name] == ["compliant"] * 2 + ["default"] * 5
        assert made.because[name][-1] == "cross-default, of corz-equipment"


def alone(tmp_path: Path, facility: str, change: dict[str, str]) -> Path:
    """The shipped desk cut down to one facility, with some words of its file changed."""
    root = tmp_path / "desk"
    (root / "facilities").mkdir(parents=True)
    shutil.copytree(FOLDERS["shipped"] / "obligors", root / "obligors")
    shutil.copy(FOLDERS["shipped"] / "desk.toml", root)
    text = (FOLDERS["shipped"] / "facilities" / f"{facility}.toml").read_text()
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    (root / "facilities" / f"{facility}.toml").write_text(text)
    return root


def test_the_coreweave_amendment_is_in_force_from_its_day_and_not_known_before(tmp_path: Path) -> None:
    here = open_desk(alone(tmp_path, "crwv-ddtl-3.0", {"tested_by_us = false\n": ""}))
    made = replay(here, days("2025-11-01", "2027-11-30"))
    dscr = track(made, "crwv-ddtl-3.0", "dscr")
    due = [made.days[n] for n in range(len(made.days)) if word(dscr.indicative[n]) != "not_tested"]
    assert due[0] == day("2027-10-31")
    before = replay(here, days("2027-04-25", "2027-05-05"), when("2025-12-30"))
    words = [word(code) for code in track(before, "crwv-ddtl-3.0", "dscr").indicative]
    assert words == ["not_tested"] * 5 + ["indeterminate"] * 6, "as signed it would have been due from April 2027"
    realised = track(made, "crwv-ddtl-3.0", "contract-realisation")
    told = [made.days[n] for n in range(len(made.days)) if realised.tested[n] != NOTHING]
    assert told[0] == day("2026-02-28")
    liquidity = track(made, "crwv-ddtl-3.0", "min-liquidity")
    due = [made.days[n] for n in range(len(made.days)) if word(liquidity.tested[n]) not in ("", "not_tested")]
    assert (due[0], due[-1]) == (day("2026-03-31"), day("2026-05-30"))


def test_the_location_default_of_2024_goes_to_default_and_is_waived() -> None:
    name = "crwv-ddtl-2.0"
    told = [
        Event(id="1", kind="default", facility=name, covenant="collateral-location", effective=when("2024-10-01"),
              known=when("2024-11-04"), by="d"),
        Event(id="2", kind="waiver", facility=name, effective=when("2024-12-16"), known=when("2024-12-16"), by="d"),
    ]  # fmt: skip
    here = msgspec.structs.replace(session("shipped"), journal=Ledger(told))
    made = replay(here, days("2024-09-27", "2025-01-10", 3))
    turns = [(one.day, one.before, one.after) for one in verdict(made, name, "collateral-location").changes if one.what == "legal"]
    assert turns == [(day("2024-11-05"), "compliant", "default"), (day("2024-12-17"), "default", "waived")]
    page = replay_text(made, [verdict(made, name, "collateral-location")], only_changes=True)
    assert "in law compliant -> default (a default was recorded)" in page and "in law default -> waived\n" in page

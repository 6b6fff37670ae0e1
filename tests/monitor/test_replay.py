"""Replays against live answers, day by day: small desks at random, and the loans whose bad days are known."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import json
import os
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitor.assess import assess
from monitor.cli import main
from monitor.journal.ledger import Ledger
from monitor.replay.run import NOTHING, Replay, Track, replay
from monitor.replay.verdict import Verdict, verdicts
from monitor.session import Session, open_desk
from rules.compare import RESULTS
from rules.events import Event
from tests.rules.shipped import DESKS, FOLDERS, session

DATA = Path(os.environ.get("COVENANT_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def days(first: str, last: str, step: int = 1) -> list[dt.date]:
    return [day(first) + DAY * n for n in range(0, (day(last) - day(first)).days + 1, step)]


def when(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def track(made: Replay, facility: str, covenant: str) -> Track:
    return next(one for one in made.tracks if (one.facility, one.covenant) == (facility, covenant))


def verdict(made: Replay, facility: str, covenant: str) -> Verdict:
    return next(one for one in verdicts(made) if (one.facility, one.covenant) == (facility, covenant))


def said(made: Replay, n: int) -> list[tuple[str, ...]]:
    rows = [(one.facility, one.covenant, one.legal[n], _word(one.tested[n]), _word(one.indicative[n])) for one in made.tracks]
    return [*rows, *((name, states[n]) for name, states in made.facilities.items())]


def _word(code: int) -> str:
    return "" if code == NOTHING else RESULTS[code]


def live(opened: Session, at: dt.datetime, known: dt.datetime) -> list[tuple[str, ...]]:
    picture = assess(opened, at, known)
    rows: list[tuple[str, ...]] = [
        (
            picture.book.ids[one.test.facility], one.test.covenant.id, one.legal.state,
            one.tested.result if one.tested else "", one.indicative.result if one.indicative else "",
        )
        for one in picture.standings
    ]  # fmt: skip
    return [*rows, *((name, one.at(at).state) for name, one in zip(picture.book.ids, picture.facilities, strict=True))]


# at random -----------------------------------------------------------------------------------------------------------------------

START = day("2026-02-20")
SPAN = 70
DESK = '[desk]\nname = "Random"\ntimezone = "{zone}"\n[[series]]\nmatch = "BTC.price"\npublication_lag = "{lag}"\nmax_age = "{age}"\n'
LOAN = """[facility]
id = "x"
name = "X"
kind = "btc-loan"
borrower = "b"
closing = 2026-02-25
maturity = 2028-12-31
[[facility.balance]]
date = 2026-02-25
outstanding = 600
[[facility.balance]]
date = 2026-03-31
known = 2026-04-10
outstanding = {later}
[[collateral]]
id = "coins"
asset = "BTC"
units = 10
price = "BTC.price"
[[reported]]
period_end = 2026-03-31
months = 1
delivered = 2026-04-{delivered}
lines = {{ revenue_cash = {revenue}, opex_cash = 10, debt_service_cash = 30 }}
[[covenant]]
id = "ladder"
rule = "ltv"
class = "margin_ladder"
starts = "{starts}"
test = {{ frequency = "continuous" }}
rung = [{{ above = 0.50, state = "notice" }}, {{ above = 0.60, state = "call", within = "48h", restore_to = 0.55 }}]
[[covenant]]
id = "month"
rule = "ltv"
operator = "<="
threshold = 0.60
on_fail = "{on_fail}"
test = {{ frequency = "monthly", first = 2026-02-28, certificate_due_days = 12 }}
cure = {{ kind = "equity", window = "10D", from = "certificate_due" }}
[[covenant]]
id = "cash"
rule = "dscr_hist"
operator = ">="
threshold = 1.00
on_fail = "default"
grace = "5D"
test = {{ frequency = "monthly", first = 2026-02-28, certificate_due_days = 12 }}
[[covenant]]
id = "trap"
rule = "ltv"
class = "trigger"
on = {{ operator = ">", value = 0.58, tests = 2 }}
off = {{ operator = "<=", value = 0.56, tests = 2 }}
test = {{ frequency = "continuous" }}
[[amendment]]
id = "second"
signed = 2026-03-{signed}
effective = 2026-03-{effective}
[amendment.covenant.month]
threshold = 0.65
[[amendment]]
id = "first"
signed = 2026-03-05
effective = 2026-03-04
[amendment.covenant.month]
threshold = 0.62
[quantity.dscr_hist]
title = "Cover of the month"
formula = 'last1m(line("revenue_cash") - line("opex_cash")) / last1m(line("debt_service_cash"))'
unit = "x"
"""
OTHER = """[facility]
id = "y"
name = "Y"
kind = "term"
borrower = "b"
[[cross_link]]
kind = "cross_default"
on_default_of = { debtors = ["borrower"] }
grace = "3D"
"""
KINDS = ("waiver", "forbearance", "notice", "reservation_of_rights", "prepayment", "collateral_posted", "default", "acceleration")


@st.composite
def desks(draw: st.DrawFn) -> tuple[Path, list[Event]]:
    """A folder of its own, and what was recorded."""
    root = Path(tempfile.mkdtemp())
    (root / "facilities").mkdir()
    (root / "marks").mkdir()
    zone, lag, age = (draw(st.sampled_from(one)) for one in (("UTC", "America/New_York"), ("0h", "30h"), ("36h", "5d")))
    (root / "desk.toml").write_text(DESK.format(zone=zone, lag=lag, age=age))
    terms = LOAN.format(
        later=draw(st.sampled_from((500, 600, 640))), delivered=draw(st.sampled_from(("10", "14"))),
        revenue=draw(st.sampled_from((20, 45))),
        starts=draw(st.sampled_from(("notice", "trigger"))), on_fail=draw(st.sampled_from(("default", "event_of_default"))),
        signed=draw(st.sampled_from(("10", "20"))), effective=draw(st.sampled_from(("08", "15"))),
    )  # fmt: skip
    (root / "facilities" / "x.toml").write_text(terms)
    (root / "facilities" / "y.toml").write_text(OTHER)
    with (root / "marks" / "m.csv").open("w") as out:
        out.write("series,date,value,unit,source,known_at\n")
        for n in range(SPAN):
            if draw(st.integers(0, 4)):
                out.write(f"BTC.price,{START + DAY * n},{draw(st.integers(92, 130))},USD/BTC,one,\n")
        for n in draw(st.lists(st.integers(0, SPAN - 1), max_size=2, unique=True)):
            late = START + DAY * (n + draw(st.integers(1, 9)))
            out.write(f"BTC.price,{START + DAY * n},{draw(st.integers(92, 130))},USD/BTC,one,{late}\n")
    return root, draw(st.lists(happenings(), max_size=3))


@st.composite
def happenings(draw: st.DrawFn) -> Event:
    kind, at = draw(st.sampled_from(KINDS)), draw(st.integers(8, SPAN - 5))
    effective = when(str(START + DAY * at)) + dt.timedelta(hours=draw(st.integers(0, 23)))
    known = effective + DAY * draw(st.integers(0, 6))
    excuse = kind in ("waiver", "forbearance")
    return Event(
        id=f"{kind}-{at}", kind=kind, facility="x", effective=effective, known=known, by="desk",
        covenant=draw(st.sampled_from((None, "month", "ladder"))) if kind in ("waiver", "forbearance", "notice", "default") else None,
        until=effective + DAY * 9 if excuse and (kind == "forbearance" or draw(st.booleans())) else None,
        amount=Decimal(40) if kind == "prepayment" else None, units=Decimal(1) if kind == "collateral_posted" else None,
        collateral="coins" if kind == "collateral_posted" else None,
    )  # fmt: skip


def opened(root: Path, events: list[Event]) -> Session:
    return msgspec.structs.replace(open_desk(root, _cache()), journal=Ledger(events))


@functools.cache
def _cache() -> Path:
    return Path(tempfile.mkdtemp())


@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(desks(), st.sampled_from((1, 3)), st.booleans())
def test_replay_up_to_any_day_is_what_was_answered_on_that_day(made: tuple[Path, list[Event]], step: int, capped: bool) -> None:
    root, events = made
    here = opened(root, events)
    wanted = [START + DAY * n for n in range(0, SPAN, step)]
    known = when("2026-04-05") if capped else None
    told = replay(here, wanted, known)
    for n in range(0, len(wanted), 2 if step == 3 else 5):
        assert said(told, n) == live(here, told.instants[n], told.known_at[n]), wanted[n]
    shuffled = replay(opened(root, events[::-1]), wanted, known)
    assert [said(shuffled, n) for n in range(len(wanted))] == [said(told, n) for n in range(len(wanted))]
    half = replay(here, wanted[: len(wanted) // 2], known)
    assert [said(half, n) for n in range(len(half.days))] == [said(told, n) for n in range(len(half.days))]
    shutil.rmtree(root)


def test_the_shipped_desk_replays_to_what_it_said() -> None:
    here = session("shipped")
    told = replay(here, days("2026-09-20", "2026-10-16"))
    for n in range(0, len(told.days), 4):
        assert said(told, n) == live(here, told.instants[n], told.known_at[n]), told.days[n]


def desk_of(tmp_path: Path, marks: str, events: list[Event] | None = None) -> Session:
    (tmp_path / "facilities").mkdir(exist_ok=True)
    (tmp_path / "marks").mkdir(exist_ok=True)
    (tmp_path / "desk.toml").write_text(DESK.format(zone="America/New_York", lag="0h", age="5d"))
    terms = LOAN.format(later=600, delivered="10", revenue=45, starts="notice", on_fail="default", signed="10", effective="08")
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


def test_days_are_whole_days_of_the_desk_across_clock_changes_and_leap_days(tmp_path: Path) -> None:
    here = desk_of(tmp_path, "BTC.price,2026-03-06,120,USD/BTC,one,\n")
    told = replay(here, days("2026-03-07", "2026-03-09"))
    assert [one.hour for one in told.instants] == [5, 4, 4] and told.instants[1] - told.instants[0] == dt.timedelta(hours=23)
    assert replay(here, days("2028-02-28", "2028-03-01")).days[1] == dt.date(2028, 2, 29)


# what happened --------------------------------------------------------------------------------------------------------------------


@functools.cache
def on_closes() -> Session:
    """The loans of the past over daily closes of bitcoin."""
    path = DATA / "crypto.csv"
    if not path.is_file():
        pytest.skip("neither COVENANT_DATA nor ../shared/data holds crypto.csv")
    root = Path(tempfile.mkdtemp()) / "history"
    shutil.copytree(DESKS / "history", root)
    (root / "marks" / "events.csv").unlink()
    with path.open() as rows, (root / "marks" / "closes.csv").open("w") as out:
        out.write("series,date,value,unit,source\n")
        for row in csv.DictReader(rows):
            if row["series"] == "BTC-USD.close" and "2021-12-01" <= row["date"] < "2025-01-01":
                out.write(f"BTC.price,{row['date']},{row['value']},USD/BTC,closes\n")
    return open_desk(root, _cache())


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
    assert "fail" not in {_word(code) for code in told.tested} and set(told.legal) == {"normal"}


def test_iren_fails_its_debt_service_when_the_figures_came() -> None:
    told = verdict(replay(session("history"), days("2022-10-25", "2022-11-10")), "iren-spv3-nydig", "dscr")
    assert (told.first_fail, told.first_open) == (day("2022-11-02"), day("2022-11-02"))


def test_the_core_scientific_default_warns_its_converts() -> None:
    missed = Event(
        id="1", kind="missed_payment", facility="corz-equipment", effective=when("2022-10-26"), known=when("2022-10-27"), by="desk"
    )
    here = msgspec.structs.replace(open_desk(DESKS / "law", _cache()), journal=Ledger([missed]))
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
    here = open_desk(alone(tmp_path, "crwv-ddtl-3.0", {"tested_by_us = false\n": ""}), _cache())
    made = replay(here, days("2025-11-01", "2027-11-30"))
    dscr = track(made, "crwv-ddtl-3.0", "dscr")
    due = [made.days[n] for n in range(len(made.days)) if _word(dscr.indicative[n]) != "not_tested"]
    assert due[0] == day("2027-10-31")
    before = replay(here, days("2027-04-25", "2027-05-05"), when("2025-12-30"))
    words = [_word(code) for code in track(before, "crwv-ddtl-3.0", "dscr").indicative]
    assert words == ["not_tested"] * 5 + ["indeterminate"] * 6, "as signed it would have been due from April 2027"
    realised = track(made, "crwv-ddtl-3.0", "contract-realisation")
    told = [made.days[n] for n in range(len(made.days)) if realised.tested[n] != NOTHING]
    assert told[0] == day("2026-02-28")
    liquidity = track(made, "crwv-ddtl-3.0", "min-liquidity")
    due = [made.days[n] for n in range(len(made.days)) if _word(liquidity.tested[n]) not in ("", "not_tested")]
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


# what is printed ------------------------------------------------------------------------------------------------------------------


def test_text_csv_and_json_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["replay", "--desk", str(DESKS / "history"), "--from", "2022-06-10", "--to", "2022-06-22", "--facility", "bitf-galaxy"]
    assert main(asked) == 0
    text = capsys.readouterr().out
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "2022-06-15  watch -> fail; in law normal -> callable" in text and "????~#####??~" not in text
    assert main([*asked, "--format", "csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert ("2022-06-15", "legal", "callable") in {(row["date"], row["what"], row["after"]) for row in rows}
    assert main([*asked, "--format", "csv", "--every-day"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 13 * 2
    assert main([*asked, "--format", "json", "--every-day"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], len(found["days"]), len(found["covenants"][0]["days"])) == ("covenant-monitor/replay/1", 13, 13)
    assert found["covenants"][0]["first_fail"] == "2022-06-15"


@pytest.mark.parametrize(
    "words",
    [
        ("--step", "2BD"), ("--step", "0d"), ("--step", "soon"), ("--from", "2026-02-30"), ("--from", "2027-01-01", "--to", "2026-01-01"),
        ("--facility", "nobody"),
    ],
)  # fmt: skip
def test_what_is_no_day_step_or_facility_is_a_usage_error(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *words]) == 64
    assert capsys.readouterr().err.startswith("covenant: ")

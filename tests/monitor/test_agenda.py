"""The calendar: what is due when, and the rollover wall of a group."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from icalendar import Calendar

from monitor import cli
from monitor.agenda.entries import KINDS, Entry, entries_of
from monitor.agenda.ics import calendar_ics
from monitor.agenda.wall import Wall, walls_of
from monitor.assess import assess
from monitor.session import open_desk
from tests.rules.shipped import picture

DESK = {
    "desk.toml": '[desk]\nname = "d"\nas_of = 2026-06-30\n',
    "obligors/b.toml": '[obligor]\nid = "b"\nname = "B"\ngroup = "g"\nillustrative = true\n'
    '[[debt]]\nid = "notes"\noutstanding = 70\nmaturity = "2030"\n'
    'put = [{ date = 2027-12-31, price_pct = 102 }]\n[[debt]]\nid = "silent"\n',
    "facilities/x.toml": """
[facility]
id = "x"
name = "X"
kind = "term"
borrower = "b"
closing = 2025-12-31
maturity = "2028-12"
illustrative = true
put = [{ date = 2026-01-31 }, { date = 2027-06-30 }]
[[facility.balance]]
date = 2025-12-31
outstanding = 1200
[interest]
fixed_pct = 0
[amortisation]
style = "straight-line"
frequency = "semi-annual"
original = 1200
payments = 12
balloon = 600
""",
}


def desk(tmp_path: Path) -> Path:
    for name, text in DESK.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def shipped(days: int = 365) -> list[Entry]:
    return entries_of(picture(), dt.date(2026, 10, 8) + dt.timedelta(days=days))


def test_entries_stand_in_order_of_date_within_the_horizon() -> None:
    found = shipped(90)
    assert [one.date for one in found] == sorted(one.date for one in found)
    assert {one.kind for one in found} <= set(KINDS)
    assert all("2026-10-08" <= one.date <= "2027-01-06" for one in found)


def test_the_cure_window_of_rowan_compute_ends_at_the_end_of_the_fifteenth() -> None:
    clock = next(one for one in shipped() if one.kind == "clock" and one.facility == "rowan-compute")
    assert (clock.date, clock.at, clock.covenant) == ("2026-10-15", "2026-10-16T00:00:00Z", "dscr")


def test_a_certificate_is_listed_once_and_only_while_it_is_out() -> None:
    due = [(one.date, one.title) for one in shipped() if one.kind == "certificate" and one.facility == "tamar-h100"]
    assert due[0] == ("2027-01-30", "to 2026-12-31 is due (dscr, lock-up, dsra)")  # September's came on the sixth of October
    assert len(due) == len(set(due))


def test_a_date_known_no_better_than_its_month_is_marked() -> None:
    one = next(one for one in shipped() if one.facility == "crwv-ddtl-5.5" and one.kind == "availability_end")
    assert (one.date, one.partial) == ("2026-12-31", "2026-12")


def wall(tmp_path: Path) -> Wall:
    at = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    return walls_of(assess(open_desk(desk(tmp_path)), at, at))[0]


def test_the_wall_adds_instalments_maturities_and_puts_by_year(tmp_path: Path) -> None:
    found = wall(tmp_path)
    assert found.group == "g"
    assert found.years == pytest.approx({"2026": 50, "2027": 100, "2028": 1000, "2030": 70})  # 50 each half-year
    assert sum(found.years.values()) == pytest.approx(1150 + 70)
    assert found.puts == pytest.approx({"2027": 1150 + 70 * 1.02})  # the put of January has passed
    assert found.unknown == ["silent"]


def test_a_debt_without_a_public_amount_is_named_not_left_out() -> None:
    groups = {one.group: one for one in walls_of(picture())}
    assert groups["mara"].unknown and not groups["mara"].years
    assert groups["rowan"].years["2029"] == pytest.approx(150e6)  # the convertible is counted once


def test_the_calendar_file_reads_back() -> None:
    hostile = Entry(date="2026-12-31", kind="maturity", facility="x", title="a; b, c\\ \x1b[31m\nBEGIN:VEVENT")
    text = calendar_ics(dt.datetime(2026, 10, 8, 9, tzinfo=dt.UTC), [*shipped(), hostile])
    assert text.endswith("END:VCALENDAR\r") and "\x1b" not in text
    read = Calendar.from_ical(text + "\n")
    events = read.walk("VEVENT")
    assert len(events) == len(shipped()) + 1
    assert len({str(one["uid"]) for one in events}) == len(events)
    clock = next(one for one in events if "cure pending ends" in one["summary"] and "rowan-compute" in one["summary"])
    assert clock["dtstart"].dt == dt.datetime(2026, 10, 16, tzinfo=dt.UTC)


@pytest.mark.parametrize(("horizon", "code"), [("90d", 0), ("2027-01-31", 0), ("soon", 64), ("2027-13-01", 64)])
def test_the_horizon_is_a_date_or_a_duration(horizon: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["calendar", "--horizon", horizon]) == code
    assert ("--horizon" in capsys.readouterr().err) == (code == 64)


def test_each_tranche_falls_due_on_its_own(tmp_path: Path) -> None:
    folder, name = desk(tmp_path), "facilities/x.toml"
    parts = "".join(
        f'[[tranche]]\nid = "{one}"\nmaturity = "{end}"\nbalance = [{{ date = 2025-12-31, outstanding = {owed} }}]\n'
        for one, end, owed in (("early", "2026-12", 100), ("late", "2029-06-30", 300), ("repaid", "2030", 0))
    )
    head = DESK[name].partition("[[facility.balance]]")[0]
    (folder / name).write_text(f'{head}[interest]\nfixed_pct = 0\nfrequency = "annual"\n{parts}', encoding="utf-8")
    at = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    (found,) = walls_of(assess(open_desk(folder), at, at))
    due = [(one.date, one.amount, one.partial) for one in found.dues if one.debt == "X" and one.kind == "maturity"]
    assert due == [("2026-12-31", 100, "2026-12"), ("2029-06-30", 300, None)]


def test_the_json_carries_entries_and_walls(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["calendar", "--format", "json", "--facility", "rowan-alder"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "covenant-monitor/calendar/1"
    assert {one["facility"] for one in found["entries"]} == {"rowan-alder"}
    assert [one["group"] for one in found["walls"]] == ["rowan"]


def test_no_line_of_the_text_is_wider_than_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["calendar"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Calendar from 2026-10-08 09:00Z to 2027-10-08\n")
    assert max(map(len, out.split("\n"))) <= 80

"""What a good marks file reads as: columns in any order, days and times, units, one hash."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.marks.csvfile import read_marks
from monitor.marks.digest import marks_digest
from monitor.marks.instants import instant, zone
from monitor.marks.prints import Print
from monitor.marks.units import canonical

HEADER = "series,date,value,unit,source"


def read(tmp_path: Path, text: str, timezone: str = "UTC") -> list[Print]:
    (tmp_path / "marks").mkdir(exist_ok=True)
    path = tmp_path / "marks" / "x.csv"
    path.write_bytes(text.encode())
    prints, problems = read_marks([path], tmp_path, timezone)
    assert problems == []
    return prints


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    text = (
        "note,source,approved_by,by,n_obs,kind,known_at,unit,value,date,series\n"
        "thin day,broker,two,one,12,trade,2026-11-23T09:30:00-05:00,USD/GPU,14500,2026-11-20,H100-SXM.price.executed\n"
    )
    assert read(tmp_path, text) == [
        Print(
            series="H100-SXM.price.executed",
            as_of=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
            value=14500.0,
            unit="USD/unit",
            source="broker",
            known_at=dt.datetime(2026, 11, 23, 14, 30, tzinfo=dt.UTC),
            kind="trade",
            n_obs=12,
            by="one",
            approved_by="two",
            note="thin day",
            origin="marks/x.csv:2",
        )
    ]


def test_spaces_blank_lines_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    text = f"{HEADER.replace(',', ' , ')}\r\n\r\nBTC.price , 2026-11-20 , 1 , USD , a\r\n,,,,\r\nBTC.price,2026-11-21,2,USD,a"
    assert [(made.value, made.origin) for made in read(tmp_path, text)] == [(1, "marks/x.csv:3"), (2, "marks/x.csv:5")]


def test_a_note_over_two_lines_does_not_shift_the_lines_after_it(tmp_path: Path) -> None:
    text = f'{HEADER},note\nBTC.price,2026-11-20,1,USD,a,"one\ntwo"\nBTC.price,2026-11-21,2,USD,a,\n'
    assert [(made.note, made.origin) for made in read(tmp_path, text)] == [("one\ntwo", "marks/x.csv:2"), (None, "marks/x.csv:4")]


@pytest.mark.parametrize(
    ("written", "timezone", "utc"),
    [
        ("2026-11-20", "UTC", "2026-11-21T00:00"),
        ("2026-11-20", "America/New_York", "2026-11-21T05:00"),
        ("2026-03-07", "America/New_York", "2026-03-08T05:00"),  # the night before clocks go forward
        ("2026-03-08", "America/New_York", "2026-03-09T04:00"),
        ("2026-10-31", "America/New_York", "2026-11-01T04:00"),  # the night before they go back
        ("2026-11-01", "America/New_York", "2026-11-02T05:00"),
        ("2026-09-05", "America/Santiago", "2026-09-06T04:00"),  # no midnight: 24:00 becomes 01:00
        ("2026-12-31", "Asia/Tokyo", "2026-12-31T15:00"),
        ("2028-02-28", "UTC", "2028-02-29T00:00"),
        ("2026-11-20T16:00:00Z", "America/New_York", "2026-11-20T16:00"),
        ("2026-11-20 16:00-05:00", "UTC", "2026-11-20T21:00"),
        ("2026-11-01T01:30:00-04:00", "America/New_York", "2026-11-01T05:30"),
        ("2026-11-01T01:30:00-05:00", "America/New_York", "2026-11-01T06:30"),
        ("2022-03-02T16:52:24.000000000Z", "UTC", "2022-03-02T16:52:24"),
    ],
)
def test_a_date_is_the_end_of_its_day_and_a_time_its_instant(written: str, timezone: str, utc: str, tmp_path: Path) -> None:
    expected = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert read(tmp_path, f"{HEADER}\nBTC.price,{written},1,USD,a\n", timezone)[0].as_of == expected


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-11", "20261120", "2026-W47-5", "2026-11-20T", "2026-11-20T1600Z", "2026-11-31", "２０２６-11-20"]
)
def test_other_ways_to_write_a_date_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        instant(text, dt.UTC)


@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)), st.sampled_from(["America/New_York", "Europe/London", "Asia/Kolkata"])
)
def test_days_end_in_order_and_where_the_next_begins(moment: dt.datetime, name: str) -> None:
    timezone = zone(name)
    day = moment.date()
    end, next_end = (instant((day + dt.timedelta(days=n)).isoformat(), timezone) for n in (0, 1))
    assert dt.timedelta(hours=23) <= next_end - end <= dt.timedelta(hours=25)
    assert end.astimezone(timezone).date() == day + dt.timedelta(days=1)
    assert (end - dt.timedelta(microseconds=1)).astimezone(timezone).date() == day


@pytest.mark.parametrize(
    ("series", "written", "value", "unit"),
    [
        ("BTC.price", "83275.93,USD", 83275.93, "USD/unit"),
        ("BTC.price", "83275.93,USD/BTC", 83275.93, "USD/unit"),
        ("H100-SXM.price.executed", "14500,USD/GPU", 14500, "USD/unit"),
        ("H100-SXM.rent.committed12m", "2.45,USD/GPU-hour", 2.45, "USD/GPU-hour"),
        ("SOFR.rate", "3.90,percent", 0.039, "fraction"),
        ("SOFR.rate", "3.90,%", 0.039, "fraction"),
        ("SOFR.rate", "390,bp", 0.039, "fraction"),
        ("SOFR.rate", "0.039,fraction", 0.039, "fraction"),
        ("SOFR.rate", "39e-1,percent", 0.039, "fraction"),
        ("ESTR.rate", "-0.58,percent", -0.0058, "fraction"),
        ("SOFR.rate", "0,percent", 0, "fraction"),
        ("BTC.hashprice", "38.5,USD/PH/day", 38.5, "USD/PH/day"),
        ("BTC.hashprice", "0.0385,USD/TH/day", 38.5, "USD/PH/day"),
        ("EUR.fx", "1.08,USD/EUR", 1.08, "USD/EUR"),
        ("EUR.fx", "0.93,CHF/EUR", 0.93, "CHF/EUR"),
        ("BTC.difficulty", "1.3e14,difficulty", 1.3e14, "difficulty"),
    ],
)
def test_values_come_out_in_the_canonical_unit(series: str, written: str, value: float, unit: str, tmp_path: Path) -> None:
    made = read(tmp_path, f"{HEADER}\n{series},2026-11-20,{written},a\n")[0]
    assert (made.value, made.unit) == (value, unit)


@pytest.mark.parametrize(
    ("series", "unit"),
    [
        ("H100-SXM.price", "USD/BTC"),
        ("H100-SXM.price", "USD/GPU-hour"),
        ("H100-SXM.rent", "USD/hour"),
        ("BTC.price", "EUR"),
        ("SOFR.rate", "pct"),
        ("BTC.hashprice", "USD"),
        ("EUR.fx", "USD/GBP"),
        ("USD.fx", "USD/USD"),
    ],
)
def test_a_unit_that_does_not_fit_the_kind_is_refused(series: str, unit: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"{HEADER}\n{series},2026-11-20,1,{unit},a\n")
    assert [found.code for found in read_marks([tmp_path / "x.csv"], tmp_path)[1]] == ["M020"]


@given(st.decimals(-1000, 1000, places=4))
def test_a_percentage_is_rounded_once(percent: object) -> None:
    from fractions import Fraction

    assert canonical(str(percent), -2) == float(Fraction(str(percent)) / 100)


def test_an_override_may_stand_beside_the_print_it_replaces(tmp_path: Path) -> None:
    text = f"{HEADER},kind,by,approved_by\nBTC.price,2026-11-20,1,USD,a,,,\nBTC.price,2026-11-20,2,USD,a,override,one,two\n"
    assert [made.kind for made in read(tmp_path, text)] == [None, "override"]


def test_the_order_of_rows_changes_no_print(tmp_path: Path) -> None:
    rows = [f"BTC.price,2026-11-{day:02},{day},USD,{source}" for day in range(1, 29) for source in "ab"]
    shuffled = random.Random(7).sample(rows, len(rows))

    def facts(lines: list[str]) -> set[tuple[dt.datetime, float, str]]:
        return {(made.as_of, made.value, made.source) for made in read(tmp_path, "\n".join([HEADER, *lines]))}

    assert facts(rows) == facts(shuffled)
    assert len(facts(rows)) == len(rows)


def test_the_digest_is_of_names_and_bytes_not_of_the_folder_or_the_order(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text("A")
        (tmp_path / folder / "b.csv").write_text("B")
    one, two = sorted((tmp_path / "one").iterdir()), sorted((tmp_path / "two").iterdir())
    assert marks_digest(one) == marks_digest(two[::-1])
    assert len(marks_digest(one)) == 64
    (tmp_path / "two" / "b.csv").write_text("C")
    assert marks_digest(one) != marks_digest(two)
    assert marks_digest(one) != marks_digest(one[:1])


def test_reading_and_observing_load_neither_numpy_nor_a_timezone_database() -> None:
    slow = {"numpy", "pandas", "zoneinfo", "difflib"}
    code = f"import sys, monitor.marks.csvfile, monitor.marks.history\nprint(sorted({slow} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"

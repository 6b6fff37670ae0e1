"""Business days, rolls, and the cache of named calendars."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.calendars import Calendar, named_calendar

WEEKENDS = named_calendar("weekends", 2020, 2030)
DATES = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))
CLOSED = st.frozensets(st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)), max_size=60)


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture(scope="module")
def us() -> Calendar:
    return named_calendar("US", 2025, 2027)


def test_us_bank_holidays_and_observed_days(us: Calendar) -> None:
    closed = ["2026-10-12", "2026-11-11", "2026-11-26", "2026-07-03", "2027-07-05", "2026-06-19", "2025-12-25"]
    assert [day for day in closed if us.is_business_day(d(day))] == []
    assert us.is_business_day(d("2026-10-13")) and us.is_business_day(d("2026-11-27"))


def test_ten_business_days_from_a_certificate(us: Calendar) -> None:
    assert us.add_business_days(d("2026-09-30"), 10) == d("2026-10-15")
    assert WEEKENDS.add_business_days(d("2026-09-30"), 10) == d("2026-10-14")


@pytest.mark.parametrize(
    ("name", "closed", "open_day"),
    [
        ("GB", "2026-08-31", "2026-07-03"),
        ("GB", "2026-04-06", "2026-10-12"),
        ("DE", "2026-10-03", "2026-08-31"),
        ("TARGET", "2026-05-01", "2026-10-12"),
        ("ECB", "2026-12-26", "2026-05-25"),
        ("NYSE", "2026-04-03", "2026-10-12"),
        ("JP", "2026-01-02", "2026-10-13"),
    ],
)
def test_countries_and_markets(name: str, closed: str, open_day: str) -> None:
    found = named_calendar(name, 2026, 2026)
    assert not found.is_business_day(d(closed))
    assert found.is_business_day(d(open_day))


@pytest.mark.parametrize(
    ("day", "rule", "expected"),
    [
        ("2026-10-10", "none", "2026-10-10"),
        ("2026-10-10", "following", "2026-10-13"),
        ("2026-10-10", "modified_following", "2026-10-13"),
        ("2026-10-10", "preceding", "2026-10-09"),
        ("2026-10-31", "following", "2026-11-02"),
        ("2026-10-31", "modified_following", "2026-10-30"),
        ("2026-10-30", "modified_following", "2026-10-30"),
    ],
)
def test_rolls(us: Calendar, day: str, rule: str, expected: str) -> None:
    assert us.roll(d(day), rule) == d(expected)


def test_an_unknown_rule_is_refused(us: Calendar) -> None:
    with pytest.raises(ValueError, match="unknown business-day rule 'nearest'; known: none, following"):
        us.roll(d("2026-10-10"), "nearest")


@given(DATES, CLOSED, st.sampled_from(["following", "modified_following", "preceding"]))
def test_a_roll_lands_on_a_business_day(day: dt.date, closed: frozenset[dt.date], rule: str) -> None:
    calendar = Calendar("closed", closed)
    rolled = calendar.roll(day, rule)
    assert calendar.is_business_day(rolled)
    assert rolled == day or not calendar.is_business_day(day)


@given(DATES, CLOSED, st.integers(-300, 300))
def test_adding_business_days_is_undone_by_subtracting_them(day: dt.date, closed: frozenset[dt.date], count: int) -> None:
    calendar = Calendar("closed", closed)
    day = calendar.roll(day, "following")
    there = calendar.add_business_days(day, count)
    low, high = sorted([day, there])
    assert calendar.add_business_days(there, -count) == day
    assert sum(calendar.is_business_day(low + dt.timedelta(days=i)) for i in range((high - low).days)) == abs(count)


def test_from_a_closed_day_the_first_business_day_is_the_next_open_one() -> None:
    saturday = d("2026-10-10")
    assert WEEKENDS.add_business_days(saturday, 1) == d("2026-10-12")
    assert WEEKENDS.add_business_days(saturday, -1) == d("2026-10-09")
    assert WEEKENDS.add_business_days(saturday, 0) == saturday


def test_the_cached_calendar_needs_no_library(tmp_path: Path) -> None:
    first = named_calendar("US", 2025, 2030, tmp_path)
    script = (
        "import sys; from pathlib import Path; from facilities.calendars import named_calendar\n"
        "found = named_calendar('us', 2025, 2030, Path(sys.argv[1])); assert 'holidays' not in sys.modules\n"
        "assert not {'numpy', 'pandas', 'textual'} & set(sys.modules)\n"
        "print(len(found.holidays))"
    )
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(run.stdout) == len(first.holidays) > 60


def test_other_years_are_another_cache_file(tmp_path: Path) -> None:
    named_calendar("US", 2025, 2025, tmp_path)
    assert not named_calendar("US", 2026, 2026, tmp_path).is_business_day(d("2026-10-12"))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", b"covenant-monitor calendar 1 none 1\n2026-99-99\n", b"2026-01-01\n"])
def test_a_damaged_cache_is_rebuilt(tmp_path: Path, damage: bytes) -> None:
    good = named_calendar("DE", 2026, 2026, tmp_path)
    [path] = tmp_path.iterdir()
    written = path.read_bytes()
    path.write_bytes(damage)
    assert named_calendar("DE", 2026, 2026, tmp_path) == good
    assert path.read_bytes() == written


def test_a_cache_cut_short_is_rebuilt(tmp_path: Path) -> None:
    good = named_calendar("DE", 2026, 2026, tmp_path)
    [path] = tmp_path.iterdir()
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    assert named_calendar("DE", 2026, 2026, tmp_path) == good


def test_a_cache_of_another_library_version_is_rebuilt(tmp_path: Path) -> None:
    good = named_calendar("DE", 2026, 2026, tmp_path)
    [path] = tmp_path.iterdir()
    path.write_text("covenant-monitor calendar 1 1-1 0\n")
    assert named_calendar("DE", 2026, 2026, tmp_path) == good


def test_an_unwritable_cache_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert not named_calendar("US", 2026, 2026, blocked / "cache").is_business_day(d("2026-10-12"))


def test_a_cache_path_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    named_calendar("DE", 2026, 2026, tmp_path)
    [path] = tmp_path.iterdir()
    path.unlink()
    path.mkdir()
    (path / "occupied").write_text("")
    assert not named_calendar("DE", 2026, 2026, tmp_path).is_business_day(d("2026-12-25"))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("name", "near"), [("NYSEE", "NYSE"), ("TARGETS", "TARGET"), ("USAA", "USA")])
def test_an_unknown_name_is_refused_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(ValueError, match=rf"unknown calendar '{name}'; nearest: .*{near}"):
        named_calendar(name, 2026, 2026)


@pytest.mark.parametrize("name", ["../../etc/x", "", "U S", "\x1b[31m"])
def test_a_name_never_becomes_a_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown calendar"):
        named_calendar(name, 2026, 2026, tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


def test_years_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="wrong order"):
        named_calendar("US", 2027, 2026)

"""Marks of the past from real market history, where it lies beside the checkout."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from facilities.model import SeriesPolicy
from monitor.marks.columns import column
from monitor.marks.csvfile import read_marks
from monitor.marks.history import History
from rules.worlds import DATA
from tests.published import data_file


def end_of(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) + dt.timedelta(days=1)


def _renamed(source: str, names: dict[str, str], target: Path) -> None:
    """The rows of the series in `names`, under our names for them."""
    with data_file(source).open(newline="") as read, target.open("w", newline="") as write:
        rows, out = csv.DictReader(read), csv.writer(write)
        out.writerow(["series", "date", "value", "unit", "source"])
        for row in rows:
            if row["series"] in names:
                out.writerow([names[row["series"]], row["date"], row["value"], row["unit"], row["series"]])


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> History:
    root = tmp_path_factory.mktemp("marks")
    _renamed(
        "crypto.csv",
        {"BTC-USD.close": "BTC.price", "BTC-USD.coinmetrics_priceusd": "BTC.price", "ETH-USD.close": "ETH.price"},
        root / "c.csv",
    )
    _renamed("sofr.csv", {"SOFR.overnight": "SOFR.rate"}, root / "s.csv")
    prints, problems = read_marks(sorted(root.iterdir()), root)
    assert problems == []
    assert len(prints) > 10_000
    policies = [
        SeriesPolicy(match="BTC.price", sources=["BTC-USD.close", "BTC-USD.coinmetrics_priceusd"], min_sources=2, max_age="24h"),
        SeriesPolicy(match="SOFR.rate", publication_lag="1BD", max_age="5D"),
    ]
    return History(prints, policies)


@pytest.mark.parametrize(
    ("day", "close"),
    [("2020-03-12", 4970.79), ("2021-11-08", 67566.83), ("2022-06-18", 19017.64), ("2022-11-09", 15880.78)],
)
def test_the_close_of_a_known_day(market: History, day: str, close: float) -> None:
    found = market.observe("BTC.price", end_of(day), end_of(day))
    assert found.value is not None
    assert round(found.value, 2) == close
    assert (found.data, found.source, found.age_days) == ("good", "BTC-USD.close", 0)


def test_the_move_of_one_day_in_june_2022(market: History) -> None:
    at = end_of("2022-06-18")
    before = market.previous("BTC.price", at, at)
    assert before is not None
    assert round(before, 2) == 20471.48
    assert market.observe("BTC.price", at - dt.timedelta(seconds=1), at).value == before


def test_one_source_alone_before_the_second_began(market: History) -> None:
    assert market.observe("BTC.price", end_of("2019-12-31"), end_of("2019-12-31")).data == "single_source"


def test_a_rate_is_known_a_business_day_after_its_own_day(market: History) -> None:
    friday, sunday, monday = (end_of(f"2022-06-{day}") for day in (17, 19, 20))
    assert market.observe("SOFR.rate", sunday, sunday).as_of == end_of("2022-06-16")
    assert market.observe("SOFR.rate", monday, monday).as_of == friday
    value = market.observe("SOFR.rate", monday, monday).value
    assert value is not None
    assert 0.005 < value < 0.02


def test_a_year_of_columns_has_every_close(market: History) -> None:
    at = [end_of("2022-01-01") + dt.timedelta(days=n) for n in range(365)]
    columns = {name: column(market, name, at, at) for name in ("BTC.price", "ETH.price", "SOFR.rate")}
    assert all(not np.isnan(values).any() and {DATA[one] for one in data} == {"good"} for values, data in columns.values())
    assert at[int(columns["BTC.price"][0].argmin())] == end_of("2022-11-21")

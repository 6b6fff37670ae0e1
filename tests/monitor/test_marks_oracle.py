"""Years of daily closes asked day by day, held against an as-of merge of pandas."""

import datetime as dt

import pandas as pd

from facilities.model import SeriesPolicy
from monitor.marks.history import History
from monitor.marks.prints import Print
from tests.published import data_file


def test_every_day_of_history_is_the_last_close_known():
    table = pd.read_csv(data_file("crypto.csv"), parse_dates=["date"])
    closes = table[table.series == "BTC-USD.close"].iloc[::3]  # with gaps, so that some days look back
    at = (closes.date + pd.Timedelta(days=1)).dt.tz_localize("UTC")
    rows = zip(at, closes.value, strict=True)
    prints = [Print("BTC.price", moment.to_pydatetime(), value, "USD/unit", "venue") for moment, value in rows]
    history = History(prints, [SeriesPolicy(match="BTC.price", publication_lag="30h")])
    asked = pd.DataFrame({"asked": pd.date_range(at.min(), at.max(), freq="17h", tz="UTC")})
    known = pd.DataFrame({"known": at + pd.Timedelta(hours=30), "value": closes.value}).sort_values("known")
    wanted = pd.merge_asof(asked, known, left_on="asked", right_on="known")
    for moment, value in zip(wanted.asked, wanted.value, strict=True):
        seen = history.observe("BTC.price", moment.to_pydatetime(), moment.to_pydatetime())
        assert seen.value == (None if pd.isna(value) else value)
    assert wanted.asked.max().to_pydatetime() > dt.datetime(2026, 1, 1, tzinfo=dt.UTC) and len(wanted) > 5_000

"""Units: products of named dimensions."""

from __future__ import annotations

import pytest

from rules.units import NUMBER, PERIOD, parse_unit, series_unit


@pytest.mark.parametrize("text", ["", "x", "ratio", "fraction", "%", "1"])
def test_plain_numbers(text: str) -> None:
    assert parse_unit(text) == NUMBER


def test_assets_share_one_shape_and_currency_may_read_as_money() -> None:
    assert parse_unit("money/GPU-hour") == parse_unit("money/unit-h")
    assert parse_unit("USD/BTC") == parse_unit("USD/unit")
    assert parse_unit("USD") != parse_unit("EUR")


def test_products_and_quotients_cancel() -> None:
    rent, hours = parse_unit("money/unit-hour"), parse_unit("hour")
    assert rent.times(hours) == parse_unit("money/unit")
    assert rent.times(rent, -1) == NUMBER
    assert parse_unit("money/period").times(PERIOD) == parse_unit("money")


def test_units_in_words() -> None:
    assert str(parse_unit("money/unit-hour")) == "money/hour/unit"
    assert str(NUMBER) == "a plain number"
    assert str(NUMBER.times(parse_unit("hour"), -1)) == "1/hour"
    assert str(parse_unit("money").times(parse_unit("money"))) == "money^2"


@pytest.mark.parametrize(
    ("series", "unit"),
    [("BTC.price", "USD/unit"), ("H100-SXM.rent.committed12m", "USD/unit-hour"), ("SOFR.rate", ""), ("EUR.fx", "USD/money"),
     ("BTC.hashprice", "USD/PH/day"), ("odd", ""), ("A.odd", "")],
)  # fmt: skip
def test_series_have_a_unit_by_kind(series: str, unit: str) -> None:
    assert series_unit(series) == unit

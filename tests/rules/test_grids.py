"""Shocks: their texts, the marks they move, and the worlds of a grid; and where a line of worlds breaks a test."""

from __future__ import annotations

import numpy as np
import pytest

from rules.grids import Shock, ShockError, grid, moved_by, parse_axes, parse_axis, parse_shocks, shocked
from rules.stressed import breaks, rows_now, stress
from rules.worlds import Worlds
from tests.rules.small import COIN, LOAN, book_of, covenant, worlds_of

SERIES = ("BTC.price", "H100-SXM.rent.committed12m", "H100-SXM.rent.ondemand", "SOFR.rate")


def test_an_axis_says_its_points() -> None:
    assert parse_axis("BTC.price=-60%..+20%:3").sizes == (-0.6, -0.2, 0.2)
    assert parse_axis("BTC.price=50_000") == parse_axis(" BTC.price = 50000 ")
    assert parse_axis("SOFR.rate=0bp..200bp:2").sizes == (0.0, 200.0)
    assert len(parse_axis("BTC.price=-60%..+20%").sizes) == 9


BAD = ["", "BTC.price", "=5", "BTC.price=x", "BTC.price=-60%..20", "BTC.price=20%..-60%", "BTC.price=1%..2%:1", "a=nan"]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_axis_is_refused(text: str) -> None:
    with pytest.raises(ShockError):
        parse_axes(text)


def test_a_prefix_moves_all_its_bases_and_no_half_word() -> None:
    assert moved_by(SERIES, "H100-SXM.rent") == [1, 2]
    assert moved_by(SERIES, "H100-SXM") == [1, 2]
    with pytest.raises(ShockError, match=r"did you mean 'BTC\.price'"):
        moved_by(SERIES, "BTC.pric")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("BTC.price=-140%", "more than all"), ("BTC.price=-1", "negative"), ("BTC.price=+100bp", "rates only"),
        ("BTC.price=-10%,BTC=-20%", "both move"), ("BTC.price=1%..2%:2", "one size"),
    ],
)  # fmt: skip
def test_impossible_shocks_are_refused(text: str, says: str) -> None:
    book = book_of(LOAN + COIN + covenant("ltv", "<=", 0.5))
    with pytest.raises(ShockError, match=says):
        shocked(worlds_of(book, {"BTC.price": 400.0}), [parse_shocks(text)])


def test_a_fall_beyond_nothing_is_refused_wherever_it_stands_in_a_grid() -> None:
    book = book_of(LOAN + COIN + covenant("ltv", "<=", 0.5))
    with pytest.raises(ShockError, match="more than all"):
        shocked(worlds_of(book, {"BTC.price": 400.0}), grid(parse_axes("BTC.price=-200%..+20%:5")))


def test_a_level_makes_a_missing_mark_known() -> None:
    book = book_of(LOAN + COIN + covenant("ltv", "<=", 0.5))
    now = worlds_of(book, {})
    rows = rows_now(book, now)
    assert stress(book, now, now, rows).made.result[0, 0] == 3
    seen = stress(book, shocked(now, [(Shock("BTC.price", "absolute", 400.0),)]), now, rows)
    assert seen.made.actual[0, 0] == pytest.approx(0.25) and seen.made.result[0, 0] == 0


def test_money_missing_and_the_break_agree_with_arithmetic() -> None:
    book = book_of(LOAN + COIN + covenant("ltv", "<=", 0.5))
    now = worlds_of(book, {"BTC.price": 400.0})  # 1,000 against 4,000
    rows = rows_now(book, now)
    seen = stress(book, shocked(now, grid(parse_axes("BTC.price=-75%..0%:4"))), now, rows)
    assert seen.missing[0].tolist() == pytest.approx([500.0, 0.0, 0.0, 0.0])
    assert seen.made.result[0].tolist() == [2, 0, 0, 0]

    def line(sizes: np.ndarray) -> Worlds:
        return shocked(now, [(Shock("BTC.price", "relative", float(one)),) for one in sizes])

    found = breaks(book, line, now, rows, np.linspace(-0.9, 1, 20))
    assert found[0] == pytest.approx(-0.5, abs=1e-12)

"""Remedies: the least that clears, no less, and none where nothing does."""

from __future__ import annotations

import numpy as np
import pytest

from facilities.model import Liquidity
from rules.evaluate import evaluate
from rules.remedies import Remedy, remedies
from rules.state import State
from tests.rules.small import COIN, LOAN, book_of, covenant, formula, report, rows_of, worlds_of

LADDER = 'class = "margin_ladder"\nrung = [{ above = 0.5, state = "call", restore_to = 0.4 }, { above = 0.9, state = "liquidation" }]'


def cures(text: str, price: float = 100.0, rung: str | None = None, cost: str = "0", threshold: float | None = None) -> dict[str, Remedy]:
    book = book_of(text)
    worlds, rows = worlds_of(book, {"BTC.price": price, "A.rent.x": price}), rows_of(book)
    level = float(evaluate(book, worlds, rows=rows).threshold[0]) if threshold is None else threshold
    sale = [Liquidity(asset="BTC", sale_cost=cost)]  # type: ignore[arg-type]
    return {one.kind: one for one in remedies(book, worlds, rows, rung, sale, level)}


def test_loan_to_value() -> None:
    found = cures(LOAN + COIN + covenant("ltv", "<=", 0.5))
    assert found["repay"].amount == pytest.approx(500)
    assert found["post"].amount == 10
    assert found["sell"].amount == 10
    assert "cash" not in found


def test_a_ladder_is_restored_not_only_uncalled() -> None:
    found = cures(LOAN + COIN + covenant("ltv", "<=", None, LADDER), rung="call")
    assert found["repay"].amount == pytest.approx(600)
    assert found["post"].amount == 15


@pytest.mark.parametrize(("cost", "units"), [("0", 4), ("0.1", 5), ("0.4", None)])
def test_selling_helps_only_while_ltv_is_below_one_less_the_cost(cost: str, units: int | None) -> None:
    """LTV 0.667 to 0.5: (1000 - 150 n (1 - c)) <= 0.5 x 150 (10 - n)."""
    found = cures(LOAN + COIN + covenant("ltv", "<=", 0.5), price=150.0, cost=cost)
    assert found["sell"].amount == units


def test_whole_units_clear_and_one_fewer_does_not() -> None:
    text = LOAN + COIN + covenant("ltv", "<=", 0.37)
    book = book_of(text)
    worlds, rows = worlds_of(book, {"BTC.price": 123.0}), rows_of(book)
    units = cures(text, price=123.0)["post"].amount
    assert units is not None
    for posted, clears in ((units, True), (units - 1, False)):
        made = evaluate(book, worlds, State(posted=np.array([[posted]])), rows)
        assert (made.actual[0, 0] <= 0.37) is np.bool_(clears)


def test_cash_cures_coverage_and_a_prepayment_does_not() -> None:
    flows = report("2026-06-30", 12, "2026-06-30", revenue_cash=100, opex_cash=20)
    text = LOAN + flows + formula("last12m(cfads) / 100", "money") + covenant("q", ">=", 0.9)
    found = cures(text)
    assert found["cash"].amount == pytest.approx(10)


def test_nothing_clears_what_nothing_moves() -> None:
    loan = LOAN.replace('kind = "term"', 'kind = "term"\ncommitment = 5')
    reserve = '[[account]]\nkind = "dsra"\nbalance = 4\n'
    assert cures(loan + reserve + formula('account("dsra") / commitment') + covenant("q", ">=", 1)) == {}


def test_utilisation() -> None:
    units = '[[collateral]]\nid = "a"\nasset = "A"\nunits = 10\nrent = "A.rent.x"\nin_service = 2025-01-01\n'
    units += "utilisation = 0.5\nopex_per_unit_hour = 0\n"
    text = LOAN + units + formula("next12m(cfads) / 1000", "money") + covenant("q", ">=", 52.56)
    assert cures(text, price=1.0)["utilisation"].amount == pytest.approx(0.6)
    assert "utilisation" not in cures(text.replace("52.56", "100"), price=1.0)


def test_no_level_no_remedy() -> None:
    assert cures(LOAN + COIN + covenant("ltv", "<=", None, "threshold_public = false"), threshold=float("nan")) == {}

"""What the illustrative loans of the shipped desk say that its own tests (facilities/desk/tests) cannot ask."""

from __future__ import annotations

import numpy as np
import pytest

from facilities.model import Liquidity
from rules.remedies import remedies
from tests.rules.shipped import reading, standing


def sold_at(name: str, asset: str, cost: str) -> float | None:
    """Units to sell at a cost until a failing covenant clears, None where no sale does."""
    one = reading(name)
    made = one.assessment
    row, sale = made.rows.pick(np.array([one.row])), [Liquidity(asset=asset, sale_cost=cost)]  # type: ignore[arg-type]
    found = remedies(made.book, made.worlds, row, standing(name).rung, sale, float(made.threshold[one.row]))
    return next(cure.amount for cure in found if cure.kind == "sell")


@pytest.mark.parametrize(("cost", "units"), [("0.20", 957), ("0.30", None), ("0.45", None)])
def test_kestrel_clears_by_a_sale_only_while_it_costs_less_than_the_advance_leaves(cost: str, units: float | None) -> None:
    assert sold_at("kestrel-abl/availability", "H100-SXM", cost) == units


def test_the_coins_rowan_alder_sells_are_just_enough() -> None:
    net = 83_275.93 * 0.99
    assert sold_at("rowan-alder/ltv", "BTC", "0.01") == 132
    assert 132 * net >= 52.5e6 - 0.6 * (965 - 132) * 83_275.93 > 131 * net - 0.6 * 83_275.93

"""Recoveries in many worlds: those of `sell` at every price, prior claims, and sellers who share a market."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from facilities.model import Buyer, Collateral, Liquidity, SaleStep
from rules.curves import Curve
from rules.liquidation import market_of, sell
from rules.recovery import Exit, Parcel, executable, left_by_sale, on_paper

TERMS = Liquidity(
    asset="H100", units_per_day=Decimal(100), participation=Decimal("0.5"), fee=Decimal("0.03"), enforcement_days=Decimal(30),
    enforcement_cost=Decimal(1000), hosting_per_unit_day=Decimal(2), impact_coefficient=Decimal(1), daily_volatility=Decimal("0.02"),
    step=[SaleStep(days=60, factor=Decimal(1)), SaleStep(days=7, factor=Decimal("0.5"))],
)  # fmt: skip
PRICES = np.array([[40.0, 400.0, 4000.0]])


def parcel(item: int = 0, units: float = 500.0, fx: float = 1.0) -> Parcel:
    return Parcel(item, Collateral(id=f"p{item}", asset="H100", units=Decimal(int(units))), units, 0, fx, Curve(0.3))


def test_each_price_is_sold_the_way_that_pays_best_there() -> None:
    """A dear unit waits for the better step, a cheap one is gone before hosting eats it."""
    made = executable(Exit(0, 739_000, (parcel(),)), {"H100": TERMS}, PRICES)
    for n, price in enumerate(PRICES[0]):
        alone = sell(market_of(TERMS), 500.0, 500.0, 0.0, np.array([price]), Curve(0.3), 739_000)
        assert alone is not None and made.money[n] == pytest.approx(float(alone.net[0])) and made.wait[n] == pytest.approx(alone.wait)
    assert made.wait[0] < made.wait[2]


def test_prior_claims_and_the_currency_count_once() -> None:
    plain, claimed = (Exit(0, 739_000, (parcel(fx=0.8),), prior) for prior in (0.0, 100.0))
    assert executable(claimed, {"H100": TERMS}, PRICES).money == pytest.approx(executable(plain, {"H100": TERMS}, PRICES).money - 100)
    assert on_paper(claimed, PRICES).money == pytest.approx(500 * PRICES[0] * 0.8 - 100)


def test_two_parcels_are_enforced_once_and_share_the_market() -> None:
    one = Exit(0, 739_000, (parcel(0, 250), parcel(1, 250)))
    whole = Exit(0, 739_000, (parcel(0, 500),))
    prices = np.repeat(PRICES, 2, axis=0)
    assert executable(one, {"H100": TERMS}, prices).money == pytest.approx(executable(whole, {"H100": TERMS}, PRICES).money)


def test_a_seller_beside_takes_time_and_buyers() -> None:
    mine, other = Exit(0, 739_000, (parcel(0),)), Exit(1, 739_000, (parcel(1, 5000),))
    alone, crowded = executable(mine, {"H100": TERMS}, PRICES), executable(mine, {"H100": TERMS}, PRICES, [other])
    assert (crowded.wait > alone.wait).all() and (crowded.money < alone.money).all()
    few = {"H100": Liquidity(asset="H100", units_per_day=Decimal(100), buyer=[Buyer(name="one", units=Decimal(500))])}
    assert executable(mine, few, PRICES, [other]).money == pytest.approx(executable(mine, few, PRICES).money * 500 / 5500)


def test_a_share_is_between_nothing_and_the_whole_and_pays_interest_for_the_wait() -> None:
    made = executable(Exit(0, 739_000, (parcel(),)), {"H100": TERMS}, PRICES)
    shares = made.share(150_000.0, 0.10)
    assert shares.min() >= 0 and shares.max() <= 1
    assert shares[1] == pytest.approx(made.money[1] / (150_000 * (1 + 0.10 * made.wait[1] / 360)))
    assert made.share(0.0, 0.10).tolist() == [1.0, 1.0, 1.0]  # nothing owed, nothing lost


def test_a_sale_lowers_the_mark_as_a_chain_says() -> None:
    assert left_by_sale(parcel(units=400), {"H100": TERMS}) == pytest.approx(1 - 0.02 * 2)
    assert left_by_sale(parcel(), {}) == 1 and left_by_sale(parcel(units=1e9), {"H100": TERMS}) == 0


def test_without_decay_a_wait_costs_no_price() -> None:
    one = Exit(0, 739_000, (parcel(),))
    assert one.flat().parcels[0].curve is None
    assert (executable(one.flat(), {"H100": TERMS}, PRICES).money > executable(one, {"H100": TERMS}, PRICES).money).all()

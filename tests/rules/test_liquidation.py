"""What a forced sale brings: the formula by hand, the published sale, and what must never go the wrong way."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.model import Buyer, Collateral, Liquidity, LiquidityCase, SaleStep
from rules.curves import Curve
from rules.liquidation import Market, Sale, almgren_chriss, decay_kept, haircut_of, market_of, plan_of, sell, takers
from tests.published import published

DAY = dt.date(2026, 10, 8).toordinal()
GPU = Market(
    "H100-SXM", 100.0, fee=0.03, enforcement_days=60, enforcement_cost=500_000, hosting=7.0, host_lien=100.0,
    steps=((180, 1.0), (90, 0.85), (30, 0.65), (7, 0.45)),
)  # fmt: skip
STEPLESS = Market("H100-SXM", 100.0, sale_cost=0.2, fee=0.03, enforcement_days=60, hosting=7.0)


def sold(market: Market, units: float, price: float = 10_000.0, curve: Curve | None = None, **more: object) -> Sale:
    made = sell(market, units, units, 0.0, np.array([price]), curve, DAY, **more)  # type: ignore[arg-type]
    assert made is not None
    return made


def test_the_formula_by_hand() -> None:
    made = sold(STEPLESS, 6_000, curve=Curve(0.30))
    wait = 60 + 60 / 2
    left = 6_000 * 10_000 * math.exp(math.log(0.7) * wait / 365) * (1 - 0.2) * (1 - 0.03)
    assert made.days == 60 and made.net[0] == pytest.approx(left - 6_000 * 7 * wait, rel=1e-12)


def test_a_step_table_waits_for_the_better_price_only_where_that_pays() -> None:
    assert sold(GPU, 9_500).days == 180
    assert sold(GPU, 9_500, curve=Curve(0.90)).days == 95


def test_a_jump_counts_for_the_units_sold_after_it() -> None:
    half = Curve(0.0, ((DAY + 90, 0.5),))
    assert decay_kept(half, None, DAY, 60, 60) == pytest.approx(0.75)
    assert decay_kept(half, None, DAY, 0, 60) == 1.0
    assert decay_kept(half, None, DAY, 120, 60) == pytest.approx(0.5)
    assert decay_kept(half, None, DAY, 90, 0) == pytest.approx(0.5)


def test_what_no_market_absorbs_in_time_is_scrap() -> None:
    market = Market("A", 10.0, scrap=0.10)
    made = sold(market, 1_000, 100.0, within=20)
    assert made.gross[0] == 20_000 and made.scrap[0] == 800 * 100 * 0.10 and made.days == 20


def test_sellers_of_one_asset_share_its_market() -> None:
    alone = sold(STEPLESS, 1_000)
    made = sell(STEPLESS, 1_000, 1_000, 9_000, np.array([10_000.0]), None, DAY)
    assert made is not None and made.days == 10 * alone.days and made.net[0] < alone.net[0]


def test_two_thirds_of_the_square_root_impact() -> None:
    market = Market("A", 50.0, impact=1.0, volatility=0.02, volume=200.0)
    assert haircut_of(market, 800, 16, "sqrt") == pytest.approx(2 / 3 * 0.02 * 2)
    assert math.isnan(haircut_of(Market("A", 50.0), 800, 16, "sqrt"))


def test_nothing_absorbs_nothing() -> None:
    assert sell(Market("A", 0.0), 10, 10, 0, np.array([1.0]), None, DAY) is None
    assert sell(Market("A", None), 10, 10, 0, np.array([1.0]), None, DAY) is None


def test_buyers_take_what_they_can_power_and_cool() -> None:
    air = Collateral(id="a", asset="X", cooling="air", kw_per_rack=Decimal(40))
    wet = Collateral(id="w", asset="X", cooling="liquid", kw_per_rack=Decimal(130))
    silent = Collateral(id="s", asset="X")
    terms = Liquidity(
        asset="X",
        buyer=[Buyer(name="halls", units=Decimal(100), cooling=["air"], max_kw_per_rack=Decimal(50)), Buyer(name="any", units=Decimal(50))],
    )
    lots = {"a": (air, 120.0), "w": (wet, 60.0), "s": (silent, 20.0)}
    assert takers(terms, lots) == pytest.approx({"a": 110.0, "w": 30.0, "s": 10.0})
    assert takers(Liquidity(asset="X"), lots) == {"a": 120.0, "w": 60.0, "s": 20.0}


def test_a_case_replaces_only_what_it_names() -> None:
    terms = Liquidity(
        asset="X", units_per_day=Decimal(100), participation=Decimal("0.5"), step=[SaleStep(days=30, factor=Decimal("0.5"))],
        hosting_per_kw_month=Decimal(150), kw_per_unit=Decimal("1.4"),
    )  # fmt: skip
    low = market_of(terms, LiquidityCase(participation=Decimal("0.1"), price_factor=Decimal("0.8")))
    assert (market_of(terms).absorbed, low.absorbed, low.price_factor, low.steps) == (50.0, 10.0, 0.8, ((30.0, 0.5),))
    assert market_of(terms).hosting == pytest.approx(150 * 1.4 * 12 / 365)


@given(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(1, 50_000), st.floats(0, 0.9), st.sampled_from(["steps", "flat", "sqrt"]))
def test_more_absorption_never_lowers_more_decay_never_raises(absorbed: float, more: float, units: float, decay: float, how: str) -> None:
    def net(rate: float, falls: float) -> float:
        market = Market(
            "A", rate, sale_cost=0.2, fee=0.03, enforcement_days=30, hosting=2.0, steps=GPU.steps,
            impact=1.0, volatility=0.02, volume=4 * rate,
        )  # fmt: skip
        return float(sold(market, units, curve=Curve(falls), method=how).net[0])

    scale = units * 10_000 * 1e-9
    assert net(absorbed + more, decay) >= net(absorbed, decay) - scale
    assert net(absorbed, min(0.95, decay + 0.05)) <= net(absorbed, decay) + scale


def test_the_published_sales_of_almgren_and_chriss() -> None:
    case = published("ST-07")
    given_, wanted, within = case["inputs"], case["expected"], case["tolerance"]
    for n, aversion in enumerate(given_["lambda_"]):
        made = almgren_chriss(
            given_["X"], given_["T_days"], given_["N"], given_["sigma_daily"], given_["epsilon"], given_["gamma"], given_["eta"], aversion
        )
        found = {"mean": made.cost / 1e6, "var": made.variance / 1e12, "utility": made.utility / 1e6, "halflife": made.half_life}
        for name, value in found.items():
            assert value == pytest.approx(wanted[name][n], abs=within[name] * 1.01), name


def test_a_sale_without_aversion_is_even_and_has_no_half_life() -> None:
    made = almgren_chriss(1e6, 5, 5, 0.95, 0.0625, 2.5e-7, 2.5e-6, 0.0)
    assert made.cost == pytest.approx(662_500) and made.half_life is None
    with pytest.raises(ValueError, match="eta"):
        almgren_chriss(1e6, 5, 5, 0.95, 0.0625, 2.5e-6, 1e-7, 0.0)


def test_the_plan_of_a_market_is_that_sale() -> None:
    market = Market("A", 200_000.0, volatility=0.019, linear=(0.0625, 2.5e-7, 2.5e-6, 1e-9))
    made = plan_of(market, 1e6, 5.0, 50.0)
    assert made == almgren_chriss(1e6, 5.0, 5, 0.95, 0.0625, 2.5e-7, 2.5e-6, 1e-9)
    assert haircut_of(market, 1e6, 5.0, "almgren", 50.0) == pytest.approx(0.6625e6 / 50e6, rel=1e-4)

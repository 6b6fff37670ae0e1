"""Worked examples that others printed, out of desk files: borrowing bases, coverage, ladders, on-chain loans."""

from __future__ import annotations

import pytest

from tests.rules.shipped import actual, breach, reading, standing

DESK = "published"


def figure(name: str, as_of: str | None = None) -> float:
    return actual(reading(name, as_of=as_of, desk=DESK))


@pytest.mark.parametrize(
    ("name", "printed", "result"),
    [("bb-01/availability", 895_000, "pass"), ("bb-01/base", 1_895_000, "pass"), ("bb-03/availability", 12_600_000, "pass"),
     ("bb-11/availability", -7_500, "fail"), ("bb-11/over-advance", 7_500, "fail"), ("bb-11/limit", 67_500, "pass")],
)  # fmt: skip
def test_borrowing_bases(name: str, printed: float, result: str) -> None:
    assert figure(name) == pytest.approx(printed, abs=0.005)
    assert reading(name, desk=DESK).result == result


@pytest.mark.parametrize(
    ("year", "ratio", "charges", "earnings"),
    [(2011, 8.7, 35_594, 309_475), (2012, 2.8, 48_318, 134_522), (2013, 8.3, 48_513, 401_642), (2014, 9.1, 48_305, 440_745),
     (2015, 9.2, 47_942, 440_287)],
)  # fmt: skip
def test_earnings_to_fixed_charges(year: int, ratio: float, charges: int, earnings: int) -> None:
    as_of = f"{year}-12-31"
    assert figure("cov-01/ratio", as_of) == pytest.approx(ratio, abs=0.05)
    assert figure("cov-01/fixed-charges", as_of) == pytest.approx(charges * 1000)
    assert figure("cov-01/earnings", as_of) == pytest.approx(earnings * 1000)


@pytest.mark.parametrize(("year", "printed"), list(enumerate([-4.2, -1.5, 1.6, 3.9, 6.6, 10.1, 12.9, 14.9], 2011)))
def test_annual_debt_service_coverage(year: int, printed: float) -> None:
    one = reading("cov-09/adscr", as_of=f"{year}-12-31", desk=DESK)
    assert actual(one) == pytest.approx(printed, abs=0.05)
    assert one.result == ("fail" if printed < 1 else "pass")


def test_debt_service_coverage_of_a_building() -> None:
    assert figure("cov-14/dscr") == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("name", "call", "sale", "falls"),
    [("25", 18_837.69, 15_305.62, (0.6152, 0.6873)), ("33", 24_865.75, 20_203.42, (0.4920, 0.5873)),
     ("50", 37_675.38, 30_611.25, (0.2303, 0.3746))],
)  # fmt: skip
def test_margin_call_and_liquidation_prices(name: str, call: float, sale: float, falls: tuple[float, float]) -> None:
    one = reading(f"ltv-01-{name}/ltv", desk=DESK)
    assert breach(one, "BTC.price", 1)[0] == pytest.approx(call, abs=0.35)
    assert breach(one, "BTC.price", 2)[0] == pytest.approx(sale, abs=0.35)
    # the page counts the fall from 48,950, five in ten thousand below the price its own levels come from
    assert [-breach(one, "BTC.price", level)[1] for level in (1, 2)] == pytest.approx(falls, abs=5e-4)


def test_cover_of_110_per_cent() -> None:
    assert figure("ltv-02/ltv") == pytest.approx(0.84, abs=5e-4)
    assert breach(reading("ltv-02/coverage", desk=DESK), "COIN.price", 1)[0] == pytest.approx(924)


@pytest.mark.parametrize(
    ("name", "ltv", "ctp"), [("ctp-200", 0.50, 2.0), ("ctp-150", 0.67, 1.5), ("ltv-40", 0.40, 2.5), ("ltv-80", 0.80, 1.25)]
)
def test_collateral_to_principal_is_one_over_ltv(name: str, ltv: float, ctp: float) -> None:
    assert figure(f"ltv-10-{name}/ltv") == pytest.approx(ltv, abs=0.005)
    assert figure(f"ltv-10-{name}/ctp") == pytest.approx(ctp, abs=0.005)


def test_the_ladder_knows_its_rung() -> None:
    assert standing("ltv-10-ltv-80/ctp", desk=DESK).rung == "accelerated_call"
    assert standing("ltv-10-ctp-150/ctp", desk=DESK).rung is None  # below 150 %, not at it


def test_health_factor() -> None:
    assert figure("defi-01/health") == pytest.approx(1.333, abs=5e-4)


@pytest.mark.parametrize(("name", "price"), [("base", 150), ("add", 125), ("repay", 90)])
def test_adding_collateral_and_repaying_move_the_liquidation_price(name: str, price: float) -> None:
    assert breach(reading(f"defi-05-{name}/ratio", desk=DESK), "ETH.price")[0] == pytest.approx(price, abs=1e-9)

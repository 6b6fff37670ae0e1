"""Every quantity of the library by hand: one facility, round figures, one day."""

from __future__ import annotations

import math

import pytest

from tests.rules.small import HEAD, LIBRARY, book_of, covenant, figure, formula, report

HOURS = 8_760.0
MARKS: dict[str, float | list[float]] = {"BTC.price": 100.0, "A.price": 40.0, "A.price.appraisal": 35.0, "A.rent.x": 2.0}
LINES = {
    "revenue_cash": 900, "opex_cash": 300, "tax_cash": 50, "maintenance_capex": 30, "working_capital_change": 10, "ebitda": 620,
    "capex_unfinanced": 100, "interest_cash": 90, "scheduled_principal_cash": 110, "unrestricted_cash": 75, "total_debt": 1_500,
    "contract_cash_received": 90, "contract_cash_projected": 100,
}  # fmt: skip
FACILITY = (
    HEAD.format("x").replace(
        'kind = "term"',
        'kind = "revolver"\ncommitment = 1_400\nundrawn_fee_pct = 0.5\nupfront_fee_pct = 1\nclosing = 2024-12-31\nmaturity = 2026-12-31',
    )
    + """
[[facility.balance]]
date = 2025-12-31
outstanding = 1_000
accrued = 7
pik = 3
letters_of_credit = 100
[interest]
fixed_pct = 8
day_count = "30/360"
[amortisation]
style = "straight-line"
frequency = "quarterly"
start = 2024-12-31
original = 1_600
payments = 8
[operations]
fixed_opex_per_month = 5
tax_per_month = 2
maintenance_capex_per_month = 1
[[collateral]]
id = "a"
asset = "A"
units = 20
cost = 50
price = "A.price"
appraisal = "A.price.appraisal"
rent = "A.rent.x"
utilisation = 0.5
opex_per_unit_hour = 0.25
in_service = 2025-01-01
economic_life_months = 21
depreciation = { months = 60, residual_pct = 10 }
[[contract]]
customer = "c"
asset = "A"
units = 10
rate = 3.0
start = 2025-01-01
end = 2030-01-01
[[account]]
kind = "dsra"
balance = 240
[[borrowing_base]]
id = "a"
collateral = ["a"]
advance_rate = 0.5
[[reserve]]
reason = "rent"
amount = 25
"""
    + "".join(report(end, 3, end, **LINES) for end in ("2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"))
)
SERVICE = 4 * 200 + (1600 + 1400 + 1200 + 1000) * 0.02
MODELLED = {
    "modelled_revenue": (10 * 3.0 + 10 * 0.5 * 2.0) * HOURS,
    "modelled_opex": 20 * 0.25 * HOURS + 60,
}
CFADS = MODELLED["modelled_revenue"] - MODELLED["modelled_opex"] - 36
BASE = 20 * 40 * 0.5 - 25
# months since 1 January 2025 on 31 December: eleven whole ones
BOOK = 50 * (1 - 11 / 60 * 0.9)
STOCKS = {
    "total_debt": 1_500, "liquidity": 75 + 300, "exposure": 1_100, "ltv": 1_000 / 800, "ltv_book": 1_000 / (20 * BOOK),
    "ltv_appraisal": 1_000 / 700, "collateral_coverage": 0.8, "coin_price": 100, "borrowing_base": BASE, "line_cap": BASE,
    "availability": BASE - 1_100, "overadvance": 1_100 - BASE, "suppressed_availability": BASE - 1_400, "contract_realisation": 0.9,
    "wal": sum(200 * days for days in (90, 181, 273)) / 365.25 / 1000 + 400 * 365 / 365.25 / 1000, "dsra": 240 / (200 + 20),
    "economic_life_gap": 400, "economic_life_gap_pct": 0.25,
    "dscr_hist": 4 * 530 / SERVICE, "icr": 4 * 620 / 104, "leverage": 1_500 / (4 * 620), "fccr": (620 - 100 - 50) / 200,
}  # fmt: skip
FORWARD = 4 * 200 - 200 + (1000 + 800 + 600 + 400) * 0.02
PAST_FLOWS = {
    "reported_cfads": 4 * 530, "cfads": 4 * 530, "revenue": 4 * 900, "opex": 4 * 300, "ebitda": 4 * 620, "debt_service": SERVICE,
    "debt_service_with_fees": SERVICE + (200 + 400) * 0.005 / 4,  # the upfront fee was paid the day before the window
}  # fmt: skip
GROUP = {"group_net_debt", "ltv_with_free_coins"}  # held to figures in test_group.py
ELSEWHERE = {"llcr", "llcr_with_dsra", "plcr", "plcr_uncut", "adscr", "adscr_mean", "min_dscr"}  # held to figures in test_lives.py
IN_CASE = {
    "net_debt",
    "net_leverage",
    "fccr_modelled",
    "dsra_months",
    "runway_months",
    "market_capitalisation",
    "contracted_coverage",
    "contracted_service_coverage",
    "hedge_ratio",
    "vintage_ltv",
    "rent_vs_case",
    "utilisation_vs_case",
    "opex_vs_case",
    "dscr_vs_case",
}  # held to figures in test_case.py
SHARES = {  # held to figures in test_composition.py
    "customer_concentration", "customer_concentration_units", "investment_grade_share", "sub_investment_grade_share", "take_or_pay_share",
    "contracted_share", "generation_concentration", "host_concentration", "location_concentration", "custodian_concentration",
    "collateral_outside_us", "non_us_share", "first_lien_share", "lien_eligibility", "eligible_gpus", "gpu_eligibility", "ineligible_share",
    "utilisation_modelled", "utilisation", "availability_pct",
}  # fmt: skip
MINING = {  # held to figures in test_mining.py
    "mining_profit", "mining_margin", "mining_break_even_hashprice", "mining_all_in_hashprice", "block_subsidy", "coins_per_ph_day",
    "hashprice_subsidy", "mining_break_even_btc", "cost_per_coin",
}  # fmt: skip
FIRST_TESTS = {"dscr_annualised", "icr_annualised", "leverage_annualised"}  # held to figures in test_windows.py
SEEN = {
    *IN_CASE, *ELSEWHERE, *FIRST_TESTS, *SHARES, *MINING, *STOCKS, *PAST_FLOWS, *MODELLED,
    "modelled_cfads", "dscr_fwd", "dscr_run_rate", "certificate_delay", *GROUP,
}  # fmt: skip
BOOK_OF = book_of(
    FACILITY
    + "".join(formula(f"last12m({name})", "money", f"past_{name}") for name in PAST_FLOWS)
    + "".join(formula(f"next12m({name})", "money", f"ahead_{name}") for name in ("cfads", "modelled_cfads", "debt_service", *MODELLED))
)


def at(name: str) -> float:
    return figure(BOOK_OF, name, MARKS, day="2025-12-31", basis="indicative")


@pytest.mark.parametrize("name", sorted(STOCKS.keys() - {"coin_price"}))
def test_figures_on_a_day(name: str) -> None:
    assert at(name) == pytest.approx(STOCKS[name], rel=1e-9)


@pytest.mark.parametrize("name", sorted(PAST_FLOWS))
def test_flows_of_the_year_past(name: str) -> None:
    assert at(f"past_{name}") == pytest.approx(PAST_FLOWS[name], rel=1e-9)


@pytest.mark.parametrize("name", sorted(MODELLED))
def test_flows_of_the_year_ahead(name: str) -> None:
    assert at(f"ahead_{name}") == pytest.approx(expected(MODELLED[name], name), rel=1e-9)


def expected(year: float, name: str) -> float:
    """The parcel is worn out on 1 October 2026, after nine months and a day of the twelve; contracts and fixed costs go on."""
    share = (9 + 1 / 31) / 12
    if name == "modelled_revenue":
        return (10 * 3.0 + (20 - 10) * share * 0.5 * 2.0) * HOURS
    return 20 * 0.25 * HOURS * share + 60 if name == "modelled_opex" else year


def test_cover_ahead_and_at_run_rate() -> None:
    ahead = expected(0, "modelled_revenue") - expected(0, "modelled_opex") - 36
    assert at("ahead_cfads") == pytest.approx(ahead)
    assert at("ahead_modelled_cfads") == pytest.approx(ahead)
    assert at("ahead_debt_service") == pytest.approx(800 + 56 + 200 * 0)
    assert at("dscr_fwd") == pytest.approx(ahead / at("ahead_debt_service"))
    assert at("dscr_run_rate") == pytest.approx(CFADS / at("ahead_debt_service"))


def test_a_coin_price_and_a_certificate_not_yet_due() -> None:
    coin = book_of(HEAD.format("x") + covenant("coin_price", ">=", 50))
    assert figure(coin, "coin_price", {"BTC.price": 100.0}) == 100
    assert math.isnan(at("certificate_delay"))


def test_every_quantity_of_the_library_is_here() -> None:
    assert set(LIBRARY.quantity) == SEEN

"""Mining: revenue from hashprice, power, break-evens, subsidies; published figures and real hashprices as a check."""

from __future__ import annotations

import csv
import datetime as dt
import math

import msgspec
import pytest

from rules.curves import Curve
from rules.kernel import leaf_of, value
from rules.primitives.mining import HALVINGS, subsidy_on
from tests.published import data_file
from tests.rules.small import LOAN, book_of, covenant, figure, formula, judge, report, scope_of

FLEET = """[[fleet]]
id = "s21"
units = 10_000
th_per_unit = 200
efficiency_j_th = 20
power_price = 0.05
uptime = 0.95
pool_fee = 0.01
"""
"""2,000 PH/s drawing 40 MW."""
PRICE: dict[str, float | list[float]] = {"BTC.hashprice": 50.0}
HOURS = 8760
REVENUE = 2000 * 0.95 * 0.99 * 365 * 50
POWER = 40_000 * 0.95 * HOURS * 0.05
INTEREST = '[interest]\nfixed_pct = 8\nday_count = "30/360"\nfrequency = "quarterly"\n'
LARGE = LOAN.replace("outstanding = 1000", "outstanding = 100_000_000")
FLOWS = ("mining_revenue", "power_cost", "hash_days", "modelled_cfads")
AHEAD = "".join(formula(f"next12m({name})", name=f"year_{name}") for name in FLOWS)


def test_revenue_and_power_of_a_fleet() -> None:
    book = book_of(LOAN + FLEET + AHEAD)
    assert figure(book, "year_mining_revenue", PRICE) == pytest.approx(REVENUE)
    assert figure(book, "year_power_cost") == pytest.approx(POWER)
    assert figure(book, "year_hash_days") == pytest.approx(2000 * 0.95 * 0.99 * 365)
    assert figure(book, "year_modelled_cfads", PRICE) == pytest.approx(REVENUE - POWER)
    assert figure(book, "mining_margin", PRICE) == pytest.approx(1 - POWER / REVENUE)


def test_hashrate_may_be_stated_and_fleets_add_up() -> None:
    stated = FLEET.replace("units = 10_000\nth_per_unit = 200", "hashrate_ph = 2_000")
    assert figure(book_of(LOAN + stated + AHEAD), "year_mining_revenue", PRICE) == pytest.approx(REVENUE)
    two = FLEET + stated.replace("s21", "other")
    assert figure(book_of(LOAN + two + AHEAD), "year_mining_revenue", PRICE) == pytest.approx(2 * REVENUE)


def test_a_fleet_runs_from_its_start_to_its_end_and_its_terms_are_dated() -> None:
    half = FLEET + "start = 2027-01-01\n"
    assert figure(book_of(LOAN + half + AHEAD), "year_hash_days") == pytest.approx(2000 * 0.95 * 0.99 * 365 / 2)
    gone = FLEET + 'end = "2026-06"\n'
    assert figure(book_of(LOAN + gone + AHEAD), "year_hash_days") == 0
    steps = FLEET.replace("power_price = 0.05", "power_price = [{ from = 2026-01-01, value = 0.05 }, { from = 2026-07-01, value = 0.10 }]")
    book = book_of(LOAN + steps + AHEAD)
    assert figure(book, "year_power_cost", day="2026-07-01") == pytest.approx(2 * POWER)
    assert math.isnan(figure(book, "year_power_cost", day="2025-12-31"))


def test_a_window_ahead_follows_the_curve_of_hashprice() -> None:
    book = book_of(LOAN + FLEET + AHEAD)
    scope = scope_of(book, PRICE)
    curves = tuple(Curve(0.36) if name == "BTC.hashprice" else None for name in book.series.names)
    scope.worlds = msgspec.structs.replace(scope.worlds, curves=curves)
    found = value(book.definitions[0].quantity("year_mining_revenue"), scope)[0, 0]
    assert found == pytest.approx(REVENUE * -0.36 / math.log(0.64))  # the average of 0.64^t over a year


def test_a_fleet_of_the_borrower_serves_where_the_facility_has_none() -> None:
    owner = '[obligor]\nid = "b"\nname = "B"\n' + FLEET
    book = book_of(LOAN + AHEAD, LOAN.replace('"x"', '"y"') + FLEET.replace("10_000", "5_000") + AHEAD, obligors=(owner,))
    assert [figure(book, "year_mining_revenue", PRICE, facility=f) for f in (0, 1)] == pytest.approx([REVENUE, REVENUE / 2])


@pytest.mark.parametrize("key", ["units", "efficiency_j_th", "power_price"])
def test_what_a_fleet_lacks_makes_its_cash_unknown(key: str) -> None:
    lacking = "\n".join(line for line in FLEET.split("\n") if not line.startswith(key))
    assert math.isnan(figure(book_of(LOAN + lacking + AHEAD), "year_modelled_cfads", PRICE))
    assert math.isnan(figure(book_of(LOAN + FLEET + AHEAD), "year_modelled_cfads"))


def test_the_certified_part_of_the_past_is_not_modelled_again() -> None:
    told = report("2026-03-31", 9, "2026-04-20", revenue_cash=5, opex_cash=1)
    book = book_of(LOAN + FLEET + told + formula("last12m(revenue)"))
    assert figure(book, "q", PRICE) == pytest.approx(5 + REVENUE * 91 / 365)


def test_cover_of_a_miner_moves_with_hashprice_and_breaks_at_the_level_that_just_covers() -> None:
    book = book_of(LARGE + INTEREST + FLEET + covenant("dscr_fwd", ">=", 1.2))
    made = judge(book, PRICE)
    assert made.actual[0, 0] == pytest.approx((REVENUE - POWER) / 8e6)
    at = made.drivers.series[0].tolist().index(book.series.find("BTC.hashprice"))
    assert made.drivers.breach[0, at, 0] == pytest.approx((1.2 * 8e6 + POWER) / (REVENUE / 50))


def test_break_even_of_one_fleet_in_closed_form() -> None:
    book = book_of(LOAN + FLEET + "[operations]\nfixed_opex_per_month = 100_000\n" + formula("last1m(power_cost)"))
    even = 24 * 20 * 0.05 / 0.99
    assert figure(book, "mining_break_even_hashprice") == pytest.approx(even)
    assert figure(book, "mining_all_in_hashprice") == pytest.approx(even + 1_200_000 / (2000 * 0.95 * 0.99 * 365))
    marks = {**PRICE, "BTC.price": 80_000.0, "BTC.difficulty": 1e14}
    booked = book_of(LOAN + FLEET + covenant("mining_break_even_btc", "<=", 1) + covenant("cost_per_coin", "<=", 1, name="d"))
    coins = 86_400 * 3.125 / (1e14 * 2**32 / 1e15)
    assert figure(booked, "mining_break_even_btc", marks) == pytest.approx(even / coins)
    assert figure(booked, "cost_per_coin", marks) == pytest.approx(80_000 * even / 50)
    assert math.isnan(figure(book_of(LOAN), "mining_break_even_hashprice"))


def test_at_the_break_even_price_the_margin_is_nothing() -> None:
    book = book_of(LOAN + FLEET)
    even = figure(book, "mining_break_even_hashprice")
    assert figure(book, "mining_margin", {"BTC.hashprice": even}) == pytest.approx(0, abs=1e-12)


# the chain -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "coins"),
    [("2009-01-03", 50), ("2012-11-27", 50), ("2012-11-28", 25), ("2016-07-09", 12.5), ("2020-05-10", 12.5), ("2020-05-11", 6.25),
     ("2024-04-19", 6.25), ("2024-04-20", 3.125), ("2028-04-16", 3.125), ("2028-04-18", 1.5625), ("2032-06-01", 0.78125)],
)  # fmt: skip
def test_the_subsidy_halves_every_210_000_blocks(day: str, coins: float) -> None:
    assert subsidy_on(dt.date.fromisoformat(day))[0] == coins
    assert figure(book_of(LOAN), "block_subsidy", day=day) == coins


def test_what_is_expected_is_told_from_what_happened() -> None:
    assert subsidy_on(dt.date(2024, 4, 20))[1] == "from block 840,000, found on 2024-04-20"
    assert subsidy_on(dt.date(2028, 5, 1))[1] == "expected from block 1,050,000, at ten minutes a block"
    assert [halving.height for halving in HALVINGS] == list(range(0, 840_001, 210_000))
    with pytest.raises(ValueError, match="no block"):
        subsidy_on(dt.date(2009, 1, 2))
    assert math.isnan(figure(book_of(LOAN), "block_subsidy", day="2009-01-02"))
    leaf = leaf_of(book_of(LOAN).definitions[0].quantity("scheduled_subsidy").body, scope_of(book_of(LOAN)))
    assert leaf.listed()[0].name(0) == "coins a block, from block 840,000, found on 2024-04-20"


def test_hashprice_from_price_and_difficulty_breaks_with_the_coin() -> None:
    marks: dict[str, float | list[float]] = {"BTC.difficulty": 1e14, "BTC.price": 100_000.0}
    book = book_of(LOAN + covenant("hashprice_subsidy", ">=", 60))
    made = judge(book, marks)
    assert made.actual[0, 0] == pytest.approx(86_400 * 3.125 * 100_000 / (1e14 * 2**32 / 1e15))
    at = made.drivers.series[0].tolist().index(book.series.find("BTC.price"))
    assert made.drivers.breach[0, at, 0] == pytest.approx(60 * 1e14 * 2**32 / 1e15 / (86_400 * 3.125))
    assert math.isnan(figure(book, "hashprice_subsidy", {"BTC.price": 1.0}))


# history ---------------------------------------------------------------------------------------------------------------------------



def printed(*series: str) -> dict[str, dict[str, float]]:
    """Series -> day -> value, of the real hashprices."""
    found: dict[str, dict[str, float]] = {name: {} for name in series}
    with data_file("hashprice.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["series"] in found:
                found[row["series"]][row["date"]] = float(row["value"])
    return found


def test_subsidy_only_hashprice_of_real_days_agrees_with_the_printed_one() -> None:
    seen = printed("BTC.difficulty.mempool", "BTC.hashprice.subsidy_only")
    with data_file("crypto.csv").open(encoding="utf-8") as file:
        closes = {row["date"]: float(row["value"]) for row in csv.DictReader(file) if row["series"] == "BTC-USD.close"}
    book = book_of(LOAN + covenant("hashprice_subsidy", ">=", 1))
    days = sorted(seen["BTC.hashprice.subsidy_only"].keys() & seen["BTC.difficulty.mempool"].keys() & closes.keys())
    assert len(days) > 300
    for day in days[::7]:
        marks: dict[str, float | list[float]] = {"BTC.price": closes[day], "BTC.difficulty": seen["BTC.difficulty.mempool"][day]}
        assert figure(book, "hashprice_subsidy", marks, day=day) == pytest.approx(seen["BTC.hashprice.subsidy_only"][day], rel=5e-3), day


def test_the_fleets_whose_loans_failed_in_november_2022_no_longer_carried_them() -> None:
    """Two of Iris Energy's vehicles, 3.6 EH/s: 2m of gross profit a month, by one account 2m each, against 7m of debt service (press).

    Machines of 30 J/TH at 0.05 a kWh are this test's assumption: the same order, and far from the debt service.
    """
    price = printed("BTC.hashprice.coinmetrics")["BTC.hashprice.coinmetrics"]
    october = [value for day, value in price.items() if day.startswith("2022-10")]
    fleet = '[[fleet]]\nid = "spv"\nhashrate_ph = 3_600\nefficiency_j_th = 30\npower_price = 0.05\n'
    book = book_of(LOAN + fleet + formula("run_rate(mining_profit) / 12"))
    profit = figure(book, "q", {"BTC.hashprice": sum(october) / len(october)}, day="2022-10-31")
    assert 1e6 < profit < 0.7 * 7e6

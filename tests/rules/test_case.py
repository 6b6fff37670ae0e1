"""Reserves, runway, contracts and hedges against the debt, vintages, market value, and the actual against the case at closing."""

from __future__ import annotations

import math

import pytest

from rules.compare import RESULTS
from rules.explain import Explainer
from tests.rules.small import QUARTERLY, book_of, covenant, figure, judge, report, scope_of

DAY = "2025-12-31"
RENT = "A.rent.x"
PARCEL = """[[collateral]]
id = "{id}"
asset = "A"
units = {units}
cost = {cost}
price = "A.price.{id}"
rent = "A.rent.x"
utilisation = {use}
opex_per_unit_hour = {opex}
in_service = {day}
"""
TWO = PARCEL.format(id="a", units=30, cost=20, use=0.9, opex=0.4, day="2024-12-31")
TWO += PARCEL.format(id="b", units=10, cost=60, use=0.5, opex=0.8, day="2025-12-31")
MARKS: dict[str, float | list[float]] = {"A.price.a": 10.0, "A.price.b": 50.0, RENT: 2.0}


@pytest.mark.parametrize(
    ("balance", "months"),
    [(0, 0), (58, 1.5), (116, 3), (116 + 114, 6), (116 + 57, 4.5), (sum(100 + 16 - 2 * k for k in range(8)), 24), (10_000, 24)],
)
def test_the_reserve_is_spent_payment_by_payment(balance: int, months: float) -> None:
    book = book_of(QUARTERLY + f'[[account]]\nkind = "dsra"\nbalance = {balance}\n')
    assert figure(book, "dsra_months", {}, DAY) == pytest.approx(months)


def test_a_reserve_is_explained_with_what_it_pays() -> None:
    book = book_of(QUARTERLY + '[[account]]\nkind = "dsra"\nbalance = 173\n')
    root = Explainer(book.desk, "USD", lambda _: ("", None)).node(book.definitions[0].quantity("dsra_months"), scope_of(book, {}, DAY))
    spent = root.children[0]
    assert (root.value, root.unit, spent.operation) == (pytest.approx(4.5), "month", 'months of debt_service that account("dsra") pays')
    assert [(child.label, child.value) for child in spent.children[:2]] == [('account("dsra")', 173), ("2026-01-01 to 2026-03-31", 116)]
    assert math.isnan(figure(book_of(QUARTERLY), "dsra_months", {}, DAY))


BURN = report("2026-03-31", 3, "2026-04-20", revenue_cash=100, opex_cash=130)
CASH = '[[account]]\nkind = "operating"\nbalance = 292\n'


def test_runway_is_cash_over_what_is_burnt_and_has_no_end_where_nothing_is() -> None:
    book = book_of(QUARTERLY + BURN + CASH + covenant("runway", ">=", 6))
    assert figure(book, "runway_months", {}, "2026-03-31", known="2026-04-30") == pytest.approx(292 / ((30 + 116) / 3))
    made = judge(book, {}, "2026-03-31", known="2026-04-30")
    assert RESULTS[int(made.result[0, 0])] == "pass"
    calm = book_of(QUARTERLY + BURN.replace("opex_cash = 130", "opex_cash = -500") + CASH + covenant("runway"))
    made = judge(calm, {}, "2026-03-31", known="2026-04-30")
    assert RESULTS[int(made.result[0, 0])] == "pass" and math.isnan(made.actual[0, 0])
    assert not math.isinf(figure(calm, "runway_months", {}, "2026-03-31", known="2026-04-30"))


def test_net_debt_and_coverage_as_modelled() -> None:
    lines = {"revenue_cash": 90, "opex_cash": 40, "ebitda": 50, "capex_unfinanced": 4, "tax_cash": 2, "unrestricted_cash": 80}
    certified = report("2026-03-31", 3, "2026-04-20", **lines)
    text = QUARTERLY.replace("2025-12-31", "2025-03-31").replace("2027-12-31", "2027-03-31")
    year = "".join(certified.replace("2026-03-31", end) for end in ("2025-06-30", "2025-09-30", "2025-12-31", "2026-03-31"))
    book = book_of(text + year)
    assert figure(book, "net_debt", {}, "2026-03-31", known="2026-04-30") == 400 - 80
    assert figure(book, "net_leverage", {}, "2026-03-31", known="2026-04-30") == pytest.approx(320 / 200)
    service = 400 + 16 + 14 + 12 + 10
    assert figure(book, "fccr_modelled", {}, "2026-03-31", known="2026-04-30") == pytest.approx((200 - 16 - 8) / service)


def test_contracts_against_the_debt_and_its_service() -> None:
    let = '[[contract]]\ncustomer = "c"\nasset = "A"\nunits = 1\nrate = 0.1\nstart = 2025-12-31\nend = {}\n'
    book = book_of(QUARTERLY + let.format("2026-12-31"))
    assert figure(book, "contracted_coverage", {}, DAY) == pytest.approx(876 / 800)
    assert figure(book, "contracted_service_coverage", {}, DAY) == pytest.approx(876 / (800 + 2 * sum(range(1, 9))))
    assert figure(book_of(QUARTERLY + let.format("2035-12-31")), "contracted_coverage", {}, DAY) == pytest.approx(2 * 876 / 800)


def test_hedges_in_force_cover_at_most_the_floating_debt() -> None:
    floating = QUARTERLY.replace("fixed_pct = 8", 'benchmark = "SOFR"\nspread_bp = 300')
    swap = '[[hedge]]\nkind = "swap"\nfixed_pct = 4\n{}\n'
    share, notional = swap.format("share = 0.5"), swap.format("notional = 200\nend = 2026-12-31")
    assert figure(book_of(floating + share), "hedge_ratio", {}, DAY) == 0.5
    assert figure(book_of(floating + share + notional), "hedge_ratio", {}, DAY) == 0.75
    assert figure(book_of(floating + notional), "hedge_ratio", {}, "2027-03-31") == 0
    assert figure(book_of(floating + share.replace("0.5", "1") + notional), "hedge_ratio", {}, DAY) == 1
    assert math.isnan(figure(book_of(QUARTERLY), "hedge_ratio", {}, DAY))


def test_debt_is_spread_over_vintages_by_cost() -> None:
    book = book_of(QUARTERLY + TWO + covenant("vintage_ltv", "<=", 1))
    assert figure(book, "vintage_ltv", MARKS, DAY) == pytest.approx(400 / 300)  # 600 and 600 of cost: 400 on 300, 400 on 500
    assert RESULTS[int(judge(book, MARKS, DAY).result[0, 0])] == "fail"
    uncosted = book_of(QUARTERLY + TWO.replace("cost = 60\n", ""))
    assert figure(uncosted, "vintage_ltv", MARKS, DAY) == pytest.approx(600 / 300)  # by units: 600 on 300, 200 on 500
    one = book_of(QUARTERLY + TWO.replace("2024-12-31", "2025-12-31"))
    assert figure(one, "vintage_ltv", MARKS, DAY) == pytest.approx(1.0)
    assert math.isnan(figure(book, "vintage_ltv", {"A.price.a": 10.0}, DAY))
    assert math.isnan(figure(book_of(QUARTERLY + TWO.replace("in_service = 2025-12-31\n", "")), "vintage_ltv", MARKS, DAY))


VINTAGES = {"2024-12-31": {"debt": 400, "value": 300}, "2025-12-31": {"debt": 400, "value": 500}}


def test_vintages_are_explained_each_with_its_debt_and_value() -> None:
    book = book_of(QUARTERLY + TWO)
    explainer = Explainer(book.desk, "USD", lambda _: ("", None))
    told = explainer.node(book.definitions[0].quantity("vintage_ltv"), scope_of(book, MARKS, DAY)).children[0].children[0]
    shown = {part.label: part.value for part in told.children}
    assert shown == {f"{what} of {day}": pytest.approx(amount) for day, worth in VINTAGES.items() for what, amount in worth.items()}
    undated = book_of(QUARTERLY + TWO.replace("in_service = 2025-12-31\n", ""))
    root = explainer.node(undated.definitions[0].quantity("vintage_ltv"), scope_of(undated, MARKS, DAY))
    assert root.value is None and root.reason is not None


CASE = "[underwriting]\nrent = 2.5\nutilisation = 0.8\nopex_per_unit_hour = 0.4\ndscr = 2.0\n"


def test_the_actual_against_the_case() -> None:
    year = report(DAY, 12, "2026-01-20", cfads=927)
    text = QUARTERLY.replace("2025-12-31", "2024-12-31").replace("2027-12-31", "2026-12-31")
    book = book_of(text + TWO + CASE + year)
    assert figure(book, "rent_vs_case", MARKS, DAY) == pytest.approx(0.8)
    assert figure(book, "utilisation_vs_case", MARKS, DAY) == pytest.approx((30 * 0.9 + 10 * 0.5) / 40 / 0.8)
    assert figure(book, "opex_vs_case", MARKS, DAY) == pytest.approx((30 * 0.4 + 10 * 0.8) / 40 / 0.4)
    assert figure(book, "dscr_vs_case", MARKS, DAY, known="2026-01-31") == pytest.approx(927 / (400 + 16 + 14 + 12 + 10) / 2)
    bare = book_of(text + TWO + year)
    for name in ("rent_vs_case", "utilisation_vs_case", "opex_vs_case", "dscr_vs_case"):
        assert math.isnan(figure(bare, name, MARKS, DAY))


def test_market_capitalisation_is_the_borrowers_or_its_groups() -> None:
    owner = '[obligor]\nid = "b"\nname = "B"\ngroup = "g"\n'
    listed = '[obligor]\nid = "top"\nname = "Top"\ngroup = "g"\nmarket_cap = "TOP.marketcap"\n'
    book = book_of(QUARTERLY + covenant("market_cap_floor", ">=", 500), obligors=(owner, listed))
    assert figure(book, "market_capitalisation", {"TOP.marketcap": 450.0}, DAY) == 450
    made = judge(book, {"TOP.marketcap": 450.0}, DAY)
    assert RESULTS[int(made.result[0, 0])] == "fail"
    assert made.drivers.breach[0, list(made.drivers.series[0]).index(book.series.find("TOP.marketcap")), 0] == pytest.approx(500)
    assert math.isnan(figure(book_of(QUARTERLY, obligors=(owner,)), "market_capitalisation", {}, DAY))

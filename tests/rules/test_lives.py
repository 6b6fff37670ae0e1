"""Windows over a life: periods to the end of loan, assets or project, summed, discounted at the debt's rate, or as ratios."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import msgspec
import numpy as np
import pytest

from monitor.marks.curves import along_curves
from rules.curves import Curve
from rules.evaluate import evaluate
from rules.explain import Explainer
from rules.explained import Explained
from rules.kernel import value
from rules.scope import facility_rows, open_scope
from tests.rules.shipped import picture, session
from tests.rules.small import HEAD, QUARTERLY, book_of, covenant, figure, formula, rows_of, scope_of, worlds_of

DAY = "2025-12-31"
RENT = "A.rent.x"
MARKS: dict[str, float | list[float]] = {RENT: 1.0}
# COV-13: CFADS 150 a year, 6 %, 8 years, sculpted to 1.30x: debt = PV(CFADS) / 1.30, principal the rest of 150 / 1.30 each year
YEARS = [dt.date(2025 + k, 12, 31) for k in range(1, 9)]
DEBT = sum(150 / 1.06**k for k in range(1, 9)) / 1.30


def sculpted() -> str:
    left, rows = DEBT, []
    for year in YEARS:
        paid = 150 / 1.30 - left * 0.06
        left -= paid
        rows.append(f"{{ date = {year}, amount = {paid!r} }}")
    assert abs(left) < 1e-9
    return (
        HEAD.format("x")
        + f"""closing = 2025-12-31
maturity = 2033-12-31
[[facility.balance]]
date = 2025-12-31
outstanding = {DEBT!r}
[interest]
fixed_pct = 6
day_count = "30/360"
frequency = "annual"
[amortisation]
style = "custom"
start = 2025-12-31
original = {DEBT!r}
instalment = [{", ".join(rows)}]
"""
    )


PARCEL = """[[collateral]]
id = "a"
asset = "A"
units = 1
rent = "A.rent.x"
utilisation = 1
opex_per_unit_hour = 0
in_service = 2025-12-31
economic_life_months = {life}
"""
LET = '[[contract]]\ncustomer = "c"\nasset = "A"\nunits = 1\nrate = {rate}\nstart = 2026-01-01\nend = {end}\n'
ANNUAL = sculpted() + PARCEL.format(life=120) + LET.format(rate=repr(150 / 8760), end="2035-12-31")


def test_a_sculpted_loan_has_its_target_as_llcr() -> None:
    book = book_of(ANNUAL)
    assert figure(book, "llcr", MARKS, DAY) == pytest.approx(1.30, abs=1e-9)
    for name in ("adscr", "adscr_mean", "min_dscr"):
        assert figure(book, name, MARKS, DAY) == pytest.approx(1.30, abs=1e-9)
    assert figure(book, "outstanding", MARKS, "2033-12-31") == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("roll", "day"), [("none", DAY), ("none", "2026-06-30"), ("modified_following", "2026-09-30"), ("following", DAY)])
def test_debt_service_discounted_at_its_own_rate_is_the_debt(roll: str, day: str) -> None:
    rolled = QUARTERS.replace("closing =", f'business_day = "{roll}"\nclosing =', 1)
    book = book_of(rolled + formula("pv_loan_life(debt_service)", "money", "worth"))
    assert figure(book, "worth", MARKS, day) == pytest.approx(figure(book, "outstanding", MARKS, day), rel=1e-12)


QUARTERS = QUARTERLY + PARCEL.format(life=36)
QUARTER = 8_760 / 4
OWN = "".join(formula(f"{life}(merchant_revenue)", "money", f"sum_{life}") for life in ("loan_life", "asset_life", "project_life"))
OWN += "".join(formula(f"pv_{life}(merchant_revenue)", "money", f"worth_{life}") for life in ("loan_life", "asset_life", "project_life"))


def pv(quarters: int, flow: float = QUARTER, rate: float = 0.02) -> float:
    return sum(flow / (1 + rate) ** k for k in range(1, quarters + 1))


def test_the_three_ends_and_the_last_rate_after_the_last_payment() -> None:
    book = book_of(QUARTERS + OWN)
    assert figure(book, "sum_loan_life", MARKS, DAY) == pytest.approx(8 * QUARTER)
    assert figure(book, "sum_asset_life", MARKS, DAY) == pytest.approx(12 * QUARTER)
    assert figure(book, "sum_project_life", MARKS, DAY) == pytest.approx(12 * QUARTER)
    assert figure(book, "worth_loan_life", MARKS, DAY) == pytest.approx(pv(8))
    assert figure(book, "worth_asset_life", MARKS, DAY) == pytest.approx(pv(12))


def test_costs_that_outlive_the_assets_count_in_the_uncut_cover_alone() -> None:
    costs = "[operations]\nfixed_opex_per_month = 10\n" + LET.format(rate=0.0, end="2029-12-31").replace("units = 1", "units = 0")
    book = book_of(QUARTERS + costs)
    cut, uncut = figure(book, "plcr", MARKS, DAY), figure(book, "plcr_uncut", MARKS, DAY)
    assert cut == pytest.approx((pv(12) - pv(12, 30)) / 800)
    assert uncut == pytest.approx((pv(12) - pv(16, 30)) / 800)
    assert uncut < cut


def test_a_day_within_a_period_has_the_rest_of_it() -> None:
    book = book_of(QUARTERS + OWN)
    found = figure(book, "worth_loan_life", MARKS, "2026-02-14")  # 45 of the 90 days gone
    first = 45 * 24
    assert found == pytest.approx((first + pv(7)) / 1.01, rel=1e-9)


def test_a_reserve_counts_where_there_is_one() -> None:
    dsra = '[[account]]\nkind = "dsra"\nbalance = 80\n'
    book, bare = book_of(QUARTERS + dsra), book_of(QUARTERS)
    plain = figure(bare, "llcr", MARKS, DAY)
    assert figure(book, "llcr_with_dsra", MARKS, DAY) == pytest.approx(plain + 0.1)
    assert figure(bare, "llcr_with_dsra", MARKS, DAY) == plain


def test_what_has_no_end_or_no_rate_is_unknown() -> None:
    endless = QUARTERS.replace("economic_life_months = 36\n", "")
    assert math.isnan(figure(book_of(endless), "plcr", MARKS, DAY))
    assert not math.isnan(figure(book_of(endless), "llcr", MARKS, DAY))
    unrated = QUARTERS.replace("fixed_pct = 8\n", "")
    assert math.isnan(figure(book_of(unrated), "llcr", MARKS, DAY))
    unscheduled = QUARTERS.replace("maturity = 2027-12-31\n", "").replace("payments = 8\n", "")
    assert math.isnan(figure(book_of(unscheduled), "adscr", MARKS, DAY))


def test_a_loan_that_is_repaid_has_nothing_to_cover() -> None:
    book = book_of(QUARTERS + covenant("llcr", ">=", 1))
    made = evaluate(book, worlds_of(book, MARKS, ("2028-03-31",)), rows=rows_of(book, ("2028-03-31",)))
    assert made.reason[0] == "nothing to cover: the denominator is zero"


def test_the_mean_is_of_periods_and_leaves_out_those_without_debt_service() -> None:
    bullet = QUARTERS.replace("fixed_pct = 8", "fixed_pct = [{ from = 2025-12-31, value = 8 }, { from = 2026-12-31, value = 0 }]")
    bullet = bullet.replace('style = "straight-line"', 'style = "bullet"').replace("payments = 8\n", "")
    book = book_of(bullet + LET.format(rate=0.5, end="2026-06-30"))
    low, high = 0.5 * QUARTER / 16, QUARTER / 16  # interest 16 a quarter in the first year, nothing in the second
    assert figure(book, "adscr_mean", MARKS, DAY) == pytest.approx((low + high) / 2)
    assert figure(book, "min_dscr", MARKS, DAY) == pytest.approx(low)
    assert figure(book, "adscr", MARKS, DAY) == pytest.approx((2 * low + 6 * high) / 4)


def test_many_rows_at_once_are_each_their_own() -> None:
    book = book_of(QUARTERS, QUARTERS.replace('"x"', '"y"').replace("fixed_pct = 8", "fixed_pct = 4").replace("= 36", "= 24"))
    worlds, both = worlds_of(book, {RENT: [1.0, 2.0]}, (DAY,)), np.array([1, 0, 1])
    scope = open_scope(book, worlds, facility_rows(book, worlds, both), facility=both)
    found = value(book.definitions[0].quantity("plcr"), scope)
    high, low = pv(12) / 800, pv(8, rate=0.01) / 800
    assert found == pytest.approx(np.array([[low, 2 * low], [high, 2 * high], [low, 2 * low]]))


def test_a_floating_rate_discounts_and_drives() -> None:
    floating = QUARTERS.replace("fixed_pct = 8", 'benchmark = "SOFR"\nspread_bp = 400') + covenant("llcr", ">=", 20)
    book = book_of(floating)
    marks: dict[str, float | list[float]] = MARKS | {"SOFR.rate": 0.04}
    assert figure(book, "llcr", marks, DAY) == pytest.approx(pv(8) / 800)
    made = evaluate(book, worlds_of(book, marks, (DAY,)), rows=rows_of(book, (DAY,)))
    for name in (RENT, "SOFR.rate"):
        at = list(made.drivers.series[0]).index(book.series.find(name))
        level = made.drivers.breach[0, at, 0]
        assert figure(book, "llcr", marks | {name: float(level)}, DAY) == pytest.approx(20, rel=1e-9), name


def test_a_curve_moves_what_is_let_at_the_mark() -> None:
    book = book_of(QUARTERS + OWN)
    worlds = msgspec.structs.replace(worlds_of(book, MARKS, (DAY,)), curves=tuple(Curve(0.3) for _ in book.series.names))
    chosen = np.zeros(1, dtype=np.int64)
    scope = open_scope(book, worlds, facility_rows(book, worlds, chosen), facility=chosen)
    start = dt.date.fromisoformat(DAY).toordinal()
    ends = [start, *(dt.date(2026 + k // 4, (k % 4 + 1) * 3, 31 if k % 4 in (0, 3) else 30).toordinal() for k in range(8))]
    means = [Curve(0.3).mean(*(np.array([day]) for day in (start, low, high)))[0] for low, high in itertools.pairwise(ends)]
    assert value(book.definitions[0].quantity("sum_loan_life"), scope)[0, 0] == pytest.approx(QUARTER * sum(means))
    discounted = sum(QUARTER * mean / 1.02**k for k, mean in enumerate(means, 1))
    assert value(book.definitions[0].quantity("worth_loan_life"), scope)[0, 0] == pytest.approx(discounted)


# the shipped desk: Tamar, rents falling 30 % a year from 2026-09-30


def test_tamar_is_not_covered_over_the_life_of_its_machines() -> None:
    """Quarterly cash at the average of the curve, cut at economic life, discounted at 8.75 % / 4, the reserve not counted."""
    seen = picture("shipped", "2026-09-30")
    curves = session("shipped").desk.file.curve  # type: ignore[union-attr]
    chosen = np.array([seen.book.facility("tamar-h100")])
    worlds = along_curves(seen.now, curves)
    scope = open_scope(seen.book, worlds, facility_rows(seen.book, worlds, chosen), facility=chosen)
    found = value(seen.book.definitions[chosen[0]].quantity("plcr"), scope)[0, 0]
    assert round(float(found), 2) == 0.85


def test_tamar_fails_forward_a_year_before_it_fails() -> None:
    seen = picture("shipped", "2026-09-30")
    end = dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
    worlds = along_curves(seen.now, session("shipped").desk.file.curve)  # type: ignore[union-attr]
    rolled = msgspec.structs.replace(worlds, instants=(end,), known_at=(end,), marks=worlds.marks * 0.7**1.25)
    chosen = np.array([seen.book.facility("tamar-h100")])
    scope = open_scope(seen.book, rolled, facility_rows(seen.book, rolled, chosen), facility=chosen)
    found = value(seen.book.definitions[chosen[0]].quantity("dscr_fwd"), scope)[0, 0]
    assert round(float(found), 2) == 0.79, found


# the explanation


def explained(name: str) -> Explained:
    book = book_of(QUARTERS + OWN)
    explainer = Explainer(book.desk, "USD", lambda series: (book.series.names[series], None))
    return explainer.node(book.definitions[0].quantity(name), scope_of(book, MARKS, DAY))


def test_every_period_is_shown_with_its_flow_and_its_factor() -> None:
    root = explained("llcr")
    assert root.value == pytest.approx(pv(8) / 800, rel=1e-12)
    life = next(child for child in root.children if child.label == "pv_loan_life(cfads)")
    assert (life.operation, len(life.children)) == ("present value of 8 periods, 2026-01-01 to 2027-12-31", 8)
    second = life.children[1]
    assert second.label == "2026-04-01 to 2026-06-30"
    assert second.value == pytest.approx(QUARTER / 1.02**2)
    flow, factor = second.children
    assert (flow.label, flow.value, factor.label) == ("cfads", pytest.approx(QUARTER), "discount factor")
    assert (factor.value, factor.operation) == (pytest.approx(1.02**-2), "the one before / 1.020000, the debt's growth")


def test_ratios_and_what_is_unknown_are_explained_too() -> None:
    mean = explained("adscr_mean").children[0]
    assert (mean.operation, mean.unit) == ("mean of 8 periods, 2026-01-01 to 2027-12-31", "x")
    assert mean.children[0].operation == "cfads / debt_service"
    assert mean.children[0].value == pytest.approx(QUARTER / 116)
    book = book_of(QUARTERS.replace("economic_life_months = 36\n", ""))
    explainer = Explainer(book.desk, "USD", lambda series: (book.series.names[series], None))
    root = explainer.node(book.definitions[0].quantity("plcr"), scope_of(book, MARKS, DAY))
    assert (root.value, root.reason) == (None, "no economic life is given")

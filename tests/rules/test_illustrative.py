"""The illustrative loans of the shipped desk: every figure that needs no journal, projection or chain."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from facilities.model import Liquidity
from rules.kernel import value
from rules.remedies import Remedy, remedies
from rules.scope import facility_rows, open_scope
from rules.state import State
from tests.rules.shipped import actual, breach, picture, reading, session, standing

BTC, H100, H200, B200 = "BTC.price", "H100-SXM.price.inplace", "H200-SXM.rent.committed12m", "B200.rent.committed12m"


def quantity(facility: str, name: str, as_of: str | None = None) -> float:
    seen = picture("shipped", as_of)
    place = np.array([seen.book.facility(facility)])
    scope = open_scope(seen.book, seen.now, facility_rows(seen.book, seen.now, place), facility=place)
    scope.assumed = False
    return float(value(seen.book.definitions[place[0]].quantity(name), scope)[0, 0])


def cures(name: str, basis: str = "tested", sale: list[Liquidity] | None = None) -> dict[str, Remedy]:
    one, held = reading(name, basis), standing(name)
    made = one.assessment
    liquidity = session("shipped").desk.file.liquidity if sale is None else sale  # type: ignore[union-attr]
    row = made.rows.pick(np.array([one.row]))
    return {cure.kind: cure for cure in remedies(made.book, made.worlds, row, held.rung, liquidity, float(made.threshold[one.row]))}


# 1 Birch -----------------------------------------------------------------------------------------------------------------------


def test_birch_is_healthy() -> None:
    one = reading("birch-btc/ltv")
    assert one.result == "pass"
    assert actual(one) == pytest.approx(0.418, abs=5e-4)
    assert quantity("birch-btc", "collateral_coverage") * 40 == pytest.approx(95.77, abs=5e-3)
    price, move = breach(one, BTC)
    assert price == pytest.approx(49_689, abs=0.5)
    assert move == pytest.approx(-0.403, abs=5e-4)
    assert standing("birch-btc/ltv").legal.state == "normal"


# 2 Rowan Alder -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("as_of", "ltv", "rung"), [("2026-10-06", 0.636, "notice"), ("2026-10-07", 0.653, "call")])
def test_rowan_alder_climbs_its_ladder(as_of: str, ltv: float, rung: str) -> None:
    assert actual(reading("rowan-alder/ltv", as_of=as_of)) == pytest.approx(ltv, abs=5e-4)
    assert standing("rowan-alder/ltv", as_of).rung == rung


def test_rowan_alder_drew_within_its_limit() -> None:
    assert quantity("rowan-alder", "ltv", "2026-10-04") == pytest.approx(0.629, abs=5e-4)


def test_rowan_alder_is_callable_until_a_notice_is_recorded() -> None:
    one = reading("rowan-alder/ltv")
    assert one.result == "fail"
    assert standing("rowan-alder/ltv").legal.state == "callable"
    levels = [level.label for level in one.assessment.book.tests[one.assessment.rows.test[one.row]].levels]
    assert levels == ["call", "notice", "call", "accelerated_call", "liquidation"]
    assert breach(one, BTC, 2)[0] == pytest.approx(83_699, abs=0.5)
    assert breach(one, BTC, 3) == pytest.approx((72_539, -0.129), rel=1e-3)
    assert breach(one, BTC, 4) == pytest.approx((64_005, -0.231), rel=2e-3)


def test_rowan_alder_clears_by_repaying_posting_or_selling() -> None:
    found = cures("rowan-alder/ltv")
    assert found["repay"].amount == pytest.approx(4.283e6, abs=500)
    assert (found["post"].amount, found["sell"].amount) == (86, 132)
    book = picture().book
    posted = np.zeros((len(book.ids), 1))
    posted[book.facility("rowan-alder")] = 86
    place = np.array([book.facility("rowan-alder")])
    scope = open_scope(book, picture().now, facility_rows(book, picture().now, place), State(posted=posted), facility=place)
    assert float(value(book.definitions[place[0]].quantity("ltv"), scope)[0, 0]) == pytest.approx(0.5998, abs=5e-5)
    net = 83_275.93 * 0.99
    assert 132 * net >= 52.5e6 - 0.6 * (965 - 132) * 83_275.93 > 131 * net - 0.6 * 83_275.93
    assert pytest.approx(10.98e6, abs=1e5) == 132 * 83_275.93


# 3 Rowan Compute ---------------------------------------------------------------------------------------------------------------


def test_rowan_compute_fails_tested_inside_its_cure_window() -> None:
    one, held = reading("rowan-compute/dscr"), standing("rowan-compute/dscr")
    assert (one.result, actual(one)) == ("fail", pytest.approx(1.1425, abs=5e-5))
    made = one.assessment
    assert made.numerator[one.row, 0] == pytest.approx(27.27e6, abs=5e3)
    assert made.denominator[one.row, 0] == pytest.approx(23.87e6, abs=5e3)
    assert (one.period_end, one.due) == (dt.date(2026, 8, 31), dt.date(2026, 9, 30))
    assert held.legal.state == "cure_pending"
    assert held.legal.deadline == dt.datetime(2026, 10, 16, tzinfo=dt.UTC)  # the end of 15 October: the 12th is a holiday
    assert breach(one, H200) == pytest.approx((2.746, 0.036), abs=5e-4)


def test_rowan_compute_owes_and_is_cured_by() -> None:
    assert quantity("rowan-compute", "outstanding") == pytest.approx(42.90e6, abs=5e3)
    assert quantity("rowan-compute", "ltv") == pytest.approx(1.047, abs=5e-4)
    assert quantity("rowan-compute", "original_principal") == 61.44e6
    assert cures("rowan-compute/dscr")["cash"].amount == pytest.approx(1.372e6, abs=500)


# 4 the group -------------------------------------------------------------------------------------------------------------------


def test_the_rowan_loans_add_up() -> None:
    ours = quantity("rowan-alder", "outstanding") + quantity("rowan-compute", "outstanding")
    assert ours + 150e6 == pytest.approx(245.4e6, abs=5e4)
    assert ours + 150e6 - 14e6 == pytest.approx(231.4e6, abs=5e4)


# 5 Kestrel ---------------------------------------------------------------------------------------------------------------------


def test_kestrel_is_over_advanced() -> None:
    one = reading("kestrel-abl/availability")
    assert (one.result, actual(one)) == ("fail", pytest.approx(-1.39e6, abs=5e3))
    assert quantity("kestrel-abl", "borrowing_base") == pytest.approx(62.61e6, abs=5e3)
    assert quantity("kestrel-abl", "exposure") == 64e6
    assert quantity("kestrel-abl", "overadvance") == pytest.approx(1.39e6, abs=5e3)
    assert breach(one, H100) == pytest.approx((14_878, 0.026), rel=2e-3)


def test_kestrel_had_room_at_the_mark_before() -> None:
    assert quantity("kestrel-abl", "availability", "2026-10-05") == pytest.approx(1.19e6, abs=6e3)
    assert reading("kestrel-abl/availability", as_of="2026-10-05").result == "pass"


def test_kestrel_clears_by_money_units_or_a_sale_that_costs_less_than_the_advance_leaves() -> None:
    def sold_at(cost: str) -> float | None:
        return cures("kestrel-abl/availability", sale=[Liquidity(asset="H100-SXM", sale_cost=cost)])["sell"].amount  # type: ignore[arg-type]

    found = cures("kestrel-abl/availability")
    assert found["repay"].amount == pytest.approx(1.39e6, abs=5e3)
    assert found["post"].amount == 137
    assert sold_at("0.20") == 957
    assert sold_at("0.30") is None
    assert sold_at("0.45") is None


def test_low_availability_springs_the_fixed_charge_test() -> None:
    one = reading("kestrel-abl/fccr")
    assert (one.result, actual(one)) == ("watch", pytest.approx(1.08, abs=5e-4))


# 6 Linden ----------------------------------------------------------------------------------------------------------------------


def test_linden_fails_on_todays_marks_only() -> None:
    tested, now = reading("linden-b200/dscr-fwd"), reading("linden-b200/dscr-fwd", "indicative")
    assert (tested.result, actual(tested)) == ("pass", pytest.approx(1.34, abs=5e-3))
    assert (now.result, actual(now)) == ("fail", pytest.approx(1.22, abs=5e-3))
    assert now.assessment.numerator[now.row, 0] == pytest.approx(53.26e6, abs=5e3)
    assert now.assessment.denominator[now.row, 0] == pytest.approx(43.79e6, abs=5e3)
    assert breach(now, B200) == pytest.approx((4.187, 0.057), abs=5e-4)
    assert standing("linden-b200/dscr-fwd").legal.state == "compliant"


def test_lindens_cures() -> None:
    found = cures("linden-b200/dscr-fwd", "indicative")
    assert found["cash"].amount == pytest.approx(1.473e6, abs=500)
    assert found["utilisation"].amount == pytest.approx(0.613, abs=5e-4)


def test_lindens_appraisal_is_stale_and_says_what_it_must_be() -> None:
    one = reading("linden-b200/ltv")
    assert one.result == "indeterminate"
    assert actual(one) == pytest.approx(0.815, abs=5e-4)
    assert breach(one, "B200.price.appraisal")[0] == pytest.approx(51_765, abs=0.5)
    assert quantity("linden-b200", "outstanding") == pytest.approx(135.17e6, abs=5e3)


# 7 Tamar -----------------------------------------------------------------------------------------------------------------------


def test_tamar_covers_its_debt_today_and_its_reserve_by_a_little() -> None:
    assert (reading("tamar-h100/dscr").result, actual(reading("tamar-h100/dscr"))) == ("pass", pytest.approx(2.30, abs=5e-3))
    assert standing("tamar-h100/lock-up").legal.state == "off"
    reserve = reading("tamar-h100/dsra")
    assert reserve.result == "watch"
    assert reserve.assessment.numerator[reserve.row, 0] == 5.3e6
    assert reserve.assessment.denominator[reserve.row, 0] == pytest.approx(4.97e6, abs=5e3)


def test_tamar_owes_longer_than_its_machines_last() -> None:
    assert quantity("tamar-h100", "outstanding") == pytest.approx(82.95e6, abs=5e3)
    assert quantity("tamar-h100", "wal", "2026-09-30") == pytest.approx(2.95, abs=5e-3)
    assert quantity("tamar-h100", "economic_life_gap") == pytest.approx(36.1e6, abs=5e4)
    assert quantity("tamar-h100", "economic_life_gap_pct") == pytest.approx(0.35, abs=5e-3)
    assert quantity("tamar-h100", "ltv_book") == pytest.approx(0.794, abs=5e-4)
    assert quantity("tamar-h100", "ltv") == pytest.approx(1.397, abs=5e-4)

"""Dated schedules: dates, principal, what is owed on a day, and the illustrative loans."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.calendars import Calendar
from facilities.legs import legs_of
from facilities.model import FacilityFile, decode_hook
from facilities.schedule import Schedule, build_schedule
from facilities.sculpt import case_cfads
from tests.rolled import flows_between, outstanding_on, remaining

WEEKENDS = Calendar("weekends")
STYLES = ["level", "straight-line", "bullet", "sculpted", "custom"]


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def loan(facility: dict[str, Any] | None = None, **tables: Any) -> FacilityFile:
    """A facility file from plain tables, through the schema's own reader."""
    head = {"id": "x", "name": "X", "kind": "term", "borrower": "b", "closing": "2025-01-15", "maturity": "2027-01-15"} | (facility or {})
    raw = {"facility": head, **tables}
    return msgspec.convert(exact(raw), FacilityFile, dec_hook=decode_hook)


def exact(raw: Any) -> Any:
    """Numbers as the TOML reader gives them."""
    if isinstance(raw, dict):
        return {key: exact(value) for key, value in raw.items() if value is not None}
    if isinstance(raw, list):
        return [exact(value) for value in raw]
    return Decimal(str(raw)) if isinstance(raw, float) else raw


def owed(date: str, amount: float, known: str | None = None) -> dict[str, Any]:
    return {"date": d(date), "outstanding": amount} | ({"known": d(known)} if known else {})


def ends(schedule: Schedule) -> list[str]:
    return [period.end.isoformat() for period in schedule.periods]


def principal(schedule: Schedule) -> list[float]:
    return [period.principal for period in schedule.periods]


def payment(schedule: Schedule, original: float, annual_rate: float) -> float:
    return schedule.periods[0].principal + original * annual_rate / 4


# The illustrative loans -------------------------------------------------------------------------------------------------------


def test_rowan_compute_twelve_level_quarters() -> None:
    terms = loan(
        {"closing": "2025-08-29", "maturity": "2028-08-29", "balance": [owed("2025-08-29", 61_440_000)]},
        interest={"benchmark": "SOFR", "spread_bp": 400},
        amortisation={"style": "level", "payments": 12},
        hedge=[{"kind": "swap", "share": 1, "fixed_pct": 5.75}],
    )
    schedule = build_schedule(terms, WEEKENDS)
    assert schedule.gap is None and len(schedule.periods) == 12
    assert payment(schedule, 61_440_000, 0.0975) == pytest.approx(5_967_000, abs=500)
    assert outstanding_on(terms, schedule, d("2026-08-31"), d("2026-10-08")) == pytest.approx(42_900_000, abs=5_000)
    flows = flows_between(terms, schedule, d("2025-08-31"), d("2026-08-31"), d("2026-10-08"))
    assert flows is not None and len(flows) == 4
    assert sum(flow.principal + flow.opening * 0.0975 / 4 for flow in flows) == pytest.approx(23_870_000, abs=5_000)


def test_linden_sixteen_level_month_ends() -> None:
    terms = loan(
        {"closing": "2026-04-30", "maturity": "2030-04-30", "balance": [owed("2026-04-30", 142_500_000)]},
        interest={"fixed_pct": 10.15},
        amortisation={"style": "level"},
    )
    schedule = build_schedule(terms, WEEKENDS)
    assert ends(schedule)[:4] == ["2026-07-31", "2026-10-31", "2027-01-31", "2027-04-30"] and len(schedule.periods) == 16
    assert payment(schedule, 142_500_000, 0.1015) == pytest.approx(10_947_000, abs=500)
    assert outstanding_on(terms, schedule, d("2026-10-08"), d("2026-10-08")) == pytest.approx(135_170_000, abs=5_000)
    year = remaining(schedule, 135_170_000, d("2026-10-08"))[:4]
    assert sum(flow.principal + flow.opening * 0.1015 / 4 for flow in year) == pytest.approx(43_790_000, abs=5_000)


@pytest.fixture
def tamar() -> FacilityFile:
    return loan(
        {"closing": "2024-12-31", "maturity": "2031-12-31", "balance": [owed("2024-12-31", 103_219_200)]},
        interest={"fixed_pct": 8.75, "day_count": "30/360"},
        amortisation={"style": "level", "original": 103_219_200},
    )


def test_tamar_twenty_eight_level_quarters(tamar: FacilityFile) -> None:
    schedule = build_schedule(tamar, WEEKENDS)
    known = d("2026-10-08")
    assert len(schedule.periods) == 28 and ends(schedule)[-1] == "2031-12-31"
    assert payment(schedule, 103_219_200, 0.0875) == pytest.approx(4_969_000, abs=500)
    left = outstanding_on(tamar, schedule, d("2026-09-30"), known)
    assert left == pytest.approx(82_950_000, abs=5_000)
    assert outstanding_on(tamar, schedule, d("2028-12-31"), known) == pytest.approx(51_950_000, abs=5_000)
    worn_out = outstanding_on(tamar, schedule, d("2029-12-31"), known)
    assert worn_out == pytest.approx(36_100_000, abs=50_000)
    assert worn_out / 103_219_200 == pytest.approx(0.35, abs=0.005)
    flows = remaining(schedule, left, d("2026-09-30"))
    times = [(flow.period.end - d("2026-09-30")).days / 365.25 for flow in flows]
    life = sum(time * flow.principal for time, flow in zip(times, flows, strict=True)) / left
    assert life == pytest.approx(2.95, abs=0.005)


def test_a_quarter_is_a_quarter_of_a_year_in_thirty_day_months(tamar: FacilityFile) -> None:
    assert [period.fraction for period in build_schedule(tamar, WEEKENDS).periods][:4] == [0.25] * 4


# Dates ------------------------------------------------------------------------------------------------------------------------


def test_no_amortisation_is_a_bullet_with_quarterly_interest() -> None:
    schedule = build_schedule(loan({"balance": [owed("2025-01-15", 100)]}), WEEKENDS)
    assert ends(schedule)[:2] == ["2025-04-15", "2025-07-15"] and len(schedule.periods) == 8
    assert principal(schedule) == [0.0] * 7 + [100.0]
    assert schedule.periods[0].fraction == 90 / 360


def test_a_bullet_pays_at_the_interest_frequency_up_to_a_short_last_period() -> None:
    terms = loan({"maturity": "2026-03", "balance": [owed("2025-01-15", 100)]}, interest={"fixed_pct": 5, "frequency": "semi-annual"})
    assert ends(build_schedule(terms, WEEKENDS)) == ["2025-07-15", "2026-01-15", "2026-03-31"]


def test_payments_roll_in_the_calendar_and_interest_does_not() -> None:
    head = {"closing": "2026-07-12", "maturity": "2027-01-12", "business_day": "following", "balance": [owed("2026-07-12", 100)]}
    first, _ = build_schedule(loan(head), Calendar("us", frozenset({d("2026-10-12")}))).periods
    assert (first.start, first.end, first.pay) == (d("2026-07-12"), d("2026-10-12"), d("2026-10-13"))


def test_days_missing_in_short_months_come_back() -> None:
    terms = loan({"closing": "2025-11-30", "maturity": "2026-05-29", "balance": [owed("2025-11-30", 9)]}, interest={"frequency": "monthly"})
    assert ends(build_schedule(terms, WEEKENDS)) == ["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-29"]
    terms = loan({"closing": "2026-01-29", "maturity": "2026-04-29", "balance": [owed("2026-01-29", 9)]}, interest={"frequency": "monthly"})
    assert ends(build_schedule(terms, WEEKENDS)) == ["2026-02-28", "2026-03-29", "2026-04-29"]


def test_a_first_payment_off_step_sets_the_dates() -> None:
    table = {"style": "straight-line", "first": d("2025-06-30"), "original": 120, "payments": 4}
    schedule = build_schedule(loan({"maturity": None}, amortisation=table), WEEKENDS)
    assert ends(schedule) == ["2025-06-30", "2025-09-30", "2025-12-31", "2026-03-31"]
    assert principal(schedule) == [30.0] * 4 and schedule.periods[0].start == d("2025-01-15")


def test_interest_runs_from_the_closing_before_repayment_starts() -> None:
    table = {"style": "straight-line", "start": d("2026-01-15"), "original": 120}
    schedule = build_schedule(loan(amortisation=table), WEEKENDS)
    assert schedule.periods[0].start == d("2025-01-15")
    assert principal(schedule) == [0.0] * 4 + [30.0] * 4


def test_a_start_less_than_a_step_after_closing_has_no_period_of_its_own() -> None:
    table = {"style": "straight-line", "start": d("2025-01-31"), "original": 120, "payments": 4}
    schedule = build_schedule(loan(amortisation=table), WEEKENDS)
    assert ends(schedule) == ["2025-04-30", "2025-07-31", "2025-10-31", "2026-01-31"]
    assert schedule.periods[0].start == d("2025-01-31")


# Principal --------------------------------------------------------------------------------------------------------------------


def test_a_balloon_waits_for_maturity() -> None:
    table = {"style": "straight-line", "original": 100, "payments": 4, "balloon": 60}
    assert principal(build_schedule(loan(amortisation=table), WEEKENDS)) == [10.0] * 4 + [0.0] * 3 + [60.0]
    table = {"style": "level", "original": 100, "balloon": 60, "level_rate_pct": 8}
    paid = principal(build_schedule(loan(amortisation=table), WEEKENDS))
    assert len(paid) == 8 and sum(paid[:-1]) + paid[-1] == pytest.approx(100) and paid[-1] > 60


def test_more_payments_than_fit_leave_the_rest_to_maturity() -> None:
    table = {"style": "straight-line", "original": 100, "payments": 20}
    assert principal(build_schedule(loan(amortisation=table), WEEKENDS)) == [5.0] * 7 + [65.0]


def test_custom_instalments_and_the_rest_at_maturity() -> None:
    rows = [{"date": d("2026-01-15"), "amount": 30}, {"date": d("2025-07-15"), "amount": 20.5}]
    table = {"style": "custom", "original": 100, "instalment": rows}
    schedule = build_schedule(loan(amortisation=table), WEEKENDS)
    assert ends(schedule) == ["2025-07-15", "2026-01-15", "2027-01-15"] and principal(schedule) == [20.5, 30.0, 49.5]
    quarterly = build_schedule(loan(amortisation=table, interest={"fixed_pct": 5, "frequency": "quarterly"}), WEEKENDS)
    assert len(quarterly.periods) == 8 and principal(quarterly)[:4] == [0.0, 20.5, 0.0, 30.0]


def test_custom_instalments_never_repay_more_than_is_owed() -> None:
    rows = [{"date": d("2025-07-15"), "amount": 80}, {"date": d("2026-01-15"), "amount": 80}]
    schedule = build_schedule(loan({"maturity": None}, amortisation={"style": "custom", "original": 100, "instalment": rows}), WEEKENDS)
    assert principal(schedule) == [80.0, 20.0]


def test_without_an_original_the_first_balance_is_repaid_by_the_payments_after_it() -> None:
    head = {"balance": [owed("2026-02-01", 90), owed("2026-05-01", 50)]}
    schedule = build_schedule(loan(head, amortisation={"style": "straight-line", "payments": 7}), WEEKENDS)
    assert principal(schedule) == [0.0] * 4 + [30.0] * 3


LEVEL = {"style": "level", "original": 100}
FLOAT = {"benchmark": "SOFR", "spread_bp": 400}
FIXED = {"fixed_pct": 6, "day_count": "30/360"}
SCULPTED = {"style": "sculpted", "frequency": "annual", "original": 100, "target_dscr": 1.3}
LATE = [{"from": d("2026-01-15"), "value": 9}]


@pytest.mark.parametrize(
    ("head", "tables", "words"),
    [
        ({}, {}, "no principal"),
        ({"maturity": None, "balance": [owed("2025-01-15", 1)]}, {}, "no maturity"),
        ({"closing": None}, {"amortisation": {"style": "bullet", "original": 100}}, "no start"),
        ({"maturity": "2025-01-15", "balance": [owed("2025-01-15", 1)]}, {}, "maturity 2025-01-15 is not within"),
        ({"maturity": "2525-01-15", "balance": [owed("2025-01-15", 1)]}, {}, "maturity 2525-01-15 is not within"),
        ({}, {"amortisation": LEVEL}, "no rate for the level payment"),
        ({}, {"amortisation": LEVEL, "interest": FLOAT}, "no rate for the level payment"),
        ({}, {"amortisation": LEVEL, "interest": FLOAT, "hedge": [{"share": 0.5, "fixed_pct": 4}]}, "swap on the whole balance"),
        ({}, {"amortisation": LEVEL, "interest": FLOAT, "hedge": [{"kind": "cap", "share": 1, "fixed_pct": 4}]}, "swap on the whole"),
        ({}, {"amortisation": {"style": "sweep", "original": 100}}, "only a projection says how much"),
        ({}, {"amortisation": SCULPTED | {"target_dscr": None}, "interest": FIXED}, "amortisation.target_dscr is not given"),
        ({}, {"amortisation": SCULPTED, "interest": FLOAT, "underwriting": {"cfads_per_year": 9}}, "no rate for the sculpted payment"),
        ({}, {"amortisation": SCULPTED, "interest": FIXED}, "underwriting.rent is not given for 2025-01-15"),
        ({}, {"amortisation": SCULPTED, "interest": FIXED, "underwriting": {"cfads_per_year": LATE}}, "is not given for 2025-01-15"),
        (
            {},
            {"amortisation": SCULPTED | {"balloon": 101}, "interest": FIXED, "underwriting": {"cfads_per_year": 9}},
            "balloon 101 exceeds",
        ),
        ({"balance": [owed("2025-01-15", 1)]}, {"interest": FIXED | {"pik_pct": LATE}}, "interest.pik_pct is not given for 2025-01-15"),
        ({"balance": [owed("2025-01-15", 1)]}, {"interest": {"frequency": "daily"}}, "payments with the frequency 'daily'"),
        ({}, {"amortisation": {"style": "straight-line", "original": 100, "payments": 0}}, "between 1 and 1200"),
        ({}, {"amortisation": {"style": "straight-line", "original": 100, "payments": 10**9}}, "between 1 and 1200"),
        ({}, {"amortisation": {"style": "straight-line", "original": 100, "balloon": 101}}, "balloon 101 exceeds"),
        ({}, {"amortisation": {"style": "bullet", "original": 100, "first": d("2025-01-01")}}, "first payment 2025-01-01"),
        ({}, {"amortisation": {"style": "custom", "original": 100}}, "without instalments"),
        (
            {},
            {"amortisation": {"style": "custom", "original": 9, "instalment": [{"date": d("2025-01-15"), "amount": 1}]}},
            "not after the start",
        ),
        (
            {},
            {"amortisation": {"style": "custom", "original": 9, "instalment": [{"date": d("2028-01-15"), "amount": 1}]}},
            "after the maturity",
        ),
        ({"balance": [owed("2027-02-01", 9)]}, {}, "every payment is due by 2027-02-01"),
        (
            {"balance": [owed("2025-01-15", 9)]},
            {"tranche": [{"id": "a", "maturity": "2026-01-15"}, {"id": "b"}]},
            "what each tranche owes is not given",
        ),
    ],
)
def test_terms_that_determine_no_schedule_say_why(head: dict[str, Any], tables: dict[str, Any], words: str) -> None:
    schedule = build_schedule(loan(head, **tables), WEEKENDS)
    assert schedule.periods == ()
    assert schedule.gap is not None and words in schedule.gap


# What is owed -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def quarter() -> FacilityFile:
    rows = [owed("2025-03-01", 80, "2025-03-20"), owed("2025-08-01", 60), owed("2025-08-01", 58, "2025-09-01")]
    return loan({"maturity": "2026-01-15", "balance": rows}, amortisation={"style": "straight-line", "original": 80})


@pytest.mark.parametrize(
    ("day", "known", "expected"),
    [
        ("2025-02-28", "2026-01-01", None),
        ("2025-03-01", "2025-03-19", None),
        ("2025-03-01", "2025-03-20", 80.0),
        ("2025-04-14", "2026-01-01", 80.0),
        ("2025-04-15", "2026-01-01", 60.0),
        ("2025-07-31", "2026-01-01", 40.0),
        ("2025-08-01", "2025-08-31", 60.0),
        ("2025-08-01", "2025-09-01", 58.0),
        ("2025-10-15", "2025-07-31", 20.0),
        ("2025-10-15", "2025-09-01", 38.0),
        ("2026-01-15", "2025-09-01", 0.0),
    ],
)
def test_the_latest_known_balance_is_rolled_forward(quarter: FacilityFile, day: str, known: str, expected: float | None) -> None:
    assert outstanding_on(quarter, build_schedule(quarter, WEEKENDS), d(day), d(known)) == expected


def test_a_balance_of_the_day_of_a_payment_is_after_it() -> None:
    rows = [owed("2025-01-15", 80), owed("2025-04-15", 60)]
    terms = loan({"maturity": "2026-01-15", "balance": rows}, amortisation={"style": "straight-line"})
    schedule = build_schedule(terms, WEEKENDS)
    assert outstanding_on(terms, schedule, d("2025-04-15"), d("2025-04-15")) == 60.0
    assert outstanding_on(terms, schedule, d("2025-07-15"), d("2025-07-15")) == 40.0


def test_what_is_left_is_paid_as_scheduled_and_cleared_by_the_last(quarter: FacilityFile) -> None:
    schedule = build_schedule(quarter, WEEKENDS)
    assert [(flow.opening, flow.principal) for flow in remaining(schedule, 58.0, d("2025-08-01"))] == [(58.0, 20.0), (38.0, 38.0)]
    assert [(flow.opening, flow.principal) for flow in remaining(schedule, 15.0, d("2025-08-01"))] == [(15.0, 15.0), (0.0, 0.0)]
    assert remaining(schedule, 58.0, d("2026-01-15")) == ()


def test_past_flows_start_from_the_original_where_no_balance_was_seen(quarter: FacilityFile) -> None:
    schedule = build_schedule(quarter, WEEKENDS)
    flows = flows_between(quarter, schedule, d("2025-01-15"), d("2026-01-15"), d("2026-01-31"))
    assert flows is not None
    assert [(flow.opening, flow.principal) for flow in flows] == [(80.0, 20.0), (60.0, 20.0), (58.0, 20.0), (38.0, 38.0)]
    early = flows_between(quarter, schedule, d("2025-01-15"), d("2025-04-15"), d("2025-03-01"))
    assert early is not None and early[0].opening == 80.0
    assert flows_between(quarter, schedule, d("2025-04-15"), d("2025-07-14"), d("2026-01-31")) == ()


def test_past_flows_before_the_first_balance_are_unknown_without_an_original() -> None:
    terms = loan({"balance": [owed("2025-09-30", 100)]})
    schedule = build_schedule(terms, WEEKENDS)
    assert flows_between(terms, schedule, d("2025-01-15"), d("2025-12-31"), d("2026-01-31")) is None
    flows = flows_between(terms, schedule, d("2025-09-30"), d("2025-12-31"), d("2026-01-31"))
    assert flows is not None and [flow.opening for flow in flows] == [100.0]


def test_a_tranche_is_a_leg_with_its_own_terms_or_the_facilitys() -> None:
    parts = [
        {"id": "a", "balance": [owed("2025-01-15", 60)], "maturity": "2026-01-15"},
        {"id": "b", "name": "Term B", "balance": [owed("2025-01-15", 40)], "amortisation": {"style": "straight-line"}},
    ]
    whole = loan({"draw": [{"date": d("2025-02-01"), "amount": 5, "tranche": "b"}]}, tranche=parts, interest=FIXED)
    first, second = legs_of(whole)
    assert (first.name, first.path, second.name, second.at("amortisation"), second.at("interest")) == (
        "a", ("tranche", 0), "Term B", ("tranche", 1, "amortisation"), ("interest",),
    )  # fmt: skip
    assert [len(leg.terms.facility.draw) for leg in (first, second)] == [0, 1]
    assert principal(build_schedule(first.terms, WEEKENDS)) == [0.0] * 3 + [60.0]
    assert principal(build_schedule(second.terms, WEEKENDS)) == [5.0] * 8


def test_amounts_of_the_loan_are_shared_by_the_tranches_first_balances_else_commitments() -> None:
    table = {"style": "straight-line", "original": 100, "balloon": 20, "payments": 4}
    for parts in ([{"balance": [owed("2025-06-30", 45)]}, {"balance": [owed("2025-06-30", 15)]}], [{"commitment": 3}, {"commitment": 1}]):
        whole = loan(amortisation=table, tranche=[{"id": str(number)} | part for number, part in enumerate(parts)])
        made = [principal(build_schedule(leg.terms, WEEKENDS)) for leg in legs_of(whole)]
        assert made == [[15.0] * 4 + [0.0] * 3 + [15.0], [5.0] * 4 + [0.0] * 3 + [5.0]]
    assert [
        leg.terms.amortisation and leg.terms.amortisation.original for leg in legs_of(loan(amortisation=table, tranche=[{"id": "a"}]))
    ] == [None]


def test_balances_of_the_whole_loan_make_one_leg_of_tranches_alike() -> None:
    parts = [{"id": "a", "commitment": 60}, {"id": "b", "commitment": 40}]
    (one,) = legs_of(loan({"balance": [owed("2025-01-15", 90)]}, tranche=parts))
    assert one.path == () and sum(principal(build_schedule(one.terms, WEEKENDS))) == 90.0


# Sculpting --------------------------------------------------------------------------------------------------------------------


DEBT = 150 / 1.3 * (1 - 1.06**-8) / 0.06
"""The published identity: PV(CFADS) / 1.30, of a flat CFADS of 150 over eight years at 6 %."""


def planned() -> list[float]:
    """Principal a year: what interest leaves of 150 / 1.30."""
    paid: list[float] = []
    for _ in range(8):
        paid.append(150 / 1.3 - (DEBT - sum(paid)) * 0.06)
    return paid


def sculpted(years: int = 8, **tables: Any) -> tuple[FacilityFile, Schedule]:
    """A loan of DEBT over so many years."""
    head = {"closing": "2024-01-31", "maturity": f"{2024 + years}-01-31"}
    table = SCULPTED | {"original": DEBT} | tables.pop("amortisation", {})
    terms = loan(
        head, **{"amortisation": table, "interest": FIXED | {"day_count": "30E/360 ISDA"}, "underwriting": {"cfads_per_year": 150}} | tables
    )
    return terms, build_schedule(terms, WEEKENDS)


def test_a_sculpted_loan_covers_its_target_in_each_period_and_is_repaid() -> None:
    _, schedule = sculpted()
    assert principal(schedule) == pytest.approx(planned(), abs=1e-9) and schedule.balloon == pytest.approx(0.0, abs=1e-9)
    left = DEBT
    for period in schedule.periods:
        assert 150 / (period.principal + left * 0.06 * period.fraction) == pytest.approx(1.3)
        left -= period.principal
    assert left == pytest.approx(0.0, abs=1e-9)


def test_what_the_case_cannot_repay_is_a_balloon() -> None:
    _, schedule = sculpted(years=5)
    assert schedule.balloon == pytest.approx(sum(planned()[5:]))
    assert sum(principal(schedule)) == pytest.approx(DEBT)
    assert principal(schedule)[-1] - schedule.balloon == pytest.approx(planned()[4])


def test_a_case_that_repays_early_stops_at_the_stated_balloon() -> None:
    _, schedule = sculpted(amortisation={"balloon": 300, "target_dscr": 1.0})
    assert principal(schedule)[-2] == 0.0 and principal(schedule)[-1] == pytest.approx(300) and schedule.balloon == pytest.approx(300)


def test_the_cash_flow_of_a_case_by_rent_units_and_cost_steps_within_a_period() -> None:
    case = {"rent": [{"from": d("2024-01-01"), "value": 2}, {"from": d("2024-07-31"), "value": 1}], "utilisation": 0.5,
            "opex_per_unit_hour": 0.25, "units": 10}  # fmt: skip
    terms, _ = sculpted(underwriting=case)
    assert case_cfads(terms)(d("2024-01-31"), d("2025-01-31")) == pytest.approx(10 * 8760 * (0.5 * 0.75 + 0.5 * 0.25))
    parcels = [{"id": "g", "asset": "A", "units": 10, "rent": "A.rent.x"}, {"id": "c", "asset": "BTC", "units": 99}]
    own, _ = sculpted(underwriting=case | {"units": None}, collateral=parcels)
    assert case_cfads(own)(d("2025-01-31"), d("2026-01-31")) == pytest.approx(10 * 8760 * 0.25)


def test_interest_beyond_the_case_is_no_draw_and_interest_in_kind_is_carried() -> None:
    _, schedule = sculpted(underwriting={"cfads_per_year": 10})
    assert principal(schedule)[:-1] == [0.0] * 7 and schedule.balloon == principal(schedule)[-1]
    terms, kind = sculpted(interest=FIXED | {"day_count": "30E/360 ISDA", "pik_pct": 2})
    last = kind.periods[-1].pay
    flows = flows_between(terms, kind, d("2024-01-31"), last, last)
    assert flows is not None and flows[-1].opening * 1.02 == pytest.approx(kind.periods[-1].principal)


def test_without_a_schedule_or_a_balance() -> None:
    terms = loan({"maturity": None, "balance": [owed("2025-01-15", 100)]})
    assert outstanding_on(terms, build_schedule(terms, WEEKENDS), d("2030-01-01"), d("2030-01-01")) == 100.0
    assert outstanding_on(loan(), Schedule(()), d("2030-01-01"), d("2030-01-01")) is None


# Properties -------------------------------------------------------------------------------------------------------------------


@given(
    style=st.sampled_from(STYLES),
    closing=st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31)),
    days=st.integers(1, 4000),
    original=st.integers(1, 10**9),
    rate=st.integers(0, 20),
    frequency=st.sampled_from(["monthly", "quarterly", "semi-annual", "annual"]),
    payments=st.none() | st.integers(1, 60),
    balloon=st.integers(0, 100),
)
def test_every_schedule_repays_the_loan(
    style: str, closing: dt.date, days: int, original: int, rate: int, frequency: str, payments: int | None, balloon: int
) -> None:
    maturity = closing + dt.timedelta(days=days)
    table = {"style": style, "frequency": frequency, "original": original, "balloon": original * balloon // 100, "target_dscr": 1.3}
    table["instalment"] = [{"date": closing + dt.timedelta(days=1 + days // 2), "amount": original // 3}]
    case = {"cfads_per_year": original // 3}
    head = {"closing": closing.isoformat(), "maturity": maturity.isoformat(), "business_day": "modified_following"}
    terms = loan(
        head | {"balance": [owed(closing.isoformat(), original)]},
        amortisation=table | ({"payments": payments} if payments else {}),
        interest={"fixed_pct": rate},
        underwriting=case,
    )
    schedule = build_schedule(terms, WEEKENDS)
    assert sum(principal(schedule)) == pytest.approx(original, rel=1e-9)
    assert min(principal(schedule)) >= 0.0
    assert schedule.periods[0].start == closing and schedule.periods[-1].end <= maturity
    assert all(a.end == b.start and a.pay <= b.pay for a, b in pairwise(schedule.periods))
    flows = remaining(schedule, float(original), closing - dt.timedelta(days=7))
    assert flows[-1].opening == flows[-1].principal
    for flow, after in pairwise(flows):
        assert after.opening == flow.opening - flow.principal >= 0.0
    last = schedule.periods[-1].pay
    assert outstanding_on(terms, schedule, last, last) == 0.0 or last <= closing

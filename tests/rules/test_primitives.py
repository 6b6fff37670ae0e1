"""Primitives: balances, interest, collateral, borrowing bases, cash: each read from its table, unknown where a figure is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.amend import amended
from facilities.model import FacilityFile
from rules.state import State
from tests.rules.small import COIN, DAY, HEAD, LOAN, book_of, covenant, figure, formula, table

QUARTERLY = '[amortisation]\nstyle = "straight-line"\nfrequency = "quarterly"\nstart = 2025-12-31\noriginal = 1000\npayments = 20\n'
FLOAT = '[interest]\nbenchmark = "SOFR"\nspread_bp = 100\nday_count = "30/360"\nfrequency = "quarterly"\n'
YEAR = formula("next12m(interest)", "money") + formula("next12m(scheduled_principal)", "money", "p")
GPU = '[[collateral]]\nid = "g"\nasset = "A"\nunits = 10\nprice = "A.price"\ncost = 100\n'
SOFR: dict[str, float | list[float]] = {"SOFR.rate": 0.05}


def isnan(value: float) -> bool:
    return math.isnan(value)


# what is owed ------------------------------------------------------------------------------------------------------------------


def test_a_balance_is_rolled_forward_by_the_schedule_and_replaced_by_the_next_known_one() -> None:
    seen = "[[facility.balance]]\ndate = 2026-05-31\noutstanding = 900\nknown = 2026-06-20\n"
    book = book_of(LOAN + seen + QUARTERLY)
    assert figure(book, "outstanding", day="2026-03-30") == 1000
    assert figure(book, "outstanding", day="2026-03-31") == 950
    assert figure(book, "outstanding", day="2026-06-30", known="2026-06-19") == 900
    assert figure(book, "outstanding", day="2026-06-30") == 850
    assert figure(book, "outstanding", day="2026-05-31") == 950
    assert isnan(figure(book, "outstanding", day="2025-12-30"))
    assert figure(book, "outstanding", day="2031-01-01") == 0


def test_of_two_rows_for_one_day_the_later_known_counts() -> None:
    rows = "".join(f"[[facility.balance]]\ndate = 2026-05-31\noutstanding = {owed}\nknown = {known}\n"
                   for owed, known in ((800, "2026-06-20"), (700, "2026-06-01")))  # fmt: skip
    book = book_of(LOAN + rows)
    assert figure(book, "outstanding", known="2026-06-25") == 800
    assert figure(book, "outstanding", known="2026-06-10") == 700


def test_letters_of_credit_are_of_the_latest_balance() -> None:
    book = book_of(LOAN + "letters_of_credit = 30\n")
    assert [figure(book, name) for name in ("letters_of_credit", "exposure")] == [30, 1030]
    assert isnan(figure(book, "letters_of_credit", day="2025-01-01"))


def test_tranches_add_up_each_by_its_latest_row() -> None:
    head = LOAN[: LOAN.index("[[facility.balance]]")]
    rows = '[[tranche]]\nid = "a"\nbalance = [{ date = 2026-01-31, outstanding = 100 }, { date = 2026-03-31, outstanding = 80 }]\n'
    other = '[[tranche]]\nid = "b"\nbalance = [{ date = 2026-02-28, outstanding = 50 }]\n'
    book = book_of(head + rows + other)
    assert isnan(figure(book, "outstanding", day="2026-02-01"))
    assert figure(book, "outstanding", day="2026-02-28") == 150
    assert figure(book, "outstanding", day="2026-03-31") == 130


def test_money_repaid_lowers_what_is_owed_and_the_interest_to_come() -> None:
    import numpy as np

    book = book_of(LOAN + FLOAT + YEAR)
    state = State(repaid=np.array([[400.0]]))
    assert figure(book, "outstanding", state=state) == 600
    assert figure(book, "q", SOFR, state=state) == pytest.approx(36)


# interest ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "sofr", "rate"),
    [
        ("", 0.05, 0.06), ("floor_pct = 4\n", 0.01, 0.05), ("cap_pct = 3\n", 0.05, 0.04), ("floor_pct = 0\n", -0.01, 0.01),
        ('[[hedge]]\nkind = "swap"\nfixed_pct = 3\nshare = 1\n', 0.05, 0.04),
        ('[[hedge]]\nkind = "swap"\nfixed_pct = 3\nshare = 0.5\n', 0.05, 0.05),
        ('[[hedge]]\nkind = "swap"\nfixed_pct = 3\nnotional = 250\n', 0.05, 0.055),
        ('[[hedge]]\nkind = "cap"\ncap_pct = 4\nshare = 1\n', 0.05, 0.05),
        ('[[hedge]]\nkind = "cap"\ncap_pct = 4\nshare = 1\n', 0.03, 0.04),
        ('[[hedge]]\nkind = "floor"\nfloor_pct = 4\nshare = 1\n', 0.03, 0.05),
        ('[[hedge]]\nkind = "collar"\nfloor_pct = 2\ncap_pct = 4\nshare = 0.5\n', 0.01, 0.025),
        ('[[hedge]]\nkind = "swap"\nfixed_pct = 3\nshare = 1\nend = 2026-01-01\n', 0.05, 0.06),
        ('[[hedge]]\nkind = "swap"\nfixed_pct = 3\nshare = 1\nstart = 2030-01-01\n', 0.05, 0.06),
    ],
)  # fmt: skip
def test_rates(extra: str, sofr: float, rate: float) -> None:
    assert figure(book_of(LOAN + FLOAT + extra + YEAR), "q", {"SOFR.rate": sofr}) == pytest.approx(1000 * rate)


def test_a_fixed_rate_a_dated_spread_and_rates_that_are_not_public() -> None:
    fixed = '[interest]\nfixed_pct = 8\nday_count = "30/360"\nfrequency = "quarterly"\n'
    assert figure(book_of(LOAN + fixed + YEAR), "q") == pytest.approx(80)
    dated = FLOAT.replace("spread_bp = 100", "spread_bp = [{ from = 2025-01-01, value = 100 }, { from = 2026-12-31, value = 200 }]")
    assert figure(book_of(LOAN + dated + YEAR), "q", SOFR) == pytest.approx(1000 * (0.06 + 0.07) / 2)
    assert isnan(figure(book_of(LOAN + FLOAT.replace("spread_bp = 100\n", "") + YEAR), "q", SOFR))
    assert isnan(figure(book_of(LOAN + YEAR), "q"))
    assert isnan(figure(book_of(LOAN + FLOAT + YEAR), "q"))


def test_a_bullet_at_the_end_is_no_debt_service_and_instalments_are() -> None:
    assert figure(book_of(LOAN + FLOAT + YEAR), "p", SOFR, day="2030-06-30") == 0
    assert figure(book_of(LOAN + FLOAT + QUARTERLY + YEAR), "p", SOFR, day="2030-06-30") == 100
    assert figure(book_of(LOAN + FLOAT + QUARTERLY + YEAR), "p", SOFR, day="2031-06-30") == 0
    assert isnan(figure(book_of(LOAN.replace("maturity = 2030-12-31\n", "") + FLOAT + YEAR), "q", SOFR))


def test_average_life_and_the_balance_when_the_collateral_is_worn_out() -> None:
    worn = "in_service = 2025-12-31\neconomic_life_months = 36\n"
    book = book_of(LOAN + QUARTERLY + GPU + worn)
    assert figure(book, "economic_life_gap") == 400
    assert figure(book, "economic_life_gap", day="2029-06-30") == 300  # already worn out: what is owed
    assert isnan(figure(book_of(LOAN + QUARTERLY + GPU), "economic_life_gap"))
    assert figure(book_of(LOAN), "wal", day="2029-12-31") == pytest.approx(365 / 365.25)
    assert figure(book_of(LOAN), "wal", day="2031-12-31") == 0


# collateral --------------------------------------------------------------------------------------------------------------------


def test_a_junior_deducts_what_seniors_are_owed() -> None:
    senior = LOAN.replace('"x"', '"s"').replace("outstanding = 1000", "outstanding = 300")
    liens = 'lien = [{ facility = "s", rank = 1 }, { facility = "x", rank = 2 }]\n'
    book = book_of(LOAN + GPU + liens + covenant("ltv", "<=", 9), senior + covenant("ltv", "<=", 9))
    assert figure(book, "ltv", {"A.price": 200.0}) == pytest.approx(1000 / (2000 - 300))
    assert figure(book, "ltv", {"A.price": 200.0}, facility=1) == pytest.approx(300 / 2000)
    unknown = senior.replace("[[facility.balance]]\ndate = 2025-12-31\noutstanding = 300\n", "")
    assert isnan(figure(book_of(LOAN + GPU + liens, unknown), "ltv", {"A.price": 200.0}))


def test_stated_values_appraisals_and_what_is_not_given() -> None:
    stated = '[[collateral]]\nid = "v"\nasset = "land"\nvalue = [{ from = 2026-01-01, value = 2500 }]\n'
    assert figure(book_of(LOAN + stated), "ltv") == 0.4
    assert isnan(figure(book_of(LOAN + stated), "ltv", day="2025-12-31"))
    assert figure(book_of(LOAN + stated + GPU), "ltv", {"A.price": 250.0}) == 0.2
    assert isnan(figure(book_of(LOAN + GPU), "ltv_appraisal", {"A.price": 1.0}))
    assert isnan(figure(book_of(LOAN), "ltv"))
    assert isnan(figure(book_of(LOAN + GPU.replace("units = 10\n", "")), "ltv", {"A.price": 1.0}))


@pytest.mark.parametrize(
    ("method", "day", "share"),
    [("straight_line", "2026-01-30", 1.0), ("straight_line", "2026-02-28", 1 - 0.9 / 24), ("straight_line", "2027-01-31", 1 - 0.9 / 2),
     ("straight_line", "2030-01-31", 0.1), ("declining", "2027-01-31", 0.1**0.5), ("declining", "2030-01-31", 0.1),
     ("straight_line", "2025-12-31", 1.0)],
)  # fmt: skip
def test_book_value_falls_by_whole_months(method: str, day: str, share: float) -> None:
    terms = f'depreciation = {{ method = "{method}", months = 24, residual_pct = 10, from = 2026-01-31 }}\n'
    book = book_of(LOAN + GPU + terms)
    assert 1000 / figure(book, "ltv_book", day=day) == pytest.approx(1000 * share)


def test_another_currency_needs_its_rate() -> None:
    book = book_of(LOAN.replace('borrower = "b"', 'borrower = "b"\ncurrency = "EUR"') + GPU + covenant("ltv", "<=", 1))
    assert isnan(figure(book, "ltv", {"A.price": 220.0}))
    assert figure(book, "ltv", {"A.price": 220.0, "EUR.fx": 1.1}) == pytest.approx(0.5)


def test_rents_coins_and_cash_are_converted_too() -> None:
    euro = LOAN.replace('borrower = "b"', 'borrower = "b"\ncurrency = "EUR"')
    units = GPU + 'rent = "A.rent.x"\nutilisation = 1\nin_service = 2025-01-01\n'
    holder = '[obligor]\nid = "b"\nname = "B"\n' + "".join(
        f'[[treasury]]\nasset = "{asset}"\nunits = {held}\n{price}' for asset, held, price in
        (("EUR", 7, ""), ("USD", 11, ""), ("GBP", 10, ""), ("BTC", 2, 'price = "BTC.price"\n'))
    )  # fmt: skip
    own = formula("next12m(revenue)", "money", "r")
    book = book_of(euro + units + own, obligors=(holder,))
    marks: dict[str, float | list[float]] = {"A.rent.x": 2.2, "EUR.fx": 1.1, "GBP.fx": 1.32, "BTC.price": 110.0}
    assert figure(book, "r", marks) == pytest.approx(10 * 2.0 * 8760)
    assert figure(book, "unrestricted_cash", marks) == pytest.approx(7 + 10 + 12)
    assert figure(book, "free_coins", marks) == pytest.approx(200)
    del marks["GBP.fx"]
    assert isnan(figure(book, "unrestricted_cash", marks))


# borrowing base ----------------------------------------------------------------------------------------------------------------

AMOUNTS = st.integers(0, 2_000)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.integers(0, 100), AMOUNTS, AMOUNTS)
def test_each_unit_of_money_is_excluded_once(gross: int, late: int, one: int, two: int, limit: int, cap: int, reserve: int) -> None:
    text = (
        f'[[borrowing_base]]\nid = "r"\ngross = {gross}\nadvance_rate = 0.8\nsub_limit = {cap}\nconcentration_limit = {limit / 100}\n'
        f'ineligible = [{{ reason = "late", amount = {late} }}]\n'
        f'debtor = [{{ name = "a", amount = {one} }}, {{ name = "b", amount = {two} }}]\n'
        f'[[reserve]]\nreason = "rent"\namount = {reserve}\n'
    )
    left = max(0, gross - late)
    excess = sum(max(0.0, owed - limit / 100 * left) for owed in (one, two))
    assert figure(book_of(LOAN + text), "borrowing_base") == pytest.approx(min(cap, 0.8 * max(0.0, left - excess)) - reserve)


def test_ineligible_parcels_and_units() -> None:
    out = GPU.replace('"g"', '"h"').replace("units = 10", "units = 4") + "eligible = false\n"
    base = '[[borrowing_base]]\nid = "c"\ncollateral = ["g", "h"]\nadvance_rate = 0.5\nineligible = [{ reason = "idle", units = 2 }]\n'
    book = book_of(LOAN + GPU + out + base)
    assert figure(book, "borrowing_base", {"A.price": 100.0}) == 0.5 * (1400 - 400 - 200)
    assert isnan(figure(book, "borrowing_base"))
    assert isnan(figure(book_of(LOAN), "borrowing_base"))


def test_availability_is_never_floored_and_a_commitment_that_is_not_public_does_not_cap() -> None:
    base = '[[borrowing_base]]\nid = "c"\ngross = 800\nadvance_rate = 1\n'
    assert figure(book_of(LOAN + base), "availability") == -200
    capped = LOAN.replace('kind = "term"', 'kind = "abl"\ncommitment = 700')
    assert figure(book_of(capped + base), "availability") == -300
    assert figure(book_of(capped + base), "overadvance") == 300


# cash --------------------------------------------------------------------------------------------------------------------------


def test_blocked_and_reserved_cash_is_no_liquidity() -> None:
    held = (("operating", 5, "false"), ("operating", 7, "true"), ("dsra", 11, "false"), ("collection", 13, "false"))
    accounts = "".join(f'[[account]]\nkind = "{kind}"\nbalance = {cash}\nblocked = {blocked}\n' for kind, cash, blocked in held)
    book = book_of(LOAN + accounts)
    assert figure(book, "liquidity") == 18
    assert isnan(figure(book_of(LOAN), "liquidity"))
    revolver = LOAN.replace('kind = "term"', 'kind = "revolver"\ncommitment = 1500')
    assert figure(book_of(revolver + accounts), "liquidity") == 518


# amendments --------------------------------------------------------------------------------------------------------------------

AMENDED = (
    LOAN + covenant("total_debt", "<=", 900)
    + '[[amendment]]\nid = "a1"\nsigned = 2026-02-01\neffective = 2026-03-31\nsource = "First amendment"\n{}'
)  # fmt: skip


def levels(change: str, day: str, known: str) -> list[float]:
    import datetime as dt

    import numpy as np

    from facilities.steps import values_over

    terms = table(AMENDED.format(change), FacilityFile)
    assert isinstance(terms, FacilityFile)
    level = amended(terms, dt.date.fromisoformat(day), dt.date.fromisoformat(known)).covenant[0].threshold
    assert level is not None
    days = np.array([dt.date.fromisoformat(one).toordinal() for one in ("2026-03-30", "2026-03-31", "2026-12-31")])
    return [float(one) for one in values_over(level, days)]


def test_an_amended_level_counts_from_its_day_once_signed() -> None:
    change = "[amendment.covenant.c]\nthreshold = 1100\n"
    assert levels(change, DAY, DAY) == [900, 1100, 1100]
    assert levels(change, DAY, "2026-01-31") == [900, 900, 900]
    assert levels(change, "2026-03-30", DAY) == [900, 900, 900]


def test_an_amended_table_says_nothing_of_the_days_before() -> None:
    dated = "[amendment.covenant.c]\nthreshold = [{ from = 2025-01-01, value = 1 }, { from = 2026-06-30, value = 2 }]\n"
    assert levels(dated, DAY, DAY) == [900, 1, 2]
    late = levels("[amendment.covenant.c]\nthreshold = [{ from = 2026-06-30, value = 2 }]\n", DAY, DAY)
    assert late[0] == 900
    assert isnan(late[1])
    assert late[2] == 2


def test_other_keys_are_replaced_whole_and_cited() -> None:
    import datetime as dt

    changes = '[amendment.covenant.c]\ngrace = "5D"\n[amendment.facility]\nmaturity = "2031-12-31"\n[amendment.interest]\nspread_bp = 500\n'
    terms = table(AMENDED.format(changes), FacilityFile)
    assert isinstance(terms, FacilityFile)
    after = amended(terms, dt.date(2026, 6, 30), dt.date(2026, 6, 30))
    assert (after.covenant[0].grace, after.covenant[0].source, after.covenant[0].threshold) == ("5D", "First amendment", 900)
    assert after.facility.maturity is not None
    assert after.facility.maturity.date == dt.date(2031, 12, 31)
    assert after.interest is not None
    assert after.interest.spread_bp == 500
    assert amended(terms, dt.date(2026, 6, 30), dt.date(2026, 1, 1)) == terms


def test_negative_and_zero_values_do_no_harm() -> None:
    book = book_of(HEAD.format("x") + "[[facility.balance]]\ndate = 2025-12-31\noutstanding = 0\n" + COIN + covenant("ltv", "<=", 0.5))
    assert figure(book, "ltv", {"BTC.price": 100.0}) == 0
    assert figure(book, "ltv", {"BTC.price": -1.0}) == 0
    assert isnan(figure(book, "ltv", {"BTC.price": 0.0}))

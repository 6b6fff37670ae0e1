"""Loans by hand and against a plain ledger: tranches, draws, interest in kind, accrual, fees, floors, caps and hedges."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import Book
from rules.formula import Name
from rules.kernel import leaf_of
from rules.primitives.loan import ahead
from rules.primitives.owed import owed_legs
from rules.state import State
from tests.published import published
from tests.rolled import outstanding_on, remaining
from tests.rules.small import LOAN, book_of, figure, formula, scope_of

QUARTERLY = 'style = "straight-line"\nfrequency = "quarterly"\n'
BULLET = LOAN[: LOAN.index("[[facility.balance]]")]
FLOAT = '[interest]\nbenchmark = "SOFR"\nspread_bp = 100\nday_count = "30/360"\nfrequency = "quarterly"\n'
FIXED = '[interest]\nfixed_pct = 8\nday_count = "30/360"\nfrequency = "quarterly"\n'
KIND = FIXED + "pik_pct = 4\n"
YEAR = "".join(formula(f"next12m({name})", "money", f"{name}_ahead") for name in ("interest", "scheduled_principal", "fees"))
PAST = formula("last12m(fees)", "money", "fees_past")
SOFR: dict[str, float | list[float]] = {"SOFR.rate": 0.05}


def tranche(name: str, outstanding: float, extra: str = "", date: str = "2025-12-31") -> str:
    return f'[[tranche]]\nid = "{name}"\nbalance = [{{ date = {date}, outstanding = {outstanding} }}]\n{extra}'


def draw(date: str, amount: float, extra: str = "") -> str:
    return f"[[facility.draw]]\ndate = {date}\namount = {amount}\n{extra}"


def year(book: Book, name: str = "interest", marks: dict[str, float | list[float]] | None = None, **where: object) -> float:
    return figure(book, f"{name}_ahead", marks, **where)  # type: ignore[arg-type]


# tranches ----------------------------------------------------------------------------------------------------------------------


def test_each_tranche_has_its_own_maturity_rate_and_repayment() -> None:
    fast = 'maturity = "2027-12-31"\n[tranche.interest]\nfixed_pct = 10\nday_count = "30/360"\n[tranche.amortisation]\n' + QUARTERLY
    book = book_of(BULLET + FLOAT + YEAR + tranche("slow", 600) + tranche("fast", 400, fast))
    assert figure(book, "outstanding", day="2026-03-31") == 950
    assert year(book, marks=SOFR, day="2025-12-31") == pytest.approx(600 * 0.06 + 0.1 / 4 * (400 + 350 + 300 + 250))
    assert year(book, "scheduled_principal", day="2025-12-31") == 200
    assert figure(book, "outstanding", day="2027-12-31") == 600
    years = [(dt.date(2026 + at // 4, 3 * (at % 4) + 3, 28).replace(day=30 if at % 4 in (1, 2) else 31), 50.0) for at in range(8)]
    life = sum((day - dt.date(2025, 12, 31)).days * paid for day, paid in [*years, (dt.date(2030, 12, 31), 600.0)]) / 365.25 / 1000
    assert figure(book, "wal", day="2025-12-31") == pytest.approx(life)
    worn = '[[collateral]]\nid = "g"\nasset = "A"\nunits = 1\nin_service = 2025-12-31\neconomic_life_months = 15\n'
    book = book_of(BULLET + FLOAT + tranche("slow", 600) + tranche("fast", 400, fast) + worn)
    assert figure(book, "economic_life_gap") == 600 + 400 - 5 * 50


def test_a_tranche_without_a_balance_or_a_schedule_makes_the_loan_unknown_and_names_itself() -> None:
    empty = '[[tranche]]\nid = "late"\nname = "Late money"\n'
    book = book_of(BULLET + FIXED + YEAR + tranche("a", 600) + empty)
    assert math.isnan(figure(book, "outstanding")) and math.isnan(year(book))
    leaf = leaf_of(Name("outstanding"), scope_of(book))
    assert leaf.why(0).endswith("tranche Late money: no principal: neither amortisation.original nor a balance of the whole loan is given")


def test_each_row_of_a_leaf_names_its_tranche_and_where_it_stands() -> None:
    book = book_of(BULLET + FIXED + tranche("a", 600) + tranche("b", 400, "interest = { fixed_pct = 5 }\n"))
    (terms,) = leaf_of(Name("outstanding"), scope_of(book)).terms
    where = [terms.factors[0].where(r) for r in (0, 1)]
    assert [terms.name(r) for r in (0, 1)] == ["a", "b"]
    assert [one and one.path for one in where] == [("tranche", 0, "balance", 0, "outstanding"), ("tranche", 1, "balance", 0, "outstanding")]
    scope = scope_of(book, day="2025-12-31").through("next3m")
    (terms,) = leaf_of(Name("interest"), scope).terms
    assert [terms.name(r) for r in (0, 1)] == ["a, paid 2026-03-31", "b, paid 2026-03-31"]
    rates = [terms.factors[2].where(r) for r in (0, 1)]
    assert [one and one.path for one in rates] == [("interest",), ("tranche", 1, "interest")]


def test_money_repaid_is_spread_over_the_tranches() -> None:
    book = book_of(BULLET + FIXED + YEAR + tranche("a", 600) + tranche("b", 400))
    state = State(repaid=np.array([[500.0]]))
    assert figure(book, "outstanding", state=state) == 500
    assert year(book, state=state) == pytest.approx(40)


@given(
    style=st.sampled_from(["level", "straight-line", "bullet", "sculpted"]),
    parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    balloon=st.integers(0, 90),
    day=st.dates(dt.date(2025, 12, 31), dt.date(2031, 6, 30)),
    pik=st.integers(0, 5),
)
def test_tranches_of_equal_terms_are_the_loan_in_one_piece(style: str, parts: list[int], balloon: int, day: dt.date, pik: int) -> None:
    whole = sum(parts)
    table = f'[amortisation]\nstyle = "{style}"\noriginal = {whole}\nballoon = {whole * balloon // 100}\n'
    case = f"target_dscr = 1.3\n[underwriting]\ncfads_per_year = {whole // 4}\n"
    terms = FIXED + f"pik_pct = {pik}\n" + table + (case if style == "sculpted" else "") + YEAR
    one = book_of(LOAN.replace("outstanding = 1000", f"outstanding = {whole}") + terms)
    many = book_of(BULLET + terms + "".join(tranche(f"t{number}", part) for number, part in enumerate(parts)))
    for name in ("outstanding", "accrued", "pik", "interest_ahead", "scheduled_principal_ahead", "wal"):
        expected = figure(one, name, day=day.isoformat())
        assert figure(many, name, day=day.isoformat()) == pytest.approx(expected, rel=1e-9, abs=1e-6 * whole)
        assert expected >= 0


# draws -------------------------------------------------------------------------------------------------------------------------


def test_a_draw_after_the_balance_adds_from_its_day_until_the_next_balance_holds_it() -> None:
    rows = draw("2026-02-10", 200) + draw("2026-05-10", 100)
    seen = "[[facility.balance]]\ndate = 2026-05-10\noutstanding = 1290\n"
    book = book_of(LOAN + seen + rows)
    days = ("2026-02-09", "2026-02-10", "2026-05-09", "2026-05-10", "2026-06-30")
    assert [figure(book, "outstanding", day=day) for day in days] == [1000, 1200, 1200, 1290, 1290]
    assert figure(book, "outstanding", day="2026-05-10", known="2026-05-09") == 1200


def test_a_draw_counts_once_it_is_known() -> None:
    book = book_of(LOAN + FIXED + YEAR + draw("2026-09-30", 100, "known = 2026-06-01\n") + draw("2026-09-30", 50))
    assert year(book, day="2026-06-30") == pytest.approx(80 + 100 * 0.08 * 0.75)
    assert figure(book, "outstanding", day="2026-09-30") == 1150
    assert figure(book, "outstanding", day="2026-09-30", known="2026-05-31") == 1000


def test_a_draw_in_the_course_of_a_period_pays_interest_from_its_day() -> None:
    book = book_of(LOAN + FIXED + YEAR + draw("2026-02-15", 100))
    assert year(book, day="2026-02-15") == pytest.approx(1000 * 0.08 + 100 * 0.08 * (0.75 + 46 / 360))
    fully = book_of(LOAN + FIXED + YEAR + "[amortisation]\n" + QUARTERLY + "payments = 20\n" + draw("2026-02-15", 100))
    assert figure(fully, "outstanding", day="2030-09-30") == pytest.approx(150)
    assert figure(fully, "outstanding", day="2030-12-31") == 0  # what draws left over the schedule goes with the last payment
    flows = ahead(scope_of(fully, day="2026-02-15"))
    assert flows.principal.sum() == pytest.approx(1100) and flows.principal[-1, 0] == pytest.approx(150)


def test_a_draw_of_a_tranche() -> None:
    book = book_of(BULLET + FIXED + draw("2026-02-15", 100, 'tranche = "b"\n') + tranche("a", 600) + tranche("b", 0))
    assert owed_legs(scope_of(book))[2][:, 0].tolist() == [600, 100]


# interest in kind, and what has accrued ----------------------------------------------------------------------------------------


def test_interest_in_kind_joins_the_balance_on_payment_days() -> None:
    book = book_of(LOAN + KIND + YEAR)
    assert [figure(book, "outstanding", day=day) for day in ("2026-03-30", "2026-03-31", "2026-12-31")] == pytest.approx(
        [1000, 1010, 1000 * 1.01**4]
    )
    assert figure(book, "pik", day="2026-12-31") == pytest.approx(1000 * 1.01**4 - 1000)
    assert year(book, day="2025-12-31") == pytest.approx(0.02 * sum(1000 * 1.01**at for at in range(4)))
    assert figure(book, "outstanding", day="2030-12-31") == 0 == figure(book, "pik", day="2030-12-31")
    assert ahead(scope_of(book, day="2025-12-31")).principal.sum() == pytest.approx(1000 * 1.01**20)


def test_a_balance_states_what_it_holds_and_interest_in_kind_goes_on_from_there() -> None:
    seen = "[[facility.balance]]\ndate = 2026-05-15\noutstanding = 1005\npik = 3\naccrued = 4\n"
    book = book_of(LOAN + seen + KIND)
    assert [figure(book, "pik", day=day) for day in ("2026-05-14", "2026-05-15", "2026-06-30")] == pytest.approx([10, 3, 3 + 10.05])
    assert figure(book, "outstanding", day="2026-06-30") == pytest.approx(1005 * 1.01)
    assert figure(book, "accrued", day="2026-05-15") == 4
    assert figure(book, "accrued", day="2026-06-15") == pytest.approx(4 + 1005 * 0.12 * 30 / 360)
    assert figure(book, "accrued", day="2026-06-30") == 0
    assert figure(book, "accrued", day="2026-07-31") == pytest.approx(1005 * 1.01 * 0.12 * 30 / 360)


def test_interest_accrues_from_the_last_payment_at_the_rate_of_the_day() -> None:
    book = book_of(LOAN + FLOAT + draw("2026-05-15", 100))
    assert figure(book, "accrued", SOFR, day="2026-04-30") == pytest.approx(1000 * 0.06 * 30 / 360)
    assert figure(book, "accrued", SOFR, day="2026-05-30") == pytest.approx(1000 * 0.06 * 60 / 360 + 100 * 0.06 * 15 / 360)
    assert figure(book, "accrued", day="2026-03-31") == 0
    assert math.isnan(figure(book, "accrued", day="2026-04-30"))
    assert math.isnan(figure(book, "accrued", SOFR, day="2025-06-30"))
    stated = book_of(LOAN + "accrued = 12\n")
    assert figure(stated, "accrued", day="2025-12-31") == 12
    assert math.isnan(figure(stated, "accrued", day="2026-01-31"))  # no rate is known since


def test_a_payment_day_that_rolls_leaves_both_periods_accrued_until_it_is_paid() -> None:
    head = LOAN.replace("closing = 2025-12-31", 'closing = 2025-12-31\nbusiness_day = "following"')
    book = book_of(head.replace("2030-12-31", "2030-01-31") + FIXED)
    # 2026-01-31 is a Saturday, but quarters end on 31 March, 30 June, 30 September and 31 December: Sunday 2028-12-31 is paid on Monday
    assert figure(book, "accrued", day="2028-12-31") == pytest.approx(20)
    assert figure(book, "accrued", day="2029-01-01") == pytest.approx(1000 * 0.08 / 360)


def test_a_loan_that_names_interest_in_kind_alone_pays_none_in_cash() -> None:
    book = book_of(LOAN + '[interest]\npik_pct = 12\nday_count = "30/360"\n' + YEAR)
    assert year(book) == 0
    assert figure(book, "outstanding", day="2026-03-31") == pytest.approx(1030)


def test_loan_to_value_may_count_what_has_accrued() -> None:
    own = formula("(outstanding + accrued) / 2000", "money", "o").replace("[quantity.o]", "[quantity.owing]").replace('unit = "money"', "")
    assert figure(book_of(LOAN + KIND + own), "owing", day="2026-04-30") == pytest.approx((1010 + 1010 * 0.12 / 12) / 2000)


@given(
    style=st.sampled_from(["level", "straight-line", "bullet", "sculpted"]),
    pik=st.sampled_from([0, 3, 12]),
    draws=st.lists(st.tuples(st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)), st.integers(1, 500)), max_size=3),
    rows=st.lists(
        st.tuples(st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)), st.integers(0, 2000)), max_size=2, unique_by=lambda row: row[0]
    ),
    day=st.dates(dt.date(2025, 12, 31), dt.date(2031, 3, 31)),
)
def test_balances_are_those_of_a_plain_ledger(
    style: str, pik: int, draws: list[tuple[dt.date, int]], rows: list[tuple[dt.date, int]], day: dt.date
) -> None:
    table = f'[amortisation]\nstyle = "{style}"\noriginal = 1000\ntarget_dscr = 1.3\n[underwriting]\ncfads_per_year = 250\n'
    seen = "".join(f"[[facility.balance]]\ndate = {date}\noutstanding = {owed}\n" for date, owed in rows)
    drawn = "".join(draw(date.isoformat(), amount) for date, amount in draws)
    book = book_of(LOAN + seen + drawn + FIXED + f"pik_pct = {pik}\n" + table)
    plain = outstanding_on(book.terms[0], book.schedules[0], day, day)
    found = figure(book, "outstanding", day=day.isoformat())
    assert plain is not None and found >= 0
    assert found == pytest.approx(plain, rel=1e-9, abs=1e-6)
    flows = ahead(scope_of(book, day=day.isoformat()))
    assert (flows.principal >= 0).all() and (flows.before >= 0).all()
    if not draws and len(flows.item):
        still = [flow.principal for flow in remaining(book.schedules[0], found, day)]
        assert flows.principal[:, 0].tolist() == pytest.approx(still, rel=1e-9, abs=1e-6)


@given(st.integers(0, 200), st.integers(0, 200), st.sampled_from(["ACT/360", "ACT/365F", "30E/360", "ACT/ACT ISDA"]))
def test_what_accrues_in_two_steps_accrues_in_one(first: int, second: int, count: str) -> None:
    head = LOAN.replace("2030-12-31", "2026-12-31") + f'[interest]\nfixed_pct = 8\nday_count = "{count}"\nfrequency = "annual"\n'
    middle, end = (dt.date(2025, 12, 31) + dt.timedelta(days=days) for days in (first, first + second))
    if end >= dt.date(2026, 12, 31):
        return
    book = book_of(head)
    stated = figure(book, "accrued", day=middle.isoformat())
    again = book_of(
        head.replace("[interest]", f"[[facility.balance]]\ndate = {middle}\noutstanding = 1000\naccrued = {stated!r}\n[interest]")
    )
    assert figure(again, "accrued", day=end.isoformat()) == pytest.approx(figure(book, "accrued", day=end.isoformat()))


@pytest.mark.parametrize(("repaid", "life"), [("principal", "wal"), ("swapped", "wal_swapped")])
def test_the_published_average_life_of_a_rising_repayment(repaid: str, life: str) -> None:
    case = published("XI-16")
    paid = case["inputs"][repaid]
    rows = ", ".join(f"{{ date = {2026 + year}-12-31, amount = {amount} }}" for year, amount in enumerate(paid))
    head = LOAN.replace("outstanding = 1000", f"outstanding = {sum(paid)}").replace("maturity = 2030", "maturity = 2035")
    book = book_of(head + f'[amortisation]\nstyle = "custom"\noriginal = {sum(paid)}\ninstalment = [{rows}]\n')
    assert figure(book, "wal", day="2025-12-31") == pytest.approx(case["expected"][life], abs=case["tolerance"][life] + 1 / 365.25)


def test_the_debt_service_of_a_sculpted_loan_is_covered_at_its_target() -> None:
    case = published("COV-13")["inputs"]
    debt = sum(case["cfads"] / (1 + case["rate"]) ** at for at in range(1, case["years"] + 1)) / case["target_dscr"]
    head = LOAN.replace("outstanding = 1000", f"outstanding = {debt!r}").replace("maturity = 2030", "maturity = 2033")
    table = '[amortisation]\nstyle = "sculpted"\nfrequency = "annual"\ntarget_dscr = 1.3\n[underwriting]\ncfads_per_year = 150\n'
    own = formula("150 / (next12m(debt_service) / 1)", "1/money", "cover").replace('unit = "1/money"\n', "")
    book = book_of(head + FIXED.replace("fixed_pct = 8", "fixed_pct = 6") + table + own)
    years = [f"{2025 + at}-12-31" for at in range(9)]
    assert [figure(book, "cover", day=day) for day in years[:-1]] == pytest.approx([case["target_dscr"]] * 8)
    assert figure(book, "outstanding", day=years[-2]) == pytest.approx(150 / 1.3 / 1.06)
    assert figure(book, "outstanding", day=years[-1]) == published("COV-13")["expected"]["closing_balance"]


# fees --------------------------------------------------------------------------------------------------------------------------

LINE = LOAN.replace('kind = "term"', 'kind = "revolver"\ncommitment = 1_500\nundrawn_fee_pct = 0.4\nupfront_fee_pct = 2')


def test_fees_on_what_is_not_drawn_and_at_closing() -> None:
    book = book_of(LINE + FIXED + YEAR + PAST)
    assert year(book, "fees", day="2025-12-31") == pytest.approx(2)
    assert year(book, "fees", day="2025-12-30", known="2025-12-31") == pytest.approx(
        30 + 1.5
    )  # the fourth quarter is paid a day after the window
    assert figure(book, "fees_past", day="2025-12-31") == pytest.approx(30)
    used = book_of(LINE + "letters_of_credit = 100\n" + FIXED + YEAR + draw("2026-02-15", 200))
    assert year(used, "fees", day="2026-02-15") == pytest.approx(0.004 * (400 - 200 * (0.75 + 46 / 360)))
    assert year(book_of(LOAN + FIXED + YEAR), "fees") == 0


def test_no_fee_after_the_last_day_of_drawing_nor_on_what_a_term_loan_repaid() -> None:
    ended = LINE.replace("undrawn_fee_pct", "availability_end = 2026-05-15\nundrawn_fee_pct")
    assert year(book_of(ended + FIXED + YEAR), "fees", day="2025-12-31") == pytest.approx(500 * 0.004 * (0.25 + 45 / 360))
    repays = LINE.replace("revolver", "ddtl").replace("1_500", "1_000") + FIXED + YEAR + "[amortisation]\n" + QUARTERLY
    assert year(book_of(repays), "fees", day="2026-06-30") == 0
    assert year(book_of(repays.replace("ddtl", "revolver")), "fees", day="2026-06-30") == pytest.approx(0.001 * (100 + 150 + 200 + 250))


def test_fees_of_tranches_are_on_the_whole_commitment_and_unknown_without_one() -> None:
    parts = tranche("a", 600, "commitment = 700\n") + tranche("b", 300, "commitment = 500\n")
    head = BULLET.replace('kind = "term"', 'kind = "ddtl"\nundrawn_fee_pct = 1')
    assert year(book_of(head + FIXED + YEAR + parts), "fees", day="2025-12-31") == pytest.approx(3)
    assert math.isnan(year(book_of(LINE.replace("commitment = 1_500\n", "") + FIXED + YEAR), "fees", day="2025-12-31"))
    lost = book_of(LINE.replace("maturity = 2030-12-31\n", "") + FIXED + YEAR)
    assert math.isnan(year(lost, "fees", day="2025-12-31"))


# floors, caps and hedged shares ------------------------------------------------------------------------------------------------


def test_a_floor_under_the_index_before_the_margin_as_published() -> None:
    case = published("FL-02")
    given_ = case["inputs"]
    terms = f'[interest]\nbenchmark = "SOFR"\nspread_bp = {given_["margin"] * 1e4:g}\nfloor_pct = {given_["floor"] * 100:g}\n'
    for index, printed in zip(given_["index"], case["expected"]["all_in"], strict=True):
        rate = ahead(scope_of(book_of(LOAN + terms), {"SOFR.rate": index})).rate
        assert rate[:, 0].tolist() == pytest.approx([printed] * len(rate), abs=case["tolerance"]["abs"])


def swap(share: float, fixed: float, extra: str = "") -> str:
    return f'[[hedge]]\nkind = "swap"\nshare = {share}\nfixed_pct = {fixed}\n{extra}'


COLLAR = '[[hedge]]\nkind = "collar"\nshare = 0.5\nfloor_pct = 2\ncap_pct = 4\n'


@pytest.mark.parametrize(
    ("hedges", "sofr", "rate"),
    [
        ("floor_pct = 4\n" + swap(1, 3), 0.01, 0.04), ("floor_pct = 4\n" + swap(0.5, 3), 0.01, 0.045),
        (swap(0.4, 3) + swap(0.4, 2), 0.05, 0.04), (swap(0.8, 3) + swap(0.8, 2), 0.05, 0.038),
        (swap(0.4, 3) + COLLAR, 0.06, 0.4 * 0.03 + 0.5 * 0.04 + 0.1 * 0.06 + 0.01),
        (COLLAR, 0.03, 0.04), (COLLAR, 0.01, 0.025), (COLLAR, 0.06, 0.06),
        ('[[hedge]]\nnotional = 5000\nfixed_pct = 3\n', 0.05, 0.04), ('[[hedge]]\nnotional = 500\nfixed_pct = 3\n', 0.05, 0.05),
        (swap(1, 3, "end = 2026-12-31\n"), 0.05, 0.05), (swap(1, 3, "end = 2026-11-15\n"), 0.05, 0.06 - 0.02 * (0.25 + 0.25 * 46 / 92)),
        ("cap_pct = 3\n", 0.05, 0.04),
    ],
)  # fmt: skip
def test_hedges_by_hand(hedges: str, sofr: float, rate: float) -> None:
    assert year(book_of(LOAN + FLOAT + hedges + YEAR), marks={"SOFR.rate": sofr}, day="2026-06-30") == pytest.approx(1000 * rate)


@given(st.floats(-0.02, 0.2), st.floats(-0.02, 0.2))
def test_a_swap_of_the_whole_and_a_floor_at_the_cap_are_fixed(one: float, other: float) -> None:
    for terms in (FLOAT + swap(1, 3.5), FLOAT + "floor_pct = 3.5\ncap_pct = 3.5\n"):
        book = book_of(LOAN + terms + YEAR)
        assert year(book, marks={"SOFR.rate": one}) == pytest.approx(45) == pytest.approx(year(book, marks={"SOFR.rate": other}))


def test_a_margin_that_steps_up_on_its_day_and_fixed_tranches_that_hedges_leave_alone() -> None:
    steps = FLOAT.replace("spread_bp = 100", "spread_bp = [{ from = 2025-01-01, value = 100 }, { from = 2027-03-31, value = 300 }]")
    assert year(book_of(LOAN + steps + YEAR), marks=SOFR) == pytest.approx(1000 * (0.06 * 0.75 + 0.08 * 0.25))
    parts = tranche("floats", 600) + tranche("fixed", 400, 'interest = { fixed_pct = 9, day_count = "30/360" }\n')
    book = book_of(BULLET + FLOAT + YEAR + parts + swap(0.5, 3))
    assert year(book, marks=SOFR) == pytest.approx(600 * 0.05 + 400 * 0.09)


def test_a_notional_covers_the_floating_balance_of_all_tranches() -> None:
    hedge = "[[hedge]]\nnotional = 300\nfixed_pct = 3\n"
    book = book_of(BULLET + FLOAT + YEAR + tranche("a", 400) + tranche("b", 200) + hedge)
    assert year(book, marks=SOFR) == pytest.approx(600 * 0.06 - 300 * 0.02)

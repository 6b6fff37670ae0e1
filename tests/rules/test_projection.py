"""Worlds of the future: curves seen from a day ahead, the first failing date, cash through the waterfall, sweeps and traps."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.ahead.build import build_ahead
from monitor.ahead.outlook import first_failing_dates
from monitor.ahead.schema import Case, Crossing
from rules.advance import Accounts, Paid, Period, advance
from rules.book import Book
from rules.coming import with_sweeps
from rules.compare import RESULTS
from rules.curves import Curve
from rules.projection import Projection, in_blocks, project
from rules.running import Swept
from rules.worlds import Worlds
from tests.rules.shipped import picture
from tests.rules.small import HEAD, book_of, covenant, table, worlds_of

RENT = "A.rent.x"
DAY0 = "2025-12-31"
HOURS = 8_760
SERVICE = 0.65 * HOURS / 1.5
"""What one unit let at 1 an hour with costs of 0.35 covers 1.50 times."""


def loan(extra: str = "", principal: float = SERVICE / 4, quarters: int = 24, style: str = "straight-line", covenants: str = "") -> str:
    """A loan without interest whose service is the same every quarter, on one unit let at the mark."""
    amount = principal * quarters
    return (
        HEAD.format("x")
        + f"closing = {DAY0}\nmaturity = 2031-12-31\n[[facility.balance]]\ndate = {DAY0}\noutstanding = {amount}\n"
        + "[interest]\nfixed_pct = 0\n"
        + f'[amortisation]\nstyle = "{style}"\nfrequency = "quarterly"\nstart = {DAY0}\npayments = {quarters}\noriginal = {amount}\n{extra}'
        + f'\n[[collateral]]\nid = "gpu"\nasset = "A"\nunits = 1\nrent = "{RENT}"\nutilisation = 1\nopex_per_unit_hour = 0.35\n'
        + f"in_service = {DAY0}\n"
        + covenants
    )


TESTED = 'test = { frequency = "quarterly", first = 2026-03-31 }'
TRAP = """
[[covenant]]
id = "trap"
rule = "dscr_run_rate"
class = "trigger"
on = { operator = "<", value = 1.35, tests = 1 }
off = { operator = ">=", value = 1.35, tests = 2 }
effects = ["EFFECT"]
test = { frequency = "quarterly", first = 2026-03-31 }
"""
RESERVE = '\n[[account]]\nkind = "dsra"\nbalance = 100\ntarget_months = 3\n'


def today(book: Book, marks: dict[str, float | list[float]] | None = None) -> Worlds:
    return worlds_of(book, marks or {RENT: 1.0}, (DAY0,))


def ahead(book: Book, decay: float = 0.3, marks: dict[str, float | list[float]] | None = None, **more: object) -> Projection:
    now = today(book, marks)
    curves = [Curve(decay) if name == RENT else None for name in now.series]
    return project(book, now, curves, **more)  # type: ignore[arg-type]


def on_day(projection: Projection, quantity: str, day: str) -> float:
    return float(projection.figures(quantity, np.array([0]), np.array([dt.date.fromisoformat(day).toordinal()]))[0, 0])


# the founding case, 1.50x with costs of 35 % of revenue and rent falling 30 % a year: its crossings are in tests/cases/deflation.toml


def test_the_historical_ratio_of_a_year_on_is_the_forward_ratio_of_today() -> None:
    made = ahead(book_of(loan()))
    assert on_day(made, "dscr_hist", "2026-12-31") == pytest.approx(on_day(made, "dscr_fwd", DAY0), rel=1e-12)


def test_days_before_the_as_of_are_held_at_its_mark() -> None:
    made = ahead(book_of(loan()))
    half = on_day(made, "dscr_hist", "2026-06-30")
    mean = THIRTY.average(*(np.array([dt.date.fromisoformat(day).toordinal()]) for day in (DAY0, DAY0, "2025-06-30", "2026-06-30")))[0]
    assert half > on_day(made, "dscr_fwd", DAY0)
    assert mean == pytest.approx(0.5 + 0.5 * (1 - 0.7**0.5) / (-0.5 * np.log(0.7)), rel=1e-3)


THIRTY = Curve(0.3)


def test_a_jump_behind_a_day_ahead_is_taken_back_for_the_days_before_it() -> None:
    step = Curve(0.0, ((dt.date(2026, 3, 31).toordinal(), 0.5),))
    days = [np.array([dt.date.fromisoformat(day).toordinal()]) for day in ("2026-12-31", "2025-12-31", "2025-12-31", "2026-12-31")]
    assert step.average(*days)[0] == pytest.approx((0.25 * 2 + 0.75 * 1), rel=1e-9)


# Tamar, the duration mismatch of the shipped desk: its dates are in the desk's own tests


def tamar(as_of: str, *decays: float) -> list[Case]:
    seen = picture("shipped", as_of)
    made = build_ahead(seen, [seen.book.facility("tamar-h100")], decays, None)
    return made.facilities[0].cases


def test_the_report_knows_the_first_failing_dates() -> None:
    seen = picture("shipped")
    assert first_failing_dates(seen)[seen.book.facility("tamar-h100"), "dscr"] == "2028-12-31"


def test_crossings_are_found_on_the_day() -> None:
    found = {one.quantity: one for one in tamar("2026-09-30", 0.3)[0].crossings}
    assert isinstance(found["dscr_hist"], Crossing)
    made = found["dscr_hist"].date
    assert made is not None and "2028-09-30" < made < "2028-12-31"


# what holds of every projection


def test_without_decay_and_roll_off_a_ratio_ahead_is_todays() -> None:
    book = book_of(
        loan(covenants=covenant("dscr_hist", ">=", 1.2, TESTED, name="hist") + covenant("dscr_fwd", ">=", 1.2, TESTED, name="fwd"))
    )
    made = ahead(book, 0.0)
    whole = made.tests.rows.period_end <= dt.date(2030, 12, 31).toordinal()
    assert made.tests.actual[whole, 0] == pytest.approx(np.full(int(whole.sum()), 1.5), rel=3e-3)


@pytest.mark.parametrize("effect", ["lock_up", "trap_excess_cash"])
def test_folding_the_days_equals_going_day_by_day(effect: str) -> None:
    text = loan(covenants=covenant("dscr_hist", ">=", 1.2, TESTED, name="hist") + RESERVE + TRAP.replace("EFFECT", effect))
    folded, stepped = (ahead(book_of(text), marks={RENT: [1.0, 1.3, 0.7]}, fold=fold) for fold in (True, False))
    assert np.array_equal(folded.tests.actual, stepped.tests.actual, equal_nan=True)
    for name in Paid.__struct_fields__:
        assert np.array_equal(getattr(folded.cash.paid, name), getattr(stepped.cash.paid, name)), name


def test_a_path_of_many_is_the_path_alone() -> None:
    text = loan(
        "sweep_pct = 50\n", covenants=covenant("dscr_hist", ">=", 1.2, TESTED, name="hist") + RESERVE + TRAP.replace("EFFECT", "cash_sweep")
    )
    many = ahead(book_of(text), marks={RENT: [1.0, 1.6]})
    for path, rent in enumerate((1.0, 1.6)):
        alone = ahead(book_of(text), marks={RENT: rent})
        assert np.allclose(many.tests.actual[:, path], alone.tests.actual[:, 0], rtol=1e-12, equal_nan=True)
        assert np.allclose(many.cash.paid.swept[:, path], alone.cash.paid.swept[:, 0], rtol=1e-12)


AMOUNTS = st.floats(-1e6, 1e6)
HELD = st.floats(0, 1e6)


@given(AMOUNTS, HELD, HELD, HELD, HELD, HELD, st.floats(0, 1), st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_cash_is_conserved(
    cash: float, service: float, target: float, owed: float, reserve: float, trapped: float, sweep: float, hold: bool, sweeps: bool
) -> None:
    def cell(raw: float) -> np.ndarray:
        return np.array([[float(raw)]])

    period = Period(*(cell(raw) for raw in (cash, service, target, owed, sweep)), cell(hold) > 0, cell(sweeps) > 0)
    before = Accounts(cell(reserve), cell(trapped))
    after, paid = advance(before, period)
    sources = paid.cash + paid.from_trap + paid.from_reserve + paid.unpaid + paid.released
    uses = paid.service + paid.to_reserve + paid.swept + paid.trapped + paid.distributed
    assert sources == pytest.approx(uses, abs=1e-6)
    assert after.reserve - before.reserve == pytest.approx(paid.to_reserve - paid.from_reserve, abs=1e-6)
    assert after.trapped - before.trapped == pytest.approx(paid.trapped - paid.released - paid.from_trap, abs=1e-6)
    assert min(float(one[0, 0]) for one in (*after, paid.unpaid, paid.swept, paid.distributed, paid.to_reserve)) >= -1e-9
    assert paid.swept <= owed + 1e-6


@pytest.mark.parametrize(("less", "more"), [(0, 25), (25, 50), (50, 100)])
def test_sweeping_more_never_raises_the_balance(less: int, more: int) -> None:
    balances = []
    for share in (less, more):
        made = ahead(book_of(loan(f"sweep_pct = {share}\n")), 0.1)
        days = np.unique(made.payments.day)
        balances.append(made.figures("outstanding", np.zeros(len(days), dtype=np.int64), days)[:, 0])
    assert (balances[1] <= balances[0] + 1e-9).all()
    assert balances[1][3] < balances[0][3]


def test_a_sweep_saves_interest_from_its_day_on_and_leaves_the_past() -> None:
    text = loan("sweep_pct = 100\n").replace("fixed_pct = 0", "fixed_pct = 8")
    swept, plain = ahead(book_of(text), 0.0), ahead(book_of(text.replace("sweep_pct = 100\n", "")), 0.0)
    assert swept.cash.paid.service[0, 0] == plain.cash.paid.service[0, 0]
    assert swept.cash.paid.service[1, 0] == pytest.approx(plain.cash.paid.service[1, 0] - swept.cash.paid.swept[0, 0] * 0.02, rel=0.05)
    assert swept.cash.paid.swept[0, 0] == pytest.approx(swept.cash.paid.cash[0, 0] - swept.cash.paid.service[0, 0])


def test_a_loan_that_repays_by_sweep_alone_is_projected() -> None:
    text = loan(style="sweep").replace("fixed_pct = 0", "fixed_pct = 8").replace("payments = 24\n", "")
    from facilities.model import FacilityFile

    one = table(text, FacilityFile)
    assert isinstance(one, FacilityFile)
    read = with_sweeps(one)
    assert read.amortisation is not None and (read.amortisation.style, read.amortisation.sweep_pct) == ("bullet", 100)
    made = ahead(book_of(text.replace('"sweep"', '"bullet"\nsweep_pct = 100')), 0.0)
    days = np.unique(made.payments.day)
    left = made.figures("outstanding", np.zeros(len(days), dtype=np.int64), days)[:, 0]
    assert (np.diff(left) < 0).any() and left[-1] == 0


def test_a_trap_holds_until_two_tests_pass_and_then_lets_go() -> None:
    step = Curve(0.0, ((dt.date(2026, 2, 1).toordinal(), 0.85), (dt.date(2026, 8, 1).toordinal(), 1 / 0.85)))
    book = book_of(loan(covenants=TRAP.replace("EFFECT", "lock_up")))
    now = today(book)
    made = project(book, now, [step if name == RENT else None for name in now.series])
    assert made.cash.held[:5, 0].tolist() == [True, True, True, False, False]
    assert made.cash.trapped[2, 0] > 0 and made.cash.trapped[3, 0] == 0
    assert made.cash.paid.released[3, 0] == pytest.approx(made.cash.trapped[2, 0])


def test_a_sweep_trigger_sweeps_what_was_trapped() -> None:
    both = TRAP.replace("EFFECT", "lock_up") + TRAP.replace("EFFECT", "cash_sweep").replace('"trap"', '"sweep"').replace("1.35", "1.20")
    made = ahead(book_of(loan(covenants=both)), 0.25)
    first = int(np.flatnonzero(made.cash.paid.swept[:, 0])[0])
    assert made.cash.trapped[first - 1, 0] > 0 and made.cash.trapped[first, 0] == 0
    assert made.cash.paid.swept[first, 0] >= made.cash.trapped[first - 1, 0]


def test_a_shortfall_draws_the_trap_then_the_reserve_then_is_unpaid() -> None:
    made = ahead(book_of(loan(covenants=RESERVE.replace("target_months = 3\n", "") + TRAP.replace("EFFECT", "lock_up"))), 0.3)
    first = [int(np.flatnonzero(getattr(made.cash.paid, name)[:, 0] > 1e-9)[0]) for name in ("from_trap", "from_reserve", "unpaid")]
    assert first == sorted(first)


def test_beyond_maturity_it_is_quiet() -> None:
    book = book_of(loan(quarters=8, covenants=covenant("dscr_hist", ">=", 1.2, TESTED, name="hist")))
    made = ahead(book, last=dt.date(2035, 12, 31).toordinal())
    end = dt.date(2027, 12, 31).toordinal()
    assert made.tests.rows.period_end.max() <= end and made.payments.day.max() <= end
    assert {RESULTS[code] for code in np.unique(made.tests.result)} <= {"pass", "watch", "fail"}
    assert on_day(made, "outstanding", "2030-06-30") == 0


def test_what_is_not_known_today_is_not_known_ahead() -> None:
    book = book_of(loan(covenants=covenant("dscr_hist", ">=", 1.2, TESTED, name="hist")))
    now = worlds_of(book, {}, (DAY0,))
    made = project(book, now, [None] * len(now.series))
    assert {RESULTS[code] for code in np.unique(made.tests.result)} == {"indeterminate"}


def test_doubt_of_today_is_the_doubt_of_every_day_ahead() -> None:
    book = book_of(loan(covenants=covenant("dscr_hist", ">=", 1.2, TESTED, name="hist")))
    now = today(book)
    stale = msgspec.structs.replace(now, data=np.full_like(now.data, 3))
    made = project(book, stale, [None] * len(now.series))
    assert {RESULTS[code] for code in np.unique(made.tests.result)} == {"indeterminate"}


def test_blocks_are_the_whole() -> None:
    sweep = TRAP.replace("EFFECT", "cash_sweep")
    texts = [loan("sweep_pct = 50\n" if at == 1 else "", covenants=RESERVE + (sweep if at == 2 else "")) for at in range(4)]
    book = book_of(
        *(text.replace('id = "x"', f'id = "x{at}"') + covenant("ltv", "<=", 0.9, TESTED, name="ltv") for at, text in enumerate(texts))
    )
    now = today(book, {RENT: [1.0, 1.3], "A.price": 9_000.0})
    curves = [Curve(0.3) if name == RENT else None for name in now.series]
    whole, parts = project(book, now, curves), list(in_blocks(book, now, curves, cells=60))
    assert len(parts) > 1
    for name in ("actual", "result"):
        both = np.concatenate([getattr(one.tests, name) for one in parts])
        assert np.array_equal(both, getattr(whole.tests, name), equal_nan=name == "actual")
    assert sum(len(one.payments.day) for one in parts) == len(whole.payments.day)


def test_what_was_swept_is_looked_up_by_day_and_seen_only_afterwards() -> None:
    legs, nothing = np.array([1]), np.zeros((1, 1))
    swept = Swept.begun(3, legs, 4, 1)
    for day, amount in ((100, 10.0), (110, 0.0), (120, 30.0)):
        swept = swept.and_on(day, legs, nothing + amount, np.array([2.0]))
    asked = np.array([99, 100, 119, 120, 500])
    at, worth = swept.by(np.ones(5, dtype=np.int64), asked)
    assert at.tolist() == [1, 2, 3, 4] and worth[:, 0].tolist() == [5.0, 5.0, 20.0, 20.0]
    assert swept.by(np.array([0, 2]), np.array([500, 500]))[0].tolist() == []
    at, saved = swept.within(np.array([1, 1]), np.array([90, 100]), np.array([130, 130]), np.array([115, 500]))
    assert at.tolist() == [0, 1] and saved[:, 0] == pytest.approx([10 * 30 / 40, 30 * 10 / 30])


def test_a_debt_swept_whole_is_nothing() -> None:
    made = ahead(book_of(loan("sweep_pct = 100\n", quarters=8).replace("fixed_pct = 0", "fixed_pct = 8")), 0.0, {RENT: [1.0, 1.7, 2.9]})
    days = np.unique(made.payments.day)
    left = made.figures("outstanding", np.zeros(len(days), dtype=np.int64), days)
    assert left[-2].tolist() == [0.0, 0.0, 0.0] and (left >= 0).all()


def test_a_horizon_before_the_first_payment_leaves_the_tests() -> None:
    book = book_of(loan(covenants=covenant("dscr_fwd", ">=", 1, 'test = { frequency = "daily" }\n')))
    made = ahead(book, last=dt.date(2026, 2, 28).toordinal())
    assert len(made.tests) == 2 and len(made.payments.day) == 0
    assert not np.isnan(made.tests.actual).any()

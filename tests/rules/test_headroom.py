"""Breach prices: at them the slack is nought, whatever bends on the way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.book import Book
from rules.compare import RESULTS, effective, size, slack, thresholds_on
from rules.evaluate import Assessment, evaluate
from rules.headroom import book_slots, looks_back
from rules.worlds import Worlds
from tests.rules.curved import MARKS, curved_book
from tests.rules.shipped import picture
from tests.rules.small import COIN, LOAN, book_of, covenant, formula, judge, rows_of, worlds_of

SPANS = {"BTC.price": (1_000, 2e5), "A.price": (100, 1e5), "A.rent.x": (0.1, 20), "SOFR.rate": (0.001, 0.2)}
PRICES = {name: st.floats(low, high) for name, (low, high) in SPANS.items()}
LTV = LOAN + COIN + covenant("ltv", "<=", 0.5)


def slack_at(book: Book, worlds: Worlds, made: Assessment, n: int, slot: int, level: int) -> tuple[float, float]:
    """(slack, its scale) of a row in the world where one mark stands at its breach price."""
    marks, k = worlds.marks.copy(), int(made.drivers.series[n, slot])
    marks[k] = made.drivers.breach[n, slot, level]
    moved = Worlds(worlds.series, worlds.instants, worlds.known_at, marks, worlds.data, worlds.basis)
    there = evaluate(book, moved, made.state, made.rows.pick(np.array([n])))
    test = book.tests[made.rows.test[n]]
    one = test.levels[level]
    reach = effective(one, thresholds_on(one.threshold, made.rows.period_end[n : n + 1]), test.covenant.round)
    top, under = there.numerator[0], there.denominator[0]
    least = max(1.0, float(np.abs(made.numerator[n]).max()))
    return float(slack(one.operator, top, under, reach)[0]), float(np.maximum(size(top, under, reach), least)[0])


def check(book: Book, worlds: Worlds, made: Assessment) -> int:
    """How many breach prices were tried. A test that looks back is left out: its price is that of a whole year at one mark."""
    found = 0
    for n, slot, level in zip(*np.nonzero(~np.isnan(made.drivers.breach)), strict=True):
        if looks_back(book.tests[made.rows.test[n]].quantity):
            continue
        gap, scale = slack_at(book, worlds, made, n, slot, level)
        assert abs(gap) <= 1e-7 * scale, (book.tests[made.rows.test[n]].covenant.id, made.drivers.breach[n, slot, level])
        found += 1
    return found


@pytest.mark.parametrize("as_of", [None, "2026-10-05"])
def test_every_breach_price_of_the_shipped_desk_breaks_its_test(as_of: str | None) -> None:
    seen = picture("shipped", as_of)
    assert check(seen.book, seen.now, evaluate(seen.book, seen.now)) > 10


def test_of_the_curved_facility() -> None:
    for currency in ("USD", "EUR"):
        book = curved_book(currency)
        made = evaluate(book, worlds_of(book, {**MARKS}), rows=rows_of(book))
        assert check(book, worlds_of(book, {**MARKS}), made) > 10


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries(PRICES))
def test_of_the_curved_facility_at_any_marks(marks: dict[str, float]) -> None:
    book = curved_book()
    worlds = worlds_of(book, {**marks})
    assert check(book, worlds, evaluate(book, worlds, rows=rows_of(book))) > 0


@given(st.floats(10, 1e6), st.floats(0.05, 3))
def test_affine_ones_are_exact(price: float, level: float) -> None:
    made = judge(book_of(LOAN + COIN + covenant("ltv", "<=", level)), {"BTC.price": price})
    exact = 1000 / (level * 10)
    assert made.drivers.breach[0, 0, 0] == pytest.approx(exact, rel=1e-12, abs=1e-12 * price)
    assert made.drivers.shock[0, 0, 0] == pytest.approx(exact / price - 1, abs=1e-12)


def test_a_missing_mark_gives_the_level_that_would_pass() -> None:
    made = judge(book_of(LTV))
    assert RESULTS[int(made.result[0, 0])] == "indeterminate"
    assert made.drivers.breach[0, 0, 0] == pytest.approx(200)
    assert np.isnan(made.drivers.now[0, 0])
    assert np.isnan(made.drivers.shock[0, 0, 0])
    assert np.isnan(made.actual[0, 0])
    assert np.isnan(made.numerator[0, 0]) or np.isnan(made.denominator[0, 0])


def test_a_missing_mark_under_a_kink_is_not_taken_for_nothing() -> None:
    """At a price of 1 the class is all ineligible, and twice that too: the price decides all the same."""
    base = '[[borrowing_base]]\nid = "c"\ncollateral = ["coins"]\nadvance_rate = 0.5\nineligible = [{ reason = "r", amount = 5000 }]\n'
    made = judge(book_of(LOAN + COIN + base + covenant("borrowing_base", ">=", 0)))
    assert RESULTS[int(made.result[0, 0])] == "indeterminate"
    assert made.drivers.breach[0, 0, 0] == pytest.approx((1000 / 0.5 + 5000) / 10)


def test_a_stale_mark_is_unknown_with_its_bound() -> None:
    book = book_of(LTV)
    worlds = worlds_of(book, {"BTC.price": 300.0})
    worlds.data[:] = 3
    made = evaluate(book, worlds, rows=rows_of(book))
    assert (RESULTS[int(made.result[0, 0])], int(made.data[0])) == ("indeterminate", 3)
    assert made.actual[0, 0] == pytest.approx(1 / 3)
    assert made.drivers.breach[0, 0, 0] == pytest.approx(200)


def test_a_stale_mark_that_a_sub_limit_hides_is_still_needed() -> None:
    base = '[[borrowing_base]]\nid = "c"\ncollateral = ["coins"]\nadvance_rate = 0.5\nsub_limit = 1100\n'
    book = book_of(LOAN + COIN + base + covenant("borrowing_base", ">=", 0))
    worlds = worlds_of(book, {"BTC.price": 1000.0})
    worlds.data[:] = 3
    assert RESULTS[int(evaluate(book, worlds, rows=rows_of(book)).result[0, 0])] == "indeterminate"


def test_a_mark_that_a_swap_takes_out_is_not_needed() -> None:
    swap = '[interest]\nbenchmark = "SOFR"\nspread_bp = 100\n[[hedge]]\nkind = "swap"\nfixed_pct = 4\nshare = 1\n'
    own = formula("outstanding / next12m(interest)")
    book = book_of(LOAN + swap + own + covenant("q", ">=", 1))
    made = judge(book)
    assert RESULTS[int(made.result[0, 0])] == "pass"
    assert np.isnan(made.drivers.breach).all()
    half = book_of(LOAN + swap.replace("share = 1", "share = 0.5") + own + covenant("q", ">=", 1))
    assert RESULTS[int(judge(half).result[0, 0])] == "indeterminate"


def test_a_cap_that_binds_today_hides_no_fall() -> None:
    """The sub-limit holds until the price has halved: the price at which the base is too small is found behind it."""
    base = '[[borrowing_base]]\nid = "c"\ncollateral = ["coins"]\nadvance_rate = 0.5\nsub_limit = 1100\n'
    made = judge(book_of(LOAN + COIN + base + covenant("borrowing_base", ">=", 0)), {"BTC.price": 1000.0})
    assert made.drivers.breach[0, 0, 0] == pytest.approx(200)


@pytest.mark.parametrize(
    ("operator", "extra", "price"),
    [("<=", "", 200), ("<", "", 200), ("<=", "round = 2", 1000 / 5.05), ("<", "round = 2", 1000 / 4.95), ("==", "", 200)],
)
def test_rounding_and_the_side_move_the_level_as_agreed(operator: str, extra: str, price: float) -> None:
    made = judge(book_of(LOAN + COIN + covenant("ltv", operator, 0.5, extra)), {"BTC.price": 300.0})
    assert made.drivers.breach[0, 0, 0] == pytest.approx(price)


def test_no_price_driver_no_breach() -> None:
    made = judge(book_of(LOAN + covenant("total_debt", "<=", 2000)))
    assert RESULTS[int(made.result[0, 0])] == "pass"
    assert not made.drivers.breach.size or np.isnan(made.drivers.breach).all()


def test_an_agreements_own_policy_is_a_series_of_its_own() -> None:
    book = book_of(LTV + 'marks = { "BTC.price" = { max_age = "1d" } }\n' + covenant("collateral_coverage", ">=", 2, name="d"))
    assert [name for name in book.series.names if name == "BTC.price"] == ["BTC.price"] * 2
    worlds = worlds_of(book, {"BTC.price": 300.0})
    worlds.marks[-1] = 150.0
    made = evaluate(book, worlds, rows=rows_of(book))
    assert made.actual[:, 0].tolist() == pytest.approx([1000 / 1500, 3.0])


def test_rungs_have_their_own_prices_and_a_lower_one_that_is_on_is_a_watch() -> None:
    rungs = '{ above = 0.4, state = "notice" }, { above = 0.5, state = "call" }, { above = 0.8, state = "liquidation" }'
    ladder = f'class = "margin_ladder"\nrung = [{rungs}]'
    made = judge(book_of(LOAN + COIN + covenant("ltv", "<=", None, ladder)), {"BTC.price": 220.0})
    assert made.drivers.breach[0, 0].tolist() == pytest.approx([200, 250, 200, 125])
    assert made.threshold[0] == 0.5
    assert RESULTS[int(made.result[0, 0])] == "watch"


def test_a_thread_beside_finds_all_that_formulas_read_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replays judge on several threads: what is found once for all facilities is never there in part."""
    book = book_of(LOAN + COIN + covenant("ltv", "<=", 0.7))

    class Watched(list[set[int]]):
        def __iter__(self) -> Iterator[set[int]]:
            for one in super().__iter__():
                assert not book.slots
                yield one
            assert not book.slots

    monkeypatch.setattr("rules.headroom._slots", lambda _: Watched([{0}, {1}]))
    assert (book_slots(book, 0), book.slots) == ((0,), {0: (0,), 1: (1,)})

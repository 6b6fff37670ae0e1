"""Terms that change ahead: each day is read under its own, and what the waterfall left goes along."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from rules.advance import Paid
from rules.book import Book
from rules.coming import worlds_ahead
from rules.curves import Curve
from rules.projection import Agreed, Projection, project
from rules.worlds import Worlds
from tests.rules.small import HEAD, book_of, covenant, worlds_of

DAY0, CUT = "2025-12-31", dt.date(2027, 5, 15).toordinal()
MARKS: dict[str, float | list[float]] = {"A.rent.x": [1.0, 1.4, 0.7], "A.price": [4_000.0, 5_000.0, 3_000.0], "SOFR.rate": 0.04}
TESTED = 'test = { frequency = "quarterly", first = 2026-03-31 }\n'
TRAP = (
    '[[covenant]]\nid = "EFFECT"\nrule = "dscr_hist"\nclass = "trigger"\non = { operator = "<", value = 1.35, tests = 1 }\n'
    f'off = {{ operator = ">=", value = 1.35, tests = 2 }}\neffects = ["EFFECT"]\n{TESTED}'
)


def loan(extra: str = "", spread: int = 300, maturity: str = "2031-12-31") -> str:
    """Two tranches, one with interest in kind and a sweep, on one unit let at the mark."""
    return (
        HEAD.format("x")
        + f"closing = {DAY0}\nmaturity = {maturity}\n[interest]\nbenchmark = 'SOFR'\nspread_bp = {spread}\n"
        + f"[[tranche]]\nid = 'a'\n[[tranche.balance]]\ndate = {DAY0}\noutstanding = 3000\n[tranche.interest]\nfixed_pct = 5\npik_pct = 2\n"
        + f"[tranche.amortisation]\nstyle = 'straight-line'\nfrequency = 'quarterly'\nstart = {DAY0}\npayments = 24\noriginal = 3000\n"
        + "sweep_pct = 60\n"
        + f"[[tranche]]\nid = 'b'\n[[tranche.balance]]\ndate = {DAY0}\noutstanding = 9000\n"
        + f"[tranche.amortisation]\nstyle = 'bullet'\nfrequency = 'semi-annual'\nstart = {DAY0}\n"
        + '[[collateral]]\nid = "gpu"\nasset = "A"\nunits = 1\nprice = "A.price"\nrent = "A.rent.x"\nutilisation = 1\n'
        + f"opex_per_unit_hour = 0.35\nin_service = {DAY0}\n"
        + '[[account]]\nkind = "dsra"\nbalance = 100\ntarget_months = 6\n'
        + covenant("dscr_hist", ">=", 1.2, TESTED, name="dscr")
        + covenant("dsra_months", ">=", 3, TESTED, name="dsra")
        + "".join(TRAP.replace("EFFECT", effect) for effect in ("lock_up", "cash_sweep"))
        + extra
    )


def ahead(book: Book, later: Book | None = None, fold: bool = True, cuts: tuple[int, ...] = (CUT,)) -> Projection:
    now, curves = today(book)
    return project(book, now, curves, fold=fold, later=[Agreed(cut, later, *today(later)) for cut in cuts] if later else ())


def today(book: Book) -> tuple[Worlds, tuple[Curve | None, ...]]:
    now = worlds_of(book, {name: mark for name, mark in MARKS.items() if name in book.series.names}, (DAY0,))
    return now, tuple(Curve(0.3) if name.startswith("A.") else Curve(-0.1) if name == "SOFR.rate" else None for name in now.series)


def same(one: Projection, other: Projection) -> None:
    rows = [np.lexsort((made.tests.rows.period_end, made.tests.rows.test)) for made in (one, other)]
    for name in ("actual", "threshold"):
        left, right = (getattr(made.tests, name)[at] for made, at in zip((one, other), rows, strict=True))
        assert np.allclose(left, right, rtol=1e-9, equal_nan=True), name
    for name in Paid.__struct_fields__:
        assert np.allclose(getattr(one.cash.paid, name), getattr(other.cash.paid, name), rtol=1e-9, atol=1e-6), name


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("days", [("2027-05-15",), ("2027-06-30",), ("2026-01-01", "2028-06-30", "2028-07-01", "2040-01-01")])
def test_terms_that_do_not_change_change_nothing(fold: bool, days: tuple[str, ...]) -> None:
    cuts = tuple(dt.date.fromisoformat(day).toordinal() for day in days)
    same(ahead(book_of(loan()), fold=fold), ahead(book_of(loan()), book_of(loan()), fold, cuts))


def test_what_was_swept_and_kept_by_then_goes_along() -> None:
    made = ahead(book_of(loan()), book_of(loan()))
    first = made.stages[0].cash
    assert (first.paid.swept > 0).any() and (first.reserve[-1] != 100).any()


def test_a_threshold_an_operator_and_a_schedule_count_from_their_day() -> None:
    yearly = 'test = { frequency = "annual", first = 2026-12-31 }\n'
    agreed = (("<=", 2.9, TESTED), ("<", 2.5, yearly))
    now, later = (loan(covenant("ltv", operator, level, tested, name="ltv")) for operator, level, tested in agreed)
    made = ahead(book_of(now), book_of(later))
    mine = [n for n in range(len(made.tests)) if made.test(n).covenant.id == "ltv"]
    days = [dt.date.fromordinal(int(made.tests.rows.period_end[n])) for n in mine]
    before, after = ([one for one in days if (one.toordinal() < CUT) == early] for early in (True, False))
    assert len(before) == 5 and after[0] == dt.date(2027, 12, 31) and {one.month for one in after} == {12}
    levels = {day: (made.test(n).levels[0].operator, float(made.tests.threshold[n])) for day, n in zip(days, mine, strict=True)}
    assert levels[before[-1]] == ("<=", 2.9) and levels[after[0]] == ("<", 2.5)


def test_a_margin_counts_from_its_day_and_a_maturity_moves_the_end() -> None:
    calm = loan().replace("sweep_pct = 60\n", "").split("[[covenant]]")[0]
    now, later = book_of(calm), book_of(calm.replace("spread_bp = 300", "spread_bp = 900").replace("maturity = 2031", "maturity = 2033"))
    made, plain, other = ahead(now, later), ahead(now), ahead(later)
    early = made.payments.day < CUT
    assert np.array_equal(made.cash.paid.service[early], plain.cash.paid.service[plain.payments.day < CUT])
    assert np.array_equal(made.cash.paid.service[~early], other.cash.paid.service[other.payments.day >= CUT])
    assert made.payments.day[-1] == dt.date(2033, 12, 31).toordinal()


def test_a_definition_counts_from_its_day_and_may_read_another_mark() -> None:
    words = "[quantity.cfads]\nformula = '{} - modelled_opex'\nunit = 'money/period'\n"
    other = 'modelled_revenue * mark("B.rent.y") / mark("B.rent.y")'
    now, later = (loan() + words.format(revenue) for revenue in ("modelled_revenue", other))
    made, alone = ahead(book_of(now), book_of(later)), ahead(book_of(now))
    mine = [n for n in range(len(made.tests)) if made.test(n).covenant.id == "dscr"]
    unknown = np.isnan(made.tests.actual[mine]).any(axis=1)
    assert [bool(one) for one in unknown] == [bool(made.tests.rows.period_end[n] >= CUT) for n in mine]  # no print of B: unknown, no pass
    assert not np.isnan(alone.tests.actual[: len(mine)]).any()


def test_figures_are_read_under_the_terms_of_their_day() -> None:
    now, later = book_of(loan()), book_of(loan(spread=900))
    made = ahead(now, later)
    days = np.array([CUT - 1, CUT])
    read = made.figures("dscr_fwd", np.zeros(2, dtype=np.int64), days)
    assert (read[1] < read[0]).all()
    assert worlds_ahead(made.stages[1].agreed.now, [CUT], made.stages[1].agreed.curves, dt.UTC).marks.shape[2] == 1

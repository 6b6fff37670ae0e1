"""Cures deemed paid ahead: the least that restores, while the agreed caps last, path by path."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from facilities.model import Covenant, Cure, TestTerms
from rules.curves import Curve
from rules.deemed import Deemed
from rules.life.cures import exhausted, spent
from rules.projection import Projection, project
from tests.rules.small import HEAD, book_of, covenant, worlds_of

DAY0 = "2025-12-31"
TESTED = 'test = { frequency = "quarterly", first = 2026-03-31 }\n'


def loan(*covenants: str) -> str:
    """A loan of 800 a year without interest on one unit that earns 876 a year at a rent of 0.1."""
    return (
        HEAD.format("x")
        + f"closing = {DAY0}\nmaturity = 2031-12-31\n[[facility.balance]]\ndate = {DAY0}\noutstanding = 4800\n[interest]\nfixed_pct = 0\n"
        + f'[amortisation]\nstyle = "straight-line"\nfrequency = "quarterly"\nstart = {DAY0}\npayments = 24\noriginal = 4800\n'
        + '[[collateral]]\nid = "gpu"\nasset = "A"\nunits = 1\nprice = "A.price"\nrent = "A.rent.x"\n'
        + f"utilisation = 1\nopex_per_unit_hour = 0\nin_service = {DAY0}\n"
        + "".join(covenants)
    )


def right(kind: str = "cash", **caps: object) -> str:
    parts = {"kind": f'"{kind}"', "window": '"10BD"', "from": '"certificate_due"', **caps}
    return TESTED + "cure = { " + ", ".join(f"{key} = {value}" for key, value in parts.items()) + " }\n"


def ahead(
    *covenants: str, kinds: tuple[str, ...] = ("equity",), before: dict[int, list[dt.date]] | None = None, rent: float = 0.1,
    pending: float | None = None,
) -> Projection:  # fmt: skip
    book = book_of(loan(*covenants))
    now = worlds_of(book, {"A.rent.x": [rent, 0.1], "A.price": [5_000.0, 9_000.0]}, (DAY0,))
    cures = Deemed(kinds, before) if kinds else None
    if cures and pending is not None:
        cures.settle(0, book.tests[0], dt.date(2025, 12, 31), pending)
    return project(book, now, [Curve(0.0)] * len(now.series), cures=cures)


def cured(made: Projection, path: int = 0, name: str = "dscr") -> list[int]:
    """The places, among the dates of a covenant, that are cured."""
    mine = [n for n in range(len(made.tests)) if made.test(n).covenant.id == name]
    return [k for k, n in enumerate(mine) if np.isfinite(made.cured[n, path])]


def dscr(extra: str) -> str:
    return covenant("dscr_run_rate", ">=", 1.2, extra, name="dscr")


def test_without_a_sponsor_nothing_is_cured() -> None:
    made = ahead(dscr(right()), kinds=())
    assert made.cured.shape == (24, 0) and made.failing[:20, 0].all()


def test_the_least_is_paid_and_the_figure_stays_as_tested() -> None:
    made = ahead(dscr(right()))
    assert made.cured[0, 0] == pytest.approx(1.2 * made.tests.denominator[0, 0] - made.tests.numerator[0, 0])
    assert made.tests.actual[0, 0] < 1.2 and not made.failing[:20, 0].any()


@pytest.mark.parametrize(
    ("caps", "places"),
    [
        ({"max_life": 3}, [0, 1, 2]),
        ({"max_in_4_quarters": 2, "max_life": 5}, [0, 1, 4, 5, 8]),
        ({"consecutive": "false", "max_life": 3}, [0, 2, 4]),
        ({"until": "2026-10-01"}, [0, 1, 2]),
        ({"max_life": "[{ from = 2026-01-01, value = 0 }, { from = 2026-12-31, value = 1 }]"}, [3]),
    ],
)
def test_the_caps_are_counted_along_the_path(caps: dict[str, object], places: list[int]) -> None:
    made = ahead(dscr(right(**caps)))
    assert cured(made) == places
    assert np.flatnonzero(made.failing[:, 0])[0] == min(set(range(20)) - set(places))


def test_cures_of_before_count() -> None:
    assert cured(ahead(dscr(right(max_life=3)), before={0: [dt.date(2025, 9, 30), dt.date(2025, 12, 31)]})) == [0]


def test_a_failure_that_is_pending_is_cured_first_and_counts() -> None:
    assert cured(ahead(dscr(right(max_life=3)), pending=10.0)) == [0, 1]
    assert cured(ahead(dscr(right(consecutive="false", max_life=2)), pending=10.0)) == [1]
    made = ahead(dscr(right("prepayment")), pending=10.0)  # nobody brings that
    assert made.cures is not None and not made.cures.pending


def test_a_pending_prepayment_lowers_the_debt_from_the_next_day() -> None:
    ltv = covenant("ltv", "<=", 2.0, right("prepayment"), name="ltv")
    made = ahead(ltv, kinds=("prepayment",), pending=300.0)
    days = np.array([dt.date(2025, 12, 31).toordinal(), dt.date(2026, 1, 1).toordinal()])
    assert made.figures("outstanding", np.zeros(2, dtype=np.int64), days)[:, 0].tolist() == [4800.0, 4500.0]


def test_each_path_counts_its_own() -> None:
    made = ahead(dscr(right(max_life=2)), rent=0.3)  # the first path passes
    assert cured(made) == [] and cured(made, 1) == [0, 1]


def test_another_kind_cures_nothing() -> None:
    assert cured(ahead(dscr(right("prepayment")))) == [] and cured(ahead(dscr(right("collateral")))) == []


def test_a_prepayment_lowers_the_debt_from_the_next_day() -> None:
    ltv = covenant("ltv", "<=", 0.9, right("prepayment"), name="ltv")
    made, bare = ahead(ltv, kinds=("prepayment",)), ahead(ltv, kinds=())
    paid = made.cured[:, 0]
    assert paid[0] == pytest.approx(4600 - 0.9 * 5000) and np.isfinite(paid).sum() == 1
    days = np.array([dt.date(2026, 3, 31).toordinal(), dt.date(2026, 4, 1).toordinal()])
    owed, before = (one.figures("outstanding", np.zeros(2, dtype=np.int64), days)[:, 0] for one in (made, bare))
    assert owed[0] == before[0] and owed[1] == pytest.approx(before[1] - paid[0])
    last = made.payments.day[np.flatnonzero(made.cash.paid.service[:, 0])[-1]]
    assert made.cash.paid.service[-1, 0] == pytest.approx(200 - paid[0]) and last == dt.date(2031, 12, 31).toordinal()


def test_what_the_failure_held_is_let_go_on_the_next_payment_day() -> None:
    stop = dscr(right(max_life=1) + 'effects = ["distribution_stop"]\n')
    made, bare = ahead(stop), ahead(stop, kinds=())
    assert bare.cash.held[:20, 0].all()
    assert made.cash.held[:3, 0].tolist() == [True, True, True]  # failed again by then
    once = dscr(right(max_in_4_quarters=1) + 'effects = ["lock_up"]\n')
    free = ahead(once.replace("first = 2026-03-31", "first = 2026-03-31, last = 2026-03-31"))
    assert free.cash.held[:3, 0].tolist() == [True, False, False]


def test_a_trigger_is_cured_only_where_it_is_curable() -> None:
    words = '[[covenant]]\nid = "dscr"\nrule = "dscr_run_rate"\nclass = "trigger"\non = { operator = "<", value = 1.2, tests = 1 }\n'
    once = right().replace("first = 2026-03-31", "first = 2026-03-31, last = 2026-03-31") + 'effects = ["lock_up"]\n'
    assert ahead(words + "curable = true\n" + once).cash.held[:3, 0].tolist() == [True, False, False]
    assert ahead(words + once).cash.held[:3, 0].tolist() == [True, True, True]


@pytest.mark.parametrize("count", range(4))
def test_many_paths_are_exhausted_as_one_alone(count: int) -> None:
    cure = Cure(kind="cash", window="10BD", from_="certificate_due", max_in_4_quarters=Decimal(2), max_life=Decimal(3), consecutive=False)
    one = Covenant(id="c", cure=cure, test=TestTerms(frequency="quarterly"))
    days = [dt.date(2026, 3, 31), dt.date(2026, 9, 30), dt.date(2027, 3, 31)]
    masks = np.array([[bool(path & 1 << at) for path in range(8)] for at in range(3)])
    period = [dt.date(2026, 6, 30), dt.date(2026, 12, 31), dt.date(2027, 6, 30), dt.date(2028, 6, 30)][count]
    found = spent(one, cure, period, days, masks)
    alone = [exhausted(one, cure, period, [day for day, on in zip(days, masks[:, path], strict=True) if on]) for path in range(8)]
    assert found.tolist() == alone and (count > 0 or any(alone))

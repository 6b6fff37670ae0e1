"""The explanation is the formula: its value is what the kernel compares, leaf by leaf, on every desk and for any marks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.report.explain import explain_reading
from rules.book import Book
from rules.evaluate import evaluate
from rules.explain import Explainer
from rules.explained import Explained
from rules.scope import open_scope
from rules.worlds import Worlds
from tests.rules.curved import CURVED, MARKS, curved_book
from tests.rules.shipped import picture
from tests.rules.small import HEAD, LOAN, book_of, covenant, formula, rows_of, worlds_of

AS_OFS = [("shipped", None), ("shipped", "2026-10-05"), ("shipped", "2026-08-01"), ("history", "2022-06-14"), ("history", "2022-11-02"),
          ("history", "2025-12-31")]  # fmt: skip


def same(shown: float | None, top: float, under: float) -> bool:
    if math.isnan(top) or math.isnan(under) or under == 0:
        return shown is None
    return shown is not None and math.isclose(shown, top / under, rel_tol=1e-12, abs_tol=1e-12)


def leaves(node: Explained) -> Iterator[Explained]:
    if not node.children:
        yield node
    for child in node.children:
        yield from leaves(child)


@pytest.mark.parametrize(("desk", "as_of"), AS_OFS)
def test_every_assessment_of_the_desks_is_explained_to_the_digit(desk: str, as_of: str | None) -> None:
    seen, checked = picture(desk, as_of), 0
    for one in seen.standings:
        for reading in (one.tested, one.indicative):
            if reading is not None and one.test.quantity is not None:
                made, n = reading.assessment, reading.row
                root = explain_reading(seen, reading)
                assert same(root.value, made.numerator[n, 0], made.denominator[n, 0]), one.test.covenant
                assert root.value is not None or root.reason or made.denominator[n, 0] == 0
                checked += 1
    assert checked


@pytest.mark.parametrize("name", ["rowan-compute", "kestrel-abl", "tamar-h100", "rowan-alder"])
def test_known_leaves_say_where_they_stand(name: str) -> None:
    seen = picture()
    for one in seen.standings:
        if seen.book.ids[one.test.facility] == name and one.tested is not None and one.test.class_ != "reporting":
            told = [leaf for leaf in leaves(explain_reading(seen, one.tested)) if leaf.origin]
            assert told
            origins = [leaf.origin or "" for leaf in told]
            assert all(".toml:" in where or ".csv:" in where or where == "in the formula" for where in origins)


def roots(book: Book, worlds: Worlds) -> list[tuple[Explained, float, float]]:
    rows = rows_of(book)
    made = evaluate(book, worlds, rows=rows, drivers=False)
    found = []
    for n, test in enumerate(book.tests):
        scope = open_scope(book, worlds, rows.pick(np.array([n])))
        scope.assumed = False
        root = Explainer(book.desk, "USD", lambda _: ("a mark", None)).test(test, scope)
        found.append((root, float(made.numerator[n, 0]), float(made.denominator[n, 0])))
    return found


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional={name: st.floats(0.001, 1e5) for name in MARKS}))
def test_any_marks_are_explained_to_the_digit_also_where_some_are_missing(marks: dict[str, float]) -> None:
    book = curved_book()
    for root, top, under in roots(book, worlds_of(book, {**marks})):
        assert same(root.value, top, under), root.label


TRANCHED = (
    HEAD.format("x").replace('kind = "term"', 'kind = "ddtl"\ncommitment = 1_000\nundrawn_fee_pct = 0.5\nupfront_fee_pct = 1')
    + """
closing = 2026-01-15
maturity = 2033-12-31
[[facility.draw]]
date = 2026-06-10
amount = 50
tranche = "mezz"
[underwriting]
cfads_per_year = 150
[[tranche]]
id = "senior"
interest = { fixed_pct = 6, day_count = "30/360" }
amortisation = { style = "sculpted", frequency = "annual", start = 2025-12-31, target_dscr = 1.30 }
balance = [{ date = 2025-12-31, outstanding = 716 }]
[[tranche]]
id = "mezz"
maturity = "2030"
interest = { benchmark = "SOFR", spread_bp = 600, pik_pct = 2, floor_pct = 1 }
balance = [{ date = 2026-05-05, outstanding = 100, accrued = 0.5 }]
[[hedge]]
share = 0.4
fixed_pct = 3.5
"""
    + "".join(
        formula(text, name=name) + covenant(name, "<=", 1e6, name=name)
        for name, text in {
            "owing": "outstanding + accrued", "kind": "pik + commitment", "ahead": "next12m(debt_service_with_fees)", "life": "wal",
            "first": "annualised(debt_service_with_fees)", "per": "next12m(interest) / (outstanding + accrued)",
        }.items()
    )
)  # fmt: skip


@cache
def tranched_book() -> Book:
    return book_of(TRANCHED)


@settings(deadline=None)
@given(st.none() | st.floats(-0.05, 0.5))
def test_tranches_are_explained_to_the_digit(sofr: float | None) -> None:
    book = tranched_book()
    assert not book.problems
    found = roots(book, worlds_of(book, {} if sofr is None else {"SOFR.rate": sofr}))
    assert len(found) == 6
    for root, top, under in found:
        assert same(root.value, top, 1.0 if math.isnan(under) and not math.isnan(top) else under), root.label
        assert root.value is not None or sofr is None


def test_the_tree_of_the_curved_desk_names_every_covenant() -> None:
    assert len(roots(curved_book(), worlds_of(curved_book(), {**MARKS}))) == CURVED.count("[[covenant]]")


def test_a_test_without_a_quantity_has_no_tree() -> None:
    book = book_of(LOAN + covenant("total_debt", "<=", 1, "tested_by_us = false"))
    scope = open_scope(book, worlds_of(book, {}), rows_of(book))
    with pytest.raises(KeyError):
        Explainer(book.desk, "USD", lambda _: ("", None)).test(book.tests[0], scope)


def test_a_quotient_by_zero_says_so() -> None:
    book = book_of(LOAN + formula("outstanding / accrued") + covenant("q"))
    root, _, _ = roots(book, worlds_of(book, {}))[0]
    assert (root.value, root.reason) == (None, "the denominator is zero")

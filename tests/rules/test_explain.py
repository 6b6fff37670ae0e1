"""The explanation is the formula: its value is what the kernel compares, leaf by leaf, on every desk and for any marks."""

from __future__ import annotations

import math
from collections.abc import Iterator

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
from tests.rules.small import LOAN, book_of, covenant, formula, rows_of, worlds_of

AS_OFS = [("shipped", None), ("shipped", "2026-10-05"), ("shipped", "2026-08-01"), ("history", "2022-06-14"), ("history", "2022-11-02"),
          ("history", "2025-12-31"), ("published", None)]  # fmt: skip


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
    made = evaluate(book, worlds, rows=rows)
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
    for root, top, under in roots(curved_book(), worlds_of(curved_book(), {**marks})):
        assert same(root.value, top, under), root.label


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

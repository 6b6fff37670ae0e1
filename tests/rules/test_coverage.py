"""Running totals of reports say what adding them up one by one says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.columns import FAR, Table
from rules.coverage import Coverage

Report = tuple[int, int, int, int, float]
"""Facility, start, end, delivered, amount (nan: the line is not carried)."""

lengths = st.sampled_from([28, 30, 31, 90, 92, 365])
amounts = st.sampled_from([float("nan"), 0.0, 1.0, 1e3, 4.5e9])


@st.composite
def disjoint(draw: st.DrawFn) -> list[Report]:
    """Reports of three facilities, none of which overlap, delivered in any order."""
    rows: list[Report] = []
    for facility in range(3):
        day = 1000
        for _ in range(draw(st.integers(0, 5))):
            day += draw(st.sampled_from([0, 0, 17]))
            end = day + draw(lengths)
            rows.append((facility, day, end, draw(st.integers(1000, 2400)), draw(amounts)))
            day = end
    return rows


def coverage(rows: list[Report], replaced: list[int] | None = None) -> Coverage:
    facility, start, end, delivered, amount = (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [], [], [])
    gone = [FAR] * len(rows) if replaced is None else replaced
    whole = [np.array(part, dtype=np.int64) for part in (start, end, delivered, gone)]
    return Coverage(Table(3, [(f, None) for f in facility]), *whole, np.array(amount, dtype=float).reshape(-1, 1))


@given(disjoint(), st.integers(0, 2), st.integers(990, 2500), st.integers(950, 2300), st.integers(0, 800))
def test_days_and_amounts_of_any_span(rows: list[Report], facility: int, known: int, low: int, length: int) -> None:
    made, high = coverage(rows), low + length
    group = made.group(np.array([facility]), np.array([known]))
    assert not made.messy.any()
    held = [row for row in rows if row[0] == facility and row[3] <= known]
    parts = [(max(0, min(high, end) - max(low, start)), end - start, amount) for _, start, end, _, amount in held]
    span = np.array([low]), np.array([high])
    assert made.covered(group, *span)[0] == sum(days for days, _, _ in parts)
    total, lacking = made.amount(group, *span, 0)
    assert lacking[0] == any(days > 0 and np.isnan(amount) for days, _, amount in parts)
    assert total[0] == pytest.approx(sum(np.nan_to_num(amount) * days / length for days, length, amount in parts), rel=1e-12, abs=1e-5)


@given(disjoint(), st.integers(0, 2), st.integers(990, 2500), st.integers(950, 2300), st.integers(0, 800))
def test_the_reports_wholly_inside_a_span(rows: list[Report], facility: int, known: int, low: int, length: int) -> None:
    made, high = coverage(rows), low + length
    group = made.group(np.array([facility]), np.array([known]))
    inside = [row for row in rows if row[0] == facility and row[3] <= known and row[1] >= low and row[2] <= high]
    first, last = made.whole(group, np.array([low]), np.array([high]))
    wanted = (inside[0][1], inside[-1][2]) if inside else (low, low)
    assert (first[0], last[0]) == wanted


def test_a_report_counts_from_its_delivery_until_it_is_replaced() -> None:
    rows: list[Report] = [(1, 1000, 1090, 1100, 5.0), (1, 1000, 1090, 1200, 7.0)]
    made = coverage(rows, [1200, FAR])
    asked = np.array([1099, 1100, 1199, 1200])
    group = made.group(np.full(4, 1), asked)
    assert made.amount(group, np.full(4, 1000), np.full(4, 1090), 0)[0].tolist() == [0.0, 5.0, 5.0, 7.0]
    assert not made.messy.any()


def test_reports_that_overlap_are_known_to() -> None:
    rows: list[Report] = [(0, 1000, 1090, 1100, 5.0), (0, 1000, 1365, 1400, 20.0)]
    made = coverage(rows)
    assert made.messy[made.group(np.zeros(2, np.int64), np.array([1200, 1500]))].tolist() == [False, True]


def test_a_small_borrower_beside_a_giant_keeps_its_digits() -> None:
    rows: list[Report] = [(0, 1000 + 90 * n, 1090 + 90 * n, 1, 9e14) for n in range(8)] + [(1, 1000, 1090, 1, 0.123456789)]
    made = coverage(rows)
    total, _ = made.amount(made.group(np.array([1]), np.array([5])), np.array([1000]), np.array([1090]), 0)
    assert total[0] == 0.123456789

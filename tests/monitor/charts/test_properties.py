"""Whatever is drawn: exact size, no crash, unknown left out, endless figures refused."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from monitor.board.spans import line_width
from monitor.charts.breachmap import breach_map
from monitor.charts.canvas import STYLES
from monitor.charts.dates import date_ticks
from monitor.charts.debt import debt_chart
from monitor.charts.inputs import Bar, DebtInput, MapAxis, MapInput, Point, RatioInput, Size, WallInput
from monitor.charts.ratio import ratio_chart
from monitor.charts.scale import label, scale_of, step_of, ticks
from monitor.charts.spark import spark
from monitor.charts.trace import stretches
from monitor.charts.wall import wall_chart

DAYS = some.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30))
FIGURES = some.none() | some.floats(allow_nan=False, allow_infinity=False) | some.sampled_from([0.0, 1.25, -1.0, 1e308, -1e308, 5e-324])
RESULTS = some.sampled_from(["", "pass", "watch", "fail", "indeterminate", "not_tested"])
POINTS = some.lists(some.builds(Point, DAYS, FIGURES, RESULTS), max_size=12).map(lambda all: tuple(sorted(all, key=lambda one: one.day)))
SIZES = some.builds(Size, some.integers(1, 130), some.integers(1, 40))
STYLE = some.sampled_from(list(STYLES.values()))
UNITS = some.sampled_from(["x", "fraction", "USD", "money", "days", "year", "USD/GPU-hour", ""])


@given(POINTS, POINTS, POINTS, POINTS, UNITS, some.none() | DAYS, DAYS, SIZES, STYLE, some.text(max_size=30))
@settings(max_examples=150)
def test_a_ratio_fills_its_size(history, tests, ahead, limits, unit, fails, as_of, size, style, title) -> None:
    made = RatioInput(
        title=title, unit=unit, operator=">=", as_of=as_of, history=history, tests=tests, projection=ahead, limits=limits, fails=fails
    )
    lines = ratio_chart(made, size, style)
    assert [line_width(line) for line in lines] == [size.columns] * size.rows


@given(POINTS, POINTS, DAYS, SIZES, STYLE)
@settings(max_examples=80)
def test_a_debt_fills_its_size(debt, value, as_of, size, style) -> None:
    lines = debt_chart(DebtInput(title="t", currency="USD", as_of=as_of, debt=debt, value=value), size, style)
    assert [line_width(line) for line in lines] == [size.columns] * size.rows


BARS = some.lists(some.builds(Bar, some.text("0123456789", max_size=6), some.floats(0, 1e300), some.floats(0, 1e300)), max_size=40)


@given(BARS, SIZES, STYLE)
@settings(max_examples=80)
def test_a_wall_fills_its_size(bars, size, style) -> None:
    lines = wall_chart(WallInput(title="t", currency="USD", bars=tuple(bars)), size, style)
    assert [line_width(line) for line in lines] == [size.columns] * size.rows


@given(some.lists(FIGURES, min_size=9, max_size=9), some.floats(-10, 10), some.floats(-10, 10), SIZES, STYLE)
@settings(max_examples=60)
def test_a_map_fills_its_size(figures, x, y, size, style) -> None:
    grid = tuple(tuple(figures[at : at + 3]) for at in (0, 3, 6))
    made = MapInput(
        title="t", unit="x", x=MapAxis("BTC.price", (0.0, 1.0, 2.0), x), y=MapAxis("H.rent", (0.0, 1.0, 2.0), y), margin=grid, ratio=grid
    )
    lines = breach_map(made, size, style)
    assert [line_width(line) for line in lines] == [size.columns] * size.rows


@given(POINTS, some.integers(0, 200), STYLE)
def test_a_sparkline_fills_its_width(points, columns, style) -> None:
    assert line_width(spark(points, columns, style)) == columns


@given(POINTS)
def test_stretches_hold_every_known_point_and_no_other(points) -> None:
    runs = list(stretches(points))
    assert [point for run in runs for point in run] == [point for point in points if point.value is not None]
    apart = sum(a.value is not None and b.value is None for a, b in pairwise(points))
    assert len(runs) == apart + bool(points and points[-1].value is not None)


@given(some.lists(some.floats(allow_nan=False, allow_infinity=False), max_size=5), some.integers(1, 200), some.integers(2, 12), UNITS)
def test_ticks_are_few_rise_and_lie_inside(values, dots, most, unit) -> None:
    scale = scale_of(values, dots)
    assert scale.low < scale.high
    found = ticks(scale.low, scale.high, most)
    assert len(found) <= most
    assert found == sorted(found)
    slack = (scale.high / 2 - scale.low / 2) * 1e-9
    assert all(scale.low - slack <= tick <= scale.high + slack for tick in found)
    step = step_of(scale.low, scale.high, most)
    assert all(label(tick, step, unit, max(abs(scale.low), abs(scale.high))) for tick in found)
    assert all(0 <= scale.place(value) < dots for value in values)


@given(DAYS, DAYS, some.integers(1, 200))
def test_date_ticks_lie_inside_and_have_room(one, other, columns) -> None:
    first, last = min(one, other), max(one, other)
    found = date_ticks(first, last, columns)
    assert all(first <= day <= last for day, _ in found)
    assert sum(len(text) + 1 for _, text in found) <= columns + 1
    assert [day for day, _ in found] == sorted({day for day, _ in found})


def test_ordinary_spans_have_round_ticks() -> None:
    year = date_ticks(dt.date(2025, 10, 8), dt.date(2026, 10, 8), 76)
    assert [text for _, text in year] == ["2025-11", "2026-01", "2026-03", "2026-05", "2026-07", "2026-09"]
    assert [text for _, text in date_ticks(dt.date(2020, 3, 1), dt.date(2030, 1, 2), 40)] == ["2022", "2024", "2026", "2028", "2030"]
    assert ticks(1.1, 2.6, 6) == [1.5, 2.0, 2.5]
    assert label(0.65, 0.05, "fraction", 0.7) == "65%" and label(1.25, 0.05, "x", 2.0) == "1.25x"
    assert label(60e6, 20e6, "USD", 90e6) == "60m" and label(0.0, 20e6, "USD", 90e6) == "0"


@pytest.mark.parametrize("endless", [inf, -inf, nan])
def test_endless_figures_are_refused(endless: float) -> None:
    day = dt.date(2026, 1, 1)
    bad = (Point(day, endless),)
    with pytest.raises(ValueError, match="not a figure"):
        RatioInput(title="t", unit="x", operator=">=", as_of=day, history=bad)
    with pytest.raises(ValueError, match="not a figure"):
        DebtInput(title="t", currency="USD", as_of=day, debt=bad, value=())
    with pytest.raises(ValueError, match="not a figure"):
        WallInput(title="t", currency="USD", bars=(Bar("2027", endless),))
    axis = MapAxis("BTC.price", (1.0, 2.0), 1.0)
    with pytest.raises(ValueError, match="not a figure"):
        MapInput(title="t", unit="x", x=axis, y=axis, margin=((endless, 1.0), (1.0, 1.0)), ratio=((1.0, 1.0), (1.0, 1.0)))


def test_grids_and_axes_that_do_not_fit_are_refused() -> None:
    axis, grid = MapAxis("BTC.price", (1.0, 2.0), 1.0), ((1.0, 1.0), (1.0, 1.0))
    with pytest.raises(ValueError, match="rise"):
        MapInput(title="t", unit="x", x=MapAxis("BTC.price", (2.0, 1.0), 1.0), y=axis, margin=grid, ratio=grid)
    with pytest.raises(ValueError, match="one row"):
        MapInput(title="t", unit="x", x=axis, y=axis, margin=grid[:1], ratio=grid)
    with pytest.raises(ValueError, match="negative"):
        WallInput(title="t", currency="USD", bars=(Bar("2027", -1.0),))

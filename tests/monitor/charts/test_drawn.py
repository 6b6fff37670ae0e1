"""Charts to the character: one golden file a style, and what must be readable in each without any colour."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from monitor.board.spans import line_width, plain
from monitor.cells import width
from monitor.charts.breachmap import breach_map
from monitor.charts.canvas import STYLES, Style, sample
from monitor.charts.debt import debt_chart
from monitor.charts.inputs import Size
from monitor.charts.ratio import ratio_chart
from monitor.charts.spark import marks_chart
from monitor.charts.trace import AHEAD, LIMIT, OTHER, PAST
from monitor.charts.wall import wall_chart

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("chart_samples", HERE / "samples.py")
assert _spec and _spec.loader
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)


SIZE = Size(78, 16)


def page(style: Style, size: Size = SIZE) -> str:
    charts = [
        ratio_chart(samples.ratio(), size, style), debt_chart(samples.debt(), size, style), wall_chart(samples.wall(), size, style),
        breach_map(samples.breaches(), size, style), marks_chart(samples.marks(), Size(size.columns, 3), style),
    ]  # fmt: skip
    return "\n\n".join("\n".join(plain(line) for line in chart) for chart in charts) + "\n"


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.name)
def test_every_chart_in_every_style(style: Style) -> None:
    golden = HERE / "golden" / f"{style.name}.txt"
    if os.environ.get("COVENANT_GOLDEN") == "write":
        golden.write_text(page(style), encoding="utf-8")
    assert page(style) == golden.read_text(encoding="utf-8")


def test_ascii_is_ascii() -> None:
    assert page(STYLES["ascii"]).isascii()


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.name)
def test_the_failing_date_is_told_as_text_at_every_size(style: Style) -> None:
    for size in (Size(160, 40), Size(100, 20), Size(80, 18), Size(40, 8), Size(30, 3)):
        text = "\n".join(plain(line) for line in ratio_chart(samples.ratio(), size, style))
        assert "fails 2028-08-28" in text
        assert "PASS" in text or size.columns < 40


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.name)
def test_nothing_is_drawn_where_it_is_unknown(style: Style) -> None:
    given = samples.ratio()
    gap = [point.day for point in given.history if point.value is None]
    alone = type(given)(title="", unit="x", operator=">=", as_of=given.as_of, history=given.history)
    lines = ratio_chart(alone, Size(110, 14), style)
    known = [point.day for point in given.history]
    span = (known[-1] - known[0]).days
    body = ["".join(span.text for span in one) for one in lines[1:11]]
    axis = next(place for place, char in enumerate(body[0]) if char in "│|┤+")
    plot = [text[axis + 1 :] for text in body]
    left = (gap[0] - known[0]).days * len(plot[0]) // span + 1
    right = (gap[-1] - known[0]).days * len(plot[0]) // span - 1
    assert right - left > 5
    assert all(not text[left:right].strip() for text in plot)


def test_three_lines_of_one_colour_differ_in_form() -> None:
    for style in STYLES.values():
        past, other, ahead = (sample(ink, style) for ink in (PAST, OTHER, AHEAD))
        assert len({past, other, ahead, sample(LIMIT, style)}) == 4, style.name


def test_every_line_is_as_wide_as_asked() -> None:
    for style in STYLES.values():
        for columns, rows in ((160, 48), (80, 24), (40, 12), (24, 7), (23, 6), (11, 2), (1, 1)):
            size = Size(columns, rows)
            for lines in (
                ratio_chart(samples.ratio(), size, style), debt_chart(samples.debt(), size, style), wall_chart(samples.wall(), size, style),
                breach_map(samples.breaches(), size, style), marks_chart(samples.marks(), size, style),
            ):  # fmt: skip
                assert [line_width(line) for line in lines] == [columns] * rows
                assert all(width(span.text) == len(span.text) for line in lines for span in line)

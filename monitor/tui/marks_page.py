"""The pages of marks: every series with its age and what stands against it, and one series with its policy and its prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.board.figures import age, kind_of, level, percent, stamp
from monitor.board.rows import BoardRow, board_rows
from monitor.board.spans import Line, Span
from monitor.cells import cut, name, pad
from monitor.charts.canvas import Style
from monitor.charts.inputs import MarkInput
from monitor.charts.spark import spark
from monitor.marks.detail import SeriesDetail
from monitor.report.schema import Report
from monitor.report.words import iso
from monitor.tui.page import Page, PageLine, Writer

_HEADS = (
    ("Series", 0, False),
    ("Value", 10, True),
    ("Move", 7, True),
    ("Age", 5, True),
    ("Data", 13, False),
    ("Half a year", 28, False),
    ("Unit", 14, False),
    ("Source", 20, False),
)


def marks_page(details: Sequence[SeriesDetail], past: Mapping[str, MarkInput], width: int, twin: str, style: Style) -> Page:
    """One line a series in `width` cells (key: the series), with its `past` where known; what is doubtful is a fault and says why."""
    ascii = style.ascii
    columns = _columns(width, max((len(one.series) for one in details), default=8))
    heads = " ".join(pad(head, cells, right, ascii) for head, cells, right in columns)
    lines = [line for one in details for line in _rows(one, past.get(one.series), columns, width, style)]
    return Page([(Span(" " + heads, "head"),)], lines, twin, ascii)


def _columns(width: int, longest: int) -> list[tuple[str, int, bool]]:
    """The columns that fit, the name of the series with what is left."""
    kept = [("Series", min(max(14, width - 22), longest, 34), False)]
    room = width - 2 - kept[0][1]
    for head, cells, right in _HEADS[1:]:
        if room < cells + 1:
            break
        kept.append((head, cells, right))
        room -= cells + 1
    return kept


def _rows(one: SeriesDetail, past: MarkInput | None, columns: list[tuple[str, int, bool]], width: int, style: Style) -> list[PageLine]:
    doubtful, ascii = one.data != "good", style.ascii
    texts = {
        "Series": name(one.series), "Value": level(one.series, one.value, fine=True), "Move": move_of(one), "Age": age(one.age_days) or "-",
        "Data": name(one.data).replace("_", " "), "Unit": name(one.unit), "Source": name(one.source or ""),
    }  # fmt: skip
    role, spans = "unknown" if doubtful else "", [Span(" ")]
    for head, cells, right in columns:
        if head in texts:
            spans.append(Span(pad(texts[head], cells, right, ascii) + " ", role))
        else:
            spans += [*(spark(past.points, cells, style, "title") if past else (Span(" " * cells),)), Span(" ")]
    found = [PageLine(tuple(spans), one.series, doubtful)]
    why = [one.reason] if one.reason else []
    why += [f"refused {refused.made.source}: {refused.why}" for refused in one.refused]
    if why:
        found.append(PageLine((Span(f"   {cut('; '.join(name(text) for text in why), width - 4, ascii)}", "dim"),)))
    return found


def move_of(one: SeriesDetail) -> str:
    """The one-day move of a series: a rate in basis points, anything else in percent, `-` where unknown."""
    if one.value is None or one.previous is None or not one.previous:
        return "-"
    return f"{1e4 * (one.value - one.previous):+.0f}bp" if kind_of(one.series) == "rate" else percent(one.value / one.previous - 1)


def series_page(report: Report, one: SeriesDetail, width: int, twin: str, ascii: bool = False, chart: Sequence[Line] = ()) -> Page:
    """One series in `width` cells, with its chart; the cursor has nowhere to stop."""
    writer = Writer(width, ascii)
    writer.row((Span(f" {cut(name(one.series), width - 2, ascii)}", "strong"),))
    writer.fact("Value", f"{level(one.series, one.value, fine=True)} {name(one.unit)}", "strong")
    writer.fact("One day", move_of(one))
    writer.fact("Data", name(one.data).replace("_", " "), "unknown" if one.data != "good" else "")
    writer.fact("Because", name(one.reason or ""), "unknown")
    writer.fact("As of", stamp(iso(one.as_of)) if one.as_of else None)
    writer.fact("Known", stamp(iso(one.known_at)) if one.known_at else None)
    writer.fact("Age", age(one.age_days))
    writer.fact("Policy", name(one.policy))
    writer.section("Prints it was made of")
    for made in one.prints:
        writer.says(f"{level(one.series, made.value, fine=True)} of {made.source}, {stamp(iso(made.as_of))}, {made.origin}", bullet=" - ")
    if not one.prints:
        writer.says("none", "dim")
    if one.refused:
        writer.section("Prints it refused")
        for made, why in one.refused:
            writer.says(f"{level(one.series, made.value, fine=True)} of {made.source}, {stamp(iso(made.as_of))}: {why}", "unknown", " - ")
    _moved(writer, report, one.series)
    writer.chart("Half a year, as known each day", chart)
    return Page([], writer.lines, twin, ascii)


def _moved(writer: Writer, report: Report, series: str) -> None:
    """The covenants that move with the series, and where each breaks."""
    rows = [row for row in board_rows(report, every=True) if _breaks(row, series)]
    writer.section("What moves with it")
    for row in rows:
        state = row.state(writer.ascii)
        title = row.covenant.title if row.covenant else ""
        at = ", ".join(f"{driver[0]}{level(series, driver[1], fine=True)} ({percent(driver[2])})" for driver in _breaks(row, series))
        label = pad(f"{state.sign} {state.word}", 12, ascii=writer.ascii)
        text = cut(f"{name(row.facility.name)}: {name(title)}, breaks at {at}", writer.width - 15, writer.ascii)
        writer.row((Span(" "), Span(label, state.role), Span(f" {text}")))
    if not rows:
        writer.says("no covenant", "dim")


def _breaks(row: BoardRow, series: str) -> list[tuple[str, float, float | None]]:
    if row.leading is None:
        return []
    return [
        (f"{name(driver.rung).replace('_', ' ')} " if driver.rung else "", driver.breach_at, driver.shock_to_breach)
        for driver in row.leading.drivers
        if driver.mark == series and driver.breach_at is not None
    ]

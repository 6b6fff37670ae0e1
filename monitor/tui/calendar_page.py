"""The page of the calendar: what is due in the year ahead, month by month, and the rollover wall of each group."""

from __future__ import annotations

from itertools import groupby

from monitor.agenda.entries import Entry, hour
from monitor.agenda.wall import Wall
from monitor.board.figures import money
from monitor.board.spans import Span
from monitor.cells import cut, name, pad
from monitor.charts.canvas import Style
from monitor.charts.inputs import Size
from monitor.charts.today import wall_input
from monitor.charts.wall import wall_chart
from monitor.report.schema import Report
from monitor.tui.page import CHART_FITS, Page, Writer
from monitor.tui.trail import facility_of

_LINES = 11
_SHORT = {"availability_end": "last draw", "hedge_end": "hedge ends", "contract_end": "contract"}
_LOUD = frozenset({"clock", "maturity", "put"})


def calendar_page(report: Report, entries: list[Entry], walls: list[Wall], width: int, twin: str, style: Style) -> Page:
    """Entries and walls in `width` cells; the cursor stops on every entry (key: facility, covenant, date, kind, title)."""
    writer = Writer(width, style.ascii)
    for month, rows in groupby(entries, key=lambda one: one.date[:7]):
        writer.section(month)
        for one in rows:
            _entry(writer, report, one)
    if not entries:
        writer.says("nothing is due in the year ahead", "dim")
    _walls(writer, walls, style)
    return Page([], writer.lines, twin, style.ascii)


def _entry(writer: Writer, report: Report, one: Entry) -> None:
    facility = facility_of(report, one.facility)
    who = name(facility.name if facility else one.facility)
    day = name(one.partial) if one.partial else one.date[8:] + hour(one)
    kind = name(_SHORT.get(one.kind, one.kind))
    room = writer.width - 25
    line = (
        Span(f" {pad(day, 10, ascii=writer.ascii)}", "strong"),
        Span(pad(kind, 12, ascii=writer.ascii), "warn" if one.kind in _LOUD else "dim"),
        Span(" " + cut(f"{who}: {name(one.title)}", room, writer.ascii)),
    )
    writer.row(line, (one.facility, one.covenant, one.date, one.kind, one.title), one.kind == "clock")


def _walls(writer: Writer, walls: list[Wall], style: Style) -> None:
    if not walls:
        return
    writer.section("Rollover wall: principal due by year, largest group first")
    for wall in walls:
        if writer.width >= CHART_FITS and len({*wall.years, *wall.puts}) > 1:
            for line in wall_chart(wall_input(wall), Size(writer.width, _LINES), style):
                writer.row(line)
            continue
        writer.row((Span(f" {cut(name(wall.group), writer.width - 2, writer.ascii)}", "strong"),))
        most = max([*wall.years.values(), *wall.puts.values()], default=0.0)
        for year in sorted({*wall.years, *wall.puts}):
            _bar(writer, year, wall.years.get(year, 0.0), most, name(wall.currency), "")
            _bar(writer, year, wall.puts.get(year, 0.0), most, name(wall.currency), " if put")
        for debt in wall.unknown:
            writer.says(f"{debt}: amount or date is not public", "unknown", "   ? ")


def _bar(writer: Writer, year: str, amount: float, most: float, currency: str, says: str) -> None:
    if amount <= 0:
        return
    room = max(6, min(50, writer.width - 32))
    bar = ("#" if writer.ascii else "█") * max(1, round(room * amount / most))
    writer.row((Span(f"   {name(year)}  ", "dim"), Span(f"{bar:<{room}}", "watch"), Span(f" {currency} {money(amount)}{says}")))

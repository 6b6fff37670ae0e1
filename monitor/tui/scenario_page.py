"""The page of one scenario: what it moves, and every covenant that fails in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.board.figures import figure, money
from monitor.board.spans import Span
from monitor.board.states import result_role
from monitor.cells import cut, name, pad
from monitor.report.schema import Report
from monitor.tui.page import Page, Writer
from monitor.tui.trail import covenant_of, facility_of

if TYPE_CHECKING:
    from monitor.stress.shape import FailPart, ScenarioPart


def scenario_rows(writer: Writer, parts: tuple[ScenarioPart, ...] | str | None, currency: str) -> None:
    """The desk's scenarios, one a row (key: nothing, its id, `scenario`)."""
    writer.section("Scenarios")
    if not isinstance(parts, tuple):
        writer.says(parts or "computing", "dim")
        return
    wide = writer.width >= 60
    room = max(10, writer.width - (33 if wide else 24))
    if parts:
        unknown = f" {'unknown':>8}" if wide else ""
        writer.row((Span(f" {pad('', room)} {'fail':>5} {'new':>4}{unknown} {'missing':>10}", "head"),))
    for one in parts:
        role = "fail" if one.newly else ""
        unknown = f" {one.unknown:>8}" if wide else ""
        figures = f"{one.failing:>5} {one.newly:>4}{unknown} {money(one.missing):>10}"
        title = pad(cut(name(one.title or one.id), room, writer.ascii), room)
        writer.row((Span(f" {title} ", "strong"), Span(figures, role)), ("", one.id, "scenario"), one.newly > 0)
    if not parts:
        writer.says("the desk has none: scenarios/NAME.toml", "dim")
    elif wide:
        writer.says(f"missing: money to the level of every failing test, in {name(currency)}", "dim")


def scenario_page(report: Report, one: ScenarioPart, width: int, twin: str, ascii: bool = False) -> Page:
    """The scenario in `width` cells; the cursor stops on the covenants that fail (key: facility, covenant)."""
    writer = Writer(width, ascii)
    writer.row((Span(f" {cut(name(one.title or one.id), width - 2, ascii)}", "strong"),))
    writer.fact("Moves", "; ".join(name(move) for move in one.moves))
    writer.fact("Worst on", f"{name(one.worst)}, of {len(one.path)} days" if one.worst else None)
    writer.fact("Source", name(one.source or ""))
    for note in one.notes:
        writer.says(note, "dim", " ! ")
    writer.section(f"Fail in it ({one.failing}, {one.newly} of them new)")
    for fail in sorted(one.fails, key=lambda found: (found.result != "fail", found.now == "fail", found.id)):
        _fail(writer, report, fail)
    if not one.fails:
        writer.says("nothing", "dim")
    return Page([], writer.lines, twin, ascii)


def _fail(writer: Writer, report: Report, one: FailPart) -> None:
    owner, _, id = one.id.partition("/")
    facility, covenant = facility_of(report, owner), covenant_of(report, owner, id)
    title = f"{name(facility.name if facility else owner)}: {name(covenant.title if covenant else one.title)}"
    new = one.result == "fail" and one.now != "fail"
    sign = {"fail": "X" if writer.ascii else "✖"}.get(one.result, "?")
    word = "NEW" if new else "fails" if one.result == "fail" else "unknown"
    figures = f"{figure(one.actual, one.unit)} {name(one.operator)} {figure(one.threshold, one.unit)}"
    short = f", short {money(one.missing)}" if one.missing else ""
    room = max(8, writer.width - 15 - len(figures) - len(short))
    label = Span(pad(f"{sign} {word}", 10, ascii=writer.ascii), result_role(one.result))
    line = (Span(" "), label, Span(f" {pad(cut(title, room, writer.ascii), room)} ", "strong" if new else ""), Span(figures + short))
    writer.row(line, (owner, id), new)
    if one.first:
        writer.says(f"from {one.first}", "dim", " " * 12)

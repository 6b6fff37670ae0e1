"""The page of breaches: every open clock by its deadline, tested fails with their dates, calls with what clears them, what is unknown."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.board.figures import countdown, left, stamp
from monitor.board.rows import BoardRow, actual_and_limit, board_rows, limit_text
from monitor.board.spans import Line, Span
from monitor.board.states import legal_words
from monitor.cells import cut, name, pad, wrap
from monitor.report.schema import ClockPart, Report, TaskPart
from monitor.report.sections import clock_names
from monitor.tui.page import Page, Writer
from monitor.tui.trail import facility_of

_CALLS = ("accelerated", "liquidation", "call_expired", "call", "callable")
_FAILS = ("event_of_default", "tested_fail")
_INDENT = " " * 10


def breaches_page(report: Report, width: int, twin: str, ascii: bool = False) -> Page:
    """The breaches in `width` cells; the cursor stops on each (key: facility, covenant and section)."""
    writer = Writer(width, ascii)
    rows = board_rows(report, every=True, only=frozenset((*_CALLS, *_FAILS, "indicative_fail", "indeterminate")))
    writer.section("Clocks, the nearest deadline first")
    for clock in report.clocks:
        _clock(writer, report, clock)
    if not report.clocks:
        writer.says("no clock runs", "dim")
    for task in report.tasks:
        _task(writer, report, task)
    _listed(writer, "Calls", "no call is open", [row for row in rows if row.severity in _CALLS])
    _listed(writer, "Tested fails", "no test has failed", [row for row in rows if row.severity in _FAILS])
    _listed(writer, "Would fail on today's marks", "", [row for row in rows if row.severity == "indicative_fail"])
    _listed(writer, "Not known", "", [row for row in rows if row.severity == "indeterminate"])
    return Page([], writer.lines, twin, ascii)


def _task(writer: Writer, report: Report, task: TaskPart) -> None:
    if task is report.tasks[0]:
        writer.section(f"Tasks ({len(report.tasks)})")
    facility = facility_of(report, task.facility)
    owner = facility.name if facility else task.facility
    told = task.text if task.text.startswith(owner) else f"{owner}: {task.text}"
    first, *rest = wrap(name(f"{told}; by {stamp(task.due)}" if task.due else told), max(8, writer.width - len(_INDENT) - 1))
    head = Span(f" {pad(name(task.party), len(_INDENT) - 2, ascii=writer.ascii)} ", "warn")
    writer.row((head, Span(first, "strong")), (task.facility, task.covenant, f"task {task.kind}"), True)
    for line in rest:
        writer.row((Span(_INDENT), Span(line)))


def _clock(writer: Writer, report: Report, clock: ClockPart) -> None:
    owner, title = (name(one) for one in clock_names(report, clock))
    shown = "passed" if clock.passed else left(clock.deadline, report.as_of) or ""
    key = (clock.facility, clock.covenant, "clock")
    role = "legal" if clock.passed else "strong"
    writer.row(
        (Span(" "), Span(f"{shown:>7}", role), Span(f"  {cut(f'{owner}: {title}', writer.width - 12, writer.ascii)}", "strong")), key, True
    )
    local = "" if clock.local.endswith("Z") else f", {name(clock.local)} on the desk's clock"
    overdue = f", {countdown(clock.deadline, report.as_of)}" if clock.passed else ""
    _under(writer, f"{stamp(clock.deadline)}{local}{overdue}; {name(legal_words(clock.legal))}")
    _under(writer, clock.then)


def _listed(writer: Writer, title: str, none: str, rows: Sequence[BoardRow]) -> None:
    if not rows and not none:
        return
    writer.section(f"{title} ({len(rows)})" if rows else title)
    for row in rows:
        _breach(writer, row, title)
    if not rows:
        writer.says(none, "dim")


def _breach(writer: Writer, row: BoardRow, section: str) -> None:
    state = row.state(writer.ascii)
    covenant, reading = row.covenant, row.leading
    title = f"{name(row.facility.name)}: {row.title}"
    figures: Line = ()
    if covenant and reading:
        actual, limit = actual_and_limit(covenant, reading)
        figures = (Span(f"  {actual} {limit_text(reading, limit, writer.ascii)}", "strong"),)
    room = writer.width - 15 - sum(len(span.text) for span in figures)
    line = (
        Span(" "),
        Span(pad(f"{state.sign} {state.word}", 12, ascii=writer.ascii), state.role),
        Span(f" {pad(cut(title, room, writer.ascii), room)}"),
    )
    writer.row((*line, *figures), (row.facility.id, covenant.id if covenant else None, section), True)
    if covenant is None:
        return
    dates = (("tested as of", covenant.since.tested_as_of), ("known", covenant.since.known_at), ("acted on", covenant.since.acted_on))
    told = "; ".join(f"{what} {stamp(when)}" for what, when in dates if when)
    if told and section != "Not known":
        _under(writer, f"{told}; in law: {legal_words(covenant.legal)}")
    if reading and (reading.reason or reading.bound):
        _under(writer, "; ".join(part for part in (reading.reason, reading.bound) if part), "unknown")
    for remedy in covenant.remedies:
        _under(writer, f"clears: {remedy.text}")


def _under(writer: Writer, text: str, role: str = "dim") -> None:
    writer.says(text, role, _INDENT)

"""The page of one covenant: both readings side by side, its breach prices, its state in law, its effects and remedies."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.board.figures import countdown, figure, level, mark_label, percent, stamp
from monitor.board.rows import BoardRow, actual_and_limit, limit_text, shown_unit
from monitor.board.spans import Line, Span
from monitor.board.states import legal_words, result_role
from monitor.cells import cut, name, pad
from monitor.report.events import by_facility, events_about
from monitor.report.schema import AssessmentPart, CovenantPart, DriverPart, FacilityPart, Report
from monitor.tui.page import Page, Writer
from monitor.tui.recorded import recorded

_UNKNOWN = "-"
TWO_COLUMNS, NOW_FITS = 76, 40
"""From this width figures stand on the left and the law on the right; from the second the marks' levels now fit."""


def covenant_page(
    report: Report,
    facility: FacilityPart,
    covenant: CovenantPart,
    width: int,
    twin: str,
    ascii: bool = False,
    chart: Sequence[Line] = (),
) -> Page:
    """The covenant in `width` cells, with its chart below; the cursor has nowhere to stop, the page scrolls."""
    writer = Writer(width, ascii)
    _standing(writer, BoardRow(facility, covenant, report.as_of), covenant)
    if width >= TWO_COLUMNS:
        left, right = Writer(width * 55 // 100, ascii), Writer(width - width * 55 // 100 - 2, ascii)
    else:
        left = right = writer
    _readings(left, covenant)
    _drivers(left, covenant)
    _law(right, covenant, report.as_of)
    _remedies(right, covenant)
    _terms(right, covenant)
    recorded(right, events_about(by_facility(report).get(facility.id, ()), covenant.id))
    if left is not writer:
        writer.row(())
        writer.beside(left, right)
    writer.chart("Before and after the as-of", chart)
    return Page([], writer.lines, twin, ascii)


def _standing(writer: Writer, row: BoardRow, covenant: CovenantPart) -> None:
    state = row.state(writer.ascii)
    owner = cut(name(row.facility.name), 30, writer.ascii)
    writer.row(
        (
            Span(" "),
            Span(f" {state.sign} {state.word} ", state.role),
            Span(f"  {cut(name(covenant.title), max(8, writer.width - 50), writer.ascii)}", "strong"),
            Span(f"  {owner}", "dim"),
        )
    )
    for reading in covenant.assessments:
        if reading.reason or reading.bound:
            writer.says(f"{reading.basis}: {'; '.join(part for part in (reading.reason, reading.bound) if part)}", "unknown", " ! ")


def _readings(writer: Writer, covenant: CovenantPart) -> None:
    readings = covenant.assessments
    writer.section("Readings")
    if not readings:
        writer.says("not tested by us" if not covenant.tested_by_us else "none", "dim")
        return
    column = max(10, min(18, (writer.width - 16) // len(readings)))
    writer.row((Span(f" {'':<14}"), *(Span(pad(name(reading.basis), column, True, writer.ascii), "strong") for reading in readings)))
    for label, values in _table(covenant, readings, writer.ascii):
        role = [result_role(reading.result) if label == "Result" else "" for reading in readings]
        cells = [Span(pad(value, column, True, writer.ascii), role[place]) for place, value in enumerate(values)]
        if any(value != _UNKNOWN for value in values):
            writer.row((Span(f" {label:<14}", "dim"), *cells))


def _table(covenant: CovenantPart, readings: list[AssessmentPart], ascii: bool) -> list[tuple[str, list[str]]]:
    figures = [actual_and_limit(covenant, reading, 3) for reading in readings]
    units = [shown_unit(covenant, reading) for reading in readings]
    paired = list(zip(readings, figures, units, strict=True))
    return [
        ("Result", [name(reading.result).replace("_", " ") for reading in readings]),
        ("Actual", [actual for _, (actual, _), _ in paired]),
        ("Needs", [limit_text(reading, limit, ascii) for reading, (_, limit), _ in paired]),
        ("Headroom", [figure(reading.headroom_abs, unit, 3) for reading, _, unit in paired]),
        ("  of the limit", [percent(reading.headroom_pct) for reading in readings]),
        ("Cushion", [percent(reading.cushion_pct) for reading in readings]),
        ("Test date", [stamp(reading.test_date)[:10] for reading in readings]),
        ("Period end", [stamp(reading.period_end) for reading in readings]),
        ("Data", [name(reading.data).replace("_", " ") for reading in readings]),
        ("Modelled", [_UNKNOWN if reading.modelled_share is None else f"{100 * reading.modelled_share:.0f}%" for reading in readings]),
    ]


def _drivers(writer: Writer, covenant: CovenantPart) -> None:
    writer.section("Breaks at")
    if not any(reading.drivers for reading in covenant.assessments):
        writer.says("no price drives it: only its terms and what the borrower reports", "dim")
        return
    head = f"{'now':>9}" if writer.width >= NOW_FITS else ""
    writer.row((Span(f" {'':<{_label_cells(writer)}}{head}{'breaks at':>10}{'move':>8}", "dim"),))
    for reading in covenant.assessments:
        for driver in reading.drivers:
            writer.row(_driver_line(driver, reading.basis, len(covenant.assessments) > 1, writer))
    for mark in dict.fromkeys(driver.mark for reading in covenant.assessments for driver in reading.drivers):
        writer.row((Span(f" mark {cut(name(mark), writer.width - 8, writer.ascii)}", "dim"),))


def _label_cells(writer: Writer) -> int:
    return max(8, min(20, writer.width - (28 if writer.width >= NOW_FITS else 19)))


def _driver_line(driver: DriverPart, basis: str, several: bool, writer: Writer) -> Line:
    what = name(driver.rung).replace("_", " ") if driver.rung else name(mark_label(driver.mark, long=True))
    suffix = f" {name(basis)[:1].upper()}" if several else ""
    room = _label_cells(writer)
    label = pad(cut(what, room - len(suffix) - 1, writer.ascii) + suffix, room, ascii=writer.ascii)
    now = f"{level(driver.mark, driver.now, fine=True):>9}" if writer.width >= NOW_FITS else ""
    at = level(driver.mark, driver.breach_at, fine=True) if driver.breach_at is not None else "never"
    return Span(f" {label}"), Span(now, "dim"), Span(f"{at:>10}", "strong"), Span(f"{percent(driver.shock_to_breach):>8}")


def _law(writer: Writer, covenant: CovenantPart, as_of: str) -> None:
    writer.section("In law")
    writer.fact("State", legal_words(covenant.legal), "strong")
    remaining = countdown(covenant.deadline, as_of)
    if covenant.deadline:
        writer.fact("Deadline", stamp(covenant.deadline) + (f", {remaining}" if remaining else ""), "strong")
    since = covenant.since
    writer.fact("Tested as of", stamp(since.tested_as_of) if since.tested_as_of else None)
    writer.fact("Known", stamp(since.known_at) if since.known_at else None)
    writer.fact("Acted on", stamp(since.acted_on) if since.acted_on else None)
    writer.fact("Next test", stamp(covenant.next_test) if covenant.next_test else "continuous")
    if _fails_now(covenant):
        writer.fact("First failing", f"failing now{f', since {stamp(since.tested_as_of)}' if since.tested_as_of else ''}", "fail")
    elif covenant.leading is not None and covenant.leading.result == "fail":
        ahead = f", next tested {stamp(covenant.first_failing_date)}" if covenant.first_failing_date else ""
        writer.fact("First failing", f"fails at the marks of now{ahead}", "fail")
    else:
        writer.fact("First failing", stamp(covenant.first_failing_date) if covenant.first_failing_date else None, "warn")
    writer.fact("In force", ", ".join(_words(effect) for effect in covenant.effects_in_force), "strong")
    writer.fact("If tested", ", ".join(_words(effect) for effect in covenant.effects_if_tested))


def _fails_now(covenant: CovenantPart) -> bool:
    """Whether its last test failed: an indication of a failure still leaves the date of the test at which it would come."""
    reading = covenant.leading
    return reading is not None and reading.result == "fail" and (reading.basis == "tested" or covenant.next_test is None)


def _words(effect: str) -> str:
    return name(effect).replace("_", " ")


def _remedies(writer: Writer, covenant: CovenantPart) -> None:
    if covenant.remedies:
        writer.section("What would clear it")
        for remedy in covenant.remedies:
            writer.says(remedy.text, bullet=" - ")


def _terms(writer: Writer, covenant: CovenantPart) -> None:
    writer.section("Terms")
    writer.fact("Class", _words(covenant.class_))
    writer.fact("Rule", name(covenant.rule or ""))
    writer.fact("Clause", name(covenant.clause or ""))
    writer.fact("Source", name(covenant.source or ""))
    writer.fact("Note", name(covenant.note or ""))
    if not covenant.tested_by_us:
        writer.fact("Tested", "by others, not by us")

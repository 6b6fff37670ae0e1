"""The page of one facility: its facts, its covenants on both bases, what no covenant measures, its remedies."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.board.figures import figure, money, stamp
from monitor.board.rows import BoardRow, actual_and_limit, breaks_at, limit_text
from monitor.board.spans import Line, Span
from monitor.board.states import legal_words
from monitor.cells import cut, name, pad
from monitor.report.events import by_facility
from monitor.report.schema import AssessmentPart, CovenantPart, FacilityPart, MeasurePart, Report
from monitor.tui.page import Page, Writer
from monitor.tui.recorded import recorded


def facility_page(report: Report, facility: FacilityPart, width: int, twin: str, ascii: bool = False, chart: Sequence[Line] = ()) -> Page:
    """The facility in `width` cells, with its chart below; the cursor stops on its covenants (key: the covenant's id)."""
    writer = Writer(width, ascii)
    _facts(writer, facility)
    writer.section("Covenants")
    if not facility.covenants:
        writer.says("none tested", "dim")
    else:
        writer.row((Span(_cells(width, ("  State", "Covenant", "Tested", "Indicative", "Limit", "Breaks at"), ascii), "head"),))
    for covenant in facility.covenants:
        row = BoardRow(facility, covenant, report.as_of)
        writer.row(_covenant_line(row, covenant, width, ascii), covenant.id, row.fault)
    if facility.measures:
        writer.section("Measured, no covenant")
        for measure in facility.measures:
            _measure(writer, measure)
    _remedies(writer, facility)
    recorded(writer, by_facility(report).get(facility.id, ()))
    writer.chart("Debt against the value of its collateral", chart)
    return Page([], writer.lines, twin, ascii)


def _facts(writer: Writer, facility: FacilityPart) -> None:
    illustrative = "  (illustrative)" if facility.illustrative else ""
    writer.row((Span(f" {cut(name(facility.name), writer.width - 20, writer.ascii)}", "strong"), Span(illustrative, "dim")))
    group = f", group {name(facility.obligor_group)}" if facility.obligor_group else ""
    writer.fact("Borrower", name(facility.borrower) + group)
    currency = name(facility.currency)
    writer.fact("Outstanding", f"{currency} {money(facility.outstanding)} of {money(facility.commitment)} committed")
    writer.fact("Kind", f"{name(facility.kind)}, matures {stamp(facility.maturity)}")
    if facility.legal and facility.legal.state != "compliant":
        because = f": {name(facility.legal.because)}" if facility.legal.because else ""
        writer.fact("In law", legal_words(facility.legal.state) + because)
    writer.fact("Owner", name(facility.owner or ""))
    writer.fact("Source", name(facility.source or ""))


def _cells(width: int, texts: tuple[str, ...], ascii: bool) -> str:
    columns = enumerate(zip(texts, _widths(width), strict=True))
    return " ".join(pad(text, cells, place > 1, ascii) for place, (text, cells) in columns if cells)


def _widths(width: int) -> tuple[int, ...]:
    """Cells of state, covenant, tested, indicative, limit and breach price; none (0) for what does not fit."""
    room = width - 12 - 13
    tested, indicative, limit = (8 if room >= 22 else 0), (10 if room >= 42 else 0), (8 if room >= 32 else 0)
    taken = sum(cells + 1 for cells in (tested, indicative, limit) if cells)
    return 12, max(6, min(30, room - taken - 1)), tested, indicative, limit, 12


def _covenant_line(row: BoardRow, covenant: CovenantPart, width: int, ascii: bool) -> Line:
    state = row.state(ascii)
    readings = {reading.basis: reading for reading in reversed(covenant.assessments)}
    leading = covenant.leading
    limit = limit_text(leading, actual_and_limit(covenant, leading)[1], ascii) if leading else "-"
    rest = (name(covenant.title), _actual(covenant, readings.get("tested")), _actual(covenant, readings.get("indicative")), limit)
    text = _cells(width, ("", *rest, breaks_at(row)), ascii)[12:]
    return Span(" "), Span(pad(f"{state.sign} {state.word}", 11, ascii=ascii), state.role), Span(text, "strong" if row.fault else "")


def _actual(covenant: CovenantPart, reading: AssessmentPart | None) -> str:
    return actual_and_limit(covenant, reading)[0] if reading else "-"


def _measure(writer: Writer, measure: MeasurePart) -> None:
    value = figure(measure.value, measure.unit) if measure.value is not None else f"unknown: {name(measure.reason or 'no input')}"
    writer.fact(cut(name(measure.title), 22, writer.ascii), value, "" if measure.value is not None else "unknown", 24)


def _remedies(writer: Writer, facility: FacilityPart) -> None:
    covenants = [covenant for covenant in facility.covenants if covenant.remedies]
    if not covenants:
        return
    writer.section("What would clear it")
    for covenant in covenants:
        title = cut(name(covenant.title), 30, writer.ascii)
        writer.row((Span(f" {title}", "strong"), Span(f"  {cut(legal_words(covenant.legal), 30, writer.ascii)}", "dim")))
        for remedy in covenant.remedies:
            writer.says(remedy.text, bullet="   - ")

"""The report as CSV (RFC 4180): one row per assessment under a fixed header; no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from facilities.inert import inert
from monitor.report.events import by_facility, event_words, events_about
from monitor.report.lines import told_rows
from monitor.report.schema import AssessmentPart, ChangePart, CovenantPart, DriverPart, EventPart, FacilityPart, Report
from monitor.report.words import stamp

HEADER = (
    "as_of",
    "known_at",
    "facility",
    "facility_name",
    "borrower",
    "obligor_group",
    "kind",
    "ours",
    "currency",
    "outstanding",
    "covenant",
    "title",
    "class",
    "clause",
    "severity",
    "legal",
    "by_lapse",
    "basis",
    "test_date",
    "period_end",
    "result",
    "data",
    "actual",
    "operator",
    "threshold",
    "unit",
    "headroom_abs",
    "headroom_pct",
    "cushion_pct",
    "modelled_share",
    "driver",
    "driver_now",
    "driver_breach_at",
    "driver_shock_to_breach",
    "tested_as_of",
    "failure_known_at",
    "acted_on",
    "deadline",
    "next_test",
    "remedies",
    "reason",
    "bound",
    "change",
    "cause",
    "events",
)

_OBEYED = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

Cell = str | float | bool | None


def report_csv(report: Report, _cells: int = 0) -> str:
    """Every covenant of every facility; one that was never assessed, and a facility that could not be read, have a row too."""
    return _document(report, [(facility, one) for facility in report.facilities for one in facility.covenants], bare=True)


def check_csv(report: Report, _cells: int = 0) -> str:
    """The same columns for the covenants that `check` tells of."""
    return _document(report, told_rows(report))


def write_rows(head: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    """A table of cells as CSV, each cell as in the reports."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([cell(one) for one in row] for row in rows)
    return out.getvalue()


def _document(report: Report, rows: Iterable[tuple[FacilityPart, CovenantPart]], bare: bool = False) -> str:
    changed = {(one.facility, one.covenant): one for one in report.changes}
    events = by_facility(report)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for facility in report.facilities:
        if facility.doubt or (bare and not facility.covenants):
            writer.writerow(_row(report, facility, None, None, None, events.get(facility.id, ())))
    for facility, covenant in rows:
        change = changed.get((facility.id, covenant.id))
        readings: list[AssessmentPart | None] = [*covenant.assessments] or [None]
        for one in readings:
            writer.writerow(_row(report, facility, covenant, one, change, events.get(facility.id, ())))
    return out.getvalue()


def _row(
    report: Report,
    facility: FacilityPart,
    covenant: CovenantPart | None,
    one: AssessmentPart | None,
    change: ChangePart | None,
    events: Sequence[EventPart] = (),
) -> list[str]:
    found: dict[str, Cell] = {"as_of": report.as_of, "known_at": report.known_at, **_facility(facility)}
    found |= {"severity": facility.severity, "reason": facility.doubt, "legal": facility.legal.state if facility.legal else None}
    found |= {"events": "; ".join(f"{stamp(event.effective)} {event_words(event)}" for event in events)}
    if covenant is not None:
        told = events_about(events, covenant.id)
        found |= _covenant(covenant) | {"events": "; ".join(f"{stamp(event.effective)} {event_words(event)}" for event in told)}
    if one is not None:
        found |= _assessment(one)
    if change is not None:
        found |= {"change": change.kind, "cause": change.cause}
    return [cell(found.get(name)) for name in HEADER]


def _facility(one: FacilityPart) -> dict[str, Cell]:
    return {
        "facility": one.id,
        "facility_name": one.name,
        "borrower": one.borrower,
        "obligor_group": one.obligor_group,
        "kind": one.kind,
        "ours": one.ours,
        "currency": one.currency,
        "outstanding": one.outstanding,
    }


def _covenant(one: CovenantPart) -> dict[str, Cell]:
    return {
        "covenant": one.id,
        "title": one.title,
        "class": one.class_,
        "clause": one.clause,
        "severity": one.severity,
        "legal": one.legal,
        "by_lapse": one.by_lapse,
        "tested_as_of": one.since.tested_as_of,
        "failure_known_at": one.since.known_at,
        "acted_on": one.since.acted_on,
        "deadline": one.deadline,
        "next_test": one.next_test,
        "remedies": "; ".join(remedy.text for remedy in one.remedies),
    }


def _assessment(one: AssessmentPart) -> dict[str, Cell]:
    lead = one.drivers[0] if one.drivers else DriverPart(mark="", now=None, breach_at=None, shock_to_breach=None)
    return {
        "basis": one.basis,
        "test_date": one.test_date,
        "period_end": one.period_end,
        "result": one.result,
        "data": one.data,
        "actual": one.actual,
        "operator": one.operator,
        "threshold": one.threshold,
        "unit": one.unit,
        "headroom_abs": one.headroom_abs,
        "headroom_pct": one.headroom_pct,
        "cushion_pct": one.cushion_pct,
        "modelled_share": one.modelled_share,
        "driver": lead.mark,
        "driver_now": lead.now,
        "driver_breach_at": lead.breach_at,
        "driver_shock_to_breach": lead.shock_to_breach,
        "reason": one.reason,
        "bound": one.bound,
    }


def cell(value: Cell) -> str:
    """A number unrounded, unknown empty, text inert; an apostrophe before what a spreadsheet would run as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = inert(value)
    return f"'{text}" if text.lstrip().startswith(_OBEYED) else text

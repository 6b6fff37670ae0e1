"""The report as JSON lines: a header, then one object per change, clock, facility, covenant, mark and problem, each with its `type`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from monitor.report.json import encoded
from monitor.report.lines import told_rows
from monitor.report.schema import CovenantPart, FacilityPart, Report

REPORT_SCHEMA = "covenant-monitor/report-lines/1"
CHECK_SCHEMA = "covenant-monitor/check-lines/1"

_LISTS = ("facilities", "marks", "events", "problems", "clocks", "changes", "schema")


def report_jsonl(report: Report, _cells: int = 0) -> str:
    """Everything the JSON report holds, a line each."""
    rows = [(facility, one) for facility in report.facilities for one in facility.covenants]
    lines = [_header(report, REPORT_SCHEMA), *_told("change", report.changes), *_told("clock", report.clocks)]
    lines += [_line("facility", facility, drop=("covenants",)) for facility in report.facilities]
    lines += [*_covenants(rows), *_told("mark", report.marks), *_events(report)]
    return _joined([*lines, *_told("problem", report.problems)])


def check_jsonl(report: Report, _cells: int = 0) -> str:
    """The header, what changed, the facilities in doubt as a whole, and the covenants that `check` tells of."""
    doubtful = [one for one in report.facilities if one.doubt]
    lines = [_header(report, CHECK_SCHEMA), *_told("change", report.changes)]
    return _joined([*lines, *(_line("facility", one, drop=("covenants",)) for one in doubtful), *_covenants(told_rows(report))])


def _header(report: Report, schema: str) -> dict[str, object]:
    return {"type": "report", "schema": schema} | {key: value for key, value in _plain(report).items() if key not in _LISTS}


def _events(report: Report) -> Iterator[dict[str, object]]:
    for one in report.events:
        yield {"type": "event", "event": one}


def _covenants(rows: Iterable[tuple[FacilityPart, CovenantPart]]) -> Iterator[dict[str, object]]:
    for facility, covenant in rows:
        yield {"type": "covenant", "facility": facility.id} | _plain(covenant)


def _told(kind: str, parts: Iterable[object]) -> list[dict[str, object]]:
    return [_line(kind, one) for one in parts]


def _line(kind: str, part: object, drop: tuple[str, ...] = ()) -> dict[str, object]:
    """One part with its type; a key of its own that is called `type` would be lost, and none is."""
    return {"type": kind} | {key: value for key, value in _plain(part).items() if key not in drop}


def _plain(part: object) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(part)
    return found


def _joined(lines: Iterable[dict[str, object]]) -> str:
    return "\n".join(encoded(one) for one in lines)

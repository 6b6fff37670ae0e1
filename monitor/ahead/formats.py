"""The projection as JSON, CSV and Markdown; the text page is a module of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import msgspec

from monitor.ahead.schema import Ahead, Case, DateLine, FacilityAhead, TestLine
from monitor.ahead.words import heading, lacking, of_case, of_facility, opening
from monitor.report.csv import Cell, cell
from monitor.report.md import safe

COLUMNS = (
    "facility", "case", "date", "dscr_run_rate", "dscr_hist", "dscr_fwd", "llcr", "plcr", "outstanding", "ltv", "worst_vintage",
    "rent_vs_case", "dscr_vs_case", "covenant", "result", "actual", "threshold", "unit", "cure_money", "cured_with",
)  # fmt: skip


def ahead_json(made: Ahead) -> str:
    """The schema as it stands, indented."""
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()


def ahead_csv(made: Ahead) -> str:
    """One row for each covenant on each date, and for each date without a test; unknown is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in made.facilities:
        for case in one.cases:
            for line in case.dates:
                writer.writerows(_rows(one, case, line))
    return out.getvalue()


def _rows(one: FacilityAhead, case: Case, line: DateLine) -> list[list[str]]:
    head = [one.id, case.name, *(getattr(line, column) for column in COLUMNS[2:13])]
    blank = [None] * (len(COLUMNS) - 13)
    rows: list[list[Cell]] = [[*head, *(getattr(test, column) for column in COLUMNS[13:])] for test in line.tests] or [[*head, *blank]]
    return [[cell(raw) for raw in row] for row in rows]


def ahead_md(made: Ahead) -> str:
    """The sentences of the page, and a table a case: the dates with their coverages and results."""
    head, *rest = opening(made)
    blocks = [f"# {safe(head)}", *(safe(said) for said in rest)]
    for one in made.facilities:
        blocks.append(f"## {safe(one.name)}")
        blocks.append(_listed([*of_facility(one), *filter(None, [lacking(one)])]))
        blocks += [_against(one)] if any(line.case is not None for line in one.against_case) else []
        for case in one.cases:
            blocks += [f"### {safe(heading(case))}", _listed(of_case(case, one.currency, made.today)), _dates(case)]
    return "\n\n".join(blocks)


def _listed(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {safe(said)}" for said in sentences)


def _against(one: FacilityAhead) -> str:
    rows = ["| against the case at closing | case | actual | actual/case |", "|---|---|---|---|"]
    told = (line for line in one.against_case if line.case is not None)
    return "\n".join([*rows, *(f"| {safe(line.figure)} | {_x(line.case)} | {_x(line.actual)} | {_x(line.ratio)} |" for line in told)])


def _dates(case: Case) -> str:
    rows = ["| date | run-rate | historical | forward | LLCR | PLCR | LTV | owed | failing |", "|---|---|---|---|---|---|---|---|---|"]
    for line in case.dates:
        figures = (line.dscr_run_rate, line.dscr_hist, line.dscr_fwd, line.llcr, line.plcr, line.ltv, line.outstanding)
        failing = ", ".join(safe(one.covenant) + _cured(one) for one in line.tests if one.result == "fail")
        rows.append(f"| {line.date} | {' | '.join(_x(raw) for raw in figures)} | {failing} |")
    return "\n".join(rows)


def _cured(one: TestLine) -> str:
    return f" (cured with {_x(one.cured_with)})" if one.cured_with is not None else ""


def _x(raw: float | None) -> str:
    return "-" if raw is None else f"{raw:,.2f}"

"""Reports as JSON: the typed parts as they are, unrounded, `null` for what is not known."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from facilities.problems import Problem
from monitor.report.lines import problem_rows
from monitor.report.schema import Report
from rules.explained import Explained


def report_json(report: Report, _cells: int = 0) -> str:
    """The report, indented by two."""
    return _indented(report)


def check_json(report: Report, _cells: int = 0) -> str:
    """The rows of `check`, and what changed where that was asked."""
    return _indented(
        {
            "schema": "covenant-monitor/check/1",
            "as_of": report.as_of,
            "known_at": report.known_at,
            "exit_code": report.exit_code,
            "problems": [{"facility": facility.id, "covenant": covenant} for facility, covenant in problem_rows(report)],
            "since": report.since,
            "changes": report.changes,
        }
    )


def trees_json(report: Report, trees: Sequence[tuple[str, Explained]]) -> str:
    """Explanations of one facility with the covenants they explain."""
    part = report.facilities[0]
    return _indented(
        {
            "schema": "covenant-monitor/explain/1",
            "as_of": report.as_of,
            "known_at": report.known_at,
            "facility": part,
            "explained": dict(trees),
        }
    )


def problems_json(problems: Sequence[Problem]) -> str:
    """Problems of a desk's files, in the order found."""
    return _indented(list(problems))


def _indented(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()

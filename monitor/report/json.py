"""Reports as JSON: the typed parts as they are, unrounded, `null` for what is not known."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from facilities.inert import inert
from facilities.problems import Problem
from monitor.report.lines import problem_rows
from monitor.report.schema import Report
from rules.explained import Explained

_OUTSIDE = re.compile(r"[^\x00-\x7e]")


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
            "facilities": [
                {"facility": one.id, "severity": one.severity, "legal": one.legal, "doubt": one.doubt}
                for one in report.facilities
                if one.falls_alone or one.doubt
            ],
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


def encoded(value: object) -> str:
    """One line of JSON in which what a terminal would obey is escaped: the text is the same, and harmless to look at."""
    return _OUTSIDE.sub(_escape, msgspec.json.encode(value).decode())


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if inert(char) == char:
        return char
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _indented(value: object) -> str:
    return msgspec.json.format(encoded(value), indent=2)

"""What holds in every table alike: durations that can be read."""

from __future__ import annotations

from facilities.durations import parse_duration
from facilities.lint.findings import Findings, Keys, tables
from facilities.model import SeriesPolicy, Terms

_DURATIONS = ("max_age", "publication_lag")
"""Of the desk's mark policies; those of an agreement are checked as it is read."""


def check_tables(terms: Terms, findings: Findings) -> None:
    """Durations of every table below `terms`."""
    for path, table in tables(terms):
        for name in _DURATIONS if isinstance(table, SeriesPolicy) else ():
            _check_duration(getattr(table, name), (*path, name), findings)


def _check_duration(text: str | None, path: Keys, findings: Findings) -> None:
    if text is None:
        return
    try:
        parse_duration(text)
    except ValueError:
        findings.add("F046", path, f"{text!r} is not a duration")

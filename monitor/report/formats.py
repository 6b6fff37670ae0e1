"""The formats of each verb: a name and the writer behind it. A new format is a module with such a writer, and a row here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from monitor.report.schema import Report


class Writer(Protocol):
    """Turns a report into a document; `cells` is the width of a line where lines are wrapped."""

    def __call__(self, report: Report, cells: int, /) -> str | bytes:
        """The document."""
        ...


WRITERS: dict[str, dict[str, str]] = {
    "report": {
        "text": "monitor.report.text:report_text",
        "md": "monitor.report.md:report_md",
        "csv": "monitor.report.csv:report_csv",
        "json": "monitor.report.json:report_json",
        "jsonl": "monitor.report.jsonl:report_jsonl",
    },
    "check": {
        "text": "monitor.report.lines:check_text",
        "csv": "monitor.report.csv:check_csv",
        "json": "monitor.report.json:check_json",
        "jsonl": "monitor.report.jsonl:check_jsonl",
    },
}


def writer(verb: str, name: str) -> Writer:
    """The writer of a format, loaded when it is asked for. KeyError where the verb has no such format."""
    module, _, function = WRITERS[verb][name].partition(":")
    return cast(Writer, getattr(import_module(module), function))

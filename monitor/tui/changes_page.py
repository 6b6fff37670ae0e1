"""The page of changes: since yesterday, with what moved it, and since these screens were opened, as it was seen."""

from __future__ import annotations

from typing import NamedTuple

from monitor.board.figures import stamp
from monitor.board.spans import Span
from monitor.board.states import bare_state
from monitor.cells import cut, name, pad
from monitor.report.changes import changed_pairs, severity_then
from monitor.report.schema import ChangePart, Report
from monitor.tui.page import Page, PageLine, Writer
from monitor.tui.trail import covenant_of, facility_of

LONGEST = 500
"""Changes remembered; older ones go."""
_ROLES = {"new": "fail", "worse": "warn", "better": "watch", "cleared": "pass"}


class Seen(NamedTuple):
    """One change between two reports shown one after the other; `at` is the as-of of the later."""

    at: str
    kind: str
    facility: str
    covenant: str
    then: str
    now: str


def changes_between(before: Report, after: Report) -> list[Seen]:
    """What changed from one report to the next; nothing where nothing did."""
    return [
        Seen(after.as_of, kind, pair.facility.id, pair.now.id, severity_then(pair), pair.now.severity)
        for kind, pair in changed_pairs(before, after)
    ]


def changes_page(report: Report, since: Report | str | None, log: list[Seen], width: int, twin: str, ascii: bool = False) -> Page:
    """Both lists in `width` cells (key: facility, covenant, section); `since` is text when it could not be made."""
    writer = Writer(width, ascii)
    writer.section("Since yesterday")
    if isinstance(since, str) or since is None:
        writer.says(since or "asking", "dim")
    else:
        for part in since.changes:
            _part(writer, report, part)
        if not since.changes:
            writer.says(f"nothing since {stamp(since.since)}", "dim")
    writer.section("Since these screens were opened, the latest first")
    for line in log_lines(report, log, width, ascii):
        writer.lines.append(line)
    if not log:
        writer.says("nothing", "dim")
    return Page([], writer.lines, twin, ascii)


def log_lines(report: Report, log: list[Seen], width: int, ascii: bool) -> list[PageLine]:
    """The log, the latest first, one line a change."""
    writer = Writer(width, ascii)
    for one in reversed(log):
        words = f"{bare_state(one.then).word} to {bare_state(one.now).word}" if one.then != one.now else bare_state(one.now).word
        head = f"{stamp(one.at, year=False)} {pad(one.kind, 7)} {pad(words, 19, ascii=ascii)}"
        text = cut(f"{_title(report, one.facility, one.covenant)}", width - 44, ascii)
        writer.row(
            (Span(f" {head}", _ROLES.get(one.kind, "")), Span(f"  {text}")),
            (one.facility, one.covenant, one.at),
            one.kind in ("new", "worse"),
        )
    return writer.lines


def _part(writer: Writer, report: Report, part: ChangePart) -> None:
    words = [part.severity_then or "", part.severity_now or ""]
    moved = " to ".join(dict.fromkeys(bare_state(one).word for one in words if one))
    cause = {"both": "marks and terms", None: ""}.get(part.cause, part.cause)
    line = (Span(f" {pad(part.kind, 7)} ", _ROLES.get(part.kind, "")), Span(pad(moved, 19, ascii=writer.ascii)))
    text = cut(_title(report, part.facility, part.covenant), writer.width - 31, writer.ascii)
    writer.row((*line, Span(f"  {text}", "strong")), (part.facility, part.covenant, "since"), part.kind in ("new", "worse"))
    writer.says(f"by {cause}: {'; '.join(part.why)}" if part.why else f"by {cause}", "dim", " " * 9)


def _title(report: Report, facility_id: str, covenant_id: str | None) -> str:
    facility = facility_of(report, facility_id)
    covenant = covenant_of(report, facility_id, covenant_id) if covenant_id else None
    owner = name(facility.name if facility else facility_id)
    return f"{owner}: {name(covenant.title)}" if covenant else owner

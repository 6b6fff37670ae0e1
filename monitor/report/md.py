"""The breach report as GitHub-flavoured Markdown: the order of the text, one table a section, all markup in names harmless."""

from __future__ import annotations

import re
from collections.abc import Sequence

from facilities.inert import inert
from monitor.report import phrases
from monitor.report.events import MOST, about, event_words, latest
from monitor.report.schema import CovenantPart, FacilityPart, Report
from monitor.report.sections import (
    Section,
    clock_names,
    cure_of,
    exit_words,
    mark_exceptions,
    money_rows,
    open_sections,
    passing,
    passing_title,
    time_left,
    untested,
)
from monitor.report.words import drawn, local_stamp, plural, quoted, stamp

_MARKUP = re.compile(r"[\\`*_\[\]|~$]")
_ALIVE = re.compile(r"://|www\.|[@#]", re.IGNORECASE)
"""What a renderer makes a link, a mention or a reference of, escaped or not: only a code span keeps it as it is."""


def report_md(report: Report, _cells: int = 0) -> str:
    """The whole report; lines are as long as they are."""
    blocks = [
        _headline(report),
        _changes(report),
        _clocks(report),
        *(_section(one) for one in open_sections(report)),
        _events(report),
        _marks(report),
        _untested(report),
        _passing(report),
        _manifest(report),
    ]
    return "\n\n".join(block for block in blocks if block)


def safe(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no link, no mention, no cell border."""
    return " ".join(_code(word) if _ALIVE.search(word) else _escaped(word) for word in inert(text).split(" "))


def _escaped(word: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", word.replace("&", "&amp;").replace("<", "&lt;"))


def _code(word: str) -> str:
    """A code span, fenced by more backticks than the word has in a row."""
    fence = "`" * (max(map(len, re.findall("`+", word)), default=0) + 1)
    edge = " " if word.startswith("`") or word.endswith("`") else ""
    return f"{fence}{edge}{word}{edge}{fence}".replace("|", "\\|")


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str | list[str]]]) -> str:
    """A heading and a table; a list in a cell is one line each. Nothing where there are no rows."""
    return "\n".join([f"## {title}", "", *_rows(head, rows)]) if rows else ""


def _rows(head: Sequence[str], rows: Sequence[Sequence[str | list[str]]]) -> list[str]:
    lines = [[_cell(one) for one in head], ["---"] * len(head), *([_cell(one) for one in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(one: str | list[str]) -> str:
    return "<br>".join(safe(text) for text in ([one] if isinstance(one, str) else one)) or "-"


def _headline(report: Report) -> str:
    known = "" if report.known_at == report.as_of else f", with what was known at {stamp(report.known_at)}"
    blocks = [
        f"# {safe(report.desk)}: breach report as of {stamp(report.as_of)}{known}",
        f"Exit code {report.exit_code}: {exit_words(report)}.",
        "\n".join(_rows(("Worst state of a facility", "Facilities", f"Drawn, {report.currency}"), _money(report))),
    ]
    if report.problems:
        errors = sum(one.level == "error" for one in report.problems)
        counted = f"{plural(errors, 'error')} and {plural(len(report.problems) - errors, 'warning')}"
        blocks.append(f"The desk's files have {counted}: see `covenant lint`.")
    return "\n\n".join(blocks)


def _money(report: Report) -> list[list[str]]:
    return [[phrases.state_words(one.severity), str(one.facilities), drawn(one.drawn) if one.ours else "-"] for one in money_rows(report)]


def _changes(report: Report) -> str:
    if report.since is None:
        return ""
    names = {(facility.id, one.id): one.title for facility in report.facilities for one in facility.covenants}
    called = {facility.id: facility.name for facility in report.facilities}
    rows = [
        [
            part.kind,
            called[part.facility],
            names[(part.facility, part.covenant)] if part.covenant else "-",
            phrases.change_words(part) if part.covenant else "-",
            phrases.cause_words(part) if part.covenant else "; ".join(part.why),
        ]
        for part in report.changes
    ]
    title = f"Changed since {stamp(report.since)}"
    return _table(title, ("Change", "Facility", "Covenant", "State", "Cause"), rows) or f"## {title}\n\nNothing."


def _clocks(report: Report) -> str:
    local = report.timezone != "UTC"
    rows = []
    for one in report.clocks:
        there = [local_stamp(one.local)] if local else []
        rows.append([stamp(one.deadline), *there, time_left(one, report), *clock_names(report, one), one.then])
    zone = [f"In {report.timezone}"] if local else []
    return _table("Clocks, by deadline", ("Deadline", *zone, "Left", "Facility", "Covenant", "Then"), rows)


def _section(section: Section) -> str:
    if section.doubtful:
        return _table(section.title, ("Facility", "Why"), [[one.id, one.doubt or ""] for one in section.doubtful])
    head = ("Covenant", "State", "Figures", "Dates", "To clear", "Effects")
    return _table(section.title, head, [_row(facility, covenant) for facility, covenant in section.rows])


def _row(facility: FacilityPart, covenant: CovenantPart) -> list[str | list[str]]:
    named = [f"{facility.name}, {covenant.title}", f"{facility.id}/{covenant.id}"]
    clause = [f"clause {covenant.clause}"] if covenant.clause else []
    dates = [phrases.three_dates(covenant), f"deadline: {stamp(covenant.deadline)}" if covenant.deadline else None]
    return [
        [*named, *clause],
        [phrases.standing(covenant), f"{drawn(facility.outstanding, facility.currency)} drawn"],
        phrases.readings(covenant) or phrases.why_untested(covenant),
        [line for line in dates if line],
        phrases.remedies(covenant),
        phrases.effects(covenant),
    ]


def _events(report: Report) -> str:
    rows = [[stamp(one.effective), about(one), event_words(one)] for one in latest(report)]
    more = len(report.events) - MOST
    rows += [["before", "-", f"{more} more: covenant journal list"]] if more > 0 else []
    return _table("Recorded, the latest first", ("Effective", "About", "What"), rows)


def _marks(report: Report) -> str:
    rows = [[one.series, quoted(one.value, one.unit), phrases.mark_words(one)] for one in mark_exceptions(report)]
    return _table("Marks to look at", ("Mark", "Value", "Doubt"), rows)


def _untested(report: Report) -> str:
    rows = [[facility.name, covenant.title, reason] for reason, found in untested(report) for facility, covenant in found]
    return _table("In the agreements, not tested", ("Facility", "Covenant", "Reason"), rows)


def _passing(report: Report) -> str:
    rows = [[loan.name, one.title, *phrases.passes(one, cure_of(report, loan, one))] for loan, one in passing(report)]
    return _table(passing_title(report), ("Facility", "Covenant", "Figures", "Breaks at"), rows)


def _manifest(report: Report) -> str:
    held = report.inputs
    return "\n".join(
        [
            "## Manifest",
            "",
            f"- covenant-monitor {report.version}",
            f"- desk `{held.desk_sha256}`",
            f"- marks `{held.marks_sha256}`",
            f"- journal {f'`{held.journal_sha256}`' if held.journal_sha256 else 'none'}",
        ]
    )

"""The breach report as text: wrapped to a width in terminal cells, a figure never parted from its unit."""

from __future__ import annotations

import re

from facilities.inert import inert
from monitor.cells import pad, width, wrap
from monitor.report import phrases
from monitor.report.events import MOST, about, event_words, latest
from monitor.report.legal import facility_text, fallen, task_lines
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

WIDTH = 100
NARROWEST, WIDEST = 40, 120

_GLUE = "\0"
_TOGETHER = re.compile(
    r"(?<=\b[A-Z]{3}) (?=-?\d)"  # USD 52.5m
    r"|(?<=\d) (?=\d\d:\d\d)"  # 2026-10-08 09:00Z
    r"|(?<=[\d%xm]) (?=(?:[A-Z]{3,}|days?|hours|minutes|points|months?|years?|drawn)\b)"  # 86 BTC, 3 days
    r"|(?<=\d) (?=\([-+\d]|[A-Z]{3}/)"  # 83,699 (+0.5%), 49,500 USD/BTC
    r"|(?<=\bat) (?=least|most)|(?<=\bat least) (?=\S)|(?<=\bat most) (?=\S)|(?<=->) (?=\S)"
)


def report_text(report: Report, cells: int = WIDTH) -> str:
    """The whole report in lines of at most `cells` cells (40 to 120)."""
    cells = max(NARROWEST, min(WIDEST, cells))
    blocks = [
        _headline(report, cells),
        _changes(report, cells),
        _clocks(report, cells),
        _whole(report, cells),
        *(_section(one, cells) for one in open_sections(report)),
        _tasks(report, cells),
        _events(report, cells),
        _marks(report, cells),
        _untested(report, cells),
        _passing(report, cells),
        _manifest(report, cells),
    ]
    return "\n\n".join(block for block in blocks if block)


def covenant_text(covenant: CovenantPart, facility: FacilityPart, cells: int = WIDTH) -> str:
    """One covenant: what it is, its figures on each basis, what turns it, what law and remedies follow."""
    clause = f", clause {inert(covenant.clause)}" if covenant.clause else ""
    lines = [
        _fit(f"{phrases.title_of(facility, covenant)} ({inert(facility.id)}/{inert(covenant.id)}{clause})", cells, hang=4),
        _fit(f"{phrases.standing(covenant).upper()}; {drawn(facility.outstanding, inert(facility.currency))} drawn", cells, 2),
    ]
    lines += [_fit(line, cells, 2) for line in phrases.readings(covenant)]
    if not covenant.assessments:
        lines.append(_fit(phrases.why_untested(covenant), cells, 2))
    lines += [_fit(line, cells, 2) for line in (phrases.three_dates(covenant), _deadline(covenant)) if line]
    lines += [
        _fit(f"or: {text}" if n else f"to clear: {text}", cells, 8 if n else 2, 12) for n, text in enumerate(phrases.remedies(covenant))
    ]
    lines += [_fit(line, cells, 2) for line in phrases.effects(covenant)]
    lines += [_fit(f"{what}: {inert(text)}", cells, 2) for what, text in (("note", covenant.note), ("source", covenant.source)) if text]
    return "\n".join(lines)


def _deadline(covenant: CovenantPart) -> str | None:
    return f"deadline: {stamp(covenant.deadline)}" if covenant.deadline else None


def _fit(text: str, cells: int, indent: int = 0, hang: int | None = None) -> str:
    """The text wrapped, `indent` before the first line and `hang` (two more, if not given) before the others."""
    hang = indent + 2 if hang is None else hang
    glued = _TOGETHER.sub(_GLUE, text)
    first, *others = wrap(glued, cells - indent)
    rest = wrap(" ".join(others), cells - hang) if others else []
    return "\n".join([" " * indent + first, *(" " * hang + line for line in rest)]).replace(_GLUE, " ")


def _block(title: str, lines: list[str], cells: int) -> str:
    """A heading underlined, and its lines; nothing where there are none."""
    title = _fit(title, cells)
    return "\n".join([title, "-" * width(title.split("\n")[-1]), *lines]) if lines else ""


def _headline(report: Report, cells: int) -> str:
    known = "" if report.known_at == report.as_of else f", with what was known at {stamp(report.known_at)}"
    lines = [_fit(f"{inert(report.desk)}: breach report as of {stamp(report.as_of)}{known}", cells), ""]
    rows = [(phrases.state_words(one.severity), str(one.facilities), drawn(one.drawn) if one.ours else "-") for one in money_rows(report)]
    head = ("worst state of a facility", "facilities", f"drawn, {inert(report.currency)}")
    wide = [max(width(row[at]) for row in [head, *rows]) for at in range(3)]
    wide[0] = min(wide[0], cells - wide[1] - wide[2] - 4)
    lines += [f"{pad(a, wide[0])}{b:>{wide[1] + 2}}{c:>{wide[2] + 2}}" for a, b, c in [head, *rows]]
    lines += ["", _fit(f"Exit code {report.exit_code}: {exit_words(report)}.", cells)]
    if report.problems:
        errors = sum(one.level == "error" for one in report.problems)
        counted = f"{plural(errors, 'error')} and {plural(len(report.problems) - errors, 'warning')}"
        lines.append(_fit(f"The desk's files have {counted}: see `covenant lint`.", cells))
    return "\n".join(lines)


def _changes(report: Report, cells: int) -> str:
    if report.since is None:
        return ""
    lines = []
    names = {(facility.id, one.id): one.title for facility in report.facilities for one in facility.covenants}
    called = {facility.id: facility.name for facility in report.facilities}
    for part in report.changes:
        what = f"{called[part.facility]}, {names[(part.facility, part.covenant)]}" if part.covenant else called[part.facility]
        if part.covenant is None:
            lines.append(_fit(f"{part.kind:8}{inert(what)}: {inert(', '.join(part.why))}", cells, 0, 8))
            continue
        lines.append(_fit(f"{part.kind:8}{inert(what)}: {phrases.change_words(part)}", cells, 0, 8))
        lines.append(_fit(phrases.cause_words(part), cells, 8))
    return _block(f"Changed since {stamp(report.since)}", lines or ["nothing"], cells)


def _clocks(report: Report, cells: int) -> str:
    lines = []
    for one in report.clocks:
        facility, covenant = clock_names(report, one)
        lines.append(_fit(f"{stamp(one.deadline)}  {time_left(one, report)}: {inert(facility)}, {inert(covenant)}", cells, 0, 19))
        if report.timezone != "UTC":
            lines.append(_fit(f"{local_stamp(one.local)} in {inert(report.timezone)}", cells, 19))
        lines.append(_fit(one.then, cells, 19))
    return _block("Clocks, by deadline", lines, cells)


def _section(section: Section, cells: int) -> str:
    told = [_fit(f"{inert(one.id)}: {inert(one.doubt or '')}", cells) for one in section.doubtful]
    rows = [covenant_text(covenant, facility, cells) for facility, covenant in section.rows]
    return _block(section.title, ["\n".join(told)] if told else ["\n\n".join(rows)], cells)


def _marks(report: Report, cells: int) -> str:
    lines = [
        _fit(f"{inert(one.series)} {inert(quoted(one.value, one.unit))}: {phrases.mark_words(one)}", cells, 0, 2)
        for one in mark_exceptions(report)
    ]
    return _block("Marks to look at", lines, cells)


def _untested(report: Report, cells: int) -> str:
    blocks = []
    for reason, rows in untested(report):
        names = {facility.id: facility.name for facility, _ in rows}
        titles = {identity: "; ".join(one.title for facility, one in rows if facility.id == identity) for identity in names}
        lines = [_fit(inert(f"{name}: {titles[identity]}"), cells, 2) for identity, name in names.items()]
        blocks.append("\n".join([_fit(inert(reason), cells), *lines]))
    return _block("In the agreements, not tested", blocks, cells)


def _whole(report: Report, cells: int) -> str:
    """The facilities in default by something no covenant of them says."""
    lines = [_fit(line, cells, 0 if at == 0 else 2) for one in fallen(report) for at, line in enumerate(facility_text(one))]
    return _block("Facilities in default as a whole", lines, cells)


def _tasks(report: Report, cells: int) -> str:
    return _block("To do", [_fit(line, cells) for line in task_lines(report)], cells)


def _events(report: Report, cells: int) -> str:
    lines = [_fit(f"{stamp(one.effective)}  {about(one)}: {event_words(one)}", cells, 0, 19) for one in latest(report)]
    more = len(report.events) - MOST
    lines += [_fit(f"and {more} before: see `covenant journal list`", cells)] if more > 0 else []
    return _block("Recorded, the latest first", lines, cells)


def _passing(report: Report, cells: int) -> str:
    lines = []
    for facility, covenant in passing(report):
        figures, turns = phrases.passes(covenant, cure_of(report, facility, covenant))
        breaks = f"; breaks at {turns}" if turns else ""
        lines.append(_fit(f"{phrases.title_of(facility, covenant)}: {figures}{breaks}", cells))
    return _block(passing_title(report), lines, cells)


def _manifest(report: Report, cells: int) -> str:
    held = report.inputs
    journal = held.journal_sha256[:16] if held.journal_sha256 else "none"
    parts = (f"desk {held.desk_sha256[:16]}", f"marks {held.marks_sha256[:16]}", f"journal {journal}")
    return _fit(f"Manifest: covenant-monitor {report.version}, {', '.join(parts)}", cells)

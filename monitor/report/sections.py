"""The order a credit officer reads: what is open before what is near, what is unknown before what passes."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from monitor.report.lines import problem_rows
from monitor.report.phrases import why_untested
from monitor.report.schema import ClockPart, CovenantPart, EventPart, FacilityPart, MarkPart, Report
from monitor.report.words import plural
from rules.severity import ORDER

EXPIRES_WITHIN = dt.timedelta(days=30)

EXIT_CODES = {
    0: "every covenant that is tested passes",
    1: "something to look at; nothing tested has failed",
    2: "a default, a call or a tested fail is open",
    3: "something is unknown; nothing known has failed",
}

Row = tuple[FacilityPart, CovenantPart]


class Section(NamedTuple):
    """A heading, and the covenants below it, worst first; or the facilities that are in doubt as a whole."""

    title: str
    rows: list[Row]
    doubtful: tuple[FacilityPart, ...] = ()


class Money(NamedTuple):
    """One line of the headline: how many facilities have this as their worst, and what is drawn under those that are ours."""

    severity: str
    facilities: int
    drawn: float | None
    ours: bool


def money_rows(report: Report) -> list[Money]:
    """The facilities by the worst state of each, the worst first."""
    counts = {name: sum(one.severity == name for one in report.facilities) for name in ORDER}
    exposed = report.exposure
    return [Money(name, count, exposed.get(name), name in exposed) for name, count in counts.items() if count]


def open_sections(report: Report) -> list[Section]:
    """The covenants that are not quiet, in the order they are read; an empty section is left out."""
    rows = problem_rows(report)
    waived = [row for row in rows if row[1].severity == "waived"]
    soon = [row for row in waived if expires_soon(row[1], report)]

    def those(*names: str) -> list[Row]:
        return [row for row in rows if row[1].severity in names]

    sections = [
        Section("Defaults and tested fails", those("accelerated", "event_of_default", "tested_fail")),
        Section("Calls", those("liquidation", "call_expired", "call", "callable")),
        Section("Fails on today's marks, not tested so", those("indicative_fail")),
        Section(f"Waivers that end within {EXPIRES_WITHIN.days} days", soon),
        Section("Waived", [row for row in waived if row not in soon]),
        Section("Facilities in doubt", [], tuple(one for one in report.facilities if one.doubt)),
        Section("Unknown: an input is missing, stale or in error", those("indeterminate")),
        Section("Watch", those("watch")),
        Section("Triggers that are on", those("trigger_on")),
    ]
    return [one for one in sections if one.rows or one.doubtful]


def expires_soon(covenant: CovenantPart, report: Report) -> bool:
    """Whether a waiver or forbearance ends within thirty days of the as-of."""
    if covenant.deadline is None:
        return False
    return dt.datetime.fromisoformat(covenant.deadline) - dt.datetime.fromisoformat(report.as_of) <= EXPIRES_WITHIN


def passing(report: Report) -> list[Row]:
    """Covenants that pass, or were cured, in the order of the facilities."""
    return [(facility, one) for facility in report.facilities for one in facility.covenants if one.severity in ("pass", "cured")]


def passing_title(report: Report) -> str:
    """The heading over `passing`, which says where a failure that was cured is among them."""
    return "Passing, or cured" if _any_cured(report) else "Passing"


def exit_words(report: Report) -> str:
    """What the exit code of a report says."""
    cured = report.exit_code == 0 and _any_cured(report)
    return "every covenant that is tested passes, or its failure was cured" if cured else EXIT_CODES[report.exit_code]


def _any_cured(report: Report) -> bool:
    return any(one.severity == "cured" for facility in report.facilities for one in facility.covenants)


def cure_of(report: Report, facility: FacilityPart, covenant: CovenantPart) -> EventPart | None:
    """The recorded event that cured a failure; None where there is none of that instant."""
    if covenant.severity != "cured":
        return None
    when, about = covenant.since.acted_on, (covenant.id, None)
    mine = [one for one in report.events if one.facility == facility.id and one.covenant in about and one.effective == when]
    return next(iter(sorted(mine, key=lambda one: one.kind != "equity_cure")), None)


def untested(report: Report) -> list[tuple[str, list[Row]]]:
    """Covenants of the agreements without a result, by the reason."""
    found: dict[str, list[Row]] = {}
    for facility in report.facilities:
        for covenant in facility.covenants:
            if covenant.severity == "not_tested":
                found.setdefault(why_untested(covenant), []).append((facility, covenant))
    return list(found.items())


def mark_exceptions(report: Report) -> list[MarkPart]:
    """Marks that are not good, and good ones of which a print was refused."""
    return [one for one in report.marks if one.data != "good" or one.reason]


def clock_names(report: Report, clock: ClockPart) -> tuple[str, str]:
    """The facility and the covenant of a clock, by name."""
    facility = next((one for one in report.facilities if one.id == clock.facility), None)
    covenants = facility.covenants if facility else []
    title = next((one.title for one in covenants if one.id == clock.covenant), clock.covenant)
    return facility.name if facility else clock.facility, title or "the loan as a whole"


def time_left(clock: ClockPart, report: Report) -> str:
    """`in 7 days`, `in 41 hours`, `in 20 minutes`, `passed`."""
    left = dt.datetime.fromisoformat(clock.deadline) - dt.datetime.fromisoformat(report.as_of)
    if clock.passed:
        return "passed"
    minutes = int(left.total_seconds() // 60)
    if minutes >= 72 * 60:
        return f"in {minutes // 1440} days"
    return f"in {minutes // 60} hours" if minutes >= 120 else f"in {plural(minutes, 'minute')}"

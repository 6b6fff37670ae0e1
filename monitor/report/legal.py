"""Facilities in default as a whole, and what is left to do, as lines for people."""

from __future__ import annotations

from facilities.inert import inert
from monitor.report.phrases import moment, state_words
from monitor.report.schema import FacilityPart, Report
from monitor.report.words import drawn, stamp

HEAD = {"us": "ours", "borrower": "the borrower's"}


def fallen(report: Report) -> list[FacilityPart]:
    """The facilities that fell by something none of their covenants says: a cross-link, a missed payment, a call that expired."""
    return [one for one in report.facilities if one.falls_alone]


def facility_line(one: FacilityPart) -> str:
    """`EVENT OF DEFAULT  rowan-compute  cross-default, clause 8.1(f), of rowan-alder  since 2026-10-10T02:10:00Z`."""
    legal = one.legal
    assert legal is not None
    state = "" if legal.state == one.severity else legal.state.replace("_", " ")
    state = f"{state} by lapse".strip() if legal.by_lapse else state
    words = [f"{one.severity.upper().replace('_', ' '):15}", inert(one.id), *([state] if state else [])]
    words += [inert(legal.because)] if legal.because else []
    words += [f"since {moment(legal.since.tested_as_of)}"] if legal.since.tested_as_of else []
    words += [f"clock to {stamp(legal.deadline)}"] if legal.deadline else []
    return "  ".join(words)


def facility_text(one: FacilityPart) -> list[str]:
    """The same as a paragraph of the report, its lines unwrapped."""
    legal = one.legal
    assert legal is not None
    lapse = " by lapse" if legal.by_lapse else ""
    owed = drawn(one.outstanding, inert(one.currency))
    lines = [f"{state_words(legal.state).upper()}{lapse}: {inert(one.name)} ({inert(one.id)}), {owed} drawn"]
    lines += [f"because of {inert(legal.because)}"] if legal.because else []
    if legal.since.tested_as_of:
        dates = (legal.since.tested_as_of, legal.since.known_at, legal.since.acted_on)
        since, known, acted = (moment(day) if day else "nothing recorded" for day in dates)
        lines.append(f"since {since}, known {known}, acted on: {acted}")
    return lines + ([f"deadline: {stamp(legal.deadline)}"] if legal.deadline else [])


def task_lines(report: Report) -> list[str]:
    """One line per task: whose it is, what, and by when."""
    return [f"{HEAD[one.party]}: {inert(one.text)}" + (f"; by {stamp(one.due)}" if one.due else "") for one in report.tasks]

"""What entries changed: the desk just before against the desk just after, at the first instant at which they count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from facilities.inert import inert
from monitor.assess import assess
from monitor.journal.entries import Entry
from monitor.report.build import build_report
from monitor.report.schema import CovenantPart, FacilityPart
from monitor.report.words import stamp
from rules.events import Event

if TYPE_CHECKING:
    from monitor.session import Session


def changes(entries: Sequence[Entry], before: Session, after: Session) -> list[str]:
    """One line for each figure and legal state that events changed; nothing for marks, whose policies decide later."""
    events = [one for one in entries if isinstance(one, Event) and one.facility in before.desk.facilities]
    if not events:
        return []
    known = max(one.known for one in events)
    at = max(known, *(one.effective for one in events))
    wanted = frozenset(one.facility for one in events if one.facility) | _linked(after)
    old, new = (build_report(assess(session, at, known), wanted, full=False).facilities for session in (before, after))
    fresh = {part.id: part for part in new}
    return [inert(line) for part in old for line in _facility(part, fresh[part.id])]


def _linked(session: Session) -> frozenset[str]:
    """The facilities that somebody else's default can make fall."""
    return frozenset(name for name, one in session.desk.facilities.items() if one.cross_link)


def _facility(old: FacilityPart, new: FacilityPart) -> list[str]:
    lines = []
    if old.legal is not None and new.legal is not None and (old.legal.state, old.legal.deadline) != (new.legal.state, new.legal.deadline):
        because = f": {new.legal.because}" if new.legal.because else ""
        lines.append(f"{old.id} as a whole: {_turn(old.legal.state, new.legal.state, new.legal.deadline)}{because}")
    if old.outstanding != new.outstanding:
        lines.append(f"{old.id}: outstanding {_figure(old.outstanding)} -> {_figure(new.outstanding)} {old.currency}")
    after = {one.id: one for one in new.covenants}
    return lines + [line for one in old.covenants for line in _covenant(old.id, one, after[one.id])]


def _covenant(facility: str, old: CovenantPart, new: CovenantPart) -> list[str]:
    name, lines = f"{facility}/{old.id}", []
    if (old.legal, old.deadline) != (new.legal, new.deadline):
        lines.append(f"{name}: {_turn(old.legal, new.legal, new.deadline)}")
    readings = {one.basis: one for one in new.assessments}
    for one in old.assessments:
        then = readings.get(one.basis)
        if then is not None and (one.actual, one.result) != (then.actual, then.result):
            shown = f"{_figure(one.actual)} {one.result} -> {_figure(then.actual)} {then.result}"
            lines.append(f"{name} {one.basis}: {_word(shown)}")
    return lines


def _turn(before: str, after: str, deadline: str | None) -> str:
    return f"{_word(before)} -> {_word(after)}{f', until {stamp(deadline)}' if deadline else ''}"


def _word(text: str) -> str:
    return text.replace("_", " ")


def _figure(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"

"""What is known of each series: value, source, age, the policy that chose it, and overrides that wait for a second person."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from facilities.inert import inert
from monitor.marks.agreed import doubts_of
from monitor.marks.history import series_known
from monitor.marks.leaps import leaps_in, reason_of
from monitor.marks.policy import policy_words
from monitor.report.words import iso, stamp

if TYPE_CHECKING:
    from monitor.session import Session

COLUMNS = ("series", "value", "unit", "source", "as_of", "known_at", "age_days", "data", "policy", "reason")


class MarkRow(msgspec.Struct, frozen=True, kw_only=True):
    """One series as an instant sees it; `policy` in words."""

    series: str
    value: float | None
    unit: str | None
    source: str | None
    as_of: str | None
    known_at: str | None
    age_days: float | None
    data: str
    policy: str
    reason: str | None


def known_marks(session: Session, at: dt.datetime, known_at: dt.datetime) -> list[MarkRow]:
    """Every series with a print, and every one that a policy names in full, by name."""
    named = {one.match for one in (session.desk.file.series if session.desk.file else ()) if not set("*?[") & set(one.match)}
    rows = []
    for name in sorted(series_known(session.history) | named):
        seen = session.history.observe(name, at, known_at)
        doubts = doubts_of(session.desk, session.history, name, at, known_at)
        against = reason_of(seen, leaps_in(session.history, name, at, known_at), doubts)
        rows.append(
            MarkRow(
                series=name, value=seen.value, unit=seen.unit, source=seen.source, as_of=iso(seen.as_of) if seen.as_of else None,
                known_at=iso(seen.known_at) if seen.known_at else None, age_days=seen.age_days, data=seen.data,
                policy=policy_words(session.history.policy(name)), reason=against,
            )
        )  # fmt: skip
    return rows


def marks_text(session: Session, rows: list[MarkRow], at: dt.datetime, known_at: dt.datetime) -> str:
    """The listing as text, a series with its source, policy and doubt; then what waits for approval."""
    lines = [f"marks as of {stamp(iso(at))}, known at {stamp(iso(known_at))}", ""]
    width = max((len(row.series) for row in rows), default=0)
    for row in rows:
        figure = "-" if row.value is None else f"{row.value:,.10g} {row.unit or ''}"
        age = "" if row.age_days is None else f"{row.age_days:.1f} d"
        lines.append(inert(f"{row.series:<{width}}  {figure:>20}  {row.data.replace('_', ' '):<13} {age:>8}".rstrip()))
        lines += [inert(f"    {part}") for part in (row.source and f"of {row.source}", f"policy: {row.policy}", row.reason) if part]
    pending = (one.event for one in session.journal.overrides() if one.approval is None or one.approval.known > known_at)
    waiting = [one for one in pending if session.journal.stands(one, known_at)]
    if waiting:
        lines += ["", "waiting for a second person: covenant marks approve ID"]
        lines += [inert(f"{one.id:>4}  {one.series} = {one.value} {one.unit}, by {one.by}: {one.note}") for one in waiting]
    return "\n".join(lines)

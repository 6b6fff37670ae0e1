"""`covenant marks list | set | approve | import`: what is known of each mark, and who said it."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from monitor.places import DeskError, UsageError
from monitor.verbs.asking import put
from monitor.verbs.recording import moment, own_desk, tell_pin, who

if TYPE_CHECKING:
    from monitor.journal.entries import Entry, Mark
    from monitor.marks.prints import Print
    from monitor.session import Session


def run(arguments: argparse.Namespace) -> int:
    """One action on the marks."""
    return {"list": _list, "set": _set, "approve": _approve, "import": _import}[arguments.action](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from monitor.marks.listing import COLUMNS, known_marks, marks_text
    from monitor.session import moments
    from monitor.verbs.asking import open_session

    session = open_session(arguments)
    at, known = moments(session, arguments.as_of, arguments.known_at)
    rows = known_marks(session, at, known)
    if arguments.format == "text":
        put(arguments, marks_text(session, rows, at, known))
    elif arguments.format == "csv":
        from monitor.journal.words import rows_csv

        put(arguments, rows_csv([msgspec.to_builtins(row) for row in rows], COLUMNS))
    else:
        shape = {"schema": "covenant-monitor/marks/1", "as_of": at, "known_at": known, "marks": rows}
        put(arguments, msgspec.json.format(msgspec.json.encode(shape), indent=2).decode())
    return 0


def _set(arguments: argparse.Namespace) -> int:
    """One observation, or one override that waits for a second person."""
    from monitor.journal.entries import Mark
    from monitor.journal.problems import refused
    from monitor.session import now
    from rules.events import Event

    if arguments.override and not (arguments.reason or "").strip():
        raise UsageError("an override needs --reason")
    clock = now()

    def draft(session: Session) -> Sequence[Entry]:
        at, known = moment(session, arguments.effective, clock), moment(session, arguments.known, clock)
        if known > clock:
            raise refused("J020", "--known", f"known at {known.isoformat()}, but it is {clock.isoformat()}")
        if at > known:
            raise refused("J021", "--as-of", f"observed at {at.isoformat()}, known already at {known.isoformat()}")
        one, by = _print(arguments, session, at), who(arguments)
        if not by.strip():
            raise refused("J015", "--by", "nothing is written")
        what = {"id": "", "series": one.series, "unit": one.unit, "source": one.source, "known": known, "by": by, "note": arguments.reason}
        if arguments.override:
            return [Event(**{"kind": "mark_override", "effective": at, "value": Decimal(repr(one.value)), **what})]
        return [Mark(**{"as_of": at, "value": one.value, **what})]

    return _record(arguments, draft, clock)


def _print(arguments: argparse.Namespace, session: Session, at: dt.datetime) -> Print:
    """What is entered, in the unit of the series where none is given."""
    from monitor.marks import units
    from monitor.marks.entered import entered
    from monitor.marks.prints import kind_of

    series, asset = arguments.series, arguments.series.partition(".")[0]
    unit = arguments.unit or session.history.unit(series) or next(iter(units.accepted(asset, kind_of(series) or "")), "")
    made, found = entered(series, at, arguments.value, unit, arguments.source, session.history, session.timezone)
    for one in found:
        sys.stderr.write(f"{one}\n")
    return made


def _approve(arguments: argparse.Namespace) -> int:
    from monitor.session import now
    from rules.events import Event

    clock = now()

    def draft(session: Session) -> Sequence[Entry]:
        known, named = moment(session, arguments.known, clock), session.journal.events.get(arguments.refers)
        what = {"kind": "approval", "effective": known, "known": known, "refers": arguments.refers, "note": arguments.note}
        return [Event(**{"id": "", "by": who(arguments), "series": named.series if named else None, **what})]

    return _record(arguments, draft, clock)


def _import(arguments: argparse.Namespace) -> int:
    from monitor.journal.entries import Mark
    from monitor.marks.csvfile import read_marks
    from monitor.marks.prints import OVERRIDE
    from monitor.session import now

    path, clock = Path(arguments.file), now()
    lines: dict[tuple[object, ...], str] = {}

    def draft(session: Session) -> Sequence[Entry]:
        prints, found = read_marks([path], path.parent, str(session.desk.file.desk.timezone if session.desk.file else "UTC"))
        if any(one.level == "error" for one in found):
            raise DeskError(found)
        if any(one.kind == OVERRIDE for one in prints):
            raise UsageError("an override is entered and approved by two people: covenant marks set --override, then approve")
        by = who(arguments)
        fresh = [
            Mark(
                id="", series=one.series, as_of=one.as_of, value=one.value, unit=one.unit, source=one.source, known=one.known_at,
                by=one.by or by, kind=one.kind, n_obs=one.n_obs, note=one.note,
            )
            for one in prints
        ]  # fmt: skip
        lines.update((_said(one), print_.origin) for one, print_ in zip(fresh, prints, strict=True))
        have = {_said(one) for one in session.journal.entries if isinstance(one, Mark)}
        return [one for one in fresh if _said(one) not in have]

    return _record(arguments, draft, clock, lines)


def _said(one: Mark) -> tuple[object, ...]:
    """What an observation says, whoever entered it."""
    return one.series, one.as_of, one.known, one.source, one.value, one.unit


def _record(
    arguments: argparse.Namespace,
    draft: Callable[[Session], Sequence[Entry]],
    clock: dt.datetime,
    lines: Mapping[tuple[object, ...], str] | None = None,
) -> int:
    """Record what is drafted and say so; `lines` are the places of observations that a file gave."""
    from monitor.journal.record import record
    from monitor.journal.words import entry_text

    entries, before, _ = record(own_desk(arguments), draft, clock, arguments.dry_run)
    head = "would record" if arguments.dry_run else "recorded"
    if len(entries) == 1:
        waits = getattr(entries[0], "kind", None) == "mark_override"
        after = f"\n      it counts once another person approves it: covenant marks approve {entries[0].id}" if waits else ""
        put(arguments, f"{head}\n{entry_text(entries[0])}{after}")
    else:
        put(arguments, f"{head} {len(entries)} observations")
    _tell_odd(before, entries, clock, lines or {})
    tell_pin(before, entries)
    return 0


def _tell_odd(session: Session, entries: Sequence[Entry], clock: dt.datetime, lines: Mapping[tuple[object, ...], str]) -> None:
    """Warn on stderr of marks that are legal but odd: an entry cannot be unsaid, only followed by a better one."""
    from monitor.assess import assess
    from monitor.journal.entries import Mark
    from monitor.oddities import of_entered

    prints = [
        _as_print(one, lines.get(_said(one), "marks set") if isinstance(one, Mark) else "marks set --override")
        for one in entries
        if isinstance(one, Mark) or one.kind == "mark_override"
    ]
    if prints:
        for problem in of_entered(assess(session, clock, clock), prints, clock):
            sys.stderr.write(f"{problem}\n")


def _as_print(one: Entry, origin: str) -> Print:
    from monitor.journal.entries import Mark
    from monitor.marks.prints import Print

    as_of = one.as_of if isinstance(one, Mark) else one.effective
    return Print(one.series or "", as_of, float(one.value or 0), one.unit or "", one.source or "", one.known, origin=origin)

"""`covenant event`: record what happened, and say what it changed."""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.journal.kinds import KINDS
from monitor.places import UsageError
from monitor.verbs.asking import nearest, put
from monitor.verbs.recording import moment, own_desk, tell_pin, who

if TYPE_CHECKING:
    from monitor.journal.entries import Entry
    from monitor.session import Session

_OPTIONS = ("amount", "units", "collateral", "period_end", "until", "conditions", "refers")


def run(arguments: argparse.Namespace) -> int:
    """Record one event, or with `--dry-run` only judge it."""
    from monitor.journal.record import record
    from monitor.session import now
    from rules.events import Event

    kind = _kind(arguments)
    facility, _, covenant = (arguments.name or "").partition("/")
    given = {name: value for name in _OPTIONS if (value := getattr(arguments, name)) is not None}
    given |= {name: value for name, value in (("facility", facility), ("covenant", covenant)) if value}
    _asked(kind, given)
    clock = now()

    def draft(session: Session) -> Sequence[Entry]:
        filled = given | _filled(kind, given, session, arguments, clock)
        lacking = [name for name in KINDS[kind].needs if name not in filled]
        if lacking:
            raise UsageError(f"{kind} needs {_option(lacking[0])}")
        times = {"effective": moment(session, arguments.effective, clock), "known": moment(session, arguments.known, clock)}
        words = {"note": arguments.note} | evidence
        return [Event(**{"id": "", "kind": kind, "by": who(arguments), **times, **words, **filled})]

    evidence = _evidence(arguments.evidence)
    entries, before, after = record(own_desk(arguments), draft, clock, arguments.dry_run)
    put(arguments, _answer(arguments, entries, before, after))
    tell_pin(before, entries)
    return 0


def _kind(arguments: argparse.Namespace) -> str:
    kind = str(arguments.kind).replace("-", "_")
    if kind in ("mark_override", "approval"):
        raise UsageError(f"{kind} is recorded by covenant marks: see covenant marks --help")
    if kind not in KINDS:
        raise UsageError(nearest("no kind of event is called", arguments.kind, list(KINDS)))
    return kind


def _asked(kind: str, given: dict[str, str]) -> None:
    """What is given is of use to the kind."""
    wants = KINDS[kind]
    for name in given:
        if name not in (*wants.needs, *wants.takes):
            raise UsageError(f"{kind} has no use for {_option(name)}")


def _option(name: str) -> str:
    named = {"facility": "a FACILITY", "covenant": "a COVENANT (FACILITY/COVENANT)"}
    return named.get(name, f"--{name.replace('_', '-')}")


def _filled(kind: str, given: dict[str, str], session: Session, arguments: argparse.Namespace, clock: dt.datetime) -> dict[str, object]:
    """The fields with their types, and those that the desk can fill in."""
    made: dict[str, object] = {name: _number(name, given[name]) for name in ("amount", "units") if name in given}
    if "until" in given:
        made["until"] = moment(session, given["until"], clock, today=False)
    if "period_end" in given:
        made["period_end"] = _date(given["period_end"])
    terms = session.desk.facilities.get(given.get("facility", ""))
    if terms is not None and "collateral" in KINDS[kind].needs and "collateral" not in given and len(terms.collateral) == 1:
        made["collateral"] = terms.collateral[0].id
    if kind == "equity_cure" and "period_end" not in given:
        made |= _failed_period(given, session, arguments, clock)
    if kind == "withdrawal" and "facility" not in given:
        named = session.journal.events.get(given.get("refers", ""))
        made |= {name: value for name in ("facility", "covenant") if named and (value := getattr(named, name)) is not None}
    return made


def _failed_period(given: dict[str, str], session: Session, arguments: argparse.Namespace, clock: dt.datetime) -> dict[str, object]:
    """The period of the covenant's last test, which is the one a cure is for."""
    from monitor.assess import assess

    picture = assess(session, moment(session, arguments.effective, clock), min(clock, moment(session, arguments.known, clock)))
    for one in picture.standings:
        named = (picture.book.ids[one.test.facility], one.test.covenant.id)
        if named == (given.get("facility"), given.get("covenant")) and one.tested is not None:
            return {"period_end": one.tested.period_end}
    return {}


def _number(name: str, text: str) -> Decimal:
    if not re.fullmatch(r"-?\d[\d_]*(\.\d+)?", text, re.ASCII) or len(text) > 40:
        raise UsageError(f"--{name}: {text!r} is no number; write digits and a point only, such as 5000000 or 12.5")
    return Decimal(text.replace("_", ""))


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--period-end: {text!r} is no date; write 2026-06-30") from None


def _evidence(name: str | None) -> dict[str, str]:
    """The sha256 and the name of a document. Raises OSError when it cannot be read."""
    if name is None:
        return {}
    with Path(name).open("rb") as file:
        return {"evidence": hashlib.file_digest(file, "sha256").hexdigest(), "document": Path(name).name}


def _answer(arguments: argparse.Namespace, entries: Sequence[Entry], before: Session, after: Session) -> str:
    from monitor.journal.changes import changes
    from monitor.journal.words import entry_text

    found = changes(entries, before, after)
    if arguments.format == "json":
        import msgspec

        shape = {"schema": "covenant-monitor/event/1", "recorded": not arguments.dry_run, "entries": entries, "changes": found}
        return msgspec.json.format(msgspec.json.encode(shape), indent=2).decode()
    head = "would record" if arguments.dry_run else "recorded"
    told = [f"      {one}" for one in found or ["no figure and no legal state changes"]]
    return "\n".join([f"{head}\n{entry_text(one)}" for one in entries] + told)

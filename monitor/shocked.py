"""A desk whose marks are moved at the as-of: every question asked of it is asked in that world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from monitor.cases.marks import GivenMarks
from monitor.session import Session
from rules.grids import Shock, check_shocks, moved_by, parse_shocks


def shocked(session: Session, texts: Sequence[str], at: dt.datetime, known_at: dt.datetime) -> Session:
    """The desk with shocks such as `BTC.price=-20%` made at an instant. Raises ShockError for one that cannot be.

    A level makes a missing mark known; any other shock leaves it missing.
    """
    names = series_of(session)
    shocks = [shock for text in texts for shock in parse_shocks(text)]
    check_shocks(names, shocks)
    levels = {name: level for shock in shocks for name, level in _levels(session, names, shock, at, known_at).items()}
    return with_levels(session, levels, at)


def with_levels(session: Session, levels: Mapping[str, float], at: dt.datetime, by: str = "--mark") -> Session:
    """The desk with some marks given from an instant on, `by` whom."""
    if not levels:
        return session
    given: dict[str, object] = dict(levels)
    history = GivenMarks(session.history, given, at, session.timezone, before=False, by=by)  # type: ignore[arg-type]
    return msgspec.structs.replace(session, history=history)


def series_of(session: Session) -> list[str]:
    """Every mark series that a facility or a treasury of the desk names."""
    found: list[str] = []
    for one in session.desk.facilities.values():
        for row in one.collateral:
            found += [name for name in (row.price or f"{row.asset}.price", row.rent, row.appraisal) if name]
        if one.interest and one.interest.benchmark:
            found.append(f"{one.interest.benchmark}.rate")
    held = (row.price for one in session.desk.obligors.values() for row in one.treasury)
    return list(dict.fromkeys([*found, *(name for name in held if name)]))


def _levels(session: Session, names: list[str], shock: Shock, at: dt.datetime, known_at: dt.datetime) -> dict[str, float]:
    found = {}
    for name in {names[k] for k in moved_by(names, shock.name)}:
        now = session.history.observe(name, at, known_at).value
        if shock.kind == "absolute":
            found[name] = shock.size
        elif now is not None:
            found[name] = now + shock.size / 10_000 if shock.kind == "bp" else now * (1 + shock.size)
    return found

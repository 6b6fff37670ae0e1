"""A facility as a whole: the worst of its covenants, of what is recorded of it itself, and of what others' defaults make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from facilities.model import Covenant
from rules.events import Event
from rules.life import CALLED, Clockwork, fold, known_events
from rules.life.excuse import excused, excuses
from rules.life.legal import History, Legal, merged, rank
from rules.life.maintenance import Maintenance

_WHOLE = frozenset({"default", "missed_payment", "prepayment", "waiver", "forbearance", "notice", "reservation_of_rights", *CALLED})
_PAYMENTS = _WHOLE - {"default"}
COMPLIANT = Legal("compliant")


def of_the_whole(events: Iterable[Event]) -> list[Event]:
    """The events that are about no covenant but the facility."""
    return [one for one in events if one.covenant is None and one.kind in _WHOLE]


def own_history(grace: str | None, events: Iterable[Event], clock: Clockwork, now: dt.datetime, known_at: dt.datetime) -> History:
    """What is recorded of a facility, or of a debt that is none of ours, as a whole; `grace` is that of a missed payment."""
    found = known_events(of_the_whole(events), now, known_at)
    machine = Maintenance(Covenant(id="", grace=grace), clock, whole=True)
    return excused(fold(machine, (), found, now), excuses(found), now)


def payments(grace: str | None, events: Iterable[Event], clock: Clockwork, now: dt.datetime, known_at: dt.datetime) -> History:
    """The same of missed payments alone, which is what a cross-payment clause reads."""
    return own_history(grace, [one for one in events if one.kind in _PAYMENTS and one.kind not in CALLED], clock, now, known_at)


def combined(parts: Sequence[tuple[str, History]]) -> History:
    """The worst of several histories at every instant; each part says by its name what it was because of."""
    parts = [part for part in parts if part[1].transitions or part[1].first.fall is not None]
    instants = sorted({one.at for _, part in parts for one in part.transitions})
    why = {one.at: one.why for _, part in parts for one in part.transitions}
    return merged(COMPLIANT, [(at, _worst([(name, part.at(at)) for name, part in parts]), why[at]) for at in instants])


def _worst(stands: Sequence[tuple[str, Legal]]) -> Legal:
    name, legal = min(stands, key=lambda one: rank(one[1].fall))
    if legal.fall is not None:
        because = ": ".join(word for word in (name, legal.because) if word) or None
        if legal.fell is not None:
            legal = msgspec.structs.replace(legal, tested_as_of=legal.fell, known_at=legal.fell, deadline=None, fell=None, by_lapse=True)
        return msgspec.structs.replace(legal, state=legal.fall, because=because, rung=None, cures_used=0)
    excuse = next((legal for name, legal in stands if not name and legal.state in ("waived", "cured")), None)
    return excuse or COMPLIANT

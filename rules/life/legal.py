"""What a machine says: a legal state with its dates and clocks, and the log of how it came about."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from facilities.model import Covenant

FALLEN = ("insolvency", "enforcement", "accelerated", "event_of_default", "forbearance", "default", "cure_pending")
"""What a facility can have fallen to, worst first; every other state of a covenant leaves the facility as it was."""


STATES = (
    "compliant", "default", "cure_pending", "cured", "waived", "event_of_default", "forbearance", "accelerated", "enforcement",
    "insolvency",
    "off", "pending", "on", "curing",
    "normal", "notice", "callable", "call", "accelerated_call", "call_expired", "liquidation", "restored",
)  # fmt: skip
"""Every legal state: of maintenance and reporting covenants and of facilities, of triggers, of margin ladders."""


class Tested(NamedTuple):
    """One `tested` result: the instant it counts from, the result, when it became known and when its certificate was due.

    `rung` is the ladder's rung that is on, `restored` whether its restore level is met again, `on` whether a trigger's leaving level is
    still missed. `period` is the last day of the test period (absent: the day of `at`), `shortfall` the money that would have restored a
    failed level, and `cured` whether the test passes with the cure money recorded for it; None: not known.
    """

    at: dt.datetime
    result: str
    rung: str | None = None
    known: dt.datetime | None = None
    due: dt.date | None = None
    on: bool | None = None
    restored: bool = False
    period: dt.date | None = None
    shortfall: float | None = None
    cured: bool | None = None

    @property
    def seen(self) -> dt.datetime:
        """When the monitor could say it."""
        return self.at if self.known is None else max(self.at, self.known)

    @property
    def decided(self) -> bool:
        """Whether it tells anything: what is unknown or not tested changes no legal state."""
        return self.result not in ("indeterminate", "not_tested")


Tested.__test__ = False  # type: ignore[attr-defined]


class Former(NamedTuple):
    """The terms of a covenant for the days before `until`, from which an amendment put others in their place."""

    until: dt.date
    covenant: Covenant


def terms_on(covenant: Covenant, former: Sequence[Former], day: dt.date) -> Covenant:
    """A covenant as it stood on a day, from its terms of today and its `former` ones, the earliest first."""
    return next((one.covenant for one in former if day < one.until), covenant)


class Legal(msgspec.Struct, frozen=True):
    """Where a covenant or a facility stands in law.

    Three dates of a failure: `tested_as_of`, `known_at`, `acted_on` (the first thing a person did about it). `deadline` is the clock that
    runs, `standstill_until` until when remedies stand still, `by_lapse` whether the state came by the lapse of a clock. `underlying` is the
    state beneath a waiver or a forbearance. `fall` is what the state makes of the facility (one of FALLEN, None: nothing), `reserved` when
    rights were reserved, `continuing_until` what ends an Event of Default that stands, `cures_used` how many cures the failures took.
    Of a ladder: `rung` is the one that is on, `fell` when its call expired.
    """

    state: str
    tested_as_of: dt.datetime | None = None
    known_at: dt.datetime | None = None
    acted_on: dt.datetime | None = None
    deadline: dt.datetime | None = None
    by_lapse: bool = False
    standstill_until: dt.datetime | None = None
    continuing_until: str | None = None
    cures_used: int = 0
    because: str | None = None
    underlying: str | None = None
    fall: str | None = None
    reserved: dt.datetime | None = None
    rung: str | None = None
    fell: dt.datetime | None = None

    @property
    def excused(self) -> bool:
        """Whether a failure is waived, forborne or cured, so that it alone is no open fail."""
        return self.underlying is not None or self.state in ("cured", "waived")


class Transition(NamedTuple):
    """One change: when, from which state, to which, why; `legal` is the whole standing from then on."""

    at: dt.datetime
    before: str
    after: str
    why: str
    legal: Legal


class Log:
    """Collects the transitions of one machine, the first standing apart; what changes nothing is not written."""

    def __init__(self, first: Legal) -> None:
        self.first, self.last, self.transitions = first, first, list[Transition]()

    def note(self, at: dt.datetime, legal: Legal, why: str) -> None:
        """Where things stand from `at` on; what is learnt after its time stands from when it was learnt."""
        if legal != self.last:
            at = max(at, self.transitions[-1].at) if self.transitions else at
            self.transitions.append(Transition(at, self.last.state, legal.state, why, legal))
            self.last = legal


class History(NamedTuple):
    """The first standing and the transitions after it, in order of time."""

    first: Legal
    transitions: Sequence[Transition]

    def at(self, now: dt.datetime) -> Legal:
        """The standing at an instant: that of the last transition up to it."""
        place = bisect_right(self.transitions, now, key=_instant)
        return self.transitions[place - 1].legal if place else self.first


def _instant(one: Transition) -> dt.datetime:
    return one.at


def merged(first: Legal, stands: Iterable[tuple[dt.datetime, Legal, str]]) -> History:
    """A history from standings in order of time: of one instant the last counts, and what changes nothing is left out."""
    latest: dict[dt.datetime, tuple[Legal, str]] = {}
    for at, legal, why in stands:
        latest[at] = (legal, why)
    log = Log(first)
    for at, (legal, why) in latest.items():
        log.note(at, legal, why)
    return History(first, log.transitions)


def rank(fall: str | None) -> int:
    """Place in FALLEN, 0 the worst; after all of them where nothing fell."""
    return FALLEN.index(fall) if fall in FALLEN else len(FALLEN)

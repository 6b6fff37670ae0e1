"""The legal life of covenants and facilities: folds over test results, recorded events and clocks, never over days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Protocol

from facilities.calendars import Calendar
from facilities.model import Covenant
from rules.columns import Codes, Ints
from rules.events import Event, in_order
from rules.life.changes import changes, compressed
from rules.life.clocks import Clockwork
from rules.life.cures import shortfall
from rules.life.excuse import excused, excuses
from rules.life.ladder import Ladder
from rules.life.legal import Former, History, Legal, Log, Tested, merged
from rules.life.maintenance import CALLED, Maintenance
from rules.life.trigger import Trigger
from rules.testdates import is_continuous

_EVERYWHERE = frozenset({"waiver", "forbearance", "notice", "reservation_of_rights", "certificate_delivered", *CALLED})
"""What is recorded of a facility as a whole and holds for each of its covenants."""


class Machine(Protocol):
    """What all three machines are: fed in order of time, with every clock let run out first."""

    log: Log

    def lapse(self, until: dt.datetime) -> None:
        """Let every clock run out that ends by then."""

    def result(self, one: Tested) -> None:
        """Take a decided test."""

    def event(self, one: Event) -> None:
        """Take a recorded event."""


def machine_of(covenant: Covenant, class_: str, clock: Clockwork, former: Sequence[Former] = ()) -> Machine:
    """The machine of a covenant: a ladder, a trigger, or that of maintenance and reporting covenants."""
    if class_ == "margin_ladder" and covenant.rung:
        return Ladder(covenant, clock, former=former)
    if class_ == "trigger":
        return Trigger(covenant, former=former)
    return Maintenance(covenant, clock, reporting=class_ == "reporting", former=former)


def repeats(covenant: Covenant, class_: str, former: Sequence[Former] = ()) -> int | None:
    """How many equal results running tell a machine something; None: every one does, each being a test of its own."""
    if class_ == "trigger":
        counted = [level.tests for one in (covenant, *(old.covenant for old in former)) for level in (one.on, one.off) if level]
        return max(counted, default=1)
    if class_ == "margin_ladder" and covenant.rung:
        return 2
    return 1 if is_continuous(class_, covenant.test) else None


def concerning(events: Iterable[Event], covenant: str) -> list[Event]:
    """The events that touch a covenant: those that name it, and those of the whole facility that hold everywhere."""
    return [one for one in events if one.covenant == covenant or (one.covenant is None and one.kind in _EVERYWHERE)]


def known_events(events: Iterable[Event], now: dt.datetime, known_at: dt.datetime) -> tuple[Event, ...]:
    """Effective by `now` and known at `known_at`, in one order whoever recorded them first, without what was taken back."""
    known = [one for one in events if one.known <= known_at]
    gone = {one.refers for one in known if one.kind == "withdrawal"}
    return in_order(one for one in known if one.id not in gone and one.kind != "withdrawal" and one.effective <= now)


def history(
    covenant: Covenant, class_: str, results: Iterable[Tested], events: Iterable[Event] = (), *, now: dt.datetime,
    calendar: Calendar, zone: dt.tzinfo = dt.UTC, known_at: dt.datetime | None = None, former: Sequence[Former] = (),
) -> History:  # fmt: skip
    """The transitions of a covenant up to `now`, from results that count once they are known and the events that concern it.

    With `former` terms, the earliest first, each failure is followed up under those of the day that was tested.

    `indeterminate` and `not_tested` results change nothing. Events count from when they are effective, those learnt late as if they
    had been known: what was said at the time is told with the `known_at` of then.
    """
    found = known_events(concerning(events, covenant.id), now, known_at or now)
    clock = Clockwork(calendar, zone)
    told = heard(covenant, class_, results, former)
    return excused(fold(machine_of(covenant, class_, clock, former), told, found, now), excuses(found), now)


def heard(covenant: Covenant, class_: str, results: Iterable[Tested], former: Sequence[Former] = ()) -> list[Tested]:
    """The results a machine is fed, in the order in which they became known, repetitions of a continuous test left out."""
    decided = sorted((one for one in results if one.decided), key=_order)
    keep = repeats(covenant, class_, former)
    return decided if keep is None else compressed(decided, keep)


def turns(covenant: Covenant, class_: str, results: Codes, *marks: Codes, former: Sequence[Former] = ()) -> Ints:
    """int64[C]: the places of a long run of results, given as columns, that a machine would take for news: nothing else need be built.

    `results` is int8[T], codes of `rules.compare.RESULTS`; `marks` are further int8[T] columns a machine reads (the rung that is on,
    whether it is restored, whether a trigger stays on).
    """
    keep = repeats(covenant, class_, former)
    return changes(results, *marks, keep=len(results) if keep is None else keep)


def fold(machine: Machine, results: Sequence[Tested], events: Sequence[Event], now: dt.datetime) -> History:
    """Feed a machine all that happened up to `now`; at one instant clocks lapse first, then tests are read, then people act."""
    steps: list[tuple[dt.datetime, int, Tested | Event]] = [(one.seen, 0, one) for one in results]
    steps += [(one.effective, 1, one) for one in events]
    steps.sort(key=lambda step: step[:2])
    for at, _, step in steps:
        if at > now:
            break
        machine.lapse(at)
        if isinstance(step, Tested):
            machine.result(step)
        else:
            machine.event(step)
        machine.lapse(at)  # a clock that had run out before its start was known
    machine.lapse(now)
    return merged(machine.log.first, ((one.at, one.legal, one.why) for one in machine.log.transitions))


def _order(one: Tested) -> tuple[dt.datetime, dt.datetime, str, str]:
    """In the order they became known; what came at the same instant in an order that does not depend on who listed it."""
    return one.seen, one.at, one.result, one.rung or ""


__all__ = [
    "CALLED", "Clockwork", "Former", "History", "Legal", "Machine", "Tested", "changes", "concerning", "fold", "heard", "history",
    "known_events", "machine_of", "repeats", "shortfall", "turns",
]  # fmt: skip

"""Maintenance and reporting covenants, and a facility's own defaults: from a fail through cure and grace to what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from facilities.model import Covenant
from rules.events import Event
from rules.life.clocks import Clockwork
from rules.life.cures import COUNTS, Window, cure_window, period_of, restores
from rules.life.legal import FALLEN, Former, Legal, Log, Tested, rank, terms_on

CALLED = {"acceleration": "accelerated", "enforcement": "enforcement", "insolvency": "insolvency"}
_RECORDED = ("default", "missed_payment")
_CURES = frozenset(COUNTS.values())


@dataclass
class Failure:
    """One failure that is open: a test that failed, or a default somebody recorded."""

    one: Tested
    stage: str
    window: Window | None = None
    deadline: dt.datetime | None = None
    """When the running cure right, or a grace that somebody's notice started, lapses."""
    grace: dt.datetime | None = None
    """When a grace ends that no record has started: shown, and never lapsing into an Event of Default."""
    recorded: Event | None = None
    by_lapse: bool = False
    acted: dt.datetime | None = None
    reserved: dt.datetime | None = None


@dataclass
class Maintenance:
    """The machine. `whole` makes it that of a facility: it fails by what is recorded of the facility as a whole."""

    covenant: Covenant
    clock: Clockwork
    reporting: bool = False
    whole: bool = False
    log: Log = field(default_factory=lambda: Log(Legal("compliant")))
    open: list[Failure] = field(default_factory=list)
    cured: list[dt.date] = field(default_factory=list)
    paid: list[Event] = field(default_factory=list)
    notice: dt.datetime | None = None
    called: tuple[str, dt.datetime] | None = None
    rest: Legal = field(default_factory=lambda: Legal("compliant"))
    """Where it stands while nothing is open: compliant, or cured or waived until the next test."""
    waived: dt.datetime | None = None
    delivered: set[dt.date] = field(default_factory=set)
    former: Sequence[Former] = ()

    # what happens ---------------------------------------------------------------------------------------------------------------

    def lapse(self, until: dt.datetime) -> None:
        """Let every clock run out that ends by `until`, the earliest first."""
        while due := [one for one in self.open if one.deadline is not None and one.deadline <= until]:
            one = min(due, key=_deadline)
            at = one.deadline
            assert at is not None
            why = "the cure right lapsed" if one.stage == "cure_pending" else "the grace period lapsed"
            self._after_cure(one, at) if one.stage == "cure_pending" else self._enter(one, "event_of_default")
            one.by_lapse = True
            self._note(at, why)

    def result(self, one: Tested) -> None:
        """A test that was decided becomes known."""
        period = period_of(one, self.clock)
        if one.result == "fail" and not (self.reporting and period in self.delivered):
            self.rest = Legal("compliant")
            self._begin(one, None)
        else:
            self._passed(one.seen, "the test passed")

    def event(self, one: Event) -> None:
        """Something a person recorded takes effect."""
        at = one.effective
        if one.kind in _CURES:
            self._pay(one)
        elif one.kind in _RECORDED and not (one.kind == "default" and self.open):
            self.rest = Legal("compliant")
            self._begin(Tested(at, "fail", known=max(at, one.known)), one)
        elif one.kind == "waiver" and one.until is None:
            self._waive(at)
        elif one.kind in ("notice", "default"):
            self._notify(at, one.kind)
        elif one.kind == "certificate_delivered" and self.reporting:
            self._deliver(one)
        elif one.kind in CALLED and (self.whole or self.open):
            self._call(CALLED[one.kind], at)
        elif one.kind == "reservation_of_rights":
            for failure in self.open:
                failure.acted, failure.reserved = failure.acted or at, failure.reserved or at
            self._note(at, "rights reserved")

    # what follows ---------------------------------------------------------------------------------------------------------------

    def _begin(self, one: Tested, recorded: Event | None) -> None:
        at = one.at if recorded else one.seen
        if self.waived is not None and one.at <= self.waived:
            self.rest = Legal("waived", one.at, one.seen, self.waived)
            return self._note(at, "waived before it was known")
        window = cure_window(self._terms(one), one, self.clock, self.cured, self.notice)
        failure = Failure(one, "default", window, recorded=recorded)
        self.open.append(failure)
        if window is not None and (window.closes is None or at < window.closes):
            failure.stage, failure.deadline = "cure_pending", window.closes
        else:
            self._after_cure(failure, at)
            failure.by_lapse = window is not None and failure.stage == "event_of_default"
        self._note(at, "a default was recorded" if recorded else "the test failed")
        self._settle(failure, at)

    def _after_cure(self, one: Failure, at: dt.datetime) -> None:
        """What a failure is once no cure right holds it: what the agreement says, with the grace it gives."""
        if self._terms(one.one).on_fail == "event_of_default":
            return self._enter(one, "event_of_default")
        self._enter(one, "default")
        if (grace := self._grace(one)) is None:
            return
        if one.recorded is not None:
            one.deadline = self.clock.after(grace, max(one.one.at, at))
        else:
            one.grace = self.clock.after(grace, one.one.seen)

    def _grace(self, one: Failure) -> str | None:
        """The grace of a failure; that of a whole facility is for payments alone."""
        if self.whole and (one.recorded is None or one.recorded.kind != "missed_payment"):
            return None
        return self._terms(one.one).grace

    def _terms(self, one: Tested) -> Covenant:
        """The terms of the day that was tested: an amendment after it restates no failure."""
        return terms_on(self.covenant, self.former, period_of(one, self.clock))

    def _enter(self, one: Failure, stage: str) -> None:
        one.stage, one.deadline, one.grace = stage, None, None

    def _passed(self, at: dt.datetime, why: str) -> None:
        """A pass ends what a clock or a default still held; an Event of Default only where the agreement lets it be remedied."""
        if self.called is None:
            self.open = [one for one in self.open if one.stage == "event_of_default" and not self._remediable(one)]
        self.rest = Legal("compliant")
        self._note(at, why)

    def _remediable(self, one: Failure) -> bool:
        return self._terms(one.one).continuing_until == "remedied"

    def _pay(self, event: Event) -> None:
        self.paid.append(event)
        for failure in list(self.open):
            self._settle(failure, event.effective)

    def _settle(self, failure: Failure, at: dt.datetime) -> None:
        """End a failure whose recorded cures, in time and for its period, restore the level; no money counts twice."""
        held = self._towards(failure)
        if self.called is not None or failure.stage == "event_of_default" or not self._restored(failure, held):
            return
        self.open = [one for one in self.open if one is not failure]
        self.paid = [one for one in self.paid if one not in held]
        self.cured.append(period_of(failure.one, self.clock))
        self.rest = Legal("cured", failure.one.at, failure.one.seen, at)
        self._note(at, "cured")

    def _towards(self, failure: Failure) -> list[Event]:
        """The recorded money that counts for a failure: of its period or of none named, within its window."""
        named = [one for one in self.paid if one.period_end in (None, period_of(failure.one, self.clock))]
        if failure.window is not None:
            return [one for one in named if failure.window.holds(one.effective)]
        return [one for one in named if failure.recorded is not None and one.effective >= failure.recorded.effective]

    def _restored(self, failure: Failure, held: list[Event]) -> bool:
        """Whether the money restores what failed; a default without figures ends with a cure that names its covenant."""
        if failure.recorded is None:
            cure = self._terms(failure.one).cure
            return cure is not None and restores(cure, failure.one, held)
        if failure.recorded.amount is None:
            return bool(held) and not self.whole
        return sum(float(one.amount) for one in held if one.amount is not None) >= float(failure.recorded.amount) - 0.005

    def _notify(self, at: dt.datetime, kind: str) -> None:
        """A notice starts the cure right that runs from it; a notice, or the default put on record, starts the grace."""
        self.notice = at if kind == "notice" else self.notice
        for one in self.open:
            one.acted = one.acted or at
            if one.stage == "cure_pending" and one.window is not None and one.window.closes is None and kind == "notice":
                one.window = cure_window(self._terms(one.one), one.one, self.clock, self.cured, at)
                one.deadline = one.window.closes if one.window else None
            elif one.stage == "default" and one.deadline is None and (grace := self._grace(one)) is not None:
                one.deadline, one.grace = self.clock.after(grace, at), None
        self._note(at, "notice given" if kind == "notice" else "the default was put on record")

    def _deliver(self, event: Event) -> None:
        if event.period_end is not None:
            self.delivered.add(event.period_end)
        late = [one for one in self.open if event.period_end in (None, period_of(one.one, self.clock)) and one.stage != "event_of_default"]
        self.open = [one for one in self.open if one not in late]
        if late:
            self._note(event.effective, "the certificate was delivered")

    def _call(self, state: str, at: dt.datetime) -> None:
        if self.called is None or rank(state) < rank(self.called[0]):
            self.called = (state, at)
        for one in self.open:
            one.acted = one.acted or at
        self._note(at, {"accelerated": "accelerated", "enforcement": "enforcement began"}.get(state, state))

    def _waive(self, at: dt.datetime) -> None:
        """A waiver without an end removes what it found."""
        self.waived = at
        if self.open or self.called:
            held = self._standing()
            self.open, self.called = [], None
            self.rest = Legal("waived", held.tested_as_of, held.known_at, held.acted_on or at)
            self._note(at, "waived")

    # where it stands ------------------------------------------------------------------------------------------------------------

    def _note(self, at: dt.datetime, why: str) -> None:
        self.log.note(at, self._standing(), why)

    def _standing(self) -> Legal:
        used = len(self.cured)
        worst = min(self.open, key=lambda one: (rank(one.stage), one.one.seen), default=None)
        if self.called is not None:
            state, at = self.called
            return self._legal(worst, state, used, at)
        if worst is None:
            return Legal(self.rest.state, self.rest.tested_as_of, self.rest.known_at, self.rest.acted_on, cures_used=used)
        return self._legal(worst, worst.stage, used, None)

    def _legal(self, one: Failure | None, state: str, used: int, at: dt.datetime | None) -> Legal:
        if one is None:
            return Legal(state, at, at, at, fall=state, cures_used=used)
        running = (one.deadline or one.grace) if at is None else None
        return Legal(
            state,
            one.one.at,
            one.one.seen,
            one.acted,
            running,
            one.by_lapse and at is None,
            one.deadline if state == "cure_pending" else None,
            self._terms(one.one).continuing_until if FALLEN.index(state) <= FALLEN.index("event_of_default") else None,
            used,
            "a missed payment" if one.recorded and one.recorded.kind == "missed_payment" else None,
            fall=state,
            reserved=one.reserved,
        )


def _deadline(one: Failure) -> tuple[dt.datetime, dt.datetime]:
    assert one.deadline is not None
    return one.deadline, one.one.at

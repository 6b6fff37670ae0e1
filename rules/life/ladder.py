"""Margin ladders: rungs with clocks, calls that a notice or the trigger starts, and the level that ends them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from facilities.model import Covenant, Rung
from rules.events import Event
from rules.life.clocks import Clockwork, sooner
from rules.life.legal import Former, Legal, Log, Tested, terms_on

WARNINGS = ("notice",)
_RISING = ("notice", "call", "accelerated_call", "liquidation")


@dataclass
class Ladder:
    """`callable` while a call rung is on and its notice is not sent; a notice, or the trigger, starts the clock of the rung.

    A worse rung replaces the clock and never lengthens it. A call ends at its restore level (`restored`), or where `clears_at` says; one
    whose deadline passes has expired, and what that makes of the facility is `on_fail`.
    """

    covenant: Covenant
    clock: Clockwork
    log: Log = field(default_factory=lambda: Log(Legal("normal")))
    state: str = "normal"
    hit: Tested | None = None
    """The result since which the state shown holds."""
    rung: Rung | None = None
    """The worst rung that is on by the last result."""
    running: Rung | None = None
    """The rung whose call was made."""
    deadline: dt.datetime | None = None
    by_lapse: bool = False
    acted: dt.datetime | None = None
    reserved: dt.datetime | None = None
    fall: str | None = None
    fell: dt.datetime | None = None
    former: Sequence[Former] = ()

    def lapse(self, until: dt.datetime) -> None:
        """A call whose deadline has passed has expired, though the right to liquidate that came meanwhile stays what is shown."""
        if self.state != "call_expired" and self.deadline is not None and self.deadline <= until:
            at = self.deadline
            self.fell = self.fell if self.fall else at
            self.fall, self.by_lapse = self._terms(self.hit).on_fail, self.state != "liquidation"
            self.state, self.deadline = ("liquidation", None) if self.state == "liquidation" else ("call_expired", at)
            self._note(at, "nobody met the call")

    def result(self, one: Tested) -> None:
        """The ratio at a usable mark."""
        self.rung = next((rung for rung in self._terms(one).rung if rung.state == one.rung), None)
        quiet = self.rung is None or self.rung.state in WARNINGS
        if self.running is not None:
            self._while_called(one, quiet)
        elif quiet:
            self._rest(one)
        elif self._terms(one).starts == "trigger":
            self._call(one, one.at)
        elif self.state != "callable":
            self.state, self.hit, self.acted, self.reserved = "callable", one, None, None
        self._note(one.seen, f"{self.rung.label or self.rung.state} level reached" if self.rung else "below every rung")

    def event(self, one: Event) -> None:
        """A notice makes the call; a waiver without an end clears it, and with it what its expiry made of the facility."""
        at = one.effective
        if one.kind == "notice" and self.rung is not None and self.rung.state not in WARNINGS and self.hit is not None:
            self.acted = self.acted or at
            if self.state == "callable" or self._worse():
                self._call(self.hit, at)
            self._note(at, "notice given")
        elif one.kind == "reservation_of_rights" and (self.fall or self.state not in ("normal", "restored")):
            self.acted, self.reserved = self.acted or at, self.reserved or at
            self._note(at, "rights reserved")
        elif one.kind == "waiver" and one.until is None and (self.state != "normal" or self.fall):
            self._clear("normal", None)
            self.fall = None
            self._note(at, "waived")

    def _terms(self, one: Tested | None) -> Covenant:
        """The terms of the day of a result: a call follows those of the day it was hit."""
        return self.covenant if one is None else terms_on(self.covenant, self.former, one.period or self.clock.day(one.at))

    def _rest(self, one: Tested) -> None:
        """No call rung is on and none was called."""
        state = "normal" if self.rung is None else "notice"
        if state != self.state:
            self._clear(state, one if self.rung is not None else None)

    def _while_called(self, one: Tested, quiet: bool) -> None:
        if quiet:
            if one.restored or (self._terms(self.hit).clears_at == "trigger" and self.state != "call_expired"):
                self._clear("restored", one)
                self.fall = None if self.fall == "default" else self.fall
        elif self._worse() and (self._terms(one).starts == "trigger" or (self.rung is not None and self.rung.within is None)):
            # a rung without a clock needs no second notice: the call was made
            self._call(one, one.at)

    def _worse(self) -> bool:
        return (
            self.running is not None
            and self.rung is not None
            and self.state != "liquidation"
            and _RISING.index(self.rung.state) > _RISING.index(self.running.state)
        )

    def _call(self, one: Tested, start: dt.datetime) -> None:
        assert self.rung is not None
        end = self.clock.after(self.rung.within, start, self._terms(one).clock == "business") if self.rung.within else None
        if self.running is None:
            self.hit = one
        if self.state != "call_expired" or self.rung.state == "liquidation":
            running = None if self.state == "call_expired" else self.deadline  # a clock that ran out bounds nothing any more
            self.state, self.deadline = self.rung.state, sooner(running, end)
            self.by_lapse = False
        self.running = self.rung

    def _clear(self, state: str, hit: Tested | None) -> None:
        self.state, self.hit, self.running, self.deadline, self.by_lapse = state, hit, None, None, False
        if not self.fall:
            self.acted = self.reserved = None

    def _note(self, at: dt.datetime, why: str) -> None:
        self.log.note(at, self._standing(), why)

    def _standing(self) -> Legal:
        rung = self.rung.state if self.rung else None
        because = "a margin call expired" if self.fall else None
        until = self._terms(self.hit).continuing_until if self.fall == "event_of_default" else None
        fell = self.fell if self.fall else None
        if self.hit is None:
            return Legal(self.state, because=because, continuing_until=until, fall=self.fall, reserved=self.reserved, rung=rung, fell=fell)
        return Legal(
            self.state, self.hit.at, self.hit.seen, self.acted, self.deadline, self.by_lapse, None, until, 0, because,
            fall=self.fall, reserved=self.reserved, rung=rung, fell=fell,
        )  # fmt: skip

"""Triggers: off, pending, on, curing; no Event of Default, and their levels differ on the way in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from facilities.model import Covenant
from rules.events import Event
from rules.life.cures import COUNTS
from rules.life.legal import Former, Legal, Log, Tested, terms_on


@dataclass
class Trigger:
    """off -> pending -> on after `on.tests` fails running; on -> curing -> off after `off.tests` tests at the leaving level."""

    covenant: Covenant
    log: Log = field(default_factory=lambda: Log(Legal("off")))
    on: bool = False
    streak: int = 0
    since: Tested | None = None
    began: Tested | None = None
    acted: dt.datetime | None = None
    former: Sequence[Former] = ()

    def lapse(self, until: dt.datetime) -> None:
        """A trigger has no clocks: it counts tests."""

    def result(self, one: Tested) -> None:
        """A test that was decided becomes known."""
        terms = terms_on(self.covenant, self.former, one.period or one.at.date())
        need = terms.off if self.on else terms.on
        moves = one.result != "fail" and one.on is not True if self.on else one.result == "fail"
        self.began, self.streak = (self.began or one, self.streak + 1) if moves else (None, 0)
        if self.streak >= (need.tests if need else 1):
            self._switch(self.began)
        self.log.note(one.seen, self._standing(), "the test failed" if one.result == "fail" else "the test passed")

    def event(self, one: Event) -> None:
        """A recorded cure switches a curable trigger off; a waiver without an end does so to any; the rest only shows that we acted."""
        cured = self.covenant.curable and one.kind in COUNTS.values() and one.covenant == self.covenant.id
        if self.on and (cured or (one.kind == "waiver" and one.until is None)):
            self._switch(None)
            self.log.note(one.effective, self._standing(), "cured" if cured else "waived")
        elif self.on and one.kind in ("notice", "reservation_of_rights"):
            self.acted = self.acted or one.effective
            self.log.note(one.effective, self._standing(), "acted on")

    def _switch(self, began: Tested | None) -> None:
        self.on = not self.on
        self.since, self.began, self.streak, self.acted = began if self.on else None, None, 0, None

    def _standing(self) -> Legal:
        state = ("curing" if self.streak else "on") if self.on else ("pending" if self.streak else "off")
        shown = self.since if self.on else self.began
        return Legal(state) if shown is None else Legal(state, shown.at, shown.seen, self.acted)

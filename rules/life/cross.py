"""Cross-links: whose default, acceleration or missed payment makes a facility fall, when, and by which clause.

Links read legal states. A default elsewhere makes a default here, an Event of Default elsewhere one here; with a grace that lapses, or a
notice period that starts with a recorded notice, it is one when the clock says so. Every instant at which something changes is brought to
its fixed point before time moves on; no link fires on a fall that its own facility caused.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from facilities.model import CrossLink
from rules.events import Event
from rules.life.clocks import Clockwork
from rules.life.excuse import excuses, under
from rules.life.facility import COMPLIANT
from rules.life.legal import History, Legal, merged, rank

_SEVERE = ("insolvency", "enforcement", "accelerated", "event_of_default")
_CALLED = _SEVERE[:3]
WORDS = {"cross_default": "cross-default", "cross_acceleration": "cross-acceleration", "cross_payment": "cross-payment"}


@dataclass
class Link:
    """One clause of the facility `hurt`, and the ids of the debts it reads; `since` is when it was struck."""

    hurt: str
    terms: CrossLink
    debts: tuple[str, ...]
    clock: Clockwork
    since: dt.datetime | None = None
    unknown: set[str] = field(default_factory=set)
    """Debts in default whose principal is not known, so that the threshold cannot be held against them."""


class Debts(msgspec.Struct, frozen=True):
    """What the links read: legal histories by id without any cross-link, those of missed payments, principal, and recorded events.

    `principal(id, at, currency_of)` is the debt's principal in the currency of the facility `currency_of`; None: not known.
    """

    histories: Mapping[str, History]
    payments: Mapping[str, History]
    principal: Callable[[str, dt.datetime, str], float | None]
    events: Mapping[str, Sequence[Event]]


def chain(links: Sequence[Link], debts: Debts, now: dt.datetime) -> dict[str, History]:
    """What the links make of each facility they can hurt, up to `now`."""
    awake = _awake(links, debts)
    return _Chain(awake, debts, now).run() if awake else {}


def _awake(links: Sequence[Link], debts: Debts) -> list[Link]:
    """The links that anything could strike: of debts that fell once, and of those that such a link could make fall."""
    fallen = {
        name
        for held in (debts.histories, debts.payments)
        for name, one in held.items()
        if any(step.legal.fall not in (None, "cure_pending") for step in one.transitions)
    }
    while reached := {link.hurt for link in links if not fallen.isdisjoint(link.debts)} - fallen:
        fallen |= reached
    return [link for link in links if not fallen.isdisjoint(link.debts)]


class _Chain:
    """Walks through the instants at which something changes."""

    def __init__(self, links: Sequence[Link], debts: Debts, now: dt.datetime) -> None:
        self.links, self.debts, self.now = links, debts, now
        self.stands: dict[str, list[tuple[dt.datetime, Legal, str]]] = {link.hurt: [] for link in links}
        self.spans = {name: excuses(_whole(debts.events.get(name, ()))) for name in self.stands}
        self.queue = sorted(self._instants())
        self.cross: dict[str, Legal] = {}
        self.paths: dict[str, frozenset[str]] = {}
        self.by: dict[str, Link] = {}

    def _instants(self) -> set[dt.datetime]:
        read = {name for link in self.links for name in link.debts}
        found = {
            one.at
            for held in (self.debts.histories, self.debts.payments)
            for name in read
            if name in held
            for one in held[name].transitions
        }
        told = [one for name in self.stands for one in _whole(self.debts.events.get(name, ()))]
        ends = {one.until + dt.timedelta(microseconds=1) for one in told if one.until is not None}
        return {at for at in found | {one.effective for one in told} | ends if at <= self.now}

    def run(self) -> dict[str, History]:
        before: dt.datetime | None = None
        while self.queue:
            at = heapq.heappop(self.queue)
            if at != before:
                self._settle(at)
            before = at
        return {name: merged(COMPLIANT, found) for name, found in self.stands.items()}

    def _settle(self, at: dt.datetime) -> None:
        """The least fixed point at one instant: from the falls that need no link, each link's effect until none adds any."""
        self.cross, self.paths, self.by = {}, {}, {}
        struck: set[int] = set()
        moved = True
        while moved:
            moved = False
            for place, link in enumerate(self.links):
                hits = self._hits(link, at)
                if not hits or not self._enough(link, [name for name, _ in hits], at):
                    continue
                struck.add(place)
                moved |= self._strike(link, hits, at)
        for place, link in enumerate(self.links):
            link.since = link.since if place in struck else None
        for name, link in self.by.items():
            self.cross[name] = msgspec.structs.replace(self.cross[name], because=self._because(link, at))
        for name, found in self.stands.items():
            found.append((at, self.cross.get(name, COMPLIANT), "a cross-link"))

    def _hits(self, link: Link, at: dt.datetime) -> list[tuple[str, Legal]]:
        """The debts whose fall this link reads, those apart that fell because of the facility it would hurt."""
        found = []
        for name in link.debts:
            legal = self._fallen(link, name, at)
            if legal is not None and link.hurt not in self.paths.get(name, ()):
                found.append((name, legal))
        return found

    def _fallen(self, link: Link, name: str, at: dt.datetime) -> Legal | None:
        if link.terms.kind == "cross_payment":
            legal = self.debts.payments[name].at(at)
        else:
            own, cross = self.debts.histories[name].at(at), self.cross.get(name, COMPLIANT)
            legal = cross if rank(cross.fall) < rank(own.fall) else own
        if legal.fall in (None, "cure_pending"):
            return None
        return legal if link.terms.kind != "cross_acceleration" or _true(legal) in _CALLED else None

    def _enough(self, link: Link, names: list[str], at: dt.datetime) -> bool:
        """Whether the principal of the defaulting debts together reaches the clause's amount; what is not known is not enough."""
        least = link.terms.on_default_of.aggregate_principal_ge
        if least is None:
            return True
        amounts = {name: self.debts.principal(name, at, link.hurt) for name in names}
        enough = sum(amount for amount in amounts.values() if amount is not None) >= float(least)
        link.unknown = set() if enough else {name for name, amount in amounts.items() if amount is None}
        return enough

    def _strike(self, link: Link, hits: list[tuple[str, Legal]], at: dt.datetime) -> bool:
        link.since = link.since or at
        severe = [name for name, legal in hits if _true(legal) in _SEVERE]
        legal = self._made(link, bool(severe) and self._enough(link, severe, at), at)
        if link.hurt in self.cross and rank(legal.fall) >= rank(self.cross[link.hurt].fall):
            return False
        self.cross[link.hurt], self.by[link.hurt] = legal, link
        causes = [self.paths.get(name, frozenset()) | {name} for name, _ in hits]
        if rank(self.debts.histories[link.hurt].at(at).fall) > rank(legal.fall):
            self.paths[link.hurt] = frozenset().union(*causes)
        return legal.fall is not None

    def _because(self, link: Link, at: dt.datetime) -> str:
        """The clause, and the debts that struck it: not those that fell because of another of them."""
        names = [name for name, _ in self._hits(link, at)]
        first = [name for name in names if self.paths.get(name, frozenset()).isdisjoint(names)]
        clause = f", clause {link.terms.clause}" if link.terms.clause else ""
        return f"{WORDS[link.terms.kind]}{clause}, of {', '.join(first or names)}"

    def _made(self, link: Link, severe: bool, at: dt.datetime) -> Legal:
        """What a struck link makes of its facility at an instant."""
        since = link.since
        assert since is not None
        told = [one for one in _whole(self.debts.events.get(link.hurt, ())) if since <= one.effective <= at]
        deadline, lapsed = self._clock(link, since, told, at)
        state = "event_of_default" if lapsed or (severe and link.terms.grace is None and link.terms.notice is None) else "default"
        legal = Legal(
            state,
            since,
            since,
            next((one.effective for one in told), None),
            None if lapsed else deadline,
            lapsed,
            continuing_until="waived" if state == "event_of_default" else None,
            fall=state,
            reserved=next((one.effective for one in told if one.kind == "reservation_of_rights"), None),
        )
        if any(one.kind == "waiver" and one.until is None for one in told):
            return msgspec.structs.replace(legal, state="waived", underlying=state, fall=None, deadline=None, by_lapse=False)
        return under(legal, self.spans[link.hurt], at)

    def _clock(self, link: Link, since: dt.datetime, told: Sequence[Event], at: dt.datetime) -> tuple[dt.datetime | None, bool]:
        """(when the grace or notice period of a struck link is over, whether it is); a notice period waits for its notice."""
        deadline = link.clock.after(link.terms.grace, since) if link.terms.grace is not None else None
        if link.terms.notice is not None:
            notice = next((one.effective for one in told if one.kind == "notice"), None)
            if notice is None:
                return None, False
            deadline = max(link.clock.after(link.terms.notice, notice), deadline or notice)
        if deadline is not None and at < deadline <= self.now:
            heapq.heappush(self.queue, deadline)
        return deadline, deadline is not None and at >= deadline


def _whole(events: Sequence[Event]) -> list[Event]:
    return [one for one in events if one.covenant is None]


def _true(legal: Legal) -> str | None:
    """What has happened beneath a forbearance, which stays remedies and leaves the default."""
    return legal.underlying if legal.state == "forbearance" else legal.fall

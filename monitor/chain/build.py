"""Rolls a desk forward from a start: clocks lapse, people are assumed to act, sales move marks, until nothing changes.

Every instant is brought to its fixed point before time moves on. A facility's own fall, its acceleration and its sale are each added
once and never taken back, so that the rolling ends, circles of cross-links included.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import groupby

import msgspec

from monitor.assess import Picture, assess
from monitor.assumed import SALES as SOLD_BY
from monitor.assumed import sales_assumed
from monitor.chain.answer import SCHEMA, ChainAnswer, StepPart
from monitor.chain.resources import resources_of, units_on
from monitor.chain.turns import before_its_time, fallen_since, first_turn, looks
from monitor.journal.ledger import Ledger
from monitor.report.words import iso
from monitor.session import Session
from monitor.shocked import with_levels
from rules.events import Event, EventKind
from rules.life.legal import FALLEN
from rules.liquidation import market_of

ACTED = ("accelerated", "enforcement", "insolvency", "event_of_default")
ASSUMPTIONS = (
    "a call that is open without notice is given notice at once",
    "an Event of Default is accelerated at once, and its notice given",
    "a loan at its liquidation level is sold out at once; that by itself is no default",
    "no waiver, cure or repayment comes; certificates arrive in time",
    "marks stay where they start, fire sales apart",
)
SALES = "an accelerated loan's collateral is sold: its price falls by Y sigma sqrt(N/ADV), uncalibrated"
DAYS = 60.0
"""How far ahead a chain is rolled unless asked otherwise."""
_MOST_ROUNDS = 400


def chain_of(start: Picture, until: dt.datetime, suppose: tuple[str, EventKind] | None = None, sales: bool = True) -> ChainAnswer:
    """What follows from a picture by an instant; `suppose` (facility, kind of event) makes one fall at the start."""
    return _Roll(start, until, suppose, sales).answer()


class _Roll:
    """One rolling: the desk with what was assumed so far, and the steps seen."""

    def __init__(self, start: Picture, until: dt.datetime, suppose: tuple[str, EventKind] | None, sales: bool) -> None:
        self.start, self.until, self.suppose, self.sales = start, until, suppose, sales
        self.events: list[Event] = []
        self.steps: list[StepPart] = []
        self.rounds = 0
        self.seen: dict[str, str | None] = {}
        self.sold: set[str] = set()
        self.liquidated: set[str] = set()
        self.levels = {one.series: one.value for one in start.observations if one.value is not None and one.data != "stale"}
        self.looks = looks(start, until)
        self.session: Session = with_levels(start.session, self.levels, start.as_of, "the chain")

    def answer(self) -> ChainAnswer:
        self._certificates(self.start.as_of)
        if self.suppose is not None:
            self._add(self.suppose[1], self.suppose[0], None, self.start.as_of)
        self._settle(self.start.as_of)
        self._roll()
        fallen = [name for name, state in self.seen.items() if state in FALLEN]
        assumed = [*ASSUMPTIONS, SALES] if self.sales else list(ASSUMPTIONS)
        return ChainAnswer(
            schema=SCHEMA, as_of=iso(self.start.as_of), until=iso(self.until), rounds=self.rounds, fallen=fallen,
            steps=in_order(self.steps),
            supposed=" ".join(self.suppose) if self.suppose else None, resources=resources_of(self.start), assumptions=assumed,
            inputs=sales_assumed(self.start.session.desk, self._assets(), SOLD_BY),
        )  # fmt: skip

    def _assets(self) -> set[str]:
        """The assets that were sold."""
        book = self.start.book
        return {row.asset for f, name in enumerate(book.ids) if name in self.sold for row in book.terms[f].collateral}

    def _roll(self) -> None:
        """Settle, in order, each instant at which anything turns in law: a look ahead tells of it by its own date."""
        at = self.start.as_of
        for look in self.looks:
            seen = self._judged(look)
            while at < look:
                at = first_turn(seen, at)
                if self._settle(at, seen if at == look else None):
                    seen = self._judged(look)

    def _settle(self, at: dt.datetime, picture: Picture | None = None) -> bool:
        """Bring one instant to its fixed point, from its picture where there is one; whether anything was added to what is judged."""
        moved = False
        while self.rounds < _MOST_ROUNDS:
            self.rounds += 1
            if not self._react(picture or self._judged(at), at):
                return moved
            moved, picture = True, None
        return moved

    def _judged(self, at: dt.datetime) -> Picture:
        ledger = Ledger([*self.start.session.journal.entries, *self.events])
        return assess(msgspec.structs.replace(self.session, journal=ledger), at, max(at, self.start.known_at))

    def _react(self, picture: Picture, at: dt.datetime) -> bool:
        """Note who has fallen, and what is assumed to be done about it; whether that adds anything to judge again."""
        moved = self._calls(picture, at) | self._liquidations(picture, at)
        for f, name in enumerate(picture.book.ids):
            legal = picture.facilities[f].at(at)
            if at > self.start.as_of and before_its_time(picture, f):
                continue
            if legal.fall != self.seen.get(name):
                self.seen[name] = legal.fall
                if legal.fall is not None:
                    self._note(fallen_since(picture.facilities[f], at), "falls", name, legal.fall, legal.because, assumed=False)
            struck = legal.because or ""
            if legal.fall == "default" and "cross-" in struck and not self._told("notice", name):
                moved |= self._add("notice", name, None, at)
            if legal.fall == "event_of_default" and not self._told("acceleration", name):
                moved |= self._add("acceleration", name, None, at)
            if legal.fall in ACTED and legal.fall != "event_of_default" and self.sales and name not in self.sold:
                moved |= self._sell(picture, f, at)
        return moved

    def _calls(self, picture: Picture, at: dt.datetime) -> bool:
        moved = False
        for one in picture.standings:
            name, covenant = picture.book.ids[one.test.facility], one.test.covenant.id
            if one.legal.state == "callable" and not self._told("notice", name, covenant):
                moved |= self._add("notice", name, covenant, at)
        return moved

    def _liquidations(self, picture: Picture, at: dt.datetime) -> bool:
        """A loan at its liquidation level, called already, is sold out: that moves marks, and is no default by itself."""
        moved = False
        for one in picture.standings:
            name = picture.book.ids[one.test.facility]
            if one.legal.state == "liquidation" and name not in self.sold and name not in self.liquidated:
                self.liquidated.add(name)
                self._note(at, "liquidation", name, None, one.test.covenant.id, assumed=True)
                moved |= self._sell(picture, one.test.facility, at) if self.sales else False
        return moved

    def _told(self, kind: str, facility: str, covenant: str | None = None) -> bool:
        return any((one.kind, one.facility, one.covenant) == (kind, facility, covenant) for one in self.events)

    def _add(self, kind: EventKind, facility: str, covenant: str | None, at: dt.datetime) -> bool:
        self.events.append(_event(len(self.events), kind, facility, covenant, at))
        self._note(at, kind, facility, None, covenant, assumed=True)
        return True

    def _certificates(self, at: dt.datetime) -> None:
        """Reporting covenants that stand well are excused, so that nothing falls for a certificate that has still to come."""
        for one in self.start.standings:
            if one.test.class_ == "reporting" and one.legal.fall is None:
                name = self.start.book.ids[one.test.facility]
                made = _event(len(self.events), "waiver", name, one.test.covenant.id, at)
                self.events.append(msgspec.structs.replace(made, until=self.until + dt.timedelta(days=1)))

    def _sell(self, picture: Picture, f: int, at: dt.datetime) -> bool:
        """Sell the collateral of a facility: each mark of it falls for every holder."""
        book, name = picture.book, picture.book.ids[f]
        self.sold.add(name)
        file = picture.session.desk.file
        markets = {one.asset: market_of(one) for one in (file.liquidity if file else [])}
        moved = False
        for row in book.terms[f].collateral:
            series, market, units = row.price or f"{row.asset}.price", markets.get(row.asset), units_on(row, at.date())
            before = self.levels.get(series)
            if market is None or units is None or before is None or not (market.impact and market.volatility and market.volume):
                continue
            after = before * max(0.0, 1.0 - market.impact * market.volatility * math.sqrt(units / market.volume))
            self.levels[series] = after
            self.session = with_levels(self.session, {series: after}, at, "the chain")
            part = StepPart(
                at=iso(at), kind="sale", facility=name, state=None, clause=None, causes=[], assumed=True, series=series, units=units,
                before=before, after=after,
            )  # fmt: skip
            self.steps.append(part)
            moved = True
        return moved

    def _note(self, at: dt.datetime, kind: str, facility: str, state: str | None, clause: str | None, assumed: bool) -> None:
        causes = _causes(clause, self.start.book.ids) if kind == "falls" else []
        self.steps.append(StepPart(at=iso(at), kind=kind, facility=facility, state=state, clause=clause, causes=causes, assumed=assumed))


def in_order(steps: Sequence[StepPart]) -> list[StepPart]:
    """Steps by time; of one instant in the order they were seen, a fall after the falls that caused it. Circles keep that order."""
    found: list[StepPart] = []
    for _, group in groupby(sorted(steps, key=_moment), key=_moment):
        left, fell = list(group), set[str]()
        while left:
            one = _first(left[0], left, fell)
            left.remove(one)
            found.append(one)
            fell |= {one.facility} if one.kind == "falls" else set()
    return found


def _first(one: StepPart, left: Sequence[StepPart], fell: set[str], above: frozenset[str] = frozenset()) -> StepPart:
    """The step itself, or the first fall among those left that has to come before it."""
    for cause in one.causes:
        if cause not in fell | above | {one.facility}:
            before = next((step for step in left if step.kind == "falls" and step.facility == cause), None)
            if before is not None:
                return _first(before, left, fell, above | {one.facility})
    return one


def _moment(one: StepPart) -> dt.datetime:
    return dt.datetime.fromisoformat(one.at)


def _causes(clause: str | None, known: Sequence[str]) -> list[str]:
    """The debts that a cross-link's wording names."""
    if clause is None or "cross-" not in clause:
        return []
    return [name for name in clause.rpartition(" of ")[2].split(", ") if name in known or "/" in name]


def _event(number: int, kind: EventKind, facility: str, covenant: str | None, at: dt.datetime) -> Event:
    return Event(id=f"assumed-{number}", kind=kind, facility=facility, covenant=covenant, effective=at, known=at, by="assumed")


"""What figures and recorded events make of every covenant and facility in law, and what is left to do about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from facilities.steps import value_on
from monitor.session import Session
from monitor.terms import Terms
from rules.book import Book
from rules.events import Event
from rules.life import Clockwork, History, Legal, Tested, history
from rules.life.cross import Debts, Link, chain
from rules.life.debtors import Debtors
from rules.life.facility import COMPLIANT, combined, own_history, payments
from rules.life.tasks import Place, Task, expiring, principal_unknown, repayment_unknown, reserve_rights, send_notice
from rules.matured import unsettled
from rules.primitives.balances import outstanding_on
from rules.scope import Scope, day_of, facility_rows, open_scope
from rules.worlds import Worlds


class Law(msgspec.Struct, frozen=True):
    """The histories of the covenants of a book and of its facilities, each in the book's order, and the tasks that follow."""

    covenants: tuple[History, ...]
    facilities: tuple[History, ...]
    tasks: list[Task]


class Court:
    """Puts one picture of a desk into law: covenants first, then what is recorded of facilities, then the links between them."""

    def __init__(
        self, session: Session, book: Book, now: Worlds, as_of: dt.datetime, known_at: dt.datetime, events: Sequence[Event],
        terms: Terms | None = None,
    ) -> None:  # fmt: skip
        self.session, self.book, self.now, self.as_of, self.known_at = session, book, now, as_of, known_at
        self.terms = terms
        self.events: dict[str, list[Event]] = {}
        for one in events:
            self.events.setdefault(one.facility or "", []).append(one)
        self.clocks = [self._clock(f) for f in range(len(book.ids))]
        self.place = {name: f for f, name in enumerate(book.ids)}
        self.tests: list[list[int]] = [[] for _ in book.ids]
        for t, test in enumerate(book.tests):
            self.tests[test.facility].append(t)
        self.scope: Scope | None = None

    def _clock(self, f: int) -> Clockwork:
        from monitor.marks.instants import zone

        name = self.book.terms[f].facility.timezone
        return Clockwork(self.book.calendars[f], self.session.timezone if name is None else zone(name))

    def of_facility(self, f: int) -> Sequence[Event]:
        """The recorded events of one facility."""
        return self.events.get(self.book.ids[f], ())

    def law(self, results: Sequence[Sequence[Tested]]) -> Law:
        """The law of a book from the `tested` results of each of its tests."""
        covenants = tuple(self._covenant(t, found) for t, found in enumerate(results))
        own = [self._facility(f, covenants) for f in range(len(self.book.ids))]
        links, crossed = self._links(own)
        facilities = tuple(
            combined([("", one), ("", crossed[identity])]) if identity in crossed else one
            for identity, one in zip(self.book.ids, own, strict=True)
        )
        return Law(covenants, facilities, self._tasks(covenants, facilities, links))

    def _covenant(self, t: int, results: Sequence[Tested]) -> History:
        test = self.book.tests[t]
        clock, former = self.clocks[test.facility], self.terms.former(test) if self.terms else ()
        return history(
            test.covenant, test.class_, results, self.of_facility(test.facility),
            now=self.as_of, calendar=clock.calendar, zone=clock.zone, known_at=self.known_at, former=former,
        )  # fmt: skip

    def _facility(self, f: int, covenants: Sequence[History]) -> History:
        """A facility without its cross-links: what is recorded of it, and its covenants."""
        named = [(self.book.tests[t].title, covenants[t]) for t in self.tests[f]]
        events = self.of_facility(f)
        if not events:
            return combined(named)
        grace = self.book.terms[f].facility.payment_grace
        return combined([("", own_history(grace, events, self.clocks[f], self.as_of, self.known_at)), *named])

    # links between facilities ---------------------------------------------------------------------------------------------------

    def links(self) -> list[Link]:
        """Every cross-link of the book with the debts it reads."""
        places = [f for f, one in enumerate(self.book.terms) if one.cross_link]
        if not places:
            return []
        debtors = Debtors(dict(zip(self.book.ids, self.book.terms, strict=True)), self.session.desk.obligors)
        return [
            Link(self.book.ids[f], terms, debtors.read_by(terms, self.book.ids[f]), self.clocks[f])
            for f in places
            for terms in self.book.terms[f].cross_link
        ]

    def _links(self, own: Sequence[History]) -> tuple[list[Link], Mapping[str, History]]:
        links = self.links()
        if not links:
            return [], {}
        read = {name for link in links for name in (link.hurt, *link.debts)}
        paid = {name for link in links if link.terms.kind == "cross_payment" for name in link.debts}
        histories = {name: own[self.place[name]] if name in self.place else self._recorded(name) for name in read}
        missed = {name: self._recorded(name, only_payments=True) for name in paid}
        return links, chain(links, Debts(histories, missed, self._principal, self.events), self.as_of)

    def _recorded(self, debt: str, only_payments: bool = False) -> History:
        """What is recorded of a debt as a whole, or of its payments alone."""
        events, f = self.events.get(debt), self.place.get(debt)
        if not events:
            return History(COMPLIANT, ())
        clock = self.clocks[f] if f is not None else Clockwork(self.session.calendar(None), self.session.timezone)
        grace = self.book.terms[f].facility.payment_grace if f is not None else None
        told = payments if only_payments else own_history
        return told(grace, events, clock, self.as_of, self.known_at)

    def _principal(self, debt: str, at: dt.datetime, currency_of: str) -> float | None:
        """The principal of a debt on a day in the currency of a facility; None where it, or the exchange rate, is not known."""
        home, f = self.book.terms[self.place[currency_of]].facility.currency, self.place.get(debt)
        if f is not None:
            amount, currency = self._outstanding(f, at), self.book.terms[f].facility.currency
        else:
            amount, currency = self._elsewhere(debt, at), self.session.desk.file.desk.currency if self.session.desk.file else "USD"
        if amount is None:
            amount = next(
                (float(one.amount) for one in self.events.get(debt, ()) if one.amount is not None and one.kind == "acceleration"), None
            )
        rate = self.session.rate(currency, home, at, self.known_at)
        return None if amount is None or rate is None else amount * rate

    def _outstanding(self, f: int, at: dt.datetime) -> float | None:
        scope = self._opened()
        day = np.full(1, day_of(at, self.session.timezone), dtype=np.int64)
        known = np.full(1, day_of(self.known_at, self.session.timezone), dtype=np.int64)
        found = float(outstanding_on(scope, np.full(1, f, dtype=np.int64), day, known)[0])
        return None if np.isnan(found) else found

    def _opened(self) -> Scope:
        if self.scope is None:
            every = np.arange(len(self.book.ids), dtype=np.int64)
            self.scope = open_scope(self.book, self.now, facility_rows(self.book, self.now, every), facility=every)
        return self.scope

    def _elsewhere(self, debt: str, at: dt.datetime) -> float | None:
        who, _, name = debt.partition("/")
        day = dt.date.fromordinal(day_of(at, self.session.timezone))
        row = next((row for row in self.session.desk.obligors[who].debt if row.id == name), None)
        found = value_on(row.outstanding, day) if row is not None and row.outstanding is not None else None
        return None if found is None else float(found)

    # what is left to do ---------------------------------------------------------------------------------------------------------

    def _tasks(self, covenants: Sequence[History], facilities: Sequence[History], links: Sequence[Link]) -> list[Task]:
        settings = self.session.desk.file.desk if self.session.desk.file else None
        days = settings.reserve_rights_days if settings else 5
        found: list[Task | None] = []
        for t, test in enumerate(self.book.tests):
            place, legal = self.spot(t), covenants[t].at(self.as_of)
            if self.book.terms[test.facility].facility.ours:
                found += [reserve_rights(place, legal, days, self.as_of), send_notice(place, legal)]
        for f, identity in enumerate(self.book.ids):
            if self.book.terms[f].facility.ours:
                found += [self._whole(f, facilities[f].at(self.as_of), covenants, days)]
                found += expiring(identity, self.of_facility(f), self.clocks[f], self.as_of)
        found += self._repayments()
        for link in links:
            if link.unknown:
                f = self.place[link.hurt]
                found.append(principal_unknown(self._facility_place(f), link.terms.clause, link.unknown))
        return [one for one in found if one is not None]

    def _repayments(self) -> list[Task]:
        """What matured of any facility, ours or not, without a word of what became of it."""
        day, known = (day_of(at, self.session.timezone) for at in (self.as_of, self.known_at))
        found = []
        for one in unsettled(self._opened(), day, known):
            what = "maturity" if one.matured else "the last payment of"
            what = f"{what} of {one.name}," if one.name and one.matured else f"{what} {one.name}," if one.name else what
            currency = self.book.terms[one.facility].facility.currency
            found.append(repayment_unknown(self._facility_place(one.facility), one.due, what, one.amount, currency))
        return found

    def _whole(self, f: int, legal: Legal, covenants: Sequence[History], days: int) -> Task | None:
        """A facility's own default, where none of its covenants says so already."""
        told = any(covenants[t].at(self.as_of).fall == legal.fall for t in self.tests[f])
        return None if told else reserve_rights(self._facility_place(f), legal, days, self.as_of)

    def spot(self, t: int) -> Place:
        """The place of a covenant's tasks."""
        test = self.book.tests[t]
        name = self.book.terms[test.facility].facility.name
        return Place(self.book.ids[test.facility], test.covenant.id, f"{name}: {test.title}", self.clocks[test.facility])

    def _facility_place(self, f: int) -> Place:
        return Place(self.book.ids[f], None, self.book.terms[f].facility.name, self.clocks[f])

"""The dated things ahead of a desk: tests, certificates, clocks, maturities, puts, and what ends with a contract or a hedge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from facilities.model import Covenant, PartialDate
from monitor.assess import Picture, Standing
from monitor.report.clocks import whole_clocks
from monitor.report.words import iso, local_stamp
from rules.life import Legal
from rules.life.tasks import Task
from rules.scope import day_of
from rules.testdates import due_date, next_test

KINDS = ("clock", "test", "certificate", "maturity", "put", "availability_end", "hedge_end", "contract_end")
"""Kinds of entries, as a day lists them."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing ahead. `date` is the day on the desk's clock; `at` the instant where there is one, `local` the same on the desk's clock;
    `partial` the date as the agreement writes it where it gives no day; `amount` in `currency`, None where not known or none.
    """

    date: str
    kind: str
    facility: str
    title: str
    group: str | None = None
    covenant: str | None = None
    at: str | None = None
    local: str | None = None
    partial: str | None = None
    amount: float | None = None
    currency: str | None = None
    clause: str | None = None


def entries_of(picture: Picture, last: dt.date, wanted: frozenset[str] | None = None) -> list[Entry]:
    """Every entry from the as-of up to `last`, in order of date; of the facilities wanted, or of all."""
    first = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    found = [one for standing in picture.standings for one in _of_covenant(picture, standing, first, last)]
    found += [one for f in range(len(picture.book.terms)) for one in (*_certificates(picture, f, first, last), *_of_loan(picture, f))]
    found += [_whole_clock(picture, f, legal) for f, legal in whole_clocks(picture)]
    found += [_repayment(picture, one, first) for one in picture.tasks if one.kind == "repayment_unknown"]
    kept = [one for one in found if first.isoformat() <= one.date <= last.isoformat() and (wanted is None or one.facility in wanted)]
    return sorted(kept, key=lambda one: (one.date, KINDS.index(one.kind), one.at or "", one.facility, one.covenant or ""))


def _whole_clock(picture: Picture, f: int, legal: Legal) -> Entry:
    """A clock of a facility as a whole."""
    facility, deadline = picture.book.terms[f].facility, legal.deadline
    assert deadline is not None
    why = f" ({legal.because})" if legal.because else ""
    return Entry(
        date=dt.date.fromordinal(day_of(deadline, picture.session.timezone)).isoformat(), kind="clock", facility=facility.id,
        group=group_of(picture, facility.borrower), title=f"{legal.state.replace('_', ' ')} ends{why}", at=iso(deadline),
        local=_there(picture, deadline),
    )  # fmt: skip


def _there(picture: Picture, at: dt.datetime) -> str:
    return at.astimezone(picture.session.timezone).isoformat().replace("+00:00", "Z")


def hour(one: Entry) -> str:
    """The time of an entry on the desk's clock, as its day is: ` 24:00Z` where that is UTC, else ` 24:00`; nothing of a whole day."""
    return "" if one.local is None else local_stamp(one.local)[10:] + ("Z" if one.local.endswith("Z") else "")


def _repayment(picture: Picture, task: Task, today: dt.date) -> Entry:
    """What matured and is not known to be repaid, on the day that asks: it is not behind us."""
    terms = picture.session.desk.facilities[task.facility].facility
    return Entry(
        date=today.isoformat(), kind="maturity", facility=terms.id, group=group_of(picture, terms.borrower),
        title=task.text.removeprefix(f"{terms.name}: "),
    )  # fmt: skip


_A_YEAR = dt.timedelta(days=366)
"""How far back a period may have ended whose certificate is still due."""


def group_of(picture: Picture, borrower: str) -> str | None:
    """The obligor group of a borrower: its own name where it has none, None where nobody is known by that id."""
    who = picture.session.desk.obligors.get(borrower)
    return None if who is None else who.obligor.group or who.obligor.id


def _of_covenant(picture: Picture, standing: Standing, first: dt.date, last: dt.date) -> Iterator[Entry]:
    """The clock that runs, and the tests to come."""
    test, covenant = standing.test, standing.test.covenant
    facility = picture.book.terms[test.facility].facility

    def entry(day: dt.date, kind: str, title: str, at: dt.datetime | None = None) -> Entry:
        return Entry(
            date=day.isoformat(), kind=kind, facility=facility.id, title=title, covenant=covenant.id, clause=covenant.clause,
            group=group_of(picture, facility.borrower), at=iso(at) if at else None, local=_there(picture, at) if at else None,
        )  # fmt: skip

    if standing.legal.deadline is not None:
        day = dt.date.fromordinal(day_of(standing.legal.deadline, picture.session.timezone))
        yield entry(day, "clock", f"{test.title}, {standing.legal.state.replace('_', ' ')} ends", standing.legal.deadline)
    if test.class_ != "reporting" and covenant.tested_by_us:
        yield from (entry(day, "test", f"{test.title} is tested") for day in _tests(covenant, first, last))


def _tests(covenant: Covenant, first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Test dates after `first` up to `last`."""
    day = first
    while (coming := next_test(covenant.test, day)) is not None and coming <= last:
        yield coming
        day = coming


def _certificates(picture: Picture, f: int, first: dt.date, last: dt.date) -> Iterator[Entry]:
    """One entry for each certificate that is still out, whichever covenants ask for it."""
    book, facility = picture.book, picture.book.terms[f].facility
    asked: dict[tuple[dt.date, dt.date], list[Covenant]] = {}
    for test in (one for one in book.tests if one.facility == f and one.covenant.test is not None):
        for period_end in _tests(test.covenant, first - _A_YEAR, last):
            due = due_date(test.covenant.test, period_end, test.calendar) if test.covenant.test else None
            if due is not None and not _delivered(picture, f, period_end):
                asked.setdefault((due, period_end), []).append(test.covenant)
    for (due, period_end), covenants in asked.items():
        names = ", ".join(dict.fromkeys(one.id for one in covenants if one.rule != "reporting"))
        yield Entry(
            date=due.isoformat(), kind="certificate", facility=facility.id, group=group_of(picture, facility.borrower),
            title=f"to {period_end.isoformat()} is due" + (f" ({names})" if names else ""),
            clause=next((one.clause for one in covenants if one.rule == "reporting"), covenants[0].clause),
        )  # fmt: skip


def _delivered(picture: Picture, f: int, period_end: dt.date) -> bool:
    reports, known = picture.book.reports, day_of(picture.known_at, picture.session.timezone)
    mine = (reports.table.owner == f) & (reports.end == period_end.toordinal()) & (reports.known <= known)
    return bool(mine.any())


def _of_loan(picture: Picture, f: int) -> Iterator[Entry]:
    terms = picture.book.terms[f]
    facility, group = terms.facility, group_of(picture, terms.facility.borrower)

    def entry(day: PartialDate, kind: str, title: str) -> Entry:
        return Entry(
            date=day.date.isoformat(), kind=kind, facility=facility.id, title=title, group=group, currency=facility.currency,
            partial=day.written if day.partial else None,
        )  # fmt: skip

    if facility.maturity:
        yield entry(facility.maturity, "maturity", "matures")
    for put in facility.put:
        yield entry(put.date, "put", f"may be put at {put.price_pct:f} %")
    for tranche in terms.tranche:
        if tranche.maturity and tranche.maturity != facility.maturity:
            yield entry(tranche.maturity, "maturity", f"{tranche.name or tranche.id} matures")
    if facility.availability_end:
        yield entry(facility.availability_end, "availability_end", "no draws after this day")
    for hedge in terms.hedge:
        if hedge.end:
            yield entry(hedge.end, "hedge_end", f"{hedge.kind} ends")
    for contract in terms.contract:
        yield entry(contract.end, "contract_end", f"contract of {contract.customer} ends")

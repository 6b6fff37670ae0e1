"""Why an event may not be recorded: it contradicts the clock, the desk, what the figures say, or what was recorded before."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from monitor.assess import Picture, Standing, assess
from monitor.journal.entries import LONGEST, Entry, Mark
from monitor.journal.kinds import CARRIED, KINDS, OF_MARKS
from monitor.journal.problems import refused
from monitor.marks.entered import entered
from monitor.marks.instants import end_of_day
from monitor.marks.prints import two_people
from rules.events import Event
from rules.matured import unsettled
from rules.movements import parcel_of
from rules.primitives.balances import outstanding_on
from rules.scope import day_of, facility_rows, open_scope

if TYPE_CHECKING:
    from monitor.session import Session

QUIET = ("compliant", "off", "normal", "cured", "restored")
"""Legal states in which nothing has failed."""
_LEAST = dt.timedelta(microseconds=1)
_FALLEN = ("default", "missed_payment", "acceleration", "enforcement", "insolvency")


def check(event: Event, session: Session, clock: dt.datetime) -> None:
    """Raises DeskError with the reason when an event cannot be; `session` is the desk as it is without it."""
    _check_text(event)
    _check_whole(event)
    _check_times(event, clock)
    if event.kind in ("withdrawal", "approval"):
        _Case(event, session).referred()
    elif event.kind == "mark_override":
        value = str(event.value)
        entered(event.series or "", event.effective, value, event.unit or "", event.source or "", session.history, session.timezone)
    else:
        _Case(event, session).judge()


def check_mark(one: Mark, session: Session, clock: dt.datetime) -> None:
    """Raises DeskError with the reason when an observation cannot be, as `check` does of an event."""
    _check_text(one)
    if one.known is not None and one.known > clock:
        raise refused("J020", "--known", f"known at {shown(one.known)}, but it is {shown(clock)}")
    if one.known is not None and one.as_of > one.known:
        raise refused("J021", "--as-of", f"observed at {shown(one.as_of)}, known already at {shown(one.known)}")
    entered(one.series, one.as_of, repr(one.value), one.unit, one.source, session.history, session.timezone)


def _check_whole(event: Event) -> None:
    """What its kind needs is there, and nothing that its kind has no use for."""
    wants = KINDS.get(event.kind, OF_MARKS.get(event.kind))
    assert wants is not None  # the type of a kind knows no other
    for name in wants.needs:
        if getattr(event, name) is None:
            raise refused("J016", _option(name), f"{event.kind} needs it")
    for name in CARRIED - {*wants.needs, *wants.takes}:
        if getattr(event, name) is not None:
            raise refused("J016", _option(name), f"{event.kind} has no use for it")


def _check_text(event: Entry) -> None:
    for name in event.__struct_fields__:
        text = getattr(event, name)
        if not isinstance(text, str):
            continue
        if len(text) > LONGEST:
            raise refused("J015", _option(name), f"{len(text):,} characters")
        if not text.strip() or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
            raise refused("J015", _option(name), "nothing is written" if not text.strip() else "bytes that are no UTF-8 text")
    for name in ("amount", "units"):
        figure = getattr(event, name, None)
        if figure is not None and not (figure.is_finite() and figure > 0):
            raise refused("J014", _option(name), f"{figure} is not above zero")


def _check_times(event: Event, clock: dt.datetime) -> None:
    if event.known > clock:
        raise refused("J020", "--known", f"known at {shown(event.known)}, but it is {shown(clock)}")
    wants = KINDS.get(event.kind)
    fact = wants.fact if wants else event.kind == "mark_override"
    if fact and event.effective > event.known:
        raise refused("J021", "--effective", f"{event.kind} at {shown(event.effective)}, known already at {shown(event.known)}")
    if event.until is not None and event.until <= event.effective:
        raise refused("J022", "--until", f"ends at {shown(event.until)}, starts at {shown(event.effective)}")


class _Case:
    """One event before one desk."""

    def __init__(self, event: Event, session: Session) -> None:
        self.event, self.session, self.ledger = event, session, session.journal

    def judge(self) -> None:
        """The checks of an event about a facility."""
        self._places()
        kind = self.event.kind
        checks: dict[str, Callable[[], None]] = {
            "certificate_delivered": self._delivered,
            "equity_cure": self._cure,
            "prepayment": self._prepaid,
            "collateral_posted": self._parcel,
            "collateral_released": self._released,
        }
        if kind in checks:
            checks[kind]()
        elif kind in ("waiver", "forbearance", "acceleration", "enforcement") or (kind == "notice" and self.event.covenant):
            self._failed()

    def _places(self) -> None:
        """The facility and the covenant exist."""
        event, desk = self.event, self.session.desk
        if event.facility not in desk.facilities:
            if event.facility in desk.facility_ids:
                raise refused("J010", "FACILITY", f"the file of {event.facility!r} cannot be used", "covenant lint says why")
            raise refused("J010", "FACILITY", _nearest("no facility is called", event.facility or "", desk.facility_ids))
        covenants = [one.id for one in desk.facilities[event.facility].covenant]
        if event.covenant is not None and event.covenant not in covenants:
            raise refused("J011", "COVENANT", _nearest(f"{event.facility} has no covenant called", event.covenant, covenants))

    def picture(self, at: dt.datetime) -> Picture:
        """The desk at an instant, with what was known when the event was."""
        return assess(self.session, at, self.event.known)

    def _mine(self, picture: Picture) -> list[Standing]:
        """The covenant the event names, or all of its facility."""
        event, book = self.event, picture.book
        mine = [one for one in picture.standings if book.ids[one.test.facility] == event.facility]
        return [one for one in mine if event.covenant in (None, one.test.covenant.id)]

    def _failed(self) -> None:
        """Something has failed that could be waived, noticed or acted on."""
        event = self.event
        told = self.ledger.known(event.known)
        if any(one.kind in _FALLEN and one.facility == event.facility and event.covenant in (None, one.covenant) for one in told):
            return
        standings = self._mine(self.picture(event.known))
        if any(failing(one) or not one.test.covenant.tested_by_us for one in standings):
            return
        what = f"{event.facility}/{event.covenant}" if event.covenant else f"no covenant of {event.facility}"
        state = " has failed"
        if event.covenant and standings:
            legal = standings[0].legal.state
            state = f" {'has no failure left' if legal == 'cured' else 'has not failed'}: it is {legal}"
        raise refused("J030", "COVENANT" if event.covenant else "FACILITY", f"{what}{state} as known at {shown(event.known)}")

    def _cure(self) -> None:
        """A cure right runs for the test that failed, and its window is open."""
        event, picture = self.event, self.picture(self.event.effective - _LEAST)  # the end of the last day is of that day
        one = next(iter(self._mine(picture)), None)
        name = f"{event.facility}/{event.covenant}"
        if one is None or one.test.covenant.cure is None:
            raise refused("J031", "COVENANT", f"the agreement gives {name} no right to cure")
        state, when = one.legal.state, shown(event.effective)
        if state in QUIET or (one.tested is None):
            raise refused("J030", "COVENANT", f"{name} has not failed: it is {state} at {when}")
        if state != "cure_pending":
            raise refused("J032", "--effective", f"no cure window of {name} is open at {when}: it is {state.replace('_', ' ')}")
        if event.period_end != one.tested.period_end:
            failed = f"the test of {name} that failed is of {one.tested.period_end}"
            raise refused("J030", "--period-end", f"{failed}, not of {event.period_end}")

    def _prepaid(self) -> None:
        """No more is repaid than was owed on the day or the day before (a balance dated on the day holds the payment)."""
        picture = self.picture(self.event.effective)
        f = np.array([picture.book.facility(self.event.facility or "")])
        scope = open_scope(picture.book, picture.now, facility_rows(picture.book, picture.now, f), facility=f)
        owed = max(float(np.nan_to_num(outstanding_on(scope, f, scope.day - back, scope.known)[0], nan=np.inf)) for back in (0, 1))
        late = unsettled(scope, int(scope.day[0]), int(scope.known[0]))  # what matured unpaid may be repaid late
        owed += sum(math.inf if one.amount is None else one.amount for one in late if one.facility == f[0])
        if float(self.event.amount or 0) > owed:
            raise refused("J033", "--amount", f"{self.event.amount:,} is repaid, {owed:,.2f} was owed on {shown(self.event.effective)}")

    def _parcel(self) -> None:
        picture, event = self.picture(self.event.known), self.event
        table, book = picture.book.tables["collateral"], picture.book
        if parcel_of(event, {name: f for f, name in enumerate(book.ids)}, table) is None:
            mine = [row.id for owner, row in zip(table.owner, table.rows, strict=True) if book.ids[owner] == event.facility]
            raise refused("J034", "--collateral", _nearest(f"{event.facility} has no parcel called", event.collateral or "", mine))

    def _released(self) -> None:
        self._parcel()
        self._covered([*self.ledger.known(self.event.known), self.event])

    def _covered(self, events: Iterable[Event]) -> None:
        """At no instant is more released of a parcel than was posted."""
        held, about = 0.0, self.event.collateral
        moves = [one for one in events if one.kind in ("collateral_posted", "collateral_released")]
        mine = [one for one in moves if (one.facility, one.collateral) == (self.event.facility, about)]
        for one in sorted(mine, key=lambda one: (one.effective, one.kind)):
            step = float(one.units or 0)
            if one.kind == "collateral_released" and step > held:
                raise refused("J035", "--units", f"{step:,g} units of {about} released on {shown(one.effective)}, {held:,g} posted")
            held += step if one.kind == "collateral_posted" else -step

    def _delivered(self) -> None:
        """The period is over, its figures are in the desk, and nobody recorded its delivery before."""
        event = self.event
        assert event.period_end is not None
        picture = self.picture(event.known)
        reports, f = picture.book.reports, picture.book.facility(event.facility or "")
        ends = [row.period_end for owner, row in zip(reports.table.owner, reports.table.rows, strict=True) if owner == f]
        if event.effective < end_of_day(event.period_end, self.session.timezone) - dt.timedelta(days=1):
            raise refused("J037", "--period-end", f"the period ends on {event.period_end}, delivered at {shown(event.effective)}")
        if event.period_end not in ends:
            there = ", ".join(str(one) for one in sorted(set(ends))[-4:]) or "none"
            raise refused("J036", "--period-end", f"{event.facility} has no figures for {event.period_end}; the last periods: {there}")
        for one in self.ledger.known(event.known):
            if one.kind == event.kind and (one.facility, one.period_end) == (event.facility, event.period_end):
                raise refused("J038", "--period-end", f"entry {one.id} says that it came at {shown(one.effective)}")
        mine = (row for owner, row in zip(reports.table.owner, reports.table.rows, strict=True) if owner == f)
        written = [row.delivered for row in mine if row.period_end == event.period_end and row.delivered is not None]
        if written and dt.date.fromordinal(day_of(event.effective, self.session.timezone)) not in written:
            hint = "correct `delivered` in the file where it came on another day; a journal says when only what the file leaves open"
            raise refused("J038", "--period-end", f"the file says that it was delivered on {max(written)}", hint)

    def referred(self) -> None:
        """The checks of an event about another entry."""
        event, ledger = self.event, self.ledger
        entry = next((one for one in ledger.entries if one.id == event.refers), None)
        if entry is None:
            raise refused("J040", "--refers", f"no entry {event.refers} was recorded")
        if entry.id in ledger.withdrawn:
            raise refused("J041", "--refers", f"entry {entry.id} was withdrawn by entry {ledger.withdrawn[entry.id].id}")
        if isinstance(entry, Event) and event.known < entry.known:
            raise refused("J021", "--known", f"entry {entry.id} was known at {shown(entry.known)}, after {shown(event.known)}")
        if event.kind == "approval":
            self._approved(entry)
        else:
            self._withdrawn(entry)

    def _approved(self, entry: Event | Mark) -> None:
        if isinstance(entry, Mark) or entry.kind != "mark_override":
            raise refused("J045", "ID", f"entry {entry.id} is {_what(entry)}")
        before = next(one for one in self.ledger.overrides() if one.event.id == entry.id).approval
        if before is not None:
            raise refused("J043", "ID", f"{before.by} approved entry {entry.id} in entry {before.id}")
        if not two_people(entry.by, self.event.by):
            raise refused("J044", "--by", f"{entry.by} entered it, and {self.event.by} is no second person")

    def _withdrawn(self, entry: Event | Mark) -> None:
        if isinstance(entry, Mark) or entry.kind in ("withdrawal", "approval"):
            raise refused("J042", "--refers", f"entry {entry.id} is {_what(entry)}")
        if any(one.event.id == entry.id and one.approval for one in self.ledger.overrides()):
            raise refused("J042", "--refers", f"the override of entry {entry.id} was approved", "a print of a source that counts ends it")
        if self.event.facility not in (None, entry.facility):
            raise refused("J040", "--refers", f"entry {entry.id} is of {entry.facility}, not of {self.event.facility}")
        if entry.kind == "collateral_posted":
            case = _Case(msgspec.structs.replace(self.event, facility=entry.facility, collateral=entry.collateral), self.session)
            case._covered(one for one in self.ledger.known(self.event.known) if one.id != entry.id)


def failing(one: Standing) -> bool:
    """Whether a covenant has failed in law, at its last test (unless that was cured) or on today's marks."""
    readings = [one.indicative] if one.legal.state == "cured" else [one.tested, one.indicative]
    return one.legal.state not in QUIET or any(reading is not None and reading.result == "fail" for reading in readings)


def shown(moment: dt.datetime) -> str:
    """An instant in words: the day where it is the end of one."""
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
        return (moment - dt.timedelta(days=1)).date().isoformat()
    return moment.isoformat(timespec="minutes" if not moment.second else "seconds").replace("+00:00", "Z")


def _what(entry: Event | Mark) -> str:
    """The kind of an entry with its article."""
    kind = "observation" if isinstance(entry, Mark) else entry.kind.replace("_", " ")
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _option(name: str) -> str:
    return {"facility": "FACILITY", "covenant": "COVENANT", "series": "SERIES", "value": "VALUE"}.get(name, f"--{name.replace('_', '-')}")


def _nearest(what: str, name: str, known: Iterable[str]) -> str:
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    rest = "there are " + ", ".join(names) if names else "there is none"
    return f"{what} {name!r}; " + (f"did you mean {near[0]!r}?" if near else rest)

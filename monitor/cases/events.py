"""What a case says was recorded: the journal its world is judged with."""

from __future__ import annotations

import datetime as dt

from facilities.model import CaseEvent, Moment
from monitor.cases.files import Sheet
from monitor.cases.problems import Wrong, near, problem
from monitor.journal.kinds import KINDS
from monitor.journal.ledger import Ledger
from monitor.session import Session
from rules.events import Event

_BY = "a test"
_CARRIED = ("amount", "units", "collateral", "period_end", "until", "conditions")


def ledger_of(sheet: Sheet, number: int, session: Session) -> Ledger:
    """The events of a case in the order they stand; of a case without any, the desk's own journal. Raises Wrong C003, C004, C006."""
    rows = sheet.terms.case[number].event
    return Ledger([_event(sheet, number, at, session, row) for at, row in enumerate(rows)]) if rows else session.journal


def _event(sheet: Sheet, number: int, at: int, session: Session, row: CaseEvent) -> Event:
    def instant(key: str, moment: Moment) -> dt.datetime:
        try:
            return session.moment(str(moment), dt.datetime.max)
        except (ValueError, OverflowError) as error:
            raise Wrong(problem("C006", sheet.place("case", number, "event", at, key, value=True), str(error))) from None

    facility, covenant = _of(sheet, number, at, session, row.of)
    _check(sheet, number, at, session, facility, covenant)
    effective = instant("effective", row.effective)
    return Event(
        id=str(at + 1), kind=row.kind, facility=facility, covenant=covenant, by=_BY, effective=effective,
        known=instant("known", row.known) if row.known is not None else effective,
        until=instant("until", row.until) if row.until is not None else None,
        amount=row.amount, units=row.units, collateral=row.collateral, period_end=row.period_end, conditions=row.conditions, note=row.note,
    )  # fmt: skip


def _of(sheet: Sheet, number: int, at: int, session: Session, written: str) -> tuple[str, str | None]:
    """(facility, covenant or None for the whole of it) of `FACILITY` or `FACILITY/COVENANT`."""
    facility, _, covenant = written.partition("/")
    place = sheet.place("case", number, "event", at, "of", value=True)
    terms = session.desk.facilities.get(facility)
    if terms is None:
        raise Wrong(problem("C003", place, f"no facility is called {facility!r}", near(facility, session.desk.facilities)))
    names = [one.id for one in terms.covenant]
    if covenant and covenant not in names:
        raise Wrong(problem("C004", place, f"{facility} has no covenant {covenant!r}", near(covenant, names)))
    return facility, covenant or None


def _check(sheet: Sheet, number: int, at: int, session: Session, facility: str, covenant: str | None) -> None:
    """Raises Wrong C014 where a row lacks what its kind needs, carries what it may not, or names no parcel of the facility."""
    row = sheet.terms.case[number].event[at]
    wants = KINDS[row.kind]
    held = {name for name in _CARRIED if getattr(row, name) is not None} | {"facility"} | ({"covenant"} if covenant else set())
    place = sheet.place("case", number, "event", at, "kind", value=True)
    for name in wants.needs:
        if name not in held:
            lacks = f"{row.of}/COVENANT" if name == "covenant" else f"`{name}`"
            raise Wrong(problem("C014", place, f"`{row.kind}` needs {lacks}"))
    for name in sorted(held - {*wants.needs, *wants.takes, "facility"}):
        raise Wrong(problem("C014", place, f"`{row.kind}` carries no {name}"))
    parcels = [one.id for one in session.desk.facilities[facility].collateral]
    if row.collateral is not None and row.collateral not in parcels:
        where = sheet.place("case", number, "event", at, "collateral", value=True)
        raise Wrong(problem("C014", where, f"{facility} has no parcel {row.collateral!r}", near(row.collateral, parcels)))

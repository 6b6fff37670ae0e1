"""Results and events for tests of legal life, in days from a start."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from facilities.calendars import Calendar
from facilities.model import Covenant
from rules.events import Event, EventKind
from rules.life import History, Legal, Tested, history
from tests.rules.small import WEEKENDS, table

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
US = Calendar("US", frozenset({dt.date(2026, 10, 12)}))
PLAIN = 'id = "c"\n'
EOD = PLAIN + 'on_fail = "event_of_default"\n'
GRACE = PLAIN + 'grace = "10D"\n'
CURE = EOD + 'cure = { kind = "cash", window = "10D", from = "certificate" }\n'
CAPPED = EOD + (
    'test = { frequency = "quarterly", first = 2026-03-31 }\n'
    'cure = { kind = "equity", window = "20D", from = "certificate", max_in_4_quarters = 2, max_life = 5, consecutive = false }\n'
)
TRIGGER = PLAIN + 'curable = true\non = { operator = "<", value = 1.35, tests = %d }\noff = { operator = ">=", value = 1.35, tests = %d }\n'
LADDER = (
    PLAIN
    + """class = "margin_ladder"
on_fail = "event_of_default"
starts = "%s"
rung = [ { above = 0.6, state = "notice" }, { above = 0.65, state = "call", within = "48h", restore_to = 0.6 },
 { above = 0.75, state = "accelerated_call", within = "12h" }, { above = 0.85, state = "liquidation" } ]
"""
)


def covenant(text: str) -> Covenant:
    found = table(text, Covenant)
    assert isinstance(found, Covenant)
    return found


def at(day: float) -> dt.datetime:
    return START + dt.timedelta(days=day)


def event(
    kind: EventKind, day: float, known: float | None = None, until: float | None = None, amount: float | None = None, id: str = "1",
    covenant: str | None = "c", period: dt.date | None = None, refers: str | None = None,
) -> Event:  # fmt: skip
    return Event(
        id=id, kind=kind, facility="f", covenant=covenant, effective=at(day), known=at(day if known is None else known), by="desk",
        until=None if until is None else at(until), amount=None if amount is None else Decimal(str(amount)), period_end=period,
        refers=refers,
    )  # fmt: skip


def fail(day: float, known: float | None = None, shortfall: float | None = None) -> Tested:
    return Tested(at(day), "fail", known=at(day if known is None else known), on=True, shortfall=shortfall)


def passed(day: float, known: float | None = None) -> Tested:
    return Tested(at(day), "pass", known=at(day if known is None else known), on=False, restored=True)


def rung(day: float, name: str | None, restored: bool = False) -> Tested:
    return Tested(at(day), "pass" if name in (None, "notice") else "fail", name, at(day), restored=restored)


def told(
    text: str, class_: str, results: list[Tested], events: list[Event] | None = None, now: float = 1000, known: float | None = None,
    calendar: Calendar = WEEKENDS, zone: dt.tzinfo = dt.UTC,
) -> History:  # fmt: skip
    seen = at(now if known is None else known)
    return history(covenant(text), class_, results, events or (), now=at(now), calendar=calendar, zone=zone, known_at=seen)


def stand(
    text: str, class_: str, results: list[Tested], events: list[Event] | None = None, now: float = 1000, known: float | None = None,
    calendar: Calendar = WEEKENDS,
) -> Legal:  # fmt: skip
    return told(text, class_, results, events, now, known, calendar).at(at(now))

"""The legal life of a covenant: three machines, each a fold over test results and events, never over days.

Fed by test results alone (nobody has recorded a notice, a waiver or a cure yet) they say what follows from the
figures and the agreement: a default, a cure right that runs, a rung that may be called.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from facilities.calendars import Calendar
from facilities.durations import parse_duration
from facilities.model import Covenant, Rung

WARNINGS = ("notice",)


class Tested(NamedTuple):
    """One `tested` result: the instant it counts from, its result, the rung that is on, and when it became known and was due."""

    at: dt.datetime
    result: str
    rung: str | None = None
    known: dt.datetime | None = None
    due: dt.date | None = None
    on: bool | None = None
    restored: bool = False


class Event(NamedTuple):
    """Something a person recorded: its kind, when it is effective, and until when it holds."""

    at: dt.datetime
    kind: str
    until: dt.datetime | None = None


class Legal(NamedTuple):
    """Where a covenant stands in law: the state, since when (three dates), the next deadline, and whether by lapse."""

    state: str
    tested_as_of: dt.datetime | None = None
    known_at: dt.datetime | None = None
    acted_on: dt.datetime | None = None
    deadline: dt.datetime | None = None
    by_lapse: bool = False


def life(
    covenant: Covenant, class_: str, results: Iterable[Tested], events: Sequence[Event] = (), *, now: dt.datetime, calendar: Calendar
) -> Legal:
    """The legal state at `now` from results in order of time. `indeterminate` and `not_tested` results change nothing.

    Maintenance and reporting covenants, triggers, and margin ladders are separate machines. Raises ValueError for an
    event kind the machine does not know.
    """
    decided = [one for one in sorted(results, key=_order) if one.result not in ("indeterminate", "not_tested")]
    for event in events:
        raise ValueError(f"{event.kind!r} is no event this machine knows")
    if class_ == "margin_ladder" and covenant.rung:
        return _lapsed(_ladder(covenant, decided, calendar), now)
    if class_ == "trigger":
        return _trigger(covenant, decided)
    return _maintenance(covenant, decided, now, calendar)


def _order(one: Tested) -> tuple[dt.datetime, dt.datetime, str, str]:
    """Time first; what came at the same instant in an order that does not depend on who listed it."""
    return one.at, one.known or one.at, one.result, one.rung or ""


def _maintenance(covenant: Covenant, results: Sequence[Tested], now: dt.datetime, calendar: Calendar) -> Legal:
    """compliant -> default or event_of_default on a fail; `cure_pending` while a cure right runs.

    A later pass ends a default whose clock still ran when the pass became known, never an Event of Default.
    """
    failed: Tested | None = None
    for one in results:
        if failed is None:
            failed = one if one.result == "fail" else None
        elif one.result != "fail" and _failed(covenant, failed, one.known or one.at, calendar).state != "event_of_default":
            failed = None
    return _failed(covenant, failed, now, calendar) if failed else Legal("compliant")


def _failed(covenant: Covenant, one: Tested, now: dt.datetime, calendar: Calendar) -> Legal:
    known = one.known or one.at
    end = cure_deadline(covenant, one, calendar)
    if end is not None and now < end:
        return Legal("cure_pending", one.at, known, None, end)
    if covenant.on_fail == "event_of_default":
        return Legal("event_of_default", one.at, known, None, None, end is not None)
    # a grace period that ends makes an Event of Default only once the step that starts it is recorded: until then a default
    return Legal("default", one.at, known, None, _grace_end(covenant, known, calendar))


def cure_deadline(covenant: Covenant, one: Tested, calendar: Calendar) -> dt.datetime | None:
    """The end of the last day of the cure window; None where there is no right, or the day it runs from is not known."""
    if covenant.cure is None or (covenant.cure.until is not None and covenant.cure.until.date < one.at.date()):
        return None
    known = (one.known or one.at) - dt.timedelta(microseconds=1)
    tested = (one.at - dt.timedelta(microseconds=1)).date()
    start = {"certificate_due": one.due, "certificate": known.date(), "test_date": tested, "notice": None}[covenant.cure.from_]
    if start is None:
        return None
    last = parse_duration(covenant.cure.window).end(dt.datetime.combine(start, dt.time()), calendar).date()
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)


def _grace_end(covenant: Covenant, known: dt.datetime, calendar: Calendar) -> dt.datetime | None:
    if covenant.grace is None:
        return None
    span = parse_duration(covenant.grace)
    if span.unit == "h":
        return known + dt.timedelta(hours=span.count)
    day = (known - dt.timedelta(microseconds=1)).date()
    last = span.end(dt.datetime.combine(day, dt.time()), calendar).date()
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)


def _trigger(covenant: Covenant, results: Sequence[Tested]) -> Legal:
    """off -> pending -> on after `on.tests` fails running; on -> curing -> off after `off.tests` tests at the leaving level."""
    need_on = covenant.on.tests if covenant.on else 1
    need_off = covenant.off.tests if covenant.off else 1
    on, streak = False, 0
    since: Tested | None = None
    began: Tested | None = None
    for one in results:
        moves = one.result != "fail" and (one.on is not True) if on else one.result == "fail"
        began, streak = (began or one, streak + 1) if moves else (None, 0)
        if streak >= (need_off if on else need_on):
            on, since, began, streak = not on, (None if on else began), None, 0
    state = ("curing" if streak else "on") if on else ("pending" if streak else "off")
    shown = since if on else began
    return Legal(state, shown.at, shown.known or shown.at) if shown is not None else Legal(state)


def _ladder(covenant: Covenant, results: Sequence[Tested], calendar: Calendar) -> Legal:
    """normal, `notice` on a warning rung, `callable` on a rung whose notice nobody recorded; its clock starts with the notice,

    or with the trigger itself where the agreement says so. A call that runs ends at its restore level (or where
    `clears_at` says), not merely above the trigger.
    """
    legal, called = Legal("normal"), None
    for one in results:
        rung = next((step for step in covenant.rung if step.state == one.rung), None)
        if called is not None and (rung is None or rung.state in WARNINGS):
            back = one.restored or covenant.clears_at == "trigger"
            if back:
                legal, called = Legal("normal" if rung is None else "notice", one.at, one.known), None
            continue
        if rung is None:
            legal = Legal("normal")
        elif rung.state in WARNINGS:
            legal = legal if legal.state == "notice" else Legal("notice", one.at, one.known or one.at)
        elif covenant.starts == "trigger":
            legal, called = _running(covenant, rung, one, legal, calendar), rung
        else:
            legal = legal if legal.state == "callable" else Legal("callable", one.at, one.known or one.at)
    return legal


def _running(covenant: Covenant, rung: Rung, one: Tested, before: Legal, calendar: Calendar) -> Legal:
    """A clock that the trigger itself started; a worse rung replaces it and never lengthens it."""
    end = _call_end(covenant, rung, one.at, calendar)
    if before.deadline is not None and (end is None or before.deadline < end):
        end = before.deadline
    if before.state == rung.state:
        return before._replace(deadline=end)
    return Legal(rung.state, one.at, one.known or one.at, None, end)


def _call_end(covenant: Covenant, rung: Rung, start: dt.datetime, calendar: Calendar) -> dt.datetime | None:
    """When the time to meet a call is over: hours elapse (on a business clock on business days only), days end with the last one."""
    if rung.within is None:
        return None
    span = parse_duration(rung.within)
    if span.unit != "h":
        last = span.end(dt.datetime.combine((start - dt.timedelta(microseconds=1)).date(), dt.time()), calendar).date()
        return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
    end, left = start, dt.timedelta(hours=span.count)
    while covenant.clock == "business" and left:
        midnight = dt.datetime.combine(end.date() + dt.timedelta(days=1), dt.time(), end.tzinfo)
        used = min(left, midnight - end) if calendar.is_business_day(end.date()) else dt.timedelta(0)
        end, left = (end + used, left - used) if used == left else (midnight, left - used)
    return end + left


def _lapsed(legal: Legal, now: dt.datetime) -> Legal:
    """A call whose deadline has passed has expired; a right to liquidate has no deadline to miss."""
    if legal.state in ("call", "accelerated_call") and legal.deadline is not None and now >= legal.deadline:
        return legal._replace(state="call_expired", by_lapse=True)
    return legal

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


def life(covenant: Covenant, class_: str, results: Iterable[Tested], events: Sequence[Event] = (), *, now: dt.datetime, calendar: Calendar) -> Legal:
    """The legal state at `now` from results in order of time. `indeterminate` and `not_tested` results change nothing.

    Maintenance and reporting covenants, triggers, and margin ladders are separate machines. Raises ValueError for an
    event kind the machine does not know.
    """
    decided = [one for one in sorted(results, key=lambda one: one.at) if one.result not in ("indeterminate", "not_tested")]
    for event in events:
        raise ValueError(f"{event.kind!r} is no event this machine knows")
    if class_ == "margin_ladder" and covenant.rung:
        return _ladder(covenant, decided)
    if class_ == "trigger":
        return _trigger(covenant, decided)
    return _maintenance(covenant, decided, now, calendar)


def _maintenance(covenant: Covenant, results: Sequence[Tested], now: dt.datetime, calendar: Calendar) -> Legal:
    """compliant -> default or event_of_default on a fail; `cure_pending` while a cure right runs; a later pass ends a default."""
    legal = Legal("compliant")
    for one in results:
        if one.result != "fail":
            legal = legal if legal.state == "event_of_default" else Legal("compliant")
        elif legal.state == "compliant":
            legal = _failed(covenant, one, now, calendar)
    return legal


def _failed(covenant: Covenant, one: Tested, now: dt.datetime, calendar: Calendar) -> Legal:
    known = one.known or one.at
    end = cure_deadline(covenant, one, calendar)
    if end is not None and now < end:
        return Legal("cure_pending", one.at, known, None, end)
    if covenant.on_fail == "event_of_default":
        return Legal("event_of_default", one.at, known, None, None, end is not None)
    grace = _grace_end(covenant, known, calendar)
    if grace is not None and now < grace:
        return Legal("default", one.at, known, None, grace)
    return Legal("default" if grace is None else "event_of_default", one.at, known, None, None, grace is not None)


def cure_deadline(covenant: Covenant, one: Tested, calendar: Calendar) -> dt.datetime | None:
    """The end of the last day of the cure window; None where there is no right, or the day it runs from is not known."""
    if covenant.cure is None:
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
    on, streak, since = False, 0, None
    for one in results:
        moves = one.result != "fail" and (one.on is not True) if on else one.result == "fail"
        streak = streak + 1 if moves else 0
        if streak == 1 or since is None:
            since = one if moves else since
        if streak >= (need_off if on else need_on):
            on, streak = not on, 0
    state = ("curing" if streak else "on") if on else ("pending" if streak else "off")
    return Legal(state, since.at if since and state != "off" else None, since.known if since and state != "off" else None)


def _ladder(covenant: Covenant, results: Sequence[Tested]) -> Legal:
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
            legal = Legal("notice", one.at, one.known or one.at)
        elif covenant.starts == "trigger":
            legal, called = _running(rung, one, legal), rung
        else:
            legal = Legal("callable", one.at if legal.state != "callable" else legal.tested_as_of, one.known or one.at)
    return legal


def _running(rung: Rung, one: Tested, before: Legal) -> Legal:
    """A clock that the trigger itself started; a worse rung replaces it and never lengthens it."""
    state = {"call": "call", "accelerated_call": "accelerated_call", "liquidation": "liquidation"}[rung.state]
    end = one.at + dt.timedelta(hours=parse_duration(rung.within).count) if rung.within and parse_duration(rung.within).unit == "h" else None
    if before.deadline is not None and (end is None or before.deadline < end):
        end = before.deadline
    since = before.tested_as_of if before.state == state else one.at
    return Legal(state, since, one.known or one.at, None, end)

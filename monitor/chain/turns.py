"""Which instants to come a chain must look at: when a facility changes in law, and from which days on that can be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import takewhile

from facilities.paydates import add_months
from monitor.assess import Picture
from monitor.marks.instants import end_of_day
from rules.life.legal import History

ACTIONABLE = ("callable", "liquidation")
"""States of a margin ladder upon which somebody is taken to act."""


def looks(start: Picture, until: dt.datetime) -> list[dt.datetime]:
    """The instants from which a chain looks back for what turned, in order, `until` the last.

    A look tells of every earlier test, certificate, payment and clock by its own date; only the level or wording of a continuous test
    that steps on a day must be looked at on that day, and once a month that it does not fail and recover unseen.
    """
    zone = start.session.timezone
    day, last = start.as_of.astimezone(zone).date(), until.astimezone(zone).date()
    ends = {end_of_day(one, zone) for one in _days(start, day, last) if day <= one <= last}
    return sorted({one for one in ends if start.as_of < one < until} | {until})


def _days(start: Picture, day: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Ends of months, steps of continuous tests, amendments: some before the start or after the end."""
    month = day.replace(day=1)
    while (month := add_months(month, 1)) <= last:
        yield month - dt.timedelta(days=1)
    for test in start.book.tests:
        if test.continuous:
            yield from (step.from_ for level in test.levels if isinstance(level.threshold, list) for step in level.threshold)
    yield from (change.effective for one in start.session.desk.facilities.values() for change in one.amendment)


def first_turn(picture: Picture, after: dt.datetime) -> dt.datetime:
    """The first instant after another at which a facility falls, or may be acted against, as a later picture tells; its own if none."""
    changes = [one for history in picture.facilities for one in history.transitions]
    changes += [one for standing in picture.standings for one in standing.history.transitions if one.after in ACTIONABLE]
    return min((one.at for one in changes if after < one.at <= picture.as_of), default=picture.as_of)


def fallen_since(history: History, at: dt.datetime) -> dt.datetime:
    """When what holds at an instant befell a facility: the first of the changes, without a break, that left it fallen so."""
    fall = history.at(at).fall
    past = [one for one in reversed(history.transitions) if one.at <= at]
    run = list(takewhile(lambda one: one.legal.fall == fall, past))
    return run[-1].at if run else at


def before_its_time(picture: Picture, f: int) -> bool:
    """Whether a facility is fallen by a test of a date that has not ended yet: judged early, it falls at the end of that day."""
    mine = [one for one in picture.standings if one.test.facility == f and one.legal.fall is not None and not one.test.continuous]
    local = picture.as_of.astimezone(picture.session.timezone)
    return local.time() != dt.time() and any(one.legal.tested_as_of == picture.as_of for one in mine)

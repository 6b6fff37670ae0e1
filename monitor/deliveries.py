"""Certificates of the borrower: when one came, which test awaits one, and what a certificate that is late is in law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from monitor.viewpoint import Viewpoint
from rules.covenants import Test
from rules.life import Clockwork, Tested
from rules.primitives.reports import reads_reports
from rules.testdates import TestDate


def awaits_report(test: Test, period_end: dt.date) -> bool:
    """Whether a test is told by a certificate: it is of a date, and reads what the borrower reports."""
    return not test.continuous and reads_reports(test.on(period_end.toordinal()).quantity)


def delivered(view: Viewpoint, test: Test, when: TestDate) -> dt.date | None:
    """When the report for a period was delivered, as known."""
    reports = view.book.reports
    end, known = when.period_end.toordinal(), view.known.toordinal()
    first = int(reports.table.start[test.facility])
    own = slice(first, first + int(reports.table.count[test.facility]))
    mine = (reports.end[own] == end) & (reports.known[own] <= known)
    return dt.date.fromordinal(int(reports.delivered[own][mine].min())) if mine.any() else None


def read_today(view: Viewpoint, test: Test, dates: Sequence[TestDate]) -> TestDate:
    """What a continuous test reads: the as-of; a springing one the last period ended; a report the last one due or in."""
    if test.class_ == "springing" and dates:
        return dates[0]
    if test.class_ == "reporting":
        due = [when for when in dates if when.due is not None and (when.due < view.day or delivered(view, test, when))]
        return due[0] if due else TestDate(view.day, None)
    return TestDate(view.day, None)


def waits(view: Viewpoint, test: Test, when: TestDate, unknown: bool) -> str | None:
    """Why a test whose figures are not in (`unknown`) is not unknown but simply not due."""
    if view.before_closing(test, when.period_end):
        return "before closing"
    if test.class_ == "reporting":
        return None if when.due is not None else "no certificate is due yet"
    if not unknown or not awaits_report(test, when.period_end):
        return None
    if when.due is None or when.due < view.day or delivered(view, test, when):
        return None
    return f"the certificate for {when.period_end.isoformat()} is due {when.due.isoformat()}"


def counts_days(test: Test) -> bool:
    """Whether a reporting covenant is the plain one: a certificate is late or it is not."""
    plain = test.quantity is not None and test.quantity.name in ("days_late", "certificate_delay")
    return test.class_ == "reporting" and test.covenant.tested_by_us and plain


def told_by(view: Viewpoint, t: int, dates: Sequence[TestDate], clock: Clockwork) -> list[Tested]:
    """A certificate is missed when its last day has passed without it, and made good the day it comes."""
    test, found = view.book.tests[t], []
    for when in dates:
        if when.due is None or view.before_closing(test, when.period_end):
            continue
        slack = view.terms.test(t, when.period_end).levels[0].threshold
        last = clock.day_end(when.due + dt.timedelta(days=int(slack) if isinstance(slack, Decimal) else 0))
        came = delivered(view, test, when)
        arrived = min(clock.day_end(came), view.as_of) if came is not None else None
        if last <= view.as_of and (arrived is None or last < arrived):
            found.append(Tested(last, "fail", due=when.due, period=when.period_end))
        if arrived is not None and came is not None and came <= view.day:
            found.append(Tested(arrived, "pass", due=when.due, period=when.period_end))
    return found


__all__ = ["awaits_report", "counts_days", "delivered", "read_today", "told_by", "waits"]

"""What keeps a test from being judged, as tasks: a mark of ours, or a certificate of the borrower's."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.deliveries import delivered
from monitor.law import Court
from monitor.reading import Reading, doubtful, instant_of
from monitor.viewpoint import Viewpoint
from rules.life.tasks import Task, certificate_overdue, mark_missing
from rules.testdates import TestDate


def missing(view: Viewpoint, court: Court, tested: Sequence[Reading | None], dates: Sequence[Sequence[TestDate]]) -> list[Task]:
    """The tasks of our own facilities from the last test and the test dates (latest first) of each test of the book."""
    found: list[Task | None] = []
    for t, one in enumerate(tested):
        if not view.book.terms[view.book.tests[t].facility].facility.ours:
            continue
        found.append(_overdue(view, court, t, one, dates[t]))
        if one is not None and one.result == "indeterminate":
            found.append(mark_missing(court.spot(t), doubtful(one), instant_of(one)))
    return [one for one in found if one is not None]


def _overdue(view: Viewpoint, court: Court, t: int, tested: Reading | None, dates: Sequence[TestDate]) -> Task | None:
    """The clock of a certificate that is due and not here: of the reporting covenant itself, or where there is none, of the test."""
    test = view.book.tests[t]
    reports = any(view.book.tests[other].class_ == "reporting" for other in court.tests[test.facility])
    lacks = tested is not None and tested.result == "indeterminate" and not doubtful(tested)
    if test.class_ != "reporting" and (reports or not lacks):
        return None
    due = [(when.period_end, when.due) for when in dates if when.due is not None and not delivered(view, test, when)]
    late = [(period, day) for period, day in due if day < view.day and not view.before_closing(test, period)]
    if not late:
        return None
    grace = test.covenant.grace if test.class_ == "reporting" else None
    return certificate_overdue(court.spot(t), *late[-1], grace, view.as_of)


__all__ = ["missing"]

"""When covenants are tested: the dates of a frequency, the last and the next of them, and when certificates are due."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from facilities.calendars import Calendar
from facilities.durations import parse_duration
from facilities.model import TestTerms
from rules.months import add_months

CONTINUOUS = frozenset({"margin_ladder", "borrowing_base", "springing"})
"""Classes that are tested at every usable mark, whatever their test dates."""

_MONTHS = {"monthly": 1, "quarterly": 3, "semi-annual": 6, "annual": 12}


class TestDate(NamedTuple):
    """One test: the last day of its period, and the day the certificate for it is due (None: none is demanded)."""

    period_end: dt.date
    due: dt.date | None


TestDate.__test__ = False  # type: ignore[attr-defined]


def is_continuous(class_: str, terms: TestTerms | None) -> bool:
    """Whether a covenant of a class is tested at every usable mark rather than on test dates."""
    return class_ in CONTINUOUS or (terms is not None and terms.frequency in ("continuous", "daily"))


def due_date(terms: TestTerms, period_end: dt.date, calendar: Calendar) -> dt.date | None:
    """When the certificate for a period is due: calendar days or a duration after its end."""
    if terms.certificate_due is not None:
        start = dt.datetime.combine(period_end, dt.time())
        return parse_duration(terms.certificate_due).end(start, calendar).date()
    return period_end + dt.timedelta(days=terms.certificate_due_days) if terms.certificate_due_days is not None else None


def test_date(terms: TestTerms, number: int) -> dt.date | None:
    """The `number`-th test date (0 the first); None where no first date is known or it lies past the last."""
    if terms.first is None:
        return None
    step = _MONTHS.get(terms.frequency)
    try:
        day = add_months(terms.first.date, step * number) if step else terms.first.date + dt.timedelta(days=7 * number)
    except (ValueError, OverflowError):
        return None
    return None if terms.last is not None and day > terms.last.date else day


test_date.__test__ = False  # type: ignore[attr-defined]


def tests_until(terms: TestTerms | None, day: dt.date, calendar: Calendar, most: int = 2) -> list[TestDate]:
    """The last `most` tests up to `day`, the latest first."""
    if terms is None or terms.first is None or terms.first.date > day:
        return []
    number = _number_at(terms, day)
    found = [when for at in range(number, max(-1, number - most), -1) if (when := test_date(terms, at)) is not None]
    return [TestDate(when, due_date(terms, when, calendar)) for when in found]


def next_test(terms: TestTerms | None, day: dt.date) -> dt.date | None:
    """The first test date after `day`; None for a continuous test and where none follows."""
    if terms is None or terms.first is None or terms.frequency in ("continuous", "daily"):
        return None
    return terms.first.date if terms.first.date > day else test_date(terms, _number_at(terms, day) + 1)


def _number_at(terms: TestTerms, day: dt.date) -> int:
    """The number of the last test date up to `day`, from the first on."""
    first = terms.first.date if terms.first else day
    step = _MONTHS.get(terms.frequency)
    months = (day.year - first.year) * 12 + day.month - first.month
    number = (day - first).days // 7 if step is None else months // step + 1
    while number > 0:
        when = test_date(terms, number)
        if when is not None and when <= day:
            break
        number -= 1
    return number

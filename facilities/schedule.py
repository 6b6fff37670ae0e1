"""The dated schedule of a loan: when it pays, how much principal, and what it capitalises."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import msgspec

from facilities.calendars import Calendar
from facilities.daycount import year_fraction
from facilities.model import FacilityFile
from facilities.profile import Gap, pik_rate, principal_profile


class Period(msgspec.Struct, frozen=True):
    """One interest period: unadjusted `start` and `end`, `pay` rolled to a business day, `principal` due at `pay`.

    `fraction` is the year fraction from start to end in the loan's day count; `pik` the part of the balance that is added to it
    at `pay`, before the principal is paid. Principal is in the facility's currency.
    """

    start: dt.date
    end: dt.date
    pay: dt.date
    principal: float
    fraction: float
    pik: float = 0.0


class Schedule(msgspec.Struct, frozen=True):
    """The periods in order; or none, and in `gap` what the terms lack, in words.

    `balloon` is the part of the last principal that is no scheduled debt service. `day_count` measures its periods.
    """

    periods: tuple[Period, ...]
    gap: str | None = None
    balloon: float = 0.0
    day_count: str = "ACT/360"

    def part(self, start: dt.date, end: dt.date) -> float:
        """The year fraction between two days in the loan's day count."""
        return year_fraction(start, end, self.day_count, maturity=self.periods[-1].end if self.periods else None)


def build_schedule(terms: FacilityFile, calendar: Calendar) -> Schedule:
    """Schedule a loan, or one leg of it, from its terms; where they do not determine one there are no periods and `gap` says why.

    Without `[amortisation]` the principal is due at maturity, with interest every `interest.frequency` or quarter. Where no
    `original` is stated the first observed balance is repaid by the payments after its day; what earlier payments repaid is
    then unknown, and their principal stands at zero.
    """
    profile = principal_profile(terms, calendar)
    if isinstance(profile, Gap):
        return Schedule((), profile.reason)
    count = terms.interest.day_count if terms.interest else "ACT/360"
    periods: list[Period] = []
    for (start, end), principal in zip(pairwise([profile.start, *profile.ends]), profile.principal, strict=True):
        rate, fraction = pik_rate(terms, start), year_fraction(start, end, count, maturity=profile.ends[-1])
        if rate is None:
            return Schedule((), f"interest.pik_pct is not given for {start}")
        pay = calendar.roll(end, terms.facility.business_day)
        periods.append(Period(start, end, pay, principal, fraction, rate * fraction))
    return Schedule(tuple(periods), None, profile.balloon, count)

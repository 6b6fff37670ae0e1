"""The repayment profile of a loan: from its terms to the dates it pays on and the principal due on each."""

from __future__ import annotations

import datetime as dt
import math

import msgspec

from facilities.amortisation import Row, bullet_table, custom_table, level_table, straight_line_table
from facilities.calendars import Calendar
from facilities.model import Amortisation, FacilityFile, Interest, PartialDate
from facilities.paydates import MONTHS, add_months, lead_in_dates, regular_dates
from facilities.steps import value_on

MOST_PAYMENTS = 1200
"""A hundred years of months: more instalments than that are a slip of the pen."""


class Gap(msgspec.Struct, frozen=True):
    """Why the terms do not determine a schedule, in words."""

    reason: str


class Observed(msgspec.Struct, frozen=True):
    """The first balance of a loan, and its day."""

    day: dt.date
    amount: float


class Profile(msgspec.Struct, frozen=True):
    """`ends` and `principal` run in parallel; `start` opens the first period."""

    start: dt.date
    ends: tuple[dt.date, ...]
    principal: tuple[float, ...]


class _Case(msgspec.Struct, frozen=True):
    """What every style needs: the table, the dates it runs between, the principal and since when it is known.

    Interest runs from `opening`, principal is repaid from `start`; `seen` is the day of the balance that stands for an
    original that is not stated.
    """

    terms: FacilityFile
    table: Amortisation
    opening: dt.date
    start: dt.date
    maturity: dt.date | None
    principal: float
    seen: dt.date | None


def first_observed(terms: FacilityFile) -> Observed | None:
    """The first balance row; of a loan kept by tranches the sum of their first rows, dated with the last; None without."""
    books = [terms.facility.balance] if terms.facility.balance or not terms.tranche else [part.balance for part in terms.tranche]
    if not all(books):
        return None
    rows = [min(book, key=lambda row: row.date) for book in books]
    return Observed(max(row.date for row in rows), float(sum(row.outstanding for row in rows)))


def original_principal(terms: FacilityFile) -> Observed | None:
    """The stated original principal and the day repayment starts from it; None where either is not given."""
    table, closing = terms.amortisation, terms.facility.closing
    if table is None or table.original is None:
        return None
    start = table.start or (closing.date if closing else None)
    return Observed(start, float(table.original)) if start else None


def principal_profile(terms: FacilityFile, calendar: Calendar) -> Profile | Gap:
    """Dates and principal of the loan's payments, or the gap in its terms."""
    case = _case(terms)
    if isinstance(case, Gap):
        return case
    try:
        return _custom(case, calendar) if case.table.style == "custom" else _regular(case, calendar)
    except ValueError as error:
        return Gap(f"no schedule: {error}")


def _case(terms: FacilityFile) -> _Case | Gap:
    table = terms.amortisation or _bullet(terms.interest)
    gap = _not_scheduled(terms, table)
    if gap is not None:
        return gap
    first, original, closing = first_observed(terms), original_principal(terms), terms.facility.closing
    if first is None and table.original is None:
        return Gap("no principal: neither amortisation.original nor a balance of the whole loan is given")
    source = original or first
    start = table.start or (closing.date if closing else None) or (first.day if first and table.original is None else None)
    if source is None or start is None:
        return Gap("no start: neither amortisation.start nor facility.closing is given")
    opening = min(closing.date, start) if closing else start
    seen = None if original else source.day
    return _Case(terms, table, opening, start, _maturity(terms), source.amount, seen)


def _not_scheduled(terms: FacilityFile, table: Amortisation) -> Gap | None:
    if table.style in ("sculpted", "sweep"):
        return Gap(f"not yet scheduled: a {table.style} repayment follows future cash flow")
    ends = {_day(part.maturity or terms.facility.maturity) for part in terms.tranche}
    if len(ends) > 1 or any(part.amortisation for part in terms.tranche):
        return Gap("not yet scheduled: tranches that mature or repay apart from each other")
    if table.style != "custom" and table.frequency not in MONTHS:
        return Gap(f"not yet scheduled: payments with the frequency {table.frequency!r}")
    if table.payments is not None and not 1 <= table.payments <= MOST_PAYMENTS:
        return Gap(f"amortisation.payments must lie between 1 and {MOST_PAYMENTS}, got {table.payments}")
    return None


def _bullet(interest: Interest | None) -> Amortisation:
    return Amortisation(style="bullet", frequency=(interest.frequency if interest else None) or "quarterly")


def _day(date: PartialDate | None) -> dt.date | None:
    return date.date if date else None


def _maturity(terms: FacilityFile) -> dt.date | None:
    """The loan's maturity: its own, or the one its tranches share."""
    return _day(terms.facility.maturity or next((part.maturity for part in terms.tranche), None))


def _regular(case: _Case, calendar: Calendar) -> Profile | Gap:
    """Level, straight-line and bullet: dates in step, the rest of the principal with the last."""
    table, months = case.table, MONTHS[case.table.frequency]
    if case.maturity is None and table.payments is None:
        return Gap("no maturity: neither facility.maturity nor amortisation.payments is given")
    dates = regular_dates(case.start, table.first, months, case.maturity, table.payments)
    unpaid = _after(case, calendar, dates)
    count = (table.payments or len(dates)) - (len(dates) - len(unpaid)) if table.style != "bullet" else len(unpaid)
    if not unpaid or count < 1:
        return _all_past(case)
    rows = _rows(case, count)
    if isinstance(rows, Gap):
        return rows
    if not table.balloon:
        unpaid = unpaid[:count]
    lead = _lead_in(case, months)
    passed = [*lead, *(day for day in dates if day < unpaid[0])]
    return _profile(case, case.opening if lead else case.start, passed, unpaid, rows)


def _rows(case: _Case, count: int) -> list[Row] | Gap:
    """The table of `count` payments; only a level one needs a rate."""
    table, balloon = case.table, float(case.table.balloon or 0)
    if balloon > case.principal:
        return Gap(f"amortisation.balloon {table.balloon} exceeds the principal {case.principal:.0f}")
    if table.style == "bullet":
        return bullet_table(0.0, count, case.principal)
    if table.style == "straight-line":
        return straight_line_table(0.0, count, case.principal, balloon)
    rate = _level_rate(case)
    return rate if isinstance(rate, Gap) else level_table(rate * MONTHS[table.frequency] / 12, count, case.principal, balloon)


def _custom(case: _Case, calendar: Calendar) -> Profile | Gap:
    """The instalments as dated, with interest on their dates and on `interest.frequency` where that is given."""
    instalments = sorted(case.table.instalment, key=lambda row: row.date)
    if not instalments:
        return Gap("a custom amortisation without instalments")
    if instalments[0].date <= case.start:
        return Gap(f"the instalment of {instalments[0].date} is not after the start {case.start}")
    last = case.maturity or instalments[-1].date
    if instalments[-1].date > last:
        return Gap(f"the instalment of {instalments[-1].date} is after the maturity {last}")
    months = MONTHS.get((case.terms.interest.frequency if case.terms.interest else None) or "")
    interest = regular_dates(case.start, None, months, last, None) if months else [last]
    dates = sorted({*interest, *(row.date for row in instalments)})
    unpaid = _after(case, calendar, dates)
    if not unpaid:
        return _all_past(case)
    due = [float(sum(row.amount for row in instalments if row.date == day)) for day in unpaid]
    passed = [day for day in dates if day < unpaid[0]]
    return _profile(case, case.start, passed, unpaid, custom_table(0.0, due, case.principal))


def _profile(case: _Case, begin: dt.date, passed: list[dt.date], unpaid: list[dt.date], rows: list[Row]) -> Profile:
    """The dates that repay nothing before those of the table; dates beyond the table pay interest, and the last one clears."""
    principal = [row.principal for row in rows[: len(unpaid)]]
    principal += [0.0] * (len(unpaid) - len(principal))
    principal[-1] = max(0.0, case.principal - math.fsum(principal[:-1]))
    return Profile(begin, (*passed, *unpaid), (*([0.0] * len(passed)), *principal))


def _all_past(case: _Case) -> Gap:
    return Gap(f"every payment is due by {case.seen}, the day of the first balance, and no amortisation.original is given")


def _after(case: _Case, calendar: Calendar, dates: list[dt.date]) -> list[dt.date]:
    """The dates that are paid after the day the principal was seen: all of them where the original is stated."""
    if case.seen is None:
        return dates
    rule = case.terms.facility.business_day
    return [day for day in dates if calendar.roll(day, rule) > case.seen]


def _lead_in(case: _Case, months: int) -> list[dt.date]:
    """Interest dates from the closing to the start of repayment, where they lie at least one step apart."""
    if add_months(case.opening, months, keep_month_end=True) > case.start:
        return []
    return [*lead_in_dates(case.opening, case.start, months), case.start]


def _level_rate(case: _Case) -> float | Gap:
    """The annual rate of a level profile, a fraction: fixed, stated for the profile, or swapped on the whole balance."""
    interest = case.terms.interest or Interest()
    for stated in (interest.fixed_pct, case.table.level_rate_pct):
        rate = None if stated is None else value_on(stated, case.start)
        if rate is not None:
            return float(rate) / 100
    swap = next((leg for leg in case.terms.hedge if leg.kind == "swap" and leg.share == 1 and leg.fixed_pct is not None), None)
    spread = None if interest.spread_bp is None else value_on(interest.spread_bp, case.start)
    if swap is None or swap.fixed_pct is None or spread is None:
        return Gap("no rate for the level payment: interest.fixed_pct, amortisation.level_rate_pct or a swap on the whole balance")
    return float(swap.fixed_pct) / 100 + float(spread) / 10_000

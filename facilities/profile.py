"""The repayment profile of a loan: from its terms to the dates it pays on and the principal due on each."""

from __future__ import annotations

import datetime as dt
import math

import msgspec

from facilities.amortisation import Row, bullet_table, custom_table, level_table, straight_line_table
from facilities.calendars import Calendar
from facilities.daycount import year_fraction
from facilities.model import Amortisation, FacilityFile, Interest, PartialDate
from facilities.paydates import MONTHS, add_months, lead_in_dates, regular_dates
from facilities.sculpt import Case, Unknown, case_cfads, sculpted
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
    """`ends` and `principal` run in parallel; `start` opens the first period.

    `balloon` is the part of the last payment that is no scheduled debt service: a bullet, a balloon, what sculpting leaves.
    """

    start: dt.date
    ends: tuple[dt.date, ...]
    principal: tuple[float, ...]
    balloon: float


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
    """The first balance row; None without."""
    row = min(terms.facility.balance, key=lambda row: row.date, default=None)
    return Observed(row.date, float(row.outstanding)) if row else None


def original_principal(terms: FacilityFile) -> Observed | None:
    """The stated original principal and the day repayment starts from it; None where either is not given."""
    table, closing = terms.amortisation, terms.facility.closing
    if table is None or table.original is None:
        return None
    start = table.start or (closing.date if closing else None)
    return Observed(start, float(table.original)) if start else None


def principal_profile(terms: FacilityFile, calendar: Calendar) -> Profile | Gap:
    """Dates and principal of the payments of a loan or of one leg (`facilities.legs`), or the gap in its terms."""
    case = _case(terms)
    if isinstance(case, Gap):
        return case
    try:
        return _custom(case, calendar) if case.table.style == "custom" else _regular(case, calendar)
    except Unknown as error:
        return Gap(f"no sculpted schedule: {error}")
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
    if table.style == "sweep":
        return Gap("a sweep repays what future cash flow leaves: only a projection says how much, so no instalment is known ahead")
    if _apart(terms):
        return Gap("the balances are of the whole loan, and its tranches have terms of their own: what each tranche owes is not given")
    if table.style != "custom" and table.frequency not in MONTHS:
        return Gap(f"not scheduled: payments with the frequency {table.frequency!r}")
    if table.payments is not None and not 1 <= table.payments <= MOST_PAYMENTS:
        return Gap(f"amortisation.payments must lie between 1 and {MOST_PAYMENTS}, got {table.payments}")
    return None


def _apart(terms: FacilityFile) -> bool:
    """Whether a loan kept whole has tranches that differ in rate, repayment or maturity."""
    ends = {_day(part.maturity or terms.facility.maturity) for part in terms.tranche}
    rates = any(part.interest not in (None, terms.interest) for part in terms.tranche)
    return len(ends) > 1 or rates or any(part.amortisation not in (None, terms.amortisation) for part in terms.tranche)


def _bullet(interest: Interest | None) -> Amortisation:
    return Amortisation(style="bullet", frequency=(interest.frequency if interest else None) or "quarterly")


def _day(date: PartialDate | None) -> dt.date | None:
    return date.date if date else None


def _maturity(terms: FacilityFile) -> dt.date | None:
    """The loan's maturity: its own, or the one its tranches share."""
    return _day(terms.facility.maturity or next((part.maturity for part in terms.tranche), None))


def _regular(case: _Case, calendar: Calendar) -> Profile | Gap:
    """Level, straight-line, bullet and sculpted: dates in step, the rest of the principal with the last."""
    table, months = case.table, MONTHS[case.table.frequency]
    if case.maturity is None and table.payments is None:
        return Gap("no maturity: neither facility.maturity nor amortisation.payments is given")
    dates = regular_dates(case.start, table.first, months, case.maturity, table.payments)
    unpaid = _after(case, calendar, dates)
    count = (table.payments or len(dates)) - (len(dates) - len(unpaid)) if table.style != "bullet" else len(unpaid)
    if not unpaid or count < 1:
        return _all_past(case)
    if not table.balloon:
        unpaid = unpaid[:count]
    lead = _lead_in(case, months)
    passed = [*lead, *(day for day in dates if day < unpaid[0])]
    begin = case.opening if lead else case.start
    if table.style == "sculpted":
        return _sculpted(case, begin, passed, unpaid)
    rows = _rows(case, count)
    return rows if isinstance(rows, Gap) else _profile(case, begin, passed, unpaid, rows)


def _rows(case: _Case, count: int) -> list[Row] | Gap:
    """The table of `count` payments; only a level one needs a rate."""
    table, balloon = case.table, float(case.table.balloon or 0)
    if balloon > case.principal:
        return Gap(f"amortisation.balloon {table.balloon} exceeds the principal {case.principal:.0f}")
    if table.style == "bullet":
        return bullet_table(0.0, count, case.principal)
    if table.style == "straight-line":
        return straight_line_table(0.0, count, case.principal, balloon)
    rate = _shaping_rate(case, case.start)
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
    balloon = principal[-1] if case.table.style == "bullet" else min(principal[-1], float(case.table.balloon or 0))
    return Profile(begin, (*passed, *unpaid), (*([0.0] * len(passed)), *principal), balloon)


def _sculpted(case: _Case, begin: dt.date, passed: list[dt.date], unpaid: list[dt.date]) -> Profile | Gap:
    """The payments of the underwriting case's cash flow over the target coverage."""
    target, count = case.table.target_dscr, case.terms.interest.day_count if case.terms.interest else "ACT/360"
    if target is None or target <= 0:
        return Gap("no sculpted schedule: amortisation.target_dscr is not given" if target is None else f"target_dscr is {target}")
    if float(case.table.balloon or 0) > case.principal:
        return Gap(f"amortisation.balloon {case.table.balloon} exceeds the principal {case.principal:.0f}")
    dates = [passed[-1] if passed else begin, *unpaid]
    rates = [_shaping_rate(case, day) for day in dates[:-1]]
    gap = next((rate for rate in rates if isinstance(rate, Gap)), None)
    if gap is not None:
        return gap
    known = dict(zip(dates, (rate for rate in rates if not isinstance(rate, Gap)), strict=False))
    made = Case(
        case_cfads(case.terms), float(target), lambda day: known[day], lambda day: pik_rate(case.terms, day) or 0.0,
        lambda start, end: year_fraction(start, end, count, maturity=unpaid[-1]),
    )  # fmt: skip
    principal, balloon = sculpted(made, dates, case.principal, float(case.table.balloon or 0))
    return Profile(begin, (*passed, *unpaid), (*([0.0] * len(passed)), *principal), balloon)


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


def pik_rate(terms: FacilityFile, day: dt.date) -> float | None:
    """The rate capitalised on a day, a fraction a year: nothing where the loan has none, None where it is not known then."""
    stated = terms.interest.pik_pct if terms.interest else None
    rate = 0 if stated is None else value_on(stated, day)
    return None if rate is None else float(rate) / 100


def _shaping_rate(case: _Case, day: dt.date) -> float | Gap:
    """The annual rate that shapes a level or sculpted profile, a fraction: fixed, stated for it, or swapped on the whole balance."""
    interest = case.terms.interest or Interest()
    for stated in (interest.fixed_pct, case.table.level_rate_pct):
        rate = None if stated is None else value_on(stated, day)
        if rate is not None:
            return float(rate) / 100
    swap = next((leg for leg in case.terms.hedge if leg.kind == "swap" and leg.share == 1 and leg.fixed_pct is not None), None)
    spread = None if interest.spread_bp is None else value_on(interest.spread_bp, day)
    if swap is None or swap.fixed_pct is None or spread is None:
        style = case.table.style
        return Gap(f"no rate for the {style} payment: interest.fixed_pct, amortisation.level_rate_pct or a swap on the whole balance")
    return float(swap.fixed_pct) / 100 + float(spread) / 10_000

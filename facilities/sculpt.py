"""Sculpted repayment: each period pays the cash flow of the underwriting case over the target coverage, less its interest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec

from facilities.daycount import year_fraction
from facilities.model import Amount, FacilityFile, Underwriting
from facilities.steps import is_dated, value_on

HOURS = 8_760
"""Hours of a year, as in modelled cash flow."""
_EVEN = "30E/360 ISDA"
"""The day count of the case's cash flow: a quarter of a year in every quarter, whatever its days."""


class Case(msgspec.Struct, frozen=True):
    """What a sculpted repayment is made from, beside its dates; rates are fractions a year on a day."""

    cfads: Callable[[dt.date, dt.date], float]
    target: float
    rate: Callable[[dt.date], float]
    pik: Callable[[dt.date], float]
    fraction: Callable[[dt.date, dt.date], float]


class Unknown(LookupError):
    """The case lacks a figure; the message says which."""


def sculpted(case: Case, dates: Sequence[dt.date], principal: float, balloon: float) -> tuple[list[float], float]:
    """(principal paid at each of `dates[1:]`, what of the last payment is a balloon), in the currency of `principal`.

    Each payment is max(0, CFADS / target - interest) and never more than what is owed above `balloon`; the last one clears the
    loan, and what it pays beyond its own CFADS / target is the balloon. Interest paid in kind is added before each payment.
    Raises Unknown where the case says nothing of a period.
    """
    paid: list[float] = []
    owed, service = principal, 0.0
    for start, end in pairwise(dates):
        fraction = case.fraction(start, end)
        interest = owed * case.rate(start) * fraction
        owed *= 1.0 + case.pik(start) * fraction
        service = min(max(0.0, case.cfads(start, end) / case.target - interest), max(0.0, owed - balloon))
        paid.append(service)
        owed -= service
    paid[-1] += owed
    return paid, owed


def case_cfads(terms: FacilityFile) -> Callable[[dt.date, dt.date], float]:
    """The case's cash flow between two days: `cfads_per_year`, or rent and operating cost of its units at 8,760 hours a year.

    The function raises Unknown where a figure is not given for a day.
    """
    case = terms.underwriting or Underwriting()
    stated = case.cfads_per_year
    if stated is not None:
        return lambda start, end: _integral([stated], lambda day: _on(stated, day, "underwriting.cfads_per_year"), start, end)
    units = case.units if case.units is not None else earning_units(terms)
    named = {"rent": case.rent, "utilisation": case.utilisation, "units": units, "opex_per_unit_hour": case.opex_per_unit_hour}

    def yearly(day: dt.date) -> float:
        rent, used, held, cost = (_on(amount, day, f"underwriting.{name}") for name, amount in named.items())
        return held * HOURS * (rent * used - cost)

    return lambda start, end: _integral([amount for amount in named.values() if amount is not None], yearly, start, end)


def earning_units(terms: FacilityFile) -> Decimal | None:
    """The units of the parcels that earn a rent, where each is one number."""
    held = [parcel.units for parcel in terms.collateral if parcel.rent is not None]
    known = [units for units in held if isinstance(units, Decimal)]
    return sum(known, Decimal(0)) if held and len(known) == len(held) else None


def _on(amount: Amount | None, day: dt.date, name: str) -> float:
    value = None if amount is None else value_on(amount, day)
    if value is None:
        raise Unknown(f"{name} is not given for {day}")
    return float(value)


def _integral(amounts: Sequence[Amount], yearly: Callable[[dt.date], float], start: dt.date, end: dt.date) -> float:
    """A yearly amount summed from `start` to `end`, cut where one of its dated tables steps."""
    rows = [step for amount in amounts if is_dated(amount) for step in amount]
    turns = {row.from_ for row in rows} | {row.until + dt.timedelta(days=1) for row in rows if row.until}
    cuts = [start, *sorted(day for day in turns if start < day < end), end]
    return sum(yearly(a) * year_fraction(a, b, _EVEN) for a, b in pairwise(cuts))

"""The right to cure: its window, its caps, what it takes, and which recorded money counts towards it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from facilities.model import Covenant, Cure
from facilities.steps import value_on
from rules.columns import Bools, Floats
from rules.events import Event
from rules.life.clocks import Clockwork
from rules.life.legal import Tested
from rules.months import add_months

COUNTS = {"equity": "equity_cure", "cash": "equity_cure", "prepayment": "prepayment", "collateral": "collateral_posted"}
"""The kind of event that exercises each kind of cure right."""
_MONTHS = {"monthly": 1, "quarterly": 3, "semi-annual": 6, "annual": 12}


class Window(NamedTuple):
    """A cure right: `opens` with the test date, `closes` at the end of its last day; None: it runs from a notice nobody has sent."""

    opens: dt.datetime
    closes: dt.datetime | None

    def holds(self, at: dt.datetime) -> bool:
        """Whether a cure at this instant is in time."""
        return self.opens <= at and (self.closes is None or at < self.closes)


def cure_window(
    covenant: Covenant, one: Tested, clock: Clockwork, cured: Sequence[dt.date] = (), notice: dt.datetime | None = None
) -> Window | None:
    """The window of a failed test; None where there is no right: none agreed, ended, exhausted, or its start is not known.

    `cured` are the periods already cured, `notice` the deemed receipt of the default notice, for a right that runs from one.
    """
    cure, period = covenant.cure, period_of(one, clock)
    if cure is None or (cure.until is not None and cure.until.date < period) or exhausted(covenant, cure, period, cured):
        return None
    if cure.from_ == "notice":
        return Window(one.at, None if notice is None else clock.after(cure.window, notice))
    start = {"certificate_due": one.due, "certificate": clock.day(one.seen), "test_date": period}[cure.from_]
    return None if start is None else Window(one.at, clock.after_day(cure.window, start))


def period_of(one: Tested, clock: Clockwork) -> dt.date:
    """The last day of the test period."""
    return one.period or clock.day(one.at)


def exhausted(covenant: Covenant, cure: Cure, period: dt.date, cured: Sequence[dt.date]) -> bool:
    """Whether the caps leave no cure for a period; a cap whose dated table says nothing of that day does not bind."""
    return bool(spent(covenant, cure, period, cured, np.ones((len(cured), 1), dtype=bool))[0])


def spent(covenant: Covenant, cure: Cure, period: dt.date, days: Sequence[dt.date], cured: Bools) -> Bools:
    """bool[P]: `exhausted` on each path, where `cured[E, P]` says which of the periods that end on `days` were."""
    used = np.array([day < period for day in days], dtype=bool)
    found = np.zeros(cured.shape[1], dtype=bool)
    year, step = add_months(period, -12), add_months(period, -(_MONTHS.get(covenant.test.frequency, 3) if covenant.test else 3))
    for cap, since in ((cure.max_life, dt.date.min), (cure.max_in_4_quarters, year)):
        most = None if cap is None else value_on(cap, period)
        if most is not None:
            found |= cured[used & np.array([day > since for day in days], dtype=bool)].sum(axis=0) >= float(most)
    if cure.consecutive is False:
        found |= cured[used & np.array([day >= step for day in days], dtype=bool)].any(axis=0)
    return found


def shortfall(kind: str, operator: str, numerator: float, denominator: float, threshold: float) -> float | None:
    """The least money of one kind that restores a failed level; None where none does: `shortfalls` of one."""
    found = float(shortfalls(kind, operator, np.array([numerator]), np.array([denominator]), threshold)[0])
    return None if math.isnan(found) else found


def shortfalls(kind: str, operator: str, numerator: Floats, denominator: Floats, threshold: float) -> Floats:
    """float64[P]: the least money of one kind that restores a failed level; NaN where none does.

    Coverage (`>=`): cash and equity join the numerator, T x D - N; a prepayment lowers the service it is deemed to repay, D - N / T.
    Leverage and loan to value (`<=`): a prepayment lowers the debt, N - T x D; equity counts as earnings, collateral as value: N / T - D.
    """
    at_least, joins_top = operator in (">=", ">"), kind != "prepayment"
    if at_least == joins_top:
        missing = threshold * denominator - numerator
    elif threshold <= 0:
        return np.full_like(numerator, np.nan)
    else:
        missing = denominator - numerator / threshold
    missing = missing if at_least else -missing
    return np.where(np.isfinite(missing), np.maximum(0.0, missing), np.nan)


def restores(cure: Cure, one: Tested, paid: Sequence[Event]) -> bool:
    """Whether recorded cures add up to what was missing: no more is needed, and what is unknown restores nothing."""
    if not any(event.kind == COUNTS[cure.kind] for event in paid):
        return False
    if one.cured is not None:
        return one.cured
    amounts = [float(event.amount) for event in paid if event.kind == COUNTS[cure.kind] and event.amount is not None]
    return one.shortfall is not None and bool(amounts) and sum(amounts) >= one.shortfall - 0.005

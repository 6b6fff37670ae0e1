"""The right to cure: its window, its caps, what it takes, and which recorded money counts towards it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import NamedTuple

from facilities.model import Covenant, Cure
from facilities.steps import value_on
from rules.book import add_months
from rules.events import Event
from rules.life.clocks import Clockwork
from rules.life.legal import Tested

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
    used = [day for day in cured if day < period]
    for cap, recent in ((cure.max_life, used), (cure.max_in_4_quarters, [day for day in used if day > add_months(period, -12)])):
        most = None if cap is None else value_on(cap, period)
        if most is not None and len(recent) >= most:
            return True
    step = _MONTHS.get(covenant.test.frequency, 3) if covenant.test else 3
    return cure.consecutive is False and any(day >= add_months(period, -step) for day in used)


def shortfall(kind: str, operator: str, numerator: float, denominator: float, threshold: float) -> float | None:
    """The least money of one kind that restores a failed level; None where none does.

    Coverage (`>=`): cash and equity join the numerator, T x D - N; a prepayment lowers the service it is deemed to repay, D - N / T.
    Leverage and loan to value (`<=`): a prepayment lowers the debt, N - T x D; equity counts as earnings, collateral as value: N / T - D.
    """
    at_least, joins_top = operator in (">=", ">"), kind != "prepayment"
    if at_least == joins_top:
        missing = threshold * denominator - numerator if at_least else numerator - threshold * denominator
    elif threshold <= 0:
        return None
    else:
        missing = denominator - numerator / threshold if at_least else numerator / threshold - denominator
    return max(0.0, missing) if math.isfinite(missing) else None


def restores(cure: Cure, one: Tested, paid: Sequence[Event]) -> bool:
    """Whether recorded cures add up to what was missing: no more is needed, and what is unknown restores nothing."""
    if not any(event.kind == COUNTS[cure.kind] for event in paid):
        return False
    if one.cured is not None:
        return one.cured
    amounts = [float(event.amount) for event in paid if event.kind == COUNTS[cure.kind] and event.amount is not None]
    return one.shortfall is not None and bool(amounts) and sum(amounts) >= one.shortfall - 0.005

"""Amortisation arithmetic: level, straight-line, bullet and custom repayment, period by period, without dates.

Rates are fractions per period; interest of a period is rate x opening balance, paid at its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One period, counted from 1; closing = opening - principal."""

    period: int
    opening: float
    interest: float
    principal: float
    closing: float


def level_payment(rate: float, periods: int, principal: float, balloon: float = 0.0) -> float:
    """The constant payment that takes `principal` to `balloon` in `periods`: the annuity formula.

    (P - B v^n) r / (1 - v^n), v = 1 / (1 + r); (P - B) / n at zero rate. Equals `-pmt(rate, n, P, -B)` of numpy-financial.
    Raises ValueError when periods < 1 or rate <= -1.
    """
    _check(periods, rate)
    if rate == 0.0:
        return (principal - balloon) / periods
    growth = periods * math.log1p(rate)
    # P r + (P - B) r / ((1 + r)^n - 1), the same formula without cancellation at small rates
    return principal * rate + (principal - balloon) * rate / math.expm1(growth)


def level_table(rate: float, periods: int, principal: float, balloon: float = 0.0) -> list[Row]:
    """Equal payments, principal the rest after interest; the last period closes exactly at `balloon`."""
    payment = level_payment(rate, periods, principal, balloon)
    rows: list[Row] = []
    opening = principal
    for period in range(1, periods + 1):
        paid = opening - balloon if period == periods else payment - opening * rate
        rows.append(_row(period, opening, rate, paid))
        opening = rows[-1].closing
    return rows


def straight_line_table(rate: float, periods: int, principal: float, balloon: float = 0.0) -> list[Row]:
    """Equal principal, falling interest; the last period closes exactly at `balloon`. Raises ValueError as `level_payment`."""
    _check(periods, rate)
    share = (principal - balloon) / periods
    table = custom_table(rate, [share] * (periods - 1), principal)
    opening = table[-1].closing if table else principal
    return [*table, _row(periods, opening, rate, opening - balloon)]


def bullet_table(rate: float, periods: int, principal: float) -> list[Row]:
    """Interest each period, all principal in the last. Raises ValueError as `level_payment`."""
    _check(periods, rate)
    return custom_table(rate, [0.0] * (periods - 1) + [principal], principal)


def custom_table(rate: float, instalments: Sequence[float], principal: float) -> list[Row]:
    """Principal as given, each instalment cut to what is still owed; what they leave is the last closing balance."""
    rows: list[Row] = []
    opening = principal
    for period, instalment in enumerate(instalments, start=1):
        rows.append(_row(period, opening, rate, min(instalment, opening)))
        opening = rows[-1].closing
    return rows


def _check(periods: int, rate: float) -> None:
    if periods < 1:
        raise ValueError(f"at least one period is needed, got {periods}")
    if rate <= -1.0:
        raise ValueError(f"the rate per period must exceed -1, got {rate}")


def _row(period: int, opening: float, rate: float, principal: float) -> Row:
    return Row(period, opening, opening * rate, principal, opening - principal)

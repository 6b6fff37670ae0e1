"""Amortisation arithmetic: level, straight-line, bullet, custom and sculpted repayment, period by period, without dates.

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


class Sculpted(msgspec.Struct, frozen=True):
    """The debt that a target coverage carries, and its principal per period."""

    debt: float
    principal: tuple[float, ...]


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


def weighted_average_life(times: Sequence[float], principal: Sequence[float]) -> float:
    """Sum of time x principal over the sum of principal, in the unit of `times`.

    Raises ValueError when the lengths differ or no principal is repaid.
    """
    total = math.fsum(principal)
    if total == 0.0:
        raise ValueError("no principal is repaid: the weighted average life is not defined")
    return math.fsum(time * paid for time, paid in zip(times, principal, strict=True)) / total


def sculpted_principal(cfads: Sequence[float], rate: float, target_dscr: float) -> Sculpted:
    """Debt = PV(CFADS) / target; each period's debt service is CFADS / target and its principal the rest after interest.

    Principal is negative (a draw) where interest exceeds that debt service. Raises ValueError when target <= 0 or rate <= -1.
    """
    _check(max(len(cfads), 1), rate)
    if target_dscr <= 0.0:
        raise ValueError(f"the target DSCR must be positive, got {target_dscr}")
    debt = math.fsum(flow * (1.0 + rate) ** -period for period, flow in enumerate(cfads, start=1)) / target_dscr
    principal: list[float] = []
    balance = debt
    for flow in cfads:
        principal.append(flow / target_dscr - balance * rate)
        balance -= principal[-1]
    return Sculpted(debt, tuple(principal))


def _check(periods: int, rate: float) -> None:
    if periods < 1:
        raise ValueError(f"at least one period is needed, got {periods}")
    if rate <= -1.0:
        raise ValueError(f"the rate per period must exceed -1, got {rate}")


def _row(period: int, opening: float, rate: float, principal: float) -> Row:
    return Row(period, opening, opening * rate, principal, opening - principal)

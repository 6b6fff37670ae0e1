"""The words of the formula language: functions, windows and primitives, each with its unit and its meaning."""

from __future__ import annotations

from typing import NamedTuple

WINDOWS: dict[str, tuple[str, int]] = {
    "last1m": ("past", 1),
    "last3m": ("past", 3),
    "last6m": ("past", 6),
    "last12m": ("past", 12),
    "avg3m": ("past", 3),
    "annualised": ("since_closing", 12),
    "next1m": ("future", 1),
    "next3m": ("future", 3),
    "next6m": ("future", 6),
    "next12m": ("future", 12),
    "run_rate": ("run_rate", 12),
}
"""Window -> (which way it looks from the test date, months). `avg3m` is a third of `last3m`; `annualised` looks back to
closing, at most 12 months, and scales to a year; `run_rate` holds today's terms and marks for 12 months."""

FUNCTIONS = {"min": "the least", "max": "the greatest", "abs": "the size", "known": "the first argument that is known"}


class Primitive(NamedTuple):
    """A leaf written in Python: its unit, whether it takes a quoted argument, whether it is affine in marks, and what it is."""

    unit: str
    says: str
    texts: tuple[str, ...] | None = None
    affine: bool = True


BASES = ("mark", "book", "appraisal")
ACCOUNTS = ("dsra", "collection", "operating", "cash", "escrow", "maintenance", "lock_up", "cash_collateral")
PRIMITIVES: dict[str, Primitive] = {
    "outstanding": Primitive("money", "principal owed: the latest known balance rolled forward by schedule, draws and interest in kind"),
    "accrued": Primitive("money", "interest accrued since the last payment day, in cash and in kind", None, False),
    "pik": Primitive("money", "interest paid in kind within `outstanding`: of the latest known balance, and capitalised since"),
    "letters_of_credit": Primitive("money", "letters of credit of the latest known balance"),
    "commitment": Primitive("money", "commitment in force"),
    "original_principal": Primitive("money", "principal the schedule started from"),
    "undrawn_revolver": Primitive("money", "commitment less exposure of a revolver or ABL; nothing for a term loan"),
    "collateral_value": Primitive("money", "collateral parcels valued at mark, book or appraisal", BASES),
    "eligible_collateral": Primitive("money", "borrowing base classes: eligibles x advance rate, sub-limits applied", None, False),
    "base_reserves": Primitive("money", "reserves held back from the borrowing base"),
    "unrestricted_cash": Primitive("money", "unblocked accounts and the borrower's free cash"),
    "group_debt": Primitive("money", "what the borrower's obligor group owes: facilities of the desk and other debt, nothing twice"),
    "group_cash": Primitive("money", "free cash of the borrower's obligor group"),
    "group_coins": Primitive("money", "free coins of the borrower's obligor group at the mark"),
    "free_coins": Primitive("money", "the borrower's free coins at the mark"),
    "account": Primitive("money", "balance of a named account", ACCOUNTS),
    "line": Primitive("line", "a reported line, the whole window certified; outside a window the latest report", ()),
    "reported": Primitive("line", "the certified part of a window", ()),
    "mark": Primitive("mark", "a mark series", ()),
    "contract_revenue": Primitive("money/period", "units under contract x rate x uptime x hours, where no report covers"),
    "merchant_revenue": Primitive("money/period", "units not under contract x utilisation x rent mark x hours, where no report covers"),
    "unit_opex": Primitive("money/period", "units x operating cost per hour x hours, where no report covers"),
    "fixed_opex": Primitive("money/period", "fixed operating cost, where no report covers"),
    "modelled_tax": Primitive("money/period", "tax of the project, where no report covers"),
    "modelled_capex": Primitive("money/period", "maintenance capital expenditure, where no report covers"),
    "interest": Primitive("money/period", "scheduled interest, floors and hedges applied", None, False),
    "scheduled_principal": Primitive("money/period", "scheduled principal"),
    "fees": Primitive("money/period", "fees on what is not drawn, with the interest of the period; the upfront fee at closing"),
    "cure_cash": Primitive("money/period", "cash put in to cure, counted as cash flow"),
    "weighted_average_life": Primitive("year", "of the principal still to come, from the world's date"),
    "end_of_life_balance": Primitive("money", "scheduled balance when the last collateral is worn out"),
    "days_late": Primitive("day", "days the certificate of the last period is late"),
}

RESERVED = frozenset(WINDOWS) | frozenset(FUNCTIONS) | frozenset(PRIMITIVES)

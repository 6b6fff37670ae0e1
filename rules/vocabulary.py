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

LIVES: dict[str, tuple[str, str]] = {
    "loan_life": ("loan", "sum"),
    "asset_life": ("asset", "sum"),
    "project_life": ("project", "sum"),
    "pv_loan_life": ("loan", "pv"),
    "pv_asset_life": ("asset", "pv"),
    "pv_project_life": ("project", "pv"),
    "mean_ratio": ("loan", "mean"),
    "min_ratio": ("loan", "min"),
    "months_paid": ("loan", "months"),
}
"""Window over a life -> (whose life it looks to the end of, what it makes of the periods until then). The loan ends with its last
payment, the assets when the last collateral is worn out, the project with the last of both and of its contracts. `pv` discounts
each period's flow at the debt's all-in rate; `mean` and `min` are of the ratio of two flows, periods without the second left
out; `months` is how long an amount pays the flow."""

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
    "pledged": Primitive("money", "collateral parcels that meet the conditions in quotes, before senior liens", ("all",)),
    "largest_pledged": Primitive("money", "collateral parcels of the largest group by an attribute", ("host",), False),
    "contracted": Primitive("money/period", "contracts that meet the conditions in quotes: units x rate x uptime x hours", ("all",)),
    "largest_contracted": Primitive("money/period", "contracts of the largest group by an attribute", ("customer",)),
    "units_in_service": Primitive("unit", "units of the parcels that can earn"),
    "units_earning": Primitive("unit", "of these, units under contract, and the others x utilisation"),
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
    "mining_revenue": Primitive("money/period", "hashrate x uptime x hashprice x days, after the pool's fee, where no report covers"),
    "power_cost": Primitive("money/period", "hashrate x efficiency x uptime x hours x power price, where no report covers"),
    "hash_days": Primitive("PH-day/period", "hashrate x uptime x days that the pool pays for"),
    "scheduled_subsidy": Primitive("unit/block", "coins a block of Bitcoin creates, halved every 210,000 blocks"),
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
    "case_rent": Primitive("money/unit-hour", "rent of the underwriting case"),
    "case_utilisation": Primitive("fraction", "utilisation of the underwriting case"),
    "case_opex": Primitive("money/unit-hour", "operating cost per unit-hour of the underwriting case"),
    "case_dscr": Primitive("x", "debt service coverage of the underwriting case"),
    "rent_now": Primitive("money/unit-hour", "rent marks of the parcels in service, averaged by units"),
    "utilisation_now": Primitive("fraction", "utilisation of the parcels in service, averaged by units"),
    "opex_now": Primitive("money/unit-hour", "operating cost per unit-hour of the parcels in service, averaged by units"),
    "floating_debt": Primitive("money", "principal owed at a floating rate"),
    "hedged_debt": Primitive("money", "what hedges in force cover of the floating debt"),
    "worst_vintage": Primitive("fraction", "debt over value of the collateral of one day of service, where highest", None, False),
    "market_cap": Primitive("money", "market capitalisation of the borrower, or of the first of its group that is quoted"),
}

PLAIN = frozenset(name for name, one in PRIMITIVES.items() if one.texts is None)
"""Primitives that take no text: a rule may test them by their name."""

GROUPED = ("group_debt", "group_cash", "group_coins", "market_cap")
"""Primitives that read the borrower's whole group: a file that cannot be read may be of it."""

OBLIGED = frozenset((*GROUPED, "unrestricted_cash", "free_coins", "line", "reported", "mining_revenue", "power_cost", "hash_days"))
"""Primitives that may read an obligor's file: its group, its treasury, its reports, its fleets."""

RESERVED = frozenset(WINDOWS) | frozenset(LIVES) | frozenset(FUNCTIONS) | frozenset(PRIMITIVES)

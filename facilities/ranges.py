"""Figures that no agreement can mean: amounts below nothing, shares beyond the whole."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from facilities.model import (
    Account,
    Amortisation,
    Balance,
    BaseClass,
    BaseReserve,
    Collateral,
    Contract,
    Debt,
    Debtor,
    Depreciation,
    Draw,
    Facility,
    Ineligible,
    Instalment,
    Liquidity,
    Reported,
    Step,
    Terms,
    Tranche,
    Treasury,
    Underwriting,
)
from facilities.walk import Keys, tables

_AMOUNTS: dict[type[Terms], tuple[str, ...]] = {
    Account: ("balance", "target_months"),
    Amortisation: ("payments", "original", "balloon", "target_dscr"),
    Balance: ("outstanding", "accrued", "pik", "letters_of_credit"),
    BaseClass: ("gross", "sub_limit"),
    BaseReserve: ("amount",),
    Collateral: ("units", "value", "cost", "opex_per_unit_hour", "economic_life_months", "kw_per_rack"),
    Contract: ("units", "rate"),
    Debt: ("outstanding",),
    Debtor: ("amount",),
    Depreciation: ("months", "residual_pct"),
    Draw: ("amount",),
    Facility: ("commitment", "undrawn_fee_pct", "upfront_fee_pct"),
    Ineligible: ("amount", "units"),
    Instalment: ("amount",),
    Liquidity: ("units_per_day",),
    Reported: ("months",),
    Tranche: ("commitment",),
    Treasury: ("units",),
    Underwriting: ("rent", "opex_per_unit_hour", "life_months"),
}
_SHARES: dict[type[Terms], tuple[str, ...]] = {
    BaseClass: ("concentration_limit",),
    Collateral: ("utilisation",),
    Contract: ("uptime",),
    Liquidity: ("sale_cost", "participation"),
    Underwriting: ("utilisation",),
}


def beyond(terms: Terms) -> Iterator[tuple[str, Keys, str]]:
    """(code, place, words) of every amount below zero and every share outside 0 to 1 in the tables below `terms`."""
    for path, table in tables(terms):
        for name in _AMOUNTS.get(type(table), ()):
            for where, value in _figures(getattr(table, name), (*path, name)):
                if value < 0:
                    yield "F051", where, f"{name} is {value}"
        for name in _SHARES.get(type(table), ()):
            for where, value in _figures(getattr(table, name), (*path, name)):
                if not 0 <= value <= 1:
                    yield "F052", where, f"{name} is {value}"


def _figures(raw: object, path: Keys) -> Iterator[tuple[Keys, Decimal | int]]:
    """A number, or the numbers of a dated table, each with its place."""
    if isinstance(raw, (Decimal, int)):
        yield path, raw
    elif isinstance(raw, list):
        for number, step in enumerate(raw):
            if isinstance(step, Step):
                yield (*path, number, "value"), step.value

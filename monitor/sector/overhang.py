"""All known debt on machines against what the market absorbs: by year of maturity, and how long selling one model would take."""

from __future__ import annotations

import msgspec

from facilities.model import Liquidity
from monitor.assess import Picture
from monitor.sector.deals import Backed


class Absorption(msgspec.Struct, frozen=True, kw_only=True):
    """One model: the debt on it, and the days in which the market takes machines worth that much; None with `why`."""

    asset: str
    debt: float
    series: str | None = None
    price: float | None = None
    units_per_day: float | None = None
    days: float | None = None
    why: str | None = None


class Overhang(msgspec.Struct, frozen=True, kw_only=True):
    """Debt on machines in the desk's currency. `owed` adds up balances, `committed` what was promised where no balance is public.

    `years` has both by year of maturity, `undated` for no date; `unknown` names debts without an amount.
    """

    debts: list[Backed]
    owed: float
    committed: float
    years: dict[str, float]
    undated: float
    unknown: list[str]
    absorption: list[Absorption]


def overhang_of(picture: Picture, debts: list[Backed]) -> Overhang:
    """The sums; what is in another currency than the desk's counts as unknown."""
    file = picture.session.desk.file
    home = file.desk.currency if file else "USD"
    counted = [one for one in debts if one.currency == home and _amount(one) is not None]
    years: dict[str, float] = {}
    for one in counted:
        year = one.maturity[:4] if one.maturity else ""
        years[year] = years.get(year, 0.0) + (_amount(one) or 0.0)
    return Overhang(
        debts=debts, owed=sum(one.owed for one in counted if one.owed is not None),
        committed=sum(one.committed or 0.0 for one in counted if one.owed is None),
        undated=years.pop("", 0.0), years=dict(sorted(years.items())), unknown=[one.name for one in debts if one not in counted],
        absorption=_absorptions(picture, counted, {row.asset: row for row in file.liquidity} if file else {}),
    )  # fmt: skip


def _amount(one: Backed) -> float | None:
    return one.owed if one.owed is not None else one.committed


def _absorptions(picture: Picture, debts: list[Backed], market: dict[str, Liquidity]) -> list[Absorption]:
    sums: dict[str, float] = {}
    for one in debts:
        if one.asset is not None:
            sums[one.asset] = sums.get(one.asset, 0.0) + (_amount(one) or 0.0)
    return [_absorption(picture, asset, debt, market.get(asset)) for asset, debt in sorted(sums.items(), key=lambda row: -row[1]) if debt]


def _absorption(picture: Picture, asset: str, debt: float, terms: Liquidity | None) -> Absorption:
    if terms is None or terms.units_per_day is None:
        return Absorption(asset=asset, debt=debt, why="absorption not given (units_per_day of [[liquidity]])")
    series = next((row.price for file in picture.book.terms for row in file.collateral if row.asset == asset and row.price), None)
    seen = picture.session.history.observe(series, picture.as_of, picture.known_at) if series else None
    price = seen.value if seen is not None and seen.data != "stale" else None
    share = terms.participation if terms.participation is not None else 1
    pace = float(terms.units_per_day * share)
    taken = pace * price * (1 - float(terms.sale_cost)) if price is not None else 0.0
    return Absorption(
        asset=asset, debt=debt, series=series, price=price, units_per_day=pace, days=debt / taken if taken > 0 else None,
        why=None if taken > 0 else "no price" if price is None else "nothing is absorbed",
    )  # fmt: skip

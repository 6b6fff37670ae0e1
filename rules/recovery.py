"""What a loan gets back in worlds of default: on paper, or as its collateral can be sold there, alone or beside other sellers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import Collateral, Liquidity
from rules.columns import Floats
from rules.curves import Curve
from rules.liquidation import market_of, takers, ways

MONEY_DAYS = 360
"""Days of a year of the interest that runs while a sale waits."""


class Parcel(msgspec.Struct, frozen=True):
    """Units of one asset on one day: `item` its row among all collateral, `series` the mark of its price, `fx` of the loan's
    currency for a dollar.
    """

    item: int
    row: Collateral
    units: float
    series: int
    fx: float
    curve: Curve | None = None


class Exit(msgspec.Struct, frozen=True):
    """All that stands behind a loan on a day (an ordinal), what comes before it (`prior`, money), and the rate a year that runs on what
    is owed while collateral is sold, default margin included.
    """

    facility: int
    day: int
    parcels: tuple[Parcel, ...]
    prior: float = 0.0
    rate: float = 0.0

    def series(self) -> list[int]:
        """The marks of its prices, one a parcel."""
        return [one.series for one in self.parcels]

    def flat(self) -> Exit:
        """The same with prices that do not decay while a sale waits."""
        return msgspec.structs.replace(self, parcels=tuple(msgspec.structs.replace(one, curve=None) for one in self.parcels))


class Recovered(NamedTuple):
    """float64[Q]: money brought after prior claims (below nothing where they take all), and days until it is there."""

    money: Floats
    wait: Floats

    def share(self, owed: Floats | float, rate: float) -> Floats:
        """float64[Q]: the part of the debt at sale, interest while waiting included, that is paid: 0 to 1."""
        due = owed * (1 + rate * self.wait / MONEY_DAYS)
        return np.clip(np.divide(self.money, due, out=np.ones_like(self.money), where=due > 0), 0.0, 1.0)


def on_paper(one: Exit, prices: Floats) -> Recovered:
    """The mark of every unit at once; `prices` float64[parcels, Q] in dollars."""
    money = np.full(prices.shape[1], -one.prior)
    for parcel, price in zip(one.parcels, prices, strict=True):
        money = money + parcel.units * price * parcel.fx
    return Recovered(money, np.zeros_like(money))


def executable(one: Exit, terms: Mapping[str, Liquidity], prices: Floats, beside: Sequence[Exit] = ()) -> Recovered:
    """What a forced sale brings in each world, each parcel sold the way that pays best there; `beside` sell at the same time.

    `prices` float64[parcels, Q] in dollars. The security is enforced once, at the cost of its first parcel.
    """
    every = [parcel for seller in (one, *beside) for parcel in seller.parcels]
    taken = taken_of(every, terms)
    money, wait = np.full(prices.shape[1], -one.prior), np.zeros(prices.shape[1])
    for n, (parcel, price) in enumerate(zip(one.parcels, prices, strict=True)):
        market, asset = market_of(terms[parcel.row.asset]), parcel.row.asset
        others = sum(taken[other.item] for other in every if other.row.asset == asset and other.item != parcel.item)
        tried = ways(market, parcel.units, taken[parcel.item], others, price, parcel.curve, one.day)
        net = np.stack([sale.net for sale in tried])
        best = net.argmax(axis=0)
        again = tried[0].enforcement if n else 0.0
        money = money + (np.take_along_axis(net, best[None, :], axis=0)[0] + again) * parcel.fx
        wait = np.maximum(wait, np.array([sale.wait for sale in tried])[best])
    return Recovered(money, wait)


def taken_of(parcels: Sequence[Parcel], terms: Mapping[str, Liquidity]) -> dict[int, float]:
    """Units of each parcel that buyers can power and cool, all parcels of an asset asking the same buyers."""
    found: dict[int, float] = {}
    for asset in dict.fromkeys(one.row.asset for one in parcels):
        mine = {str(one.item): (one.row, one.units) for one in parcels if one.row.asset == asset}
        found |= {int(name): units for name, units in takers(terms[asset], mine).items()}
    return found


def left_by_sale(parcel: Parcel, terms: Mapping[str, Liquidity]) -> float:
    """What is left of a price once a parcel is sold, 1 - Y sigma sqrt(N / ADV), as in a chain; 1 where the desk does not give it."""
    market = market_of(terms[parcel.row.asset]) if parcel.row.asset in terms else None
    if market is None or not (market.impact and market.volatility and market.volume):
        return 1.0
    return max(0.0, 1.0 - market.impact * market.volatility * math.sqrt(parcel.units / market.volume))

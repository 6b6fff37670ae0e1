"""What a miner earns with: fleets of machines with their hashrate, efficiency and power."""

from __future__ import annotations

from decimal import Decimal

from facilities.model.base import Amount, PartialDate, Terms


class Fleet(Terms, frozen=True, kw_only=True):
    """`[[fleet]]`: machines of one kind. Their hashrate is `hashrate_ph` in PH/s, or `units` of `th_per_unit` TH/s each.

    `hashprice` names the mark series of what a PH/s earns a day; `power_price` is money a kWh at the machine.
    """

    id: str
    asset: str | None = None
    units: Amount | None = None
    th_per_unit: Amount | None = None
    hashrate_ph: Amount | None = None
    efficiency_j_th: Amount | None = None
    power_price: Amount | None = None
    uptime: Amount = Decimal(1)
    pool_fee: Amount = Decimal(0)
    hashprice: str = "BTC.hashprice"
    start: PartialDate | None = None
    end: PartialDate | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}

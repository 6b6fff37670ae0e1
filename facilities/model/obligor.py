"""Who owes: obligors with their group, certified figures, treasury and other debt."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from facilities.model.base import Amount, PartialDate, Terms
from facilities.model.loan import Put
from facilities.model.mining import Fleet
from facilities.model.sector import Quality


class Obligor(Terms, frozen=True, kw_only=True):
    """`[obligor]`: a legal person, its group and parent."""

    id: str
    name: str
    group: str | None = None
    parent: str | None = None
    market_cap: str | None = None
    illustrative: bool = False
    note: str | None = None
    source: str | None = None


class Reported(Terms, frozen=True, kw_only=True):
    """`[[reported]]`: the line items of one certified period; known from `delivered` on."""

    period_end: dt.date
    months: int
    delivered: dt.date | None = None
    certified: bool = False
    lines: dict[str, Decimal]
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class Treasury(Terms, frozen=True, kw_only=True):
    """`[[treasury]]`: free coins or cash of the obligor; `asset` is a coin or a currency."""

    asset: str
    units: Amount
    price: str | None = None
    restricted: bool = False
    note: str | None = None
    source: str | None = None


class Debt(Terms, frozen=True, kw_only=True):
    """`[[debt]]`: a debt of the obligor; `facility` names one of ours, which is then not added twice."""

    id: str
    name: str | None = None
    facility: str | None = None
    kind: str | None = None
    outstanding: Amount | None = None
    maturity: PartialDate | None = None
    put: list[Put] = []
    secured: bool | None = None
    recourse: bool | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class YearEnd(Terms, frozen=True, kw_only=True):
    """`[[year_end]]`: debt and cash of the whole group as published for a date, to hold today's against its own past."""

    date: dt.date
    debt: Decimal
    cash: Decimal | None = None
    coins: Decimal | None = None
    quality: Quality | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class ObligorFile(Terms, frozen=True, kw_only=True):
    """`obligors/ID.toml`."""

    obligor: Obligor
    reported: list[Reported] = []
    fleet: list[Fleet] = []
    treasury: list[Treasury] = []
    debt: list[Debt] = []
    year_end: list[YearEnd] = []

"""All known debt that stands on one asset, ours and others', against what the asset's market turns over."""

from __future__ import annotations

import math

import numpy as np

from facilities.model import Liquidity
from monitor.assess import Picture
from monitor.liquidate.answer import BackedPart, OverhangPart
from rules.life.tasks import not_told_repaid
from rules.primitives.balances import outstanding_on
from rules.primitives.collateral import parcel_units
from rules.scope import facility_rows, open_scope


def overhang_of(picture: Picture, asset: str, terms: Liquidity | None) -> OverhangPart:
    """The debts whose collateral is of the asset; a debt on several assets counts whole, an unknown amount is counted apart."""
    table = picture.book.tables["collateral"]
    items = [n for n, row in enumerate(table.rows) if row.asset == asset]
    owners = dict.fromkeys(int(table.owner[n]) for n in items)
    debts = [_backed(picture, f, [n for n in items if table.owner[n] == f]) for f in owners]
    debts += _told(picture, asset)
    debts = sorted((one for one in debts if one.debt != 0), key=lambda one: (-(one.debt or 0.0), one.id))
    debt, units = sum(one.debt or 0.0 for one in debts), sum(one.units or 0.0 for one in debts)
    price = _price(picture, items)
    volume = float(terms.units_per_day) if terms and terms.units_per_day else None
    return OverhangPart(
        asset=asset, debts=debts, debt=debt, units=units, price=price, units_per_day=volume,
        days_of_units=units / volume if volume else None, days_of_debt=debt / (price * volume) if price and volume else None,
        unknown=sum(one.debt is None for one in debts),
    )  # fmt: skip


def _backed(picture: Picture, f: int, items: list[int]) -> BackedPart:
    book, now = picture.book, picture.now
    mine = np.array([f], dtype=np.int64)
    scope = open_scope(book, now, facility_rows(book, now, mine), picture.state, facility=mine)
    late = book.ids[f] in not_told_repaid(picture.tasks)
    owed = math.nan if late else float(outstanding_on(scope, mine, scope.day, scope.known)[0])
    held = parcel_units(scope, np.zeros(len(items), dtype=np.int64), np.array(items, dtype=np.int64))[:, 0]
    dollars = picture.session.rate(book.terms[f].facility.currency, "USD", picture.as_of, picture.known_at)
    terms = book.terms[f].facility
    return BackedPart(
        id=terms.id, name=terms.name, ours=terms.ours, debt=None if math.isnan(owed) or dollars is None else owed * dollars,
        units=None if np.isnan(held).any() else float(held.sum()),
    )  # fmt: skip


def _told(picture: Picture, asset: str) -> list[BackedPart]:
    """Deals of others that the desk only knows of (`sector.toml`), at the amount committed; one in another currency is unknown."""
    sector, day = picture.session.desk.sector, picture.as_of.date()
    return [
        BackedPart(
            id=one.name, name=f"{one.issuer}: {one.name}", ours=False, units=None,
            debt=float(one.amount) if one.amount is not None and one.currency == "USD" else None,
        )
        for one in (sector.deal if sector else [])
        if one.gpu_backed and one.asset == asset and one.date.date <= day
    ]  # fmt: skip


def _price(picture: Picture, items: list[int]) -> float | None:
    """The asset's mark: that of the first parcel whose series has one."""
    names = picture.book.series.names
    tables = [picture.book.ints[f"collateral.{name}"] for name in ("price", "appraisal")]
    series = dict.fromkeys(names[int(table[n])] for table in tables for n in items if table[n] >= 0)
    seen = (one.value for one in picture.observations if one.series in series)
    return next((value for value in seen if value is not None and value > 0), None)

"""Looking through a borrower to its obligor group: coins pledged and free, debt by what it stands on, net debt against its own past.

Nothing counts twice: a parcel pledged to several lenders is one parcel, a debt that is a facility of the desk is that facility.
Coins stand beside the debt and are never netted against it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
import numpy as np

from facilities.model import Amount, Collateral, FacilityFile, YearEnd
from facilities.steps import value_on
from monitor.agenda.entries import group_of
from monitor.agenda.wall import Wall, walls_of
from monitor.assess import Picture
from rules.life.tasks import not_told_repaid
from rules.primitives.balances import outstanding_on
from rules.scope import day_of, facility_rows, open_scope

SORTS = ("gpu", "coin", "convertible", "other")
"""What a debt stands on: machines and their contracts, pledged coins, the issuer's shares, or none of these."""


class OwedPart(msgspec.Struct, frozen=True, kw_only=True):
    """One debt of the group; `amount` None where it is not public. `ours` tells the desk's own lending from others'."""

    id: str
    name: str
    obligor: str
    sort: str
    amount: float | None
    currency: str
    ours: bool
    maturity: str | None = None


class CoinPart(msgspec.Struct, frozen=True, kw_only=True):
    """Coins of one kind: pledged by lender, and free; values at the mark of the as-of, None where it is missing."""

    asset: str
    pledged: float | None
    free: float | None
    price: float | None
    pledged_value: float | None
    free_value: float | None


class PastPart(msgspec.Struct, frozen=True, kw_only=True):
    """Net debt at one published date; coins beside it. `source` is that of the debt, `sources` all of the row's."""

    date: str
    debt: float
    cash: float | None
    net_debt: float | None
    source: str | None
    coins: float | None = None
    quality: str | None = None
    sources: list[str] = []


class GroupPart(msgspec.Struct, frozen=True, kw_only=True):
    """One obligor group. Sums are in `currency`, None where a part of them is not known; `unknown` names those parts.

    `double_leverage` is true where coins are pledged for one debt while machines are financed by another. `peak` is the
    highest published net debt, `against_peak` today's over it less one.
    """

    group: str
    currency: str
    members: list[str]
    debts: list[OwedPart]
    coins: list[CoinPart]
    debt: float | None
    debt_known: float
    by_sort: dict[str, float]
    cash: float | None
    net_debt: float | None
    past: list[PastPart]
    peak: PastPart | None
    against_peak: float | None
    double_leverage: bool
    unknown: list[str]
    wall: Wall | None


def groups_of(picture: Picture, wanted: str | None = None) -> list[GroupPart]:
    """Every group of the desk, or the one called `wanted`; the most indebted first. KeyError where there is none of that name."""
    desk = picture.session.desk
    members: dict[str, list[str]] = {}
    for name in desk.obligors:
        members.setdefault(group_of(picture, name) or name, []).append(name)
    if wanted is not None and wanted not in members:
        raise KeyError(wanted)
    walls = {wall.group: wall for wall in walls_of(picture)}
    made = [_group(picture, group, who, walls.get(group)) for group, who in members.items() if wanted in (None, group)]
    return sorted(made, key=lambda one: (-one.debt_known, one.group))


def _group(picture: Picture, group: str, members: list[str], wall: Wall | None) -> GroupPart:
    home = _home(picture)
    debts = [*_ours(picture, members), *_others(picture, members)]
    known = [one for one in debts if one.amount is not None and one.currency == home]
    unknown = [one.name for one in debts if one not in known]
    total = sum(one.amount or 0.0 for one in known)
    cash = _cash(picture, members)
    net = total - cash if cash is not None and not unknown else None
    past = _past(picture, members)
    peak = max((one for one in past if one.net_debt is not None), key=lambda one: one.net_debt or 0.0, default=None)
    coins = _coins(picture, members)
    sorts = {sort: sum(one.amount or 0.0 for one in known if one.sort == sort) for sort in SORTS}
    return GroupPart(
        group=group, currency=home, members=members, debts=debts, coins=coins, debt=None if unknown else total, debt_known=total,
        by_sort={sort: amount for sort, amount in sorts.items() if amount}, cash=cash, net_debt=net, past=past, peak=peak,
        against_peak=net / peak.net_debt - 1 if net is not None and peak is not None and peak.net_debt else None,
        double_leverage=bool(sorts["gpu"] and any(one.pledged for one in coins)), unknown=unknown, wall=wall,
    )  # fmt: skip


def _home(picture: Picture) -> str:
    return picture.session.desk.file.desk.currency if picture.session.desk.file else "USD"


def _ours(picture: Picture, members: list[str]) -> Iterator[OwedPart]:
    """Facilities of the desk whose borrower is in the group, another lender's among them."""
    book = picture.book
    mine = np.array([f for f, one in enumerate(book.terms) if one.facility.borrower in members], dtype=np.int64)
    scope = open_scope(book, picture.now, facility_rows(book, picture.now, mine), facility=mine)
    owed, unpaid = outstanding_on(scope, mine, scope.day, scope.known), not_told_repaid(picture.tasks)
    for f, amount in zip(mine.tolist(), owed.tolist(), strict=True):
        one = book.terms[f].facility
        yield OwedPart(
            id=one.id, name=one.name, obligor=one.borrower, sort=_sort(book.terms[f]), currency=one.currency, ours=one.ours,
            amount=None if np.isnan(amount) or one.id in unpaid else amount, maturity=one.maturity.written if one.maturity else None,
        )  # fmt: skip


def _sort(terms: FacilityFile) -> str:
    if terms.facility.kind == "convertible":
        return "convertible"
    if terms.facility.kind == "btc-loan" or any(_is_coin(row) for row in terms.collateral):
        return "coin"
    machines = any(row.unit == "GPU" for row in terms.collateral) or terms.facility.kind in ("ddtl", "equipment", "lease", "project")
    return "gpu" if machines else "other"


def _is_coin(row: Collateral) -> bool:
    """A coin is counted in itself; a machine in pieces of a kind."""
    return row.asset == row.unit and row.unit not in ("GPU", "ASIC")


def _others(picture: Picture, members: list[str]) -> Iterator[OwedPart]:
    """Debts of the group that are no facility of the desk."""
    desk, day = picture.session.desk, _day(picture)
    for name in members:
        for debt in desk.obligors[name].debt:
            if debt.facility is None:
                held = None if debt.outstanding is None else value_on(debt.outstanding, day)
                kind = debt.kind or ""
                sort = kind if kind in SORTS else "convertible" if kind.startswith("conv") else "other"
                yield OwedPart(
                    id=debt.id, name=debt.name or debt.id, obligor=name, sort=sort, currency=_home(picture), ours=False,
                    amount=None if held is None else float(held), maturity=debt.maturity.written if debt.maturity else None,
                )  # fmt: skip


def _day(picture: Picture) -> dt.date:
    return dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))


def _cash(picture: Picture, members: list[str]) -> float | None:
    """Free cash of the group in the desk's currency; None where none is stated, or a part of it is not known on the day."""
    rows = [row for name in members for row in picture.session.desk.obligors[name].treasury if row.price is None and not row.restricted]
    held = [_amount(row.units, _day(picture)) if row.asset == _home(picture) else None for row in rows]
    return None if not held or None in held else sum(one or 0.0 for one in held)


def _amount(amount: Amount | None, day: dt.date) -> float | None:
    found = None if amount is None else value_on(amount, day)
    return None if found is None else float(found)


def _coins(picture: Picture, members: list[str]) -> list[CoinPart]:
    desk, day = picture.session.desk, _day(picture)
    pledged: dict[str, list[float | None]] = {}
    free: dict[str, list[float | None]] = {}  # coins that no treasury states are not known, and not none
    series: dict[str, str] = {}
    for terms in (one for one in picture.book.terms if one.facility.borrower in members):
        for parcel in (row for row in terms.collateral if _is_coin(row)):
            pledged.setdefault(parcel.asset, []).append(_amount(parcel.units, day))
            series.setdefault(parcel.asset, parcel.price or f"{parcel.asset}.price")
    for row in (row for name in members for row in desk.obligors[name].treasury if row.price is not None):
        free.setdefault(row.asset, []).append(_amount(row.units, day))
        series.setdefault(row.asset, row.price or "")
    return [_coin(picture, asset, series[asset], pledged.get(asset, []), free.get(asset, [None])) for asset in series]


def _coin(picture: Picture, asset: str, series: str, pledged: list[float | None], free: list[float | None]) -> CoinPart:
    seen = picture.session.history.observe(series, picture.as_of, picture.known_at)
    price = seen.value if seen.data != "stale" else None
    sums = [None if None in rows else sum(one or 0.0 for one in rows) for rows in (pledged, free)]
    values = [None if units is None or price is None else units * price for units in sums]
    return CoinPart(asset=asset, pledged=sums[0], free=sums[1], price=price, pledged_value=values[0], free_value=values[1])


def _past(picture: Picture, members: list[str]) -> list[PastPart]:
    """Published figures of earlier dates, as the files of the group give them; of one date the first given."""
    day = _day(picture)
    found: dict[dt.date, PastPart] = {}
    for name in members:
        for row in picture.session.desk.obligors[name].year_end:
            if row.date <= day:
                found.setdefault(row.date, _year_end(row))
    return [found[when] for when in sorted(found)]


def _year_end(row: YearEnd) -> PastPart:
    cash = None if row.cash is None else float(row.cash)
    net = None if cash is None else float(row.debt) - cash
    coins = None if row.coins is None else float(row.coins)
    named = dict.fromkeys(one for one in (row.source, *row.sources.values()) if one is not None)
    return PastPart(
        date=row.date.isoformat(), debt=float(row.debt), cash=cash, net_debt=net, source=row.source, coins=coins, quality=row.quality,
        sources=list(named),
    )  # fmt: skip

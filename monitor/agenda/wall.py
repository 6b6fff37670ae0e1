"""The rollover wall: what each obligor group must repay or refinance, year by year, holders' puts counted at their date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
import numpy as np

from facilities.model import Debt, PartialDate, Put
from facilities.steps import value_on
from monitor.agenda.entries import group_of
from monitor.assess import Picture
from rules.life.tasks import not_told_repaid
from rules.primitives.balances import outstanding_on
from rules.primitives.flows import Flows
from rules.primitives.loan import ahead
from rules.primitives.owed import owed_legs
from rules.scope import day_of, facility_rows, open_scope

_Row = tuple[str, str, float | None, str | None]
"""(day, kind, money, date as written where it is partial)."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Principal of one debt that falls due on one day; `amount` in the debt's currency, None where it is not public.

    `kind` is `instalment` (scheduled), `maturity` (what is left on the last day) or `put` (what a holder may ask for).
    """

    date: str
    kind: str
    group: str
    debt: str
    amount: float | None
    currency: str
    ours: bool
    partial: str | None = None


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """One group: its dues in order, their sums by year, and the debts that name no date or no amount."""

    group: str
    currency: str
    years: dict[str, float]
    puts: dict[str, float]
    dues: list[Due]
    unknown: list[str]


def walls_of(picture: Picture, wanted: frozenset[str] | None = None) -> list[Wall]:
    """The wall of every group that owes something, the largest first; sums in the desk's currency where all is in it."""
    dues: dict[str, list[Due]] = {}
    for one in _dues(picture):
        dues.setdefault(one.group, []).append(one)
    kept = _groups(picture, wanted)
    walls = [_wall(picture, group, rows) for group, rows in dues.items() if kept is None or group in kept]
    return sorted(walls, key=lambda wall: (-sum(wall.years.values()), wall.group))


def _groups(picture: Picture, wanted: frozenset[str] | None) -> set[str | None] | None:
    if wanted is None:
        return None
    return {group_of(picture, one.facility.borrower) for one in picture.book.terms if one.facility.id in wanted}


def _wall(picture: Picture, group: str, dues: list[Due]) -> Wall:
    home = picture.session.desk.file.desk.currency if picture.session.desk.file else "USD"
    years: dict[str, float] = {}
    puts: dict[str, float] = {}
    unknown: list[str] = []
    for one in sorted(dues, key=lambda due: (due.date, due.debt, due.kind)):
        if one.amount is None or one.currency != home or not one.date:
            unknown.append(one.debt)
            continue
        sums = puts if one.kind == "put" else years
        sums[one.date[:4]] = sums.get(one.date[:4], 0.0) + one.amount
    return Wall(
        group=group, currency=home, years=years, puts=puts, unknown=list(dict.fromkeys(unknown)),
        dues=sorted(dues, key=lambda due: (due.date, due.debt, due.kind)),
    )  # fmt: skip


def _dues(picture: Picture) -> Iterator[Due]:
    yield from _of_facilities(picture)
    yield from _of_other_debt(picture)


def _of_facilities(picture: Picture) -> Iterator[Due]:
    """The payments ahead of every facility, tranche by tranche, and the puts of the whole."""
    book, today = picture.book, dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    every = np.arange(len(book.ids), dtype=np.int64)
    scope = open_scope(book, picture.now, facility_rows(book, picture.now, every), facility=every)
    owed, flows = outstanding_on(scope, every, scope.day, scope.known), ahead(scope)
    asker, legs, parts = owed_legs(scope)
    late = not_told_repaid(picture.tasks)
    for f, terms in enumerate(book.terms):
        facility = terms.facility
        group = group_of(picture, facility.borrower) or facility.borrower
        rows = list(_puts(facility.put, _known(owed[f]), today))
        for leg, amount in zip(legs[asker == f].tolist(), parts[asker == f, 0], strict=True):
            end = book.tables["leg"].rows[leg].terms.facility.maturity
            rows += _of_leg(flows, leg, end, None if facility.id in late and amount == 0 else _known(amount))
        for day, kind, money, partial in rows:
            yield Due(
                date=day, kind=kind, group=group, debt=facility.name, amount=money, currency=facility.currency, ours=facility.ours,
                partial=partial,
            )  # fmt: skip


def _of_leg(flows: Flows, leg: int, maturity: PartialDate | None, amount: float | None) -> Iterator[_Row]:
    """(day, kind, money, partial date) of each payment of one leg; all at its maturity where it has no schedule."""
    mine = np.flatnonzero(flows.leg == leg).tolist() if amount is not None else []
    paid = [(dt.date.fromordinal(int(flows.pay[r])).isoformat(), float(flows.principal[r, 0])) for r in mine]
    yield from ((day, "instalment", money, None) for day, money in paid[:-1] if money > 0)
    if paid and paid[-1][1] > 0:
        yield paid[-1][0], "maturity", paid[-1][1], _partial(maturity)
    elif not paid and (amount is None or amount > 0):
        yield maturity.date.isoformat() if maturity else "", "maturity", amount, _partial(maturity)


def _known(amount: float) -> float | None:
    return None if np.isnan(amount) else float(amount)


def _puts(puts: list[Put], amount: float | None, today: dt.date) -> Iterator[_Row]:
    for one in puts:
        if one.date.date > today:
            price = None if amount is None else amount * float(one.price_pct) / 100
            yield one.date.date.isoformat(), "put", price, _partial(one.date)


def _partial(day: PartialDate | None) -> str | None:
    return day.written if day is not None and day.partial else None


def _of_other_debt(picture: Picture) -> Iterator[Due]:
    """Debts of obligors that are no facility of the desk."""
    desk, today = picture.session.desk, dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    home = desk.file.desk.currency if desk.file else "USD"
    for name, who in desk.obligors.items():
        for debt in who.debt:
            if debt.facility is None:
                yield from _of_debt(debt, group_of(picture, name) or name, home, today)


def _of_debt(debt: Debt, group: str, home: str, today: dt.date) -> Iterator[Due]:
    held = None if debt.outstanding is None else value_on(debt.outstanding, today)
    amount = None if held is None else float(held)
    if amount == 0:
        return
    rows = list(_puts(debt.put, amount, today))
    if debt.maturity is None or debt.maturity.date > today:
        rows.append((debt.maturity.date.isoformat() if debt.maturity else "", "maturity", amount, _partial(debt.maturity)))
    for day, kind, money, partial in rows:
        yield Due(date=day, kind=kind, group=group, debt=debt.name or debt.id, amount=money, currency=home, ours=False, partial=partial)

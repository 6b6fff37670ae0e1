"""Free coins of a group against its margin calls and the cash its cures ask for: the price down to which they suffice."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from facilities.model import Collateral
from facilities.steps import value_on
from monitor.assess import Picture
from monitor.chain.answer import ResourcePart
from monitor.lookthrough import GroupPart, groups_of
from monitor.remedied import failing_of
from rules.life.tasks import not_told_repaid
from rules.primitives.balances import outstanding_on
from rules.remedies import remedies
from rules.scope import facility_rows, open_scope


class _Call(NamedTuple):
    """One loan on coins: what it owes, the coins pledged, and the LTV a call must be restored to."""

    owed: float
    pledged: float
    restore: float


def resources_of(picture: Picture) -> list[ResourcePart]:
    """Every group that holds free coins of a kind that one of its loans on a margin ladder stands on."""
    return [part for group in groups_of(picture) for part in _of(picture, group)]


def _of(picture: Picture, group: GroupPart) -> list[ResourcePart]:
    found = []
    for coin in group.coins:
        calls = _calls(picture, group, coin.asset)
        if coin.free and calls:
            cures = _cash(picture, group)
            found.append(ResourcePart(
                group=group.group, asset=coin.asset, price=coin.price, free=coin.free, cures=cures,
                meets_calls_down_to=_lowest(calls, coin.free, 0.0), meets_all_down_to=_lowest(calls, coin.free, cures),
            ))  # fmt: skip
    return found


def _lowest(calls: list[_Call], free: float, cash: float) -> float | None:
    """The price at which the free coins just restore every call and fund the cash: needed coins fall as the price rises."""

    def lacks(price: float) -> float:
        return sum(max(0.0, one.owed / (one.restore * price) - one.pledged) for one in calls) + cash / price - free

    owed = sum(one.owed for one in calls)
    low, high = owed * 1e-9, (sum(one.owed / one.restore for one in calls) + cash) / free
    if owed <= 0 or lacks(high) > 0:
        return None
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if lacks(middle) > 0 else (low, middle)
    return high


def _calls(picture: Picture, group: GroupPart, asset: str) -> list[_Call]:
    book, found, late = picture.book, [], not_told_repaid(picture.tasks)
    for one in picture.standings:
        f = one.test.facility
        if book.ids[f] in late:
            continue
        rows = [row for row in book.terms[f].collateral if row.asset == asset]
        restore = next((float(rung.restore_to) for rung in one.test.covenant.rung if rung.restore_to is not None), None)
        if book.terms[f].facility.borrower in group.members and rows and restore and one.test.rule == "ltv":
            mine = np.array([f], dtype=np.int64)
            scope = open_scope(book, picture.now, facility_rows(book, picture.now, mine), facility=mine)
            owed = float(outstanding_on(scope, mine, scope.day, scope.known)[0])
            day = dt.date.fromordinal(int(scope.day[0]))
            pledged = [units_on(row, day) for row in rows]
            if not np.isnan(owed) and None not in pledged:
                found.append(_Call(owed, sum(units or 0.0 for units in pledged), restore))
    return found


def units_on(row: Collateral, day: dt.date) -> float | None:
    """The units of a parcel on a day, None where they are not known."""
    found = None if row.units is None else value_on(row.units, day)
    return None if found is None else float(found)


def _cash(picture: Picture, group: GroupPart) -> float:
    """The least cash that cures the group's failing covenants, each asked for alone."""
    total = 0.0
    for one in picture.standings:
        found = failing_of(one) if picture.book.terms[one.test.facility].facility.borrower in group.members else None
        if found is not None and not one.test.covenant.rung:
            made = remedies(picture.book, found.worlds, found.row, found.rung, [], found.threshold, picture.state)
            total += next((part.amount for part in made if part.kind == "cash" and part.amount is not None), 0.0)
    return total

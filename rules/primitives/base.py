"""The borrowing base: classes of eligible assets at advance rates, less reserves.

Per class: advance rate x max(0, gross - ineligibles - concentration excess), the sub-limit applied. The concentration
excess is taken on what is left after the other ineligibles, so that each unit of money is excluded once.
"""

from __future__ import annotations

import msgspec
import numpy as np

from rules.columns import Bools, Dated, Floats, Ints, Table
from rules.primitives.collateral import parcel_units, parcel_where, unit_value
from rules.primitives.leaf import Factor, Leaf, Reader, Terms, Where, column
from rules.scope import Scope


class _Classes(msgspec.Struct, frozen=True):
    """Pairs (row, class) with what enters each: float64[R, Q] columns."""

    asker: Ints
    item: Ints
    gross: Floats
    ineligible: Floats
    excess: Floats
    advance: Floats
    eligible: Floats
    limited: Floats


def _classes(scope: Scope) -> _Classes:
    book = scope.book
    asker, item = book.tables["base"].join(scope.facility)
    day = scope.day[asker]
    stated = column(book.dated["base.gross"].at(item, day))
    held, out, price = _parcels(scope, asker, item)
    named = np.array([bool(row.collateral) for row in book.tables["base"].rows], dtype=bool)
    gross = np.where(column(named[item]), held, stated) if len(item) else np.zeros((0, scope.columns))
    listed = _listed(scope, asker, item, price)
    ineligible = out + listed
    before = np.maximum(0.0, gross - ineligible)
    excess = _concentration(scope, asker, item, before)
    eligible = np.maximum(0.0, before - excess)
    advance = column(book.dated["base.advance_rate"].at(item, day))
    limit = column(book.dated["base.sub_limit"].at(item, day))
    no_limit = np.array([row.sub_limit is None for row in book.tables["base"].rows], dtype=bool)
    limited = np.where(column(no_limit[item]), np.inf, limit) if len(item) else np.zeros((0, 1))
    return _Classes(asker, item, gross, ineligible, excess, advance, eligible, limited)


def _parcels(scope: Scope, asker: Ints, item: Ints) -> tuple[Floats, Floats, Floats]:
    """(gross value, value of ineligible parcels, value of one unit) of each class, float64[R, Q]."""
    book = scope.book
    parcels: Table = book.tables["collateral"]
    gross, out, price = (np.zeros((len(item), scope.columns)) for _ in range(3))
    for r in range(len(item)):
        wanted = book.tables["base"].rows[int(item[r])]
        f = int(scope.facility[asker[r]])
        span = range(int(parcels.start[f]), int(parcels.start[f] + parcels.count[f]))
        mine = np.array([at for at in span if parcels.rows[at].id in wanted.collateral], dtype=np.int64)
        if len(mine):
            who = np.full(len(mine), asker[r], dtype=np.int64)
            unit = unit_value(scope, who, mine, wanted.value).values
            worth = parcel_units(scope, who, mine) * unit
            eligible = column(book.floats["collateral.eligible"][mine])
            gross[r], out[r], price[r] = worth.sum(axis=0), (worth * (1 - eligible)).sum(axis=0), unit[0]
    return gross, out, price


def _listed(scope: Scope, asker: Ints, item: Ints, price: Floats) -> Floats:
    """float64[R, Q]: what each class's own list leaves out."""
    table = scope.book.tables["ineligible"]
    pair, row = table.join(item)
    day = scope.day[asker[pair]]
    amount = scope.book.dated["ineligible.amount"].at(row, day)
    units = scope.book.dated["ineligible.units"].at(row, day)
    counted = np.array([one.units is not None for one in table.rows], dtype=bool)
    worth = np.where(column(counted[row]), column(units) * price[pair], column(amount)) if len(row) else np.zeros((0, scope.columns))
    total = np.zeros((len(item), scope.columns))
    np.add.at(total, pair, worth)
    return total


def _concentration(scope: Scope, asker: Ints, item: Ints, eligible: Floats) -> Floats:
    """float64[R, Q]: what each debtor owes above the limit, a share of the eligibles left after the other ineligibles."""
    pair, row = scope.book.tables["debtor"].join(item)
    owed = column(scope.book.dated["debtor.amount"].at(row, scope.day[asker[pair]]))
    limit = column(np.nan_to_num(scope.book.floats["base.concentration"], nan=np.inf)[item[pair]]) if len(row) else np.zeros((0, 1))
    total = np.zeros_like(eligible)
    above = np.where(np.isinf(limit), 0.0, np.maximum(0.0, owed - np.where(np.isinf(limit), 0.0, limit) * eligible[pair]))
    np.add.at(total, pair, above)
    return np.minimum(total, eligible)


def _eligible_collateral(scope: Scope, text: str | None) -> Leaf:
    found = _classes(scope)
    rows = scope.book.tables["base"].rows
    lends = np.minimum(found.eligible * found.advance, found.limited)
    factor = Factor("lends", lends, "money", lambda r: _class_where(scope, found, r, "advance_rate"), lambda r: _parts(scope, found, r))
    terms = Terms(found.asker, (factor,), lambda r: rows[int(found.item[r])].title or rows[int(found.item[r])].id)
    unknown: Bools = scope.book.tables["base"].count[scope.facility] == 0
    unknown[found.asker[np.isnan(lends).all(axis=1)]] = True
    return Leaf((terms,), unknown, lambda n: _why(scope, n))


def _why(scope: Scope, n: int) -> str:
    if not scope.book.tables["base"].count[scope.facility[n]]:
        return "no borrowing base class is described"
    return "a figure of a borrowing base class is not known"


def _class_where(scope: Scope, found: _Classes, r: int, key: str) -> Where:
    f = int(scope.facility[found.asker[r]])
    place = int(found.item[r] - scope.book.tables["base"].start[f])
    return Where(f"facility:{scope.book.ids[f]}", ("borrowing_base", place, key))


def _parts(scope: Scope, found: _Classes, r: int) -> list[tuple[str, float, str, Where | None]]:
    """Gross, what is left out and why, the advance rate and the sub-limit of one class."""
    row = scope.book.tables["base"].rows[int(found.item[r])]
    gross = _class_where(scope, found, r, "collateral" if row.collateral else "gross")
    parts: list[tuple[str, float, str, Where | None]] = [("gross", float(found.gross[r, 0]), "money", gross)]
    parts += _left_out(scope, found, r)
    if row.debtor:
        limit = _class_where(scope, found, r, "concentration_limit")
        parts.append(("less concentration excess", float(found.excess[r, 0]), "money", limit))
    parts.append(("advance rate", float(found.advance[r, 0]), "", _class_where(scope, found, r, "advance_rate")))
    if row.sub_limit is not None:
        parts.append(("sub-limit", float(found.limited[r, 0]), "money", _class_where(scope, found, r, "sub_limit")))
    return parts


def _left_out(scope: Scope, found: _Classes, r: int) -> list[tuple[str, float, str, Where | None]]:
    """Each ineligible parcel and each listed ineligible of one class with its reason."""
    parcels, asker = scope.book.tables["collateral"], found.asker[r : r + 1]
    row = scope.book.tables["base"].rows[int(found.item[r])]
    f = int(scope.facility[asker[0]])
    parts: list[tuple[str, float, str, Where | None]] = []
    unit = 0.0
    for at in range(int(parcels.start[f]), int(parcels.start[f] + parcels.count[f])):
        parcel, item = parcels.rows[at], np.array([at], dtype=np.int64)
        if parcel.id in row.collateral:
            price = float(unit_value(scope, asker, item, row.value).values[0, 0])
            unit = unit or price
            if not parcel.eligible:
                worth = float(parcel_units(scope, asker, item)[0, 0]) * price
                why = f"less {parcel.id}: {parcel.ineligible_reason or 'not eligible'}"
                parts.append((why, worth, "money", parcel_where(scope, item, "eligible")(0)))
    for place, one in enumerate(row.ineligible):
        day = scope.day[asker]
        amount = one.amount if one.amount is not None else one.units
        worth = float(Dated([amount]).at(np.zeros(1, np.int64), day)[0]) * (unit if one.units is not None else 1.0)
        where = _class_where(scope, found, r, "ineligible")
        parts.append((f"less {one.reason}", worth, "money", Where(where.owner, (*where.path, place))))
    return parts


def _reserves(scope: Scope, text: str | None) -> Leaf:
    table = scope.book.tables["reserve"]
    asker, item = table.join(scope.facility)
    amount = scope.book.dated["reserve.amount"].at(item, scope.day[asker])

    def where(r: int) -> Where:
        f = int(table.owner[item[r]])
        return Where(f"facility:{scope.book.ids[f]}", ("reserve", int(item[r] - table.start[f]), "amount"))

    terms = Terms(asker, (Factor("reserve", column(amount), "money", where),), lambda r: table.rows[int(item[r])].reason)
    unknown = np.zeros(len(scope), dtype=bool)
    unknown[asker[np.isnan(amount)]] = True
    return Leaf((terms,), unknown, lambda _: "a reserve is not known on that day")


READERS: dict[str, Reader] = {"eligible_collateral": _eligible_collateral, "base_reserves": _reserves}

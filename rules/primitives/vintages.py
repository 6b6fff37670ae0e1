"""Debt per vintage of collateral against its value: a vintage is the parcels placed in service on one day."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from rules.columns import FAR, Bools, Floats, Ints, add_up
from rules.primitives.collateral import parcel_units, unit_value
from rules.primitives.leaf import Factor, Leaf, Reader, Terms, Where, column, unknown_throughout
from rules.primitives.owed import owed
from rules.scope import Scope


class Vintages(NamedTuple):
    """V vintages: the row of the scope each is of, the day it was placed in service, its debt and its value, float64[V, Q].

    `undated[N]` are the rows with a parcel of which no such day is known, or with none at all.
    """

    asker: Ints
    began: Ints
    debt: Floats
    value: Floats
    undated: Bools

    @property
    def ratio(self) -> Floats:
        """float64[V, Q]: debt over value, NaN where there is none."""
        return np.divide(self.debt, self.value, out=np.full_like(self.debt, np.nan), where=self.value > 0)


def vintages(scope: Scope) -> Vintages:
    """The vintages of each row's collateral; debt is spread over parcels by what they cost, or by units where a cost is not given."""
    parcels = scope.book.tables["collateral"]
    asker, item = parcels.join(scope.facility)
    began = scope.book.ints["collateral.in_service"][item]
    units = np.broadcast_to(parcel_units(scope, asker, item), (len(item), scope.columns))
    cost = column(scope.book.floats["collateral.cost"][item])
    priced = add_up(np.isnan(cost).astype(float), asker, len(scope))[asker] == 0
    weight = units * np.where(priced, cost, 1.0)
    whole = add_up(weight, asker, len(scope))[asker]
    debt = owed(scope)[asker] * np.divide(weight, whole, out=np.full_like(weight, np.nan), where=whole > 0)
    worth = units * unit_value(scope, asker, item, "mark").values
    _, first, vintage = np.unique(asker * FAR + began, return_index=True, return_inverse=True)
    undated = parcels.count[scope.facility] == 0
    undated[asker[began <= 0]] = True
    return Vintages(asker[first], began[first], add_up(debt, vintage, len(first)), add_up(worth, vintage, len(first)), undated)


def _worst(scope: Scope, text: str | None) -> Leaf:
    """Debt over value of the vintage where that is highest."""
    found = vintages(scope)
    worst = np.full((len(scope), scope.columns), -np.inf)
    np.maximum.at(worst, found.asker, found.ratio)

    def parts(n: int) -> list[tuple[str, float, str, Where | None]]:
        shown: list[tuple[str, float, str, Where | None]] = []
        for v in np.flatnonzero((found.asker == n) & (found.began > 0)).tolist():
            day = dt.date.fromordinal(int(found.began[v])).isoformat()
            shown.append((f"debt of {day}", float(found.debt[v, 0]), "money", None))
            shown.append((f"value of {day}", float(found.value[v, 0]), "money", None))
        return shown

    values = np.where(column(found.undated), np.nan, worst)
    factor = Factor("debt over value of the worst vintage", values, "fraction", parts=parts)
    terms = Terms(np.arange(len(scope), dtype=np.int64), (factor,), lambda _: "worst vintage")
    why = "in service, units or price of a parcel, or the balance, is not known on that day"
    return Leaf((terms,), unknown_throughout(values), lambda _: why)


READERS: dict[str, Reader] = {"worst_vintage": _worst}

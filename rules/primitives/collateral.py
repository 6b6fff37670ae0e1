"""What the loan stands on: parcels at mark, book or appraisal, and what seniors take first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rules.book import Book
from rules.columns import FAR, Floats, Ints
from rules.months import months_between
from rules.primitives.leaf import (
    Factor,
    Find,
    Leaf,
    Reader,
    Terms,
    Where,
    column,
    own_currency,
    recorded,
    series_where,
    unknown_throughout,
)
from rules.primitives.owed import owed_by
from rules.scope import Scope

More = Callable[[Ints, Ints], tuple[Factor, ...]]
"""(askers, parcels) -> further factors of each row's product."""


def nothing_more(asker: Ints, item: Ints) -> tuple[Factor, ...]:
    """No further factor."""
    del asker, item
    return ()


def parcel_units(scope: Scope, asker: Ints, item: Ints) -> Floats:
    """float64[R, Q]: units of each parcel with those recorded as posted; what the state posts goes to the first eligible parcel."""
    units = column(scope.book.dated["collateral.units"].at(item, scope.day[asker]) + posted(scope, asker, item))
    if scope.state.posted is None:
        return np.asarray(units)
    lead = lead_parcel(scope.book)[scope.facility[asker]] == item
    return np.asarray(units) + np.where(column(lead), scope.moved(scope.state.posted, 0.0)[asker], 0.0)


def posted(scope: Scope, asker: Ints, item: Ints) -> Floats:
    """float64[R]: units posted less released as recorded, since the last dated count of the parcel."""
    moves = scope.book.movements
    if not len(moves.posted):
        return np.zeros(len(item))
    instant = scope.rows.instant[asker]
    at, known = (np.array([one.timestamp() for one in each])[instant] for each in (scope.worlds.instants, scope.worlds.known_at))
    return moves.added(item, at, known, _counted(scope, asker, item), scope.book.zone)


def _counted(scope: Scope, asker: Ints, item: Ints) -> Ints:
    """int64[R]: the day after the count of units in force, for that count holds what was posted by then; 0 where it has no date."""
    since = np.zeros(len(item), dtype=np.int64)
    for place, steps in scope.book.dated["collateral.units"].tables.items():
        starts = np.array(sorted(step.from_.toordinal() for step in steps), dtype=np.int64)
        rows = np.flatnonzero(item == place)
        before = np.searchsorted(starts, scope.day[asker[rows]], side="right") - 1
        since[rows] = np.where(before >= 0, starts[np.maximum(before, 0)] + 1, 0)
    return since


def _units_parts(scope: Scope, asker: Ints, item: Ints) -> Callable[[int], list[tuple[str, float, str, Where | None]]] | None:
    """What the units of a parcel are made of, where some were recorded as posted or released."""
    if not len(scope.book.movements.posted):
        return None

    def parts(r: int) -> list[tuple[str, float, str, Where | None]]:
        who, what = asker[r : r + 1], item[r : r + 1]
        agreed = float(scope.book.dated["collateral.units"].at(what, scope.day[who])[0])
        moved = float(posted(scope, who, what)[0])
        table = scope.book.movements.posted
        first = table.rows[int(table.start[item[r]])] if moved else None
        held = ("agreed", agreed, "unit", parcel_where(scope, what, "units")(0))
        return [held, ("posted less released", moved, "unit", recorded(first))] if first else []

    return parts


def lead_parcel(book: Book) -> Ints:
    """int64[F]: the first eligible parcel of each facility, -1 where there is none."""
    parcels = book.tables["collateral"]
    lead = np.full(len(book.ids), -1, dtype=np.int64)
    for item in range(len(parcels) - 1, -1, -1):
        if book.floats["collateral.eligible"][item]:
            lead[parcels.owner[item]] = item
    return lead


def parcel_where(scope: Scope, item: Ints, key: str) -> Find:
    """Where a key of parcel r stands, whichever file holds the parcel."""

    def find(r: int) -> Where:
        f, place = scope.book.parcel_homes[int(item[r])]
        return Where(f"facility:{scope.book.ids[f]}", ("collateral", place, key))

    return find


def unit_value(scope: Scope, asker: Ints, item: Ints, basis: str) -> Factor:
    """The value of one unit of each parcel, float64[R, Q], in the facility's currency."""
    if basis == "book":
        written_down = column(_book_value(scope.book, item, scope.day[asker]))
        return Factor("book value per unit", written_down, "money/unit", parcel_where(scope, item, "cost"))
    name = "appraisal" if basis == "appraisal" else "price"
    series = scope.book.ints[f"collateral.{name}"][item]
    price = own_currency(scope, asker, scope.marks(series, asker))
    return Factor(name, price, "money/unit", series_where(scope, series, asker))


def _book_value(book: Book, item: Ints, day: Ints) -> Floats:
    """float64[R]: cost less depreciation by whole months since the parcel was placed in service; NaN without cost or life."""
    cost, life, residual = (book.floats[f"collateral.{name}"][item] for name in ("cost", "life", "residual"))
    months = months_between(np.minimum(book.ints["collateral.from"][item], day), day)
    gone = np.clip(months / life, 0.0, 1.0)
    declining = book.floats["collateral.declining"][item] > 0
    left = np.where(declining, np.power(np.maximum(residual, 1e-9), gone), 1.0 - gone * (1.0 - residual))
    return np.where(book.ints["collateral.from"][item] >= FAR, np.nan, cost * left)


def value_terms(scope: Scope, asker: Ints, item: Ints, basis: str, more: More = nothing_more) -> tuple[Terms, Terms]:
    """Parcels by the unit, then those with a stated value, before senior liens; `more` gives rows further factors."""
    parcels = scope.book.tables["collateral"]
    by_unit = np.array([row.value is None for row in parcels.rows], dtype=bool)[item] if len(item) else np.zeros(0, bool)
    counted, named = item[by_unit], item[~by_unit]
    stated = scope.book.dated["collateral.value"].at(named, scope.day[asker[~by_unit]])
    where, parts = parcel_where(scope, counted, "units"), _units_parts(scope, asker[by_unit], counted)
    units = Factor("units", parcel_units(scope, asker[by_unit], counted), "unit", where, parts)
    return (
        Terms(
            asker[by_unit],
            (units, unit_value(scope, asker[by_unit], counted, basis), *more(asker[by_unit], counted)),
            lambda r: f"{parcels.rows[int(counted[r])].id} ({parcels.rows[int(counted[r])].asset})",
        ),
        Terms(
            asker[~by_unit],
            (Factor("stated value", column(stated), "money", parcel_where(scope, named, "value")), *more(asker[~by_unit], named)),
            lambda r: parcels.rows[int(named[r])].id,
        ),
    )


def _collateral_value(scope: Scope, basis: str | None) -> Leaf:
    parcels = scope.book.tables["collateral"]
    terms = (*value_terms(scope, *parcels.join(scope.facility), basis or "mark"), _seniors(scope))
    unknown = parcels.count[scope.facility] == 0
    for one in terms:
        unknown[one.asker[unknown_throughout(one.product)]] = True
    return Leaf(terms, unknown, lambda n: value_missing(scope, n, basis or "mark"))


def value_missing(scope: Scope, n: int, basis: str) -> str:
    """Why the collateral of row n has no value."""
    parcels = scope.book.tables["collateral"]
    f = int(scope.facility[n])
    rows = parcels.rows[int(parcels.start[f]) : int(parcels.start[f] + parcels.count[f])]
    if not rows:
        return "no collateral is described"
    if any(row.units is None and row.value is None for row in rows):
        return "the number of units pledged is not public or not known on that day"
    needs = {"mark": "price", "book": "cost", "appraisal": "appraisal"}[basis]
    lacking = next((row for row in rows if row.value is None and getattr(row, needs) is None), None)
    if lacking:
        return f"{lacking.id} names no {needs}"
    return "units, price or cost of a parcel, or what a senior is owed, is not known on that day"


def _seniors(scope: Scope) -> Terms:
    table = scope.book.tables["senior"]
    asker, item = table.join(scope.facility)
    senior = np.array(table.rows, dtype=np.int64)[item] if len(item) else item
    debt = owed_by(scope, asker, senior)
    return Terms(asker, (Factor("senior debt", debt, "money"),), lambda r: f"less senior lien of {scope.book.ids[int(senior[r])]}", -1.0)


READERS: dict[str, Reader] = {"collateral_value": _collateral_value}

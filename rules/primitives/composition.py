"""What the collateral is made of: parcels of which something holds, and the largest group of them by an attribute.

A condition holds, fails or is unknown, and several are joined as in Kleene's logic: one that fails decides, else one that
is unknown does. So a key that is not given never counts as a pass, nor does it hide what fails already.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facilities.model import Collateral, FacilityFile
from facilities.places import country_of, lies_in
from rules.columns import FAR, Floats, Ints, ordinal
from rules.primitives.collateral import More, nothing_more, parcel_units, parcel_where, value_missing, value_terms
from rules.primitives.groups import grouped, largest
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column
from rules.primitives.lettings import units_let
from rules.scope import Scope
from rules.selection import Condition, select

_KEYS = {
    "title": "title_held", "first_lien": "perfected", "sole_lien": "lien", "fits_host": "host_kw_per_rack", "under_contract": "units",
    "rehypothecated": "rehypothecation", "country": "location",
}  # fmt: skip
"""The key of a parcel behind a condition or an attribute, where its name is another."""


def _known(flag: bool | None) -> float:
    return np.nan if flag is None else float(flag)


def _both(flags: Sequence[float]) -> float:
    """Kleene's conjunction of values from 0 to 1, NaN unknown."""
    return 0.0 if 0.0 in flags else float(np.nan if np.isnan(flags).any() else min(flags))


def _of_parcel(row: Collateral, one: FacilityFile, condition: Condition) -> float:
    """Whether a condition that no date decides holds of a parcel for a facility: 1, 0, NaN unknown."""
    word, value = condition.word, condition.value
    if value is not None:
        return _has(row, word, value)
    if word in ("perfected", "first_lien"):
        return _lien(row, one.facility.id, word == "first_lien")
    if word == "fits_host":
        powered = None if row.kw_per_rack is None or row.host_kw_per_rack is None else row.kw_per_rack <= row.host_kw_per_rack
        cooled = None if row.cooling is None or row.host_cooling is None else row.cooling == row.host_cooling
        return _both((_known(powered), _known(cooled)))
    return _known(getattr(row, _KEYS.get(word, word)))


def _has(row: Collateral, attribute: str, value: str) -> float:
    written = getattr(row, _KEYS.get(attribute, attribute))
    if written is None:
        return float(np.nan)
    if attribute in ("location", "country"):
        return _known(lies_in(written, value))
    return float(written.strip().casefold() == value.strip().casefold())


def _lien(row: Collateral, me: str, first: bool) -> float:
    """Whether the facility's lien is perfected, and with `first` of the first rank; the lien's own word goes before the parcel's."""
    mine = next((lien for lien in row.lien if lien.facility == me), None)
    perfected = _known(row.perfected if mine is None or mine.perfected is None else mine.perfected)
    return _both((perfected, float(mine is None or mine.rank == 1))) if first else perfected


def _claimed_until(row: Collateral, one: FacilityFile) -> int:
    """The last day on which somebody else has a claim on the asset of a parcel; 0 without any."""
    if any(lien.facility != one.facility.id for lien in row.lien):
        return FAR
    claims = [claim for claim in one.encumbrance if claim.on == "asset" and claim.asset in (None, row.asset)]
    return max((ordinal(claim.until.date if claim.until else None) for claim in claims), default=0)


def _truth(scope: Scope, asker: Ints, item: Ints, condition: Condition) -> Floats:
    """float64[R, Q]: how far a condition holds of each parcel on its row's day: 1, 0, between (units let), NaN unknown."""
    book, word, day = scope.book, condition.word, scope.day[asker]
    rows, owners = book.tables["collateral"].rows, book.tables["collateral"].owner
    if word == "under_contract":
        units = parcel_units(scope, asker, item)
        found = np.divide(units_let(scope, asker, item), units, out=np.full_like(units, np.nan), where=units != 0)
    elif word == "in_service":
        start, end = book.ints["collateral.in_service"][item], book.ints["collateral.end"][item]
        found = column(np.where(start == 0, np.nan, (start <= day) & (day < end)))
    elif word == "sole_lien":
        until = np.array([_claimed_until(rows[at], book.terms[owners[at]]) for at in item.tolist()], dtype=np.int64)
        found = column((until < day).astype(float))
    else:
        found = column(np.array([_of_parcel(rows[at], book.terms[owners[at]], condition) for at in item.tolist()], dtype=float))
    return 1.0 - found if condition.negated else found


def _counts(scope: Scope, asker: Ints, item: Ints, conditions: Sequence[Condition]) -> Factor:
    """One factor for all conditions, each with its own truth and place below it."""
    truths = [_truth(scope, asker, item, condition) for condition in conditions]
    finds = [_find(scope, item, condition.word) for condition in conditions]
    stack = np.stack([np.broadcast_to(one, (len(item), scope.columns)) for one in truths])
    joined = np.where((stack == 0).any(axis=0), 0.0, stack.min(axis=0))  # a minimum with a NaN is NaN

    def parts(r: int) -> list[tuple[str, float, str, Where | None]]:
        return [(str(one), float(stack[at, r, 0]), "", finds[at](r)) for at, one in enumerate(conditions)]

    if len(conditions) == 1:
        return Factor(str(conditions[0]), joined, "", finds[0], lacks="not given")
    return Factor("all hold", joined, "", parts=parts, lacks="not given for every condition")


def _find(scope: Scope, item: Ints, word: str) -> Find:
    """Where the key behind a condition stands; a lien's own word goes before the parcel's."""
    rows = scope.book.tables["collateral"].rows
    key = _KEYS.get(word, word)

    def find(r: int) -> Where | None:
        liens = key == "perfected" and any(lien.perfected is not None for lien in rows[int(item[r])].lien)
        return parcel_where(scope, item, "lien" if liens else key)(r)

    return find


def _pledged(scope: Scope, text: str | None) -> Leaf:
    chosen = select("pledged", text or "")
    parcels = scope.book.tables["collateral"]
    asker, item = parcels.join(scope.facility)

    def more(who: Ints, at: Ints) -> tuple[Factor, ...]:
        return (_counts(scope, who, at, chosen.conditions),) if chosen.conditions else ()

    terms = _measured(scope, asker, item, chosen.measure, more)
    unknown = parcels.count[scope.facility] == 0
    for one in terms:
        unknown[one.asker[np.isnan(one.product).all(axis=1)]] = True
    return Leaf(terms, unknown, lambda n: _why(scope, n, chosen.measure, chosen.conditions))


def _measured(scope: Scope, asker: Ints, item: Ints, measure: str, more: More) -> tuple[Terms, ...]:
    if measure != "units":
        return value_terms(scope, asker, item, measure, more)
    rows = scope.book.tables["collateral"].rows
    units = Factor("units", parcel_units(scope, asker, item), "unit", parcel_where(scope, item, "units"))
    return (Terms(asker, (units, *more(asker, item)), lambda r: f"{rows[int(item[r])].id} ({rows[int(item[r])].asset})"),)


def _why(scope: Scope, n: int, measure: str, conditions: Sequence[Condition]) -> str:
    """The first parcel of which a condition cannot be told; else what its value lacks."""
    parcels = scope.book.tables["collateral"]
    f = int(scope.facility[n])
    for at in range(int(parcels.start[f]), int(parcels.start[f] + parcels.count[f])):
        who, item = np.array([n], dtype=np.int64), np.array([at], dtype=np.int64)
        for condition in conditions:
            if np.isnan(_truth(scope, who, item, condition)[0, 0]):
                return _untold(parcels.rows[at], condition)
    return value_missing(scope, n, _basis(measure))


def _untold(row: Collateral, condition: Condition) -> str:
    key = _KEYS.get(condition.word, condition.word)
    written = getattr(row, key)
    if condition.word in ("location", "country") and written is not None:
        wide = country_of(written) is not None
        return f"{row.id}: {written!r} {'is too wide to tell' if wide else 'is no ISO 3166 code'}"
    return f"{row.id}: {key} is not given"


def _basis(measure: str) -> str:
    return "mark" if measure == "units" else measure


def _label(row: Collateral, attribute: str) -> str | None:
    """What a parcel is called by an attribute; None where it is not given, or is no place."""
    written: str | None = getattr(row, _KEYS.get(attribute, attribute))
    if written is None or attribute not in ("location", "country"):
        return written
    country = country_of(written)
    return written if country is not None and attribute == "location" else country


def _largest_pledged(scope: Scope, text: str | None) -> Leaf:
    chosen = select("largest_pledged", text or "")
    parcels = scope.book.tables["collateral"]
    asker, item = parcels.join(scope.facility)
    terms = _measured(scope, asker, item, chosen.measure, nothing_more)
    by_unit = np.array([row.value is None for row in parcels.rows], dtype=bool)[item] if len(item) else np.zeros(0, bool)
    values = np.zeros((len(item), scope.columns))
    for rows, one in zip((by_unit, ~by_unit) if len(terms) == 2 else (np.ones(len(item), bool),), terms, strict=True):
        values[rows] = one.product
    labels = [_label(parcels.rows[int(at)], chosen.group) for at in item]
    unknown = parcels.count[scope.facility] == 0
    lacking = np.array([label is None for label in labels], dtype=bool)
    unknown[asker[lacking | np.isnan(values).all(axis=1)]] = True

    def why(n: int) -> str:
        row = next((parcels.rows[int(item[r])] for r in range(len(item)) if asker[r] == n and labels[r] is None), None)
        return value_missing(scope, n, _basis(chosen.measure)) if row is None else _untold(row, Condition(chosen.group))

    groups = grouped(asker, [label or "not given" for label in labels], values)
    unit = "unit" if chosen.measure == "units" else "money"
    return largest(scope, groups, unit, parcel_where(scope, item, _KEYS.get(chosen.group, chosen.group)), unknown, why)


READERS: dict[str, Reader] = {"pledged": _pledged, "largest_pledged": _largest_pledged}

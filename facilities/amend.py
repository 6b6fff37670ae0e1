"""Terms in force: a facility file with its amendments applied, as effective on a day and signed by another."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from facilities.model import Amendment, Amount, Covenant, Facility, FacilityFile, Interest, QuantityTerms, Step, decode_hook


def amended(terms: FacilityFile, day: dt.date, known: dt.date) -> FacilityFile:
    """`terms` with every amendment effective by `day` and signed by `known`, in order of effect.

    Whole values are replaced; a replaced threshold keeps the old one for the days before the amendment took effect.
    Definitions stay where they are written, as each day has its own (`definitions`); those not in force are left out.
    Raises msgspec.ValidationError when an amendment's value does not fit its key (lint says so first).
    """
    in_force = [one for one in _in_order(terms) if one.effective <= day and one.signed <= known]
    rows = [one if one in in_force else msgspec.structs.replace(one, quantity={}) for one in terms.amendment]
    for amendment in in_force:
        terms = _applied(terms, amendment)
    return msgspec.structs.replace(terms, amendment=rows)


def restated(terms: FacilityFile, day: dt.date, known: dt.date) -> list[dt.date]:
    """The days, in order, from which amendments in force on `day` change what no table keeps by date: tests before them have other terms.

    Definitions, and a level that replaces one, are kept by date where they stand (`definitions`, and the steps of a threshold).
    """
    stepped = {one.id for one in terms.covenant if one.threshold is not None}
    in_force = (one for one in terms.amendment if one.effective <= day and one.signed <= known)
    return sorted({one.effective for one in in_force if one.interest or one.facility or not _stepped(one, stepped)})


def _stepped(one: Amendment, stepped: set[str]) -> bool:
    """Whether an amendment changes no more of covenants than levels that they had before."""
    return all(ident in stepped and changes.keys() <= _BY_DATE for ident, changes in one.covenant.items())


_BY_DATE = frozenset({"threshold", "source", "note"})
"""Keys of a covenant that need no earlier terms beside them: a threshold keeps its steps, the rest only says where it stands."""


class Wording(NamedTuple):
    """A definition in a facility's own words, and the place in its file where they stand."""

    terms: QuantityTerms
    path: tuple[str | int, ...]


def definitions(terms: FacilityFile) -> list[tuple[dt.date, dict[str, Wording]]]:
    """The facility's own definitions as (first day, definitions by name), in order: as signed, then after each amendment.

    An amended definition says so in its source: by which amendment, and from when.
    """
    words = {name: Wording(one, ("quantity", name)) for name, one in terms.quantity.items()}
    found = [(dt.date.min, words)]
    for amendment in _in_order(terms):
        if amendment.quantity:
            words = words | _reworded(amendment, terms.amendment.index(amendment))
            found = [*(one for one in found if one[0] < amendment.effective), (amendment.effective, words)]
    return found


def _reworded(amendment: Amendment, place: int) -> dict[str, Wording]:
    by = f"as amended by {amendment.id!r} from {amendment.effective}"
    sources = {name: ": ".join(filter(None, (by, one.source or amendment.source))) for name, one in amendment.quantity.items()}
    return {
        name: Wording(msgspec.structs.replace(one, source=sources[name]), ("amendment", place, "quantity", name))
        for name, one in amendment.quantity.items()
    }


def _in_order(terms: FacilityFile) -> list[Amendment]:
    return sorted(terms.amendment, key=lambda one: (one.effective, one.signed))


def _applied(terms: FacilityFile, amendment: Amendment) -> FacilityFile:
    covenants = [_covenant(one, amendment) for one in terms.covenant]
    facility = _replaced(terms.facility, amendment.facility, Facility)
    interest = _replaced(terms.interest or Interest(), amendment.interest, Interest) if amendment.interest else terms.interest
    return msgspec.structs.replace(terms, covenant=covenants, facility=facility, interest=interest)


def _covenant(one: Covenant, amendment: Amendment) -> Covenant:
    changes = amendment.covenant.get(one.id)
    if not changes:
        return one
    new: Covenant = _replaced(one, changes, Covenant)
    if "threshold" in changes and one.threshold is not None and new.threshold is not None:
        new = msgspec.structs.replace(new, threshold=_spliced(one.threshold, new.threshold, amendment.effective))
    return new if "source" in changes or amendment.source is None else msgspec.structs.replace(new, source=amendment.source)


def _spliced(old: Amount, new: Amount, effective: dt.date) -> list[Step]:
    """The old steps up to the day before, then the new ones: what the new table says of earlier days does not count."""
    eve = effective - dt.timedelta(days=1)
    before = [
        msgspec.structs.replace(step, until=min(step.until or eve, eve)) for step in _steps(old, dt.date.min) if step.from_ < effective
    ]
    after = sorted(_steps(new, effective), key=lambda step: step.from_)
    in_force = [step for step in after if step.from_ <= effective][-1:]
    return [
        *before,
        *(msgspec.structs.replace(step, from_=effective) for step in in_force if step.until is None or step.until >= effective),
        *(step for step in after if step.from_ > effective),
    ]


def _steps(amount: Amount, since: dt.date) -> list[Step]:
    return amount if isinstance(amount, list) else [Step(from_=since, value=amount)]


def _replaced(old: Any, changes: dict[str, Any], shape: type) -> Any:
    if not changes:
        return old
    table = msgspec.to_builtins(old, builtin_types=(dt.date, dt.datetime, Decimal), enc_hook=str)
    return msgspec.convert(table | changes, shape, dec_hook=decode_hook)

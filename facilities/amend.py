"""Terms in force: a facility file with its amendments applied, as effective on a day and signed by another."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

from facilities.model import Amendment, Amount, Covenant, Facility, FacilityFile, Interest, Step, decode_hook


def amended(terms: FacilityFile, day: dt.date, known: dt.date) -> FacilityFile:
    """`terms` with every amendment effective by `day` and signed by `known`, in order of effect.

    Whole values are replaced; a replaced threshold keeps the old one for the days before the amendment took effect.
    Raises msgspec.ValidationError when an amendment's value does not fit its key (lint says so first).
    """
    for amendment in sorted(terms.amendment, key=lambda one: (one.effective, one.signed)):
        if amendment.effective <= day and amendment.signed <= known:
            terms = _applied(terms, amendment)
    return terms


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

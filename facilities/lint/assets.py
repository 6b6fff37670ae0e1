"""Collateral and contracts: who has the first lien, what is let, what lasts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from facilities.diagnose import nearest
from facilities.lint.findings import Findings
from facilities.load import Desk
from facilities.model import Amount, Collateral, Contract, FacilityFile, PartialDate
from facilities.paydates import add_months
from facilities.steps import value_on
from facilities.walk import Keys

Parcels = dict[tuple[str, str, str], dict[str, set[str]]]
"""(borrower, collateral id, asset) to the facilities that list it, each with its first lienholders."""


def check_assets(desk: Desk, file: FacilityFile, parcels: Parcels, findings: Findings) -> None:
    """Liens, lives and lettings of the collateral of one facility; `parcels` are those of the whole desk."""
    for number, parcel in enumerate(file.collateral):
        path: Keys = ("collateral", number)
        _check_liens(desk, parcel, path, findings)
        _check_pledged_elsewhere(desk, file, parcel, parcels, path, findings)
        _check_life(file, parcel, path, findings)
    _check_lettings(file, findings)


def _check_liens(desk: Desk, parcel: Collateral, path: Keys, findings: Findings) -> None:
    first: str | None = None
    for number, lien in enumerate(parcel.lien):
        if lien.facility not in desk.facility_ids:
            hint = nearest(lien.facility, desk.facility_ids)
            findings.add("F029", (*path, "lien", number, "facility"), f"no facility {lien.facility!r} in this desk", hint)
        if lien.rank == 1 and first is not None:
            message = f"{parcel.id!r} is pledged first to {first!r} and to {lien.facility!r}"
            findings.add("F028", (*path, "lien", number), message)
        elif lien.rank == 1:
            first = lien.facility


def parcels_of(desk: Desk) -> Parcels:
    """The facilities in whose files each parcel stands, in file order, each with its first lienholders."""
    found: Parcels = defaultdict(dict)
    for file in desk.facilities.values():
        for parcel in file.collateral:
            found[file.facility.borrower, parcel.id, parcel.asset][file.facility.id] = _first_liens(file, parcel)
    return found


def _check_pledged_elsewhere(desk: Desk, file: FacilityFile, parcel: Collateral, parcels: Parcels, path: Keys, findings: Findings) -> None:
    """The same parcel (borrower, id and asset) in an earlier file, with a first lien for another facility: told once."""
    stands = parcels[file.facility.borrower, parcel.id, parcel.asset]
    mine = stands[file.facility.id]
    for other, liens in stands.items():
        if other == file.facility.id:
            return
        if mine and liens - mine:
            message = f"{parcel.id!r} of {file.facility.borrower!r} is pledged first in {desk.files[f'facility:{other}']} too"
            hint = "own the parcel in one file, with all its liens; or give another parcel another id"
            findings.add("F028", path, message, hint, value=False)
            return


def _first_liens(file: FacilityFile, parcel: Collateral) -> set[str]:
    """Who has the first lien: the file's own facility where the parcel names none."""
    return {lien.facility for lien in parcel.lien if lien.rank == 1} if parcel.lien else {file.facility.id}


def _check_life(file: FacilityFile, parcel: Collateral, path: Keys, findings: Findings) -> None:
    maturities = [date.date for date in (file.facility.maturity, *(row.maturity for row in file.tranche)) if date is not None]
    if parcel.in_service is None or parcel.economic_life_months is None or not maturities:
        return
    worn_out = _months_after(parcel.in_service, parcel.economic_life_months)
    if worn_out < max(maturities):
        message = f"{parcel.id!r} is worn out on {worn_out}, the loan matures on {max(maturities)}"
        findings.add("F040", (*path, "economic_life_months"), message)


def _months_after(date: PartialDate, months: int) -> dt.date:
    try:
        return add_months(date.date, months)
    except (ValueError, OverflowError):  # past the year 9999
        return dt.date.max


def _check_lettings(file: FacilityFile, findings: Findings) -> None:
    """Units let against units held, on the day each contract starts; unknown holdings are not judged."""
    held: dict[str, list[Amount | None]] = defaultdict(list)
    for parcel in file.collateral:
        held[parcel.asset].append(parcel.units)
    for number, contract in enumerate(file.contract):
        day = contract.start.date
        have = _sum([None if units is None else value_on(units, day) for units in held[contract.asset]])
        let = _sum([value_on(other.units, day) for other in file.contract if other.asset == contract.asset and _in_force(other, day)])
        if have is not None and let is not None and held[contract.asset] and let > have:
            message = f"{let:,f} {contract.asset} are let on {day}, the collateral has {have:,f}"
            findings.add("F037", ("contract", number, "units"), message)


def _in_force(contract: Contract, day: dt.date) -> bool:
    return contract.start.date <= day <= contract.end.date


def _sum(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None

"""The loan against itself: its dates, its schedule, its borrowing base."""

from __future__ import annotations

from decimal import Decimal

from facilities.lint.findings import Findings, Keys, surely_before
from facilities.model import Amortisation, Amount, FacilityFile, PartialDate

_CENT = Decimal("0.01")


def check_loan(file: FacilityFile, findings: Findings) -> None:
    """Maturities, custom schedules and the parcels of the borrowing base of one facility."""
    _check_maturities(file, findings)
    _check_schedule(file.amortisation, file.facility.commitment, ("amortisation",), findings)
    for number, tranche in enumerate(file.tranche):
        _check_schedule(tranche.amortisation, tranche.commitment, ("tranche", number, "amortisation"), findings)
    _check_base(file, findings)


def _check_maturities(file: FacilityFile, findings: Findings) -> None:
    loan = file.facility
    dated: list[tuple[Keys, PartialDate | None]] = [
        (("facility", "maturity"), loan.maturity),
        (("facility", "availability_end"), loan.availability_end),
    ]
    dated += [(("tranche", number, "maturity"), tranche.maturity) for number, tranche in enumerate(file.tranche)]
    for path, date in dated:
        if date is not None and loan.closing is not None and surely_before(date, loan.closing):
            findings.add("F035", path, f"{path[-1]} {date} lies before closing {loan.closing}")


def _check_schedule(terms: Amortisation | None, commitment: Amount | None, path: Keys, findings: Findings) -> None:
    """A custom schedule repays what was lent: the `original`, or else a commitment that is one number."""
    if terms is None or terms.style != "custom" or not terms.instalment:
        return
    principal = terms.original if terms.original is not None else commitment
    total = sum((row.amount for row in terms.instalment), terms.balloon or Decimal(0))
    if isinstance(principal, Decimal) and abs(total - principal) > _CENT:
        findings.add(
            "F032", (*path, "instalment"), f"instalments and balloon sum to {total:,f}, the principal is {principal:,f}", value=False
        )


def _check_base(file: FacilityFile, findings: Findings) -> None:
    parcels = {parcel.id for parcel in file.collateral}
    for number, row in enumerate(file.borrowing_base):
        for at, ident in enumerate(row.collateral):
            if ident not in parcels:
                findings.add("F050", ("borrowing_base", number, "collateral", at), f"the facility has no collateral {ident!r}")

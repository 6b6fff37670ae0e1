"""The loan against itself: its dates, its schedule, its borrowing base."""

from __future__ import annotations

from decimal import Decimal

from facilities.calendars import Calendar
from facilities.diagnose import nearest
from facilities.legs import kept_whole, legs_of
from facilities.lint.findings import Findings, surely_before
from facilities.model import Amortisation, Amount, FacilityFile, PartialDate
from facilities.profile import Gap, principal_profile
from facilities.walk import Keys

_CENT = Decimal("0.01")
_NOTICED = 1e-4
"""The share of a loan below which what sculpting leaves is a rounding of its figures."""
_WEEKENDS = Calendar("weekends")
"""What is left does not hang on the holidays that payment dates are rolled over."""


def check_loan(file: FacilityFile, findings: Findings) -> None:
    """Maturities, custom schedules and the parcels of the borrowing base of one facility."""
    _check_maturities(file, findings)
    _check_schedule(file.amortisation, file.facility.commitment, ("amortisation",), findings)
    for number, tranche in enumerate(file.tranche):
        _check_schedule(tranche.amortisation, tranche.commitment, ("tranche", number, "amortisation"), findings)
    _check_tranches(file, findings)
    _check_sculpting(file, findings)
    _check_count(file, findings)
    _check_base(file, findings)


def _check_tranches(file: FacilityFile, findings: Findings) -> None:
    """Each draw is of a tranche, where there are several; balances are kept once, of the whole or of its parts."""
    ids = [tranche.id for tranche in file.tranche]
    for number, draw in enumerate(file.facility.draw):
        path: Keys = ("facility", "draw", number)
        if draw.tranche is not None and draw.tranche not in ids:
            findings.add("F056", (*path, "tranche"), f"the loan has no tranche {draw.tranche!r}", nearest(draw.tranche, ids))
        elif draw.tranche is None and len(ids) > 1 and not kept_whole(file):
            findings.add("F056", path, f"the draw of {draw.date} names no tranche, and the loan has {len(ids)}", value=False)
    if ids and file.facility.balance and not kept_whole(file):
        findings.add("F055", ("facility", "balance", 0), "every tranche has balances of its own: this one is not read", value=False)


def _check_sculpting(file: FacilityFile, findings: Findings) -> None:
    """What the underwriting case does not repay by maturity at the target coverage, beyond a stated balloon."""
    for leg in legs_of(file):
        table = leg.terms.amortisation
        if table is None or table.style != "sculpted":
            continue
        profile = principal_profile(leg.terms, _WEEKENDS)
        if isinstance(profile, Gap):
            continue
        left, total = profile.balloon - float(table.balloon or 0), sum(profile.principal)
        if left > _NOTICED * total:
            message = f"at {table.target_dscr}x the case repays {total - profile.balloon:,.0f} of {total:,.0f} by {profile.ends[-1]}"
            findings.add("F057", leg.at("amortisation", "target_dscr"), f"{message}: {profile.balloon:,.0f} is left for the last payment")


def _check_count(file: FacilityFile, findings: Findings) -> None:
    """More instalments than there are payment dates by maturity leave a rest that nobody stated."""
    for leg in legs_of(file):
        table = leg.terms.amortisation
        if table is None or table.payments is None or table.balloon is not None or table.style not in ("level", "straight-line"):
            continue
        profile = principal_profile(leg.terms, _WEEKENDS)
        if isinstance(profile, Gap) or table.payments <= len(profile.ends):
            continue
        message = f"{table.payments} instalments, of which {len(profile.ends)} fall due by {profile.ends[-1]}"
        left = f"{profile.principal[-1]:,.0f} of {sum(profile.principal):,.0f} comes with the last"
        findings.add("F062", leg.at("amortisation", "payments"), f"{message}: {left}")


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

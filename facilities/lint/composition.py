"""What the shares of a loan are counted from: where collateral stands, how customers are rated, what a fleet is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from facilities.diagnose import nearest
from facilities.lint.findings import Findings
from facilities.model import Amount, FacilityFile, Fleet
from facilities.places import country_of
from facilities.ratings import INVESTMENT_GRADE, is_investment_grade
from facilities.walk import Keys

DEAREST_POOL = Decimal("0.25")
"""No pool keeps more than this share; what is above is a percentage."""

_NOT_CODES = {"UK": "GB", "USA": "US", "EL": "GR"}
"""What is often written for a country, and its code."""


def check_composition(file: FacilityFile, findings: Findings) -> None:
    """Locations of the collateral and ratings of the customers of one facility."""
    for number, parcel in enumerate(file.collateral):
        if parcel.location is not None and country_of(parcel.location) is None:
            code = _NOT_CODES.get(parcel.location.upper()) or parcel.location.upper()
            hint = f"did you mean `{code}`?" if country_of(code) else None
            findings.add("F070", ("collateral", number, "location"), f"{parcel.location!r} is no place", hint)
    for number, contract in enumerate(file.contract):
        if is_investment_grade(contract.rating) is None:
            assert contract.rating is not None
            hint = nearest(contract.rating, INVESTMENT_GRADE)
            findings.add("F071", ("contract", number, "rating"), f"{contract.rating!r} is no rating", hint)


def check_fleets(fleets: Sequence[Fleet], findings: Findings) -> None:
    """The hashrate and the pool fee of each fleet; a hashrate that is not public is left out."""
    for number, fleet in enumerate(fleets):
        if fleet.hashrate_ph is not None and (fleet.units is not None or fleet.th_per_unit is not None):
            findings.add("F072", ("fleet", number, "hashrate_ph"), f"the fleet {fleet.id!r} gives its hashrate in two ways")
        for path, fee in _figures(fleet.pool_fee, ("fleet", number, "pool_fee")):
            if fee > DEAREST_POOL:
                findings.add("F073", path, f"a pool that keeps {(fee * 100).normalize():f} % of what is mined")


def _figures(amount: Amount, path: Keys) -> list[tuple[Keys, Decimal]]:
    """A number, or the numbers of a dated table, each with its place."""
    if isinstance(amount, list):
        return [((*path, number, "value"), step.value) for number, step in enumerate(amount)]
    return [(path, amount)]

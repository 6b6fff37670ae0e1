"""Mark series that terms name and nobody provides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from facilities.diagnose import nearest
from facilities.lint.findings import Findings
from facilities.load import Desk
from facilities.model import DeskFile, FacilityFile, Fleet, ObligorFile
from facilities.walk import Keys

DOLLAR = "USD"
"""Marks of prices and rents are in it, and exchange rates are quoted against it."""


def check_marks(file: FacilityFile | ObligorFile, known: set[str] | None, findings: Findings) -> None:
    """Prices, appraisals and rents by their name, benchmarks as `NAME.rate`; nothing when `known` is None."""
    if known is None:
        return
    for path, series in _of_facility(file) if isinstance(file, FacilityFile) else _of_obligor(file):
        if series is not None and series not in known:
            findings.add("F038", path, f"no marks for the series {series!r}", nearest(series, known))


def _of_facility(file: FacilityFile) -> Iterator[tuple[Keys, str | None]]:
    for number, parcel in enumerate(file.collateral):
        yield ("collateral", number, "price"), parcel.price
        yield ("collateral", number, "appraisal"), parcel.appraisal
        yield ("collateral", number, "rent"), parcel.rent
    yield from _of_fleets(file.fleet)
    if file.interest is not None:
        yield ("interest", "benchmark"), _rate(file.interest.benchmark)
    for number, tranche in enumerate(file.tranche):
        if tranche.interest is not None:
            yield ("tranche", number, "interest", "benchmark"), _rate(tranche.interest.benchmark)
    for number, hedge in enumerate(file.hedge):
        yield ("hedge", number, "benchmark"), _rate(hedge.benchmark)


def _of_obligor(file: ObligorFile) -> Iterator[tuple[Keys, str | None]]:
    yield ("obligor", "market_cap"), file.obligor.market_cap
    yield from _of_fleets(file.fleet)
    for number, holding in enumerate(file.treasury):
        yield ("treasury", number, "price"), holding.price


def _of_fleets(fleets: Sequence[Fleet]) -> Iterator[tuple[Keys, str | None]]:
    for number, fleet in enumerate(fleets):
        yield ("fleet", number, "hashprice"), fleet.hashprice


def _rate(benchmark: str | None) -> str | None:
    return None if benchmark is None else f"{benchmark}.rate"


def check_exchange(file: FacilityFile, known: set[str] | None, findings: Findings) -> None:
    """The exchange rate of a facility that is not in dollars; nothing when `known` is None."""
    series = f"{file.facility.currency}.fx"
    if known is not None and file.facility.currency != DOLLAR and series not in known:
        findings.add("F054", ("facility", "currency"), f"no marks for the series {series!r}")


def check_total(desk: Desk, file: DeskFile, known: set[str] | None, findings: Findings) -> None:
    """The exchange rate of a total that is not in dollars, needed where a facility is in another currency than the desk."""
    home = file.desk.currency
    mixed = any(one.facility.currency != home for one in desk.facilities.values())
    if known is not None and mixed and home != DOLLAR and f"{home}.fx" not in known:
        findings.add("F054", ("desk", "currency"), f"no marks for the series {f'{home}.fx'!r}")


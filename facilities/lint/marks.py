"""Mark series that terms name and nobody provides."""

from __future__ import annotations

from facilities.lint.findings import Findings, nearest, tables
from facilities.load import Desk
from facilities.model import Collateral, DeskFile, FacilityFile, Fleet, Hedge, Interest, Obligor, Terms, Treasury

DOLLAR = "USD"
"""Marks of prices and rents are in it, and exchange rates are quoted against it."""


def check_marks(terms: Terms, known: set[str] | None, findings: Findings) -> None:
    """Prices, appraisals and rents by their name, benchmarks as `NAME.rate`; nothing when `known` is None."""
    if known is None:
        return
    for path, table in tables(terms):
        for key, series in _named(table).items():
            if series is not None and series not in known:
                findings.add("F038", (*path, key), f"no marks for the series {series!r}", nearest(series, known))


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


def _named(table: Terms) -> dict[str, str | None]:
    match table:
        case Collateral():
            return {"price": table.price, "appraisal": table.appraisal, "rent": table.rent}
        case Fleet():
            return {"hashprice": table.hashprice}
        case Treasury():
            return {"price": table.price}
        case Obligor():
            return {"market_cap": table.market_cap}
        case Interest() | Hedge():
            return {"benchmark": None if table.benchmark is None else f"{table.benchmark}.rate"}
    return {}

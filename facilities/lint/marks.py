"""Mark series that terms name and nobody provides."""

from __future__ import annotations

from facilities.lint.findings import Findings, nearest, tables
from facilities.model import Collateral, Hedge, Interest, Terms, Treasury


def check_marks(terms: Terms, known: set[str] | None, findings: Findings) -> None:
    """Prices, appraisals and rents by their name, benchmarks as `NAME.rate`; nothing when `known` is None."""
    if known is None:
        return
    for path, table in tables(terms):
        for key, series in _named(table).items():
            if series is not None and series not in known:
                findings.add("F038", (*path, key), f"no marks for the series {series!r}", nearest(series, known))


def _named(table: Terms) -> dict[str, str | None]:
    match table:
        case Collateral():
            return {"price": table.price, "appraisal": table.appraisal, "rent": table.rent}
        case Treasury():
            return {"price": table.price}
        case Interest() | Hedge():
            return {"benchmark": None if table.benchmark is None else f"{table.benchmark}.rate"}
    return {}

"""Scenario files: ids, sizes of shocks, windows, and the names of what leaves."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from facilities.diagnose import nearest
from facilities.lint.findings import Finding, Findings
from facilities.load import Desk
from facilities.model import PartialDate, Scenario, ScenarioShock
from facilities.walk import Keys


def first_day(date: PartialDate) -> dt.date:
    """The first day that a partial date may mean."""
    return date.date if not date.partial else dt.date(date.date.year, date.date.month if len(date.written) == 7 else 1, 1)


class _Parties(NamedTuple):
    """Who can leave a desk's loans: facilities, customers, counterparties of hedges."""

    facilities: set[str]
    customers: set[str]
    banks: set[str]


def _parties(desk: Desk) -> _Parties:
    customers = {contract.customer for file in desk.facilities.values() for contract in file.contract}
    banks = {hedge.counterparty for file in desk.facilities.values() for hedge in file.hedge if hedge.counterparty}
    return _Parties(desk.facility_ids, customers, banks)


def check_scenarios(desk: Desk, known: set[str] | None, errors: bool = False) -> list[Finding]:
    """What the scenario files of a desk get wrong; series are not judged when `known` is None."""
    found: list[Finding] = []
    seen: set[str] = set()
    parties = _parties(desk) if desk.scenarios else _Parties(set(), set(), set())
    for name, file in desk.scenarios.items():
        findings = Findings(desk, f"scenarios:{name}", errors)
        for number, one in enumerate(file.scenario):
            if one.id in seen:
                findings.add("W001", ("scenario", number, "id"), f"another scenario has the id {one.id!r}")
            seen.add(one.id)
            _check(one, ("scenario", number), known, parties, findings)
        found += findings.sorted()
    return found


def _check(one: Scenario, path: Keys, known: set[str] | None, parties: _Parties, findings: Findings) -> None:
    if not (one.shock or one.window or one.reject or one.unhedge):
        findings.add("W002", (*path, "id"), f"nothing happens in {one.id!r}")
    for number, shock in enumerate(one.shock):
        _check_shock(shock, (*path, "shock", number), known, findings)
    if one.window is not None:
        if first_day(one.window.from_) >= one.window.to.date:
            findings.add("W006", (*path, "window", "to"), f"{one.window.to} does not lie after {one.window.from_}")
        for number, series in enumerate(one.window.series):
            _check_series(series, (*path, "window", "series", number), known, findings)
    for number, rejection in enumerate(one.reject):
        _check_party(rejection.customer, parties.customers, (*path, "reject", number, "customer"), findings)
        _check_party(rejection.facility, parties.facilities, (*path, "reject", number, "facility"), findings)
    for number, hedge in enumerate(one.unhedge):
        _check_party(hedge.counterparty, parties.banks, (*path, "unhedge", number, "counterparty"), findings)
        _check_party(hedge.facility, parties.facilities, (*path, "unhedge", number, "facility"), findings)


def _check_shock(shock: ScenarioShock, path: Keys, known: set[str] | None, findings: Findings) -> None:
    sizes = [size for size in (shock.change, shock.level, shock.change_bp) if size is not None]
    if len(sizes) != 1:
        findings.add("W003", (*path, "series"), f"{shock.series!r} is given {len(sizes)} sizes")
    if shock.change is not None and shock.change < -1:
        findings.add("W004", (*path, "change"), f"{shock.change} of {shock.series!r}")
    if shock.change_bp is not None and shock.series.split(".")[1:2] != ["rate"]:
        findings.add("W005", (*path, "change_bp"), f"{shock.series!r} is no rate")
    _check_series(shock.series, (*path, "series"), known, findings)


def _check_series(name: str, path: Keys, known: set[str] | None, findings: Findings) -> None:
    if known is not None and not any(one == name or one.startswith(f"{name}.") for one in known):
        findings.add("W008", path, f"no marks for the series or prefix {name!r}", nearest(name, known))


def _check_party(name: str | None, known: set[str], path: Keys, findings: Findings) -> None:
    if name is not None and name not in known:
        findings.add("W007", path, f"there is no {name!r} in this desk", nearest(name, known))

"""A covenant, a facility and the head of a report as tables of fields: the names are those of the report's JSON."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from monitor.assess import Picture, Standing
from monitor.cases.wanted import Keyed
from monitor.reading import Reading
from monitor.report.schema import AssessmentPart, CovenantPart, FacilityPart, Report

REMEDIES = ("repay", "post", "sell", "cash", "utilisation")
HIDDEN = ("assessments", "drivers", "remedies", "facilities", "marks", "problems", "events", "inputs", "covenants", "measures")


def covenant_view(part: CovenantPart, standing: Standing, picture: Picture) -> dict[str, object]:
    """The fields of a covenant, of its leading assessment, and of each assessment under its basis."""
    readings = {"tested": standing.tested, "indicative": standing.indicative}
    bases = {one.basis: _assessment(one, readings[one.basis], standing, picture) for one in part.assessments}
    lead = bases[part.assessments[0].basis] if part.assessments else {}
    blank = dict.fromkeys((*_fields(AssessmentPart), *_DRIVERS, "numerator", "denominator"))
    remedies: dict[str, object] = {one.kind: one.amount for one in part.remedies}
    return {
        **blank, **_plain(part), **lead, "rung": standing.rung, "remedies": Keyed(remedies, REMEDIES),
        "tested": bases.get("tested"), "indicative": bases.get("indicative"),
    }  # fmt: skip


def facility_view(part: FacilityPart) -> dict[str, object]:
    """The fields of a facility, with its measures by name."""
    return {**_plain(part), **{one.id: one.value for one in part.measures}}


def head_view(report: Report) -> dict[str, object]:
    """The head of a report: exit code, counts, exposure, deadlines."""
    return _plain(report)


_DRIVERS = ("now", "breach_at", "shock_to_breach")


def _assessment(part: AssessmentPart, reading: Reading | None, standing: Standing, picture: Picture) -> dict[str, object]:
    """One assessment, what its ratio is made of, and its drivers by mark and rung."""
    found = _plain(part)
    if reading is not None:
        made, n = reading.assessment, reading.row
        found["numerator"], found["denominator"] = _known(made.numerator[n, 0]), _known(made.denominator[n, 0])
    known, labels = picture.book.series.names, [level.label for level in (reading or standing).test.levels if level.label]
    for name in _DRIVERS:
        by_mark: dict[str, dict[str, object]] = {}
        for driver in part.drivers:
            by_mark.setdefault(driver.mark, {})[driver.rung or ""] = getattr(driver, name)
        rows: dict[str, object] = {mark: Keyed(rungs, labels, next(iter(rungs.values())), True) for mark, rungs in by_mark.items()}
        found[name] = Keyed(rows, known, code="C009")
    return found


def _plain(part: msgspec.Struct) -> dict[str, object]:
    """The fields of a part under their JSON names, those left out that have a shape of their own here."""
    raw = msgspec.to_builtins(part)
    return {name: value for name, value in raw.items() if name not in HIDDEN}


def _fields(part: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(part) if field.encode_name not in HIDDEN]


def _known(raw: np.float64) -> float | None:
    return float(raw) if math.isfinite(raw) else None

"""One reading of a covenant as a part of the report: its ratio, the marks that move it, why it is not known and what would pass."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from monitor.assess import Picture
from monitor.reading import Reading
from monitor.report.recorded import day_said
from monitor.report.schema import AssessmentPart, DriverPart
from rules.formula import Call, children
from rules.judge import NOTHING_OWED, UNSETTLED
from rules.worlds import DATA, STALE


def assessment_part(picture: Picture, reading: Reading, basis: str, unpaid: Collection[str]) -> AssessmentPart:
    """A reading on a basis; `unpaid` are the facilities that fell due and are not known to be repaid."""
    made, n, test = reading.assessment, reading.row, reading.test
    at = made.worlds.instants[int(made.rows.instant[n])]
    drivers = _drivers(picture, reading)
    judged = reading.waits is None
    unit = test.unit.replace("money", picture.book.terms[test.facility].facility.currency)
    return AssessmentPart(
        basis=basis,
        test_date=day_said(at, picture.session.timezone) or "",
        period_end=reading.period_end.isoformat() if not test.continuous or test.class_ == "springing" else None,
        result=reading.result,
        data=DATA[int(made.data[n])],
        actual=number(made.actual[n, 0]) if judged else None,
        operator=test.levels[0].operator,
        threshold=number(made.threshold[n]),
        unit=unit,
        headroom_abs=number(made.headroom_abs[n, 0]) if judged else None,
        headroom_pct=number(made.headroom_pct[n, 0]) if judged else None,
        cushion_pct=number(made.cushion_pct[n, 0]) if judged else None,
        modelled_share=number(made.modelled_share[n]),
        drivers=drivers,
        reason=_reason(picture, reading, unpaid),
        bound=_bound(reading, drivers),
    )


def _drivers(picture: Picture, reading: Reading) -> list[DriverPart]:
    made, n, test = reading.assessment, reading.row, reading.test
    if reading.waits or made.drivers.series.shape[1] == 0:
        return []
    labels = [None, *(level.label for level in test.levels[1:])]
    ladder = len(labels) > 1 and bool(test.covenant.rung)
    parts = []
    breaches, moves, now = made.drivers.breach[n].tolist(), made.drivers.shock[n].tolist(), made.drivers.now[n].tolist()
    for slot, series in enumerate(made.drivers.series[n].tolist()):
        for at in range(1 if ladder else 0, len(labels) if ladder else 1) if series >= 0 else ():
            breach = number(breaches[slot][at])
            if breach is not None:
                name = made.worlds.series[series]
                move = number(moves[slot][at])
                parts.append(
                    DriverPart(
                        mark=name, now=number(now[slot]), breach_at=breach, shock_to_breach=move, unit=_unit(picture, name), rung=labels[at]
                    )
                )
    lead = test.levels[0].label
    return sorted(parts, key=lambda part: (part.rung != lead, abs(part.shock_to_breach) if part.shock_to_breach is not None else math.inf))


def _unit(picture: Picture, series: str) -> str | None:
    for one in picture.observations:
        if one.series == series and one.unit:
            return one.unit
    return None


def _reason(picture: Picture, reading: Reading, unpaid: Collection[str]) -> str | None:
    made, n = reading.assessment, reading.row
    if reading.waits or made.reason[n]:
        facility = made.book.ids[made.book.tests[int(made.rows.test[n])].facility]
        gone = made.reason[n] == NOTHING_OWED and facility in unpaid
        return reading.waits or (UNSETTLED if gone else made.reason[n])
    if reading.result == "fail" and made.denominator[n, 0] == 0:
        return _nothing_under(reading)
    if reading.result != "indeterminate":
        return None
    doubtful = _doubtful(reading)
    if doubtful:
        return "; ".join(f"{name}: {_doubt(picture, name, reading)}" for name in doubtful)
    return _missing(picture, reading)


def _doubtful(reading: Reading) -> dict[str, bool]:
    """The marks a reading hangs on directly that are stale or missing, and whether more of each is better."""
    made, n = reading.assessment, reading.row
    return {
        made.worlds.series[k]: bool(made.drivers.rises[n, slot])
        for slot, k in enumerate(made.drivers.series[n])
        if k >= 0 and made.drivers.direct[n, slot] and made.worlds.data[k, made.rows.instant[n]] >= STALE
    }


def _doubt(picture: Picture, name: str, reading: Reading) -> str:
    policy = reading.test.covenant.marks.get(name)
    at = reading.assessment.worlds.instants[int(reading.assessment.rows.instant[reading.row])]
    seen = picture.session.history.observe(name, at, picture.known_at, policy)
    return seen.reason or seen.data


def _missing(picture: Picture, reading: Reading) -> str:
    from monitor.report.explain import explain_reading

    return explain_reading(picture, reading).reason or "an input is not known"


def _bound(reading: Reading, drivers: list[DriverPart]) -> str | None:
    """What an unknown would have to be for the covenant to pass, where one mark decides."""
    made, n = reading.assessment, reading.row
    if reading.result != "indeterminate" or reading.waits:
        return None
    doubtful = _doubtful(reading)
    found = [part for part in drivers if part.mark in doubtful]
    if len(doubtful) == 1 and found:
        return f"passes only if {found[0].mark} {'>=' if doubtful[found[0].mark] else '<='} {plain(found[0].breach_at)}"
    under, level = made.denominator[n, 0], made.threshold[n]
    if not doubtful and np.isnan(made.numerator[n, 0]) and not np.isnan(under * level):
        operator = reading.test.levels[0].operator
        return f"passes only if the numerator is {operator} {plain(float(under * level))}"
    return None


def _nothing_under(reading: Reading) -> str:
    """Why a failed ratio has no figure: it is over collateral, or something else, of nothing."""
    made, n = reading.assessment, reading.row
    under = made.book.tests[int(made.rows.test[n])].on(int(made.rows.period_end[n])).denominator
    stack = [under] if under is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.function == "collateral_value":
            return "no collateral"
        stack += children(node)
    return "nothing to hold it against: the denominator is zero"


def number(raw: float) -> float | None:
    """A figure for the report: None where unknown."""
    found = float(raw)
    return found if math.isfinite(found) else None


def plain(raw: float | None) -> str:
    """A bound in words: six significant digits, thousands kept whole."""
    if raw is None:
        return "?"
    return f"{raw:,.0f}" if abs(raw) >= 1000 else f"{raw:.4g}"

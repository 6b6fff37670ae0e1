"""Expectations of days to come: first failing dates, and figures on named dates, of the world of a case carried ahead."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import numpy as np

from monitor.ahead.build import crossing, facility_ahead
from monitor.ahead.outlook import outlook
from monitor.ahead.schema import Case as CaseAhead
from monitor.ahead.schema import FacilityAhead
from monitor.cases.expect import Asked, no_formula
from monitor.cases.given import named, unknown_facility
from monitor.cases.outcome import Check
from monitor.cases.problems import Wrong, near, problem
from monitor.cases.wanted import At, Keyed, compare
from monitor.report.judged import number
from rules.formula import FormulaError
from rules.projection import Projection
from rules.scope import day_of

_PART = "projection"


def foreseen(asked: Asked, key: str) -> list[Check]:
    """One line of `projection.expect`: a covenant, a facility, a quantity or a formula. Raises Wrong where it names none."""
    terms, book = asked.case.projection, asked.world.picture.book
    assert terms is not None
    wanted, ids = terms.expect[key], list(book.ids)
    facility, name = (key, "") if key in ids else named(asked.sheet, asked.number, key, ids)
    if facility not in ids:
        raise unknown_facility(asked.sheet, asked.number, _PART, facility, key, ids)
    if asked.case.given:
        place = asked.sheet.place("case", asked.number, "given")
        raise Wrong(problem("C010", place, "a projection reads nothing that is given", "ask about the days ahead in a case of its own"))
    f = book.facility(facility)
    projection = _carried(asked, f)
    one = facility_ahead(asked.world.picture, f, [("", None, projection)])
    at = asked.at(f"{facility}/{name}".rstrip("/") + " ahead", _PART, "expect", key)
    if not name:
        return list(compare(wanted, _facility_view(one), at))
    if any(test.facility == f and test.covenant.id == name for test in book.tests):
        asked.touched.append(f"{facility}/{name}")
        return list(compare(wanted, _covenant_view(one.cases[0], name, wanted, at), at))
    return list(compare(wanted, _figure_view(asked, projection, f, name, at, wanted), at))


def _carried(asked: Asked, f: int) -> Projection:
    """The projection of one facility that a case asks for. Raises Wrong C007 for a decay or a horizon that is none."""
    terms, picture = asked.case.projection, asked.world.picture
    assert terms is not None
    at = asked.at(_PART, _PART)
    if terms.rent_decay is not None and not -10 <= terms.rent_decay < 1:
        raise at.inside("rent_decay").wrong("C007", f"a rent cannot fall by {terms.rent_decay} a year", "write 0.30 for 30 % a year")
    if terms.horizon is not None and terms.horizon.toordinal() <= day_of(picture.as_of, picture.book.zone):
        raise at.inside("horizon").wrong("C007", f"the horizon {terms.horizon} is not after the as-of", "name a later day")
    decay = None if terms.rent_decay is None else float(terms.rent_decay)
    return outlook(picture, [f], terms.horizon, decay, terms.cure_with)


def _facility_view(one: FacilityAhead) -> dict[str, object]:
    """The plain fields of a facility and of its case, and what fails first."""
    plain = {**msgspec.to_builtins(one), **msgspec.to_builtins(one.cases[0])}
    first = one.cases[0].first_failing[:1]
    return {
        **{name: value for name, value in plain.items() if not isinstance(value, (list, dict))},
        "first_failing": first[0].date if first else None, "first_failing_covenant": first[0].covenant if first else None,
    }  # fmt: skip


def _covenant_view(case: CaseAhead, name: str, wanted: object, at: At) -> dict[str, object]:
    """When a covenant first fails with how it fails then, and each of its test dates."""
    lines: dict[str, dict[str, Any]] = {
        line.date: {**msgspec.to_builtins(test), "outstanding": line.outstanding} for line in case.dates for test in line.tests
        if test.covenant == name
    }  # fmt: skip
    for day in _days(wanted, at):
        if day not in lines:
            raise at.inside("at").inside(day).wrong("C005", f"{name!r} is not tested on {day}", near(day, lines), value=False)
    failing = next((one for one in case.first_failing if one.covenant == name), None)
    blank: dict[str, object] = dict.fromkeys(("actual", "threshold", "outstanding", "cure_money", "used_up"))
    found = msgspec.to_builtins(failing) if failing else {}
    paid = [one.amount for one in case.cures if one.covenant == name]
    return {
        "first_failing": failing.date if failing else None, **{field: found.get(field) for field in blank},
        "cures": len(paid), "cured_with": sum(paid),
        "at": {day: Keyed(line, (), line["actual"], True) for day, line in lines.items()},
    }  # fmt: skip


def _figure_view(asked: Asked, projection: Projection, f: int, text: str, at: At, wanted: object) -> dict[str, object]:
    """A quantity or formula on the days named, and when it first falls below 1.00."""
    book, today = projection.book, day_of(asked.world.picture.as_of, projection.book.zone)
    try:
        node = book.definitions[f].formula(text)
    except FormulaError as error:
        raise no_formula(asked, at, book.ids[f], text, error) from None
    days = np.array([dt.date.fromisoformat(day).toordinal() for day in _days(wanted, at)], dtype=np.int64)
    if len(days) and days.min() <= today:
        first = dt.date.fromordinal(int(days.min()))
        raise at.inside("at").wrong("C007", f"{first} is not after the as-of", "`now` is the figure of the as-of")

    def read(days: np.ndarray) -> np.ndarray:
        return projection.measured(node, np.full(len(days), f, dtype=np.int64), days)[:, 0]

    found: dict[str, object] = {"now": number(read(np.array([today]))[0])}
    found["at"] = {dt.date.fromordinal(day).isoformat(): number(one) for day, one in zip(days.tolist(), read(days).tolist(), strict=True)}
    grid = np.unique(np.concatenate([projection.tests.rows.period_end, projection.payments.day]))
    fell = crossing(read, text, grid, today) if isinstance(wanted, dict) and {"below_one", "years_to_below_one"} & wanted.keys() else None
    return found | {"below_one": fell.date if fell else None, "years_to_below_one": fell.years if fell else None}


def _days(wanted: object, at: At) -> list[str]:
    """The dates that an expectation names under `at`. Raises Wrong C007 for a key that is no date."""
    named = wanted.get("at", {}) if isinstance(wanted, dict) else {}
    for day in named if isinstance(named, dict) else ():
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            raise at.inside("at").inside(day).wrong("C007", f"{day!r} is no date", "write at.2028-12-31 = 0.79", value=False) from None
    return list(named) if isinstance(named, dict) else []

"""The rows of the board: one per covenant worth showing, worst first, one per facility that has nothing worse."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from facilities.inert import inert
from monitor.board.figures import NONE, day, figure, level, mark_label, percent
from monitor.board.states import FAULTS, State, bare_state, fails_ahead, rank, state_of
from monitor.cells import name
from monitor.report.schema import AssessmentPart, CovenantPart, DriverPart, FacilityPart, Report
from rules.severity import RANK

Key = tuple[str, str | None]
_BOUND = re.compile(r"(\S+)\s*(>=|<=|>|<|=)\s*\$?([\d.,]+)")
_SHORT = {"value": "val", "utilisation": "util"}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of the board: a facility and the covenant that puts it there (None: it has none)."""

    facility: FacilityPart
    covenant: CovenantPart | None
    as_of: str

    @property
    def key(self) -> Key:
        """What the cursor holds on to: facility and covenant id."""
        return self.facility.id, self.covenant.id if self.covenant else None

    @property
    def severity(self) -> str:
        """The covenant's severity; without a covenant the facility's: unknown when its file cannot be used."""
        return self.covenant.severity if self.covenant else self.facility.severity

    @property
    def fault(self) -> bool:
        """Whether `f` keeps the row: a trigger that is on, or worse, or a projected failure."""
        return self.severity in FAULTS or self.projected

    @property
    def projected(self) -> bool:
        """Whether the covenant passes today and a date on which it will not is known."""
        return self.covenant is not None and fails_ahead(self.covenant)

    @property
    def leading(self) -> AssessmentPart | None:
        """The assessment shown: the one that decides the severity."""
        return self.covenant.leading if self.covenant else None

    def state(self, ascii: bool = False) -> State:
        """Word, sign and role."""
        if self.covenant:
            return state_of(self.covenant, self.as_of, ascii)
        state = bare_state(self.severity, ascii)
        return state._replace(word="DEFAULT") if self.facility.legal and self.facility.legal.state == "default" else state

    @property
    def deadline(self) -> str | None:
        """The deadline of its covenant; of a facility in default as a whole its own."""
        if self.covenant:
            return self.covenant.deadline
        return self.facility.legal.deadline if self.facility.legal and self.facility.falls_alone else None

    @property
    def title(self) -> str:
        """The covenant's title; of a facility as a whole what it is in default by."""
        facility = self.facility
        if self.covenant:
            return name(self.covenant.title)
        if facility.legal and facility.falls_alone:
            return name(facility.legal.because or facility.legal.state.replace("_", " "))
        if facility.doubt:
            return "bad file" if facility.unread else name(facility.doubt)
        return "no covenant"


def board_rows(report: Report, every: bool = False, only: Container[str] = RANK) -> list[BoardRow]:
    """Rows of the board, worst first; within one severity the nearest deadline, then the largest loan.

    Shown are the covenants worse than a pass (or passing but with a first failing date); a facility with none of them
    has one row, its tightest covenant. `every` shows each covenant of each facility, `only` those of some severities.
    """
    rows = [BoardRow(facility, covenant, report.as_of) for facility in report.facilities for covenant in _shown(facility, every)]
    return sorted((row for row in rows if row.severity in only or only is RANK), key=_order)


def _order(row: BoardRow) -> tuple[float, bool, str, float, str, str]:
    covenant = row.covenant
    place = rank("watch") - 0.5 if row.projected else rank(row.severity)
    deadline, named = row.deadline or "~", covenant.id if covenant else ""
    return place, covenant is None, deadline, -(row.facility.outstanding or 0.0), row.facility.name, named


def _shown(facility: FacilityPart, every: bool) -> list[CovenantPart | None]:
    whole: list[CovenantPart | None] = [None] if facility.falls_alone or facility.doubt else []
    covenants: list[CovenantPart | None] = whole + [
        covenant for covenant in facility.covenants if every or covenant.severity not in ("pass", "not_tested") or fails_ahead(covenant)
    ]
    return covenants or [tightest(facility)]


def tightest(facility: FacilityPart) -> CovenantPart | None:
    """The covenant nearest to failing: the least move of a mark, else the least headroom; None without covenants."""
    return min(facility.covenants, key=_distance, default=None)


def _distance(covenant: CovenantPart) -> tuple[int, float]:
    reading = covenant.leading
    driver = leading_driver(reading) if reading else None
    if driver is not None and driver.shock_to_breach is not None:
        return rank(covenant.severity), abs(driver.shock_to_breach)
    share = reading.headroom_pct if reading else None
    return rank(covenant.severity), 9.0 if share is None else abs(share)


def leading_driver(reading: AssessmentPart) -> DriverPart | None:
    """The mark whose level is the breach price: of the call rung (or no rung), the one with the least move."""
    drivers = [driver for driver in reading.drivers if driver.rung in (None, "call")] or reading.drivers
    return min(drivers, key=lambda driver: 9.0 if driver.shock_to_breach is None else abs(driver.shock_to_breach), default=None)


def breaks_at(row: BoardRow, long: bool = False) -> str:
    """The breach price of a row: `BTC 83,699`, `rent 2.746`, `val>=51,765`, a date, or `term` when no price drives it."""
    covenant, reading = row.covenant, row.leading
    if covenant is None or reading is None:
        return NONE
    if row.projected:
        return name(covenant.first_failing_date or NONE)
    if reading.bound:
        return bound_text(reading.bound)
    driver = leading_driver(reading)
    if driver is None and covenant.severity == "not_tested":
        return NONE
    if driver is None:
        return "no price driver" if long else "term"
    label = name(mark_label(driver.mark, long))
    return f"{label} {level(driver.mark, driver.breach_at, fine=True)}" if driver.breach_at is not None else f"{label} never"


def bound_text(bound: str) -> str:
    """`val>=51,765` of "passes only if the in-place B200 value >= 51,765"; the bound itself when it has no such figure."""
    found = _BOUND.search(bound)
    if found is None:
        return name(bound)
    word, operator, digits = found.groups()
    label = _SHORT.get(word, mark_label(word) if "." in word else word)
    return f"{name(label)}{operator}{_grouped(digits.rstrip('.,'))}"


def _grouped(digits: str) -> str:
    if "," in digits:
        return digits
    try:
        value = float(digits)
    except ValueError:
        return digits
    return f"{value:,.0f}" if value >= 1000 else digits


def shown_unit(covenant: CovenantPart, reading: AssessmentPart) -> str:
    """The unit to write: a loan to value kept as a plain ratio is read as a percentage."""
    quantity = f"{covenant.rule or ''} {covenant.id}".lower()
    return "%" if reading.unit in ("x", "", "1", "ratio") and "ltv" in quantity else reading.unit


def actual_and_limit(covenant: CovenantPart, reading: AssessmentPart, digits: int = 2) -> tuple[str, str]:
    """Actual and limit with as many decimals as it takes to tell them apart (at most two more)."""
    unit = shown_unit(covenant, reading)
    for more in range(3):
        actual, limit = figure(reading.actual, unit, digits + more), figure(reading.threshold, unit, digits + more)
        if actual != limit or reading.actual == reading.threshold:
            return actual, limit
    return actual, limit


def limit_text(reading: AssessmentPart, limit: str, ascii: bool = False) -> str:
    """What passing takes: `<=65.0%` (`≤65.0%` where the font has it)."""
    operator = reading.operator if ascii else {">=": "≥", "<=": "≤"}.get(reading.operator, reading.operator)
    return NONE if limit == NONE else f"{inert(operator)}{limit}"


def move_text(row: BoardRow) -> str:
    """How far the leading mark is from its breach price: `-12.9%` falls to it, or clears when failing."""
    driver = leading_driver(row.leading) if row.leading else None
    return percent(driver.shock_to_breach) if driver else NONE


def next_text(row: BoardRow) -> str:
    """What comes next: the deadline's or the next test's day, `stale` or `missing` for data, `now` for a continuous test."""
    covenant, reading = row.covenant, row.leading
    if row.deadline:
        return day(row.deadline, row.as_of)
    if covenant is None or reading is None:
        return NONE
    if covenant.severity == "indeterminate" and reading.data in ("stale", "missing"):
        return {"stale": "stale", "missing": "data"}[reading.data]
    when = covenant.next_test or (covenant.first_failing_date if row.projected else None)
    if when is None and covenant.severity == "not_tested":
        return NONE
    return day(when, row.as_of) if when else "now"


def since_text(row: BoardRow) -> str:
    """Since when: the test date, else the day it was known or acted on."""
    legal = row.facility.legal if row.facility.falls_alone else None
    since = row.covenant.since if row.covenant else legal.since if legal else None
    dates = (since.tested_as_of, since.known_at, since.acted_on) if since else ()
    return next((day(date, row.as_of) for date in dates if date), NONE)

"""`tests/*.toml`: worlds a desk is asked about, and what it must say there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from facilities.model.base import Amount, Moment, Terms
from facilities.model.rulefile import LineTerms, RuleTerms
from facilities.model.scenario import Rejection, ScenarioWindow, Unhedged


class CaseEvent(Terms, frozen=True, kw_only=True):
    """`[[case.event]]`: something recorded before the instant of the case, as `covenant event KIND FACILITY[/COVENANT]` would record it."""

    kind: Literal[
        "certificate_delivered", "equity_cure", "prepayment", "collateral_posted", "collateral_released", "waiver", "forbearance", "notice",
        "reservation_of_rights", "default", "missed_payment", "acceleration", "enforcement", "insolvency",
    ]  # fmt: skip
    of: str
    effective: Moment
    known: Moment | None = None
    until: Moment | None = None
    amount: Decimal | None = None
    units: Decimal | None = None
    collateral: str | None = None
    period_end: dt.date | None = None
    conditions: str | None = None
    note: str | None = None


class CaseProjection(Terms, frozen=True, kw_only=True):
    """`[case.projection]`: the world of the case carried ahead, and what must hold on the days to come."""

    expect: dict[str, Any]
    rent_decay: Decimal | None = None
    horizon: dt.date | None = None
    cure_with: list[Literal["equity", "prepayment"]] = []


class CaseStress(Terms, frozen=True, kw_only=True):
    """`[case.stress]`: the world of the case moved as `covenant stress` moves it, and what must hold there.

    `at` is written as for `--at`; `scenario` names one of the desk; the rest is as in `[[scenario]]`. All of them add up.
    """

    at: str | None = None
    scenario: str | None = None
    window: ScenarioWindow | None = None
    reject: list[Rejection] = []
    unhedge: list[Unhedged] = []
    expect: dict[str, Any] = {}
    report: dict[str, Any] = {}


class CaseReplay(Terms, frozen=True, kw_only=True):
    """`[case.replay]`: days replayed with what was known on each, and what must come of them."""

    from_: dt.date
    to: dt.date
    step: str = "1d"
    within: int = 90
    expect: dict[str, Any]


class Case(Terms, frozen=True, kw_only=True):
    """`[[case]]`: one world (an instant, its marks, what is given) and what must hold in it."""

    name: str
    as_of: Moment | None = None
    known_at: Moment | None = None
    facility: str | None = None
    marks: dict[str, Amount] = {}
    given: dict[str, Decimal] = {}
    event: list[CaseEvent] = []
    expect: dict[str, Any] = {}
    report: dict[str, Any] = {}
    projection: CaseProjection | None = None
    error: list[str] = []
    stress: CaseStress | None = None
    replay: CaseReplay | None = None
    note: str | None = None
    source: str | None = None


class CaseFile(Terms, frozen=True, kw_only=True):
    """A test file whole; the tables of a facility file may stand beside these, and are then the loan it asks about."""

    case: list[Case] = []
    desk: str | None = None
    as_of: Moment | None = None
    marks: dict[str, Amount] = {}
    rule: dict[str, RuleTerms] = {}
    line: dict[str, LineTerms] = {}
    note: str | None = None
    source: str | None = None

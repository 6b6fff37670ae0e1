"""`scenarios/*.toml`: what could happen, by name: marks that move, customers and hedges that leave, a stretch of history again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from facilities.model.base import PartialDate, Terms


class ScenarioShock(Terms, frozen=True, kw_only=True):
    """`[[scenario]].shock`: one mark series, or a prefix that moves all its bases together, and exactly one size."""

    series: str
    change: Decimal | None = None
    level: Decimal | None = None
    change_bp: Decimal | None = None


class ScenarioWindow(Terms, frozen=True, kw_only=True):
    """`[scenario.window]`: the relative path of the marks between two dates, as it happened, from today's marks on."""

    from_: PartialDate
    to: PartialDate
    series: list[str] = []


class Rejection(Terms, frozen=True, kw_only=True):
    """`[[scenario]].reject`: a customer walks away: its contracts end at `date` and the units re-let at the mark."""

    customer: str
    facility: str | None = None
    date: dt.date | None = None


class Unhedged(Terms, frozen=True, kw_only=True):
    """`[[scenario]].unhedge`: hedges fall away at `date`: of a facility, of a counterparty, or of both."""

    facility: str | None = None
    counterparty: str | None = None
    date: dt.date | None = None


class Scenario(Terms, frozen=True, kw_only=True):
    """`[[scenario]]`: one world, or one stretch of history, to hold every covenant against."""

    id: str
    title: str | None = None
    shock: list[ScenarioShock] = []
    window: ScenarioWindow | None = None
    reject: list[Rejection] = []
    unhedge: list[Unhedged] = []
    note: str | None = None
    source: str | None = None


class ScenarioFile(Terms, frozen=True, kw_only=True):
    """A scenario file whole."""

    scenario: list[Scenario] = []

"""`sector.toml`: what is said about the market, and the published figures that confirm or refute it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from facilities.model.base import PartialDate, Terms

Quality = Literal["filing", "vendor", "press", "secondary"]
"""Read in a filing; compiled by a data vendor or a rating agency; reported by the press; quoted by somebody else."""


class Measure(Terms, frozen=True, kw_only=True):
    """`[measure.ID]`: what a published figure counts. Two sources that count different things are two measures."""

    title: str
    unit: str = "USD"
    note: str | None = None


class Fact(Terms, frozen=True, kw_only=True):
    """`[[fact]]`: one published figure of a measure, on a day or (`"2025"`) over the year that ends then."""

    measure: str
    date: PartialDate
    value: Decimal
    quality: Quality
    source: str
    note: str | None = None


class Deal(Terms, frozen=True, kw_only=True):
    """`[[deal]]`: a financing that is no facility of the desk, for its margin or because GPUs stand behind it.

    `issuer` is an obligor group of the desk, or any name. Facilities of real borrowers join without being written again.
    """

    issuer: str
    name: str
    date: PartialDate
    amount: Decimal | None = None
    currency: str = "USD"
    spread_bp: Decimal | None = None
    fixed_pct: Decimal | None = None
    rating: str | None = None
    lender: str | None = None
    maturity: PartialDate | None = None
    gpu_backed: bool = False
    asset: str | None = None
    quality: Quality
    source: str
    note: str | None = None


class Growth(Terms, frozen=True, kw_only=True):
    """A measure grew by `claimed` (1.12 is 112 %) between two dated figures, give or take `within` of the base."""

    measures: list[str]
    from_: PartialDate
    to: PartialDate
    claimed: Decimal
    within: Decimal = Decimal("0.05")


class Level(Terms, frozen=True, kw_only=True):
    """A measure stood at `claimed` on a date, give or take the fraction `within` of it."""

    measures: list[str]
    on: PartialDate
    claimed: Decimal
    within: Decimal = Decimal("0.05")


class OwnPeak(Terms, frozen=True, kw_only=True):
    """Net debt of groups against their own highest up to `until`: not below it on `on`, or `rise` (5 is 500 %) above it.

    A group's figure for `on` is its last year-end in the twelve months up to then. `of`: whether all groups are meant, or some.
    """

    groups: list[str]
    until: dt.date
    on: dt.date
    rise: Decimal | None = None
    of: Literal["all", "some"] = "all"


class YearlyChange(Terms, frozen=True, kw_only=True):
    """From its first figure to its last a measure changed by `least` to `most` a year, compounded (-0.40 is a fall of 40 %)."""

    measures: list[str]
    least: Decimal
    most: Decimal


class Margins(Terms, frozen=True, kw_only=True):
    """The floating margins of one issuer's deals went through these, in this order of time."""

    group: str
    bp: list[Decimal]


class Claim(Terms, frozen=True, kw_only=True):
    """`[[claim]]`: a sentence about the market with the one rule that tests it; `beside` are measures shown and not decisive."""

    id: str
    text: str
    growth: Growth | None = None
    level: Level | None = None
    own_peak: OwnPeak | None = None
    yearly_change: YearlyChange | None = None
    margins: Margins | None = None
    beside: list[str] = []
    note: str | None = None


class SectorFile(Terms, frozen=True, kw_only=True):
    """`sector.toml` whole."""

    claim: list[Claim] = []
    measure: dict[str, Measure] = {}
    fact: list[Fact] = []
    deal: list[Deal] = []

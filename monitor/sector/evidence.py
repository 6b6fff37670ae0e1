"""What claims are tested against: figures by measure, year-ends by group, deals in order of time; nothing later than the as-of."""

from __future__ import annotations

import datetime as dt

import msgspec

from facilities.model import PartialDate, SectorFile
from monitor.lookthrough import PastPart
from monitor.sector.deals import Priced
from monitor.sector.sources import Sourced


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One published figure; `date` as written, `day` the last it can mean."""

    date: str
    day: dt.date
    value: float
    origin: Sourced


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A measure with its figures in order of time."""

    title: str
    unit: str
    figures: list[Figure]

    def on(self, wanted: PartialDate) -> Figure | None:
        """The figure of that very date or year, None where none is published."""
        return next((one for one in self.figures if one.day == wanted.date), None)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may decide a claim. `past` holds the year-ends of each group of the desk, the oldest first."""

    series: dict[str, Series] = {}
    past: dict[str, list[PastPart]] = {}
    deals: list[Priced] = []


def series_of(file: SectorFile, day: dt.date) -> dict[str, Series]:
    """Every measure with its figures up to `day`."""
    found: dict[str, list[Figure]] = {name: [] for name in file.measure}
    for fact in sorted(file.fact, key=lambda one: one.date.date):
        if fact.date.date <= day and fact.measure in found:
            origin = Sourced(fact.source, fact.quality)
            found[fact.measure].append(Figure(date=fact.date.written, day=fact.date.date, value=float(fact.value), origin=origin))
    return {name: Series(title=one.title, unit=one.unit, figures=found[name]) for name, one in file.measure.items()}

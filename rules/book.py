"""The book: every facility of a desk as columns, and every covenant as a test on a resolved formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property

import msgspec
import numpy as np

from facilities.calendars import Calendar
from facilities.load import Desk
from facilities.model import FacilityFile
from facilities.problems import Problem
from facilities.schedule import Schedule
from rules.certificates import Reports, certified
from rules.columns import FAR, Bools, Dated, Floats, Ints, Table
from rules.covenants import Compared, Test, tests_of
from rules.coverage import Coverage
from rules.definitions import Definitions
from rules.events import Event
from rules.legs import Periods, lay_legs, periods_of
from rules.movements import Movements, movements_of, prepayments_of
from rules.series import SeriesIndex
from rules.tables import Tables


class Book(msgspec.Struct, frozen=True, dict=True):
    """F facilities in desk order, their tables, their tests, and the K mark series they read; `tested` is each test's facility.

    `schedules` and `periods` are by leg: `tables["leg"]` joins a facility to its legs, one for a loan without tranches.
    """

    desk: Desk
    ids: tuple[str, ...]
    terms: tuple[FacilityFile, ...]
    schedules: tuple[Schedule, ...]
    calendars: tuple[Calendar, ...]
    definitions: tuple[Definitions, ...]
    tests: tuple[Test, ...]
    series: SeriesIndex
    tables: dict[str, Table]
    dated: dict[str, Dated]
    ints: dict[str, Ints]
    floats: dict[str, Floats]
    reports: Reports
    periods: Periods
    movements: Movements
    problems: list[Problem] = msgspec.field(default_factory=list)
    slots: dict[int, tuple[int, ...]] = msgspec.field(default_factory=dict)
    zone: dt.tzinfo = dt.UTC
    tested: Ints = msgspec.field(default_factory=lambda: np.zeros(0, np.int64))
    remaps: dict[int, dict[int, int]] = {}

    @cached_property
    def compared(self) -> Compared:
        """How each test is compared, as columns made at the first asking."""
        return Compared(self.tests)

    @cached_property
    def coverage(self) -> Coverage:
        """The running totals of all reports, made at the first asking."""
        held = self.reports
        return Coverage(held.table, held.start, held.end, held.known, held.replaced, held.lines)

    @cached_property
    def parcel_homes(self) -> list[tuple[int, int]]:
        """Of each row of the collateral the facility in whose file it stands, which may be another than it secures, and its place there."""
        homes = {id(parcel): (f, at) for f, one in enumerate(self.terms) for at, parcel in enumerate(one.collateral)}
        return [homes[id(row)] for row in self.tables["collateral"].rows]

    @cached_property
    def gaps(self) -> dict[int, str]:
        """What the schedule of each facility lacks, of those that have a leg without one; found at the first asking."""
        found: dict[int, str] = {}
        for f, leg, schedule in zip(self.tables["leg"].owner.tolist(), self.tables["leg"].rows, self.schedules, strict=True):
            if schedule.gap:
                found.setdefault(f, leg.gap(schedule.gap))
        return found

    @cached_property
    def unscheduled(self) -> Bools:
        """bool[F]: which facilities have a leg without a schedule."""
        return np.isin(np.arange(len(self.ids)), list(self.gaps))

    @cached_property
    def ends(self) -> Ints:
        """int64[L]: the last day of each leg, its maturity and the last payment of its schedule; FAR where it has neither."""
        days = [leg.maturity.toordinal() if leg.maturity else 0 for leg in self.tables["leg"].rows]
        maturity, cleared = np.array(days, dtype=np.int64), self.periods.cleared
        return np.where(cleared == FAR, np.where(maturity > 0, maturity, FAR), np.maximum(cleared, maturity))

    def remapped(self, series: Ints, tests: Ints) -> Ints:
        """Each series as a test reads it: under the agreement's own policy where it has one. Shapes broadcast."""
        keys, own = self._remapping
        if not len(keys):
            return series
        wanted = np.where(series >= 0, tests * len(self.series.names) + series, -1)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, own[at], series)

    @cached_property
    def _remapping(self) -> tuple[Ints, Ints]:
        """(test x K + series in rising order, what the test reads in its place)."""
        pairs = [(t * len(self.series.names) + base, own) for t, mapping in self.remaps.items() for base, own in mapping.items()]
        columns = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        return columns[:, 0], columns[:, 1]

    @property
    def models(self) -> Bools:
        """bool[F]: which facilities' cash can be modelled: they have a contract, a fleet, or a parcel with a rent series."""
        able = (self.tables["contract"].count > 0) | (self.tables["fleet"].count > 0)
        able[self.tables["collateral"].owner[self.ints["collateral.rent"] >= 0]] = True
        return able

    def facility(self, identity: str) -> int:
        """The index of a facility. Raises KeyError for an unknown id."""
        try:
            return self.ids.index(identity)
        except ValueError:
            raise KeyError(identity) from None


def compile_book(
    desk: Desk,
    library: Definitions,
    calendar_of: Callable[[str | None], Calendar],
    zone: dt.tzinfo = dt.UTC,
    events: Sequence[Event] = (),
) -> Book:
    """The columns of a desk, and of what was recorded that moves them: money prepaid, units posted, certificates delivered.

    Facilities whose formulas cannot be used keep their tables; their tests carry the problem.
    """
    ids, terms = tuple(desk.facilities), tuple(desk.facilities.values())
    default = desk.file.desk.calendar if desk.file else None
    calendars = tuple(calendar_of(one.facility.calendar or default) for one in terms)
    series = SeriesIndex()
    builder = Tables(desk, terms, series)
    schedules = lay_legs(builder, terms, calendars, series, prepayments_of(events, builder.place, zone))
    problems: list[Problem] = []
    definitions, tests = tests_of(desk, library, series, calendars, problems)
    return Book(
        desk, ids, terms, schedules, calendars, definitions, tests, series,
        builder.tables, builder.dated, builder.ints, builder.floats,
        certified(desk, terms, events, zone), periods_of(schedules),
        movements_of(events, builder.place, builder.tables["collateral"]), problems, zone=zone,
        tested=np.array([test.facility for test in tests], dtype=np.int64),
        remaps={place: test.remap for place, test in enumerate(tests) if test.remap},
    )  # fmt: skip

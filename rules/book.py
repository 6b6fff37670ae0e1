"""The book: every facility of a desk as columns, and every covenant as a test on a resolved formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.calendars import Calendar
from facilities.load import Desk
from facilities.model import Amount, BaseClass, Collateral, Debt, FacilityFile, Fleet, Treasury
from facilities.problems import Problem
from facilities.schedule import Schedule
from rules.certificates import Reports, certified
from rules.columns import FAR, Bools, Columns, Dated, Floats, Ints, Table, ordinal
from rules.covenants import Test, tests_of
from rules.coverage import Coverage
from rules.definitions import Definitions
from rules.events import Event
from rules.legs import Periods, lay_legs, periods_of
from rules.months import add_months
from rules.movements import Movements, movements_of, prepayments_of
from rules.series import SeriesIndex


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
    builder = _Tables(desk, terms, series)
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


class Holding(NamedTuple):
    """One row of an obligor's treasury, and whether the obligor is the borrower itself or of its group."""

    obligor: str
    place: int
    treasury: Treasury
    own: bool


class Owed(NamedTuple):
    """One debt of an obligor that is no facility of the desk."""

    obligor: str
    place: int
    debt: Debt


class Rig(NamedTuple):
    """One fleet, and the file it stands in."""

    owner: str
    place: int
    fleet: Fleet


def _rigs(desk: Desk, one: FacilityFile) -> list[Rig]:
    """A facility's fleets: its own, or the borrower's where the file has none."""
    who = desk.obligors.get(one.facility.borrower)
    owner, fleets = f"facility:{one.facility.id}", one.fleet
    if not fleets and who is not None:
        owner, fleets = f"obligor:{one.facility.borrower}", who.fleet
    return [Rig(owner, place, fleet) for place, fleet in enumerate(fleets)]


def _members(desk: Desk, borrower: str) -> list[str]:
    """The obligors of a borrower's group, the borrower first; itself alone without a group, nobody when it is unknown."""
    who = desk.obligors.get(borrower)
    if who is None:
        return []
    group = who.obligor.group
    others = [name for name, one in desk.obligors.items() if group is not None and one.obligor.group == group and name != borrower]
    return [borrower, *others]


class _Tables(Columns):
    """Lays the rows of every table end to end and cuts them into columns."""

    def __init__(self, desk: Desk, terms: tuple[FacilityFile, ...], series: SeriesIndex) -> None:
        super().__init__()
        self.desk, self.terms, self.series = desk, terms, series
        self.place = {identity: place for place, identity in enumerate(desk.facilities)}
        self._loans()
        self._collateral()
        self._contracts()
        self._fleets()
        self._cash()
        self._base()

    def _rows(self, name: str, pick: Callable[[FacilityFile], Sequence[object]]) -> Table:
        self.tables[name] = Table(len(self.terms), [(f, row) for f, one in enumerate(self.terms) for row in pick(one)])
        return self.tables[name]

    def _loans(self) -> None:
        self.dated["commitment"] = Dated(_commitment(one) for one in self.terms)
        self.dated["undrawn_fee_pct"] = Dated(one.facility.undrawn_fee_pct for one in self.terms)
        self.floats["revolving"] = np.array([float(one.facility.kind in ("revolver", "abl")) for one in self.terms])
        for name in ("rent", "utilisation", "opex_per_unit_hour", "dscr"):
            self.dated[f"case.{name}"] = Dated(getattr(one.underwriting, name) if one.underwriting else None for one in self.terms)
        self.ints["market_cap"] = np.array([self._market_cap(one.facility.borrower) for one in self.terms], dtype=np.int64)
        self.ints["fx"] = np.array([_fx(self.series, one.facility.currency) for one in self.terms], dtype=np.int64)
        operations = [one.operations for one in self.terms]
        for name in ("fixed_opex_per_month", "maintenance_capex_per_month", "tax_per_month"):
            self.dated[name] = Dated(getattr(ops, name) if ops else None for ops in operations)

    def _market_cap(self, borrower: str) -> int:
        """The series of the market capitalisation of a borrower, or of the first of its group that names one, -1 without."""
        named = [self.desk.obligors[who].obligor.market_cap for who in _members(self.desk, borrower)]
        series = next((one for one in named if one), None)
        return self.series.add(series) if series else -1

    def _collateral(self) -> None:
        pledged = _pledged(self.terms)
        rows = [(f, parcel) for f, parcels in enumerate(pledged) for parcel in parcels]
        parcels = self.tables["collateral"] = Table(len(self.terms), rows)
        named = [one.facility.id for one in self.terms]
        seniors = [
            (f, self.place[lien])
            for f, own in enumerate(pledged)
            for lien in _seniors(named[f], own)
            if lien in self.place
        ]
        self.tables["senior"] = Table(len(self.terms), seniors)
        cut = parcels.rows
        for name in ("units", "value", "utilisation", "opex_per_unit_hour"):
            self.dated[f"collateral.{name}"] = Dated(getattr(row, name) for row in cut)
        for name in ("price", "appraisal", "rent"):
            self.ints[f"collateral.{name}"] = np.array([self._series(row, name) for row in cut], dtype=np.int64)
        self.floats["collateral.cost"] = parcels.column(row.cost for row in cut)
        self.floats["collateral.eligible"] = np.array([float(row.eligible) for row in cut])
        written_down = [row.depreciation for row in cut]
        self.floats["collateral.life"] = parcels.column(None if how is None else how.months for how in written_down)
        self.floats["collateral.residual"] = parcels.column(0 if how is None else float(how.residual_pct) / 100 for how in written_down)
        self.floats["collateral.declining"] = parcels.column(how is not None and how.method == "declining" for how in written_down)
        self.ints["collateral.from"] = np.array([ordinal(_written_down_from(row)) for row in cut], dtype=np.int64)
        serving = [row.in_service.date if row.in_service else None for row in cut]
        self.ints["collateral.in_service"] = np.array([ordinal(day, 0) for day in serving], dtype=np.int64)
        self.ints["collateral.end"] = np.array([_end_of_life(row) for row in cut], dtype=np.int64)

    def _series(self, row: Collateral, name: str) -> int:
        written = getattr(row, name)
        if written is None and name == "price" and row.value is None:
            return self.series.add(f"{row.asset}.price", assumed=True)
        return self.series.add(written) if written else -1

    def _contracts(self) -> None:
        contracts = self._rows("contract", lambda one: list(one.contract))
        for name in ("units", "rate"):
            self.dated[f"contract.{name}"] = Dated(getattr(row, name) for row in contracts.rows)
        self.floats["contract.uptime"] = contracts.column(row.uptime for row in contracts.rows)
        self.ints["contract.start"] = np.array([ordinal(row.start.date) for row in contracts.rows], dtype=np.int64)
        self.ints["contract.end"] = np.array([ordinal(row.end.date) for row in contracts.rows], dtype=np.int64)
        self._lets(self.tables["collateral"], contracts)

    def _lets(self, parcels: Table, contracts: Table) -> None:
        """Which contracts let the units of each parcel: those of its facility on its asset."""
        pairs = [(p, c) for p, f in enumerate(parcels.owner.tolist()) for c in _of(contracts, f)]
        lets = [(p, c) for p, c in pairs if contracts.rows[c].asset == parcels.rows[p].asset]
        self.tables["let"] = Table(len(parcels), lets)
        self.ints["let.contract"] = np.array([c for _, c in lets], dtype=np.int64)

    def _fleets(self) -> None:
        rigs = [(f, rig) for f, one in enumerate(self.terms) for rig in _rigs(self.desk, one)]
        table = self.tables["fleet"] = Table(len(self.terms), rigs)
        fleets: list[Fleet] = [rig.fleet for rig in table.rows]
        for name in ("units", "th_per_unit", "hashrate_ph", "efficiency_j_th", "power_price", "uptime", "pool_fee"):
            self.dated[f"fleet.{name}"] = Dated(getattr(row, name) for row in fleets)
        self.ints["fleet.hashprice"] = np.array([self.series.add(row.hashprice) for row in fleets], dtype=np.int64)
        self.ints["fleet.start"] = np.array([ordinal(row.start.date if row.start else None, 0) for row in fleets], dtype=np.int64)
        self.ints["fleet.end"] = np.array([ordinal(row.end.date if row.end else None) for row in fleets], dtype=np.int64)

    def _cash(self) -> None:
        accounts = self._rows("account", lambda one: list(one.account))
        self.dated["account.balance"] = Dated(row.balance for row in accounts.rows)
        members = [_members(self.desk, one.facility.borrower) for one in self.terms]
        holdings = [
            (f, Holding(who, place, row, who == self.terms[f].facility.borrower))
            for f, group in enumerate(members)
            for who in group
            for place, row in enumerate(self.desk.obligors[who].treasury)
        ]
        treasury = self.tables["treasury"] = Table(len(self.terms), holdings)
        held: list[Treasury] = [one.treasury for one in treasury.rows]
        self.dated["treasury.units"] = Dated(row.units for row in held)
        self.ints["treasury.price"] = np.array([self.series.add(row.price) if row.price else -1 for row in held], dtype=np.int64)
        currencies = [self.terms[f].facility.currency for f, _ in holdings]
        mixed = [None if row.price or row.asset == currency else row.asset for row, currency in zip(held, currencies, strict=True)]
        self.ints["treasury.fx"] = np.array([_fx(self.series, one) if one else -1 for one in mixed], dtype=np.int64)
        self.floats["treasury.foreign"] = treasury.column(one is not None for one in mixed)

        self._group(members)

    def _group(self, members: list[list[str]]) -> None:
        """What a facility's obligor group owes: facilities of the desk, and other debt that is none of them."""
        wide = [{*group, one.facility.borrower} for group, one in zip(members, self.terms, strict=True)]
        owed: dict[str, list[int]] = {}
        for g, one in enumerate(self.terms):
            owed.setdefault(one.facility.borrower, []).append(g)
        ours = [(f, g) for f, group in enumerate(wide) for g in sorted(g for who in group for g in owed.get(who, ()))]
        self.tables["group"] = Table(len(self.terms), ours)
        rows = [
            (f, Owed(who, place, row))
            for f, group in enumerate(members)
            for who in group
            for place, row in enumerate(self.desk.obligors[who].debt)
            if row.facility not in self.place
        ]
        other = self.tables["other_debt"] = Table(len(self.terms), rows)
        self.dated["other_debt.outstanding"] = Dated(one.debt.outstanding for one in other.rows)

    def _base(self) -> None:
        classes: Table = self._rows("base", lambda one: list(one.borrowing_base))
        rows: tuple[BaseClass, ...] = classes.rows
        for name in ("gross", "advance_rate", "sub_limit"):
            self.dated[f"base.{name}"] = Dated(getattr(row, name) for row in rows)
        less = self.tables["ineligible"] = Table(len(rows), [(c, item) for c, row in enumerate(rows) for item in row.ineligible])
        self.dated["ineligible.amount"] = Dated(row.amount for row in less.rows)
        self.dated["ineligible.units"] = Dated(row.units for row in less.rows)
        debtors = self.tables["debtor"] = Table(len(rows), [(c, item) for c, row in enumerate(rows) for item in row.debtor])
        self.dated["debtor.amount"] = Dated(row.amount for row in debtors.rows)
        self.floats["base.concentration"] = classes.column(row.concentration_limit for row in rows)
        reserves = self._rows("reserve", lambda one: list(one.reserve))
        self.dated["reserve.amount"] = Dated(row.amount for row in reserves.rows)


def _of(table: Table, facility: int) -> range:
    """The items of one facility."""
    return range(int(table.start[facility]), int(table.start[facility] + table.count[facility]))


def _fx(series: SeriesIndex, currency: str) -> int:
    """The series that converts a currency to dollars, -1 for dollars themselves."""
    return -1 if currency == "USD" else series.add(f"{currency}.fx")


def _commitment(one: FacilityFile) -> Amount | None:
    """The facility's commitment, else the sum of its tranches' where each is one number."""
    parts = [tranche.commitment for tranche in one.tranche]
    known = [part for part in parts if isinstance(part, Decimal)]
    summed = sum(known, Decimal(0)) if known and len(known) == len(parts) else None
    return summed if one.facility.commitment is None else one.facility.commitment


def _pledged(terms: tuple[FacilityFile, ...]) -> list[list[Collateral]]:
    """Parcels that secure each facility: its own (unless pledged to others only), then others' with a lien to it."""
    place = {one.facility.id: f for f, one in enumerate(terms)}
    found = [[row for row in one.collateral if not row.lien or any(lien.facility == one.facility.id for lien in row.lien)] for one in terms]
    for owner, one in enumerate(terms):
        for row in one.collateral:
            for identity in dict.fromkeys(lien.facility for lien in row.lien):
                if place.get(identity, owner) != owner:
                    found[place[identity]].append(row)
    return found


def _seniors(me: str, parcels: list[Collateral]) -> list[str]:
    """The facilities whose lien on a facility's parcels comes before its own."""
    ranked = [{lien.facility: lien.rank for lien in row.lien} for row in parcels]
    return sorted({other for ranks in ranked for other, rank in ranks.items() if rank < ranks.get(me, 1)})


def _written_down_from(row: Collateral) -> dt.date | None:
    if row.depreciation and row.depreciation.from_:
        return row.depreciation.from_
    return row.in_service.date if row.in_service else None


def _end_of_life(row: Collateral) -> int:
    if row.in_service is None or row.economic_life_months is None:
        return FAR
    return add_months(row.in_service.date, row.economic_life_months).toordinal()


__all__ = ["Book", "compile_book"]

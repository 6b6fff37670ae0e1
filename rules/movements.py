"""What people recorded that moves a figure: money prepaid and units posted or released, as columns known at their time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import numpy as np

from facilities.model import Collateral
from rules.columns import Floats, Ints, Table
from rules.events import Event
from rules.worlds import day_of


class Movements(msgspec.Struct, frozen=True):
    """Prepayments by facility, in days: `amount` lowers what is owed from `day` on, as known from the day `known` on.

    Postings by row of the collateral table, in instants (POSIX seconds): `units` are added from `at` on, as known from
    `known_at` on. The rows of both tables are the events.
    """

    prepaid: Table
    day: Ints
    known: Ints
    amount: Floats
    posted: Table
    at: Floats
    known_at: Floats
    units: Floats

    def repaid(self, facility: Ints, after: Ints, until: Ints, known: Ints) -> Floats:
        """float64[R]: money prepaid in the days (after, until] as known on a day; negative where the two are the other way round."""
        total = np.zeros(len(facility))
        if not len(self.prepaid):
            return total
        asker, item = self.prepaid.join(facility)
        day, seen = self.day[item], self.known[item] <= known[asker]
        forth = seen & (after[asker] < day) & (day <= until[asker])
        back = seen & (until[asker] < day) & (day <= after[asker])
        np.add.at(total, asker, self.amount[item] * (forth.astype(float) - back))
        return total

    def saved(self, facility: Ints, start: Ints, end: Ints, until: Ints, known: Ints) -> Floats:
        """float64[R]: by how much prepayments in (start, until] as known lower the average balance from `start` to `end`."""
        total = np.zeros(len(facility))
        if not len(self.prepaid):
            return total
        asker, item = self.prepaid.join(facility)
        day = self.day[item]
        inside = (self.known[item] <= known[asker]) & (start[asker] < day) & (day <= np.minimum(until, end)[asker])
        left = (end[asker] - day) / np.maximum(1, end[asker] - start[asker])
        np.add.at(total, asker, np.where(inside, self.amount[item] * left, 0.0))
        return total

    def added(self, item: Ints, at: Floats, known_at: Floats, since: Ints, zone: dt.tzinfo) -> Floats:
        """float64[R]: units posted less released of parcel `item[r]` at an instant as known, of the day `since` and later."""
        total = np.zeros(len(item))
        if not len(self.posted):
            return total
        asker, row = self.posted.join(item)
        days = np.array([day_of(one.effective, zone) for one in self.posted.rows], dtype=np.int64)
        counts = (self.at[row] <= at[asker]) & (self.known_at[row] <= known_at[asker]) & (days[row] >= since[asker])
        np.add.at(total, asker, np.where(counts, self.units[row], 0.0))
        return total


def movements_of(events: Sequence[Event], place: dict[str, int], parcels: Table, zone: dt.tzinfo) -> Movements:
    """The movements among some events; `place` numbers the facilities, `parcels` is the collateral table."""
    paid = [(place[one.facility], one) for one in events if one.kind == "prepayment" and one.facility in place]
    prepaid = Table(len(place), sorted(paid, key=lambda pair: pair[0]))
    moved = [(at, one) for one in events if one.kind in ("collateral_posted", "collateral_released") for at in _rows(one, place, parcels)]
    posted = Table(len(parcels), sorted(moved, key=lambda pair: pair[0]))
    return Movements(
        prepaid,
        np.array([day_of(one.effective, zone) for one in prepaid.rows], dtype=np.int64),
        np.array([day_of(one.known, zone) for one in prepaid.rows], dtype=np.int64),
        prepaid.column(one.amount for one in prepaid.rows),
        posted,
        np.array([one.effective.timestamp() for one in posted.rows], dtype=float),
        np.array([one.known.timestamp() for one in posted.rows], dtype=float),
        posted.column(_signed(one) for one in posted.rows),
    )


def parcel_of(event: Event, place: dict[str, int], parcels: Table) -> Collateral | None:
    """The parcel an event names among those that secure its facility."""
    f = place.get(event.facility or "")
    mine = (row for owner, row in zip(parcels.owner, parcels.rows, strict=True) if owner == f and row.id == event.collateral)
    return next(mine, None)


def _rows(event: Event, place: dict[str, int], parcels: Table) -> list[int]:
    """Every row of the parcel: one that secures several facilities stands once for each."""
    named = parcel_of(event, place, parcels)
    return [] if named is None else [at for at, row in enumerate(parcels.rows) if row is named]


def _signed(event: Event) -> float:
    return float(event.units or 0) * (-1.0 if event.kind == "collateral_released" else 1.0)

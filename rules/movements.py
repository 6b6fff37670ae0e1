"""What people recorded that moves a figure: money prepaid as draws of less than nothing, units posted or released as columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import Collateral, Draw
from rules.columns import Floats, Ints, Table
from rules.events import Event
from rules.worlds import day_of


class Movements(msgspec.Struct, frozen=True):
    """Postings by row of the collateral table: `units` added from the instant `at`, known from `known_at` (POSIX seconds).

    The rows of the table are the events.
    """

    posted: Table
    at: Floats
    known_at: Floats
    units: Floats

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


class Prepayment(NamedTuple):
    """Money repaid ahead of the schedule of facility number `facility`: a draw of less than nothing."""

    facility: int
    draw: Draw
    event: Event


def prepayments_of(events: Sequence[Event], place: dict[str, int], zone: dt.tzinfo) -> list[Prepayment]:
    """The prepayments among some events; `place` numbers the facilities."""
    made = []
    for one in events:
        if one.kind == "prepayment" and one.facility in place:
            day, known = (dt.date.fromordinal(day_of(moment, zone)) for moment in (one.effective, one.known))
            made.append(Prepayment(place[one.facility], Draw(date=day, amount=-(one.amount or Decimal(0)), known=known), one))
    return made


def movements_of(events: Sequence[Event], place: dict[str, int], parcels: Table) -> Movements:
    """The movements among some events; `place` numbers the facilities, `parcels` is the collateral table."""
    moved = [(at, one) for one in events if one.kind in ("collateral_posted", "collateral_released") for at in _rows(one, place, parcels)]
    posted = Table(len(parcels), sorted(moved, key=lambda pair: pair[0]))
    return Movements(
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

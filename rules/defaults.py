"""When each loan of a book falls on random paths: the first breach that is or becomes an Event of Default, a missed payment, a maturity
that nothing refinances, and, where the chain is on, what its cross-links and the fire sales of others make of it.

A path is looked at on the dates of its plan, in the marks of each date. A payment between two dates is made, or missed, in the marks of
the later one, moved back along their curves. Nobody cures, waives or meets a call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from facilities.model import Liquidity
from rules.columns import Bools, Floats, Ints
from rules.contagion import Clause, with_links
from rules.course import Course
from rules.feedback import between
from rules.recovery import Exit, Parcel, left_by_sale, on_paper
from rules.simulate import Plan, judged

CENT = 0.005
"""Money that lacks by less than half a cent is a rest of the arithmetic."""
MISSED, MATURED, LINKED = -3, -2, -1
"""Causes of a default that are no test: counted from the end of a row of causes."""


class Balloon(msgspec.Struct, frozen=True):
    """What a loan owes at maturity beyond its debt service: refinanced only up to `share` of what stands behind it then, on paper."""

    facility: int
    date: int
    owed: float
    share: float
    exit: Exit


class Falls(msgspec.Struct, frozen=True):
    """The rules of falling on the paths of a plan of N tests over T dates, for F loans.

    `facility` int64[N] owns each test and `counts` bool[N] says whose failing is a default; `place` int64[R] is the date by which
    each payment of `course` is looked at; `exits` what stands behind a loan on a date, by (loan, date); `owing` bool[F, T] whether
    anything is owed going into a date: a loan that is repaid falls no more; `cash` bool[D] which
    drawn marks the payments read.
    """

    plan: Plan
    loans: int
    facility: Ints
    counts: Bools
    course: Course | None
    place: Ints
    balloons: tuple[Balloon, ...]
    clauses: tuple[Clause, ...]
    exits: Mapping[tuple[int, int], Exit]
    terms: Mapping[str, Liquidity]
    owing: Bools
    cash: Bools

    @property
    def causes(self) -> int:
        """How many causes of a default are told apart: the tests, then missed, matured and linked."""
        return len(self.facility) + 3


class Fallen(NamedTuple):
    """int64[F, P]: the first date of default (T: none) and its cause; `kept` [D, T, P] is what fire sales leave of each mark."""

    first: Ints
    cause: Ints
    missed: Ints
    kept: Floats | None


Missed = Sequence[tuple[int, int, Bools]]
"""(loan, date, which paths miss it) of payment days."""


def fallen(falls: Falls, marks: Floats, chained: bool, missing: Missed) -> Fallen:
    """Who falls when, in marks [D, T, P]; with `chained` to the fixed point of links and sales, which only bring dates forward.

    `missing` is what `unpaid` says of these marks.
    """
    made = _alone(falls, marks, missing)
    if not chained:
        return made
    kept = np.ones_like(marks)
    while True:
        linked = with_links(falls.clauses, made.first, made.missed, falls.owing)
        cause = np.where(linked < made.first, falls.causes + LINKED, made.cause)
        sold = _sold(falls, linked, marks.shape)
        if np.array_equal(sold, kept):
            return Fallen(linked, cause, made.missed, kept)
        kept = sold
        moved = marks * kept
        again = _alone(falls, moved, unpaid(falls, moved) if (kept[falls.cash] != 1).any() else missing)
        sooner = again.first < linked
        made = Fallen(
            np.where(sooner, again.first, linked), np.where(sooner, again.cause, cause), np.minimum(made.missed, again.missed), None
        )


def _alone(falls: Falls, marks: Floats, missing: Missed) -> Fallen:
    """Each loan by its own covenants, payments and maturity."""
    dates, paths = marks.shape[1], marks.shape[2]
    first, cause = np.full((falls.loans, paths), dates, np.int64), np.full((falls.loans, paths), -1, np.int64)

    def note(f: int, t: int, code: int, now: Bools) -> None:
        new = now & (t < first[f]) & falls.owing[f, t]
        first[f][new], cause[f][new] = t, code

    for n, t, fails, _ in judged(falls.plan, marks):
        if falls.counts[n]:
            note(int(falls.facility[n]), t, n, fails)
    missed = np.full((falls.loans, paths), dates, np.int64)
    for f, t, lacks in missing:
        missed[f] = np.where(lacks, np.minimum(missed[f], t), missed[f])
        note(f, t, falls.causes + MISSED, lacks)
    for one in falls.balloons:
        prices = _prices(falls, one.exit, marks, one.date, np.arange(paths))
        lacks = on_paper(one.exit, prices).money * one.share < one.owed - CENT
        missed[one.facility] = np.where(lacks, np.minimum(missed[one.facility], one.date), missed[one.facility])
        note(one.facility, one.date, falls.causes + MATURED, lacks)
    return Fallen(first, cause, missed, None)


def unpaid(falls: Falls, marks: Floats) -> list[tuple[int, int, Bools]]:
    """What is missed in some marks [D, T, P]: every payment day that cash, trap and reserve do not pay; one not known is none."""
    way = falls.course
    if way is None or not len(way.pays.day):
        return []
    plan, zone = falls.plan, way.book.zone
    ends = plan.worlds.days(zone)[0]
    date = np.minimum(np.searchsorted(ends, way.worlds.days(zone)[0]), len(ends) - 1).astype(np.int64)
    short = way.unpaid(between(way.worlds, plan.driver, plan.process, date, marks))
    pays = zip(way.pays.facility.tolist(), falls.place.tolist(), short, strict=True)
    return [(f, t, lacks > CENT) for f, t, lacks in pays if t < len(ends)]


def _sold(falls: Falls, first: Ints, shape: tuple[int, ...]) -> Floats:
    """What sales leave of each mark from the date of each on: a parcel is sold once, by the first of its lenders that has a default."""
    kept, dates = np.ones(shape), shape[1]
    held: dict[int, dict[int, list[tuple[int, Parcel]]]] = {}
    for (f, t), one in falls.exits.items():
        for parcel in one.parcels:
            held.setdefault(parcel.item, {}).setdefault(t, []).append((f, parcel))
    for when in held.values():
        lenders = sorted({f for found in when.values() for f, _ in found})
        soonest = np.asarray(first[lenders].min(axis=0))
        for t in np.unique(soonest[soonest < dates]).tolist():
            for _, parcel in when.get(t, [])[:1]:
                d = int(falls.plan.driver[parcel.series])
                if d >= 0:
                    kept[d, t:, soonest == t] *= left_by_sale(parcel, falls.terms)
    return kept


def _prices(falls: Falls, one: Exit, marks: Floats, t: int, paths: Ints) -> Floats:
    """float64[parcels, Q]: the price of each parcel on a date: drawn where it moves, else as the plan holds it."""
    plan, found = falls.plan, np.empty((len(one.parcels), len(paths)))
    for n, k in enumerate(one.series()):
        d = int(plan.driver[k])
        found[n] = marks[d, t][paths] if d >= 0 else plan.worlds.marks[k, 0, t]
    return found


def prices_at(falls: Falls, one: Exit, marks: Floats, made: Fallen, t: int, paths: Ints) -> Floats:
    """The same for those who fall on a date: what was sold on earlier dates has moved the mark, what is sold then shares the market."""
    found = _prices(falls, one, marks, t, paths)
    for n, k in enumerate(one.series()):
        d = int(falls.plan.driver[k])
        if made.kept is not None and t and d >= 0:
            found[n] *= made.kept[d, t - 1][paths]
    return found

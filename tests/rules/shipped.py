"""Desks of the project opened for tests: pictures by the as-of, standings by name."""

from __future__ import annotations

import datetime as dt
import functools
import math
from pathlib import Path

import facilities
from monitor.assess import Picture, Standing, assess
from monitor.reading import Reading
from monitor.session import Session, open_desk

DESKS = Path(__file__).parent.parent / "desks"
CLOCK = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
FOLDERS = {"shipped": Path(facilities.__file__).parent / "desk", "history": DESKS / "history"}


@functools.cache
def session(desk: str) -> Session:
    """An opened desk; its cache is a folder of its own."""
    return open_desk(FOLDERS[desk])


@functools.cache
def picture(desk: str = "shipped", as_of: str | None = None) -> Picture:
    """The whole desk at an as-of, known then."""
    at = session(desk).moment(as_of, CLOCK)
    return assess(session(desk), at, at)


def standing(name: str, as_of: str | None = None, desk: str = "shipped") -> Standing:
    """The standing of `facility/covenant`."""
    seen = picture(desk, as_of)
    facility, covenant = name.split("/")
    return next(one for one in seen.standings if seen.book.ids[one.test.facility] == facility and one.test.covenant.id == covenant)


def reading(name: str, basis: str = "tested", as_of: str | None = None, desk: str = "shipped") -> Reading:
    """One assessment of `facility/covenant`."""
    one = standing(name, as_of, desk)
    found = one.tested if basis == "tested" else one.indicative
    assert found is not None
    return found


def actual(one: Reading) -> float:
    return float(one.assessment.actual[one.row, 0])


def breach(one: Reading, series: str, level: int = 0) -> tuple[float, float]:
    """(breach_at, shock_to_breach) of one mark at one level."""
    made, found = one.assessment, one.assessment.drivers
    for slot, k in enumerate(found.series[one.row]):
        price = float(found.breach[one.row, slot, level])
        if k >= 0 and made.worlds.series[k] == series and not math.isnan(price):
            return price, float(found.shock[one.row, slot, level])
    raise AssertionError(f"{series} is no driver")

"""From a picture to a breach map: a covenant, or all of a facility, in worlds where two marks move and all else stays."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from facilities.inert import inert
from monitor.assess import Picture
from monitor.board.figures import kind_of
from monitor.charts.inputs import MapAxis, MapInput
from rules.columns import Floats
from rules.evaluate import Assessment, evaluate
from rules.headroom import book_slots
from rules.scope import Rows, day_of
from rules.worlds import MISSING, STALE, Worlds

STEPS = 33
"""Levels along each axis: a thousand worlds, straight lines between them."""
LOW, HIGH = -0.6, 0.2


class Move(NamedTuple):
    """A mark to move: a series, or a prefix such as `BTC.price` that moves every series below it; and how far, as shares."""

    series: str
    low: float = LOW
    high: float = HIGH


class TooFewMarks(ValueError):
    """A facility that reads fewer than the two marks a map needs."""


def two_moves(picture: Picture, facility: str, covenant: str | None, x: Move | None = None, y: Move | None = None) -> tuple[Move, Move]:
    """The marks of a map where not both are given: what its tests move with, a price across and a rent upwards where both are there.

    KeyError for an unknown facility, TooFewMarks where there are not two.
    """
    given = [one for one in (x, y) if one]
    names = moves_of(picture, facility, covenant)
    rest = [Move(name) for name in names if not any(name == one.series or name.startswith(f"{one.series}.") for one in given)]
    rents = [move for move in rest if ".rent" in move.series]
    rest = [*rest[:1], *rents[:1], *rest[1:]] if rents and rest[0] not in rents else rest
    if 2 - len(given) > len(rest):
        raise TooFewMarks(f"{inert(facility)} reads fewer than two marks that have a level")
    x = x or rest.pop(0)
    return x, y or rest.pop(0)


def moves_of(picture: Picture, facility: str, covenant: str | None = None) -> list[str]:
    """The marks a facility reads that have a level now: first those its tests move with, prices before rents before the rest.

    KeyError for an unknown facility.
    """
    book = picture.book
    place = book.facility(facility)
    names = dict.fromkeys(book.series.names[k] for k in book_slots(book, place) if _now(picture, k) is not None)
    order = {"price": 0, "rent": 1, "hashprice": 1}
    moving = _drivers(picture, place, covenant)
    return sorted((name for name in names if kind_of(name) != "fx"), key=lambda name: (name not in moving, order.get(kind_of(name), 2)))


def _drivers(picture: Picture, place: int, covenant: str | None) -> set[str]:
    """The series that decide the readings of a facility's tests."""
    found: set[str] = set()
    for one in picture.standings:
        if one.test.facility == place and covenant in (None, one.test.covenant.id):
            for reading in (one.tested, one.indicative):
                if reading is not None:
                    drivers = reading.assessment.drivers
                    moves = ~np.isnan(drivers.breach[reading.row]).all(axis=-1)
                    found |= {reading.assessment.worlds.series[k] for k in drivers.series[reading.row][moves].tolist()}
    return found


def map_of(picture: Picture, facility: str, covenant: str | None, x: Move, y: Move) -> MapInput:
    """The margin and the ratio over two marks. KeyError for unknown ids; ValueError for a mark without a level, or nothing computed.

    Of several covenants a world shows the margin of the one that is nearest to failing, and of it the ratio.
    """
    book = picture.book
    place = book.facility(facility)
    tests = [t for t, test in enumerate(book.tests) if test.facility == place and covenant in (None, test.covenant.id)]
    if not tests:
        raise KeyError(covenant)
    tests = [t for t in tests if book.tests[t].forms[-1].numerator is not None and book.tests[t].levels[0].threshold is not None]
    if not tests:
        raise ValueError("no formula and public limit to hold it against")
    across, up = (np.linspace(1 + move.low, 1 + move.high, STEPS) for move in (x, y))
    worlds = _worlds(picture, x, y, np.tile(across, STEPS), np.repeat(up, STEPS))
    made = evaluate(book, worlds, picture.state, rows=_rows(picture, tests), departs=picture.now)  # as its breaking levels are read
    margin, ratio = _nearest(made)
    first = book.tests[tests[0]]
    title = book.terms[place].facility.name if covenant is None else first.title
    levels = [_level(picture, move) for move in (x, y)]
    axes = [
        MapAxis(move.series, tuple((now * factors).tolist()), now)
        for move, now, factors in zip((x, y), levels, (across, up), strict=True)
    ]  # fmt: skip
    return MapInput(title=title, unit=first.unit, x=axes[0], y=axes[1], margin=_grid(margin), ratio=_grid(ratio))


def _now(picture: Picture, series: int) -> float | None:
    level = float(picture.now.marks[series, 0, 0])
    return None if picture.now.data[series, 0] == MISSING or np.isnan(level) or level <= 0 else level


def _moved(picture: Picture, move: Move) -> list[int]:
    return [k for k, name in enumerate(picture.book.series.names) if name == move.series or name.startswith(f"{move.series}.")]


def _level(picture: Picture, move: Move) -> float:
    levels = [level for k in _moved(picture, move) if (level := _now(picture, k)) is not None]
    if not levels:
        raise ValueError(f"{inert(move.series)} has no level now")
    return levels[0]


def _worlds(picture: Picture, x: Move, y: Move, across: Floats, up: Floats) -> Worlds:
    marks = np.repeat(picture.now.marks[:, :, :1], len(across), axis=1)
    for move, factors in ((x, across), (y, up)):
        for k in _moved(picture, move):
            marks[k, :, 0] = marks[k, :, 0] * factors
    return msgspec.structs.replace(picture.now, marks=marks, basis="stressed")


def _rows(picture: Picture, tests: list[int]) -> Rows:
    day = day_of(picture.as_of, picture.session.timezone)
    zero = np.zeros(len(tests), dtype=np.int64)
    return Rows(np.array(tests, dtype=np.int64), zero, np.full(len(tests), day, dtype=np.int64), zero.copy())


def _nearest(made: Assessment) -> tuple[Floats, Floats]:
    """(margin, ratio) float64[P] of the row with the least margin in each world, as a share of what it is held against.

    NaN where a row that could be the least is not known.
    """
    threshold = made.threshold[:, None]
    least = np.array([made.book.tests[t].levels[0].operator in (">=", ">") for t in made.rows.test])[:, None]
    gap = np.where(least, made.numerator - threshold * made.denominator, threshold * made.denominator - made.numerator)
    wide = np.maximum(np.abs(made.numerator), np.abs(threshold * made.denominator)).max(axis=1, keepdims=True)
    margin = np.where(made.data[:, None] >= STALE, np.nan, gap / np.where(wide > 0, wide, 1.0))
    due = ~np.isnan(made.threshold)
    if not due.any():
        return np.full(margin.shape[1], np.nan), np.full(margin.shape[1], np.nan)
    held = np.where(np.isnan(margin[due]), np.inf, margin[due])
    row, every = held.argmin(axis=0), np.arange(margin.shape[1])
    found, known = held[row, every], ~np.isnan(margin[due]).any(axis=0)
    sure = (known | (found < 0)) & np.isfinite(found)
    return np.where(sure, found, np.nan), np.where(sure, made.actual[due][row, every], np.nan)


def _grid(values: Floats) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(float(one) if np.isfinite(one) else None for one in row) for row in values.reshape(STEPS, STEPS))

"""How the marks of a desk scatter and move together: measured where their history says, else as the desk assumes, else held."""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase

import msgspec
import numpy as np

from facilities.model import Driver
from monitor.assess import Picture
from monitor.marks.columns import column
from rules.columns import Floats, Ints
from rules.correlation import Pair, Scatter, check_correlation, nearest_valid, pair_of, returns_on, scatter_of
from rules.scope import day_of, is_rate

LONGEST = 2500
"""Last prints of a history that are read: ten years of closes."""


class DriverPart(msgspec.Struct, frozen=True):
    """One mark that moves: its deviation in a year (of the logarithm; of a rate in its own unit) and where that is from."""

    series: str
    deviation: float
    basis: str
    observations: int
    reversion: float
    sign: float
    note: str


class PairPart(msgspec.Struct, frozen=True):
    """How two marks are taken to move together: `value`, and what their history says where it says something."""

    one: str
    two: str
    value: float
    basis: str
    plain: float | None
    ewma: float | None
    observations: int


class Drivers(msgspec.Struct, frozen=True):
    """D marks that move, the correlation between them, and those that are held with the reason."""

    parts: tuple[DriverPart, ...]
    pairs: tuple[PairPart, ...]
    matrix: Floats
    held: tuple[str, ...]
    repaired: bool = False


def drivers_of(picture: Picture, plain: bool = False) -> Drivers:
    """The drivers of a picture, from what was known then; `plain` weighs all returns alike. Raises CorrelationError for what cannot be."""
    file = picture.session.desk.file
    terms = list(file.driver) if file else []
    histories = {name: _history(picture, name) for name in dict.fromkeys(picture.now.series)}
    found, held = [], []
    for name, seen in histories.items():
        part, why = _driver(name, seen, terms, plain)
        if part is not None:
            found.append(part)
        elif np.isfinite(picture.now.marks[picture.now.series.index(name), 0, 0]):
            held.append(f"{name}: {why}")
    pairs = [_pair(picture, one.series, two.series, histories, plain) for i, one in enumerate(found) for two in found[i + 1 :]]
    matrix, place = np.eye(len(found)), {one.series: at for at, one in enumerate(found)}
    for pair in pairs:
        matrix[place[pair.one], place[pair.two]] = matrix[place[pair.two], place[pair.one]] = pair.value
    valid = nearest_valid(matrix)
    check_correlation(valid)
    return Drivers(tuple(found), tuple(pairs), valid, tuple(held), bool(np.abs(valid - matrix).max(initial=0.0) > 1e-9))


def _history(picture: Picture, name: str) -> tuple[Ints, Floats]:
    """(days, last value of each day) of a series as known, under the desk's policy."""
    instants = picture.session.history.instants(name, picture.as_of, picture.known_at)[-LONGEST:]
    by_day: dict[int, dt.datetime] = {day_of(at, picture.session.timezone): at for at in instants}
    values, _ = column(picture.session.history, name, list(by_day.values()), [picture.known_at] * len(by_day))
    return np.array(list(by_day), dtype=np.int64), values


def _driver(name: str, seen: tuple[Ints, Floats], terms: list[Driver], plain: bool) -> tuple[DriverPart | None, str]:
    rate = is_rate(name)
    measured: Scatter = scatter_of(returns_on((seen[0], seen[0]), (seen[1], seen[1]), (rate, rate)))
    own = next((one for one in terms if one.match == name or fnmatchcase(name, one.match)), None)
    reversion, sign = (float(own.reversion), float(own.sign)) if own else (0.0, 1.0)
    value = measured.plain if plain else measured.ewma
    if value is not None:
        return DriverPart(name, value, "plain" if plain else "ewma", measured.observations, reversion, sign, ""), ""
    given = None if own is None else own.volatility_bp if rate else own.volatility
    if given is None or own is None:
        return None, measured.why
    size = float(given) * (1e-4 if rate else 1.0)
    return DriverPart(name, size, "assumed", measured.observations, reversion, sign, own.note or measured.why), ""


def _pair(picture: Picture, one: str, two: str, histories: dict[str, tuple[Ints, Floats]], plain: bool) -> PairPart:
    days, values = zip(histories[one], histories[two], strict=True)
    measured: Pair = pair_of(returns_on(days, values, (is_rate(one), is_rate(two))))  # type: ignore[arg-type]
    value = measured.plain if plain else measured.ewma
    if value is not None:
        return PairPart(one, two, value, "plain" if plain else "ewma", measured.plain, measured.ewma, measured.observations)
    file = picture.session.desk.file
    for given in file.correlation if file else []:
        first, second = (given.between * 2)[:2]
        if (_under(one, first) and _under(two, second)) or (_under(one, second) and _under(two, first)):
            return PairPart(one, two, float(given.value), "assumed", None, None, measured.observations)
    return PairPart(one, two, 0.0, "not known, taken as 0", None, None, measured.observations)


def _under(series: str, name: str) -> bool:
    return series == name or series.startswith(f"{name}.")

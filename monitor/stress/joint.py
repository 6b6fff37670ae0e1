"""How likely: correlated paths of the marks over future quarter ends, and what every covenant does on them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import msgspec
import numpy as np

from facilities.paydates import add_months
from monitor.marks.instants import end_of_day
from monitor.stress.drivers import DriverPart, Drivers, PairPart, drivers_of
from monitor.stress.ground import Ground
from monitor.stress.pool import Bar, Done, simulate
from monitor.stress.shape import number
from rules.columns import Floats, Ints
from rules.correlation import dialled, root_of
from rules.fold import fold
from rules.paths import Process
from rules.scope import Rows, day_of
from rules.simulate import Plan, Tally
from rules.stressed import is_money
from rules.worlds import Worlds

TAIL = 0.05
"""The share of worst paths whose missing money is averaged as expected shortfall."""


class Asked(msgspec.Struct, frozen=True):
    """What a simulation is asked: paths, seed, years ahead, dials, degrees of freedom (0: Gaussian), weights, and who runs it."""

    paths: int = 10_000
    seed: int = 0
    months: int = 24
    dials: tuple[float, ...] = (0.0,)
    freedom: int = 0
    plain: bool = False
    workers: int = 1
    dask: str | None = None


class OddsPart(msgspec.Struct, frozen=True):
    """One covenant on the paths: `probability` that it fails on some date and its standard error, on each date, and the mean
    date of the first failure where there is one. Null where it is unknown or never due.
    """

    id: str
    now: str
    probability: float | None
    error: float | None
    by_date: tuple[float, ...]
    first_date: str | None


class DialPart(msgspec.Struct, frozen=True):
    """One stand of the dial: chance that any, and mean number, of the covenants that do not fail now fail; `together` counts
    paths by that number; money missing on the worst date: mean, and mean of the worst 5 %.
    """

    dial: float
    any: float
    mean: float
    together: tuple[int, ...]
    missing_mean: float
    expected_shortfall: float
    covenants: tuple[OddsPart, ...]


class JointPart(msgspec.Struct, frozen=True):
    """The whole simulation; `complete` is False where it was interrupted, and `paths` are then those done."""

    paths: int
    seed: int
    dates: tuple[str, ...]
    copula: str
    weights: str
    complete: bool
    drivers: tuple[DriverPart, ...]
    pairs: tuple[PairPart, ...]
    held: tuple[str, ...]
    notes: tuple[str, ...]
    dials: tuple[DialPart, ...]


def joint_of(ground: Ground, asked: Asked) -> JointPart:
    """The simulation asked for. Raises CorrelationError for a dial or correlations that cannot be, OSError for no cluster."""
    drivers = drivers_of(ground.picture, asked.plain)
    days = dates_ahead(ground, asked.months)
    parts, complete, done = [], True, 0
    bar = Bar()
    for dial in asked.dials:
        plan = plan_of(ground, drivers, days, asked, dial)
        made: Done[Tally] = simulate(plan, asked.workers, asked.dask, bar)
        complete &= made.complete
        if made.tally is not None:
            done = made.tally.paths
            parts.append(_dial(ground, dial, made.tally, days))
        if not made.complete:
            break
    bar.end()
    notes = ["looked at on quarter ends: a margin ladder can be hit in between", "the mean of all paths follows the desk's curves"]
    notes += ["the measured correlations contradict each other and were moved to the nearest that do not"] if drivers.repaired else []
    copula = f"Student t, {asked.freedom} degrees of freedom" if asked.freedom else "Gaussian"
    return JointPart(
        done, asked.seed, tuple(day.isoformat() for day in days), copula, "plain" if asked.plain else "ewma", complete, drivers.parts,
        drivers.pairs, drivers.held, tuple(notes), tuple(parts),
    )  # fmt: skip


def dates_ahead(ground: Ground, months: int, step: int = 3) -> list[dt.date]:
    """Ends of quarters (of every `step` months of a year) after the as-of up to so many months ahead; at least one."""
    today = dt.date.fromordinal(day_of(ground.picture.as_of, ground.picture.session.timezone))
    first = dt.date(today.year, (today.month - 1) // step * step + 1, 1)
    ends = [add_months(first, step * k) - dt.timedelta(days=1) for k in range(1, months // step + 2)]
    found = [end for end in ends if end > today and end <= add_months(today, months)]
    return found or [next(end for end in ends if end > today)]


def worlds_ahead(ground: Ground, days: Sequence[dt.date]) -> Worlds:
    """One path over future dates: every mark along its curve, known as now."""
    picture, now = ground.picture, ground.now
    today = np.array([day_of(picture.as_of, picture.session.timezone)])
    marks = np.repeat(now.marks[:, :1], len(days), axis=2)
    for k, curve in enumerate(now.curves):
        if curve is not None:
            marks[k, 0] = [float(marks[k, 0, t]) * float(curve.ratio(today, np.array([day.toordinal()]))[0]) for t, day in enumerate(days)]
    instants = tuple(end_of_day(day, picture.session.timezone) for day in days)
    data = np.repeat(now.data, len(days), axis=1)
    return Worlds(now.series, instants, tuple(picture.known_at for _ in days), marks, data, "stressed", now.curves, picture.as_of)


def plan_of(ground: Ground, drivers: Drivers, days: Sequence[dt.date], asked: Asked, dial: float) -> Plan:
    """All that a worker needs to run blocks."""
    worlds, book = worlds_ahead(ground, days), ground.picture.book
    tests, dates = len(ground.rows), len(days)
    ends = np.array([day.toordinal() for day in days], dtype=np.int64)
    at = np.tile(np.arange(dates, dtype=np.int64), tests)
    rows = Rows(np.repeat(ground.rows.test, dates), at, ends[at], np.zeros(tests * dates, dtype=np.int64))
    made = fold(book, worlds, rows, ground.picture.state)
    made = msgspec.structs.replace(made, due=made.due & _live(ground, rows))
    place = {one.series: d for d, one in enumerate(drivers.parts)}
    driver = np.array([place.get(name, -1) for name in worlds.series], dtype=np.int64)
    lead = [worlds.series.index(one.series) for one in drivers.parts]
    years = np.diff(np.concatenate(([day_of(ground.picture.as_of, ground.picture.session.timezone)], ends))) / 365.25
    signs = np.array([one.sign for one in drivers.parts])
    process = Process(
        worlds.marks[lead, 0], np.array([one.deviation for one in drivers.parts]), np.array([one.reversion for one in drivers.parts]),
        np.array([one.series.split(".")[1:2] == ["rate"] for one in drivers.parts], dtype=bool), years,
        root_of(dialled(drivers.matrix, dial, signs)), asked.freedom,
    )  # fmt: skip
    money = np.where([is_money(book, t) for t in ground.rows.test], np.nan_to_num(ground.rates), 0.0)
    counts = np.array([ground.result(n) in ("pass", "watch") for n in range(tests)], dtype=bool)
    whole = bool((made.due & ~made.folded).any())
    return Plan(
        asked.seed, asked.paths, dates, made, worlds, driver, process, counts, money, book if whole else None, ground.picture.state
    )


def _live(ground: Ground, rows: Rows) -> np.ndarray:
    """bool[C]: where the loan still runs and the test has begun."""
    book, found = ground.picture.book, []
    for t, day in zip(rows.test.tolist(), rows.period_end.tolist(), strict=True):
        terms = book.terms[book.tests[t].facility].facility
        test = book.tests[t].covenant.test
        begun = test is None or test.first is None or test.first.date.toordinal() <= day
        found.append(begun and (terms.maturity is None or day < terms.maturity.date.toordinal()))
    return np.array(found, dtype=bool)


def _dial(ground: Ground, dial: float, made: Tally, days: Sequence[dt.date]) -> DialPart:
    counted = np.bincount(made.together)
    worst = np.sort(made.missing)[-max(1, math.ceil(TAIL * made.paths)) :]
    odds = tuple(_odds(ground, n, made, days) for n in range(len(ground.rows)))
    return DialPart(
        dial, float((made.together > 0).mean()), float(made.together.mean()), tuple(counted.tolist()), float(made.missing.mean()),
        float(worst.mean()), odds,
    )  # fmt: skip


def _odds(ground: Ground, n: int, made: Tally, days: Sequence[dt.date]) -> OddsPart:
    first: Ints = made.first[n]
    now = ground.result(n)
    if now in ("indeterminate", "not_tested"):
        return OddsPart(ground.name(n), now, None, None, (), None)
    share = float(first.sum()) / made.paths
    by_date: Floats = made.failing[n] / made.paths
    mean = None
    if first.sum():
        mean = dt.date.fromordinal(round(float((first * np.array([day.toordinal() for day in days])).sum() / first.sum()))).isoformat()
    error = math.sqrt(share * (1 - share) / made.paths)
    return OddsPart(ground.name(n), now, number(share), number(error), tuple(by_date.tolist()), mean)

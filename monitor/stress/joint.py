"""How likely: correlated paths of the marks over future quarter ends, and what every covenant does on them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import msgspec
import numpy as np

from monitor.ahead.outlook import book_ahead, triggers_on
from monitor.progress import Bar
from monitor.stress.dates import looked_at, ordinals
from monitor.stress.drivers import DriverPart, Drivers, PairPart, drivers_of
from monitor.stress.ground import Ground
from monitor.stress.pool import simulate_all
from monitor.stress.shape import number
from rules.columns import Bools, Floats, Ints
from rules.coming import worlds_ahead as ahead
from rules.correlation import dialled, root_of
from rules.feedback import fed_of
from rules.fold import fold_some
from rules.paths import Process
from rules.scope import Rows, day_of, is_rate
from rules.simulate import Plan, Tally
from rules.stressed import is_money
from rules.worlds import Worlds

_NOTES = (
    "covenants are looked at on their test dates, those tested continuously on quarter ends: a margin ladder can be hit in between",
    "the mean of all paths follows the desk's curves",
)
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


GLANCE = Asked(2_000, dials=(0.0, 0.25, 0.5, 0.75, 1.0))
"""What the screens ask: enough to see what the dial does, in well under a second."""


class OddsPart(msgspec.Struct, frozen=True):
    """One covenant on the paths: `probability` that it fails on some date and its standard error, on each date (null: not tested
    then), and the mean date of the first failure where there is one. Null where it is unknown or never due.
    """

    id: str
    now: str
    probability: float | None
    error: float | None
    by_date: tuple[float | None, ...]
    first_date: str | None


class DialPart(msgspec.Struct, frozen=True):
    """One stand of the dial, over `paths`: chance that any, and mean number, of the covenants that do not fail now fail; `together`
    counts paths by that number; money missing on the worst date: mean, and mean of the worst 5 %. Each has its standard error.
    """

    dial: float
    paths: int
    any: float
    any_error: float
    mean: float
    mean_error: float
    together: tuple[int, ...]
    missing_mean: float
    missing_error: float
    expected_shortfall: float
    shortfall_error: float
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
    days, looked = looked_at(ground, book_ahead(ground.picture), asked.months)
    bar = Bar()
    plans = along_dial(plan_of(ground, drivers, days, asked, asked.dials[0], looked), drivers, asked.dials)
    made = simulate_all(plans, asked.workers, asked.dask, bar)
    bar.end()
    ran = zip(asked.dials, made, strict=True)
    parts = [_dial(ground, dial, done.tally, days, plans[0]) for dial, done in ran if done.tally is not None]
    notes = [*_NOTES, *_carried(ground, plans[0])]
    notes += ["the measured correlations contradict each other and were moved to the nearest that do not"] if drivers.repaired else []
    copula = f"Student t, {asked.freedom} degrees of freedom" if asked.freedom else "Gaussian"
    return JointPart(
        max((part.paths for part in parts), default=0), asked.seed, tuple(day.isoformat() for day in days), copula,
        "plain" if asked.plain else "ewma", all(done.complete for done in made), drivers.parts, drivers.pairs, drivers.held, tuple(notes),
        tuple(parts),
    )  # fmt: skip


def worlds_ahead(ground: Ground, days: Sequence[dt.date]) -> Worlds:
    """One path over future dates: every mark along its curve, known as now; the worlds of `covenant project`."""
    made = ahead(known_now(ground), ordinals(days).tolist(), ground.now.curves, ground.picture.session.timezone)
    return msgspec.structs.replace(made, basis="stressed")


def known_now(ground: Ground) -> Worlds:
    """The marks of now as a projection departs from them."""
    return msgspec.structs.replace(ground.picture.now, instants=(ground.picture.as_of,))


def plan_of(ground: Ground, drivers: Drivers, days: Sequence[dt.date], asked: Asked, dial: float, looked: Bools | None = None) -> Plan:
    """All that a worker needs to run blocks: every covenant on every date while its loan runs, or where `looked` bool[N, T] says so."""
    worlds, book = worlds_ahead(ground, days), book_ahead(ground.picture)
    tests, dates = len(ground.rows), len(days)
    ends = ordinals(days)
    at = np.tile(np.arange(dates, dtype=np.int64), tests)
    rows = Rows(np.repeat(ground.rows.test, dates), at, ends[at], np.zeros(tests * dates, dtype=np.int64))
    made = fold_some(book, worlds, rows, _live(ground, rows) if looked is None else looked.ravel(), ground.picture.state)
    on = triggers_on(ground.picture)
    fed = fed_of(book, known_now(ground), ground.now.curves, on, ends.tolist(), rows, made.due, ground.picture.state)
    place = {one.series: d for d, one in enumerate(drivers.parts)}
    driver = np.array([place.get(name, -1) for name in worlds.series], dtype=np.int64)
    lead = [worlds.series.index(one.series) for one in drivers.parts]
    years = np.diff(np.concatenate(([day_of(ground.picture.as_of, ground.picture.session.timezone)], ends))) / 365.25
    process = Process(
        worlds.marks[lead, 0], np.array([one.deviation for one in drivers.parts]), np.array([one.reversion for one in drivers.parts]),
        np.array([is_rate(one.series) for one in drivers.parts], dtype=bool), years, root_at(drivers, dial), asked.freedom,
    )  # fmt: skip
    money = np.where([is_money(book, t) for t in ground.rows.test], np.nan_to_num(ground.rates), 0.0)
    counts = np.array([ground.result(n) in ("pass", "watch") for n in range(tests)], dtype=bool)
    changed = np.concatenate([one.cells for one in fed]) if fed else np.zeros(0, dtype=np.int64)
    whole = bool(np.delete(made.due & ~made.folded, changed).any())
    return Plan(
        asked.seed, asked.paths, dates, made, worlds, driver, process, counts, money, book if whole else None, ground.picture.state,
        fed=fed,
    )  # fmt: skip


def along_dial(plan: Plan, drivers: Drivers, dials: Sequence[float]) -> list[Plan]:
    """A plan at each stand of the dial: they differ in what correlates their marks alone, and share all else, also when they travel."""
    roots = [root_at(drivers, dial) for dial in dials]
    return [msgspec.structs.replace(plan, process=msgspec.structs.replace(plan.process, root=root)) for root in roots]


def root_at(drivers: Drivers, dial: float) -> Floats:
    """float64[D, D]: the root of the correlation at a stand of the dial. Raises CorrelationError outside of it."""
    return root_of(dialled(drivers.matrix, dial, np.array([one.sign for one in drivers.parts])))


def _live(ground: Ground, rows: Rows) -> np.ndarray:
    """bool[C]: where the loan still runs and the test has begun."""
    book, found = ground.picture.book, []
    for t, day in zip(rows.test.tolist(), rows.period_end.tolist(), strict=True):
        terms = book.terms[book.tests[t].facility].facility
        test = book.tests[t].covenant.test
        begun = test is None or test.first is None or test.first.date.toordinal() <= day
        found.append(begun and (terms.maturity is None or day < terms.maturity.date.toordinal()))
    return np.array(found, dtype=bool)


def _carried(ground: Ground, plan: Plan) -> list[str]:
    """Whose payments are carried along every path."""
    book, cells = ground.picture.book, [one.cells for one in plan.fed]
    owners = dict.fromkeys(book.ids[f] for part in cells for f in book.tested[plan.fold.rows.test[part]].tolist())
    return [f"carried along every path, as covenant project carries them: what {', '.join(owners)} sweep and reserve"] if owners else []


def _dial(ground: Ground, dial: float, made: Tally, days: Sequence[dt.date], plan: Plan) -> DialPart:
    numbers, size = np.arange(len(made.together)), float(made.paths)
    some, mean = 1 - float(made.together[0]) / size, float((numbers * made.together).sum()) / size
    scatter = float(((numbers - mean) ** 2 * made.together).sum()) / size
    worst = np.sort(made.missing)[-max(1, math.ceil(TAIL * made.paths)) :]
    tail, level = float(worst.mean()), float(worst[0])
    # of a tail mean: (variance of the tail + (1 - share)(mean - quantile)^2) / (share x paths), Manistre and Hancock 2005
    within = (float(worst.var()) + (1 - TAIL) * (tail - level) ** 2) / len(worst)
    odds = tuple(_odds(ground, n, made, days, plan.fold.due.reshape(-1, len(days))[n]) for n in range(len(ground.rows)))
    return DialPart(
        dial, made.paths, some, math.sqrt(some * (1 - some) / size), mean, math.sqrt(scatter / size),
        tuple(np.trim_zeros(made.together, "b").tolist()), float(made.missing.mean()), float(made.missing.std()) / math.sqrt(size),
        tail, math.sqrt(within), odds,
    )  # fmt: skip


def _odds(ground: Ground, n: int, made: Tally, days: Sequence[dt.date], due: Bools) -> OddsPart:
    first: Ints = made.first[n]
    now = ground.result(n)
    if now in ("indeterminate", "not_tested"):
        return OddsPart(ground.name(n), now, None, None, (), None)
    share = float(first.sum()) / made.paths
    by_date = tuple(float(count) / made.paths if tested else None for count, tested in zip(made.failing[n], due, strict=True))
    mean = None
    if first.sum():
        mean = dt.date.fromordinal(round(float((first * ordinals(days)).sum() / first.sum()))).isoformat()
    error = math.sqrt(share * (1 - share) / made.paths)
    return OddsPart(ground.name(n), now, number(share), number(error), by_date, mean)

"""Named scenarios: the worlds and the terms that each file asks for, and what every covenant says in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from facilities.inert import inert
from facilities.lint.scenarios import first_day
from facilities.load import Desk
from facilities.model import FacilityFile, PartialDate, Rejection, Scenario, ScenarioWindow, Unhedged
from monitor.assess import Picture, assess
from monitor.marks.columns import column
from monitor.marks.instants import end_of_day
from monitor.stress.grid import totals
from monitor.stress.ground import Ground, ground_of
from monitor.stress.shape import FailPart, ScenarioPart, number
from rules.columns import Floats, Ints
from rules.compare import FAIL, INDETERMINATE, RESULTS
from rules.grids import Shock, ShockError, moved_by, said, shocked
from rules.scope import day_of
from rules.stressed import Stressed
from rules.worlds import Worlds

FEWEST_POINTS, MOST_CELLS = 400, 8_000_000
"""A window is judged on every day with a print; where tests by days come to more cells, its days are thinned to those or to so many,
evenly, and the day of the lowest and of the highest of each mark stays."""


def scenarios_of(desk: Desk) -> dict[str, Scenario]:
    """Every scenario of a desk by its id, in the order of its files."""
    return {one.id: one for file in desk.scenarios.values() for one in file.scenario}


def shocks_of(one: Scenario) -> tuple[Shock, ...]:
    """The shocks a scenario lists. Raises ShockError where one has no size or several."""
    found = []
    for shock in one.shock:
        sizes = [("relative", shock.change), ("absolute", shock.level), ("bp", shock.change_bp)]
        given = [(kind, float(size)) for kind, size in sizes if size is not None]
        if len(given) != 1:
            raise ShockError(f"{shock.series!r} is given {len(given)} sizes")
        found.append(Shock(shock.series, given[0][0], given[0][1]))  # type: ignore[arg-type]
    return tuple(found)


class Staged(msgspec.Struct, frozen=True):
    """A scenario ready to be judged: its ground, its worlds (one path a point), what each point is called, what moves, what to say."""

    ground: Ground
    worlds: Worlds
    points: tuple[str, ...]
    moves: tuple[str, ...]
    notes: tuple[str, ...]


def staged(
    picture: Picture, one: Scenario, facilities: Sequence[str] | None = None, covenant: str | None = None, shocks: Sequence[Shock] = ()
) -> Staged:
    """The worlds of a scenario, and of some shocks besides, over the terms it leaves. Raises ShockError for shocks that cannot be."""
    day = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    changed, told = _terms(picture.session.desk, one, day)
    if changed is not picture.session.desk:
        picture = assess(msgspec.structs.replace(picture.session, desk=changed), picture.as_of, picture.known_at, picture.state)
    ground = ground_of(picture, facilities, covenant)
    shocks = (*shocks_of(one), *shocks)
    moves = [str(shock) for shock in shocks] + told
    if one.window is None:
        return Staged(ground, shocked(ground.now, [shocks]), ("",), tuple(moves), ())
    days, factors, missing = _history(picture, ground.now, one.window)
    kept = kept_of(factors, max(FEWEST_POINTS, MOST_CELLS // max(1, len(ground.rows))))
    points, factors = tuple(days[at] for at in kept.tolist()), factors[:, kept]
    start = shocked(ground.now, [shocks])
    worlds = msgspec.structs.replace(start, marks=start.marks[:, :1] * factors[:, :, None])
    notes = tuple(f"{name} has no marks in the window and is held" for name in missing)
    thinned = f", {len(points):,} of its {len(days):,} days" if len(points) < len(days) else ""
    moves.append(f"as from {one.window.from_} to {one.window.to}{thinned}")
    return Staged(ground, worlds, points, tuple(moves), notes)


def kept_of(factors: Floats, most: int) -> Ints:
    """The places of the days of a window [K, days] that are looked at: all up to so many, else evenly, each mark's extremes besides."""
    count = factors.shape[1]
    if count <= most:
        return np.arange(count)
    evenly = np.linspace(0, count - 1, most).round().astype(np.int64)
    return np.unique(np.concatenate((evenly, factors.argmin(axis=1), factors.argmax(axis=1))))


def _history(picture: Picture, now: Worlds, window: ScenarioWindow) -> tuple[tuple[str, ...], Floats, list[str]]:
    """(points as dates, factors [K, points], names asked for without marks then) of a stretch of history."""
    zone, history = picture.session.timezone, picture.session.history
    start, end = end_of_day(first_day(window.from_), zone), end_of_day(window.to.date, zone)
    wanted = sorted({k for name in window.series for k in moved_by(now.series, name)}) if window.series else list(range(len(now.series)))
    prints = {at for k in wanted for at in history.instants(now.series[k], end, picture.known_at) if at >= start}
    days = sorted({start, *prints})
    factors, missing = np.ones((len(now.series), len(days))), []
    for k in wanted:
        values, _ = column(history, now.series[k], days, [picture.known_at] * len(days))
        known = np.flatnonzero(np.isfinite(values) & (values > 0))
        moved = {at for at in history.instants(now.series[k], end, picture.known_at) if at >= start}
        if len(known) == 0 or len(moved) < 2:
            missing += [now.series[k]] if window.series else []
            continue
        filled = values[np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), known[0]))]
        factors[k] = filled / filled[known[0]]
    if (factors == 1).all():
        raise ShockError(f"no marks between {window.from_} and {window.to}: import them into marks/")
    return tuple(str(dt.date.fromordinal(day_of(day, zone))) for day in days), factors, missing


def _terms(desk: Desk, one: Scenario, day: dt.date) -> tuple[Desk, list[str]]:
    """The desk after customers have left and hedges have gone, and what was done in words."""
    files, told = dict(desk.facilities), []
    for rejection in one.reject:
        files = {name: _rejected(file, rejection, rejection.date or day) for name, file in files.items()}
        told.append(f"{inert(rejection.customer)} leaves on {rejection.date or day}")
    for hedge in one.unhedge:
        files = {name: _unhedged(file, hedge, hedge.date or day) for name, file in files.items()}
        whose = " of ".join(inert(part) for part in ("hedges", hedge.counterparty or "", hedge.facility or "") if part)
        told.append(f"{whose} fall away on {hedge.date or day}")
    return (msgspec.structs.replace(desk, facilities=files) if told else desk), told


def _rejected(file: FacilityFile, gone: Rejection, day: dt.date) -> FacilityFile:
    if gone.facility not in (None, file.facility.id):
        return file
    return _cut(file, "contract", lambda one: one.customer == gone.customer, day)


def _unhedged(file: FacilityFile, gone: Unhedged, day: dt.date) -> FacilityFile:
    if gone.facility not in (None, file.facility.id):
        return file
    return _cut(file, "hedge", lambda one: gone.counterparty in (None, one.counterparty), day)


def _cut(file: FacilityFile, table: str, leaves: Callable[..., bool], day: dt.date) -> FacilityFile:
    """The file whose rows that leave end on a day, and those that would begin later are gone."""
    rows = []
    for one in getattr(file, table):
        start = one.start.date if isinstance(one.start, PartialDate) else one.start
        if not leaves(one) or (one.end is not None and one.end.date <= day):
            rows.append(one)
        elif start is None or start <= day:
            rows.append(msgspec.structs.replace(one, end=PartialDate(day)))
    return msgspec.structs.replace(file, **{table: rows})


class Seen(msgspec.Struct, frozen=True):
    """A scenario judged: every row in every world, the point at which most fails, the totals of each point, the results of now."""

    stage: Staged
    found: Stressed
    worst: int
    failing: tuple[int, ...]
    unknown: tuple[int, ...]
    missing: tuple[float, ...]
    before: dict[str, str]

    @property
    def covenants(self) -> dict[str, dict[str, object]]:
        """Every covenant at the worst point, by `facility/covenant`."""
        return {self.stage.ground.name(n): msgspec.to_builtins(_row(self, n)) for n in range(len(self.stage.ground.rows))}

    @property
    def newly(self) -> int:
        """How many fail there that do not fail now."""
        rows = self.found.made.result[:, self.worst].tolist()
        return sum(code == FAIL and self.before.get(self.stage.ground.name(n)) != "fail" for n, code in enumerate(rows))

    @property
    def head(self) -> dict[str, object]:
        """The whole desk at the worst point."""
        at = self.worst
        told = {"failing": self.failing[at], "newly": self.newly, "unknown": self.unknown[at], "missing": self.missing[at]}
        return {**told, "worst": self.stage.points[at] or None}


def seen_in(stage: Staged, base: Ground) -> Seen:
    """A scenario's worlds judged, beside what `base` says now."""
    found = stage.ground.run(stage.worlds)
    failing, unknown, missing = totals(stage.ground, found)
    worst = max(range(len(failing)), key=lambda p: (failing[p], missing[p]))
    before = {base.name(n): base.result(n) for n in range(len(base.rows))}
    return Seen(stage, found, worst, failing, unknown, missing, before)


def scenario_part(base: Ground, one: Scenario, facilities: Sequence[str] | None = None) -> ScenarioPart:
    """What a scenario does to every covenant, at its worst point. Raises ShockError for shocks that cannot be."""
    try:
        stage = staged(base.picture, one, facilities)
    except ShockError as error:
        raise ShockError(f"scenario {inert(one.id)}: {error}") from None
    seen = seen_in(stage, base)
    shown = tuple(_row(seen, n) for n in range(len(stage.ground.rows)) if _told(seen, n))
    path = tuple(zip(stage.points, seen.failing, seen.missing, strict=True)) if len(stage.points) > 1 else ()
    return ScenarioPart(
        one.id, one.title or one.id, one.source, (*stage.moves, *_depth(stage, seen.worst)), stage.points[seen.worst] or None,
        seen.failing[seen.worst], seen.newly, seen.unknown[seen.worst], seen.missing[seen.worst], shown, path,
        (*stage.notes, *((one.note,) if one.note else ())),
    )  # fmt: skip


def _told(seen: Seen, n: int) -> bool:
    """Whether a row fails or is unknown at the worst point, or fails at another."""
    codes = seen.found.made.result[n]
    return int(codes[seen.worst]) in (FAIL, INDETERMINATE) or bool((codes == FAIL).any())


def _depth(stage: Staged, worst: int) -> list[str]:
    """What a window has done to each mark at its worst point."""
    if len(stage.points) == 1:
        return []
    change = stage.worlds.marks[:, worst, 0] / stage.ground.now.marks[:, 0, 0] - 1
    moved = [(name, round(float(move), 4)) for name, move in zip(stage.worlds.series, change, strict=True) if abs(move) > 1e-9]
    return [f"{name} {said('relative', move)}" for name, move in dict(moved).items()]


def _row(seen: Seen, n: int) -> FailPart:
    stage, made, worst = seen.stage, seen.found.made, seen.worst
    ground, ever = stage.ground, np.flatnonzero(made.result[n] == FAIL)
    test = ground.picture.book.tests[ground.rows.test[n]]
    currency = ground.picture.book.terms[test.facility].facility.currency
    first = stage.points[ever[0]] if len(ever) and len(stage.points) > 1 else None
    return FailPart(
        ground.name(n), test.title, seen.before.get(ground.name(n), "not_tested"), RESULTS[int(made.result[n, worst])],
        number(made.actual[n, worst]), number(made.threshold[n]), test.levels[0].operator, test.unit, number(seen.found.missing[n, worst]),
        currency, first,
    )  # fmt: skip

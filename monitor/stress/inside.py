"""The desk inside a moved world: marks at their levels there and terms as they are left; or each covenant as stress reads it there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import numpy as np

from facilities.model import Scenario
from monitor.assess import Picture, Standing, assess
from monitor.reading import Reading, rung_on
from monitor.shocked import with_levels
from monitor.stress.ground import ground_of
from monitor.stress.scenarios import seen_in, staged
from rules.grids import Shock, shocked
from rules.scope import day_of
from rules.worlds import Worlds


def in_scenario(picture: Picture, one: Scenario) -> Picture:
    """The desk in a scenario at its worst point. Raises ShockError for shocks that cannot be."""
    stage = staged(picture, one)
    worst = seen_in(stage, ground_of(picture)).worst
    session = msgspec.structs.replace(picture.session, desk=stage.ground.picture.session.desk)
    return _judged(msgspec.structs.replace(picture, session=session), stage.worlds, worst, f"scenario {one.id}")


def in_shocks(picture: Picture, shocks: Sequence[Shock]) -> Picture:
    """The desk with some marks shocked. Raises ShockError for shocks that cannot be."""
    return _judged(picture, shocked(picture.now, [shocks]), 0, "the shock")


def read_as_stressed(picture: Picture, one: Scenario | None, shocks: Sequence[Shock]) -> Picture:
    """The desk with every covenant as stress reads it in shocks, inside a scenario at its worst point: no past test, a reading of
    now alone; a covenant that stress does not read has none. Raises ShockError for shocks that cannot be.
    """
    ground = ground_of(picture)
    if one is None:
        made = ground.run(shocked(ground.now, [shocks])).made
    else:
        stage = staged(picture, one, shocks=shocks)
        ground, found = stage.ground, seen_in(stage, ground)
        made = ground.run(msgspec.structs.replace(stage.worlds, marks=stage.worlds.marks[:, found.worst : found.worst + 1])).made
    book, day = ground.picture.book, dt.date.fromordinal(day_of(picture.as_of, ground.picture.book.zone))
    there = {int(t): Reading(made, n, day, None) for n, t in enumerate(made.rows.test)}
    standings = tuple(_stressed(one, there.get(t)) for t, one in enumerate(ground.picture.standings))
    return msgspec.structs.replace(ground.picture, now=made.worlds, book=book, standings=standings)


def _stressed(one: Standing, there: Reading | None) -> Standing:
    tested, indicative = (there, None) if one.test.continuous else (None, there)
    rung = rung_on(there) if there is not None and one.test.covenant.rung else None
    return msgspec.structs.replace(one, tested=tested, indicative=indicative, rung=rung)


def _judged(picture: Picture, worlds: Worlds, path: int, by: str) -> Picture:
    now = dict(zip(picture.now.series, picture.now.marks[:, 0, 0].tolist(), strict=True))
    there = dict(zip(worlds.series, worlds.marks[:, path, 0].tolist(), strict=True))
    levels = {name: level for name, level in there.items() if np.isfinite(level) and level != now.get(name)}
    return assess(with_levels(picture.session, levels, picture.as_of, by), picture.as_of, picture.known_at, picture.state)

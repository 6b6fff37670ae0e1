"""A picture of the desk inside a moved world, for analyses that ask a whole desk: marks at their levels there, terms as they are left."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from facilities.model import Scenario
from monitor.assess import Picture, assess
from monitor.shocked import with_levels
from monitor.stress.ground import ground_of
from monitor.stress.scenarios import seen_in, staged
from rules.grids import Shock, shocked
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


def _judged(picture: Picture, worlds: Worlds, path: int, by: str) -> Picture:
    now = dict(zip(picture.now.series, picture.now.marks[:, 0, 0].tolist(), strict=True))
    there = dict(zip(worlds.series, worlds.marks[:, path, 0].tolist(), strict=True))
    levels = {name: level for name, level in there.items() if np.isfinite(level) and level != now.get(name)}
    return assess(with_levels(picture.session, levels, picture.as_of, by), picture.as_of, picture.known_at, picture.state)

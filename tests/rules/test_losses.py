"""The sums of a job against the printed spread over its own paths, path by path."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from monitor.assess import assess
from monitor.places import SHIPPED
from monitor.session import moments, open_desk
from monitor.spread.build import Basis, basis_of, job_of
from monitor.spread.settings import settings_of
from rules.defaults import fallen, unpaid
from rules.losses import Losses
from rules.paths import draw
from rules.recovery import executable
from rules.spread import step_spreads
from tests.rules.plainly import expected_loss_spread


@pytest.fixture(scope="module")
def made() -> tuple[Basis, Losses]:
    session = open_desk(SHIPPED)
    picture = assess(session, *moments(session, None, None))
    basis = basis_of(picture, settings_of(picture, {"paths": 600, "seed": 1}))
    return basis, job_of(basis, (), np.zeros((0, 2)))


def test_the_spread_of_the_sums_is_that_of_the_paths(made: tuple[Basis, Losses]) -> None:
    _, job = made
    tally = job.run(0)
    for number, stage in enumerate(job.stages):
        marks = draw(stage.falls.plan.process, 1, 0)[:, :, :600]
        fell = fallen(stage.falls, marks, stage.chained, unpaid(stage.falls, marks))
        lost = job.lost(stage, marks, fell)
        for f in np.flatnonzero(job.counted).tolist():
            defaults = fell.first[f][:, None] <= np.arange(len(job.discount))
            owed = np.broadcast_to(job.exposure[f], defaults.shape)
            back = owed - lost[f][:, None]
            wanted = expected_loss_spread(defaults, owed, back, job.discount, job.years[f])
            spreads = step_spreads(tally.sums[f], tally.moments[f], tally.paths)
            assert spreads is not None and spreads[number].value == pytest.approx(wanted, rel=1e-9)


def test_what_is_lost_alone_is_what_a_sale_leaves(made: tuple[Basis, Losses]) -> None:
    _, job = made
    stage = next(one for one in job.stages if one.executable and not one.chained)
    marks = draw(stage.falls.plan.process, 1, 0)[:, :, :600]
    fell = fallen(stage.falls, marks, False, unpaid(stage.falls, marks))
    lost, seen = job.lost(stage, marks, fell), 0
    for f in np.flatnonzero(job.counted).tolist():
        for p in range(0, 600, 37):
            t = int(fell.first[f, p])
            if t < len(job.discount):
                one = stage.falls.exits[f, t]
                price = np.array([[marks[stage.falls.plan.driver[k], t, p]] for k in one.series()])
                share = executable(one, stage.falls.terms, price).share(float(job.exposure[f, t]), one.rate)
                assert lost[f, p] == pytest.approx(job.exposure[f, t] * (1 - share[0]))
                seen += 1
    assert seen > 50


def test_the_chain_only_brings_defaults_forward(made: tuple[Basis, Losses]) -> None:
    _, job = made
    stage = job.stages[-1]
    marks = draw(stage.falls.plan.process, 1, 0)[:, :, :600]
    missing = unpaid(stage.falls, marks)
    alone, chained = (fallen(stage.falls, marks, on, missing) for on in (False, True))
    assert (chained.first <= alone.first).all() and (chained.first < alone.first).any()
    assert chained.kept is not None and (chained.kept <= 1).all()


def test_blocks_add_up_in_any_number(made: tuple[Basis, Losses]) -> None:
    _, job = made
    whole = msgspec.structs.replace(job, paths=4096 + 50)
    parts = [whole.run(block) for block in range(2)]
    tally = whole.joined(parts)
    assert tally.paths == 4146 and tally.sums == pytest.approx(parts[0].sums + parts[1].sums)
    assert tally.when.sum(axis=1)[job.counted] == pytest.approx(tally.sums[job.counted][:, -1])

"""Paths against closed forms, folded cells against the kernel, and the same digits however the blocks are run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rules.fold import fold, slack_in
from rules.normal import cdf, joint
from rules.paths import BLOCK, Process, draw
from rules.simulate import Plan, joined, run_block
from rules.stressed import rows_now, stress
from tests.rules.small import COIN, LOAN, book_of, covenant, rows_of, worlds_of

GPUS = LOAN.replace('"x"', '"y"') + COIN.replace("BTC", "H100-SXM") + covenant("ltv", "<=", 0.5)
FLOOR = LOAN.replace('"x"', '"z"') + COIN + covenant("min(ltv, ltv)", "<=", 0.5)


def process(vol: float = 0.6, days: int = 1, rho: float = 0.0, freedom: int = 0, reversion: float = 0.0) -> Process:
    root = np.array([[1.0, 0.0], [rho, math.sqrt(1 - rho * rho)]])
    return Process(np.full((2, days), 400.0), np.full(2, vol), np.full(2, reversion), np.zeros(2, bool), np.full(days, 0.25), root, freedom)


def plan_of(paths: int, made: Process, money: bool = True, seed: int = 1) -> Plan:
    book = book_of(LOAN + COIN + covenant("ltv", "<=", 0.5), GPUS)
    names = ("2026-09-30", "2026-12-31", "2027-03-31", "2027-06-30")[: made.mean.shape[1]]
    worlds = worlds_of(book, {"BTC.price": 400.0, "H100-SXM.price": 400.0}, names)
    rows = rows_of(book, names)
    driver = np.array([("BTC.price", "H100-SXM.price").index(name) for name in worlds.series])
    folded = fold(book, worlds, rows)
    return Plan(seed, paths, len(names), folded, worlds, driver, made, np.ones(2, bool), np.ones(2), book, money=money)


def test_a_lognormal_ltv_breach_is_the_closed_form_within_its_error() -> None:
    made = joined([run_block(plan_of(40_960, process()), block) for block in range(10)])
    spread = 0.6 * math.sqrt(0.25)  # fails below 200 of 400: ln(1/2) against a mean of -spread^2/2
    wanted = cdf((math.log(0.5) + spread**2 / 2) / spread)
    error = math.sqrt(wanted * (1 - wanted) / made.paths)
    assert made.failing[:, 0] / made.paths == pytest.approx([wanted, wanted], abs=3 * error)


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.7])
def test_joint_breaches_are_the_bivariate_normal(rho: float) -> None:
    made = joined([run_block(plan_of(40_960, process(rho=rho)), block) for block in range(10)])
    spread = 0.6 * math.sqrt(0.25)
    level = (math.log(0.5) + spread**2 / 2) / spread
    wanted = joint(level, level, rho)
    assert made.together[2] / made.paths == pytest.approx(wanted, abs=3 * math.sqrt(wanted * (1 - wanted) / made.paths) + 1e-9)


def test_first_passage_on_dates_is_that_of_a_reference() -> None:
    plan = plan_of(40_960, process(days=4))
    made = joined([run_block(plan, block) for block in range(10)])
    step = 0.6 * math.sqrt(0.25)
    grid = np.linspace(-5, 5, 20_001)
    width = grid[1] - grid[0]
    lags = np.arange(-6000, 6001) * width
    kernel = np.exp(-(lags**2) / (2 * step**2)) / (step * math.sqrt(2 * math.pi)) * width
    alive = np.zeros_like(grid)
    alive[10_000] = 1 / width  # all paths start at no deviation
    for date in range(4):  # carry the density on, and take out what lies below the level: log(1/2) and the drift of the mean
        alive = np.convolve(alive, kernel, "same")
        dead = grid < math.log(0.5) + (date + 1) * step**2 / 2
        share = float(alive[dead].sum() * width)
        alive[dead] = 0.0
        error = math.sqrt(share * (1 - share) / made.paths)
        assert made.first[:, date] / made.paths == pytest.approx([share, share], abs=3.5 * error)


def test_the_same_seed_gives_the_same_digits_and_another_does_not() -> None:
    one, two = (run_block(plan_of(BLOCK, process(days=2), seed=5), 0) for _ in range(2))
    other = run_block(plan_of(BLOCK, process(days=2), seed=6), 0)
    assert np.array_equal(one.missing, two.missing) and np.array_equal(one.first, two.first)
    assert not np.array_equal(one.missing, other.missing)
    assert not np.array_equal(draw(process(), 5, 0), draw(process(), 5, 1))


def test_perfect_co_movement_at_dial_1_to_the_digit() -> None:
    made = process()
    made = Process(made.mean, made.deviation, made.reversion, made.plain, made.steps, np.array([[1.0, 0.0], [1.0, 0.0]]))
    marks = draw(made, 3, 0)
    assert np.array_equal(marks[0], marks[1])


def test_counting_alone_says_the_same_as_counting_money() -> None:
    with_money, without = run_block(plan_of(BLOCK, process(days=2)), 0), run_block(plan_of(BLOCK, process(days=2), money=False), 0)
    assert np.array_equal(with_money.first, without.first) and np.array_equal(with_money.together, without.together)


def test_reversion_bounds_the_spread_and_student_paths_have_fatter_joint_tails() -> None:
    calm = draw(process(days=4, reversion=4.0), 1, 0)[0, 3]
    wild = draw(process(days=4), 1, 0)[0, 3]
    limit = 0.6 / math.sqrt(2 * 4.0)
    assert np.log(calm).std() == pytest.approx(limit, rel=0.05) and np.log(wild).std() == pytest.approx(0.6, rel=0.05)
    low = [(draw(process(rho=0.5, freedom=nu), 1, 0)[:, 0] < 400 * math.exp(-0.3 * 2.5)).all(axis=0).sum() for nu in (0, 3)]
    assert low[1] > 1.5 * low[0]


def test_folded_cells_are_the_kernel() -> None:
    plan = plan_of(BLOCK, process(days=2))
    assert plan.fold.folded.all()
    marks = draw(plan.process, 1, 0)[:, :, :200]
    found = slack_in(plan.fold, np.stack([marks[d].T for d in plan.driver]))
    assert plan.book is not None
    book, now = plan.book, worlds_of(plan.book, {"BTC.price": 400.0, "H100-SXM.price": 400.0}, ("2026-09-30",))
    there = worlds_of(book, {name: marks[d, 0].tolist() for name, d in zip(now.series, plan.driver, strict=True)}, ("2026-09-30",))
    seen = stress(book, there, now, rows_now(book, now))
    assert found[::2] == pytest.approx(seen.gap, rel=1e-9, abs=1e-6)

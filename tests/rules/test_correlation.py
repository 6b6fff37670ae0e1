"""Correlations from histories, the convergence dial, and the closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.correlation import CorrelationError, check_correlation, dialled, nearest_valid, pair_of, returns_on, root_of, scatter_of, weights
from rules.normal import cdf, joint, quantile, quantiles, student_tail, student_to_normal, worst_case_rate

DAYS = np.arange(700_000, 700_200)


def walk(seed: int, moves: int = 199, size: float = 0.03) -> np.ndarray:
    steps = np.random.default_rng(seed).normal(0, size, moves)
    return np.asarray(np.exp(np.concatenate(([0.0], np.cumsum(steps)))))


def test_plain_and_weighted_correlations_are_those_of_numpy() -> None:
    one, two = walk(1), walk(2) * walk(1)
    found = returns_on((DAYS, DAYS), (one, two), (False, False))
    pair = pair_of(found)
    a, b = np.diff(np.log(one)), np.diff(np.log(two))
    weight = 0.94 ** np.arange(198, -1, -1)
    ewma = (weight * a * b).sum() / math.sqrt((weight * a * a).sum() * (weight * b * b).sum())
    assert pair.observations == 199
    assert (pair.plain, pair.ewma) == (pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-12), pytest.approx(ewma, abs=1e-12))
    assert scatter_of(found).plain == pytest.approx(a.std(ddof=1) * math.sqrt(365))


def test_the_weighted_variance_is_the_recursion() -> None:
    moves = np.random.default_rng(3).normal(size=400)
    running = moves[0] ** 2
    for move in moves[1:]:
        running = 0.94 * running + 0.06 * move**2
    assert (weights(400, 0.94) * moves**2).sum() == pytest.approx(running, rel=1e-8)


def test_only_common_days_count_and_months_have_their_own_weight() -> None:
    found = returns_on((DAYS[::2], DAYS[::3]), (walk(1)[::2], walk(2)[::3]), (False, False))
    assert len(found.one) == len(DAYS[::6]) - 1 and found.decay == 0.94
    months = np.arange(700_000, 700_000 + 30 * 40, 30)
    assert returns_on((months, months), (walk(1, 39), walk(2, 39)), (False, False)).decay == 0.97


@pytest.mark.parametrize(
    ("one", "says"), [(np.ones(200), "does not move"), (walk(1) * np.nan, "0 common returns"), (-walk(1), "0 common returns")]
)
def test_a_history_that_says_nothing_says_so(one: np.ndarray, says: str) -> None:
    pair = pair_of(returns_on((DAYS, DAYS), (one, walk(2)), (False, False)))
    assert pair.plain is None and pair.ewma is None and says in pair.why


def test_three_observations_are_too_few() -> None:
    pair = pair_of(returns_on((DAYS[:3], DAYS[:3]), (walk(1)[:3], walk(2)[:3]), (False, False)))
    assert pair.plain is None and pair.why == "2 common returns, 20 needed"


@given(st.integers(2, 7), st.integers(0, 1000), st.floats(0, 1))
def test_every_stand_of_the_dial_is_a_correlation_matrix(size: int, seed: int, dial: float) -> None:
    stream = np.random.default_rng(seed)
    loads = stream.normal(size=(size, size))
    matrix = loads @ loads.T
    matrix /= np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    made = dialled(matrix, dial, stream.choice([-1.0, 1.0], size))
    check_correlation(made)
    assert np.abs(root_of(made) @ root_of(made).T - made).max() < 1e-5


def test_the_dial_is_measured_at_0_and_one_factor_at_1_to_the_digit() -> None:
    matrix, signs = np.array([[1.0, 0.3], [0.3, 1.0]]), np.array([1.0, -1.0])
    assert dialled(matrix, 0.0, signs) is matrix
    assert dialled(matrix, 1.0, signs).tolist() == [[1.0, -1.0], [-1.0, 1.0]]
    assert root_of(dialled(matrix, 1.0, signs)).tolist() == [[1.0, 0.0], [-1.0, 0.0]]
    for dial in (-0.1, 1.1, math.nan):
        with pytest.raises(CorrelationError):
            dialled(matrix, dial, signs)


@pytest.mark.parametrize(
    "matrix",
    [
        [[1.0, 1.2], [1.2, 1.0]], [[1.0, 0.5], [0.4, 1.0]], [[2.0, 0.0], [0.0, 1.0]],
        [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], [[1.0, math.nan], [math.nan, 1]],
    ],
)  # fmt: skip
def test_what_is_no_correlation_matrix_is_refused(matrix: list[list[float]]) -> None:
    with pytest.raises(CorrelationError):
        check_correlation(np.array(matrix, dtype=float))


def test_the_nearest_valid_matrix_is_valid() -> None:
    made = nearest_valid(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]]))
    check_correlation(made)
    assert np.diag(made) == pytest.approx(np.ones(3))
    assert np.linalg.eigvalsh(made).min() >= -1e-9


def test_quantiles_undo_the_distribution() -> None:
    for p in (1e-12, 1e-4, 0.02, 0.5, 0.7, 0.999):
        assert cdf(quantile(p)) == pytest.approx(p, rel=1e-12)
        assert quantiles(np.array([p]))[0] == pytest.approx(quantile(p), rel=1e-8, abs=1e-8)


TABLE = [(1, 12.7062047), (2, 4.3026527), (3, 3.1824463), (4, 2.7764451), (5, 2.5705818), (30, 2.0422725)]


@pytest.mark.parametrize(("freedom", "t"), TABLE)
def test_student_tails_are_those_of_the_tables(freedom: int, t: float) -> None:
    assert student_tail(np.array([t, -t]), freedom) == pytest.approx([0.025, 0.025], abs=1e-8)
    assert student_to_normal(np.array([t, -t]), freedom) == pytest.approx([1.959964, -1.959964], abs=1e-5)


@pytest.mark.parametrize("rho", [-0.999, -0.6, 0.0, 0.3, 0.95, 0.9999])
def test_joint_default_at_the_middle_has_a_closed_form(rho: float) -> None:
    assert joint(0, 0, rho) == pytest.approx(0.25 + math.asin(rho) / (2 * math.pi), abs=1e-12)


def test_joint_default_meets_its_ends() -> None:
    assert joint(0.3, -0.2, 1) == cdf(-0.2)
    assert joint(0.3, -0.2, -1) == pytest.approx(cdf(0.3) + cdf(-0.2) - 1)
    assert joint(0.3, -0.2, 0) == pytest.approx(cdf(0.3) * cdf(-0.2))
    assert worst_case_rate(0.02, 0.0, 0.999) == pytest.approx(0.02)
    for bad in (1.0, -0.1):
        with pytest.raises(ValueError, match="correlation"):
            worst_case_rate(0.02, bad, 0.999)

"""How marks have moved together: returns on common days, plain and exponentially weighted correlations, and the convergence dial."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from rules.columns import Floats, Ints

DAILY, MONTHLY = 0.94, 0.97
"""Weights of RiskMetrics: what a return counts, against the one after it."""
FEWEST = 20
"""Returns below which a history says nothing."""
_MONTHLY_FROM = 10.0
"""Days between two prints, at the median, from which a history counts as monthly."""


class CorrelationError(ValueError):
    """A matrix that is no correlation matrix, or a dial or sign outside its range."""


class Returns(NamedTuple):
    """Returns of two series over the same stretches: each float64[M], divided by the root of its days."""

    one: Floats
    two: Floats
    decay: float


class Pair(NamedTuple):
    """How two series have moved together: `plain` and `ewma` None where the history does not say, and why."""

    plain: float | None
    ewma: float | None
    observations: int
    why: str = ""


class Scatter(NamedTuple):
    """A year's standard deviation of one series, plain and weighted; None where the history does not say, and why."""

    plain: float | None
    ewma: float | None
    observations: int
    why: str = ""


def returns_on(days: tuple[Ints, Ints], values: tuple[Floats, Floats], rates: tuple[bool, bool]) -> Returns:
    """Returns between consecutive common days: differences of logarithms, of rates plain differences.

    A price of nothing or less is no print.
    """
    kept = [np.isfinite(value) & ((value > 0) | rate) for value, rate in zip(values, rates, strict=True)]
    common = np.intersect1d(days[0][kept[0]], days[1][kept[1]])
    span = np.diff(common)
    found = []
    for day, value, keep, rate in zip(days, values, kept, rates, strict=True):
        level = value[keep][np.searchsorted(day[keep], common)]
        found.append(np.diff(level if rate else np.log(level)) / np.sqrt(span))
    monthly = len(span) > 0 and float(np.median(span)) >= _MONTHLY_FROM
    return Returns(found[0], found[1], MONTHLY if monthly else DAILY)


def pair_of(found: Returns) -> Pair:
    """Both correlations of two histories, where they have enough returns and neither is constant."""
    count = len(found.one)
    if count < FEWEST:
        return Pair(None, None, count, f"{count} common returns, {FEWEST} needed")
    if not found.one.any() or not found.two.any() or np.ptp(found.one) == 0 or np.ptp(found.two) == 0:
        return Pair(None, None, count, "one of the two does not move")
    one, two = found.one - found.one.mean(), found.two - found.two.mean()
    plain = float((one * two).sum() / math.sqrt((one * one).sum() * (two * two).sum()))
    weight = weights(count, found.decay)
    moments = [float((weight * a * b).sum()) for a, b in ((found.one, found.two), (found.one, found.one), (found.two, found.two))]
    return Pair(_bounded(plain), _bounded(moments[0] / math.sqrt(moments[1] * moments[2])), count)


def scatter_of(found: Returns) -> Scatter:
    """A year's deviation of the first history."""
    count = len(found.one)
    if count < FEWEST:
        return Scatter(None, None, count, f"{count} returns, {FEWEST} needed")
    if np.ptp(found.one) == 0:
        return Scatter(None, None, count, "it does not move")
    weighted = float((weights(count, found.decay) * found.one**2).sum())
    return Scatter(float(found.one.std(ddof=1)) * math.sqrt(365), math.sqrt(weighted * 365), count)


def weights(count: int, decay: float) -> Floats:
    """float64[M]: what each return counts, the last the most; they add up to 1."""
    raw = decay ** np.arange(count - 1, -1, -1, dtype=float)
    return np.asarray(raw / raw.sum())


def _bounded(value: float) -> float:
    return max(-1.0, min(1.0, value))


def check_correlation(matrix: Floats) -> None:
    """Raises CorrelationError where a matrix is not symmetric with 1 on its diagonal, leaves [-1, 1], or has a negative eigenvalue."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise CorrelationError("a correlation matrix is square and has no gaps")
    if np.abs(matrix - matrix.T).max(initial=0.0) > 1e-9 or np.abs(np.diag(matrix) - 1).max(initial=0.0) > 1e-9:
        raise CorrelationError("a correlation matrix is symmetric, with 1 on its diagonal")
    if np.abs(matrix).max(initial=0.0) > 1 + 1e-9:
        raise CorrelationError("a correlation lies between -1 and 1")
    if len(matrix) and float(np.linalg.eigvalsh(matrix)[0]) < -1e-8:
        raise CorrelationError("no marks can move so: the correlations contradict each other")


def nearest_valid(matrix: Floats) -> Floats:
    """The matrix with its negative eigenvalues taken out and 1 on the diagonal again; itself where it is valid."""
    if not len(matrix) or float(np.linalg.eigvalsh(matrix)[0]) >= -1e-10:
        return matrix
    values, vectors = np.linalg.eigh(matrix)
    kept = (vectors * np.maximum(values, 0.0)) @ vectors.T
    size = np.sqrt(np.diag(kept))
    made = kept / np.outer(size, size)
    np.fill_diagonal(made, 1.0)
    return np.asarray((made + made.T) / 2)


def dialled(matrix: Floats, dial: float, signs: Floats) -> Floats:
    """R(c) = (1 - c) R + c s s': the matrix itself at 0, one common factor at 1, valid in between. Raises CorrelationError outside."""
    if not 0 <= dial <= 1:
        raise CorrelationError(f"the dial stands between 0 and 1, not at {dial:g}")
    if not np.isin(signs, (-1.0, 1.0)).all():
        raise CorrelationError("a sign is 1 or -1")
    if dial == 0:
        return matrix
    common = np.outer(signs, signs)
    return common if dial == 1 else (1 - dial) * matrix + dial * common


def root_of(matrix: Floats) -> Floats:
    """L with L L' = R, lower triangular, also where R has no full rank: a column of nothing to add is zero."""
    size = len(matrix)
    root = np.zeros((size, size))
    for j in range(size):
        rest = matrix[j:, j] - (root[j:, :j] * root[j, :j]).sum(axis=1)
        if rest[0] > 1e-12:
            root[j:, j] = rest / math.sqrt(rest[0])
    return root

"""What a loan's credit risk is worth a year: the expected-loss spread of its worlds, and Merton's model as a cross-check.

Everything is under the physical measure. s_EL = sum(dPD_t E[LGD x EAD]_t DF_t) / sum(S_t EAD_t DF_t dt), the product of loss and exposure
taken path by path.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from rules.columns import Floats

_NORMAL = NormalDist()


class Merton(NamedTuple):
    """Asset value and its volatility a year as implied by equity, distance to default, and the probability of default."""

    asset: float
    volatility: float
    distance: float
    pd: float


def merton(equity: float, equity_volatility: float, liability: float, rate: float, drift: float, years: float = 1.0) -> Merton:
    """The firm whose equity is a call on its assets (Merton 1974; Jones, Mason and Rosenfeld 1984): E = V N(d1) - D exp(-rT) N(d2) and
    sigma_E E = N(d1) sigma_V V. `drift` is the assets' real one, below nothing for assets that decay.

    Raises ValueError for amounts, a volatility or a horizon not above nothing, and where no asset value solves both.
    """
    if not (min(equity, equity_volatility, liability, years) > 0 and math.isfinite(equity + equity_volatility + liability + years)):
        raise ValueError("equity, its volatility, the liability and the horizon are above 0")
    value, sigma = equity + liability * math.exp(-rate * years), equity_volatility * equity / (equity + liability)
    for _ in range(500):
        value = _value_of(equity, sigma, liability, rate, years)
        after = equity_volatility * equity / (value * _NORMAL.cdf(_d1(value, sigma, liability, rate, years)))
        if abs(after - sigma) <= 1e-14 * max(1.0, sigma):
            break
        sigma = after
    else:
        raise ValueError("no asset value and volatility explain this equity")
    return merton_of(value, sigma, liability, drift, years)


def merton_of(value: float, sigma: float, liability: float, drift: float, years: float) -> Merton:
    """The same for assets whose value and volatility are seen: the chance that they are worth less than the liability at the horizon.

    Raises ValueError for amounts, a volatility or a horizon not above nothing.
    """
    if not (min(value, sigma, liability, years) > 0 and math.isfinite(value + sigma + liability + years + drift)):
        raise ValueError("the assets, their volatility, the liability and the horizon are above 0")
    distance = _d1(value, sigma, liability, drift, years) - sigma * math.sqrt(years)
    return Merton(value, sigma, distance, _NORMAL.cdf(-distance))


def _d1(value: float, sigma: float, liability: float, rate: float, years: float) -> float:
    return (math.log(value / liability) + (rate + sigma * sigma / 2) * years) / (sigma * math.sqrt(years))


def _value_of(equity: float, sigma: float, liability: float, rate: float, years: float) -> float:
    """The asset value at which the call is worth the equity: bisected between the equity and equity plus the liability's present value."""
    present = liability * math.exp(-rate * years)
    low, high = equity, equity + max(present, liability)
    for _ in range(200):
        middle = (low + high) / 2
        d1 = _d1(middle, sigma, liability, rate, years)
        call = middle * _NORMAL.cdf(d1) - present * _NORMAL.cdf(d1 - sigma * math.sqrt(years))
        low, high = (middle, high) if call < equity else (low, middle)
    return (low + high) / 2


class Estimate(NamedTuple):
    """A figure from paths and its standard error."""

    value: float
    error: float


def step_spreads(sums: Floats, moments: Floats, paths: int) -> list[Estimate] | None:
    """The expected-loss spread of each stage of one loan: the mean loss over the mean annuity, with the error of their ratio.

    `sums` [3S] and `moments` [3S, 3S] add up loss, annuity and default of each stage over the paths. None where no margin is earned.
    """
    stages = len(sums) // 3
    gradients = [_gradient(sums, s, paths) for s in range(stages)]
    if any(one is None for one in gradients):
        return None
    return [Estimate(float(sums[3 * s] / sums[3 * s + 1]), _error(sums, moments, paths, one)) for s, one in enumerate(gradients)]  # type: ignore[arg-type]


def step_changes(sums: Floats, moments: Floats, paths: int) -> list[Estimate] | None:
    """What each stage adds to the spread of the one before it; as all see the same paths, its error is that of the difference."""
    made = step_spreads(sums, moments, paths)
    if made is None:
        return None
    found = []
    for s in range(1, len(made)):
        one, before = _gradient(sums, s, paths), _gradient(sums, s - 1, paths)
        assert one is not None and before is not None
        found.append(Estimate(made[s].value - made[s - 1].value, _error(sums, moments, paths, one - before)))
    return found


def _gradient(sums: Floats, stage: int, paths: int) -> Floats | None:
    """How the spread of a stage moves with each mean [3S]."""
    lost, earned = sums[3 * stage] / paths, sums[3 * stage + 1] / paths
    if earned <= 0:
        return None
    found = np.zeros(len(sums))
    found[3 * stage], found[3 * stage + 1] = 1 / earned, -lost / earned**2
    return found


def _error(sums: Floats, moments: Floats, paths: int, gradient: Floats) -> float:
    """The standard error of a figure that moves with the means by `gradient` (delta method)."""
    mean = sums / paths
    spread = gradient @ (moments / paths - np.outer(mean, mean)) @ gradient
    return math.sqrt(max(0.0, float(spread)) / paths)


def mean_of(total: float, squares: float, paths: int) -> Estimate:
    """A mean and its standard error, from a sum and the sum of squares."""
    mean = float(total) / paths
    return Estimate(mean, math.sqrt(max(0.0, float(squares) / paths - mean * mean) / paths))

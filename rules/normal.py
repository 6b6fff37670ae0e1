"""Normal and Student distributions in closed form or to the last digits, and what follows from them for joint default."""

from __future__ import annotations

import itertools
import math

import numpy as np

from rules.columns import Floats

_A = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02, -3.066479806614716e01, 2.506628277459239)
_B = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01, -1.328068155288572e01)
_C = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783)
_D = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def cdf(x: float) -> float:
    """P(Z <= x) of a standard normal."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def quantile(p: float) -> float:
    """x with P(Z <= x) = p, to about 1e-15: Acklam's approximation and one step of Halley. Raises ValueError outside (0, 1)."""
    if not 0 < p < 1:
        raise ValueError(f"a probability lies strictly between 0 and 1, not at {p:g}")
    x = float(quantiles(np.array([p]))[0])
    error = (cdf(x) - p) * math.sqrt(2 * math.pi) * math.exp(x * x / 2)
    return x - error / (1 + x * error / 2)


def quantiles(p: Floats) -> Floats:
    """The same for many, to 1.2e-9 relative (Acklam's rational approximation): what a simulation needs."""
    low = np.minimum(p, 1 - p)
    tail = low < 0.02425
    q = np.sqrt(-2 * np.log(np.where(tail, low, 0.01)))
    outer = np.polyval(_C, q) / (np.polyval(_D, q) * q + 1)
    r = np.where(tail, 0.25, (low - 0.5) ** 2)
    inner = np.polyval(_A, r) * (low - 0.5) / (np.polyval(_B, r) * r + 1)
    found = np.where(tail, outer, inner)
    return np.asarray(np.where(p > 0.5, -found, found))


def student_tail(t: Floats, freedom: int) -> Floats:
    """P(T <= -|t|) for whole degrees of freedom, by the finite series of Abramowitz and Stegun 26.7.3 and 26.7.4."""
    angle = np.arctan(np.abs(t) / math.sqrt(freedom))
    cos2, sine = np.cos(angle) ** 2, np.sin(angle)
    if freedom % 2:
        term = np.cos(angle)
        total = term.copy() if freedom > 1 else np.zeros_like(term)
        for k in range(3, freedom - 1, 2):
            term = term * cos2 * (k - 1) / k
            total = total + term
        inside = (angle + sine * total) * 2 / math.pi
    else:
        term = np.ones_like(angle)
        total = term.copy()
        for k in range(2, freedom - 1, 2):
            term = term * cos2 * (k - 1) / k
            total = total + term
        inside = sine * total
    return np.asarray(np.clip((1 - inside) / 2, 1e-15, 0.5))


def student_to_normal(t: Floats, freedom: int) -> Floats:
    """The standard normal of the same rank as each Student t: a t copula on normal margins."""
    size = -quantiles(student_tail(t, freedom))
    return np.where(t < 0, -size, size)


def joint(a: float, b: float, rho: float) -> float:
    """P(X <= a, Y <= b) of two standard normals correlated by rho: joint default under a Gaussian copula.

    Plackett's identity, the derivative by rho being the density, integrated by 64 Gauss-Legendre nodes over arcsin(rho).
    Raises ValueError for a rho outside [-1, 1].
    """
    if not -1 <= rho <= 1 or math.isnan(a + b):
        raise ValueError(f"a correlation lies between -1 and 1, not at {rho:g}")
    if rho == 1:
        return cdf(min(a, b))
    if rho == -1:
        return max(0.0, cdf(a) + cdf(b) - 1)
    total, end = 0.0, math.asin(rho)
    edges = np.concatenate(([0.0], end * (1 - 0.25 ** np.arange(1, 9)), [end])) if abs(rho) > 0.9 else np.array([0.0, end])
    for low, high in itertools.pairwise(edges):
        angle = (high - low) / 2 * _NODES + (high + low) / 2
        density = np.exp(-(a * a + b * b - 2 * a * b * np.sin(angle)) / (2 * np.cos(angle) ** 2))
        total += float((_WEIGHTS * density).sum()) * (high - low) / 2
    return min(1.0, max(0.0, cdf(a) * cdf(b) + total / (2 * math.pi)))


def worst_case_rate(pd: float, rho: float, confidence: float) -> float:
    """The share of a large alike book that defaults in the worst year of so many: Vasicek's single factor.

    Raises ValueError outside 0 < pd, confidence < 1 and 0 <= rho < 1.
    """
    if not 0 <= rho < 1:
        raise ValueError(f"the correlation of one common factor lies from 0 to below 1, not at {rho:g}")
    return cdf((quantile(pd) + math.sqrt(rho) * quantile(confidence)) / math.sqrt(1 - rho))

"""The expected-loss spread over paths written out, the plain way: what the sums of the rules are held to."""

from __future__ import annotations

import numpy as np

from rules.columns import Bools, Floats


def expected_loss_spread(defaults: Bools, exposure: Floats, recovery: Floats, discount: Floats, years: Floats) -> float | None:
    """The spread a year, a fraction, that pays for the expected loss of one loan over P paths and T dates.

    `defaults` bool[P, T] is true from the date a path defaults on; `exposure` and `recovery` float[P, T] what is owed and what collateral
    brings, `discount` and `years` float[T]: factors, and the time each date ends. None where nothing is outstanding.
    """
    first = defaults & ~np.concatenate([np.zeros_like(defaults[:, :1]), defaults[:, :-1]], axis=1)
    lost = np.maximum(0.0, exposure - np.maximum(0.0, recovery))
    paid = float(((np.where(first, lost, 0.0)).mean(axis=0) * discount).sum())
    earned = float(((np.where(defaults, 0.0, exposure)).mean(axis=0) * discount * years).sum())
    return paid / earned if earned > 0 else None

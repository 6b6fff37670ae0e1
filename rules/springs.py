"""Springing covenants: whether the condition holds that a covenant is tested under, in any worlds."""

from __future__ import annotations

import numpy as np

from rules.book import Book
from rules.columns import Bools
from rules.compare import passes, size, slack, thresholds_on
from rules.covenants import Test, split
from rules.kernel import value
from rules.scope import Rows, open_scope
from rules.state import AS_AGREED, State
from rules.worlds import Worlds


def holds(book: Book, test: Test, worlds: Worlds, rows: Rows, state: State = AS_AGREED) -> tuple[Bools, Bools]:
    """(whether the condition of `test` holds, whether that is unknown) for each row in each path, bool[N, Q].

    The limit is the greater of an amount and a share of another quantity. A test without a condition always holds.
    """
    scope = open_scope(book, worlds, rows, state)
    terms = test.covenant.springs
    if terms is None or test.springs is None:
        shape = (len(rows), scope.columns)
        return np.ones(shape, dtype=bool), np.zeros(shape, dtype=bool)
    scope.assumed = False
    floor = np.full(len(rows), -np.inf) if terms.value is None else thresholds_on(terms.value, scope.day)
    limit = np.repeat(floor[:, None], scope.columns, axis=1)
    if test.springs_share_of is not None and terms.share is not None:
        limit = np.maximum(limit, float(terms.share) * value(test.springs_share_of, scope))
    over, below = split(test.springs)  # availability over a line cap of less than nothing is no share
    held = value(over or test.springs, scope)
    under = np.ones_like(held) if below is None else value(below, scope)
    gap = slack(terms.operator, held, under, limit)
    return passes(terms.operator, gap, size(held, under, limit)), np.isnan(held) | np.isnan(under) | np.isnan(limit)

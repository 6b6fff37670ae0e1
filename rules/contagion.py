"""Cross-links on many paths at once: from the date each loan first falls by itself to the date it falls with its links.

A link reads the debts in default by a date, holds their principal against its amount, and strikes once its grace is over. Dates only
ever become earlier, so that it ends, circles included; no loan falls earlier by a fall that it caused itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from rules.columns import Bools, Floats, Ints


class Clause(msgspec.Struct, frozen=True):
    """One clause of the loan `hurt`: the debts it reads [K], their principal [K, T] in its currency (NaN unknown), the least amount.

    `reach` int64[T + 1] is the date by which the grace of a fall at each date is over, T for never; `payments` reads missed payments alone.
    """

    hurt: int
    debts: Ints
    principal: Floats
    least: float | None
    reach: Ints
    payments: bool = False


def with_links(clauses: Sequence[Clause], first: Ints, missed: Ints, owing: Bools) -> Ints:
    """int64[F, P]: the first date of default with every link; `first` and `missed` (a payment) int64[F, P], T for never.

    `owing` bool[F, T]: no link strikes a loan on a date on which it owes nothing.
    """
    found = first.copy()
    moved = True
    while moved:
        moved = False
        for clause in clauses:
            never = owing.shape[1]
            struck = clause.reach[_struck(clause, missed if clause.payments else found)]
            struck = np.where(np.append(owing[clause.hurt], False)[struck], struck, never)
            if (struck < found[clause.hurt]).any():
                found[clause.hurt] = np.minimum(found[clause.hurt], struck)
                moved = True
    return found


def _struck(clause: Clause, first: Ints) -> Ints:
    """int64[P]: the first date on which enough of the debts are in default."""
    mine, never = first[clause.debts], len(clause.reach) - 1
    if clause.least is None:
        return np.asarray(mine.min(axis=0))
    principal = np.nan_to_num(clause.principal)
    struck = np.full(mine.shape[1], never, dtype=np.int64)
    for t in range(never - 1, -1, -1):
        enough = (principal[:, t : t + 1] * (mine <= t)).sum(axis=0) >= clause.least
        struck[enough & (mine <= t).any(axis=0)] = t
    return struck

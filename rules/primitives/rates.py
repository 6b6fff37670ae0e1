"""The rate of a leg in a period: benchmark between floor and cap, hedged shares on their own, spread on all; or the fixed rate."""

from __future__ import annotations

import numpy as np

from facilities.legs import Leg
from facilities.model import Hedge
from rules.book import Book
from rules.columns import Floats, Ints
from rules.primitives.balances import leg_outstanding, leg_where
from rules.primitives.leaf import Where, column
from rules.scope import Scope

Part = tuple[str, float, str, "Where | None"]


def cash_rate(scope: Scope, asker: Ints, leg: Ints, span: tuple[Ints, Ints], balance: Floats) -> Floats:
    """float64[R, Q]: the annual rate each leg pays in cash on `balance[R, Q]` between two days, at the terms of the first.

    A swap, cap, floor or collar covers its share of the balance, or its notional over the floating balance of all legs, for its
    part of the days; in the order of the file, and together never more than the whole. The floor and cap of the loan itself
    bound the benchmark before the spread, and not the share that a swap fixes.
    """
    book, start = scope.book, span[0]
    floating = scope.marks(book.ints["rate.benchmark"][leg], asker, *span)
    spread = column(book.dated["rate.spread_bp"].at(leg, start) / 10_000)  # one that is not public is unknown, not nothing
    bounded = np.clip(floating, column(book.floats["rate.floor"][leg]), column(book.floats["rate.cap"][leg]))
    free, hedges = hedge_shares(scope, asker, leg, span, balance)
    paid = np.zeros_like(free)
    for r, one, share in hedges:
        paid[r] = paid[r] + np.where(share == 0, 0.0, share * pays(book, one, bounded[r]))
    rate = np.where(free == 0, 0.0, free * bounded) + paid + spread
    fixed = book.dated["rate.fixed_pct"].at(leg, start) / 100
    return np.asarray(np.where(column(book.ints["rate.benchmark"][leg]) >= 0, rate, column(fixed)))


def hedge_shares(
    scope: Scope, asker: Ints, leg: Ints, span: tuple[Ints, Ints], balance: Floats
) -> tuple[Floats, list[tuple[Ints, Ints, Floats]]]:
    """The share of `balance[R, Q]` that no hedge covers, float64[R, Q]; and by the hedges' place in the file the rows they

    cover, the hedge of each, and its share.
    """
    book, (start, end) = scope.book, span
    pair, item = book.tables["hedge"].join(leg)
    first, last = np.maximum(book.ints["hedge.start"][item], start[pair]), np.minimum(book.ints["hedge.end"][item], end[pair])
    covers = np.maximum(0, last - first) / np.maximum(1, end - start)[pair]
    free, found = np.ones((len(leg), scope.columns)), []
    number = item - book.tables["hedge"].start[leg[pair]] if len(item) else item
    for place in range(int(number.max()) + 1 if len(item) else 0):
        on = (number == place) & (covers > 0)
        r, one = pair[on], item[on]
        share = np.minimum(free[r], column(covers[on]) * _share(scope, asker[r], leg[r], one, start[r], balance[r]))
        free[r] = free[r] - share
        found.append((r, one, share))
    return np.where(free < 1e-12, 0.0, free), found


def pays(book: Book, hedge: Ints, bounded: Floats) -> Floats:
    """float64[R, Q]: the rate each hedge pays where the loan's own bounded benchmark stands."""
    fixed, low, high = (column(book.floats[f"hedge.{name}"][hedge]) for name in ("fixed", "low", "high"))
    return np.asarray(np.where(np.isnan(fixed), np.fmin(np.fmax(bounded, low), high), fixed))


def _share(scope: Scope, asker: Ints, leg: Ints, item: Ints, day: Ints, balance: Floats) -> Floats:
    """float64[R, Q]: the share of the leg's balance a hedge covers: as stated, or its notional over the floating balance."""
    stated = column(scope.book.floats["hedge.share"][item])
    if not np.isnan(stated).any():
        return stated
    notional = column(scope.book.dated["hedge.notional"].at(item, day))
    whole = balance + column(_beside(scope, asker, leg, day))
    return np.where(np.isnan(stated), np.minimum(1.0, notional / np.maximum(whole, 1e-9)), stated)


def _beside(scope: Scope, asker: Ints, leg: Ints, day: Ints) -> Floats:
    """float64[R]: what the other floating legs of each leg's facility owe on a day."""
    book = scope.book
    pair, other = book.tables["leg"].join(book.tables["leg"].owner[leg])
    keep = (other != leg[pair]) & (book.ints["rate.benchmark"][other] >= 0)
    pair, other = pair[keep], other[keep]
    total, who = np.zeros(len(leg)), asker[pair]
    np.add.at(total, pair, leg_outstanding(scope, other, day[pair], scope.known[who], scope.day[who]))
    return total


def rate_parts(scope: Scope, asker: int, leg: int, start: int) -> list[Part]:
    """What a floating rate is made of: the mark with its floor and cap, the spread, and each hedge."""
    book, series = scope.book, int(scope.book.ints["rate.benchmark"][leg])
    row: Leg = book.tables["leg"].rows[leg]
    interest = row.terms.interest
    if series < 0 or interest is None:
        return []
    mark = scope.marks(np.array([series]), np.array([asker]))[0, 0]
    parts: list[Part] = [(book.series.names[series], float(mark), "1/year", Where(series=series))]
    for name in ("floor", "cap"):
        limit = getattr(interest, f"{name}_pct")
        if limit is not None:
            parts.append((name, float(limit) / 100, "1/year", leg_where(book, leg, "interest", f"{name}_pct")))
    spread = float(book.dated["rate.spread_bp"].at(np.array([leg]), np.array([start]))[0]) / 10_000
    return [*parts, ("spread", spread, "1/year", leg_where(book, leg, "interest", "spread_bp")), *_hedge_parts(scope, leg, row)]


def _of(hedge: Hedge) -> str:
    """What part of the balance a hedge covers, in words; nothing where it is the whole."""
    if hedge.share is None:
        return " of its notional"
    return "" if hedge.share == 1 else f" of {float(hedge.share) * 100:g}%"


def _hedge_parts(scope: Scope, leg: int, row: Leg) -> list[Part]:
    parts: list[Part] = []
    for place, hedge in enumerate(row.terms.hedge):
        for key, label in (("fixed_pct", "fixed leg"), ("cap_pct", "most"), ("floor_pct", "least")):
            stated = getattr(hedge, key)
            if stated is not None:
                parts.append(
                    (f"{hedge.kind} {label}{_of(hedge)}", float(stated) / 100, "1/year", leg_where(scope.book, leg, "hedge", place, key))
                )
    return parts

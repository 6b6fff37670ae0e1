"""What grows from day to day: interest accrued since the last payment day, in cash and in kind."""

from __future__ import annotations

import datetime as dt

import numpy as np

from rules.columns import Bools, Floats, Ints
from rules.primitives.balances import NO_BALANCE, balance_where, draw_where, leg_name, leg_where, legs, no_schedule, observed
from rules.primitives.flows import Flows
from rules.primitives.leaf import Factor, Leaf, Reader, Terms, column
from rules.primitives.rates import Part
from rules.scope import Scope


def _since(scope: Scope, flows: Flows) -> tuple[Ints, Floats]:
    """(int64[R] the day each period accrues from, float64[R, Q] the balance): its start, or a later row that states what had accrued."""
    row = observed(scope, flows.leg, scope.day[flows.asker], scope.known[flows.asker])
    stated = _stated(scope, row) & (_date(scope, row) >= flows.start)
    balance = scope.book.floats["balance.outstanding"]
    seen = balance[np.maximum(row, 0)] if len(balance) else np.zeros(len(row))
    return np.where(stated, _date(scope, row), flows.start), np.where(column(stated), column(seen), flows.opening)


def _stated(scope: Scope, row: Ints) -> Bools:
    """bool[R]: whether a balance row states what had accrued."""
    accrued = scope.book.floats["balance.accrued"]
    return (row >= 0) & ~np.isnan(accrued[np.maximum(row, 0)]) if len(accrued) else np.zeros(len(row), dtype=bool)


def _date(scope: Scope, row: Ints) -> Ints:
    date = scope.book.ints["balance.date"]
    return date[np.maximum(row, 0)] if len(date) else np.zeros(len(row), dtype=np.int64)


def _accrued(scope: Scope, text: str | None) -> Leaf:
    """As stated on the day of a balance row; after it, and without one, the balance x the rate x the days since."""
    asker, leg = legs(scope, scope.facility)
    row = observed(scope, leg, scope.day[asker], scope.known[asker])
    today = _stated(scope, row) & (_date(scope, row) == scope.day[asker])
    written, since = _as_stated(scope, asker, leg, row, today), _running(scope)
    unknown, gaps = no_schedule(scope)
    unseen = np.zeros(len(scope), dtype=bool)
    unseen[asker[row < 0]] = True
    closed = np.ones(len(scope), dtype=bool)  # every leg states its accrued interest on this very day
    closed[asker[~today]] = False
    unknown = (unknown & ~closed) | unseen
    for terms in since:
        lost = np.isnan(terms.product).all(axis=1)
        unknown[terms.asker[lost]] = True

    def why(n: int) -> str:
        return NO_BALANCE if unseen[n] else gaps.get(int(scope.facility[n]), "no rate is known")

    return Leaf((written, *since), unknown, why)


def _as_stated(scope: Scope, asker: Ints, leg: Ints, row: Ints, today: Bools) -> Terms:
    """What balance rows state, where the period they lie in is not yet paid."""
    periods = scope.book.periods
    begun = np.full(len(leg), -1, dtype=np.int64)  # the first day of each leg's current period
    at, item = periods.table.join(leg)
    on = (periods.start[item] <= scope.day[asker[at]]) & (periods.pay[item] > scope.day[asker[at]])
    np.maximum.at(begun, at[on], periods.start[item[on]])
    keep = today | (_stated(scope, row) & (begun >= 0) & (_date(scope, row) >= begun))
    who, held = asker[keep], row[keep]
    values = scope.book.floats["balance.accrued"][held]
    where = balance_where(scope, leg[keep], held, "accrued")
    factor, mine = Factor("accrued", column(values), "money", where), leg[keep]
    return Terms(who, (factor,), lambda r: leg_name(scope.book, int(mine[r]), "as observed"))


def _running(scope: Scope) -> tuple[Terms, ...]:
    """What has accrued since, of the period's balance and of the draws in its course."""
    periods = scope.book.periods
    flows = Flows(scope, lambda who, item: (periods.start[item] < scope.day[who]) & (periods.pay[item] > scope.day[who]))
    since, balance = _since(scope, flows)
    until = np.minimum(scope.day[flows.asker], flows.end)
    cash, kind = flows.rate, scope.book.dated["rate.pik_pct"].at(flows.leg, flows.start) / 100
    rate = cash + column(kind)

    def parts(r: int) -> list[Part]:
        shown: list[Part] = [("in cash", float(cash[r, 0]), "1/year", flows.where("interest")(r))]
        shown.append(("in kind", float(kind[r]), "1/year", leg_where(scope.book, int(flows.leg[r]), "interest", "pik_pct")))
        return shown if kind[r] else flows.rate_parts(r)

    def name(r: int, words: str, day: int) -> str:
        tranche = leg_name(scope.book, int(flows.leg[r]), "")
        return f"{tranche}, {words} {dt.date.fromordinal(day)}" if tranche else f"{words} {dt.date.fromordinal(day)}"

    kept = np.flatnonzero(since < until)
    span = fractions(scope, flows.leg[kept], since[kept], until[kept])
    rows = Terms(flows.asker[kept], (
        Factor("balance", balance[kept], "money"),
        Factor("year fraction", column(span), "year"),
        Factor("rate", rate[kept], "1/year", lambda r: flows.where("interest")(int(kept[r])), lambda r: parts(int(kept[r]))),
    ), lambda r: name(int(kept[r]), "since", int(since[kept[r]])))  # fmt: skip
    pair, item = flows.draws()
    date = scope.book.ints["draw.date"][item]
    late = (date > since[pair]) & (date < until[pair])
    pair, item, date = pair[late], item[late], date[late]
    if not len(pair):
        return (rows,)
    advances = Terms(flows.asker[pair], (
        Factor("drawn", column(scope.book.floats["draw.amount"][item]), "money", draw_where(scope.book, item)),
        Factor("year fraction", column(fractions(scope, flows.leg[pair], date, until[pair])), "year"),
        Factor("rate", rate[pair], "1/year"),
    ), lambda r: name(int(pair[r]), "on the draw of", int(date[r])))  # fmt: skip
    return rows, advances


def fractions(scope: Scope, leg: Ints, start: Ints, end: Ints) -> Floats:
    """float64[R]: year fractions in each leg's day count; equal spans are counted once."""
    spans = list(zip(leg.tolist(), start.tolist(), end.tolist(), strict=True))
    day = dt.date.fromordinal
    found = {span: scope.book.schedules[span[0]].part(day(span[1]), day(span[2])) for span in dict.fromkeys(spans)}
    return np.array([found[span] for span in spans], dtype=float)


READERS: dict[str, Reader] = {"accrued": _accrued}

"""Windows over a life: the days from a row's own to the end of its loan, assets or project, in periods with their discount factors.

The periods are those of the schedule, the running one from the row's day on; after the last payment, or without a schedule,
quarters. A period's factor is the one before over 1 + the debt's all-in rate x the period's year fraction; after the last
payment the last rate holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
import numpy as np

from rules.columns import FAR, Bools, Floats, Ints, add_up, latest
from rules.months import add_months, shift
from rules.primitives.balances import legs
from rules.primitives.flows import Flows
from rules.primitives.leaf import column
from rules.scope import Scope, Window
from rules.vocabulary import LIVES

_QUARTER = 3
_MONTH = 365 / 12
_LEAST = 1e-9
"""What weighs a rate where nothing is owed: the rates of parts that are repaid count alike, and beside no other."""


class Life(msgspec.Struct, frozen=True):
    """M periods of N rows: `scope` has a row for each, looking at it; `asker[m]` is the row it is of, in order of days.

    `discount` float64[M, Q] is 1 where nothing is discounted; `unknown[n]` marks rows whose life or rate is not known, `why` says so.
    """

    scope: Scope
    asker: Ints
    discount: Floats
    unknown: Bools
    how: str
    why: str

    def gathered(self, flows: list[Floats], into: Scope) -> Floats:
        """float64[N, Q] of the rows of `into` from one or two flows float64[M, Q]: their sum, or the mean or least of their ratio."""
        np.maximum.at(into.share, self.asker, self.scope.share)
        rows = len(into)
        found = self._ratio(flows[0], flows[1], rows) if len(flows) == 2 else add_up(flows[0] * self.discount, self.asker, rows)
        return np.where(column(self.unknown), np.nan, found)

    def months(self, amount: Floats, flow: Floats) -> Floats:
        """float64[N, Q]: how many months of the periods an amount [N, Q] pays the flow of, the last in part; a loop over time alone."""
        assert self.scope.window is not None
        left, found = amount.copy(), np.zeros_like(amount)
        place = np.arange(len(self.asker)) - np.searchsorted(self.asker, self.asker)
        for k in range(int(place.max(initial=-1)) + 1):
            now = np.flatnonzero(place == k)
            rows, due = self.asker[now], np.maximum(0.0, flow[now])
            held = np.where(left[rows] < due, left[rows] / np.where(due > 0, due, 1.0), np.where(np.isnan(due), np.nan, 1.0))
            found[rows] += np.where(left[rows] < 0, 0.0, held * column(self.scope.window.months[now]))
            left[rows] = np.where(left[rows] < due, -1.0, left[rows] - due)
        return np.where(column(self.unknown) | np.isnan(amount), np.nan, found)

    def period(self, m: int) -> Scope:
        """A scope of the m-th period alone."""
        only = np.array([m])
        window = self.scope.window
        assert window is not None
        seen = Window(window.way, window.months[only], window.start[only], window.end[only], window.scale[only])
        return self.scope.at(only, seen)

    def _ratio(self, top: Floats, under: Floats, rows: int) -> Floats:
        """The mean or the least of top / under over each row's periods; NaN where no period has anything to divide by."""
        counts = under != 0  # also where it is not known: then nothing of the row is
        ratio = np.divide(top, under, out=np.zeros_like(top), where=counts)
        number = add_up(counts.astype(float), self.asker, rows)
        if self.how == "mean":
            return np.divide(add_up(ratio, self.asker, rows), number, out=np.full_like(number, np.nan), where=number > 0)
        least = np.full((rows, top.shape[1]), np.inf)
        np.minimum.at(least, self.asker, np.where(counts, ratio, np.inf))
        return np.where(number > 0, least, np.nan)


def life_of(scope: Scope, name: str) -> Life:
    """The periods of a window over a life for every row of a scope."""
    whose, how = LIVES[name]
    end = _end(scope, whose)
    unknown = end >= FAR
    asker, start, stop = _periods(scope, np.where(unknown, scope.day, end))
    window = Window("future", months_between(start, stop), start, stop, np.ones(len(asker)))
    inner = scope.at(asker, window)
    discount = _factors(asker, _growth(scope, inner, asker)) if how == "pv" else np.ones((len(asker), 1))
    return Life(inner, asker, discount, unknown, how, _why(whose))


def _why(whose: str) -> str:
    return {"loan": "no schedule of payments is known", "asset": "no economic life is given"}.get(whose, "nothing says when it ends")


def _end(scope: Scope, whose: str) -> Ints:
    """int64[N]: the last day of each row's life, FAR where it is not known."""
    book = scope.book
    loan, asset = _repaid(scope), _worn_out(scope)
    if whose != "project":
        return loan if whose == "loan" else asset
    asker, item = book.tables["contract"].join(scope.facility)
    last = np.full(len(scope), -1, dtype=np.int64)
    np.maximum.at(last, asker, book.ints["contract.end"][item])
    for one in (loan, asset):
        last = np.maximum(last, np.where(one >= FAR, -1, one))
    return np.where(last < 0, FAR, last)


def _repaid(scope: Scope) -> Ints:
    """int64[N]: the day of the last payment of any part of each row's loan, FAR where a part has no schedule."""
    asker, leg = legs(scope, scope.facility)
    last = np.full(len(scope), -1, dtype=np.int64)
    np.maximum.at(last, asker, scope.book.periods.cleared[leg])
    return np.where((last < 0) | scope.book.unscheduled[scope.facility], FAR, last)


def _worn_out(scope: Scope) -> Ints:
    """int64[N]: the day the last collateral reaches its economic life, FAR where one has none."""
    asker, item = scope.book.tables["collateral"].join(scope.facility)
    last = np.full(len(scope), -1, dtype=np.int64)
    np.maximum.at(last, asker, scope.book.ints["collateral.end"][item])
    return np.where(last < 0, FAR, last)


def _periods(scope: Scope, end: Ints) -> tuple[Ints, Ints, Ints]:
    """(asker, start, stop)[M] of the periods (start, stop] from each row's day to its end, row by row in order."""
    periods = scope.book.periods
    pair, leg = legs(scope, scope.facility)
    at, item = periods.table.join(leg)
    asker = pair[at]
    inside = (periods.pay[item] > scope.day[asker]) & (periods.pay[item] < end[asker])
    rows = [asker[inside]]
    stops = [periods.pay[item[inside]]]
    cleared = _repaid(scope)
    last = np.where((cleared > scope.day) & (cleared < FAR), cleared, scope.day)
    open_, k = np.flatnonzero(last < end), 1
    while len(open_):  # quarters after the last payment, one more a turn for the rows that need it
        stop = np.minimum(shift(last[open_], _QUARTER * k), end[open_])
        rows.append(open_)
        stops.append(stop)
        open_, k = open_[stop < end[open_]], k + 1
    whole = np.flatnonzero(end > scope.day)
    key = np.unique(np.concatenate([*rows, whole]) * FAR + np.concatenate([*stops, end[whole]]))
    owner, stop = key // FAR, key % FAR
    first = np.concatenate(([True], owner[1:] != owner[:-1])) if len(owner) else np.zeros(0, bool)
    return owner, np.where(first, scope.day[owner], np.concatenate(([0], stop[:-1])) if len(stop) else stop), stop


def months_between(start: Ints, stop: Ints) -> Floats:
    """float64[M]: whole months where a period has them, else its days in months of a twelfth of 365."""
    pairs = {pair: _length(*pair) for pair in zip(start.tolist(), stop.tolist(), strict=True)}
    return np.array([pairs[pair] for pair in zip(start.tolist(), stop.tolist(), strict=True)], dtype=float)


def _length(start: int, stop: int) -> float:
    months = round((stop - start) / _MONTH)
    whole = add_months(dt.date.fromordinal(start), months) == dt.date.fromordinal(stop)
    return float(months) if whole else (stop - start) / _MONTH


def _factors(asker: Ints, growth: Floats) -> Floats:
    """float64[M, Q]: one over the product of the growth of a row's periods up to each; a loop over time alone."""
    factors = 1.0 / growth
    place = np.arange(len(asker)) - np.searchsorted(asker, asker)
    for k in range(1, int(place.max(initial=0)) + 1):
        now = np.flatnonzero(place == k)
        factors[now] *= factors[now - 1]
    return factors


def _growth(scope: Scope, inner: Scope, asker: Ints) -> Floats:
    """float64[M, Q]: 1 + all-in rate x year fraction of every period, parts of a loan weighed by what they owe."""
    assert inner.window is not None
    start, stop = inner.window.start, inner.window.end
    due = accruals(scope)
    earned, weight = (np.zeros((len(asker), scope.columns)) for _ in range(2))
    for here, one, part in _running(due, asker, start, stop):
        owed = np.maximum(due.opening[one], _LEAST)
        earned[here] += owed * due.growth[one] * column(part / (due.stop[one] - due.start[one]))
        weight[here] += owed
    found = np.divide(earned, weight, out=np.full_like(earned, np.nan), where=weight > 0)
    after = start >= _repaid(scope)[asker]
    found[after] = due.last(len(scope))[asker[after]] * column(months_between(start[after], stop[after]) / 12)
    return np.asarray(1.0 + found)


class Accruals(msgspec.Struct, frozen=True):
    """R periods of the parts of a loan that end after the day of their row, and the last one of each always.

    The days (start, stop] between payments, the opening balance, what 1 grows by through it in cash and in kind, and that as an
    annual rate, float64[R, Q].
    """

    asker: Ints
    start: Ints
    stop: Ints
    opening: Floats
    growth: Floats
    rate: Floats

    def last(self, rows: int) -> Floats:
        """float64[rows, Q]: the rate of each row's last period, NaN without one."""
        won = latest(self.asker, self.stop, np.ones(len(self.asker), dtype=bool), rows)
        found = np.full((rows, self.rate.shape[1]), np.nan)
        found[won >= 0] = self.rate[won[won >= 0]]
        return found


def accruals(scope: Scope) -> Accruals:
    """What accrues interest from each row's day to the last payment, as scheduled and at the marks of its world."""
    periods = scope.book.periods
    window = Window("future", np.zeros(len(scope)), scope.day, np.full(len(scope), FAR, dtype=np.int64), np.ones(len(scope)))
    flows = Flows(scope.seen(window), lambda asker, item: (periods.pay[item] > scope.day[asker]) | periods.last[item].astype(bool))
    item, before = flows.item, np.maximum(flows.item - 1, 0)
    follows = (item > 0) & (periods.table.owner[before] == periods.table.owner[item])
    since = np.where(follows, periods.pay[before], flows.start)
    in_kind = column((periods.growth / periods.before)[item] - 1.0)
    growth = flows.rate * column(flows.fraction) + in_kind
    fraction = column(np.where(flows.fraction > 0, flows.fraction, np.nan))
    return Accruals(flows.asker, since, flows.pay, flows.opening, growth, growth / fraction)


def _running(due: Accruals, asker: Ints, start: Ints, stop: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """(periods, what accrues through them, days of it in them), each period once a turn: as many turns as a loan has parts."""
    key = due.asker * FAR + due.stop
    order = np.argsort(key, kind="stable")
    soonest = np.minimum.accumulate((due.asker * FAR + due.start)[order][::-1])[::-1]
    at = np.searchsorted(key[order], asker * FAR + stop, side="left")
    while True:
        open_ = at < len(order)
        open_[open_] &= soonest[at[open_]] < asker[open_] * FAR + stop[open_]
        if not open_.any():
            return
        here, one = np.flatnonzero(open_), order[at[open_]]
        part = np.minimum(due.stop[one], stop[here]) - np.maximum(due.start[one], start[here])
        runs = (due.asker[one] == asker[here]) & (part > 0)
        yield here[runs], one[runs], part[runs]
        at = at + open_

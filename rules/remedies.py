"""What would clear a failure: the least money repaid, collateral posted or sold, cash put in, or utilisation reached.

Rows of one formula are solved together: each has its own bracket, which a grid of amounts narrows, all rows in one pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from facilities.model import Liquidity
from rules.book import Book
from rules.columns import Bools, Floats, Ints
from rules.compare import TIE, effective, size, slack
from rules.covenants import Test
from rules.headroom import Sides, departed, fraction
from rules.levels import Level
from rules.primitives.balances import outstanding_on
from rules.primitives.collateral import lead_parcel, parcel_units
from rules.scope import Rows, Scope, open_scope
from rules.state import AS_AGREED, State, on_top
from rules.worlds import Worlds

_SECTIONS = 65
_AT_ONCE = 2048
"""Rows solved in one pass: what their grids take stays in the tens of megabytes."""


class Remedy(NamedTuple):
    """One way to clear: its kind, the least amount (None: no amount clears it), its unit, and what it assumes.

    `worse`: the more of it, the further off: selling while the loan is more than what a sale leaves of its value (LTV > 1 - haircut).
    """

    kind: str
    amount: float | None
    unit: str
    note: str = ""
    worse: bool = False


class _Cases(NamedTuple):
    """N failing rows of one formula and one operator, each of another facility, and the level that each has to reach."""

    book: Book
    worlds: Worlds
    rows: Rows
    test: Test
    operator: str
    target: Floats
    state: State
    departs: Worlds | None = None

    @property
    def facility(self) -> Ints:
        """int64[N]: whose covenants they are."""
        return self.book.tested[self.rows.test]

    def pick(self, places: Bools | Ints) -> _Cases:
        """Some of the rows."""
        return self._replace(rows=self.rows.pick(places), target=self.target[places])


States = Callable[[Floats], State]
"""From amounts, float64[N, Q] a row, to the state in which they were paid, posted or reached."""

def target_of(test: Test, rung: str | None) -> tuple[Level, float] | None:
    """The level a cure must reach: the restore level of the rung that is on, or of the nearest rung below it that names one."""
    found: tuple[Level, float] | None = None
    for level in test.levels[1:] if rung else ():
        if level.rung is not None and level.rung.restore_to is not None:
            operator = "<=" if level.operator in ("<=", "<") else ">="
            found = Level(operator, level.rung.restore_to), float(level.rung.restore_to)
        if level.label == rung:
            break
    return found


class Failing(NamedTuple):
    """One covenant that fails: its row in its worlds, the rung that is on, its level, and what the worlds are shocks of."""

    worlds: Worlds
    row: Rows
    rung: str | None
    threshold: float
    departs: Worlds | None = None


def remedies(
    book: Book, worlds: Worlds, row: Rows, rung: str | None, sale: Sequence[Liquidity], threshold: float, state: State = AS_AGREED
) -> list[Remedy]:
    """The remedies for one failing row: each the smallest that reaches the restore level (a ladder) or the level itself.

    `sale` gives the cost of selling an asset; `state` is what holds before the remedy. Units are rounded up to whole ones; money is exact.
    """
    return remedies_of(book, [Failing(worlds, row, rung, threshold)], sale, state)[0]


def remedies_of(book: Book, failing: Sequence[Failing], sale: Sequence[Liquidity], state: State = AS_AGREED) -> list[list[Remedy]]:
    """The same for many failing rows, in their order: none for a row of which no level is known."""
    found: list[list[Remedy]] = [[] for _ in failing]
    for places, cases in _together(book, failing, state):
        for place, made in zip(places, _solved(cases, sale), strict=True):
            found[place] = made
    return found


def _together(book: Book, failing: Sequence[Failing], state: State) -> list[tuple[list[int], _Cases]]:
    """Rows that can be solved in one pass, with their places: of one formula in the same worlds, no two of one facility."""
    groups: dict[tuple[object, ...], list[tuple[int, _Cases]]] = {}
    turns: dict[tuple[object, ...], int] = {}
    for place, one in enumerate(failing):
        case = _case(book, one, state)
        if case is not None:
            form = case.test.on(one.row.period_end[0])
            kind = (id(one.worlds), id(one.departs), id(form.numerator), id(form.denominator), case.operator, case.test.unit)
            turn = turns[(*kind, case.test.facility)] = turns.get((*kind, case.test.facility), -1) + 1
            groups.setdefault((*kind, turn), []).append((place, case))
    parts = [group[at : at + _AT_ONCE] for group in groups.values() for at in range(0, len(group), _AT_ONCE)]
    return [([place for place, _ in part], _joined([case for _, case in part])) for part in parts]


def _joined(cases: Sequence[_Cases]) -> _Cases:
    rows = [case.rows for case in cases]
    columns = [np.concatenate([getattr(one, name) for one in rows]) for name in ("test", "instant", "period_end", "due")]
    return cases[0]._replace(rows=Rows(*columns), target=np.concatenate([case.target for case in cases]))


def _solved(cases: _Cases, sale: Sequence[Liquidity]) -> list[list[Remedy]]:
    scope = open_scope(cases.book, cases.worlds, cases.rows, cases.state)
    owed = outstanding_on(scope, scope.facility, scope.day, scope.known)
    flows = _sums_flows(cases)
    made = [_repaid(cases, owed, flows), _cash(cases, owed), *_units(cases, scope, flows, sale), _utilisation(cases, scope)]
    return [[one[n] for one in made if n in one] for n in range(len(cases.rows))]


def joint_remedies(book: Book, failing: Sequence[Failing], sale: Sequence[Liquidity], state: State = AS_AGREED) -> list[Remedy]:
    """The least of each instrument alone that clears every one of some covenants of one facility; None where it does not clear them all."""
    cases = [case for case in (_case(book, one, state) for one in failing) if case is not None]
    if len(cases) < len(failing) or not cases:
        return []
    first = cases[0]
    scope = open_scope(book, first.worlds, first.rows, state)
    owed = float(np.nan_to_num(outstanding_on(scope, scope.facility, scope.day, scope.known)[0]))
    tried = [
        (Remedy("repay", None, "money"), _repaying(first), owed),
        (Remedy("cash", None, "money"), _paying_in(first), max(owed, 1e6) * 4),
    ]
    ways = [way for way in _of_units(first, scope, sale) if len(way.places)]
    tried += [(way.remedies[0], way.states(first), float(way.most[0])) for way in ways]
    return [_jointly(cases, *one) for one in tried if one[2] > 0]


def _jointly(cases: Sequence[_Cases], remedy: Remedy, states: States, most: float) -> Remedy:
    barred = remedy.kind != "cash" and any(_sums_flows(case)[0] for case in cases)

    def good(amounts: Floats) -> Bools:
        return np.asarray(np.logical_and.reduce([_gap(case, states, amounts) >= 0 for case in cases]))

    return remedy if barred else _sized(remedy, float(_first_good(good, np.array([most]))[0]))


def _case(book: Book, one: Failing, state: State) -> _Cases | None:
    """What a remedy has to reach; None where no level is known."""
    test = book.tests[one.row.test[0]]
    level, target = target_of(test, one.rung) or (test.levels[0], one.threshold)
    if math.isnan(target):
        return None
    wanted = effective(level, np.array([target]), test.covenant.round)
    return _Cases(book, one.worlds, one.row, test, level.operator, wanted, state, one.departs)


def _fraction(cases: _Cases, states: States, amounts: Floats) -> Sides:
    """Numerator and denominator, float64[N, Q], with each amount."""
    changed = on_top(states(amounts), cases.state)

    def asked(worlds: Worlds, modelled: bool) -> Sides:
        scope = open_scope(cases.book, worlds, cases.rows, changed, amounts.shape[1])
        scope.assumed, scope.modelled = False, modelled
        return fraction(cases.test, scope)

    return departed(cases.test.on(cases.rows.period_end[0]), cases.worlds, cases.departs, asked, asked(cases.worlds, False))


def _gap(cases: _Cases, states: States, amounts: Floats) -> Floats:
    """float64[N, Q]: the slack at the target for each amount."""
    top, under = _fraction(cases, states, amounts)
    target = cases.target[:, None]
    gap = slack(cases.operator, top, under, target)
    shade = -2 * TIE if cases.operator in (">", "<") else TIE * 1e-3  # a tie does not pass a strict level
    return np.asarray(gap + shade * size(top, under, target))


def _least(cases: _Cases, states: States, most: Floats) -> Floats:
    """float64[N]: the least amount in (0, most] that reaches the target; NaN where none does."""
    return _first_good(lambda amounts: _gap(cases, states, amounts) >= 0, most)


def _first_good(reached: Callable[[Floats], Bools], most: Floats) -> Floats:
    """float64[N]: by brackets of a grid each, all of them narrowed at once; NaN where no amount of the first grid is good."""
    low, high, lost, each = np.zeros_like(most), most.astype(float), np.zeros(len(most), bool), np.arange(len(most))
    for _ in range(9):
        grid = low[:, None] + np.arange(_SECTIONS) * ((high - low) / (_SECTIONS - 1))[:, None]
        grid[:, -1] = high
        good = reached(grid)
        lost |= ~good.any(axis=1)
        at = good.argmax(axis=1)
        high = grid[each, at]
        low = np.where(at > 0, grid[each, at - 1], high)
    return np.where(lost, np.nan, high)


def _column(cases: _Cases, amounts: Floats, neutral: float = 0.0) -> Floats:
    """float64[F, Q]: each row's amounts for its facility, nothing for the others."""
    column = np.full((len(cases.book.ids), amounts.shape[1]), neutral)
    column[cases.facility] = amounts
    return column


def _repaying(cases: _Cases) -> States:
    return lambda amounts: State(repaid=_column(cases, amounts))


def _paying_in(cases: _Cases) -> States:
    return lambda amounts: State(cash=_column(cases, amounts))


def _moves(cases: _Cases, states: States, step: Floats) -> Bools:
    """bool[N]: whether a step of it moves the ratio."""
    gaps = _gap(cases, states, np.stack([np.zeros_like(step), step], axis=1))
    return np.asarray(np.isfinite(gaps).all(axis=1) & (gaps[:, 1] != gaps[:, 0]))


def _sums_flows(cases: _Cases) -> Bools:
    """bool[N]: a prepayment cures a coverage ratio only where the agreement deems it so: cash is asked for instead."""
    return _moves(cases, _paying_in(cases), np.full(len(cases.rows), 1e6)) & (cases.test.unit == "x")


def _repaid(cases: _Cases, owed: Floats, flows: Bools) -> dict[int, Remedy]:
    wanted = np.flatnonzero((owed > 0) & ~flows)
    mine = cases.pick(wanted)
    moving = wanted[_moves(mine, _repaying(mine), owed[wanted] / 8)] if len(wanted) else wanted
    return _amounts(cases.pick(moving), _repaying, Remedy("repay", None, "money"), moving, owed[moving])


def _cash(cases: _Cases, owed: Floats) -> dict[int, Remedy]:
    moving = np.flatnonzero(_moves(cases, _paying_in(cases), np.full(len(cases.rows), 1e6)))
    most = np.maximum(np.nan_to_num(owed[moving]), 1e6) * 4
    return _amounts(cases.pick(moving), _paying_in, Remedy("cash", None, "money"), moving, most)


def _amounts(cases: _Cases, way: Callable[[_Cases], States], remedy: Remedy, places: Ints, most: Floats) -> dict[int, Remedy]:
    """The least amount of some rows, under their places."""
    least = _least(cases, way(cases), most) if len(places) else most
    return {int(n): _sized(remedy, float(amount)) for n, amount in zip(places, least, strict=True)}


def _sized(remedy: Remedy, amount: float) -> Remedy:
    """A remedy with its amount, NaN for none that clears; units are whole."""
    if math.isnan(amount):
        return remedy
    whole = remedy.unit != "money" and remedy.kind in ("post", "sell")
    return remedy._replace(amount=float(math.ceil(amount - 1e-6)) if whole else amount)


class _Way(NamedTuple):
    """Posting or selling (with what a unit brings): of which rows, the remedies without their size, the most, a small step."""

    places: Ints
    remedies: list[Remedy]
    net: Floats | None
    most: Floats
    step: Floats

    def pick(self, chosen: Bools) -> _Way:
        """The same of some of its rows."""
        kept = [one for one, wanted in zip(self.remedies, chosen, strict=True) if wanted]
        net = None if self.net is None else self.net[chosen]
        return _Way(self.places[chosen], kept, net, self.most[chosen], self.step[chosen])

    def states(self, cases: _Cases) -> States:
        """What some units of it do; the cases are those of its rows."""
        net = self.net
        if net is None:
            return lambda amounts: State(posted=_column(cases, amounts))
        return lambda amounts: State(repaid=_column(cases, amounts * net[:, None]), posted=_column(cases, -amounts))


def _units(cases: _Cases, scope: Scope, flows: Bools, sale: Sequence[Liquidity]) -> list[dict[int, Remedy]]:
    """What posting and selling some units of the first eligible parcel take, of rows that move with it."""
    ways = _of_units(cases, scope, sale)
    posting, moving = ways[0], np.zeros(len(cases.rows), dtype=bool)
    if len(posting.places):
        mine = cases.pick(posting.places)
        moving[posting.places] = _moves(mine, posting.states(mine), posting.step)
    return [_of_way(cases, way.pick((moving & ~flows)[way.places])) for way in ways]


def _of_way(cases: _Cases, way: _Way) -> dict[int, Remedy]:
    if not len(way.places):
        return {}
    mine = cases.pick(way.places)
    least = _least(mine, way.states(mine), way.most)
    further = np.isnan(least) & _worsens(mine, way.states(mine), way.step)
    made = [_sized(one, float(amount)) for one, amount in zip(way.remedies, least, strict=True)]
    return {int(n): one._replace(worse=bool(worse)) for n, one, worse in zip(way.places, made, further, strict=True)}


def _worsens(cases: _Cases, states: States, step: Floats) -> Bools:
    """bool[N]: whether a little of it moves the ratio itself away from the target."""
    top, under = _fraction(cases, states, np.stack([np.zeros_like(step), step], axis=1))
    shown = np.divide(top, under, out=np.full_like(top, np.nan), where=under > 0)
    gaps = slack(cases.operator, shown, np.ones_like(shown), cases.target[:, None])
    return np.asarray(gaps[:, 1] < gaps[:, 0])


def _of_units(cases: _Cases, scope: Scope, sale: Sequence[Liquidity]) -> list[_Way]:
    """Posting, and selling where a cost and a price are known: of the rows whose facility has units of an eligible parcel."""
    lead = lead_parcel(cases.book)[cases.facility]
    places = np.flatnonzero(lead >= 0)
    units = parcel_units(scope, places, lead[places])[:, 0]
    price = scope.marks(cases.book.ints["collateral.price"][lead[places]], places)[:, 0]
    places, price, units = places[units > 0], price[units > 0], units[units > 0]
    parcels = [cases.book.tables["collateral"].rows[at] for at in lead[places].tolist()]
    known = {one.asset: float(one.sale_cost) for one in reversed(sale)}
    cost = np.array([known.get(parcel.asset, np.nan) for parcel in parcels], dtype=float)
    posting = _Way(places, [Remedy("post", None, one.unit, one.asset) for one in parcels], None, units * 20, units / 8)
    sold = [Remedy("sell", None, one.unit, f"at {each * 100:g}% cost") for one, each in zip(parcels, cost, strict=True)]
    return [posting, _Way(places, sold, price * (1 - cost), units, units / 64).pick(~np.isnan(cost) & (price > 0))]


def _utilisation(cases: _Cases, scope: Scope) -> dict[int, Remedy]:
    """The utilisation that clears, of rows whose facility has one parcel that is let by the hour."""
    parcels = cases.book.tables["collateral"]
    let = np.array([row.utilisation is not None for row in parcels.rows], dtype=bool)
    owner = np.asarray(parcels.owner)[let]
    of = np.full(len(cases.book.ids), -1, dtype=np.int64)
    of[owner] = np.flatnonzero(let)
    alone = np.bincount(owner, minlength=len(of)) == 1
    places = np.flatnonzero(alone[cases.facility])
    now = cases.book.dated["collateral.utilisation"].at(of[cases.facility[places]], scope.day[places])
    places, now = places[now > 0], now[now > 0]
    if len(places):
        mine = cases.pick(places)
        moving = _moves(mine, _letting(mine), np.full(len(places), 0.1))
        places, now = places[moving], now[moving]
    if not len(places):
        return {}
    mine = cases.pick(places)
    least = now * (1 + _least(mine, _letting(mine), 1 / now - 1))
    return {int(n): Remedy("utilisation", float(share), "share") for n, share in zip(places, least, strict=True) if not math.isnan(share)}


def _letting(cases: _Cases) -> States:
    return lambda amounts: State(utilisation=_column(cases, 1 + amounts, neutral=1.0))

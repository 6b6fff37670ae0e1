"""What would clear a failure: the least money repaid, collateral posted or sold, cash put in, or utilisation reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from facilities.model import Liquidity
from rules.book import Book
from rules.columns import Floats
from rules.compare import TIE, effective, size, slack
from rules.covenants import Level, Test
from rules.headroom import fraction
from rules.primitives.collateral import lead_parcel, parcel_units
from rules.primitives.owed import outstanding_on
from rules.scope import Rows, Scope, open_scope
from rules.state import AS_AGREED, State, on_top
from rules.worlds import Worlds

_SECTIONS = 65


class Remedy(NamedTuple):
    """One way to clear: its kind, the least amount (None: no amount clears it), its unit, and what it assumes."""

    kind: str
    amount: float | None
    unit: str
    note: str = ""


class _Case(NamedTuple):
    book: Book
    worlds: Worlds
    row: Rows
    test: Test
    level: Level
    target: float
    state: State


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


def remedies(
    book: Book, worlds: Worlds, row: Rows, rung: str | None, sale: Sequence[Liquidity], threshold: float, state: State = AS_AGREED
) -> list[Remedy]:
    """The remedies for one failing row: each the smallest that reaches the restore level (a ladder) or the level itself.

    `sale` gives the cost of selling an asset; `state` is what holds before the remedy. Units are rounded up to whole ones; money is exact.
    """
    test = book.tests[row.test[0]]
    found = target_of(test, rung)
    level, target = found or (test.levels[0], threshold)
    if math.isnan(target):
        return []
    case = _Case(book, worlds, row, test, level, float(effective(level, np.array([target]), test.covenant.round)[0]), state)
    scope = open_scope(book, worlds, row, state)
    made = [_repay(case, scope), _cash(case, scope), *_units(case, scope, sale), _utilisation(case)]
    return [one for one in made if one is not None]


def _gap(case: _Case, states: Callable[[Floats], State], amounts: Floats) -> Floats:
    """float64[Q]: the slack at the target for each amount."""
    scope = open_scope(case.book, case.worlds, case.row, on_top(states(amounts), case.state), len(amounts))
    scope.assumed = False
    top, under = fraction(case.test, scope)
    target = np.array([[case.target]])
    gap = slack(case.level.operator, top, under, target)
    shade = -2 * TIE if case.level.operator in (">", "<") else TIE * 1e-3  # a tie does not pass a strict level
    return np.asarray((gap + shade * size(top, under, target))[0])


def _least(case: _Case, states: Callable[[Floats], State], most: float) -> float | None:
    """The least amount in (0, most] that reaches the target; None where none does, or where nothing moves."""
    low, high = 0.0, most
    for _ in range(9):
        grid = np.linspace(low, high, _SECTIONS)
        good = _gap(case, states, grid) >= 0
        if not good.any():
            return None
        at = int(good.argmax())
        if at == 0:
            return float(grid[0])
        low, high = float(grid[at - 1]), float(grid[at])
    return high


def _column(case: _Case, amounts: Floats) -> Floats:
    """float64[F, Q]: an amount for this row's facility, nothing for the others."""
    column = np.zeros((len(case.book.ids), len(amounts)))
    column[case.test.facility] = amounts
    return column


def _moves(case: _Case, states: Callable[[Floats], State], step: float) -> bool:
    gaps = _gap(case, states, np.array([0.0, step]))
    return bool(np.isfinite(gaps).all() and gaps[1] != gaps[0])


def _repay(case: _Case, scope: Scope) -> Remedy | None:
    owed = float(outstanding_on(scope, scope.facility, scope.day, scope.known)[0])

    def states(amounts: Floats) -> State:
        return State(repaid=_column(case, amounts))

    if not owed > 0 or _sums_flows(case) or not _moves(case, states, owed / 8):
        return None
    return Remedy("repay", _least(case, states, owed), "money")


def _sums_flows(case: _Case) -> bool:
    """A prepayment cures a coverage ratio only where the agreement deems it so: cash is asked for instead."""
    return _moves(case, lambda amounts: State(cash=_column(case, amounts)), 1e6) and case.test.unit == "x"


def _cash(case: _Case, scope: Scope) -> Remedy | None:
    def states(amounts: Floats) -> State:
        return State(cash=_column(case, amounts))

    owed = float(np.nan_to_num(outstanding_on(scope, scope.facility, scope.day, scope.known)[0]))
    return Remedy("cash", _least(case, states, max(owed, 1e6) * 4), "money") if _moves(case, states, 1e6) else None


def _units(case: _Case, scope: Scope, sale: Sequence[Liquidity]) -> list[Remedy]:
    lead = int(lead_parcel(case.book)[case.test.facility])
    if lead < 0:
        return []
    parcel = case.book.tables["collateral"].rows[lead]
    units = float(parcel_units(scope, np.zeros(1, np.int64), np.array([lead]))[0, 0])
    price = float(scope.marks(case.book.ints["collateral.price"][lead : lead + 1], np.zeros(1, np.int64))[0, 0])

    def post(amounts: Floats) -> State:
        return State(posted=_column(case, amounts))

    if not units > 0 or _sums_flows(case) or not _moves(case, post, units / 8):
        return []
    made = [_whole(Remedy("post", _least(case, post, units * 20), parcel.unit, parcel.asset))]
    cost = next((float(one.sale_cost) for one in sale if one.asset == parcel.asset), None)
    if cost is not None and price > 0:
        net = price * (1 - cost)

        def sell(amounts: Floats) -> State:
            return State(repaid=_column(case, amounts * net), posted=_column(case, -amounts))

        made.append(_whole(Remedy("sell", _least(case, sell, units), parcel.unit, f"at {cost * 100:g}% cost")))
    return made


def _whole(remedy: Remedy) -> Remedy:
    return remedy if remedy.amount is None else remedy._replace(amount=float(math.ceil(remedy.amount - 1e-6)))


def _utilisation(case: _Case) -> Remedy | None:
    parcels = case.book.tables["collateral"]
    mine = [at for at in range(len(parcels)) if parcels.owner[at] == case.test.facility and parcels.rows[at].utilisation is not None]
    if len(mine) != 1:
        return None
    scope = open_scope(case.book, case.worlds, case.row, case.state)
    now = float(case.book.dated["collateral.utilisation"].at(np.array(mine), scope.day)[0])

    def states(amounts: Floats) -> State:
        return State(utilisation=np.where(_column(case, np.ones_like(amounts)) > 0, 1 + amounts, 1.0))

    if not now > 0 or not _moves(case, states, 0.1):
        return None
    least = _least(case, states, 1 / now - 1)
    return Remedy("utilisation", None if least is None else now * (1 + least), "share") if least is not None else None

"""What would clear a failure: the least money repaid, collateral posted or sold, cash put in, or utilisation reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from facilities.model import Liquidity
from rules.book import Book
from rules.columns import Bools, Floats
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
    """One way to clear: its kind, the least amount (None: no amount clears it), its unit, and what it assumes.

    `worse`: the more of it, the further off: selling while the loan is more than what a sale leaves of its value (LTV > 1 - haircut).
    """

    kind: str
    amount: float | None
    unit: str
    note: str = ""
    worse: bool = False


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


class Failing(NamedTuple):
    """One covenant that fails: its row in its worlds, the rung that is on, and the level it was held against."""

    worlds: Worlds
    row: Rows
    rung: str | None
    threshold: float


def remedies(
    book: Book, worlds: Worlds, row: Rows, rung: str | None, sale: Sequence[Liquidity], threshold: float, state: State = AS_AGREED
) -> list[Remedy]:
    """The remedies for one failing row: each the smallest that reaches the restore level (a ladder) or the level itself.

    `sale` gives the cost of selling an asset; `state` is what holds before the remedy. Units are rounded up to whole ones; money is exact.
    """
    case = _case(book, Failing(worlds, row, rung, threshold), state)
    if case is None:
        return []
    scope = open_scope(book, worlds, row, state)
    made = [_repay(case, scope), _cash(case, scope), *_units(case, scope, sale), _utilisation(case)]
    return [one for one in made if one is not None]


def joint_remedies(book: Book, failing: Sequence[Failing], sale: Sequence[Liquidity], state: State = AS_AGREED) -> list[Remedy]:
    """The least of each instrument alone that clears every one of some covenants of one facility; None where it does not clear them all."""
    cases = [case for case in (_case(book, one, state) for one in failing) if case is not None]
    if len(cases) < len(failing) or not cases:
        return []
    first = cases[0]
    scope = open_scope(book, first.worlds, first.row, state)
    owed = float(np.nan_to_num(outstanding_on(scope, scope.facility, scope.day, scope.known)[0]))
    tried = [
        (Remedy("repay", None, "money"), lambda amounts: State(repaid=_column(first, amounts)), owed, 1.0),
        (Remedy("cash", None, "money"), lambda amounts: State(cash=_column(first, amounts)), max(owed, 1e6) * 4, 1.0),
        *_of_units(first, scope, sale),
    ]
    return [_jointly(cases, remedy, states, most) for remedy, states, most, _ in tried if most > 0]


def _jointly(cases: Sequence[_Case], remedy: Remedy, states: Callable[[Floats], State], most: float) -> Remedy:
    barred = remedy.kind != "cash" and any(_sums_flows(case) for case in cases)

    def good(amounts: Floats) -> Bools:
        return np.asarray(np.logical_and.reduce([_gap(case, states, amounts) >= 0 for case in cases]))

    found = remedy._replace(amount=None if barred else _first_good(good, most))
    return found if remedy.unit == "money" else _whole(found)


def _case(book: Book, one: Failing, state: State) -> _Case | None:
    """What a remedy has to reach; None where no level is known."""
    test = book.tests[one.row.test[0]]
    level, target = target_of(test, one.rung) or (test.levels[0], one.threshold)
    if math.isnan(target):
        return None
    wanted = float(effective(level, np.array([target]), test.covenant.round)[0])
    return _Case(book, one.worlds, one.row, test, level, wanted, state)


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
    return _first_good(lambda amounts: _gap(case, states, amounts) >= 0, most)


def _first_good(reached: Callable[[Floats], Bools], most: float) -> float | None:
    low, high = 0.0, most
    for _ in range(9):
        grid = np.linspace(low, high, _SECTIONS)
        good = reached(grid)
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
    tried = _of_units(case, scope, sale)
    if not tried or _sums_flows(case) or not _moves(case, tried[0][1], tried[0][3]):
        return []
    return [_whole(_sized(case, *one)) for one in tried]


def _sized(case: _Case, remedy: Remedy, states: Callable[[Floats], State], most: float, step: float) -> Remedy:
    amount = _least(case, states, most)
    return remedy._replace(amount=amount, worse=amount is None and _worsens(case, states, step))


def _worsens(case: _Case, states: Callable[[Floats], State], step: float) -> bool:
    """Whether a little of it moves the ratio itself away from the target."""
    scope = open_scope(case.book, case.worlds, case.row, on_top(states(np.array([0.0, step])), case.state), 2)
    scope.assumed = False
    top, under = fraction(case.test, scope)
    shown = np.divide(top, under, out=np.full_like(top, np.nan), where=under > 0)
    gaps = slack(case.level.operator, shown, np.ones_like(shown), np.array([[case.target]]))[0]
    return bool(gaps[1] < gaps[0])


def _of_units(case: _Case, scope: Scope, sale: Sequence[Liquidity]) -> list[tuple[Remedy, Callable[[Floats], State], float, float]]:
    """(remedy without its size, what some units of it do, the most of them, a small step) of posting and of selling collateral."""
    lead = int(lead_parcel(case.book)[case.test.facility])
    if lead < 0:
        return []
    parcel = case.book.tables["collateral"].rows[lead]
    units = float(parcel_units(scope, np.zeros(1, np.int64), np.array([lead]))[0, 0])
    price = float(scope.marks(case.book.ints["collateral.price"][lead : lead + 1], np.zeros(1, np.int64))[0, 0])
    if not units > 0:
        return []

    def post(amounts: Floats) -> State:
        return State(posted=_column(case, amounts))

    made: list[tuple[Remedy, Callable[[Floats], State], float, float]] = []
    made.append((Remedy("post", None, parcel.unit, parcel.asset), post, units * 20, units / 8))
    cost = next((float(one.sale_cost) for one in sale if one.asset == parcel.asset), None)
    if cost is not None and price > 0:
        net = price * (1 - cost)

        def sell(amounts: Floats) -> State:
            return State(repaid=_column(case, amounts * net), posted=_column(case, -amounts))

        made.append((Remedy("sell", None, parcel.unit, f"at {cost * 100:g}% cost"), sell, units, units / 64))
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

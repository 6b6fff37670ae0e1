"""The kernel: a resolved formula over a scope, column by column. `mark` and the primitives are its leaves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rules.columns import Floats
from rules.formula import Binary, Call, Defined, Name, Negate, Node, Number, text_of
from rules.lives import life_of
from rules.primitives import READERS
from rules.primitives.leaf import Factor, Leaf, Terms, Where
from rules.scope import Scope
from rules.selection import leaf_unit
from rules.state import in_place
from rules.vocabulary import FUNCTIONS, LIVES, WINDOWS


def value(node: Node, scope: Scope) -> Floats:
    """float64[N, Q]: a formula for every row in every column, NaN where an input is unknown; parts that are given as given."""
    found = _computed(node, scope)
    return in_place(scope.state, text_of(node), scope.facility, found) if scope.state.given else found


def _computed(node: Node, scope: Scope) -> Floats:
    if isinstance(node, Defined):
        return _defined(node, scope)
    if isinstance(node, Binary):
        return operate(node.op, value(node.left, scope), value(node.right, scope))
    if isinstance(node, Number):
        return np.full((len(scope), scope.columns), node.value)
    if isinstance(node, Negate):
        return -value(node.operand, scope)
    if isinstance(node, Call) and node.function in WINDOWS:
        return value(node.args[0], scope.through(node.function))
    if isinstance(node, Call) and node.function in LIVES:
        life = life_of(scope, node.function)
        if life.how == "months":
            return life.months(value(node.args[0], scope), value(node.args[1], life.scope))
        return life.gathered([value(arg, life.scope) for arg in node.args], scope)
    if isinstance(node, Call) and node.function in FUNCTIONS:
        return combine(node.function, [value(arg, scope) for arg in node.args])
    word, text = (node.function, node.text or "") if isinstance(node, Call) else (text_of(node), "")
    return _once(scope, (word, text), lambda: leaf_of(node, scope).total(scope))


def _defined(node: Defined, scope: Scope) -> Floats:
    return _once(scope, (id(node), node.name), lambda: value(node.body, scope))


def _once(scope: Scope, key: tuple[object, str], make: Callable[[], Floats]) -> Floats:
    if key not in scope.memo:
        scope.memo[key] = make()
    return scope.memo[key]


def operate(op: str, left: Floats, right: Floats) -> Floats:
    """One arithmetic step; a quotient by zero is unknown."""
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    quotient: Floats = np.divide(left, right, out=np.full(np.broadcast_shapes(left.shape, right.shape), np.nan), where=right != 0)
    return quotient


def combine(function: str, values: list[Floats]) -> Floats:
    """`min`, `max`, `abs`, or the first known."""
    found = values[0]
    if function == "abs":
        return np.abs(found)
    for other in values[1:]:
        if function == "known":
            found = np.where(np.isnan(found), other, found)
        else:
            found = np.minimum(found, other) if function == "min" else np.maximum(found, other)
    return found


def leaf_of(node: Node, scope: Scope) -> Leaf:
    """The rows of factors behind a primitive or a mark; a flow that no window sums is unknown."""
    name = node.function if isinstance(node, Call) else node.name if isinstance(node, Name) else ""
    if scope.window is None and (name == "reported" or leaf_unit(name, node.text if isinstance(node, Call) else None).endswith("/period")):
        return Leaf((), np.ones(len(scope), dtype=bool), lambda _: f"{name} is a flow: it has a value only in a window such as last12m")
    if isinstance(node, Call) and node.function == "mark":
        return _mark(scope, node.text or "")
    if isinstance(node, Call):
        return READERS[node.function](scope, node.text)
    assert isinstance(node, Name)
    return READERS[node.name](scope, None)


def _mark(scope: Scope, name: str) -> Leaf:
    place = scope.book.series.find(name)
    rows = np.arange(len(scope), dtype=np.int64)
    series = np.full(len(scope), -1 if place is None else place, dtype=np.int64)
    wanted = scope.remapped(series, rows)
    ahead = (scope.window.start, scope.window.end) if scope.window is not None else ()
    factor = Factor(name, scope.marks(series, rows, *ahead), "", lambda n: Where(series=int(wanted[n])))
    return Leaf((Terms(rows, (factor,), lambda _: name),))

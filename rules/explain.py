"""explain: the same graph, walked for one row, with every operand's value, unit and origin down to the leaf."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from facilities.load import Desk
from rules.covenants import Test
from rules.explained import Explained
from rules.formula import Binary, Call, Defined, Name, Negate, Node, Number, children, text_of
from rules.kernel import leaf_of
from rules.primitives.leaf import JOURNAL, Factor, Leaf, Terms, Where
from rules.scope import Scope
from rules.state import in_place
from rules.units import parse_unit
from rules.vocabulary import FUNCTIONS, PRIMITIVES, WINDOWS

Cite = Callable[[int], tuple[str, str | None]]
"""Series number -> (origin in words: series, source, as-of, age; why it is doubtful or None)."""

_UNKNOWN = np.full((1, 1), np.nan)


class Explainer:
    """Explains formulas over a scope of one row and one column; `cite` says where a mark came from."""

    def __init__(self, desk: Desk, currency: str, cite: Cite) -> None:
        self.desk, self.currency, self.cite = desk, currency, cite

    def test(self, test: Test, scope: Scope) -> Explained:
        """The quantity of a test; KeyError when it has none."""
        if test.quantity is None:
            raise KeyError(test.covenant.id)
        return self.node(test.quantity, scope)

    def node(self, node: Node, scope: Scope) -> Explained:
        """One node of the graph with its operands; a part that is given has none."""
        given = in_place(scope.state, text_of(node), scope.facility, _UNKNOWN)[0, 0] if scope.state.given else math.nan
        if not math.isnan(given):
            return Explained(label=text_of(node), value=float(given), unit=self._given_unit(node), origin="given, not computed")
        if isinstance(node, Number):
            return Explained(label=text_of(node), value=node.value, unit="", origin="in the formula")
        if isinstance(node, Defined):
            return self._defined(node, scope)
        if isinstance(node, Call) and node.function in WINDOWS:
            return self._window(node, scope)
        if isinstance(node, (Binary, Negate)) or (isinstance(node, Call) and node.function in FUNCTIONS):
            return self._operation(node, scope)
        return self._leaf(node, leaf_of(node, scope))

    def _defined(self, node: Defined, scope: Scope) -> Explained:
        inside = self.node(node.body, scope)
        flat = isinstance(node.body, (Binary, Negate)) or (isinstance(node.body, Call) and node.body.function in FUNCTIONS)
        return Explained(
            label=node.name, value=inside.value, unit=self._unit(node.unit), operation=text_of(node.body),
            source=" ".join(part for part in (node.clause and f"clause {node.clause}", node.source) if part) or None,
            reason=inside.reason, children=inside.children if flat else (inside,),
        )  # fmt: skip

    def _window(self, node: Call, scope: Scope) -> Explained:
        seen = scope.through(node.function)
        inside = self.node(node.args[0], seen)
        return Explained(
            label=text_of(node), value=inside.value, unit=self._unit("money"), operation=_span(seen), reason=inside.reason,
            children=(inside,),
        )  # fmt: skip

    def _operation(self, node: Node, scope: Scope) -> Explained:
        if isinstance(node, Binary) and node.op in "+-":
            return self._sum(node, scope)
        parts = tuple(self.node(child, scope) for child in children(node))
        value = _apply(node, [part.value for part in parts])
        reason = None if value is not None else next((part.reason for part in parts if part.reason), "the denominator is zero")
        unit = _combined(node.op, parts) if isinstance(node, Binary) else next((part.unit for part in parts if part.unit), "")
        if isinstance(node, Call) and node.function == "known":
            parts = _up_to_known(parts)
        return Explained(label=text_of(node), value=value, unit=unit, operation=None, reason=reason, children=parts)

    def _sum(self, node: Binary, scope: Scope) -> Explained:
        """A chain of additions as one node with every operand beside the others, those taken off named so."""
        signed = [(sign, self.node(child, scope)) for sign, child in _chain(node)]
        total: float | None = 0.0
        for place, (sign, part) in enumerate(signed):
            if total is None or part.value is None:
                total = None
            else:
                total = part.value if place == 0 else total + part.value if sign > 0 else total - part.value
        reason = None if total is not None else next((part.reason for _, part in signed if part.reason), None)
        parts = tuple(part if sign > 0 else msgspec.structs.replace(part, label=f"less {part.label}") for sign, part in signed)
        unit = next((part.unit for part in parts if part.unit), "")
        return Explained(label=text_of(node), value=total, unit=unit, reason=reason, children=parts)

    def _leaf(self, node: Node, leaf: Leaf) -> Explained:
        name = node.function if isinstance(node, Call) else node.name  # type: ignore[union-attr]
        unknown = bool(leaf.unknown is not None and leaf.unknown[0])
        rows = [self._row(terms, r) for terms in leaf.listed() for r in range(len(terms.asker))]
        total: float | None = None if unknown or any(row.value is None for row in rows) else math.fsum(row.value or 0.0 for row in rows)
        reason = leaf.why(0) if unknown else next((row.reason for row in rows if row.value is None), None)
        unit = "" if name == "mark" else self._unit("money" if PRIMITIVES[name].unit == "line" else PRIMITIVES[name].unit)
        if len(rows) == 1 and not rows[0].children and name in ("mark", *_SINGLE):
            return msgspec.structs.replace(rows[0], label=text_of(node), unit=unit or rows[0].unit, reason=reason or rows[0].reason)
        return Explained(label=text_of(node), value=total, unit=unit, operation=PRIMITIVES[name].says, reason=reason, children=tuple(rows))

    def _row(self, terms: Terms, r: int) -> Explained:
        parts = [self._factor(factor, r) for factor in terms.factors]
        value: float | None = terms.sign
        for part in parts:
            value = None if value is None or part.value is None else value * part.value
        reason = next((part.reason for part in parts if part.value is None), None)
        if len(parts) == 1 and terms.sign == 1.0:
            return msgspec.structs.replace(parts[0], label=terms.name(r) or parts[0].label)
        product = " x ".join(part.label for part in parts)
        operation = ("-" if terms.sign < 0 else "") + product
        return Explained(
            label=terms.name(r), value=value, unit=self._unit("money"), operation=operation, reason=reason, children=tuple(parts)
        )  # fmt: skip

    def _factor(self, factor: Factor, r: int) -> Explained:
        raw = float(factor.values[r, 0])
        origin, source, doubt = self._origin(factor.where(r))
        inner = tuple(self._part(*part) for part in factor.parts(r)) if factor.parts else ()
        known = not math.isnan(raw)
        return Explained(
            label=factor.label, value=raw if known else None, unit=self._unit(factor.unit), origin=origin, source=source,
            reason=doubt or (None if known else "not known on that day"), children=inner,
        )  # fmt: skip

    def _part(self, label: str, value: float, unit: str, where: Where | None) -> Explained:
        origin, source, doubt = self._origin(where)
        known = None if math.isnan(value) else value
        return Explained(label=label, value=known, unit=self._unit(unit), origin=origin, source=source, reason=doubt)

    def _origin(self, where: Where | None) -> tuple[str | None, str | None, str | None]:
        if where is None:
            return None, None, None
        if where.series >= 0:
            origin, doubt = self.cite(where.series)
            return origin, None, doubt
        if where.owner == JOURNAL:
            return f"journal.db:{where.path[0]}", None, None
        return self.desk.origin(where.owner, where.path), source_of(self.desk, where.owner, where.path), None

    def _given_unit(self, node: Node) -> str:
        if isinstance(node, Defined):
            return self._unit(node.unit)
        name = node.function if isinstance(node, Call) else node.name if isinstance(node, Name) else ""
        primitive = PRIMITIVES.get(name)
        return self._unit("money" if name in WINDOWS or (primitive and primitive.unit == "line") else primitive.unit if primitive else "")

    def _unit(self, unit: str) -> str:
        return unit.replace("money", self.currency).replace("/period", "")


_SINGLE = ("outstanding", "accrued", "pik", "letters_of_credit", "commitment", "original_principal", "cure_cash", "days_late")


def _apply(node: Node, values: list[float | None]) -> float | None:
    if isinstance(node, Call) and node.function == "known":
        return next((value for value in values if value is not None), None)
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if isinstance(node, Negate):
        return -known[0]
    if isinstance(node, Call):
        return abs(known[0]) if node.function == "abs" else (min if node.function == "min" else max)(known)
    assert isinstance(node, Binary)
    left, right = known
    if node.op == "/":
        return left / right if right else None
    return {"+": left + right, "-": left - right, "*": left * right}[node.op]


def _chain(node: Node) -> list[tuple[int, Node]]:
    """The operands of a chain of `+` and `-` with their signs, the first always added."""
    if isinstance(node, Binary) and node.op in "+-":
        return [*_chain(node.left), (1 if node.op == "+" else -1, node.right)]
    return [(1, node)]


def _up_to_known(parts: tuple[Explained, ...]) -> tuple[Explained, ...]:
    """The argument that was taken, after those that were not known, whose leaves are left out."""
    shown: list[Explained] = []
    for part in parts:
        shown.append(part if part.value is not None else msgspec.structs.replace(part, children=()))
        if part.value is not None:
            break
    return tuple(shown) if shown and shown[-1].value is not None else parts


def _combined(op: str, parts: tuple[Explained, ...]) -> str:
    left, right = (part.unit for part in parts)
    if op in "+-":
        return left or right
    if op == "/" and parse_unit(left) == parse_unit(right):
        return "x"
    return left if not right else (right if op == "*" and not left else f"{left} {op} {right}")


def _span(scope: Scope) -> str:
    import datetime as dt

    window = scope.window
    assert window is not None
    if window.way == "run_rate":
        return "today's terms and marks held for 12 months of 730 hours"
    first, last = (dt.date.fromordinal(int(day)).isoformat() for day in (window.start[0] + 1, window.end[0]))
    return f"{first} to {last}" + (f", x {window.scale[0]:g}" if window.scale[0] != 1 else "")


def source_of(desk: Desk, owner: str, path: tuple[str | int, ...]) -> str | None:
    """The citation beside a figure: its own table's, or the nearest table's above it."""
    kind, _, name = owner.partition(":")
    files: dict[str, Any] = {"facility": desk.facilities, "obligor": desk.obligors}
    step: Any = files.get(kind, {}).get(name)
    cited: str | None = None
    for key in path:
        sources = getattr(step, "sources", None) or {}
        cited = sources.get(key) or getattr(step, "source", None) or cited
        listed = isinstance(key, int) and isinstance(step, list) and key < len(step)
        step = step[key] if listed else getattr(step, f"{key}_" if key in ("from", "class") else str(key), None)
    return getattr(step, "source", None) or cited

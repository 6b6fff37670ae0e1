"""Worked examples: a formula by hand, from the values of its parts that an example gives to what it must come to."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from facilities.model import Example
from rules.formula import Binary, Call, Defined, FormulaError, Negate, Node, Number, children, parse, text_of
from rules.kernel import combine, operate
from rules.vocabulary import FUNCTIONS, LIVES, WINDOWS

if TYPE_CHECKING:
    from rules.columns import Floats


def worked(quantity: Defined, example: Example) -> float:
    """What a quantity's formula comes to on the values an example gives for its parts, by their text.

    Definitions are opened down to the parts that are given; an argument of `known` without a value is not known. Raises
    FormulaError R013 for a part without a value or a value without a part, and R001, R002 for a part that is no formula.
    """
    work = _Work(example)
    found = work.value(quantity.body)
    if found.size != 1 and "/period" in quantity.unit:
        found = found.sum(keepdims=True)
    if found.size != 1:
        raise FormulaError("R013", f"the example gives periods that no window of {quantity.name!r} adds up", _HINT)
    unread = [name for name in work.given if name not in work.read]
    if unread:
        raise FormulaError("R013", f"the example gives {unread[0]!r}, which {quantity.name!r} does not read", _HINT)
    return float(found[0, 0])


def verify(quantity: Defined, example: Example) -> None:
    """Raises FormulaError R013 when an example does not come to its `value`, to the digits written there."""
    found = worked(quantity, example)
    if not agrees(found, example):
        message = f"the example of {quantity.name!r} comes to {found:.12g}, not {example.value}"
        raise FormulaError("R013", message, "mend the example or the formula")


def agrees(found: float, example: Example) -> bool:
    """Whether a value is the example's, half a unit of its last written place allowed."""
    exponent = example.value.as_tuple().exponent
    places = exponent if isinstance(exponent, int) else 0
    return math.isfinite(found) and abs(found - float(example.value)) <= 0.5 * 10.0**places * (1 + 1e-9)


_HINT = 'an example names parts of the formula by their text: given = { "outstanding" = 60 }'


_PERIODS = "a flow is given period by period as a list: given = { cfads = [15, 21] }; or give the window's own value"


class _Work:
    """One example being worked: the values by normalised text, and which of them were read."""

    def __init__(self, example: Example) -> None:
        self.given = {_text(name): _periods(amount) for name, amount in example.given.items()}
        self.read: set[str] = set()

    def value(self, node: Node) -> Floats:
        """float64[1, M]: a part as given, or from its own parts; a flow given period by period has M of them."""
        text = text_of(node)
        if text in self.given:
            self.read.add(text)
            return self.given[text]
        if isinstance(node, Number):
            return np.array([[node.value]])
        if isinstance(node, Defined):
            return self.value(node.body)
        if isinstance(node, Negate):
            return -self.value(node.operand)
        if isinstance(node, Binary):
            return operate(node.op, self.value(node.left), self.value(node.right))
        if isinstance(node, Call) and node.function == "known":
            return self._known(node)
        if isinstance(node, Call) and node.function in FUNCTIONS:
            return combine(node.function, [self.value(arg) for arg in node.args])
        if isinstance(node, Call) and (node.function in WINDOWS or node.function in LIVES):
            return self._window(node)
        raise FormulaError("R013", f"the example gives no value for {text!r}", _HINT)

    def _window(self, node: Call) -> Floats:
        """The periods of a flow added up, or the mean or least of the ratios of two; what a discount is made of is not given."""
        how = LIVES.get(node.function, ("", "sum"))[1]
        if how == "pv" or node.function in ("avg3m", "annualised"):
            raise FormulaError("R013", f"the example gives no value for {text_of(node)!r}", _HINT)
        flows = [self.value(arg) for arg in node.args]
        if all(flow.size == 1 for flow in flows):
            raise FormulaError("R013", f"the example gives no value for {text_of(node)!r}", _PERIODS)
        if len(flows) == 1:
            return np.asarray(flows[0].sum(axis=1, keepdims=True))
        ratios = operate("/", *flows)
        found = np.nanmean(ratios) if how == "mean" else np.nanmin(ratios)
        return np.array([[float(found)]])

    def _known(self, node: Call) -> Floats:
        lacking: FormulaError | None = None
        for arg in children(node):
            try:
                return self.value(arg)
            except FormulaError as error:
                lacking = lacking or error
        assert lacking is not None
        raise lacking


def _periods(amount: Decimal | list[Decimal]) -> Floats:
    return np.array([[float(one) for one in amount]] if isinstance(amount, list) else [[float(amount)]])


def _text(name: str) -> str:
    try:
        return text_of(parse(name))
    except FormulaError as error:
        raise FormulaError("R013", f"{name!r} is no part of a formula: {error}", _HINT) from None

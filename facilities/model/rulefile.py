"""Definitions written as TOML: named quantities and covenant rules, as text; the rules room gives them meaning."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from facilities.model.base import Terms
from facilities.model.covenants import CovenantClass, Operator


class Example(Terms, frozen=True, kw_only=True):
    """`example` of a quantity: parts of the formula by their text with their values, and what the formula then comes to.

    A flow may be given period by period, as a list that a window adds up. `value` holds to the digits written: 0.67 stands for
    anything that rounds to it.
    """

    given: dict[str, Decimal | list[Decimal]]
    value: Decimal
    note: str | None = None
    source: str | None = None


class QuantityTerms(Terms, frozen=True, kw_only=True):
    """`[quantity.NAME]`: a formula, its unit and where the definition comes from."""

    formula: str
    title: str | None = None
    unit: str | None = None
    clause: str | None = None
    source: str | None = None
    note: str | None = None
    example: Example | None = None


class RuleTerms(Terms, frozen=True, kw_only=True):
    """`[rule.NAME]`: a quantity held against a level."""

    quantity: str
    class_: CovenantClass
    operator: Operator | None = None
    threshold: Decimal | None = None
    title: str | None = None
    unit: str | None = None
    source: str | None = None


class LineTerms(Terms, frozen=True, kw_only=True):
    """`[line.NAME]`: a reported line: a flow adds over periods, a stock is the latest; `absent` reads a missing line."""

    kind: Literal["flow", "stock"] = "flow"
    absent: Literal["unknown", "zero"] = "unknown"
    title: str | None = None
    unit: str = "money"


class RuleFile(Terms, frozen=True, kw_only=True):
    """`rules/*.toml` of a desk, and every file of the library."""

    quantity: dict[str, QuantityTerms] = {}
    rule: dict[str, RuleTerms] = {}
    line: dict[str, LineTerms] = {}

"""The levels that a covenant holds its quantity against, with the side that passes; and those written as percentages of a ratio."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from facilities.model import Amount, Covenant, RuleTerms, Rung
from rules.formula import Defined, FormulaError

_PASSES = {"above": "<=", "at_or_above": "<", "below": ">=", "at_or_below": ">"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "=="}

LARGEST = {"x": Decimal(50), "fraction": Decimal(3)}
"""A level above this, by the unit of the quantity, is a percentage: a coverage, a leverage or an LTV is a plain ratio."""

FARTHEST = Decimal(1000)
"""And a level above this is none: no agreement asks for ten times in percent."""

Placed = tuple[tuple[str | int, ...], FormulaError]
"""An error of a covenant, and the keys below it that lead there."""


class Level(msgspec.Struct, frozen=True):
    """A level held against the ratio: `operator` is the side that passes; `label` the rung, None for the covenant's own."""

    operator: str
    threshold: Amount | None
    label: str | None = None
    rung: Rung | None = None


def levels_of(covenant: Covenant, rule: RuleTerms | None, class_: str) -> tuple[Level, ...]:
    """The level that decides first, then the rungs of a ladder or the level that ends a trigger. Raises FormulaError without one."""
    if covenant.rung:
        rungs = [_rung(rung) for rung in covenant.rung]
        first = next((at for at, level in enumerate(rungs) if level.rung and level.rung.state == "call"), None)
        lead = rungs[first if first is not None else -1]
        return (lead, *rungs)
    if class_ == "trigger" and covenant.on:
        lead = Level(_OPPOSITE[covenant.on.operator], covenant.on.value)
        return (lead, Level(covenant.off.operator, covenant.off.value, "off")) if covenant.off else (lead,)
    operator = covenant.operator or (rule.operator if rule else None)
    if operator is None:
        raise FormulaError("R009", f"{covenant.id!r} names no operator and its rule has none", 'add operator = ">=" or "<="')
    threshold = covenant.threshold if covenant.threshold is not None else rule.threshold if rule and covenant.threshold_public else None
    if threshold is None and covenant.threshold_public:
        hint = "add threshold = …, or threshold_public = false where it is not known"
        raise FormulaError("R010", f"{covenant.id!r} names no threshold", hint)
    return (Level(operator, threshold),)


def _rung(rung: Rung) -> Level:
    for name, operator in _PASSES.items():
        value: Decimal | None = getattr(rung, name)
        if value is not None:
            return Level(operator, value, rung.state, rung)
    raise FormulaError("R009", "a rung names no level", "give one of above, at_or_above, below, at_or_below")


def percentages(covenant: Covenant, levels: tuple[Level, ...], quantity: Defined | None) -> list[Placed]:
    """Levels that were written as percentages of a ratio: a ladder at 65 for 0.65 would pass at any price."""
    most = LARGEST.get(quantity.unit) if quantity is not None else None
    if most is None or quantity is None:
        return []
    written = [*written_levels(covenant)]
    written += [(("rule",), level) for level in ([] if written else _figures(levels[0].threshold))]
    is_a = f"{quantity.name!r} is {'a fraction' if quantity.unit == 'fraction' else 'a ratio'}"
    hint = "ratios are fractions: 0.65, not 65"
    taken = [(path, level) for path, level in written if most < level <= FARTHEST]
    return [(path, FormulaError("L005", f"{is_a}: {level} would be {level * 100:,f} %", hint)) for path, level in taken]


def written_levels(terms: Covenant) -> Iterator[tuple[tuple[str | int, ...], Decimal]]:
    """Every level of a covenant with its place in it."""
    dated: dict[tuple[str | int, ...], Amount | None] = {("threshold",): terms.threshold}
    dated |= {(name, "value"): condition.value for name, condition in (("on", terms.on), ("off", terms.off)) if condition}
    for path, amount in dated.items():
        if isinstance(amount, Decimal):
            yield path, amount
        for number, level in enumerate(_figures(amount) if isinstance(amount, list) else ()):
            yield (*path, number, "value"), level
    for number, rung in enumerate(terms.rung):
        for key in ("above", "at_or_above", "below", "at_or_below", "restore_to"):
            value: Decimal | None = getattr(rung, key)
            if value is not None:
                yield ("rung", number, key), value


def _figures(amount: Amount | None) -> list[Decimal]:
    """The number of an amount, or those of a dated table."""
    return [step.value for step in amount] if isinstance(amount, list) else [] if amount is None else [amount]

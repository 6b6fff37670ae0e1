"""Every definition in force with its origin: the library's, the desk's over it, one facility's over both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from facilities.amend import definitions as wordings
from facilities.load import Desk
from facilities.model import FacilityFile, LineTerms, QuantityTerms, RuleTerms
from rules.definitions import Definitions, library_files
from rules.formula import FormulaError
from rules.vocabulary import FUNCTIONS, PRIMITIVES, WINDOWS

GROUPS = ("Ratios and shares", "Money", "Flows (money per period, summed by a window)", "Other figures")


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity: its wording, where that stands, and the formula it lies over (None: it lies over none)."""

    name: str
    title: str
    group: str
    unit: str
    formula: str
    clause: str | None
    source: str | None
    note: str | None
    origin: str
    over: str | None
    example: Any = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: a quantity with the class of its test and the side that passes."""

    name: str
    title: str
    quantity: str
    class_: str = msgspec.field(name="class")
    operator: str | None
    threshold: float | None
    source: str | None
    origin: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line that borrowers report."""

    name: str
    title: str
    kind: str
    absent: str
    origin: str


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the formula language: a leaf, a window or a function."""

    name: str
    kind: str
    unit: str | None
    shown: str
    says: str
    texts: list[str]


class Rulebook(msgspec.Struct, frozen=True):
    """Everything a formula or a covenant of the desk may name."""

    schema: str
    quantities: list[Quantity]
    rules: list[Rule]
    lines: list[Line]
    words: list[Word]


class Laid(NamedTuple):
    """The terms of a name, where they stand, and the terms they lie over."""

    terms: Any
    origin: str
    under: Any = None


def rulebook(desk: Desk, definitions: Definitions, facility: FacilityFile | None = None) -> Rulebook:
    """The definitions of a desk, or of one facility with its amendments in force. `definitions` are those the names resolve in."""
    quantities = laid(desk, "quantity")
    owner = f"facility:{facility.facility.id}" if facility else ""
    for name, word in wordings(facility)[-1][1].items() if facility else ():
        under = quantities[name].terms if name in quantities else None
        quantities[name] = Laid(word.terms, desk.origin(owner, word.path), under)
    return Rulebook(
        "covenant-monitor/rules/1",
        [_quantity(name, one, definitions) for name, one in quantities.items()],
        [_rule(name, one, definitions) for name, one in laid(desk, "rule").items()],
        [_line(name, one) for name, one in laid(desk, "line").items()],
        [*_words()],
    )


def laid(desk: Desk, kind: str) -> dict[str, Laid]:
    """Every `quantity`, `rule` or `line` by name: the library's in the order of its files, the desk's over them."""
    found: dict[str, Laid] = {}
    for file, part in library_files():
        found |= {name: Laid(terms, f"library/{file}") for name, terms in getattr(part, kind).items()}
    for file, part in desk.rules.items():
        for name, terms in getattr(part, kind).items():
            found[name] = Laid(terms, desk.origin(f"rules:{file}", (kind, name)), found[name].terms if name in found else None)
    return found


def _quantity(name: str, one: Laid, definitions: Definitions) -> Quantity:
    terms: QuantityTerms = one.terms
    try:
        unit = definitions.quantity(name).unit
    except FormulaError:
        unit = terms.unit or ""
    title = terms.title or (one.under.title if one.under and one.under.title else name.replace("_", " "))
    example = getattr(terms, "example", None)
    return Quantity(
        name=name, title=title, group=_group(unit), unit=unit, formula=" ".join(terms.formula.split()), clause=terms.clause,
        source=terms.source, note=terms.note, origin=one.origin, over=" ".join(one.under.formula.split()) if one.under else None,
        example=example,
    )  # fmt: skip


def _group(unit: str) -> str:
    if unit in ("x", "fraction"):
        return GROUPS[0]
    return {"money": GROUPS[1], "money/period": GROUPS[2]}.get(unit, GROUPS[3])


def _rule(name: str, one: Laid, definitions: Definitions) -> Rule:
    terms: RuleTerms = one.terms
    tested = definitions.quantities.get(terms.quantity)
    title = terms.title or (tested.title if tested and tested.title else name.replace("_", " "))
    threshold = None if terms.threshold is None else float(terms.threshold)
    return Rule(
        name=name, title=title, quantity=terms.quantity, class_=terms.class_, operator=terms.operator, threshold=threshold,
        source=terms.source, origin=one.origin,
    )  # fmt: skip


def _line(name: str, one: Laid) -> Line:
    terms: LineTerms = one.terms
    return Line(name=name, title=terms.title or name.replace("_", " "), kind=terms.kind, absent=terms.absent, origin=one.origin)


def _words() -> Iterator[Word]:
    for name, one in PRIMITIVES.items():
        shown = name if one.texts is None else f'{name}("{one.texts[0]}")' if one.texts else f'{name}("…")'
        yield Word(name=name, kind="leaf", unit=one.unit, shown=shown, says=one.says, texts=list(one.texts or ()))
    for name, (way, months) in WINDOWS.items():
        yield Word(name=name, kind="window", unit=None, shown=f"{name}(flow)", says=f"{months} months, {way.replace('_', ' ')}", texts=[])
    for name, says in FUNCTIONS.items():
        yield Word(name=name, kind="function", unit=None, shown=f"{name}(…)", says=says, texts=[])

"""What a quoted argument picks of the parcels or contracts: `"title and not location US by book"`, or a group `"host by units"`.

    conditions = "all" | condition { " and " condition }
    condition  = [ "not " ] ( flag | attribute " " value )
    argument   = ( conditions | attribute ) [ " by " measure ]

`pledged` and `contracted` take conditions, `largest_pledged` and `largest_contracted` the attribute to group by.
"""

from __future__ import annotations

import difflib
from typing import NamedTuple

from facilities.places import country_of
from rules.formula import Call, FormulaError, Node, children
from rules.vocabulary import PRIMITIVES


class Condition(NamedTuple):
    """A flag, or an attribute that has a value; `negated` where it must not hold."""

    word: str
    value: str | None = None
    negated: bool = False

    def __str__(self) -> str:
        return ("not " if self.negated else "") + self.word + (f" {self.value}" if self.value else "")


class Selection(NamedTuple):
    """Conditions that must all hold, or the attribute to group by; and what is added up."""

    conditions: tuple[Condition, ...]
    group: str
    measure: str


class _Words(NamedTuple):
    grouped: bool
    flags: tuple[str, ...]
    attributes: tuple[str, ...]
    measures: tuple[str, ...]


_PARCEL = ("asset", "generation", "host", "location", "country", "custodian", "cooling")
_FLAGS = (
    "eligible", "title", "perfected", "first_lien", "sole_lien", "host_access", "in_service", "fits_host", "insured", "under_contract",
    "control_agreement", "rehypothecated",
)  # fmt: skip
_CONTRACT = ("customer", "asset", "rating")
_VALUED, _EARNED = ("mark", "book", "appraisal", "units"), ("revenue", "units")
_SELECTORS = {
    "pledged": _Words(False, _FLAGS, _PARCEL, _VALUED),
    "largest_pledged": _Words(True, (), _PARCEL, _VALUED),
    "contracted": _Words(False, ("investment_grade", "take_or_pay"), _CONTRACT, _EARNED),
    "largest_contracted": _Words(True, (), _CONTRACT, _EARNED),
}


def selects(function: str) -> bool:
    """Whether a leaf takes a selection in quotes."""
    return function in _SELECTORS


def counts(node: Node | None) -> bool:
    """Whether a resolved graph counts parcels or contracts, so that it is a part of something rather than what is owed."""
    if node is None:
        return False
    return (isinstance(node, Call) and selects(node.function)) or any(counts(child) for child in children(node))


def select(function: str, text: str) -> Selection:
    """The selection of a leaf's quoted argument. Raises FormulaError R004 with the words it may hold."""
    words = _SELECTORS[function]
    text = " ".join(text.split())
    what, by, measure = text.rpartition(" by ")
    if not by:
        what, measure = text, words.measures[0]
    elif measure not in words.measures:
        raise _unknown(function, measure, words.measures)
    if words.grouped:
        if what not in words.attributes:
            raise _unknown(function, what, words.attributes)
        return Selection((), what, measure)
    return Selection(() if what == "all" else tuple(_condition(function, part, words) for part in what.split(" and ")), "", measure)


def _condition(function: str, text: str, words: _Words) -> Condition:
    negated = text.startswith("not ")
    word, _, value = text.removeprefix("not ").partition(" ")
    if word in words.flags and not value:
        return Condition(word, None, negated)
    if word not in words.attributes:
        raise _unknown(function, text.removeprefix("not "), ("all", *words.flags, *words.attributes))
    if not value:
        raise FormulaError("R004", f"{function} needs to know which {word}", f'name it: {function}("{word} …")')
    if word in ("location", "country") and country_of(value) is None:
        raise FormulaError("R004", f"{value!r} is no place", "write an ISO 3166 code: US, GB, US-TX")
    return Condition(word, value, negated)


def _unknown(function: str, word: str, allowed: tuple[str, ...]) -> FormulaError:
    near = difflib.get_close_matches(word, allowed, 1)
    return FormulaError("R004", f"{function} knows no {word!r}", f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(allowed))


def leaf_unit(function: str, text: str | None) -> str:
    """The unit of a leaf: its own, or that of what its argument counts."""
    counts = selects(function) and " ".join((text or "").split()).endswith(" by units")
    return "unit" if counts else PRIMITIVES[function].unit

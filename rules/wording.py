"""The definitions of a facility in its own words, as signed and after each amendment, and formula errors where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from facilities.amend import Wording, definitions
from facilities.faults import Fault
from facilities.model import FacilityFile
from facilities.problems import Problem
from rules.definitions import Definitions
from rules.formula import FormulaError

if TYPE_CHECKING:
    from facilities.load import Desk

RULE_CODES = {
    "R001": "formula-syntax",
    "R002": "not-allowed",
    "R003": "unknown-name",
    "R004": "wrong-arguments",
    "R005": "unit-mismatch",
    "R006": "definition-cycle",
    "R007": "reserved-name",
    "R008": "formula-too-large",
    "R009": "no-operator",
    "R010": "no-threshold",
    "R011": "constant-formula",
    "R012": "unknown-line",
    "R013": "wrong-example",
    "L005": "percent-for-ratio",
}


class Worded(NamedTuple):
    """The definitions of one facility from the day `since` (an ordinal) on."""

    since: int
    own: Definitions


def own_definitions(one: FacilityFile, library: Definitions, desk: Desk, problems: list[Problem]) -> tuple[list[Worded], list[Fault]]:
    """The facility's definitions over the library's, as signed and after each amendment of them, in order; and those that cannot be used.

    Where they cannot be laid over the library's, the library's stand in their place, and what reads one of them is not judged.
    """
    found: list[Worded] = []
    told: set[tuple[str | int, ...]] = set()
    broken: list[Fault] = []
    for since, words in definitions(one):
        own = library
        try:
            own = library.overridden({name: word.terms for name, word in words.items()})
        except FormulaError as error:
            problems.append(problem_of(desk, one, ("quantity",), error))
            broken += [Fault(one.facility.id, None, f"{error.code}: {error.message}", name) for name in words]
            words = {}
        found.append(Worded(since.toordinal(), own))
        for name, word in words.items():
            if word.path not in told:
                told.add(word.path)
                unusable = _unusable(own, name, word)
                problems += [problem_of(desk, one, (*word.path, key), error) for key, error in unusable]
                broken += [Fault(one.facility.id, None, f"{error.code}: {error.message}", name) for _, error in unusable]
    return found, broken


def _unusable(own: Definitions, name: str, word: Wording) -> list[tuple[str, FormulaError]]:
    """What keeps a definition from being used, with the key it is about: its formula, or an example that it does not come to."""
    from rules.examples import verify

    try:
        quantity = own.quantity(name)
    except FormulaError as error:
        return [("formula", error)]
    try:
        if word.terms.example is not None:
            verify(quantity, word.terms.example)
    except FormulaError as error:
        return [("example", error)]
    return []


def wording_problems(desk: Desk, library: Definitions) -> list[Problem]:
    """The definitions of every facility that cannot be used, those of amendments not yet in force among them."""
    problems: list[Problem] = []
    for one in desk.facilities.values():
        own_definitions(one, library, desk, problems)
    return problems


def problem_of(desk: Desk, one: FacilityFile, path: tuple[str | int, ...], error: FormulaError) -> Problem:
    """A formula error as a problem of the facility's file, at the key that holds the formula."""
    return problem_at(desk, f"facility:{one.facility.id}", path, error)


def problem_at(desk: Desk, owner: str, path: tuple[str | int, ...], error: FormulaError) -> Problem:
    """A formula error as a problem at `path` in the file of `owner`; the carets stand under the part of the formula it is about."""
    place = desk.place(owner, path, path[-1] == "formula" or (error.code == "L005" and path[-1] != "rule"))
    text, column = place.text or "", place.column or 1
    quoted = text[column - 1 : column] in ("'", '"') and text[column - 1 : column + 2] not in ("'''", '"""')
    if quoted and (error.column, error.width) != (1, 1) and column + error.column <= len(text):
        place = msgspec.structs.replace(place, column=column + error.column, width=error.width)
    return Problem(error.code, RULE_CODES[error.code], place, error.message, error.hint)

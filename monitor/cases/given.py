"""What a case gives: names told apart into facility and rest, values as a state of the desk, and whether anything reads them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from monitor.assess import Picture
from monitor.cases.files import Sheet
from monitor.cases.problems import Wrong, near, problem
from rules.formula import FormulaError, Node, children, parse, text_of
from rules.state import COLUMNS, State


def named(sheet: Sheet, number: int, key: str, ids: list[str]) -> tuple[str | None, str]:
    """(facility, the rest) of a name in a case: `FACILITY/NAME`, or `NAME` of the case's own facility or the loan carried."""
    head, slash, rest = key.partition("/")
    own = sheet.terms.case[number].facility or (sheet.loan.facility.id if sheet.loan else None)
    return (head, rest) if slash and head in ids else (own, key)


def unknown_facility(sheet: Sheet, number: int, part: str, facility: str | None, key: str, ids: list[str]) -> Wrong:
    """The error that a name leads to no facility."""
    if facility is None:
        head = key.partition("/")[0]
        place = sheet.place("case", number, part, key)
        return Wrong(problem("C003", place, f"no facility is called {head!r}, and the case names none", near(head, ids)))
    written = sheet.terms.case[number].facility is not None
    place = sheet.place("case", number, "facility", value=True) if written else sheet.place("case", number, part, key)
    return Wrong(problem("C003", place, f"no facility is called {facility!r}", near(facility, ids)))


def state_of(sheet: Sheet, number: int, ids: list[str]) -> State:
    """What a case gives, as columns of the desk's facilities. Raises Wrong C003, C010."""
    columns: dict[str, np.ndarray] = {}
    given: dict[str, np.ndarray] = {}
    for key, amount in sheet.terms.case[number].given.items():
        facility, text = named(sheet, number, key, ids)
        if facility not in ids:
            raise unknown_facility(sheet, number, "given", facility, key, ids)
        place = ids.index(facility)
        if text in COLUMNS:
            columns.setdefault(text, np.full((len(ids), 1), 1.0 if text == "utilisation" else 0.0))[place] = float(amount)
        else:
            given.setdefault(_normal(sheet, number, key, text), np.full(len(ids), np.nan))[place] = float(amount)
    return State(given=given, **columns)  # type: ignore[arg-type]  # the names are those of its columns


def _normal(sheet: Sheet, number: int, key: str, text: str) -> str:
    try:
        return text_of(parse(text))
    except FormulaError as error:
        raise Wrong(problem("C010", sheet.place("case", number, "given", key), f"{text!r} is no part of a formula: {error}")) from None


def check_read(sheet: Sheet, number: int, picture: Picture) -> None:
    """Raises Wrong C010 when a case gives a part that no covenant of the facility and no figure it asks for reads."""
    ids = list(picture.book.ids)
    case = sheet.terms.case[number]
    for key in case.given:
        facility, text = named(sheet, number, key, ids)
        if text in COLUMNS or facility not in ids:
            continue
        asked = [rest for owner, rest in (named(sheet, number, wanted, ids) for wanted in case.expect) if owner == facility]
        parts = {text_of(node) for root in _roots(picture, ids.index(facility), asked) for node in _walk(root)}
        if _normal(sheet, number, key, text) not in parts:
            place = sheet.place("case", number, "given", key)
            raise Wrong(problem("C010", place, f"nothing that {facility!r} is tested on reads {text!r}", near(text, parts)))


def _roots(picture: Picture, facility: int, asked: list[str]) -> Iterator[Node]:
    for test in picture.book.tests:
        if test.facility == facility:
            yield from (node for node in (test.quantity, test.springs, test.springs_share_of) if node is not None)
    for text in asked:
        try:
            yield picture.book.definitions[facility].formula(text)
        except FormulaError:  # a covenant's name, or told where it is expected
            continue


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _walk(child)

"""The kinds of expectation, one function each: `expect` of covenants, facilities and formulas, `report`, `error`.

A kind takes a case in its world and answers with checks; what cannot be held against anything is raised as Wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import msgspec

from facilities.catalogue import CATALOGUE as OF_FILES
from facilities.model import Case
from facilities.problems import Problem
from monitor.assess import Standing
from monitor.cases.files import Sheet
from monitor.cases.given import named, unknown_facility
from monitor.cases.outcome import Check
from monitor.cases.problems import Wrong, near, problem
from monitor.cases.view import covenant_view, facility_view, head_view
from monitor.cases.wanted import At, compare
from monitor.cases.worlds import World
from monitor.marks.problems import CATALOGUE as OF_MARKS
from monitor.report.explain import explain_formula, explain_reading, tree_text
from rules.formula import FormulaError
from rules.vocabulary import PRIMITIVES
from rules.wording import RULE_CODES

DEPTH = 2
"""Levels of the tree that explains a figure which is off."""

_HINT = "a name is a covenant of the facility, a quantity, or a formula such as last12m(cfads)"
_WORD = re.compile(r"[\w-]+")


class Asked(msgspec.Struct):
    """A case being held against its world: what it touches and explains is collected on the way."""

    sheet: Sheet
    number: int
    world: World
    touched: list[str] = []
    trees: list[str] = []

    @property
    def case(self) -> Case:
        """The case as written."""
        return self.sheet.terms.case[self.number]

    def at(self, about: str, *path: str | int) -> At:
        """Where an expectation stands."""
        return At(self.sheet, ("case", self.number, *path), about, self.world.picture.session.timezone)


def expected(asked: Asked, key: str) -> list[Check]:
    """One line of `expect`: a covenant, a facility, a quantity or a formula."""
    picture, wanted, ids = asked.world.picture, asked.case.expect[key], list(asked.world.picture.book.ids)
    if key in ids:
        return list(_facility(asked, key, wanted))
    facility, name = named(asked.sheet, asked.number, key, sorted(picture.session.desk.facility_ids))
    if facility not in ids:
        if facility in picture.session.desk.facility_ids:
            raise Wrong(problem("C003", asked.sheet.place("case", asked.number, "expect", key), f"the file of {facility!r} cannot be used",
                                "see covenant lint"))  # fmt: skip
        raise unknown_facility(asked.sheet, asked.number, "expect", facility, key, ids)
    for one in picture.standings:
        if picture.book.ids[one.test.facility] == facility and one.test.covenant.id == name:
            return list(_covenant(asked, key, one, wanted))
    return list(_formula(asked, key, facility, name, wanted))


def _facility(asked: Asked, key: str, wanted: object) -> Iterator[Check]:
    yield from compare(wanted, facility_view(asked.world.part(key)), asked.at(key, "expect", key))


def _covenant(asked: Asked, key: str, standing: Standing, wanted: object) -> Iterator[Check]:
    """A covenant: its fields, or its figure alone."""
    facility = asked.world.picture.book.ids[standing.test.facility]
    part = next(one for one in asked.world.part(facility).covenants if one.id == standing.test.covenant.id)
    name = f"{facility}/{part.id}"
    asked.touched.append(name)
    view, at = covenant_view(part, standing, asked.world.picture), asked.at(name, "expect", key)
    checks = list(compare(wanted, view, at) if isinstance(wanted, dict) else compare(wanted, view["actual"], at._replace(field="actual")))
    reading = standing.tested if part.assessments and part.assessments[0].basis == "tested" else standing.indicative
    if any(not check.good for check in checks) and reading is not None and standing.test.quantity is not None:
        asked.trees.append(tree_text(explain_reading(asked.world.picture, reading), DEPTH))
    yield from checks


def _formula(asked: Asked, key: str, facility: str, text: str, wanted: object) -> Iterator[Check]:
    at = asked.at(f"{facility}/{text}", "expect", key)
    try:
        tree = explain_formula(asked.world.picture, facility, text)
    except FormulaError as error:
        raise no_formula(asked, at, facility, text, error) from None
    checks = list(compare(wanted, tree.value, at._replace(field="value")))
    if any(not check.good for check in checks):
        asked.trees.append(tree_text(tree, DEPTH))
    yield from checks


def no_formula(asked: Asked, at: At, facility: str, text: str, error: FormulaError) -> Wrong:
    """A name that is no covenant and no quantity, or a formula that cannot be used."""
    if error.code in ("R001", "R003") and _WORD.fullmatch(text):
        book = asked.world.picture.book
        place = book.facility(facility)
        known = {test.covenant.id for test in book.tests if test.facility == place} | set(book.definitions[place].quantities)
        known |= {name for name, one in PRIMITIVES.items() if one.texts is None}
        return at.wrong("C004", f"{facility!r} has no covenant or quantity {text!r}", near(text, known), value=False)
    found = asked.sheet.place(*at.path)
    return Wrong(Problem(error.code, RULE_CODES[error.code], found, error.message, error.hint or _HINT))


def head(asked: Asked) -> list[Check]:
    """`report`: the head of the report."""
    return list(compare(dict(asked.case.report), head_view(asked.world.head), asked.at("report", "report")))


def faults(sheet: Sheet, number: int, found: list[Problem]) -> Iterator[Check]:
    """`error`: codes that the desk must report, each with a glob over `place message` where one is written."""
    told = [f"{one.code} {one.place} {one.message}" for one in found]
    for row, wanted in enumerate(sheet.terms.case[number].error):
        code = wanted.partition(" ")[0]
        codes = {*OF_FILES, *OF_MARKS, *RULE_CODES, "D011"}
        if code not in codes:
            hint = near(code, codes)
            raise Wrong(problem("C011", sheet.place("case", number, "error", row, value=True), f"no problem has the code {code!r}", hint))
        good = any(fnmatchcase(one, f"{wanted}*") for one in told)
        near_by = [one for one in told if one.startswith(code)] or sorted({one.code for one in found})
        yield Check(about="problems", field="error", expected=wanted, got=", ".join(near_by) or "none", good=good)

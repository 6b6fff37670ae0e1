"""Where the checks put what they find: problems with their place in the file they are about."""

from __future__ import annotations

from typing import NamedTuple

from facilities.catalogue import CATALOGUE, problem
from facilities.load import Desk
from facilities.model import PartialDate
from facilities.problems import Problem
from facilities.walk import Keys


class Finding(NamedTuple):
    """A problem, whose file it is of (`facility:ID`, `obligor:ID`, `desk`, `rules:NAME`, …), and the keys that lead to it there."""

    problem: Problem
    owner: str
    path: Keys


class Findings:
    """The problems of one file of a desk; with `errors` its warnings are not looked up."""

    def __init__(self, desk: Desk, owner: str, errors: bool = False) -> None:
        self._desk = desk
        self._owner = owner
        self._errors = errors
        self._found: list[Finding] = []

    def add(self, code: str, path: Keys, message: str, hint: str | None = None, value: bool = True) -> None:
        """A finding about the value at `path`, or with `value` False about the key or table itself."""
        if self._errors and CATALOGUE[code].level != "error":
            return
        told = problem(code, self._desk.place(self._owner, path, value), message, hint)
        self._found.append(Finding(told, self._owner, path))

    def sorted(self) -> list[Finding]:
        """What was found, in the order of the file."""
        return sorted(self._found, key=lambda found: (found.problem.place.line or 0, found.problem.place.column or 0))


def surely_before(one: PartialDate, other: PartialDate) -> bool:
    """Whether `one` lies before `other` on any reading: partial dates are compared as far as both are known."""
    known = min(len(one.written), len(other.written))
    return one.written[:known] < other.written[:known]

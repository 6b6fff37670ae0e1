"""Where the checks put what they find: problems with their place in the file they are about."""

from __future__ import annotations

from facilities.catalogue import problem
from facilities.diagnose import nearest
from facilities.load import Desk
from facilities.model import PartialDate
from facilities.problems import Problem
from facilities.walk import Keys, tables

__all__ = ["Findings", "Keys", "nearest", "surely_before", "tables"]


class Findings:
    """The problems of one file of a desk."""

    def __init__(self, desk: Desk, owner: str) -> None:
        self._desk = desk
        self._owner = owner
        self._found: list[Problem] = []

    def add(self, code: str, path: Keys, message: str, hint: str | None = None, value: bool = True) -> None:
        """A finding about the value at `path`, or with `value` False about the key or table itself."""
        self._found.append(problem(code, self._desk.place(self._owner, path, value), message, hint))

    def sorted(self) -> list[Problem]:
        """What was found, in the order of the file."""
        return sorted(self._found, key=lambda found: (found.place.line or 0, found.place.column or 0))


def surely_before(one: PartialDate, other: PartialDate) -> bool:
    """Whether `one` lies before `other` on any reading: partial dates are compared as far as both are known."""
    known = min(len(one.written), len(other.written))
    return one.written[:known] < other.written[:known]

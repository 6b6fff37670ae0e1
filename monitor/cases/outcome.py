"""What came of a case: every figure held against what was expected, and what could not be held against anything."""

from __future__ import annotations

import msgspec

from facilities.problems import Problem


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One field: as expected, as found, how far apart, and how far apart they may be."""

    about: str
    field: str
    expected: str
    got: str
    good: bool
    difference: str = ""
    tolerance: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One case. `trees` explain the figures that are off; `touched` are the covenants it expects something of."""

    file: str
    name: str
    line: int | None
    checks: list[Check] = []
    problems: list[Problem] = []
    trees: list[str] = []
    touched: list[str] = []

    @property
    def status(self) -> str:
        """`error` where something could not be tested, `fail` where something is off, else `ok`."""
        return "error" if self.problems else "fail" if any(not check.good for check in self.checks) else "ok"

"""Every error a test file can cause beside those of any TOML file: code, name and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from facilities.catalogue import CATALOGUE as OF_FILES
from facilities.catalogue import Kind
from facilities.problems import Place, Problem

_ROWS = (
    Kind("C001", "no-test-file", "error", "put test files into tests/ of the desk, or name a file or folder; docs/tests.md shows one"),
    Kind("C002", "tests-nothing", "error", "say what must hold: expect.COVENANT = { result = … }, report = { … } or error = [ … ]"),
    Kind("C003", "unknown-facility", "error", "name a facility as FACILITY/NAME, or give the case its facility"),
    Kind("C004", "unknown-name", "error", "name a covenant of the facility, a quantity, or a formula"),
    Kind("C005", "unknown-field", "error", "name a field of the report; docs/tests.md lists them"),
    Kind("C006", "no-as-of", "error", "add as_of = 2026-10-08 to the case or the file: a date, or a time with an offset"),
    Kind("C007", "bad-figure", "error", 'write 0.653, "0.653 +- 0.001", "49_689 +- 0.1%" or "null"'),
    Kind("C008", "wrong-kind", "error", "write a value of the kind that the report has there"),
    Kind("C009", "unknown-mark", "error", "name a series that the loans read"),
    Kind("C010", "given-to-nothing", "error", "give a part of a formula that is read, by its text, or repaid, posted, cash, utilisation"),
    Kind("C011", "unknown-code", "error", "name a code of docs/desk.md"),
    Kind("C012", "no-loan", "error", "a test file belongs to a desk's tests/, names one with desk = …, or carries a loan of its own"),
    Kind("C013", "case-repeated", "error", "give each case its own name"),
    Kind("C014", "bad-event", "error", "docs/journal.md says what each kind of event needs and may carry"),
    Kind("C015", "bad-stress", "error", 'write at = "BTC.price=-40%", scenario = an id of the desk, window, reject or unhedge'),
    Kind("C016", "bad-replay", "error", "write replay = { from = 2022-06-01, to = 2022-06-30, expect = { … } }; docs/tests.md shows one"),
)

CATALOGUE: dict[str, Kind] = {row.code: row for row in _ROWS}
"""Code to entry, in the order they are documented."""


class Wrong(Exception):
    """A test file that cannot be held against anything, at one place."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message)
        self.problem = found


def problem(code: str, place: Place, message: str, hint: str | None = None) -> Problem:
    """The finding `code` at `place`, with the catalogue's hint where none is given; KeyError on an unknown code."""
    return (CATALOGUE.get(code) or OF_FILES[code]).problem(place, message, hint)


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name most like one that does not exist, as a hint; all of them where they are few."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name[:80], names, 1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "there are " + ", ".join(names) if names and len(names) <= 12 else None

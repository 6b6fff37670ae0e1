"""The header of a marks file: which columns there are, in any order, and none that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence

from facilities.problems import Problem
from monitor.marks.problems import problem
from monitor.marks.scan import CsvText

REQUIRED = ("series", "date", "value", "unit", "source")
OPTIONAL = ("known_at", "kind", "n_obs", "by", "approved_by", "note")
COLUMNS = REQUIRED + OPTIONAL


def header_problems(text: CsvText, line: int, header: Sequence[str]) -> list[Problem]:
    """What is wrong with the first record of a file; empty when it can be read by name."""
    if not set(header) & set(COLUMNS):
        other = _separator(header)
        hint = f"the columns are separated by commas; here {other} stands between them" if other else None
        return [problem("M007", text.place(line), _first_line(header), hint)]
    unknown = [_unknown(text, line, at, name) for at, name in enumerate(header) if name not in COLUMNS]
    repeated = [
        problem("M010", text.place(line, at), f"column {name!r} stands twice")
        for at, name in enumerate(header)
        if name in COLUMNS and name in header[:at]
    ]
    missing = [problem("M009", text.place(line), f"no column {name!r}") for name in REQUIRED if name not in header]
    return unknown + repeated + missing


def _first_line(header: Sequence[str]) -> str:
    return "the first line names none of the columns" if header else "the file is empty"


def _separator(header: Sequence[str]) -> str | None:
    """What stands between the columns in the place of commas, in words."""
    signs = {";": "a semicolon", "\t": "a tab", "|": "a bar"}
    return next((word for sign, word in signs.items() if len(set("".join(header).split(sign)) & set(COLUMNS)) > 1), None)


def _unknown(text: CsvText, line: int, at: int, name: str) -> Problem:
    from difflib import get_close_matches  # only a wrong file needs it

    near = get_close_matches(name[:40].lower(), COLUMNS, 1, 0.6)
    hint = f"did you mean {near[0]!r}?" if near else "the columns are " + ", ".join(COLUMNS)
    return problem("M008", text.place(line, at), f"no column is called {name!r}" if name else "a column without a name", hint)

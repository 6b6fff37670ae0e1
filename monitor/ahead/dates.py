"""The dates of a projection as a table in some cells: coverages, what is owed, the figures of covenants, and what fails on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from monitor.ahead.schema import Case, DateLine
from monitor.cells import pad, wrap
from monitor.report.words import drawn

MOST_DATES = 48
LEAST_RESULT = 16
"""Cells left for what fails on a date."""


class _Column(NamedTuple):
    """A column of the table of dates: its head, its width, and its cell of a date."""

    head: str
    width: int
    cell: Callable[[DateLine], str]


def _columns(case: Case, cells: int) -> list[_Column]:
    """What is known of the dates, in order; the figures of covenants, and those against the case, where there is room."""
    fixed = [
        _Column("run", 6, lambda line: _x(line.dscr_run_rate)), _Column("hist", 6, lambda line: _x(line.dscr_hist)),
        _Column("fwd", 6, lambda line: _x(line.dscr_fwd)), _Column("LLCR", 6, lambda line: _x(line.llcr)),
        _Column("PLCR", 6, lambda line: _x(line.plcr)), _Column("LTV", 7, lambda line: _percent(line.ltv)),
        _Column("owed", 8, lambda line: drawn(line.outstanding)),
    ]  # fmt: skip
    ids = dict.fromkeys(test.covenant for line in case.dates for test in line.tests)
    more = [
        _Column("rent/case", 10, lambda line: _percent(line.rent_vs_case)),
        _Column("DSCR/case", 10, lambda line: _percent(line.dscr_vs_case)),
        *(_Column(one, max(8, len(one) + 2), lambda line, one=one: _actual(line, one)) for one in ids),  # type: ignore[misc]
    ]
    shown = [one for one in fixed if any(one.cell(line) != "-" for line in case.dates)]
    for one in more:
        told = [one.cell(line) for line in case.dates]
        new = any(cell != "-" for cell in told) and not any(_alike(told, other, case) for other in shown)
        if new and 12 + sum(held.width for held in shown) + one.width + LEAST_RESULT <= cells:
            shown.append(one)
    return shown


def _alike(told: list[str], other: _Column, case: Case) -> bool:
    """Whether a covenant's figures are those of a column, where it is tested."""
    return all(cell in ("-", other.cell(line) + "x", other.cell(line)) for cell, line in zip(told, case.dates, strict=True))


def _actual(line: DateLine, covenant: str) -> str:
    one = next((test for test in line.tests if test.covenant == covenant), None)
    if one is None or one.actual is None:
        return "-"
    return f"{one.actual:.2f}x" if one.unit == "x" else _percent(one.actual) if one.unit == "fraction" else drawn(one.actual)


def dates_table(case: Case, cells: int) -> Iterator[str]:
    """The lines of the table, its head first; what fails on a date goes on below it where it has no room."""
    if not case.dates:
        yield "  No test and no payment lies ahead."
        return
    columns = _columns(case, cells)
    yield "  date      " + "".join(pad(one.head, one.width, right=True) for one in columns) + "  result"
    shown = case.dates if len(case.dates) <= MOST_DATES else [line for line in case.dates if _told(line)]
    for line in shown[:MOST_DATES]:
        left = f"  {line.date}" + "".join(pad(one.cell(line), one.width, right=True) for one in columns) + "  "
        first, *rest = wrap(_words(line), max(12, cells - len(left)))
        yield left + first
        yield from (" " * len(left) + more for more in rest)
    if len(shown) > MOST_DATES:
        yield f"  and {len(shown) - MOST_DATES} more dates: --format csv has them all"


def _told(line: DateLine) -> bool:
    """Whether a date is an end of a quarter, for pages whose dates are too many."""
    return line.date[5:] in ("03-31", "06-30", "09-30", "12-31")


def _percent(raw: float | None) -> str:
    return "-" if raw is None else f"{raw * 100:.0f}%"


def _x(raw: float | None) -> str:
    return "-" if raw is None else f"{raw:.2f}"


def _words(line: DateLine) -> str:
    """What fails, what is cured, what is unknown on a date."""
    failing = [one.covenant for one in line.tests if one.result == "fail" and one.cured_with is None]
    cured = [one.covenant for one in line.tests if one.cured_with is not None]
    unknown = [one.covenant for one in line.tests if one.result == "indeterminate"]
    words = [f"FAIL {', '.join(failing)}"] if failing else []
    words += [f"cured {', '.join(cured)}"] if cured else []
    words += [f"unknown {', '.join(unknown)}"] if unknown else []
    passing = any(one.result in ("pass", "watch") for one in line.tests)
    return "; ".join(words) or ("pass" if passing else "-")

"""The projection as a page a facility, at 80 columns: its sentences, the case at closing, the dates, the cash."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.ahead.dates import MOST_DATES, dates_table
from monitor.ahead.schema import Ahead, Case, CashLine, FacilityAhead
from monitor.ahead.words import heading, lacking, of_case, of_facility, opening
from monitor.cells import cut, name, pad, wrap
from monitor.report.words import drawn


def ahead_text(made: Ahead, cells: int = 80) -> str:
    """The whole projection; no line is wider than `cells`."""
    cells = max(60, cells)
    lines = list(opening(made))
    for one in made.facilities:
        lines += ["", *_facility(one, made.today, cells)]
    if not made.facilities:
        lines += ["", "No facility to project."]
    return "\n".join(cut(line, cells) for line in lines)


def _facility(one: FacilityAhead, today: str, cells: int) -> Iterator[str]:
    yield f"{name(one.name)} ({one.id}): {drawn(one.outstanding, one.currency)} owed, due {one.maturity or 'on no public date'}"
    yield from (line for said in of_facility(one) for line in _hung(said, cells))
    yield from _against(one, cells)
    for case in one.cases:
        yield ""
        yield from _case(case, one, today, cells)


def _hung(said: str, cells: int) -> list[str]:
    """A sentence over several lines, the later ones set in."""
    first, *rest = wrap(said, cells - 4)
    return [f"  {first}", *(f"    {line}" for line in rest)]


def _against(one: FacilityAhead, cells: int) -> Iterator[str]:
    told = [line for line in one.against_case if line.case is not None]
    if told:
        yield "  Against the case at closing     case    actual  actual/case"
    for line in told:
        figures = [pad("-" if raw is None else f"{raw:,.4g}", 10, right=True) for raw in (line.case, line.actual, line.ratio)]
        yield f"    {pad(line.figure, 24)}{''.join(figures)}"
    if (said := lacking(one)) is not None:
        yield from _hung(said, cells)


def _case(case: Case, one: FacilityAhead, today: str, cells: int) -> Iterator[str]:
    yield f"  {heading(case)}"
    yield from (line for said in of_case(case, one.currency, today) for line in _hung(said, cells))
    yield from dates_table(case, cells)
    yield from _cash(case.cash)


def _cash(rows: list[CashLine]) -> Iterator[str]:
    """The payment days on which a reserve, a trap or a sweep moves, or something is not paid."""
    moving = [
        row for row in rows if any((row.from_trap, row.from_reserve, row.unpaid, row.to_reserve, row.swept, row.trapped, row.released))
    ]
    if not moving:
        return
    yield "  cash (m)       CFADS service   swept trapped  DSRA   trap  paid out  unpaid"
    for row in moving[:MOST_DATES]:
        amounts = f"{_m(row.cash, 7)} {_m(row.service, 7)} {_m(row.swept, 7)} {_m(row.trapped, 7)} {_m(row.reserve, 5)} {_m(row.trap, 6)}"
        yield f"  {row.date}  {amounts}   {_m(row.distributed, 7)} {_m(row.unpaid, 7)}"


def _m(raw: float | None, cells: int) -> str:
    return pad("-" if raw is None else f"{raw / 1e6:.2f}", cells, right=True)

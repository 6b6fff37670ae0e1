"""The pages of the breach map: bitcoin against rents, how many covenants fail in each cell, or where one of them stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from monitor.board.figures import figure, level, percent
from monitor.board.rows import BoardRow, shown_unit
from monitor.board.spans import Line, Span
from monitor.board.states import result_role
from monitor.breachmap import SHOCKS, STILL, Mapped, Side, StressMap
from monitor.cells import cut, name, pad
from monitor.report.schema import Report
from monitor.tui.page import Page, Writer
from monitor.tui.trail import covenant_of, facility_of

Cell = Callable[[int, int], tuple[str, str]]
"""Down and across to the text of a cell and its role."""


class Below(NamedTuple):
    """What stands below a map: each adds its section to the page, or nothing."""

    scenarios: Callable[[Writer], None]
    chart: Callable[[Writer], None]
    dial: Callable[[Writer], None]


_SIGNS = {"fail": "✖X", "watch": "▲^", "pass": "✓.", "indeterminate": "??", "not_tested": "·-"}
_LABEL = 7


def stress_page(report: Report, made: StressMap, width: int, twin: str, below: Below, ascii: bool = False) -> Page:
    """The map of the desk, the scenarios, the covenants that break in the map (key: facility, covenant), the correlation dial."""
    writer = Writer(width, ascii)
    _title(writer, made, "covenants that fail")
    now = made.fails[STILL][STILL]
    _grid(writer, lambda down, across: _count(made.fails[down][across], now, writer), lambda d, a: made.fails[d][a] > now, 4)
    unknown = made.unknown[STILL][STILL]
    if unknown:
        writer.says(f"{unknown} more cannot be judged: an input is missing or stale", "unknown", " ? ")
    below.scenarios(writer)
    breaking = made.breaking()
    writer.section(f"Break somewhere in the map ({len(breaking)})")
    writer.row((Span(f" {'':<12} {'BTC':<6}{'rents':<6}" + ("  the fall at which each alone fails it" if width >= 60 else ""), "head"),))
    for n in breaking:
        _breaking(writer, report, made.covenant(n))
    if not breaking:
        writer.says("none of them does", "dim")
    below.dial(writer)
    return Page([], writer.lines, twin, ascii)


def covenant_map_page(
    report: Report, made: StressMap, facility: str, covenant: str, width: int, twin: str, below: Below, ascii: bool = False
) -> Page:
    """The map of one covenant: in each cell its state and its ratio; the cursor stops on its name, which opens it."""
    writer = Writer(width, ascii)
    mapped, part, owner = made.of(facility, covenant), covenant_of(report, facility, covenant), facility_of(report, facility)
    title = f"{name(owner.name) if owner else facility}: {name(part.title) if part else covenant}"
    writer.row((Span(f" {cut(title, width - 2, ascii)}", "strong"),), (facility, covenant))
    if mapped is None or part is None:
        writer.says("it has no figure that marks could move", "dim")
        return Page([], writer.lines, twin, ascii)
    _title(writer, made, "its state and ratio")
    unit = shown_unit(part, part.leading) if part.leading else ""
    cells = max(len(figure(value, unit)) for row in mapped.actual for value in row) + 2
    fails = [[result == "fail" for result in row] for row in mapped.results]
    _grid(writer, lambda down, across: _stand(mapped, down, across, unit, writer), lambda d, a: fails[d][a], cells)
    if not mapped.moves:
        writer.says("it moves with neither of them: its ratio follows reported figures, terms or other marks", "dim")
    for side, across in ((made.across, True), (made.down, False)):
        writer.fact(_named(side), _when(mapped.first(across)))
    below.chart(writer)
    below.dial(writer)
    return Page([], writer.lines, twin, ascii)


def _when(first: float | None) -> str:
    if first is None:
        return "no fall in the map fails it alone"
    return f"fails at {first:+.0%}, the other as it is" if first else "fails now"


def _named(side: Side) -> str:
    return "rents" if side.label.startswith("*.") else name(side.label.partition(".")[0])


def _title(writer: Writer, made: StressMap, what: str) -> None:
    now = f" (now {level(made.across.label, made.across.now)})" if made.across.now is not None else ""
    writer.section(f"{what.capitalize()}")
    lacking = [_named(side) for side in (made.across, made.down) if not side.series]
    if lacking:
        writer.says(f"no covenant of the desk reads a mark of {' or of '.join(lacking)}: that side changes nothing", "unknown")
    writer.says(f"across: {_named(made.across)}{now}; down: {_named(made.down)}, {made.down.series} series together", "dim")


def _grid(writer: Writer, cell: Cell, beyond: Callable[[int, int], bool], least: int) -> None:
    """The grid with the frontier drawn round what is `beyond` it, as many columns as fit, that of no shock always among them."""
    cells = max(5, least)
    columns = _chosen((writer.width - _LABEL - 3) // (cells + 2))
    heads = "".join(f"  {pad(f'{SHOCKS[n]:+.0%}' if SHOCKS[n] else 'now', cells, True)}" for n in columns)
    writer.row((Span(f" {'':<{_LABEL}}", "dim"), Span(heads, "head")))
    wall, here = ("|", ">") if writer.ascii else ("│", "▸")
    for down in range(len(SHOCKS)):
        if down:
            _rule_between(writer, [beyond(down - 1, n) != beyond(down, n) for n in columns], cells)
        label = f"{SHOCKS[down]:+.0%}" if SHOCKS[down] else "now"
        spans: list[Span] = [Span(f" {label:>{_LABEL - 1}} ", "strong" if down == STILL else "dim")]
        for place, across in enumerate(columns):
            text, role = cell(down, across)
            edge = place > 0 and beyond(down, columns[place - 1]) != beyond(down, across)
            spans.append(Span(wall if edge else " ", "strong"))
            spans.append(Span(here if (down, across) == (STILL, STILL) else " ", "key"))
            spans.append(Span(pad(text, cells, True, writer.ascii), role))
        writer.row(tuple(spans))


def _rule_between(writer: Writer, crossed: Sequence[bool], cells: int) -> None:
    """The frontier between one row of the grid and the next; nothing where it does not run there."""
    if any(crossed):
        line = "".join(("-" if writer.ascii else "─") * (cells + 2) if one else " " * (cells + 2) for one in crossed)
        writer.row((Span(" " * (_LABEL + 1)), Span(line, "strong")))


def _chosen(most: int) -> Sequence[int]:
    every = range(len(SHOCKS))
    for step in (1, 2, 3, 6):
        kept = [n for n in every if (n - STILL) % step == 0]
        if len(kept) <= max(1, most):
            return kept
    return [STILL]


def _count(fails: int, now: int, writer: Writer) -> tuple[str, str]:
    sign = _SIGNS["fail" if fails else "pass"][1 if writer.ascii else 0]
    return f"{sign}{fails:>3}", "fail" if fails > now else "warn" if fails else "pass"


def _stand(mapped: Mapped, down: int, across: int, unit: str, writer: Writer) -> tuple[str, str]:
    result = mapped.results[down][across]
    return f"{_SIGNS[result][1 if writer.ascii else 0]} {figure(mapped.actual[down][across], unit)}", result_role(result)


def _breaking(writer: Writer, report: Report, one: Mapped) -> None:
    facility, covenant = facility_of(report, one.facility), covenant_of(report, one.facility, one.covenant)
    if facility is None or covenant is None:
        return
    row = BoardRow(facility, covenant, report.as_of)
    state = row.state(writer.ascii)
    falls: Line = tuple(
        Span(f"{'now' if first == 0 else '-' if first is None else percent(first, 0):<6}", "" if first is not None else "dim")
        for first in (one.first(True), one.first(False))
    )
    title = cut(f"{name(facility.name)}: {name(covenant.title)}", max(8, writer.width - 29), writer.ascii)
    label = pad(f"{state.sign} {state.word}", 12, ascii=writer.ascii)
    writer.row(
        (Span(" "), Span(label, state.role), Span(" "), *falls, Span(f"  {title}", "strong")), (one.facility, one.covenant), row.fault
    )

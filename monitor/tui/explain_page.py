"""The page of one explanation: the formula as a tree, each value with its unit, each leaf with its origin."""

from __future__ import annotations

from monitor.board.figures import figure, level, mark_label, percent, stamp
from monitor.board.rows import actual_and_limit, leading_driver, limit_text
from monitor.board.spans import Span
from monitor.board.states import result_role
from monitor.cells import name, pad, width, wrap
from monitor.report.schema import CovenantPart
from monitor.tui.page import Page, Writer
from rules.explained import Explained

_PLAIN = frozenset({"x", "", "1", "ratio", "%", "percent", "fraction", "year", "years", "day", "days"})


def explain_page(covenant: CovenantPart, tree: Explained, cells: int, twin: str, ascii: bool = False) -> Page:
    """The tree in `cells` cells; the cursor stops on every node (key: its path, `0.1.2`, and its origin)."""
    writer = Writer(cells, ascii)
    _verdict(writer, covenant)
    writer.section("Formula")
    _node(writer, tree, "0", " ", " ")
    _clears(writer, covenant)
    return Page([], writer.lines, twin, ascii)


def failed_page(message: str, cells: int, twin: str, ascii: bool = False, what: str = "cannot explain") -> Page:
    """In place of an explanation that could not be made: why."""
    writer = Writer(cells, ascii)
    writer.says(f"{what}: {message}" if message else what, "fail" if message else "dim")
    return Page([], writer.lines, twin, ascii)


def _verdict(writer: Writer, covenant: CovenantPart) -> None:
    clause = f", clause {name(covenant.clause)}" if covenant.clause else ""
    for reading in covenant.assessments:
        actual, limit = actual_and_limit(covenant, reading, 3)
        needs = limit_text(reading, limit, writer.ascii)
        result = name(reading.result).replace("_", " ").upper()
        words = f"{name(covenant.title)} {actual}, needs {needs}{clause}, {name(reading.basis)} {stamp(reading.test_date)}"
        for place, part in enumerate(wrap(words, max(12, writer.width - 17))):
            shown = pad(result if not place else "", 14, ascii=writer.ascii)
            writer.row((Span(f" {shown} ", result_role(reading.result)), Span(part)))


def _node(writer: Writer, node: Explained, path: str, first: str, rest: str) -> None:
    """One node: label and value on its line, then the formula or the origin under it, then its operands."""
    unknown = node.value is None
    value = "unknown" if unknown else figure(node.value, node.unit, 3)
    unit_cells = 14 if writer.width >= 60 else 0
    unit = "" if node.unit in _PLAIN or unknown or node.unit == "money" else f" {name(node.unit)}"
    shown = f"{value:>12}" + pad(unit, unit_cells, ascii=writer.ascii)
    label = pad(name(node.label), max(6, writer.width - width(shown) - len(first) - 1), ascii=writer.ascii)
    writer.row(
        (Span(first, "rule"), Span(label, "strong" if node.children else ""), Span(shown, "unknown" if unknown else "strong")),
        (path, node.origin or ""),
    )
    inner = rest + (_guide("│", writer) + " " if node.children else "  ")
    for text, role in _notes(node):
        for part in wrap(text, max(10, writer.width - len(inner) - 1)):
            writer.row((Span(inner, "rule"), Span(part, role)))
    for place, child in enumerate(node.children):
        last = place == len(node.children) - 1
        branch, under = ("└─ ", "   ") if last else ("├─ ", "│  ")
        _node(writer, child, f"{path}.{place}", rest + _guide(branch, writer), rest + _guide(under, writer))


def _guide(drawn: str, writer: Writer) -> str:
    return drawn.translate({0x2502: "|", 0x251C: "|", 0x2514: "`", 0x2500: "-"}) if writer.ascii else drawn


def _notes(node: Explained) -> list[tuple[str, str]]:
    notes = [(f"= {name(node.operation)}", "dim")] if node.operation else []
    origin = ", ".join(name(text) for text in (node.origin, node.source) if text)
    notes += [(origin, "watch" if node.origin else "dim")] if origin else []
    return notes + ([(name(node.reason), "unknown")] if node.reason else [])


def _clears(writer: Writer, covenant: CovenantPart) -> None:
    reading = covenant.leading
    driver = leading_driver(reading) if reading else None
    if (driver is None or driver.breach_at is None) and not covenant.remedies:
        return
    passing = reading is not None and reading.result in ("pass", "watch")
    writer.section("What would break it" if passing else "What would clear it")
    if driver is not None and driver.breach_at is not None:
        rung = f" ({name(driver.rung).replace('_', ' ')} rung)" if driver.rung else ""
        to = level(driver.mark, driver.breach_at, fine=True)
        writer.says(f"{mark_label(driver.mark, long=True)} at {to}, {percent(driver.shock_to_breach)} from here{rung}", bullet=" - ")
    for remedy in covenant.remedies:
        writer.says(remedy.text, bullet=" - ")

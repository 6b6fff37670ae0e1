"""The page of one facility in the chain: by what it fell, what it does next, and who falls by it."""

from __future__ import annotations

from monitor.board.figures import level, stamp
from monitor.board.spans import Span
from monitor.cells import name
from monitor.chain.answer import ChainAnswer, StepPart
from monitor.chain.tree import STATES, branches, first_falls
from monitor.report.schema import Report
from monitor.tui.liquidation_page import branch_line, called
from monitor.tui.page import Page, Writer


def fall_page(report: Report, made: ChainAnswer, facility: str, width: int, twin: str, ascii: bool = False) -> Page:
    """What happens to a facility in `width` cells; the cursor stops on it and on others of the chain (key: facility, nothing, where to)."""
    writer = Writer(width, ascii)
    writer.row((Span(f" {called(report, facility)}", "strong"),), (facility, None, "facility"))
    fall = first_falls(made).get(facility)
    if fall is None:
        writer.says(f"does not fall by {stamp(made.until)}", "dim")
        return Page([], writer.lines, twin, ascii)
    writer.fact("Falls", f"{stamp(fall.at)}, {name(STATES.get(fall.state or '', fall.state or ''))}", "fail")
    writer.fact("By", name(fall.clause or ""))
    _others(writer, report, made, "Because of", set(fall.causes))
    writer.section("Step by step")
    for step in made.steps:
        if step.facility == facility:
            writer.fact(stamp(step.at), _words(step), "dim" if step.assumed else "", 19)
    _others(writer, report, made, "Falls by it", {one.facility for one in first_falls(made).values() if facility in one.causes})
    return Page([], writer.lines, twin, ascii)


def _others(writer: Writer, report: Report, made: ChainAnswer, title: str, ids: set[str]) -> None:
    if not ids:
        return
    writer.section(title)
    found = [branch._replace(depth=0) for branch in branches(made) if branch.step.facility in ids]
    for branch in found:
        writer.row(branch_line(writer, report, branch), (branch.step.facility, None, "fall", title), True)
    for one in sorted(ids - {branch.step.facility for branch in found}):
        writer.says(one)


def _words(step: StepPart) -> str:
    if step.kind == "sale":
        series = step.series or ""
        return f"sells {step.units or 0:,.0f}: {name(series)} {level(series, step.before)} to {level(series, step.after)} (assumed)"
    if step.kind == "falls":
        state = name(STATES.get(step.state or "", step.state or "")).replace("_", " ")
        return state + (f": {name(step.clause)}" if step.clause else "")
    return f"{name(step.kind)}" + (f" of {name(step.clause)}" if step.clause else "") + " (assumed)"

"""The page of forced sales and of the chain: paper against what can be sold, sellers that share a market, who falls after whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from monitor.board.figures import level, money, stamp
from monitor.board.spans import Line, Span
from monitor.cells import cut, name, pad
from monitor.cells import width as cell_width
from monitor.chain.answer import ChainAnswer, ResourcePart
from monitor.chain.tree import STATES, Branch, branches, struck_by
from monitor.liquidate.answer import Answer, BackedPart, OverhangPart, SalePart
from monitor.liquidate.text import length, percent
from monitor.report.schema import Report
from monitor.tui.page import Page, Writer
from monitor.tui.trail import facility_of

SALE, FALL = "sale", "fall"
"""The third part of a row's key: what opening it explains."""
_MOST_DEBTS = 6


class _Column(NamedTuple):
    """A column of the table: its place, its heading and cells, and the figure of a sale; the lower the rank, the longer it is kept."""

    head: str
    cells: int
    rank: int
    text: Callable[[SalePart], str]


_COLUMNS = (
    _Column("Owed", 7, 5, lambda one: money(one.owed)),
    _Column("Paper", 7, 2, lambda one: percent(one.ltv)),
    _Column("Exec.", 7, 0, lambda one: percent(one.ltv_liq)),
    _Column("Crit.", 7, 4, lambda one: percent(one.ltv_critical)),
    _Column("Wait", 6, 1, lambda one: length(waits(one))),
    _Column("Brings", 7, 3, lambda one: money(one.recovery)),
    _Column("Range", 14, 6, lambda one: ranged(one)),
    _Column("Pays", 6, 7, lambda one: "-" if one.recovered is None else f"{one.recovered:.0%}"),
)


_NEEDED = 4
"""The rank of the last column that the name of a facility gives way to."""


def waits(one: SalePart) -> float:
    """Days from the decision to the last unit sold."""
    return (one.enforcement_days or 0.0) + (one.days or 0.0)


def ranged(one: SalePart) -> str:
    """`19.8m-34.3m`: what it brings at the ends of the desk's ranges."""
    return "-" if one.low is None else f"{money(one.low)}-{money(one.high)}"


def verdict(one: SalePart, ascii: bool = False) -> tuple[str, str, str]:
    """(sign, word, role): what a forced sale does to the lender; a gap in what is known is no comfort."""
    if one.reason is not None:
        return "?", "UNKNOWN", "unknown"
    if one.outcome == "loss":
        return "X" if ascii else "✖", "LOSS", "fail"
    if one.outcome == "may_pay":
        return "^" if ascii else "▲", "MAY PAY", "watch"
    return "." if ascii else "✓", "PAYS", "pass"


def is_fault(one: SalePart) -> bool:
    """Whether a sale would not pay the loan, or not at an end of the desk's range, or nobody knows."""
    return one.outcome != "pays"


def worst_first(parts: Sequence[SalePart]) -> list[SalePart]:
    """Losses first, the highest executable LTV first among them (none: no price would pay); then what is unknown, then what may pay."""

    def order(one: SalePart) -> tuple[int, float]:
        rank = {"loss": 0, None: 1, "may_pay": 2}.get(one.outcome, 3)
        return rank, -one.ltv_liq if one.ltv_liq is not None else -float("inf")

    return sorted(parts, key=order)


def liquidation_page(
    report: Report,
    rows: Sequence[SalePart],
    alone: Answer,
    together: Answer,
    chain: ChainAnswer | str | None,
    width: int,
    twin: str,
    chain_twin: str,
    ascii: bool = False,
) -> Page:
    """All of it in `width` cells; a row's key is the facility, nothing, and `sale` or `fall`. `chain` is None while it is computed."""
    writer = Writer(width, ascii)
    _table(writer, report, rows)
    _chain(writer, report, chain, chain_twin)
    _shared(writer, report, alone, together)
    _overhang(writer, report, alone.overhang)
    if isinstance(chain, ChainAnswer):
        _resources(writer, chain.resources)
    writer.section("Assumed")
    writer.says("executable figures: [[liquidity]] and [[curve]] of desk.toml; paper: debt / value; crit.: what is brought / value", "dim")
    if isinstance(chain, ChainAnswer):
        writer.says("; ".join(chain.assumptions), "dim")
    return Page([], writer.lines, twin, ascii)


def _table(writer: Writer, report: Report, rows: Sequence[SalePart]) -> None:
    writer.section("Forced sale, each loan alone")
    if not rows:
        writer.says("no loan of ours stands on units of something", "dim")
        return
    columns = _fitting(writer.width)
    room = writer.width - 12 - sum(column.cells + 1 for column in columns)
    heads = "".join(f" {pad(column.head, column.cells, True)}" for column in columns)
    writer.row((Span(f" {'':<9} {pad('Facility', room)}{heads}", "head"),))
    for one in rows:
        sign, word, role = verdict(one, writer.ascii)
        if one.reason is None:
            text = "".join(f" {pad(column.text(one), column.cells, True, writer.ascii)}" for column in columns)
        else:
            text = f" {name(one.reason)}"
        who = pad(called(report, one.id), room, ascii=writer.ascii)
        line = (Span(" "), Span(pad(f"{sign} {word}", 9), role), Span(f" {who}", "strong"))
        rest = Span(cut(text, writer.width - 11 - room, writer.ascii), "" if one.reason is None else "unknown")
        writer.row((*line, rest), (one.id, None, SALE), is_fault(one))


def _fitting(width: int) -> list[_Column]:
    """The columns that leave the name of the facility fourteen cells, the last of them twenty, in their order."""
    room, kept = width - 12, []
    for column in sorted(_COLUMNS, key=lambda column: column.rank):
        if room - (14 if column.rank <= _NEEDED else 20) < column.cells + 1:
            break
        room -= column.cells + 1
        kept.append(column)
    return [column for column in _COLUMNS if column in kept]


def called(report: Report, id: str) -> str:
    """The name of a facility, its id where the report has none."""
    facility = facility_of(report, id)
    return name(facility.name if facility else id)


def _chain(writer: Writer, report: Report, chain: ChainAnswer | str | None, twin: str) -> None:
    writer.section("Chain: who falls after whom")
    if not isinstance(chain, ChainAnswer):
        writer.says(f"cannot show this: {chain}" if chain else "computing", "fail" if chain else "dim")
        return
    writer.says(f"to {stamp(chain.until)}; $ {twin}", "dim")
    tree = list(branches(chain))
    for branch in tree:
        writer.row(branch_line(writer, report, branch), (branch.step.facility, None, FALL), branch.step.state != "cure_pending")
    if not tree:
        writer.says("nothing falls", "dim")


def branch_line(writer: Writer, report: Report, branch: Branch) -> Line:
    """One fall: its day, its place in the tree, who, into what, by which clause."""
    step, corner = branch.step, ("`- " if writer.ascii else "└─ ")
    lead = "   " * max(0, branch.depth - 1) + (corner if branch.depth else "")
    when = stamp(step.at, year=writer.width >= 70)
    who = cut(called(report, step.facility), max(8, writer.width // 3 - len(lead)), writer.ascii)
    role = "warn" if step.state == "cure_pending" else "fail"
    state = name(STATES.get(step.state or "", step.state or ""))
    room = writer.width - 5 - len(when) - len(lead) - len(state)
    why = cut(f"{who}  ", room, writer.ascii)
    clause = cut(name(struck_by(branch)), max(0, writer.width - len(when) - len(lead) - len(state) - 6 - cell_width(why)), writer.ascii)
    return (
        Span(" "),
        Span(f"{when} ", "dim"),
        Span(lead, "rule"),
        Span(why, "strong"),
        Span(state, role),
        Span(f": {clause}" if clause else ""),
    )


def _shared(writer: Writer, report: Report, alone: Answer, together: Answer) -> None:
    """What it costs those who sell the same asset that they all sell at once."""
    sellers: dict[str, list[SalePart]] = {}
    for one in alone.facilities:
        for asset in dict.fromkeys(lot.asset for lot in one.lots):
            sellers.setdefault(asset, []).append(one)
    shared = {asset: found for asset, found in sellers.items() if len(found) > 1}
    writer.section("Sold at once into one market")
    if not shared:
        writer.says("no two of our loans would sell the same asset", "dim")
        return
    both = {one.id: one for one in together.facilities}
    shown = 3 if writer.width >= 66 else 2 if writer.width >= 54 else 1
    room = writer.width - 6 - sum(_PAIRS[n][1] + 1 for n in range(shown))
    heads = "".join(f" {pad(head, cells, True)}" for head, cells, _ in _PAIRS[:shown])
    writer.row((Span(f"   {pad('alone, then all at once', room, ascii=writer.ascii)}{heads}", "head"),))
    for asset, found in shared.items():
        writer.row((Span(f" {cut(name(asset), writer.width - 2, writer.ascii)}", "strong"),))
        for one in found:
            then = both.get(one.id, one)
            arrow = ">" if writer.ascii else "→"
            pairs = "".join(f" {pad(f'{text(one)} {arrow} {text(then)}', cells, True, writer.ascii)}" for _, cells, text in _PAIRS[:shown])
            who = pad(called(report, one.id), room, ascii=writer.ascii)
            role = "fail" if is_fault(then) and not is_fault(one) else ""
            writer.row((Span(f"   {who}{pairs}", role),), (one.id, None, SALE, asset), is_fault(then) and not is_fault(one))


def _paid(one: SalePart) -> str:
    return "-" if one.recovered is None else f"{one.recovered:.0%}"


_PAIRS: tuple[tuple[str, int, Callable[[SalePart], str]], ...] = (
    ("executable LTV", 19, lambda one: percent(one.ltv_liq)),
    ("pays", 11, _paid),
    ("waits", 15, lambda one: length(waits(one))),
)


def _overhang(writer: Writer, report: Report, parts: Sequence[OverhangPart]) -> None:
    writer.section("Overhang: known debt on an asset, in days of its whole market")
    if not parts:
        writer.says("none", "dim")
    for one in parts:
        days = "absorption not stated" if one.days_of_debt is None else f"{one.days_of_debt:,.1f} days of debt"
        units = "" if not one.days_of_units else f", {one.days_of_units:,.1f} of {one.units:,.0f} known units"
        hidden = f", {one.unknown} not public" if one.unknown else ""
        figures = cut(f" {money(one.debt)}: {days}{units}{hidden}", writer.width - 14, writer.ascii)
        writer.row((Span(f" {pad(name(one.asset), 11, ascii=writer.ascii)}", "strong"), Span(figures)))
        for debt in one.debts[:_MOST_DEBTS]:
            writer.row(_debt_line(writer, report, debt), (debt.id, None, SALE, one.asset, "overhang") if debt.ours else None)
        if len(one.debts) > _MOST_DEBTS:
            writer.says(f"and {len(one.debts) - _MOST_DEBTS} more", "dim", "     ")


def _debt_line(writer: Writer, report: Report, debt: BackedPart) -> Line:
    whose = "ours" if debt.ours else "others"
    who = pad(called(report, debt.id), min(34, max(8, writer.width - 24)), ascii=writer.ascii)
    return Span(f"   {who}"), Span(f" {money(debt.debt) if debt.debt is not None else '?':>8}"), Span(f" {whose}", "dim")


def _resources(writer: Writer, parts: Sequence[ResourcePart]) -> None:
    if not parts:
        return
    writer.section("Free coins of a group against its calls")
    for one in parts:
        series = f"{one.asset}.price"
        text = f"{one.group}: {one.free:,.0f} free {one.asset} meet the calls down to {level(series, one.meets_calls_down_to)}"
        text += f"; with {money(one.cures)} of cures, to {level(series, one.meets_all_down_to)}" if one.cures else ""
        writer.says(f"{text} (now {level(series, one.price)})")

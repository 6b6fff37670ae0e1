"""The pages of margins: what each loan pays, must earn and the market pays, and of one loan where its expected loss comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from monitor.board.figures import money
from monitor.board.spans import Span
from monitor.cells import cut, name, pad
from monitor.report.schema import Report
from monitor.tui.liquidation_page import called
from monitor.tui.page import Page, Writer

if TYPE_CHECKING:
    from monitor.spread.shape import Answer, LoanPart


class _Column(NamedTuple):
    """A column of the table: its heading, its cells, the figure of a loan; the lower the rank, the longer it is kept."""

    head: str
    cells: int
    rank: int
    text: Callable[[LoanPart], str]


_COLUMNS = (
    _Column("PD", 7, 4, lambda one: "-" if one.pd is None else f"{one.pd.value:.1%}"),
    _Column("LGD", 7, 6, lambda one: "-" if one.lgd is None else f"{one.lgd:.1%}"),
    _Column("EL", 8, 5, lambda one: basis_points(one.spread_bp.value if one.spread_bp else None)),
    _Column("Required", 9, 1, lambda one: basis_points(one.required.total_bp if one.required else None)),
    _Column("Paid", 7, 2, lambda one: basis_points(one.paid.bp)),
    _Column("Market", 7, 3, lambda one: basis_points(one.market.bp)),
    _Column("Gap", 8, 0, lambda one: basis_points(one.gap_bp, True)),
)
_NAME = 14
"""Cells a facility's name keeps: a column that would take from them is dropped."""


def _fitting(width: int) -> list[_Column]:
    """The columns that fit beside the name, whole, in their order."""
    ranked = sorted(_COLUMNS, key=lambda column: column.rank)
    kept = [one for n, one in enumerate(ranked) if sum(column.cells + 1 for column in ranked[: n + 1]) <= width - 5 - _NAME]
    return [column for column in _COLUMNS if column in kept]


def fails_today(one: LoanPart) -> bool:
    """Whether a covenant of the loan fails, or the loan has fallen in law, so that its spread is no price."""
    return bool(one.failing_now) or one.default_now is not None


def basis_points(value: float | None, signed: bool = False) -> str:
    """`32,935`, `+287`; `-` where it is not known."""
    return "-" if value is None else f"{value:+,.0f}" if signed else f"{value:,.0f}"


def spread_page(report: Report, made: Answer, width: int, twin: str, ascii: bool = False) -> Page:
    """The loans in `width` cells, the one that earns least first (key: facility, nothing, `margin`); a gap is a fault."""
    writer = Writer(width, ascii)
    writer.section("Margins in basis points a year")
    told = [one for one in made.loans if one.required is not None]
    shown = _fitting(width)
    room = max(8, width - 5 - sum(column.cells + 1 for column in shown))
    writer.row((Span(f"   {pad('Facility', room)}{''.join(f' {pad(one.head, one.cells, True)}' for one in shown)}", "head"),))
    for one in sorted(told, key=lambda one: one.gap_bp if one.gap_bp is not None else 0.0):
        _loan(writer, report, one, shown, room)
    if any(fails_today(one) for one in told):
        writer.says("* fails today: a loss so near leaves little time to earn it, its spread is no price", "dim")
    _attribution(writer, report, made, told)
    writer.section("No spread")
    for one in made.loans:
        if one.required is None:
            writer.row((Span(f" {cut(called(report, one.id), width - 2, ascii)}"),), (one.id, None, "margin"))
            writer.says(one.reason or "not known", "dim", "   ")
    writer.section("How")
    writer.says(f"{made.paths:,} paths to {made.dates[-1]} on {len(made.dates)} dates, {made.copula} copula, dial {made.dial:g}", "dim")
    for text in (made.definition, *made.notes):
        writer.says(text, "dim")
    return Page([], writer.lines, twin, ascii)


def _loan(writer: Writer, report: Report, one: LoanPart, shown: Sequence[_Column], room: int) -> None:
    sign, role = _sign(one, writer.ascii)
    text = "".join(f" {pad(column.text(one), column.cells, True)}" for column in shown)
    star = "*" if fails_today(one) else ""
    who = pad(cut(called(report, one.id), room - len(star), writer.ascii) + star, room, ascii=writer.ascii)
    writer.row((Span(" "), Span(sign, role), Span(f" {who}", "strong"), Span(text)), (one.id, None, "margin"), role in ("fail", "warn"))


def _sign(one: LoanPart, ascii: bool) -> tuple[str, str]:
    """(sign, role): a loan that fails today is no pass, whatever it earns."""
    if one.gap_bp is not None and one.gap_bp < 0:
        return "X" if ascii else "✖", "fail"
    if fails_today(one):
        return "!", "warn"
    return ("?", "unknown") if one.gap_bp is None else ("." if ascii else "✓", "pass")


def _attribution(writer: Writer, report: Report, made: Answer, told: Sequence[LoanPart]) -> None:
    if not told or writer.width < 60:
        return
    writer.section("Where the expected loss comes from, switched on in this order")
    heads = ["base", *made.order, "total"]
    cells = max(8, min(11, (writer.width - 22) // len(heads) - 1))
    room = writer.width - 3 - (cells + 1) * len(heads)
    writer.row((Span(f" {pad('', room)}{''.join(f' {pad(name(head), cells, True, writer.ascii)}' for head in heads)}", "head"),))
    for one in told:
        steps = {step.on: step.bp for step in one.steps}
        total = basis_points(one.spread_bp.value if one.spread_bp else None)
        figures = [basis_points(one.base_bp), *(basis_points(steps.get(on), True) for on in made.order), total]
        who = pad(called(report, one.id), room, ascii=writer.ascii)
        writer.row((Span(f" {who}"), Span("".join(f" {pad(text, cells, True)}" for text in figures))))


def margin_page(report: Report, one: LoanPart, width: int, twin: str, ascii: bool = False) -> Page:
    """One loan in `width` cells; the cursor stops on its name, which opens the facility."""
    writer = Writer(width, ascii)
    writer.row((Span(f" {called(report, one.id)}", "strong"),), (one.id, None, "facility"))
    if one.reason:
        writer.says(one.reason, "unknown")
    writer.fact("Owed", f"{name(one.currency)} {money(one.owed)}, looked at to {name(one.until)}")
    writer.fact("Paid", f"{basis_points(one.paid.bp)} bp: {name(one.paid.reason or one.paid.basis)}", "strong")
    market = f"{basis_points(one.market.bp)} bp, median of {len(one.market.deals)}, {one.market.kind}"
    writer.fact("Market", name(one.market.reason or market))
    if one.required is not None:
        made = one.required
        writer.fact("Required", f"{basis_points(made.total_bp)} bp", "strong")
        for what, bp in (
            ("expected loss", made.expected_loss_bp),
            ("capital", made.capital_bp),
            ("illiquidity", made.illiquidity_bp),
            ("cost", made.cost_bp),
        ):
            writer.row((Span(f"   {what:<18}", "dim"), Span(f"{basis_points(bp):>9} bp")))
        writer.fact("Gap", f"{basis_points(one.gap_bp, True)} bp", "fail" if (one.gap_bp or 0) < 0 else "pass")
    _chances(writer, one)
    for note in one.notes:
        writer.says(note, "dim", " ! ")
    return Page([], writer.lines, twin, ascii)


def _chances(writer: Writer, one: LoanPart) -> None:
    if one.pd is None:
        return
    writer.section("Chance of default")
    writer.fact("Default", f"{one.pd.value:.1%} +- {1.96 * one.pd.error:.1%} by {name(one.until)}")
    writer.fact("Loss given it", None if one.lgd is None else f"{one.lgd:.1%} of {money(one.ead)}")
    merton = one.merton
    said = name(merton.reason or "") if merton.pd is None else f"{merton.pd:.1%} on {name(merton.date or '-')}, assets below what is owed"
    writer.fact("Merton", said)
    room = max(6, min(30, writer.width - 40))
    for cause in one.causes:
        bar = ("#" if writer.ascii else "█") * round(room * cause.share)
        writer.row(
            (Span(f"   {pad(name(cause.cause), 22, ascii=writer.ascii)}", ""), Span(f"{cause.share:>6.1%} ", "dim"), Span(bar, "watch"))
        )
    if one.steps:
        writer.section("Expected loss, switched on one by one")
        writer.row((Span(f"   {'base':<16}"), Span(f"{basis_points(one.base_bp):>10} bp")))
        for step in one.steps:
            writer.row(
                (
                    Span(f"   {pad(name(step.on), 16)}"),
                    Span(f"{basis_points(step.bp, True):>10} bp"),
                    Span(f"  +-{1.96 * step.error_bp:,.0f}", "dim"),
                )
            )

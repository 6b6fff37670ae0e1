"""The page of one forced sale: what each parcel brings, step by step, and every input with the place it stands in."""

from __future__ import annotations

from monitor.board.figures import money
from monitor.board.spans import Span
from monitor.cells import cut, name, pad
from monitor.liquidate.answer import LeafPart, LotPart, SalePart
from monitor.liquidate.text import length, lot_rows, percent
from monitor.report.schema import Report
from monitor.tui.liquidation_page import called, is_fault, ranged, verdict, waits
from monitor.tui.page import Page, Writer


def sale_page(report: Report, alone: SalePart, together: SalePart | None, width: int, twin: str, ascii: bool = False) -> Page:
    """The sale in `width` cells; the cursor stops on the facility and on the inputs (key: name, and the origin that opening shows)."""
    writer = Writer(width, ascii)
    sign, word, role = verdict(alone, ascii)
    title = Span(f"  {cut(called(report, alone.id), width - 14, ascii)}", "strong")
    writer.row((Span(" "), Span(f"{sign} {word}", role), title), (alone.id, None, "facility"), is_fault(alone))
    if alone.reason is not None:
        writer.says(f"nothing is computed: {alone.reason}", "unknown")
        return Page([], writer.lines, twin, ascii)
    _figures(writer, alone, together)
    for lot in alone.lots:
        _lot(writer, lot)
    writer.section("Brought in all")
    _amount(writer, "less prior claims", -alone.prior, "") if alone.prior else None
    _amount(writer, "recovery", alone.recovery, f"at the desk's ends {ranged(alone)}" if alone.low is not None else "")
    rate = "its rate is not known" if alone.rate is None else f"interest at {alone.rate:.2%}"
    extra = f" and {alone.default_margin * 1e4:.0f} bp of default interest" if alone.default_margin else ""
    _amount(writer, "debt at sale", alone.debt_at_sale, f"{money(alone.owed)} with {rate}{extra}")
    for note in alone.notes:
        writer.says(note, "warn", " ! ")
    _leaves(writer, alone)
    return Page([], writer.lines, twin, ascii)


def _figures(writer: Writer, one: SalePart, together: SalePart | None) -> None:
    paid = "nothing is owed" if one.recovered is None else f"it pays {one.recovered:.1%} of the debt"
    writer.fact("Paper LTV", percent(one.ltv))
    writer.fact("Executable", f"{percent(one.ltv_liq)}: {paid}", "strong")
    writer.fact("Critical", f"{percent(one.ltv_critical)}: a loan above it cannot be exited whole")
    writer.fact("Waits", f"{length(one.enforcement_days or 0.0)} to enforce, then {length(one.days or 0.0)} to sell")
    if together is not None and together.recovered is not None and (together.ltv_liq, waits(together)) != (one.ltv_liq, waits(one)):
        text = f"executable {percent(together.ltv_liq)}, pays {together.recovered:.1%}, waits {length(waits(together))}"
        writer.fact("All at once", f"with every forced seller of its assets: {text}", "warn")


def _lot(writer: Writer, lot: LotPart) -> None:
    unit = "" if lot.unit == lot.asset else f"{lot.unit} "
    writer.section(cut(name(f"{lot.parcel}: {lot.units:,.0f} {unit}{lot.asset}"), writer.width - 6, writer.ascii))
    for what, amount, note in lot_rows(lot):
        _amount(writer, what, amount, note)
    if lot.plan is not None:
        writer.says(f"plan: expected cost {money(lot.plan.cost)}, standard deviation {money(lot.plan.variance**0.5)}", "dim", "   ")


def _amount(writer: Writer, what: str, amount: float | None, note: str) -> None:
    room = min(30, max(12, writer.width - 14))
    told = cut(name(note), max(0, writer.width - room - 15), writer.ascii)
    label = pad(name(what), room, ascii=writer.ascii)
    writer.row((Span(f" {label} "), Span(f"{money(amount, fine=True):>10}", "strong"), Span(f"  {told}", "dim")))


def _leaves(writer: Writer, one: SalePart) -> None:
    facts = dict.fromkeys(leaf for lot in one.lots for leaf in lot.leaves if not leaf.assumption)
    writer.section("From")
    for leaf in facts:
        _leaf(writer, leaf)
    for asset in dict.fromkeys(lot.asset for lot in one.lots):
        writer.section(cut(f"Assumed of {name(asset)}", writer.width - 6, writer.ascii))
        told = ""
        for leaf in dict.fromkeys(leaf for lot in one.lots if lot.asset == asset for leaf in lot.leaves if leaf.assumption):
            _leaf(writer, leaf)
            if leaf.note and leaf.note != told and writer.width >= 60:  # one note of a whole table is told once
                writer.says(leaf.note, "dim", "   ")
                told = leaf.note


def _leaf(writer: Writer, leaf: LeafPart) -> None:
    value = "dated" if leaf.value is None else f"{leaf.value:,.6g}"
    label = min(26, max(10, writer.width // 3))
    head = f" {pad(name(leaf.name), label, ascii=writer.ascii)} {pad(value, 10, True)} "
    unit = pad(name(leaf.unit), 14, ascii=writer.ascii) if writer.width >= 70 else ""
    room = writer.width - len(head) - len(unit) - 1
    at = cut(name(leaf.at), room, writer.ascii) if room > 6 else ""
    role = "unknown" if leaf.value is None and not leaf.assumption else ""
    writer.row((Span(head, role), Span(unit, "dim"), Span(f" {at}", "watch")), (leaf.name, leaf.at), leaf.note == "stale")

"""A liquidation in words: paper beside executable, then the steps of each sale, the overhang, and what is assumed. 80 columns."""

from __future__ import annotations

from facilities.inert import inert
from monitor.cells import cut, pad, wrap
from monitor.liquidate.answer import Answer, LeafPart, LotPart, OverhangPart, SalePart
from monitor.report.words import money, stamp

_FOOT = (
    "Executable figures rest on the desk's assumptions: [[liquidity]] and [[curve]]",
    "of desk.toml. paper: debt / value; exec.: debt with its interest / what is",
    "brought; crit.: what is brought / value.",
)
_MOST_OVERHANG = 4
_UNCALIBRATED = {"sqrt": "square-root impact, uncalibrated", "almgren": "Almgren-Chriss, uncalibrated"}
_OUTCOMES = {"loss": "LOSS, the debt is not covered", "may_pay": "MAY PAY, an end of the range does not cover the debt"}
_METHODS = {"steps": "step table", "flat": "flat sale cost", **_UNCALIBRATED}


def liquidation_text(made: Answer, full: bool) -> str:
    """The table, and with `full` the waterfall of each facility with the place of every input."""
    how = "sold together into the same markets" if made.together else "each sold alone"
    lines = [f"Liquidation as of {stamp(made.as_of)}, {how}"]
    if made.within_days is not None:
        lines.append(f"  to be over within {length(made.within_days)} of the first sale; what no market absorbs by then is scrap")
    lines += ["", *_table(made.facilities)]
    if full:
        for one in made.facilities:
            lines += ["", *facility_lines(one)]
        lines += [line for asset, leaves in _assumptions(made).items() for line in ("", f"Assumed of {inert(asset)}:", *leaves)]
    if made.overhang:
        lines += ["", "Overhang: all known debt backed by the asset, in days of its whole market"]
        lines += [line for one in made.overhang for line in _overhang(one)]
    lines += ["", *_FOOT]
    return "\n".join(lines)


def _table(rows: list[SalePart]) -> list[str]:
    heads = ("owed", "paper", "exec.", "crit.", "wait")
    found = [pad("facility", 15) + "".join(pad(word, 8, right=True) for word in heads) + "  brings (low..high)"]
    for one in rows:
        name = pad(cut(inert(one.id), 14), 15)
        if one.reason is not None:
            found.append(cut(f"{name}{pad(money(one.owed), 8, right=True)}  {inert(one.reason)}", 80))
            continue
        wait = length((one.enforcement_days or 0.0) + (one.days or 0.0))
        cells = (money(one.owed), percent(one.ltv), percent(one.ltv_liq), percent(one.ltv_critical), wait)
        span = f" ({_short(one.low, one.high)}..{money(one.high)})" if one.low is not None else ""
        found.append(cut(name + "".join(pad(cell, 8, right=True) for cell in cells) + f"  {money(one.recovery)}{span}", 80))
    for outcome, words in _OUTCOMES.items():
        names = ", ".join(inert(one.id) for one in rows if one.outcome == outcome)
        found += wrap(f"{words}: {names}", 80) if names else []
    return found


def _short(low: float | None, high: float | None) -> str:
    """The lower figure without its scale where both have the same."""
    ends = [money(one).lstrip("-0123456789.,") for one in (low, high)]
    return money(low).removesuffix(ends[0]) if ends[0] == ends[1] else money(low)


def percent(value: float | None) -> str:
    """`104.7%`; `never` where no price would pay."""
    return "none" if value is None else f"{value * 100:.1f}%"


def length(days: float) -> str:
    """Hours below two days, else whole days."""
    return f"{days * 24:.1f} h" if days < 2 else f"{days:,.0f} d"


def facility_lines(one: SalePart, facts: bool = True) -> list[str]:
    """The waterfall of one facility's sale, with the place of every fact it starts from (where the marks are those of today)."""
    title = inert(f"{one.id}: {one.name}")
    if one.reason is not None:
        return [cut(title, 80), f"  nothing is computed: {inert(one.reason)}"]
    lines = [cut(title, 80)]
    for lot in one.lots:
        lines += [*_lot(lot), *(_leaf(leaf) for leaf in lot.leaves if facts and not leaf.assumption)]
    rows: list[tuple[str, float | None]] = [("less prior claims", -one.prior)] if one.prior else []
    rows += [("recovery", one.recovery)]
    lines += [_row(name, amount) for name, amount in rows]
    rate = "not known" if one.rate is None else f"{one.rate * 100:.2f}%"
    extra = f" + {one.default_margin * 1e4:.0f} bp" if one.default_margin else ""
    lines.append(_row("debt at sale", one.debt_at_sale, f"{money(one.owed)} + interest {rate}{extra}"))
    paid = "nothing is owed" if one.recovered is None else f"pays {one.recovered * 100:.1f}% of it"
    lines.append(f"  paper LTV {percent(one.ltv)}, executable {percent(one.ltv_liq)}: {paid}")
    if one.outcome == "may_pay":
        lines.append(f"  may pay: at the ends of the desk's range it brings {money(one.low)} to {money(one.high)}")
    lines.append(f"  a loan above {percent(one.ltv_critical)} of paper value cannot be exited whole")
    return [*lines, *(row for note in one.notes for row in wrap(f"  ! {inert(note)}", 80))]


def _lot(lot: LotPart) -> list[str]:
    beside = f", {lot.beside:,.0f} sold beside" if lot.beside else ""
    unit = "" if lot.unit == lot.asset else f"{lot.unit} "
    waits = f"{length(lot.enforcement_days)} of enforcement, {length(lot.days)} of sale"
    head = f"  {lot.parcel}: {lot.units:,.0f} {unit}{lot.asset}, {waits}{beside}"
    shown = [_row(*one) for one in lot_rows(lot)]
    plan = []
    if lot.plan is not None:
        half = "" if lot.plan.half_life is None else f", half-life {lot.plan.half_life:,.1f} d"
        plan = [f"    plan: expected cost {money(lot.plan.cost)}, standard deviation {money(lot.plan.variance**0.5)}{half}"]
    return [*(inert(row) for row in wrap(head, 80)), *shown, *plan]


def lot_rows(lot: LotPart) -> list[tuple[str, float, str]]:
    """(what, amount, by how much) from the units sold at the mark to what is left, without the steps that take nothing."""
    rows = [
        (f"{lot.sold:,.0f} at {lot.price:,.0f}", lot.gross, ""),
        ("less decay while waiting", -lot.decayed, f"{(1 - lot.kept) * 100:.1f}%"),
        ("less forced sale", -lot.discount, f"{lot.haircut * 100:.1f}% by {_METHODS.get(lot.method, lot.method)}"),
        ("less fee", -lot.fees, ""),
        ("scrap of the rest", lot.scrap, ""),
        ("less hosting", -lot.hosting, ""),
        ("less host liens", -lot.liens, ""),
        ("less enforcement", -lot.enforcement, ""),
    ]
    return [row for n, row in enumerate(rows) if row[1] or n == 0]


def _row(name: str, amount: float | None, note: str = "") -> str:
    return cut(f"  {pad(name, 30)}{pad(money(amount), 12, right=True)}  {note}".rstrip(), 80)


def _assumptions(made: Answer) -> dict[str, list[str]]:
    """The assumed inputs by asset, each once."""
    found: dict[str, dict[str, None]] = {}
    for lot in (lot for one in made.facilities for lot in one.lots):
        found.setdefault(lot.asset, {}).update(dict.fromkeys(_leaf(leaf) for leaf in lot.leaves if leaf.assumption))
    return {asset: list(lines) for asset, lines in found.items()}


def _leaf(leaf: LeafPart) -> str:
    value = "dated" if leaf.value is None else f"{leaf.value:,.6g}"
    return cut(inert(f"    {pad(leaf.name, 24)}{pad(value, 10, right=True)} {leaf.unit}  {leaf.at}"), 80)


def _overhang(one: OverhangPart) -> list[str]:
    days = "absorption not stated" if one.days_of_debt is None else f"{one.days_of_debt:,.1f} days of debt"
    units = "" if not one.days_of_units else f", {one.days_of_units:,.1f} of the {one.units:,.0f} known units"
    lacks = f"; {one.unknown} of them not public" if one.unknown else ""
    names = ", ".join(f"{debt.id} {money(debt.debt)}{'' if debt.ours else ' (others)'}" for debt in one.debts[:_MOST_OVERHANG])
    more = f" and {len(one.debts) - _MOST_OVERHANG} more" if len(one.debts) > _MOST_OVERHANG else ""
    return [cut(inert(f"  {pad(one.asset, 10)} {money(one.debt, 'USD')}: {days}{units}"), 80), *_indent(f"{names}{more}{lacks}")]


def _indent(text: str) -> list[str]:
    return [f"    {inert(line)}" for line in wrap(text, 76)]

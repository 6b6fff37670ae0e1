"""The spread in words and tables: paid, required and market side by side, where the spread comes from, Merton beside it, tranches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from monitor.cells import cut, name, pad, wrap
from monitor.report.words import money, plural, stamp
from monitor.spread.shape import Answer, BookPart, FigurePart, LoanPart
from monitor.spread.tranches import tranche_lines

ERRORS = 1.96
"""Standard errors on each side of a figure that are shown."""
_STEPS = {
    "deflation": "rents and prices fall along the desk's curves, jumps included",
    "liquidity": "collateral is sold, not counted at its mark",
    "correlation": "the convergence dial is turned to {dial:g}", "chain": "cross-links strike, fire sales move marks and share a market",
}  # fmt: skip


def text_of(made: Answer, width: int = 80) -> str:
    """The whole answer, lines of at most `width` cells."""
    known = [one for one in made.loans if one.spread_bp is not None]
    blocks = [_head(made, width)]
    if not made.loans:
        blocks.append(["the desk has no loan of ours"])
    if known:
        blocks += [_table(known, made.paths), _steps(made, known), _merton(known, width)]
    if made.book is not None:
        blocks += _book(made.book, made.currency, width)
    blocks += [part for part in (_without(made.loans, width), _notes(made, known, width)) if part]
    blocks.append(_assumed(made, width))
    return "\n\n".join("\n".join(cut(line, width) for line in block) for block in blocks)


def _head(made: Answer, width: int) -> list[str]:
    lines = [f"Spread as of {stamp(made.as_of)}: what loans pay, what they must earn, what the market pays"]
    drawn = f"{made.copula} copula, dial {made.dial:g}, seed {made.seed}"
    lines += [f"{plural(made.paths, 'path')} to {made.dates[-1]} on {plural(len(made.dates), 'date')}, {drawn}"]
    lines += [f"in a moved world: {name(made.world)}"] if made.world else []
    lines = [row for line in lines for row in wrap(line, width)]
    return lines if made.complete else [*lines, "INTERRUPTED: what follows is of the paths done so far"]


def _off(chance: FigurePart, paths: int) -> str:
    """What a chance may be off by: 1.96 errors, or where no path (or every path) shows it, the three paths it may lack."""
    return f"<{300 / paths:.1f}" if chance.value in (0.0, 1.0) else f"{ERRORS * chance.error * 100:.1f}"


def _table(loans: Sequence[LoanPart], paths: int) -> list[str]:
    heads = ("PD", "+-", "LGD", "EL", "required", "paid", "market", "gap")
    lines = [pad("bp a year", 16) + "".join(pad(word, cells, right=True) for word, cells in zip(heads, _CELLS, strict=True))]
    for one in sorted(loans, key=lambda one: one.gap_bp if one.gap_bp is not None else 0.0):
        assert one.pd is not None and one.required is not None
        mark = "*" if one.failing_now or one.default_now else ""
        cells = (
            f"{one.pd.value * 100:.1f}%", _off(one.pd, paths), "-" if one.lgd is None else f"{one.lgd * 100:.1f}%",
            bp(one.required.expected_loss_bp), bp(one.required.total_bp), bp(one.paid.bp), bp(one.market.bp), bp(one.gap_bp, signed=True),
        )  # fmt: skip
        lines.append(pad(f"{name(one.id)}{mark}", 16) + "".join(pad(cell, n, right=True) for cell, n in zip(cells, _CELLS, strict=True)))
    return lines


_CELLS = (7, 5, 7, 8, 9, 7, 8, 9)


def bp(raw: float | None, signed: bool = False) -> str:
    """Basis points without decimals, one below ten; `?` where unknown."""
    if raw is None:
        return "?"
    text = f"{raw:+,.1f}" if abs(raw) < 9.95 and raw else f"{raw:+,.0f}"
    return text if signed else text.removeprefix("+")


def _steps(made: Answer, loans: Sequence[LoanPart]) -> list[str]:
    lines = ["Where the expected loss comes from, bp a year, switched on in this order:"]
    lines += [f"  {on}: {_STEPS[on].format(dial=made.dial)}" for on in made.order]
    cells = 11
    lines.append(pad("", 14) + pad("base", 9, right=True) + "".join(pad(on, cells + (on == "correlation"), right=True) for on in made.order)
                 + pad("total", 9, right=True))  # fmt: skip
    for one in loans:
        assert one.base_bp is not None and one.spread_bp is not None
        reached = [one.base_bp, *(step.spread_bp for step in one.steps)]
        added = [round(after) - round(before) for before, after in pairwise(reached)]  # so that what is shown adds up
        row = [f"{round(one.base_bp):,}", *(f"{step:+,}" for step in added), f"{round(one.spread_bp.value):,}"]
        off = ["", *(f"+-{ERRORS * step.error_bp:,.0f}" for step in one.steps), f"+-{ERRORS * one.spread_bp.error:,.0f}"]
        widths = [9, *(cells + (on == "correlation") for on in made.order), 9]
        lines.append(pad(name(one.id), 14) + "".join(pad(cell, n, right=True) for cell, n in zip(row, widths, strict=True)))
        lines.append(pad("", 14) + "".join(pad(cell, n, right=True) for cell, n in zip(off, widths, strict=True)))
    return lines


def _merton(loans: Sequence[LoanPart], width: int) -> list[str]:
    lines = wrap("Merton with decay, as a cross-check: collateral worth less than is owed on the worst date", width)
    for one in loans:
        made = one.merton
        if made.pd is None or one.pd is None:
            lines += _hanging(f"{pad(name(one.id), 14)}{name(made.reason or '')}", width)
            continue
        cells = f"PD {made.pd * 100:5.1f}% on {made.date}, paths {one.pd.value * 100:5.1f}%"
        lines.append(f"{pad(name(one.id), 14)}{cells}; vol {(made.volatility or 0) * 100:.0f}%, drift {(made.drift or 0) * 100:+.0f}%")
    return lines


def _hanging(text: str, width: int) -> list[str]:
    first, *rest = wrap(text, width)
    return [first, *(f"  {line}" for part in rest for line in wrap(part, width - 2))]


def _book(book: BookPart, currency: str, width: int) -> list[list[str]]:
    whole = f"{plural(len(book.loans), 'loan')}, {money(book.owed, currency)} owed"
    head = f"Tranches of the book ({whole}): expected loss of each along the dial"
    return [[*wrap(head, width), *tranche_lines(book, width)]]


def _without(loans: Sequence[LoanPart], width: int) -> list[str]:
    """The loans without a spread, by reason, with the chance of default where that is known."""
    found: dict[str, list[str]] = {}
    for one in loans:
        if one.spread_bp is None:
            chance = f" (PD {one.pd.value * 100:.1f}%)" if one.pd is not None else ""
            found.setdefault(name(one.reason or ""), []).append(f"{name(one.id)}{chance}")
    lines = ["No spread:"] if found else []
    for reason, names in found.items():
        lines += [f"  {line}" if n == 0 else f"    {line}" for n, line in enumerate(wrap(f"{', '.join(names)}: {reason}", width - 4))]
    return lines


def _notes(made: Answer, known: Sequence[LoanPart], width: int) -> list[str]:
    lines = []
    now = {one.id: [*one.failing_now, *([f"in law: {one.default_now.replace('_', ' ')}"] if one.default_now else [])] for one in known}
    failing = [f"{identity} ({', '.join(words)})" for identity, words in now.items() if words]
    if failing:
        said = f"* fails today: {', '.join(failing)}. A loss so near leaves little time to earn it: its spread is no price."
        lines += wrap(name(said), width)
    for one in known:
        if one.paid.reason:
            lines += wrap(name(f"{one.id}: no margin: {one.paid.reason}"), width)
    for said in dict.fromkeys(_market(one) for one in known):
        lines += wrap(name(f"market: {said}"), width)
    fixed = [(one.paid.basis, one.id) for one in known if "less" in one.paid.basis]
    for said in dict.fromkeys(basis for basis, _ in fixed):
        whose = ", ".join(identity for basis, identity in fixed if basis == said)
        lines += wrap(name(f"{whose}: paid, of a fixed rate: {said}"), width)
    own = {note: [one.id for one in known if note in one.notes] for note in dict.fromkeys(note for one in known for note in one.notes)}
    for note, names in own.items():
        lines += wrap(name(f"{', '.join(names)}: {note}"), width)
    return [*lines, *(line for note in made.notes for line in wrap(name(f"note: {note}"), width))]


def _market(one: LoanPart) -> str:
    if one.market.bp is None:
        return one.market.reason or ""
    left = f"; {plural(len(one.market.out), 'deal')} left out, fixed without a benchmark of its day" if one.market.out else ""
    return f"median of {plural(len(one.market.deals), 'deal')}, {one.market.kind}{left}"


def _assumed(made: Answer, width: int) -> list[str]:
    lines = wrap(f"default: {made.definition}.", width)
    parts = [f"{one.name} {one.value:g} {one.unit} ({one.source})" for one in made.assumptions if isinstance(one.value, float)]
    assumed = [f"{one.series} {one.deviation * 100:.0f}%" for one in made.drivers if one.basis == "assumed"]
    lines += wrap(name(f"assumed: {'; '.join(parts)}"), width)
    if assumed:
        lines += wrap(name(f"assumed deviations a year: {', '.join(assumed)}"), width)
    if made.held:
        lines += wrap(name(f"held: {'; '.join(made.held)}"), width)
    return [*lines, *wrap("recovery rests on [[liquidity]] and [[curve]] of desk.toml, all assumed: covenant liquidate", width)]

"""The sections of chance: how the correlation dial moves what fails together, and one covenant date by date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.board.figures import money
from monitor.board.spans import Span
from monitor.cells import name
from monitor.tui.page import Writer

if TYPE_CHECKING:
    from monitor.stress.joint import DialPart, JointPart

_TOGETHER = (2, 3, 5)


def dial_section(writer: Writer, made: JointPart | str | None, currency: str, twin: str) -> None:
    """What the dial does to joint failures, as a table and a curve; `made` is None while it is counted, text where it cannot be."""
    writer.section("Correlation dial: 0 as measured, 1 one common factor")
    if made is None or isinstance(made, str):
        writer.says(made or "counting paths", "dim")
        return
    on = f"{len(made.dates)} dates (test dates, quarter ends)"
    writer.says(f"{made.paths:,} paths to {made.dates[-1]} on {on}, seed {made.seed}; $ {twin}", "dim")
    shown = [n for n in _TOGETHER if writer.width >= 40 + 8 * _TOGETHER.index(n)]
    heads = "".join(f"{f'{n} or more':>11}" if writer.width >= 70 else f"{f'{n}+':>8}" for n in shown)
    worst = writer.width >= 76
    writer.row((Span(f" dial  any fails{heads}{'   worst 5%' if worst else ''}", "head"),))
    for one in made.dials:
        chances = [_together(one, n) for n in shown]
        wide = 11 if writer.width >= 70 else 8
        figures = "".join(f"{chance:>{wide}.1%}" for chance in chances)
        missing = f"{money(one.expected_shortfall):>11}" if worst else ""
        writer.row((Span(f" {one.dial:<5.2f} {one.any:>9.1%}", "strong"), Span(figures + missing), *_bar(writer, one)))
    if writer.width >= 90:
        writer.says(f"bar: chance that {_TOGETHER[1]} or more fail; worst 5%: money missing in {name(currency)}", "dim")


def _bar(writer: Writer, one: DialPart) -> tuple[Span, ...]:
    room = min(24, writer.width - 66)
    if room < 8:
        return ()
    filled = round(room * _together(one, _TOGETHER[1]))
    return Span("  "), Span(("#" if writer.ascii else "█") * filled, "watch")


def _together(one: DialPart, least: int) -> float:
    """The chance that so many covenants or more fail together."""
    paths = sum(one.together)
    return sum(one.together[least:]) / paths if paths else 0.0


def chance_section(writer: Writer, made: JointPart | str | None, covenant: str) -> None:
    """The chance that one covenant (`facility/id`) fails, on each of its test dates, or quarter ends."""
    writer.section("Chance of failing, correlations as measured")
    if made is None or isinstance(made, str):
        writer.says(made or "counting paths", "dim")
        return
    odds = next((one for dial in made.dials[:1] for one in dial.covenants if one.id == covenant), None)
    if odds is None or odds.probability is None:
        writer.says("not known: an input is missing or stale, or it is not tested", "unknown")
        return
    first = f"; the first on {odds.first_date} in the mean" if odds.first_date else ""
    error = f" +- {1.96 * (odds.error or 0):.1%}"
    writer.says(f"on some date to {made.dates[-1]}: {odds.probability:.1%}{error}{first}", "strong")
    room = max(6, min(40, writer.width - 26))
    for day, chance in zip(made.dates, odds.by_date, strict=True):
        if chance is None:
            writer.row((Span(f" {name(day)}  ", "dim"), Span("     -  not tested", "untested")))
            continue
        bar = ("#" if writer.ascii else "█") * round(room * chance)
        writer.row((Span(f" {name(day)}  ", "dim"), Span(f"{chance:>6.1%}  "), Span(bar, "fail" if chance >= 0.5 else "warn")))

"""The rollover wall: what falls due year by year as bars, holders' puts hatched on top, what is not public said so."""

from __future__ import annotations

from itertools import groupby

from monitor.board.figures import money
from monitor.board.spans import Line, Span
from monitor.cells import name
from monitor.charts.canvas import Canvas, Style
from monitor.charts.inputs import NO_DATE, Bar, Size, WallInput
from monitor.charts.layout import Below, exactly, fits, framed, legend_of, plot_of
from monitor.charts.scale import Scale, scale_of

_LEAST_BAR = 7


def wall_chart(given: WallInput, size: Size, style: Style) -> list[Line]:
    """Exactly `size` cells; years that have no room stand together in the last bar."""
    total = sum(bar.due for bar in given.bars)
    head = (Span(f" {name(given.title)} ", "title"), Span(f" {money(total)} {name(given.currency)} due", "strong"))
    if not fits(size):
        rows = [(Span(f" {bar.label} {money(bar.due)}{_puts(bar)}{' ?' if bar.unknown else ''}"),) for bar in given.bars]
        return exactly([head, *rows, _legend(given, style)], size, style)
    bars = _merged(given.bars, max(1, (size.columns - 8) // _LEAST_BAR))
    tops = [min(bar.due + bar.puts, 1e300) * (1 + 1.5 / (size.rows - 4)) for bar in bars]  # room for the amount above the highest
    plot = plot_of(size, style, lambda dots: scale_of(tops or [1.0], dots, True), given.currency)
    wide = min(14, plot.canvas.columns // max(1, len(bars)))
    for place, bar in enumerate(bars):
        _draw(plot.canvas, plot.scale, bar, place * wide + 1, wide - 2)
    below = [Below(place * wide + wide // 2, bar.label[: wide - 1]) for place, bar in enumerate(bars)]
    return framed(head, plot, below, _legend(given, style), size)


def _merged(bars: tuple[Bar, ...], most: int) -> list[Bar]:
    if len(bars) <= most:
        return list(bars)
    if bars[-1].label == NO_DATE and most > 1:  # what has no date is in no year
        return [*_merged(bars[:-1], most - 1), bars[-1]]
    rest = bars[most - 1 :]
    together = Bar(f"{rest[0].label}+", sum(bar.due for bar in rest), sum(bar.puts for bar in rest), sum(bar.unknown for bar in rest))
    return [*bars[: most - 1], together]


def _draw(canvas: Canvas, scale: Scale, bar: Bar, column: int, wide: int) -> None:
    style, steps = canvas.style, len(canvas.style.bars)
    fine = Scale(scale.low, scale.high, canvas.rows * steps + 1)
    due, top = _height(fine, bar.due), _height(fine, bar.due + bar.puts)
    whole = -(-due // steps)
    for row in range(whole):
        part = min(steps, due - row * steps)
        canvas.text(column, canvas.rows - 1 - row, style.bars[part - 1] * wide, "strong")
    puts = max(-(-top // steps), whole + 1 if bar.puts else whole)
    for row in range(whole, min(puts, canvas.rows)):
        canvas.text(column, canvas.rows - 1 - row, style.hatch * wide, "warn")
    text = (money(bar.due + bar.puts) if top else "") + (" ?" if bar.unknown else "")
    canvas.text(column, max(0, canvas.rows - 1 - puts), text[: wide + 1], "unknown" if bar.unknown else "")


def _height(fine: Scale, amount: float) -> int:
    """Steps of a bar; what is there is never drawn as nothing."""
    return max(1, fine.place(amount)) if amount > 0 else 0


def _puts(bar: Bar) -> str:
    return f" puts {money(bar.puts)}" if bar.puts else ""


def _legend(given: WallInput, style: Style) -> Line:
    parts = [(style.bars[-1] * 2, "strong", "due")]
    if any(bar.puts for bar in given.bars):
        parts.append((style.hatch * 2, "warn", "holders may put"))
    if given.unknown:
        names = ", ".join(name(one) for one, _ in groupby(given.unknown))
        parts.append(("?", "unknown", f"not public or not in {name(given.currency)}: {names}"))
    return legend_of(parts)

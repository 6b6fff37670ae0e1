"""The simulation for people: what moves, how likely each covenant fails, how many together, and what the dial does."""

from __future__ import annotations

from monitor.cells import name, pad, wrap
from monitor.report.words import money, plural
from monitor.stress.joint import DialPart, JointPart
from monitor.stress.nearest import MovePart, NearestPart, ReversePart

_SHOWN = 14


def joint_text(made: JointPart, currency: str, width: int) -> list[list[str]]:
    """Blocks of lines."""
    if not made.dials:
        return [["interrupted before the first block was done"]]
    on = plural(len(made.dates), "quarter end")
    head = f"{plural(made.paths, 'path')} to {made.dates[-1]} on {on}, {made.copula} copula, seed {made.seed}"
    blocks = [[*([] if made.complete else ["INTERRUPTED: what follows is of the paths done so far"]), *wrap(head, width)]]
    blocks.append(_drivers(made, width))
    blocks.append(_odds(made.dials[0], width))
    blocks.append(_together(made.dials, currency))
    blocks.append([line for note in made.notes for line in wrap(f"note: {note}", width)])
    return blocks


def _drivers(made: JointPart, width: int) -> list[str]:
    room = max(20, width - 46)
    lines = [f"{pad('what moves', room)} {'a year':>8}  from"]
    for one in made.drivers:
        rate = one.series.split(".")[1:2] == ["rate"]
        size = f"{one.deviation * 1e4:.0f}bp" if rate else f"{one.deviation * 100:.1f}%"
        back = f", reverting {one.reversion:g}/y" if one.reversion else ""
        lines.append(f"{pad(name(one.series), room)} {size:>8}  {one.basis}, {plural(one.observations, 'return')}{back}")
    known = [pair for pair in made.pairs if pair.basis != "not known, taken as 0"]
    for pair in sorted(known, key=lambda pair: -abs(pair.value))[:6]:
        count = plural(pair.observations, "common return")
        lines.append(f"  {pair.value:+.2f} {name(pair.one)} with {name(pair.two)}  {pair.basis}, {count}")
    if len(known) < len(made.pairs):
        lines.append(f"  {plural(len(made.pairs) - len(known), 'other pair')} not known and taken as 0")
    if len(known) > 6:
        lines.append(f"  and {plural(len(known) - 6, 'more pair')}: --format json")
    return [*lines, *(line for one in made.held for line in wrap(f"held: {name(one)}", width))]


def _odds(dial: DialPart, width: int) -> list[str]:
    room = max(20, width - 44)
    lines = [f"{pad(f'chance of failing (dial {dial.dial:g})', room)} {'some date':>10} {'+-':>6}  {'first, mean':>11}  now"]
    rows = [one for one in dial.covenants if one.probability]
    for one in sorted(rows, key=lambda one: (one.now == "fail", -(one.probability or 0), one.id))[:_SHOWN]:
        share, error = f"{(one.probability or 0) * 100:.2f}%", f"{1.96 * (one.error or 0) * 100:.2f}"
        lines.append(f"{pad(name(one.id), room)} {share:>10} {error:>6}  {one.first_date or '-':>11}  {one.now}")
    none = sum(one.probability == 0 for one in dial.covenants)
    unknown = sum(one.probability is None for one in dial.covenants)
    lines.append(f"on no path: {none}; unknown: {unknown}")
    return lines


def _together(dials: tuple[DialPart, ...], currency: str) -> list[str]:
    lines = ["dial   any fails  mean  2 or more  3 or more  5 or more  missing, worst 5%"]
    for one in dials:
        count = sum(one.together)
        chance = [sum(one.together[k:]) / count for k in (2, 3, 5)]
        cells = "".join(f"{share * 100:>10.2f}%" for share in chance)
        lines.append(f"{one.dial:4.2f} {one.any * 100:>10.2f}% {one.mean:>5.2f}{cells}  {money(one.expected_shortfall, currency)}")
    return [*lines, "counted: covenants that do not fail now"]


def reverse_text(made: ReversePart, width: int) -> list[list[str]]:
    """The nearest worlds, nearest first."""
    lines = [f"nearest worlds in which covenants fail, moves over {plural(made.months, 'month')} (dial {made.dial:g})"]
    if made.failing_now:
        lines += wrap(f"left out, failing now: {', '.join(name(one) for one in made.failing_now)}", width)
    blocks = [lines]
    reached = [one for one in made.found if one.distance is not None]
    for kind in ("covenant", "group", "book"):
        rows = [_world(one, width) for one in sorted(reached, key=lambda one: (one.distance, one.of)) if one.kind == kind]
        if rows:
            blocks.append([line for row in rows for line in row])
    out = [f"{one.of} ({one.fail})" if one.kind == "book" else one.of for one in made.found if one.distance is None]
    if out:
        blocks.append(wrap(f"no world within 12 standard deviations: {', '.join(name(one) for one in out)}", width))
    return blocks


def _world(one: NearestPart, width: int) -> list[str]:
    what = {"covenant": "", "group": f"all {one.fail} of group ", "book": f"{one.fail} of the "}[one.kind]
    lines = [f"{one.distance:5.2f} sd  {what}{name(one.of)}"]
    if one.kind != "covenant":
        lines += wrap(f"{' ' * 10}{', '.join(name(who) for who in one.covenants)}", width)
    moves = [_move(move) for move in one.moves if abs(move.deviations) >= 0.005]
    return [*lines, *(f"{' ' * 10}{line}" for line in wrap("; ".join(moves[:6]), width - 10))]


def _move(move: MovePart) -> str:
    rate = move.series.split(".")[1:2] == ["rate"]
    change = f"{move.change * 1e4:+.0f}bp" if rate else f"{move.change * 100:+.1f}%"
    return f"{name(move.series)} {change} ({move.deviations:+.2f} sd)"

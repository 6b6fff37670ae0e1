"""The simulation for people: what moves, how likely each covenant fails, how many together, and what the dial does."""

from __future__ import annotations

from monitor.cells import name, pad, wrap
from monitor.report.words import money, plural
from monitor.stress.joint import DialPart, JointPart
from monitor.stress.nearest import MovePart, NearestPart, ReversePart
from rules.scope import is_rate

_SHOWN = 14


def joint_text(made: JointPart, currency: str, width: int) -> list[list[str]]:
    """Blocks of lines."""
    if not made.dials:
        return [["interrupted before the first block was done"]]
    on = f"{plural(len(made.dates), 'date')} (test dates, quarter ends)"
    head = f"{plural(made.paths, 'path')} to {made.dates[-1]} on {on}, {made.copula} copula, seed {made.seed}"
    blocks = [[*([] if made.complete else ["INTERRUPTED: what follows is of the paths done so far"]), *wrap(head, width)]]
    blocks.append(_drivers(made, width))
    blocks.append(_odds(made.dials[0], width))
    blocks.append(_together(made.dials, currency, width))
    blocks.append([line for note in made.notes for line in wrap(f"note: {note}", width)])
    return blocks


def _drivers(made: JointPart, width: int) -> list[str]:
    room = max(20, width - 46)
    lines = [f"{pad('what moves', room)} {'a year':>8}  from"]
    for one in made.drivers:
        size = f"{one.deviation * 1e4:.0f}bp" if is_rate(one.series) else f"{one.deviation * 100:.1f}%"
        back = f", reverting {one.reversion:g}/y" if one.reversion else ""
        side = ", sign -1" if one.sign < 0 else ""
        lines.append(f"{pad(name(one.series), room)} {size:>8}  {one.basis}, {plural(one.observations, 'return')}{back}{side}")
    return [*lines, *_pairs(made, width), *(line for one in made.held for line in wrap(f"held: {name(one)}", width))]


def _pairs(made: JointPart, width: int) -> list[str]:
    """The strongest correlations, with what their common returns say; where each is from is said in letters, explained below them."""
    known = [pair for pair in made.pairs if pair.basis != "not known, taken as 0"]
    if not known:
        return ["all pairs not known and taken as 0"] if made.pairs else []
    room = max(20, (width - 33) // 2)
    lines = [f"{'used':>6}  {'ewma':>5} {'plain':>5} {'common':>6}  {'one':{room}} other"]
    for pair in sorted(known, key=lambda pair: -abs(pair.value))[:6]:
        seen = " ".join(f"{'-' if one is None else f'{one:+.2f}':>5}" for one in (pair.ewma, pair.plain))
        lines.append(f"{pair.value:+5.2f}{pair.basis[:1]}  {seen} {pair.observations:6}  {pad(name(pair.one), room)} {name(pair.two)}")
    more = ["common: returns on days that both have"]
    more += [f"and {plural(len(known) - 6, 'more pair')}: --format json"] if len(known) > 6 else []
    more += [f"{plural(len(made.pairs) - len(known), 'other pair')} not known and taken as 0"] if len(known) < len(made.pairs) else []
    return [*lines, *wrap("; ".join([*dict.fromkeys(f"{pair.basis[:1]}: {pair.basis}" for pair in known), *more]), width)]


def _odds(dial: DialPart, width: int) -> list[str]:
    room = max(20, width - 44)
    lines = [f"{pad(f'chance of failing (dial {dial.dial:g})', room)} {'some date':>10} {'+-':>6}  {'first, mean':>11}  now"]
    rows = [one for one in dial.covenants if one.probability]
    for one in sorted(rows, key=lambda one: (one.now == "fail", -(one.probability or 0), one.id))[:_SHOWN]:
        share, error = f"{(one.probability or 0) * 100:.2f}%", f"{1.96 * (one.error or 0) * 100:.2f}"
        lines.append(f"{pad(name(one.id), room)} {share:>10} {error:>6}  {one.first_date or '-':>11}  {one.now}")
    none = sum(one.probability == 0 for one in dial.covenants)
    out = {what: sum(one.probability is None and one.now == what for one in dial.covenants) for what in ("indeterminate", "not_tested")}
    lines.append(f"on no path: {none}; left out: {out['indeterminate']} unknown now, {out['not_tested']} not tested now")
    return lines


def _together(dials: tuple[DialPart, ...], currency: str, width: int) -> list[str]:
    """What the dial does: one line a stand, 1.96 standard errors beside what they belong to."""
    lines = ["dial any fails    +-   mean    +-   2 or+   3 or+   5 or+  worst 5%: short    +-"]
    for one in dials:
        count = sum(one.together)
        chance = "".join(f"{sum(one.together[k:]) / count * 100:7.2f}%" for k in (2, 3, 5))
        short, error = money(one.expected_shortfall), money(1.96 * one.shortfall_error)
        some = f"{one.dial:4.2f} {one.any * 100:8.2f}% {1.96 * one.any_error * 100:5.2f} {one.mean:6.2f} {1.96 * one.mean_error:5.2f}"
        lines.append(f"{some}{chance} {short:>15} {error:>6}")
    said = f"counted: covenants that do not fail now; mean: how many of them fail; short: {currency} missing on the worst date, over the"
    return [*lines, *wrap(f"{said} worst 5% of paths", width)]


def reverse_text(made: ReversePart, width: int) -> list[list[str]]:
    """The nearest worlds, nearest first."""
    head = f"nearest worlds in which the tests of today fail, for moves of {plural(made.months, 'month')} (dial {made.dial:g}), as standard"
    lines = wrap(f"{head} deviations of them all together, and of each mark", width)
    if made.failing_now:
        lines += wrap(f"left out, failing now: {', '.join(name(one) for one in made.failing_now)}", width)
    blocks = [lines]
    reached = [one for one in made.found if one.distance is not None]
    heads = {"covenant": "each covenant alone", "group": "all of a group that pass now", "book": "so many of the book together"}
    for kind, head in heads.items():
        rows = [_world(one, width) for one in sorted(reached, key=lambda one: (one.fail, one.distance, one.of)) if one.kind == kind]
        if rows:
            blocks.append([f"{head}:", *(line for row in rows for line in row)])
    out = {kind: [one for one in made.found if one.distance is None and one.kind == kind] for kind in heads}
    told = [name(one.of) for one in out["covenant"]] + [f"all of group {name(one.of)}" for one in out["group"]]
    told += [f"{one.fail} of the book" for one in out["book"]]
    if told:
        blocks.append(wrap(f"no world within 12 standard deviations: {', '.join(told)}", width))
    alone = [one for one in reached if one.kind == "covenant"]
    if alone:
        one = min(alone, key=lambda one: one.distance or 0.0)
        shocks = ",".join(_shock(move) for move in one.moves if abs(move.deviations) >= 0.005)
        blocks.append(
            [
                "any of these worlds leaf by leaf, such as the first:",
                *_indented(f"covenant stress --explain {name(one.of)} --at", width),
                *_indented(f'"{shocks}"'.replace(",", ", "), width),
            ]
        )
    return blocks


def _shock(move: MovePart) -> str:
    """A move as `--at` reads it, to more digits than it is shown with."""
    return f"{name(move.series)}={move.change * 1e4:+.2f}bp" if is_rate(move.series) else f"{name(move.series)}={move.change * 100:+.4f}%"


def _world(one: NearestPart, width: int) -> list[str]:
    what = {"covenant": name(one.of), "group": f"{name(one.of)}, all {one.fail}", "book": f"{one.fail} fail"}[one.kind]
    lines = [f"{one.distance:5.2f} sd  {what}"]
    if one.kind != "covenant":
        lines += _indented(", ".join(name(who) for who in one.covenants), width)
    moves = [_move(move) for move in one.moves if abs(move.deviations) >= 0.005]
    return [*lines, *_indented("; ".join(moves[:6]) + (f"; and {len(moves) - 6} more" if len(moves) > 6 else ""), width)]


def _indented(text: str, width: int) -> list[str]:
    return [f"{' ' * 10}{line}" for line in wrap(text, width - 10)]


def _move(move: MovePart) -> str:
    change = f"{move.change * 1e4:+.0f}bp" if is_rate(move.series) else f"{move.change * 100:+.1f}%"
    return f"{name(move.series)} {change} ({move.deviations:+.2f} sd)"

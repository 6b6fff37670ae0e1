"""A chain in words (a calendar and a tree) and as Graphviz."""

from __future__ import annotations

import json

from facilities.inert import inert
from monitor.assumed import assumed_lines
from monitor.cells import wrap
from monitor.chain.answer import ChainAnswer, ResourcePart, StepPart
from monitor.chain.tree import STATES, Branch, branches, first_falls, struck_by
from monitor.report.words import level, money, stamp

_WHEN = 19


def chain_text(made: ChainAnswer) -> str:
    """The calendar, the tree of who fell by whom, free coins, and what is assumed. 80 columns."""
    head = f"Chain from {stamp(made.as_of)} to {stamp(made.until)}"
    lines = [*wrap(head + (f", supposing {inert(made.supposed)}" if made.supposed else ""), 80), ""]
    lines += [line for one in made.steps for line in _step(one)] or ["  nothing falls"]
    tree = [row for one in branches(made) for row in _branch(one)]
    if tree:
        lines += ["", "Who falls by whom:", *tree]
    if made.resources:
        lines += ["", "Free coins of the group against its calls:", *(row for one in made.resources for row in _resource(one))]
    lines += ["", f"{made.rounds} rounds to the fixed point. Assumed:"]
    lines += [f"  {line}" for one in made.assumptions for line in wrap(one, 78)]
    lines += ["Assumed of what is sold:", *assumed_lines(made.inputs)] if made.inputs else []
    return "\n".join(lines)


def _step(one: StepPart) -> list[str]:
    when = stamp(one.at)
    if one.kind == "sale":
        text = f"sells {one.units:,.0f}: {one.series} {level(one.before)} -> {level(one.after)}"
    elif one.kind == "falls":
        text = f"{STATES.get(one.state or '', one.state)}" + (f" ({one.clause})" if one.clause else "")
    else:
        text = f"{one.kind} assumed" + (f" ({one.clause})" if one.clause else "")
    rows = wrap(inert(f"{one.facility}: {text}"), 80 - _WHEN)
    return [f"{when if n == 0 else '':{_WHEN}}{row}" for n, row in enumerate(rows)]


def _branch(one: Branch) -> list[str]:
    lead = "  " * (one.depth + 1) + ("`- " if one.depth else "")
    state, why = STATES.get(one.step.state or "", one.step.state), struck_by(one)
    told = f"{one.step.facility}  {stamp(one.step.at)} {state}" + (f": {why}" if why else "")
    rows = wrap(inert(told), 78 - len(lead))
    return [f"{lead if n == 0 else ' ' * (len(lead) + 2)}{row}" for n, row in enumerate(rows)]


def _resource(one: ResourcePart) -> list[str]:
    text = f"{one.group}: {one.free:,.0f} free {one.asset} meet the calls down to {level(one.meets_calls_down_to)}"
    if one.cures:
        text += f"; with {money(one.cures)} of cures, to {level(one.meets_all_down_to)}"
    return [f"  {inert(line)}" for line in wrap(f"{text} (now {level(one.price)})", 78)]


def chain_dot(made: ChainAnswer) -> str:
    """Graphviz: a node for each that fell, an edge for each clause."""
    falls = first_falls(made)
    lines = ["digraph chain {", "  rankdir=LR;", "  node [shape=box];"]
    for name, one in falls.items():
        lines.append(f"  {_quoted(name)} [label={_quoted(f'{name} {one.at} {one.state}')}];")
        lines += [f"  {_quoted(cause)} -> {_quoted(name)} [label={_quoted(one.clause or '')}];" for cause in one.causes]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return json.dumps(inert(text), ensure_ascii=False)

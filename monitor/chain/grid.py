"""The chain in every world of a grid: who falls in each, and when."""

from __future__ import annotations

import datetime as dt

import msgspec

from facilities.inert import inert
from monitor.assess import Picture
from monitor.cells import wrap
from monitor.chain.build import chain_of
from monitor.progress import Bar
from monitor.report.words import iso, plural, stamp
from monitor.stress.inside import in_shocks
from rules.events import EventKind
from rules.grids import ShockError, grid, parse_axes

SCHEMA = "covenant-monitor/chain-grid/1"
MOST = 81
"""Worlds of a grid: each rolls the whole desk forward."""


class FallPart(msgspec.Struct, frozen=True, kw_only=True):
    """One that falls in a world: when first, and whether it has fallen there without a link."""

    facility: str
    at: str
    linked: bool


class ChainWorld(msgspec.Struct, frozen=True, kw_only=True):
    """One world: its shocks, who falls in the order of their days, who is sold out at a liquidation level, how many sales moved marks."""

    shocks: str
    falls: list[FallPart]
    liquidated: list[str]
    sales: int


class ChainGrid(msgspec.Struct, frozen=True, kw_only=True):
    """The worlds of a grid, the last axis running fastest."""

    schema: str
    as_of: str
    until: str
    supposed: str | None
    worlds: list[ChainWorld]
    assumptions: list[str]


def chain_grid(start: Picture, text: str, until: dt.datetime, suppose: tuple[str, EventKind] | None, sales: bool) -> ChainGrid:
    """What follows in each world. Raises ShockError for shocks that cannot be and for too many worlds."""
    cells = grid(parse_axes(text))
    if len(cells) > MOST:
        raise ShockError(f"{len(cells)} worlds are more than {MOST}, and each rolls the whole desk forward: give the axes fewer points")
    worlds, assumed = [], list[str]()
    for shocks in Bar("worlds").over(cells):
        made = chain_of(in_shocks(start, shocks), until, suppose, sales)
        first: dict[str, FallPart] = {}
        for one in made.steps:
            if one.kind == "falls":
                first.setdefault(one.facility, FallPart(facility=one.facility, at=one.at, linked=bool(one.causes)))
        sold, out = sum(one.kind == "sale" for one in made.steps), [one.facility for one in made.steps if one.kind == "liquidation"]
        worlds.append(ChainWorld(shocks="; ".join(map(str, shocks)), falls=list(first.values()), liquidated=out, sales=sold))
        assumed = made.assumptions
    return ChainGrid(
        schema=SCHEMA, as_of=iso(start.as_of), until=iso(until), supposed=" ".join(suppose) if suppose else None, worlds=worlds,
        assumptions=assumed,
    )  # fmt: skip


def chain_grid_text(made: ChainGrid) -> str:
    """A block a world, 80 columns."""
    head = f"Chain in {plural(len(made.worlds), 'world')} from {stamp(made.as_of)} to {stamp(made.until)}"
    lines = [*wrap(head + (f", supposing {inert(made.supposed)}" if made.supposed else ""), 80), ""]
    for one in made.worlds:
        sold = f", {plural(one.sales, 'sale')} of collateral" if one.sales else ""
        lines += wrap(inert(f"{one.shocks}: {len(one.falls) or 'nobody'} {'falls' if len(one.falls) < 2 else 'fall'}{sold}"), 80)
        names = ", ".join(f"{fall.facility} {stamp(fall.at)[:10]}{' by a link' if fall.linked else ''}" for fall in one.falls)
        names += f"; sold out: {', '.join(one.liquidated)}" if one.liquidated else ""
        lines += [f"  {line}" for line in wrap(inert(names.removeprefix("; ")), 78)] if names else []
    lines += ["", "Assumed:", *(f"  {line}" for one in made.assumptions for line in wrap(one, 78))]
    return "\n".join(lines)

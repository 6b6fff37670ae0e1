"""The calendar in words: entries by month, then the wall of each group as bars, 80 columns wide."""

from __future__ import annotations

from itertools import groupby
from textwrap import wrap

import msgspec

from facilities.inert import inert
from monitor.agenda.entries import Entry, hour
from monitor.agenda.wall import Wall
from monitor.report.words import money, stamp

SCHEMA = "covenant-monitor/calendar/1"
_BAR = 30
_SHORT = {"availability_end": "last draw", "hedge_end": "hedge ends", "contract_end": "contract ends"}


def calendar_text(as_of: str, last: str, entries: list[Entry], walls: list[Wall]) -> str:
    """The whole answer."""
    blocks = [f"Calendar from {stamp(as_of)} to {last}"]
    for month, rows in groupby(entries, key=lambda one: one.date[:7]):
        blocks.append("\n".join([month, *(line for one in rows for line in _lines(one))]))
    if not entries:
        blocks.append("nothing is due in that time")
    if walls:
        blocks.append("Rollover wall: principal due by year, largest group first")
        blocks += [_wall(one) for one in walls]
    return "\n\n".join(blocks)


def _lines(one: Entry) -> list[str]:
    name = f"{one.facility}/{one.covenant}" if one.covenant else one.facility
    day = one.partial if one.partial else one.date[8:] + hour(one)
    head = f"  {day:9} {_SHORT.get(one.kind, one.kind):13} "
    return wrap(inert(f"{name}: {one.title}"), 80, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)


def _wall(wall: Wall) -> str:
    lines = [inert(wall.group)]
    most = max([*wall.years.values(), *wall.puts.values()], default=0.0)
    for year in sorted({*wall.years, *wall.puts}):
        lines += _bar(year, wall.years.get(year, 0.0), most, wall.currency, "")
        lines += _bar(year, wall.puts.get(year, 0.0), most, wall.currency, "  if put")
    dateless = {one.debt: one.amount for one in wall.dues if not one.date and one.amount is not None and one.currency == wall.currency}
    lines += [inert(f"  no date  {debt}: {money(amount, wall.currency)}") for debt, amount in dateless.items()]
    for debt in (one for one in wall.unknown if one not in dateless):
        lines.append(inert(f"  ?     {debt}: amount or date is not public"))
    return "\n".join(lines)


def _bar(year: str, amount: float, most: float, currency: str, says: str) -> list[str]:
    if amount <= 0:
        return []
    bar = "#" * max(1, round(_BAR * amount / most))
    return [f"  {year}  {bar:{_BAR}} {money(amount, currency)}{says}"]


def calendar_json(as_of: str, last: str, entries: list[Entry], walls: list[Wall]) -> str:
    """The same as one object."""
    found = {"schema": SCHEMA, "as_of": as_of, "to": last, "entries": entries, "walls": walls}
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()

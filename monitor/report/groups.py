"""Obligor groups in words and as JSON: one page a group, 80 columns wide."""

from __future__ import annotations

from textwrap import wrap

import msgspec

from facilities.inert import inert
from monitor.lookthrough import CoinPart, GroupPart, OwedPart
from monitor.report.words import money, share, stamp

SCHEMA = "covenant-monitor/obligors/1"
_SORTS = {"gpu": "on machines", "coin": "on coins", "convertible": "convertible", "other": "other"}


def groups_text(as_of: str, groups: list[GroupPart]) -> str:
    """Every group, the most indebted first."""
    return "\n\n".join([f"Obligor groups as of {stamp(as_of)}", *(_group(one) for one in groups)])


def _group(one: GroupPart) -> str:
    title = f"{one.group}: {', '.join(one.members)}" if one.members != [one.group] else one.group
    titles = wrap(inert(title), 80, subsequent_indent="  ", break_on_hyphens=False)
    lines = [*titles, "-" * max(map(len, titles)), *(_debt(debt) for debt in one.debts)]
    if not one.debts:
        lines.append("  no debt is described")
    sums = ", ".join(f"{_SORTS[sort]} {money(amount)}" for sort, amount in one.by_sort.items())
    if one.debt is not None or one.debt_known:
        least = "" if one.debt is not None else "at least "
        lines.append(f"  debt       {least}{money(one.debt_known, one.currency)}" + (f": {sums}" if len(one.by_sort) > 1 else ""))
    lines.append(f"  cash       {money(one.cash, one.currency) if one.cash is not None else 'not known'}")
    lines.append(f"  net debt   {money(one.net_debt, one.currency) if one.net_debt is not None else _why_not(one)}")
    lines += _against(one)
    lines += [_coin(coin, one.currency) for coin in one.coins]
    if one.double_leverage:
        lines.append("  double leverage: coins are pledged while debt buys machines; coin prices and rents fall together")
    if one.wall and one.wall.years:
        lines += _listed("falls due", [f"{year} {money(amount)}" for year, amount in sorted(one.wall.years.items())])
    return "\n".join(line for each in lines for line in _within(each))


def _within(line: str) -> list[str]:
    """A line as it is, or where it is too long for a terminal broken under its words."""
    return [line] if len(line) <= 80 else wrap(line, 80, subsequent_indent=" " * 13, break_on_hyphens=False)


def _debt(one: OwedPart) -> str:
    due = f", due {one.maturity}" if one.maturity else ""
    whose = "" if one.ours else ", not ours"
    return inert(f"  {money(one.amount) if one.amount is not None else 'not known':>10}  {_SORTS[one.sort]}: {one.name}{due}{whose}")


def _why_not(one: GroupPart) -> str:
    lacks = ([f"{len(one.unknown)} amount{'s' * (len(one.unknown) > 1)} missing"] if one.unknown else []) + (
        ["cash not stated"] if one.cash is None else []
    )
    return f"not known: {', '.join(lacks)}"


def _against(one: GroupPart) -> list[str]:
    if not one.past:
        return []
    nets = (money(past.net_debt) if past.net_debt is not None else f"{money(past.debt)} gross" for past in one.past)
    lines = _listed("before", [f"{past.date} {net}" for past, net in zip(one.past, nets, strict=True)])
    if one.peak is not None:
        now = f"; now {share(one.against_peak)} against it" if one.against_peak is not None else ""
        lines.append(f"  peak of net debt  {money(one.peak.net_debt, one.currency)} on {one.peak.date}{now}")
    return lines


def _listed(title: str, parts: list[str]) -> list[str]:
    """Parts in a row behind their title; a line breaks between them, never within one."""
    glued = ", ".join(part.replace(" ", "\u00a0") for part in parts)
    lines = wrap(glued, 80, initial_indent=f"  {title:11}", subsequent_indent=" " * 13, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def _coin(one: CoinPart, currency: str) -> str:
    def held(units: float | None, value: float | None) -> str:
        if units is None:
            return "a number not public"
        return f"{units:,.0f}" + (f" ({money(value, currency)})" if value is not None and units else "")

    return inert(f"  {one.asset:9}  pledged {held(one.pledged, one.pledged_value)}, free {held(one.free, one.free_value)}")


def groups_json(as_of: str, groups: list[GroupPart]) -> str:
    """The same as one object."""
    return msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, "as_of": as_of, "groups": groups}), indent=2).decode()

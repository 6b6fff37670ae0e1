"""The tables of the page as cells, the same for text and Markdown; sources become numbers as they are first mentioned."""

from __future__ import annotations

from typing import NamedTuple

from monitor.lookthrough import GroupPart, PastPart
from monitor.report.words import money, share
from monitor.sector.build import Page
from monitor.sector.deals import Backed, Priced
from monitor.sector.overhang import Absorption, Overhang
from monitor.sector.sources import Sourced, Sources
from monitor.sector.verdicts import Ground, Judged


class Table(NamedTuple):
    """One table: its title, the heads of its columns (`>` sets a column right), its rows, and what is said below it."""

    title: str
    heads: list[str]
    rows: list[list[str]]
    below: list[str]


def tables_of(page: Page, sources: Sources) -> list[Table]:
    """Every table that has rows, in the order of the page."""
    made = [_net_debt(page, sources), _rollover(page), _margins(page, sources), _backed(page, sources)]
    return [one for one in made if one.rows]


def refs(numbers: list[int]) -> str:
    """`[1,2]`, nothing where there is no source."""
    return f"[{','.join(map(str, numbers))}]" if numbers else ""


def said_of(claim: Judged, sources: Sources) -> list[str]:
    """What decided a claim, line by line: the known parts, the unknown ones of one reason together, then what stands beside."""
    lines = [_said(one, sources) for one in claim.grounds if one.says]
    unknown: dict[str, list[str]] = {}
    for one in claim.grounds:
        if not one.says:
            unknown.setdefault(one.why or "", []).append(one.about)
    lines += [f"{', '.join(names)}: {why}" for why, names in unknown.items()]
    return lines + [f"beside: {_said(one, sources)}" for one in claim.beside]


def _said(one: Ground, sources: Sources) -> str:
    says = "; ".join(part for part in (one.says, one.why) if part)
    return f"{one.about}: {says} {refs(sources.numbers(one.origins))}".rstrip()


def _net_debt(page: Page, sources: Sources) -> Table:
    rows = [row for one in page.groups for row in _past(one, sources)]
    heads = ["Group", "Date", ">Debt", ">Cash", ">Net debt", ">To peak", ">Coins", "Source"]
    return Table("Net debt against its own peak", heads, rows, ["Net debt is debt less cash; coins stand beside and are never netted."])


def _past(one: GroupPart, sources: Sources) -> list[list[str]]:
    rows = [[one.group if number == 0 else "", *_year_end(one, past, sources)] for number, past in enumerate(one.past)]
    if one.past and one.net_debt is not None:
        rows.append(["", "now", money(one.debt), money(one.cash), money(one.net_debt), share(one.against_peak), "", ""])
    return rows


def _year_end(one: GroupPart, past: PastPart, sources: Sources) -> list[str]:
    against = _against(past, one.peak)
    numbers = sources.numbers([Sourced(source, past.quality) for source in past.sources])
    coins = "-" if past.coins is None else f"{past.coins:,.0f}"
    return [past.date, money(past.debt), _or_dash(past.cash), _or_dash(past.net_debt), against, coins, refs(numbers)]


def _against(past: PastPart, peak: PastPart | None) -> str:
    """The share of the highest net debt; net cash has none."""
    if past.net_debt is None or peak is None or peak.net_debt is None:
        return "-"
    if past.net_debt <= 0 or peak.net_debt <= 0:
        return "net cash"
    return "peak" if past == peak else share(past.net_debt / peak.net_debt - 1)


def _or_dash(amount: float | None) -> str:
    return "-" if amount is None else money(amount)


def _rollover(page: Page) -> Table:
    rows = [_wall(one) for one in page.groups if one.debt_known or one.unknown]
    below = ["Balances as last published; `?` counts debts whose amount or date is not public."]
    return Table("Converts and rollover", ["Group", ">Known debt", ">Converts", ">?", "Falls due"], rows, below)


def _wall(one: GroupPart) -> list[str]:
    years = dict(one.wall.years) if one.wall else {}
    due = [f"{year} {money(amount)}" for year, amount in sorted(years.items())]
    puts = [f"put {year} {money(amount)}" for year, amount in sorted(one.wall.puts.items())] if one.wall else []
    unknown = set(one.unknown) | set(one.wall.unknown if one.wall else ())
    converts = one.by_sort.get("convertible")
    return [one.group, _or_dash(one.debt_known or None), _or_dash(converts), str(len(unknown) or "-"), ", ".join(due + puts) or "-"]


def _margins(page: Page, sources: Sources) -> Table:
    rows = [row for issuer in dict.fromkeys(one.issuer for one in page.deals) for row in _issuer(page, issuer, sources)]
    heads = ["Issuer", "Date", "Deal", ">Amount", ">Margin", "Source"]
    return Table("Margins of comparable deals", heads, rows, ["Basis points are over the benchmark, percent is a fixed rate."])


def _issuer(page: Page, issuer: str, sources: Sources) -> list[list[str]]:
    mine = [one for one in page.deals if one.issuer == issuer]
    return [[issuer if number == 0 else "", *_deal(one, sources)] for number, one in enumerate(mine)]


def _deal(one: Priced, sources: Sources) -> list[str]:
    margin = f"{one.spread_bp:g} bp" if one.spread_bp is not None else f"{one.fixed_pct:g} %"
    name = f"{one.name} ({one.rating})" if one.rating else one.name
    return [one.date, name, _or_dash(one.amount), margin, refs(sources.numbers([one.origin]))]


def _backed(page: Page, sources: Sources) -> Table:
    hang = page.overhang
    rows = [_debt(one, sources) for one in hang.debts]
    total = f"Owed {money(hang.owed, page.currency)}; loans without a public balance committed {money(hang.committed, page.currency)}"
    total += f"; {len(hang.unknown)} without an amount." if hang.unknown else "."
    below = [total, *_by_year(hang), *(_taken(one, page.currency) for one in hang.absorption)]
    return Table("GPU-backed debt known", ["Debt", ">Owed", ">Committed", "Due", "Machines", "Source"], rows, below)


def _by_year(hang: Overhang) -> list[str]:
    years = [f"{year} {money(amount)}" for year, amount in hang.years.items()]
    years += [f"no date {money(hang.undated)}"] if hang.undated else []
    return [f"By maturity: {', '.join(years)}."] if years else []


def _debt(one: Backed, sources: Sources) -> list[str]:
    numbers = refs(sources.numbers(one.origins))
    return [one.name, _or_dash(one.owed), _or_dash(one.committed), one.maturity or "-", one.asset or "-", numbers]


def _taken(one: Absorption, currency: str) -> str:
    if one.days is None:
        return f"{one.asset}: {money(one.debt, currency)}; {one.why}."
    return (
        f"{one.asset}: {money(one.debt, currency)} is {one.days:,.0f} days of the market, at {one.units_per_day:,.0f} a day"
        f" and {one.price:,.0f} each ({one.series})."
    )

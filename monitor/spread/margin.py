"""What a loan pays over the benchmark, and what comparable deals paid: each with what it was read from."""

from __future__ import annotations

import datetime as dt
import statistics

import msgspec
import numpy as np

from facilities.legs import Leg
from facilities.model import FacilityFile, Interest
from facilities.paydates import add_months
from facilities.steps import value_on
from monitor.assess import Picture
from monitor.marks.instants import end_of_day
from monitor.sector.deals import Priced, priced
from monitor.spread.settings import Settings
from rules.primitives.balances import leg_outstanding, legs
from rules.scope import day_of, facility_rows, open_scope

QUARTER = dt.timedelta(days=92)
"""How long a row of `benchmark_pct` counts."""


class PaidPart(msgspec.Struct, frozen=True, kw_only=True):
    """The contract margin in basis points, and how it was read; None with the `reason`."""

    bp: float | None
    basis: str
    reason: str | None = None


class DealPart(msgspec.Struct, frozen=True, kw_only=True):
    """One comparable deal: its margin over the benchmark of its own day, and the source of its price."""

    name: str
    issuer: str
    date: str
    bp: float
    basis: str
    source: str


class MarketPart(msgspec.Struct, frozen=True, kw_only=True):
    """The median of comparable deals in basis points; `kind` says what makes a deal comparable, `out` which were left out and why."""

    bp: float | None
    kind: str
    deals: list[DealPart] = []
    out: list[str] = []
    reason: str | None = None


def paid_of(picture: Picture, settings: Settings, f: int) -> PaidPart:
    """The margin of a loan today, its tranches weighed by what they owe; a fixed rate less the benchmark of the day."""
    mine = np.array([f], dtype=np.int64)
    scope = open_scope(picture.book, picture.now, facility_rows(picture.book, picture.now, mine), picture.state, facility=mine)
    asker, leg = legs(scope, mine)
    owed = np.nan_to_num(leg_outstanding(scope, leg, scope.day[asker], scope.known[asker]))
    rows: list[Leg] = [picture.book.tables["leg"].rows[n] for n in leg.tolist()]
    day, total = dt.date.fromordinal(int(scope.day[0])), 0.0
    said: list[str] = []
    weights = owed / owed.sum() if owed.sum() > 0 else np.full(len(rows), 1 / max(1, len(rows)))
    for row, weight in zip(rows, weights.tolist(), strict=True):
        found = _margin(picture, settings, row.terms.interest, day)
        if isinstance(found, str):
            return PaidPart(bp=None, basis="", reason=found)
        total += weight * found[0]
        said.append(found[1])
    if not rows:
        return PaidPart(bp=None, basis="", reason="no interest is stated")
    return PaidPart(bp=total, basis="; ".join(dict.fromkeys(said)))


def _margin(picture: Picture, settings: Settings, interest: Interest | None, day: dt.date) -> tuple[float, str] | str:
    """(basis points, how read) of one rate on a day, or why there is none."""
    if interest is None:
        return "no interest is stated"
    kind = None if interest.pik_pct is None else value_on(interest.pik_pct, day)
    extra, words = (float(kind) * 100, f" and {float(kind):g}% in kind") if kind else (0.0, "")
    if interest.benchmark is not None:
        spread = None if interest.spread_bp is None else value_on(interest.spread_bp, day)
        if spread is None:
            return "its spread is not public"
        return float(spread) + extra, f"{interest.benchmark} + {float(spread):g} bp{words}"
    fixed = None if interest.fixed_pct is None else value_on(interest.fixed_pct, day)
    if fixed is None:
        return "its rate is not public"
    base = benchmark_on(picture, settings, day)
    if base is None:
        return f"fixed {float(fixed):g}%, and what {settings.benchmark} stood at is not known"
    return (float(fixed) - base[0]) * 100 + extra, f"fixed {float(fixed):g}%{words} less {base[1]}"


def benchmark_on(picture: Picture, settings: Settings, day: dt.date) -> tuple[float, str] | None:
    """(percent, how read) of the benchmark on a day as known now: its mark where it has one, else the desk's table."""
    name = f"{settings.benchmark}.rate"
    at = min(end_of_day(day, picture.session.timezone), picture.as_of)
    seen = picture.session.history.observe(name, at, picture.known_at)
    if seen.value is not None and seen.data not in ("stale", "missing"):
        printed = seen.as_of - dt.timedelta(microseconds=1) if seen.as_of else at
        return seen.value * 100, f"{settings.benchmark} {seen.value * 100:.2f}% of {printed:%Y-%m-%d}, not a swap"
    rows = settings.benchmarks
    if not isinstance(rows, list):
        return None if rows is None else (float(rows), f"{settings.benchmark} {float(rows):.2f}%")
    row = next((one for one in reversed(rows) if one.from_ <= day < one.from_ + QUARTER), None)
    if row is None or row.value is None:
        return None
    return float(row.value), f"{settings.benchmark} {float(row.value):.2f}% of {row.from_}, not a swap"


def market_of(picture: Picture, settings: Settings, f: int) -> MarketPart:
    """What deals on the same kind of collateral, in the same currency and not older than the desk says, paid: their median."""
    terms, sector = picture.book.terms[f], picture.session.desk.sector
    kind = kind_of(terms)
    if kind is None:
        return MarketPart(bp=None, kind="", reason="no machines or coins stand behind it: nothing to compare")
    if sector is None:
        return MarketPart(bp=None, kind=kind, reason="the desk has no sector.toml: no comparable deal is known")
    today = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    since = add_months(today, -settings.comparable_months).isoformat()
    rows = [one for one in priced(picture, sector, today) if one.date >= since[: len(one.date)] and one.facility != terms.facility.id]
    rows = [one for one in rows if one.currency == terms.facility.currency and _kind_of_deal(picture, one) == kind]
    deals, out = [], []
    for one in rows:
        made = _deal(picture, settings, one)
        out += [made] if isinstance(made, str) else []
        deals += [made] if isinstance(made, DealPart) else []
    said = f"loans on {kind} since {since}"
    if not deals:
        return MarketPart(bp=None, kind=said, out=out, reason=f"no comparable: none of the {said} has a known margin")
    return MarketPart(bp=statistics.median(one.bp for one in deals), kind=said, deals=deals, out=out)


def kind_of(terms: FacilityFile) -> str | None:
    """What stands behind a loan, for comparing: machines or coins; None where neither or both."""
    units = {"machines" if row.unit == "GPU" else "coins" for row in terms.collateral if row.unit == "GPU" or row.unit == row.asset}
    return units.pop() if len(units) == 1 else None


def _kind_of_deal(picture: Picture, one: Priced) -> str | None:
    if one.facility is not None:
        return kind_of(picture.book.terms[picture.book.ids.index(one.facility)])
    sector = picture.session.desk.sector
    told = [deal for deal in (sector.deal if sector else []) if deal.gpu_backed]
    return "machines" if any((deal.issuer, deal.name) == (one.issuer, one.name) for deal in told) else None


def _deal(picture: Picture, settings: Settings, one: Priced) -> DealPart | str:
    source = one.origin.source or "source not stated"
    if one.spread_bp is not None:
        return DealPart(name=one.name, issuer=one.issuer, date=one.date, bp=one.spread_bp, basis="over its benchmark", source=source)
    try:
        day = dt.date.fromisoformat(one.date)
    except ValueError:
        day = None
    base = benchmark_on(picture, settings, day) if day else None
    if base is None or one.fixed_pct is None:
        return f"{one.name}: fixed, and the benchmark of {one.date} is not known"
    basis = f"fixed {one.fixed_pct:g}% less {base[1]}"
    return DealPart(name=one.name, issuer=one.issuer, date=one.date, bp=(one.fixed_pct - base[0]) * 100, basis=basis, source=source)

"""Whether published figures confirm a claim: one small rule for each kind of claim, and one way to add up what the parts say.

Nothing here is written by hand: a verdict is computed from figures with their sources. What lacks a figure is unknown, and
never counts as met.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import Literal

import msgspec

from facilities.lint.sector import rule_of
from facilities.model import Claim, Growth, Level, Margins, OwnPeak, YearlyChange
from monitor.lookthrough import PastPart
from monitor.report.words import share
from monitor.sector.evidence import Evidence, Figure, Series
from monitor.sector.sources import Sourced
from monitor.sector.words import amount

Verdict = Literal["confirmed", "refuted", "mixed", "not_settled"]
YEAR = 365.25
"""Days of a year, for a change compounded between two dates."""

RECENT = dt.timedelta(days=366)
"""How old a year-end may be to stand for a date."""


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a claim: what it is about, its figures in words, and whether they meet the claim (None: unknown, `why`)."""

    about: str
    says: str
    meets: bool | None
    value: float | None = None
    why: str | None = None
    origins: list[Sourced] = []


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One claim with its verdict, what decided it, and what stands beside without deciding."""

    id: str
    text: str
    verdict: Verdict
    met: int
    known: int
    of: int
    grounds: list[Ground]
    beside: list[Ground]
    note: str | None


def judge(claim: Claim, evidence: Evidence) -> Judged:
    """The verdict on one claim; a claim without exactly one rule is not settled."""
    found = rule_of(claim)
    grounds = list(grounds_of(found[1], evidence)) if found is not None else []
    some = found is not None and isinstance(found[1], OwnPeak) and found[1].of == "some"
    meets = [one.meets for one in grounds]
    return Judged(
        id=claim.id, text=claim.text, verdict=settled(meets, some), met=meets.count(True), known=len(meets) - meets.count(None),
        of=len(meets), grounds=grounds, beside=[_shown(evidence, name) for name in claim.beside], note=claim.note,
    )  # fmt: skip


def settled(meets: Sequence[bool | None], some: bool = False) -> Verdict:
    """What the parts say of the whole: of a claim about all of them, or about `some`.

    One that meets it settles a claim about some; unknown ones leave it open. A claim about all needs every one known to be
    confirmed; where some are known to meet it and others not, it is mixed, however many are unknown.
    """
    met, failed, unknown = (meets.count(one) for one in (True, False, None))
    if some:
        return "confirmed" if met else "not_settled" if unknown or not failed else "refuted"
    if met and failed:
        return "mixed"
    if failed:
        return "refuted"
    return "confirmed" if met and not unknown else "not_settled"


@singledispatch
def grounds_of(rule: object, evidence: Evidence) -> Iterator[Ground]:
    """The parts of a rule, each judged. TypeError on what is no rule."""
    raise TypeError(f"{type(rule).__name__} against {type(evidence).__name__}")


@grounds_of.register
def _growth(rule: Growth, evidence: Evidence) -> Iterator[Ground]:
    for name in rule.measures:
        series = evidence.series[name]
        first, last = series.on(rule.from_), series.on(rule.to)
        if first is None or last is None:
            lacks = ", ".join(day.written for day, one in ((rule.from_, first), (rule.to, last)) if one is None)
            yield Ground(about=series.title, says="", meets=None, why=f"no figure for {lacks}")
            continue
        grown = _rise(first.value, last.value)
        says = _between(series, first, last) + (f": {share(grown)}, claimed {share(float(rule.claimed))}" if grown is not None else "")
        meets = None if grown is None else abs(grown - float(rule.claimed)) <= float(rule.within) + 1e-9
        yield Ground(
            about=series.title, says=says, meets=meets, value=grown, origins=[first.origin, last.origin],
            why=None if grown is not None else "it grew from nothing or less",
        )  # fmt: skip


@grounds_of.register
def _level(rule: Level, evidence: Evidence) -> Iterator[Ground]:
    claimed = float(rule.claimed)
    for name in rule.measures:
        series = evidence.series[name]
        found = series.on(rule.on)
        if found is None:
            yield Ground(about=series.title, says="", meets=None, why=f"no figure for {rule.on.written}")
            continue
        meets = abs(found.value - claimed) <= float(rule.within) * abs(claimed) * (1 + 1e-9)
        says = f"{_dated(found, series)}, claimed {amount(claimed, series.unit)}"
        yield Ground(about=series.title, says=says, meets=meets, value=found.value, origins=[found.origin])


@grounds_of.register
def _yearly(rule: YearlyChange, evidence: Evidence) -> Iterator[Ground]:
    least, most = float(rule.least), float(rule.most)
    for name in rule.measures:
        series = evidence.series[name]
        if len(series.figures) < 2:
            yield Ground(about=series.title, says="", meets=None, why="it takes two figures")
            continue
        first, last = series.figures[0], series.figures[-1]
        if first.value <= 0 or last.value <= 0:
            yield Ground(about=series.title, says="", meets=None, why="a price of nothing or less compounds to nothing")
            continue
        change = float((last.value / first.value) ** (YEAR / (last.day - first.day).days) - 1)
        says = f"{_between(series, first, last)}: {share(change)} a year, claimed {share(least)} to {share(most)}"
        yield Ground(
            about=series.title, says=says, meets=least - 1e-9 <= change <= most + 1e-9, value=change, origins=[first.origin, last.origin]
        )


@grounds_of.register
def _own_peak(rule: OwnPeak, evidence: Evidence) -> Iterator[Ground]:
    for group in rule.groups:
        yield _against_peak(rule, group, [one for one in evidence.past.get(group, []) if one.net_debt is not None])


def _against_peak(rule: OwnPeak, group: str, past: list[PastPart]) -> Ground:
    """Net debt of one group on the date against its own highest up to the other."""
    before = [one for one in past if dt.date.fromisoformat(one.date) <= rule.until]
    after = [one for one in past if rule.until < dt.date.fromisoformat(one.date) <= rule.on]
    after = [one for one in after if rule.on - dt.date.fromisoformat(one.date) <= RECENT]
    if not before or not after:
        lacks = [f"up to {rule.until}"] * (not before) + [f"for {rule.on}"] * (not after)
        return Ground(about=group, says="", meets=None, why=f"no net debt {' or '.join(lacks)}")
    peak, last = max(before, key=lambda one: one.net_debt or 0.0), after[-1]
    was, now = peak.net_debt or 0.0, last.net_debt or 0.0
    risen = _rise(was, now)
    says = f"{amount(was)} at its peak {peak.date}, {amount(now)} on {last.date}" + (f": {share(risen)}" if risen is not None else "")
    meets = now >= was if rule.rise is None else None if risen is None else risen >= float(rule.rise) - 1e-9
    origins = [Sourced(source, one.quality) for one in (peak, last) for source in one.sources]
    why = "no share of net cash" if meets is None else None
    return Ground(about=group, says=says, meets=meets, value=risen if rule.rise is not None else now - was, why=why, origins=origins)


@grounds_of.register
def _margins(rule: Margins, evidence: Evidence) -> Iterator[Ground]:
    deals = [one for one in evidence.deals if one.issuer == rule.group and one.spread_bp is not None]
    if not deals:
        yield Ground(about=rule.group, says="", meets=None, why="no deal of it has a public margin")
        return
    path = iter(deals)
    found = [next((one for one in path if one.spread_bp == float(wanted)), None) for wanted in rule.bp]
    says = ", ".join(f"{one.spread_bp:g} bp {one.date}" for one in deals)
    origins = [one.origin for one in found if one is not None]
    yield Ground(about=rule.group, says=says, meets=None not in found, value=deals[-1].spread_bp, origins=origins)


def _rise(was: float, now: float) -> float | None:
    """The share by which it rose; None from nothing or less, of which there is no share."""
    return now / was - 1 if was > 0 else None


def _between(series: Series, first: Figure, last: Figure) -> str:
    return f"{_dated(first, series)}, {_dated(last, series)}"


def _dated(one: Figure, series: Series) -> str:
    return f"{amount(one.value, series.unit)} {'on' if len(one.date) == 10 else 'in'} {one.date}"


def _shown(evidence: Evidence, name: str) -> Ground:
    """All figures of a measure that only stands beside."""
    series = evidence.series[name]
    says = ", ".join(_dated(one, series) for one in series.figures)
    why = None if series.figures else "no figure"
    return Ground(about=series.title, says=says, meets=None, why=why, origins=[one.origin for one in series.figures])

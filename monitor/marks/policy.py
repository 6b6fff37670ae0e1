"""Which prints of a series count: the desk's policy, with what an agreement says of its own mark on top."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from math import fsum
from typing import NamedTuple

from facilities.durations import Duration, parse_duration
from facilities.model import MarkPolicy, SeriesPolicy

Aggregate = Callable[[Sequence[float]], float]


class Policy(NamedTuple):
    """A policy ready for use: `sources` in order (empty: any), `low` and `high` the band in the canonical unit."""

    sources: tuple[str, ...]
    min_sources: int
    aggregate: str
    max_age: Duration | None
    lag: Duration
    low: float
    high: float


def policy_for(series: str, policies: Iterable[SeriesPolicy], own: MarkPolicy | None = None) -> Policy:
    """The first desk policy whose name or glob matches, with what the agreement's `own` says in its place.

    Without a match any source counts, one is enough and no age is stale. Raises ValueError on a malformed duration.
    """
    desk = next((policy for policy in policies if policy.match == series or fnmatchcase(series, policy.match)), SeriesPolicy(match=series))
    own = own or MarkPolicy()
    max_age = own.max_age or desk.max_age
    return Policy(
        tuple(own.sources or desk.sources),
        desk.min_sources if own.min_sources is None else own.min_sources,
        own.aggregate or desk.aggregate,
        parse_duration(max_age) if max_age else None,
        parse_duration(desk.publication_lag),
        float("-inf") if desk.min is None else float(desk.min),
        float("inf") if desk.max is None else float(desk.max),
    )


def policy_words(use: Policy) -> str:
    """Which sources count, how they are combined, how old is stale, and the band."""
    who = ", ".join(use.sources) if use.sources else "any source"
    how = f"{use.aggregate} of at least {use.min_sources}" if use.min_sources > 1 or use.aggregate != "first" else "the first that has one"
    age = f"no older than {_span(use.max_age)}" if use.max_age else "of any age"
    return "; ".join(part for part in (who, how, age, band_words(use)) if part)


def outside(value: float, use: Policy) -> str | None:
    """How a value lies outside the band; None where it counts."""
    if use.low <= value <= use.high:
        return None
    if use.low > float("-inf") and use.high < float("inf"):
        return f"{value:g} lies outside {use.low:g} to {use.high:g}"
    return f"{value:g} lies below {use.low:g}" if value < use.low else f"{value:g} lies above {use.high:g}"


_SPANS = {"h": "hour", "D": "day", "BD": "business day", "m": "month", "y": "year"}


def _span(age: Duration) -> str:
    """`10 days`, `36 hours`, `1 business day`."""
    return f"{age.count} {_SPANS[age.unit]}{'s' * (age.count != 1)}"


def band_words(use: Policy) -> str:
    """`values from 0.5 up`, `values up to 20`, `values from 0.5 to 20`; nothing where any value counts."""
    low = f" from {use.low:,.10g}" if use.low > float("-inf") else ""
    high = f" to {use.high:,.10g}" if use.high < float("inf") else ""
    return f"values{low}{high}" if low and high else f"values{low} up" if low else f"values up{high}" if high else ""


def combine(values: Sequence[float], how: str) -> float:
    """`values` in order of source as one: `first`, `median`, `mean`, `min` or `max`. Raises ValueError without values."""
    if not values:
        raise ValueError("nothing to combine")
    return _COMBINED[how](values)


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else _mean(ordered[half - 1 : half + 1])


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


_COMBINED: dict[str, Aggregate] = {"first": lambda values: values[0], "median": _median, "mean": _mean, "min": min, "max": max}

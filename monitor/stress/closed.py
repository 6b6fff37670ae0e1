"""Closed forms beside the simulation, by name: defaults under a Gaussian copula, a large alike book, a firm, the cheapest sale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from rules.grids import ShockError
from rules.liquidation import almgren_chriss
from rules.normal import joint, quantile, worst_case_rate
from rules.spread import merton

Given = Mapping[str, float]


class Form(NamedTuple):
    """A closed form: the inputs it needs, those it also takes, and what it makes of them (ValueError where they cannot be)."""

    needs: tuple[str, ...]
    takes: tuple[str, ...]
    found: Callable[[Given], dict[str, float]]


def closed_form(text: str, form: str) -> str:
    """`NAME:input=value,…`, answered as lines or as JSON. Raises ShockError for other words and values."""
    kind, _, listed = text.partition(":")
    if kind not in FORMS:
        raise ShockError("--closed knows " + " and ".join(f"{name}:{'=,'.join(one.needs)}=" for name, one in FORMS.items()))
    given = _given(kind, listed)
    try:
        found = FORMS[kind].found(given)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise ShockError(f"--closed {text}: {error}") from None
    if form == "json":
        return msgspec.json.encode({"schema": "covenant-monitor/stress/1", "closed": {"form": kind, **given, **found}}).decode()
    return "\n".join(f"{name} = {value:,.6f}{f'  {SAID[name]}' if name in SAID else ''}" for name, value in found.items())


def _given(kind: str, listed: str) -> dict[str, float]:
    given: dict[str, float] = {}
    for part in listed.split(","):
        name, _, value = part.partition("=")
        try:
            given[name.strip()] = _number(value)
        except ValueError:
            raise ShockError(f"--closed {kind}: {part!r} is no NAME=NUMBER") from None
    needs, takes = FORMS[kind].needs, FORMS[kind].takes
    if set(needs) - given.keys() or given.keys() - {*needs, *takes}:
        more = f" and takes {', '.join(takes)}" if takes else ""
        raise ShockError(f"--closed {kind} needs {', '.join(needs)}{more}")
    return given


def _number(text: str) -> float:
    found = float(text)
    if found != found:
        raise ValueError(text)
    return found


def _joint(given: Given) -> dict[str, float]:
    a, b = (given[name] if name in given else quantile(given.get(f"pd_{name}", float("nan"))) for name in ("a", "b"))
    return {"probability": float(joint(a, b, given["rho"]))}


def _worst(given: Given) -> dict[str, float]:
    rate = worst_case_rate(given["pd"], given["rho"], given["confidence"])
    return {"wcdr": rate} | ({"loss": rate * given.get("lgd", 1.0) * given["exposure"]} if "exposure" in given else {})


def _firm(given: Given) -> dict[str, float]:
    made = merton(given["equity"], given["equity_vol"], given["debt"], given["rate"], given["drift"], given.get("years", 1.0))
    return {"pd": made.pd, "distance": made.distance, "asset": made.asset, "asset_vol": made.volatility}


def _sale(given: Given) -> dict[str, float]:
    names = ("units", "days", "steps", "volatility", "spread", "permanent", "temporary", "aversion")
    units, days, steps, *rest = (given[name] for name in names)
    made = almgren_chriss(units, days, int(steps), *rest)
    half = {} if made.half_life is None else {"half_life": made.half_life}
    return {"cost": made.cost, "variance": made.variance, "utility": made.utility, **half}


SAID = {
    "probability": "chance that both default",
    "wcdr": "share of the book in default at that confidence",
    "loss": "lost then, of the exposure",
    "pd": "chance that the assets are worth less than the debt after `years` (1 unless given)",
    "distance": "standard deviations from there",
    "asset": "worth of the assets today",
    "asset_vol": "volatility of the assets, a year",
    "cost": "expected cost of the sale",
    "variance": "of that cost",
    "utility": "cost + aversion x variance, the least there is",
    "half_life": "days in which the best sale falls by e",
}
"""What each figure is."""

FORMS = {
    "joint": Form(("rho",), ("a", "b", "pd_a", "pd_b"), _joint),
    "wcdr": Form(("pd", "rho", "confidence"), ("lgd", "exposure"), _worst),
    "merton": Form(("equity", "equity_vol", "debt", "rate", "drift"), ("years",), _firm),
    "almgren": Form(("units", "days", "steps", "volatility", "spread", "permanent", "temporary", "aversion"), (), _sale),
}

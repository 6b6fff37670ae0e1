"""Merton with decay beside the paths: what stands behind a loan as the firm's assets, drifting along their curves."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np

from monitor.places import UsageError
from monitor.spread.build import Basis, maturity_of
from monitor.spread.shape import MertonPart
from rules.spread import Merton, merton, merton_of

_ASKED = ("equity", "vol", "liability", "rate", "drift", "years")


def merton_beside(made: Basis, f: int) -> MertonPart:
    """The chance that the collateral of a loan is worth less than what is owed, on the date on which it is greatest."""
    if f in made.why:
        return MertonPart(pd=None, reason=f"not applicable: {made.why[f]}")
    worlds, exits = made.ground.now, [(t, made.exits[f, t]) for t in range(len(made.days)) if (f, t) in made.exits]
    place = {one.series: d for d, one in enumerate(made.drivers.parts)}
    names = [worlds.series[k] for k in exits[0][1].series()]
    lacks = next((name for name in names if name not in place), None)
    if lacks is not None:
        return MertonPart(pd=None, reason=f"not applicable: how {lacks} scatters is not known")
    values = np.array([one.units * worlds.marks[one.series, 0, 0] * one.fx for one in exits[0][1].parcels])
    if not values.sum() > 0:
        return MertonPart(pd=None, reason="not applicable: the collateral is worth nothing")
    at = [place[name] for name in names]
    weights = values / values.sum() * np.array([made.drivers.parts[d].deviation for d in at])
    sigma = float(np.sqrt(max(0.0, weights @ made.drivers.matrix[np.ix_(at, at)] @ weights)))
    asset, worst, end = float(values.sum()) - exits[0][1].prior, None, maturity_of(made.ground, f)
    for t, one in exits:
        day, owed = min(int(made.days[t]), end), float(made.exposure[f, t])
        years = float(day - made.today) / 365.25
        ahead = sum(value * _along(made, k, day) for value, k in zip(values.tolist(), one.series(), strict=True))
        drift = float(np.log(ahead / values.sum())) / years
        try:
            found = merton_of(asset, sigma, owed, drift, years)
        except ValueError as error:
            return MertonPart(pd=None, reason=f"not applicable: {error}")
        if worst is None or found.pd > worst[0].pd:
            worst = (found, day, owed, drift)
    assert worst is not None  # a loan without a date owes nothing, which is a reason
    found, day, owed, drift = worst
    return MertonPart(
        pd=found.pd, distance=found.distance, date=dt.date.fromordinal(day).isoformat(), asset=asset, volatility=sigma,
        drift=drift, liability=owed,
    )  # fmt: skip


def _along(made: Basis, k: int, day: int) -> float:
    """What the desk's curve makes of 1 of a mark by a day."""
    curve = made.ground.now.curves[k] if made.ground.now.curves else None
    return 1.0 if curve is None else float(curve.ratio(np.array([made.today]), np.array([day]))[0])


def merton_asked(text: str, form: str) -> str:
    """A firm whose equity is quoted: `equity=,vol=,liability=,rate=,drift=[,years=1]`. Raises UsageError for other words and values."""
    given: dict[str, float] = {"years": 1.0}
    for part in text.split(","):
        name, _, raw = part.partition("=")
        try:
            given[name.strip()] = float(raw)
        except ValueError:
            raise UsageError(f"--merton: {part!r} is no NAME=NUMBER") from None
    if set(given) != set(_ASKED):
        raise UsageError(f"--merton needs {', '.join(one + '=' for one in _ASKED)} (years may be left out)")
    try:
        found: Merton = merton(*(given[name] for name in _ASKED))
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise UsageError(f"--merton: {error}") from None
    named = {"pd": found.pd, "distance": found.distance, "asset": found.asset, "volatility": found.volatility}
    if form == "json":
        return msgspec.json.encode({"schema": "covenant-monitor/spread/1", "merton": {**given, **named}}).decode()
    lines = [f"pd = {found.pd:.6f}  chance that the assets are worth less than {given['liability']:g} after {given['years']:g} years"]
    lines += [f"distance = {found.distance:.6f}  standard deviations from there", f"asset = {found.asset:.6f}  worth of the assets today"]
    return "\n".join([*lines, f"volatility = {found.volatility:.6f}  of the assets, a year"])

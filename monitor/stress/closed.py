"""Closed forms beside the simulation: two defaults under a Gaussian copula, and the worst case of a large alike book."""

from __future__ import annotations

import msgspec

from rules.grids import ShockError
from rules.normal import joint, quantile, worst_case_rate

_FORMS = {"joint": ({"rho"}, {"a", "b", "pd_a", "pd_b"}), "wcdr": ({"pd", "rho", "confidence"}, {"lgd", "exposure"})}


def closed_form(text: str, form: str) -> str:
    """`joint:a=,b=,rho=` (or pd_a, pd_b) and `wcdr:pd=,rho=,confidence=[,lgd=,exposure=]`. Raises ShockError for other words and values."""
    kind, _, listed = text.partition(":")
    given = _given(kind, listed)
    try:
        found = _joint(given) if kind == "joint" else _worst(given)
    except ValueError as error:
        raise ShockError(f"--closed {text}: {error}") from None
    if form == "json":
        return msgspec.json.encode({"schema": "covenant-monitor/stress/1", "closed": {"form": kind, **given, **found}}).decode()
    return "\n".join(f"{name} = {value:.6f}" for name, value in found.items())


def _given(kind: str, listed: str) -> dict[str, float]:
    if kind not in _FORMS:
        raise ShockError("--closed knows joint:a=,b=,rho= and wcdr:pd=,rho=,confidence=")
    needs, takes = _FORMS[kind]
    given: dict[str, float] = {}
    for part in listed.split(","):
        name, _, value = part.partition("=")
        try:
            given[name.strip()] = float(value)
        except ValueError:
            raise ShockError(f"--closed {kind}: {part!r} is no NAME=NUMBER") from None
    if needs - given.keys() or given.keys() - needs - takes:
        raise ShockError(f"--closed {kind} needs {', '.join(sorted(needs))} and knows {', '.join(sorted(takes))}")
    return given


def _joint(given: dict[str, float]) -> dict[str, float]:
    a, b = (given[name] if name in given else quantile(given.get(f"pd_{name}", float("nan"))) for name in ("a", "b"))
    return {"probability": float(joint(a, b, given["rho"]))}


def _worst(given: dict[str, float]) -> dict[str, float]:
    rate = worst_case_rate(given["pd"], given["rho"], given["confidence"])
    loss = {"loss": rate * given.get("lgd", 1.0) * given["exposure"]} if "exposure" in given else {}
    return {"wcdr": rate, **loss}

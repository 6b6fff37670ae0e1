"""Figures and findings in words, for people: money, ratios, remedies, deadlines."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.remedies import Remedy


def money(amount: float | None, currency: str = "") -> str:
    """`4.283m`, `52.5m`, `1.2bn`, `-1.39m`; `?` where unknown."""
    if amount is None:
        return "?"
    size = abs(amount)
    scaled, tail = (amount / 1e9, "bn") if size >= 1e9 else (amount / 1e6, "m") if size >= 1e5 else (amount, "")
    text = f"{scaled:,.3f}{tail}" if tail and abs(scaled) < 10 else f"{scaled:,.1f}{tail}" if tail else f"{scaled:,.0f}"
    return f"{currency} {text}" if currency else text


def drawn(amount: float | None, currency: str = "") -> str:
    """A balance for people: millions with one digit (`52.5m`), below 50,000 in full; `unknown` where it is."""
    if amount is None:
        return "unknown"
    text = f"{amount / 1e6:,.1f}m" if abs(amount) >= 5e4 else f"{amount:,.0f}"
    return f"{currency} {text}" if currency else text


def level(raw: float | None, unit: str | None = None) -> str:
    """A level of a mark: `83,276`, `2.65`, a rate as `3.88%`; `unknown` where it is."""
    if raw is None:
        return "unknown"
    if unit == "fraction":
        return f"{raw * 100:.2f}%"
    return f"{raw:,.0f}" if abs(raw) >= 1000 else f"{raw:.4g}"


def quoted(raw: float | None, unit: str) -> str:
    """A mark with its unit: `83,276 USD/BTC`, `3.88%`."""
    return level(raw, unit) if unit == "fraction" or raw is None else f"{level(raw)} {unit}"


def ratio(raw: float | None, unit: str) -> str:
    """A covenant's figure: `65.3%` of a fraction, `1.143x`, money, days."""
    if raw is None:
        return "-"
    if unit == "fraction":
        return f"{raw * 100:.1f}%"
    if unit in ("x", ""):
        return f"{raw:.4g}x" if abs(raw) >= 10 else f"{raw:.3f}x"
    if unit in ("day", "year", "month"):
        return f"{raw:.4g} {unit}s"
    return money(raw, unit) if len(unit) == 3 else f"{raw:,.6g} {unit}"


def share(raw: float | None) -> str:
    """A signed percentage with one decimal, `-` where there is none."""
    return "-" if raw is None else f"{raw * 100:+.1f}%"


def remedy_words(remedy: Remedy, currency: str) -> str:
    """One remedy as an instruction."""
    if remedy.amount is None:
        ends = "makes it worse and never clears it" if remedy.worse else "never clears it"
        return {"sell": f"selling {remedy.unit} {remedy.note} {ends}", "post": f"no amount of {remedy.unit} clears it"}.get(
            remedy.kind, f"no {remedy.kind} clears it"
        )
    amount = remedy.amount
    words = {
        "repay": f"repay {money(amount, currency)}",
        "cash": f"put in {money(amount, currency)} of cash",
        "post": f"post {amount:,.0f} {_things(remedy)}",
        "sell": f"sell {amount:,.0f} pledged {remedy.unit} {remedy.note}",
        "utilisation": f"reach utilisation {amount * 100:.1f}%",
    }
    return words[remedy.kind]


def _things(remedy: Remedy) -> str:
    return remedy.unit if remedy.note in ("", remedy.unit) else f"eligible {remedy.unit} ({remedy.note})"


def iso(moment: dt.datetime) -> str:
    """An instant as RFC 3339 in UTC."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def stamp(text: str) -> str:
    """An instant of the report for people: `2026-10-08 09:00Z`, `2026-10-08 24:00Z` for the midnight that ends a day."""
    return f"{_clock(dt.datetime.fromisoformat(text).astimezone(dt.UTC))}Z"


def local_stamp(text: str) -> str:
    """The same on the clock the text itself carries: `2026-10-08 19:00`."""
    return _clock(dt.datetime.fromisoformat(text))


def _clock(moment: dt.datetime) -> str:
    if moment.time() == dt.time():
        return f"{moment.date() - dt.timedelta(days=1)} 24:00"
    return f"{moment:%Y-%m-%d %H:%M}" if moment.second == 0 else f"{moment:%Y-%m-%d %H:%M:%S}"


def plural(count: int, what: str) -> str:
    """`1 day`, `2 days`."""
    return f"{count:,} {what}{'' if abs(count) == 1 else 's'}"

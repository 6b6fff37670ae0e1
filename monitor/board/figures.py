"""Figures as a lender writes them: 52.5m, 1.14x, 65.3%, 2.746, 41h10m, 10-08 02:10Z."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.cells import name

NONE = "-"
_PERCENT = frozenset({"%", "percent", "fraction"})
_PLAIN = frozenset({"x", "", "1", "ratio"})
_MONEY = frozenset({"money", "USD", "EUR", "GBP", "CAD", "AUD", "JPY", "CHF"})


def money(value: float | None, fine: bool = False) -> str:
    """An amount of money, three or four figures: 1.24bn, 135.2m, 1.39m, 750k; `fine` with three decimals: 4.283m."""
    if value is None:
        return NONE
    size = abs(value)
    for unit, sign in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if size >= 0.9995 * unit:
            scaled = value / unit
            digits = 3 if fine else 0 if sign == "k" else 2 if sign == "bn" or abs(scaled) < 9.995 else 1
            return f"{scaled:.{digits}f}{sign}"
    return f"{value:.0f}"


def figure(value: float | None, unit: str, digits: int = 2) -> str:
    """A value of a covenant in its unit, with `digits` decimals where the unit is a plain ratio."""
    if value is None:
        return NONE
    if unit in _PLAIN:
        return f"{value:,.{digits}f}x"
    if unit in _PERCENT:
        return f"{100 * value:,.{max(1, digits - 1)}f}%"
    if unit in _MONEY:
        return money(value, digits > 2)
    if unit in ("year", "years"):
        return f"{value:.{digits}f}y"
    if unit in ("day", "days"):
        return f"{value:,.0f}d"
    return quote(value, digits > 2)


def quote(value: float | None, fine: bool = False) -> str:
    """A price or a rate of hire: no decimals from 100 up, else two, or three when `fine`."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.{3 if fine else 2}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A signed share: -2.7%, +3.6%."""
    return NONE if value is None else f"{100 * value:+,.{digits}f}%"


def level(mark: str, value: float | None, fine: bool = False) -> str:
    """A level of one mark, written by its kind: a rate in percent, anything else as a quote."""
    if value is None:
        return NONE
    return f"{100 * value:.2f}%" if kind_of(mark) == "rate" else quote(value, fine)


def kind_of(mark: str) -> str:
    """`rent` of `H100-SXM.rent.committed12m`; empty when the name has no kind."""
    return mark.split(".")[1] if "." in mark else ""


def asset_of(mark: str) -> str:
    """The short name of what the mark quotes: `H100` of `H100-SXM.rent.committed12m`."""
    return mark.split(".")[0].split("-")[0]


def mark_label(mark: str, long: bool = False) -> str:
    """What a mark is called on a row: `BTC`, `rent`, `H100`; `long` names the asset of a rent too."""
    kind = kind_of(mark)
    if kind in ("rent", "hashprice"):
        return f"{asset_of(mark)} {kind}" if long else kind
    return asset_of(mark)


def instant(text: str | None) -> datetime | None:
    """An ISO instant or date as UTC; None when absent or not a date (it is then shown as it came)."""
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def stamp(text: str | None, year: bool = True) -> str:
    """`2026-10-08 09:00Z` of an instant, `2026-10-08 24:00Z` of the midnight that ends it, `2026-10-08` of a date."""
    parsed = instant(text)
    if parsed is None or text is None:
        return name(text or NONE)
    if len(text) <= 10:
        return parsed.strftime("%Y-%m-%d" if year else "%m-%d")
    ends = (parsed.hour, parsed.minute, parsed.second) == (0, 0, 0)
    shown = parsed - timedelta(days=1) if ends else parsed  # midnight is the end of the day that closes
    return f"{shown.strftime('%Y-%m-%d' if year else '%m-%d')} {'24:00' if ends else shown.strftime('%H:%M')}Z"


def day(text: str | None, as_of: str) -> str:
    """A day beside the as-of: `10-15`, or `2028-12` when more than eleven months away."""
    parsed, now = instant(text), instant(as_of)
    if parsed is None:
        return name(text or NONE)
    far = now is not None and abs((parsed - now).days) > 335
    if len(text or "") > 10 and (parsed.hour, parsed.minute, parsed.second) == (0, 0, 0):
        parsed -= timedelta(days=1)
    return parsed.strftime("%Y-%m" if far else "%m-%d")


def left(deadline: str | None, as_of: str, short: bool = False) -> str | None:
    """Time from the as-of to a deadline: `41h10m`, from 100 hours `12d04h`, in the last hour `41m05s`; `short` `41h`.

    None where the deadline is not known or has passed.
    """
    seconds = _seconds(deadline, as_of)
    return None if seconds is None or seconds < 0 else _span(seconds, short)


def countdown(deadline: str | None, as_of: str) -> str | None:
    """`41h10m left`, or of a deadline that has passed `overdue 9h00m`; None where it is not known."""
    seconds = _seconds(deadline, as_of)
    if seconds is None:
        return None
    return f"overdue {_span(-seconds)}" if seconds < 0 else f"{_span(seconds)} left"


def _seconds(deadline: str | None, as_of: str) -> int | None:
    end, now = instant(deadline), instant(as_of)
    return None if end is None or now is None else int((end - now).total_seconds())


def _span(seconds: int, short: bool = False) -> str:
    minutes = seconds // 60
    days, hours = divmod(minutes // 60, 24)
    if minutes < 60:
        return f"{minutes}m" + ("" if short else f"{seconds % 60:02}s")
    if minutes < 6000:
        return f"{minutes // 60}h" + ("" if short else f"{minutes % 60:02}m")
    return f"{days}d" + ("" if short else f"{hours:02}h")


def age(days: float | None) -> str:
    """How old a mark is: `12m`, `9h`, `1d`."""
    if days is None:
        return ""
    minutes = round(days * 1440)
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 1440 else f"{minutes // 1440}d"

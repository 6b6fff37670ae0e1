"""Day counts: the days and the year fraction between two dates under the seven conventions a loan may name.

Sources: 2006 ISDA Definitions, section 4.16, (b) ACT/ACT, (d) ACT/365F, (e) ACT/360, (f) 30/360, (g) 30E/360,
(h) 30E/360 (ISDA); for 30U/360 the Standard Securities Calculation Methods (SIA), the US or NASD method behind
basis 0 of a spreadsheet's YEARFRAC. Every count is signed: swapping the dates changes the sign.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable

CONVENTIONS = ("ACT/360", "ACT/365F", "ACT/ACT ISDA", "30/360", "30E/360", "30E/360 ISDA", "30U/360")
"""The names `day_count` and `year_fraction` know."""

_ThirtyDays = Callable[[dt.date, dt.date, "dt.date | None"], tuple[int, int]]


def day_count(start: dt.date, end: dt.date, convention: str, *, maturity: dt.date | None = None) -> int:
    """Days from `start` (included) to `end` (excluded), negative when `end` comes first.

    `maturity` matters to 30E/360 ISDA alone: a period that ends there on the last day of February keeps that day.
    Raises ValueError for an unknown convention.
    """
    _check(convention)
    if end < start:
        return -day_count(end, start, convention, maturity=maturity)
    days_of = _THIRTY.get(convention)
    if days_of is None:
        return end.toordinal() - start.toordinal()
    first, last = days_of(start, end, maturity)
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def year_fraction(start: dt.date, end: dt.date, convention: str, *, maturity: dt.date | None = None) -> float:
    """Years from `start` to `end`, signed: the day count over 360, 365, or for ACT/ACT ISDA over each year's own length.

    Raises ValueError for an unknown convention.
    """
    _check(convention)
    if convention == "ACT/ACT ISDA":
        return _act_act(start, end)
    days = day_count(start, end, convention, maturity=maturity)
    return days / (365.0 if convention == "ACT/365F" else 360.0)


def _check(convention: str) -> None:
    if convention not in CONVENTIONS:
        raise ValueError(f"unknown day count {convention!r}; known: {', '.join(CONVENTIONS)}")


def _act_act(start: dt.date, end: dt.date) -> float:
    """ISDA 4.16(b): days in a leap year over 366 plus days in other years over 365."""
    if end < start:
        return -_act_act(end, start)
    if start.year == end.year:
        return (end - start).days / _year_length(start.year)
    return (end.year - start.year) + _elapsed(end) - _elapsed(start)


def _elapsed(day: dt.date) -> float:
    """The share of its year that lies before `day`."""
    return (day.timetuple().tm_yday - 1) / _year_length(day.year)


def _year_length(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _ends_february(day: dt.date) -> bool:
    return day.month == 2 and day.day == calendar.monthrange(day.year, 2)[1]


def _bond_basis(start: dt.date, end: dt.date, _maturity: dt.date | None) -> tuple[int, int]:
    """ISDA 4.16(f): D1 31 is 30; D2 31 is 30 only when D1 is 30 or 31."""
    first = min(start.day, 30)
    return first, 30 if end.day == 31 and first == 30 else end.day


def _eurobond(start: dt.date, end: dt.date, _maturity: dt.date | None) -> tuple[int, int]:
    """ISDA 4.16(g): each 31 is 30."""
    return min(start.day, 30), min(end.day, 30)


def _eurobond_isda(start: dt.date, end: dt.date, maturity: dt.date | None) -> tuple[int, int]:
    """ISDA 4.16(h): as (g), and the last day of February is 30 unless it is the end date and the termination date."""
    first = 30 if _ends_february(start) else min(start.day, 30)
    return first, 30 if _ends_february(end) and end != maturity else min(end.day, 30)


def _us(start: dt.date, end: dt.date, _maturity: dt.date | None) -> tuple[int, int]:
    """SIA: the last day of February counts as 30 in D1, and in D2 when D1 is one too; then as the bond basis."""
    if not _ends_february(start):
        return _bond_basis(start, end, None)
    return 30, 30 if _ends_february(end) else min(end.day, 30)


_THIRTY: dict[str, _ThirtyDays] = {"30/360": _bond_basis, "30E/360": _eurobond, "30E/360 ISDA": _eurobond_isda, "30U/360": _us}

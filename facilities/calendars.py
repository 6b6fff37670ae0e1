"""Business days: which days a calendar is open, rolling to one, counting them; named calendars expanded into a cache."""

from __future__ import annotations

import datetime as dt
from importlib.machinery import PathFinder
from pathlib import Path

import msgspec

ROLLS = ("none", "following", "modified_following", "preceding")
_DAY = dt.timedelta(days=1)
_FORMAT = "covenant-monitor calendar 1"
_ALIASES = {"TARGET": "ECB", "TARGET2": "ECB", "UK": "GB", "GBR": "GB"}
# The library's "GB" holds only what all four countries share; London banks keep England's holidays.
_SUBDIVISION = {"GB": "ENG"}


class Calendar(msgspec.Struct, frozen=True):
    """Open Monday to Friday except on `holidays`; outside the years they were listed for only weekends are closed."""

    name: str
    holidays: frozenset[dt.date] = frozenset()

    def is_business_day(self, day: dt.date) -> bool:
        """Whether `day` is neither a weekend nor a holiday."""
        return day.weekday() < 5 and day not in self.holidays

    def roll(self, day: dt.date, rule: str) -> dt.date:
        """`day`, or where it is closed the business day the rule says (ISDA 2006, section 4.12).

        `following` the next; `modified_following` the next unless in another month, then the one before; `preceding`
        the one before; `none` the day itself. Raises ValueError for another rule.
        """
        if rule not in ROLLS:
            raise ValueError(f"unknown business-day rule {rule!r}; known: {', '.join(ROLLS)}")
        if rule == "none":
            return day
        if rule == "preceding":
            return self._open(day, -_DAY)
        rolled = self._open(day, _DAY)
        return self._open(day, -_DAY) if rule == "modified_following" and rolled.month != day.month else rolled

    def add_business_days(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th business day after `day` (before it when negative); 0 gives `day` itself, open or closed."""
        step = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day = self._open(day + step, step)
        return day

    def _open(self, day: dt.date, step: dt.timedelta) -> dt.date:
        while not self.is_business_day(day):
            day += step
        return day


def named_calendar(name: str, first_year: int, last_year: int, cache: Path | None = None, keeps: bool = True) -> Calendar:
    """The calendar `name` with the holidays of the years given, both included.

    `weekends` has none; a country code (`US`, `GB`, `DE`, ...) has its public and bank holidays, observed days included;
    a market (`NYSE`, `ECB` or `TARGET`, ...) its closing days: all as the `holidays` library lists them. The library is
    imported only where `cache`, a folder, has no list of its present version; one is written there with `keeps`. A cache that
    cannot be read or written is done without. Raises ValueError for an unknown name, with the nearest ones, and for years in
    the wrong order.
    """
    if first_year > last_year:
        raise ValueError(f"calendar {name!r}: the years {first_year} to {last_year} are in the wrong order")
    key = name.upper()
    if key == "WEEKENDS":
        return Calendar("weekends")
    key = _ALIASES.get(key, key)
    if cache is None or not (key.isascii() and key.isalnum()):
        return Calendar(name, _expand(name, key, first_year, last_year))
    path, stamp = cache / f"calendar-{key}-{first_year}-{last_year}.txt", _library_stamp()
    days = _read(path, stamp)
    if days is None:
        days = _expand(name, key, first_year, last_year)
        if keeps:
            _write(path, stamp, days)
    return Calendar(name, days)


def _library_stamp() -> str:
    """Size and time of the installed library, found without importing it; a new version makes the cache old."""
    spec = PathFinder.find_spec("holidays")
    if spec is None or spec.origin is None:
        return "none"
    state = Path(spec.origin).with_name("version.py")
    try:
        found = state.stat()
    except OSError:
        return "unversioned"
    return f"{found.st_size}-{found.st_mtime_ns}"


def _read(path: Path, stamp: str) -> frozenset[dt.date] | None:
    """The cached days, or None where the file is absent, damaged, cut short or of another version."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        days = frozenset(dt.date.fromisoformat(line) for line in lines[1:])
    except (OSError, ValueError):
        return None
    return days if lines and lines[0] == _header(stamp, days) else None


def _header(stamp: str, days: frozenset[dt.date]) -> str:
    return f"{_FORMAT} {stamp} {len(days)}"


def _write(path: Path, stamp: str, days: frozenset[dt.date]) -> None:
    """Write beside and move over, so that no reader sees half a file."""
    import tempfile  # only where the library was just expanded: its import is not on the fast path

    text = "\n".join([_header(stamp, days), *(day.isoformat() for day in sorted(days))]) + "\n"
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=path.parent, suffix=".tmp", delete=False) as draft:
            draft.write(text)
        Path(draft.name).replace(path)
    except OSError:
        # a read-only or full cache costs the next run its speed, nothing else
        if draft is not None:
            Path(draft.name).unlink(missing_ok=True)


def _expand(name: str, key: str, first_year: int, last_year: int) -> frozenset[dt.date]:
    import holidays  # 100 ms and more: see the docstring of `named_calendar`

    years = range(first_year, last_year + 1)
    if key in holidays.list_supported_financial(include_aliases=True):
        return frozenset(holidays.financial_holidays(key, years=years))
    countries = holidays.list_supported_countries(include_aliases=True)
    if key not in countries:
        raise ValueError(_unknown(name, key, [*countries, *holidays.list_supported_financial(), *_ALIASES, "weekends"]))
    kinds = holidays.country_holidays(key).supported_categories
    wanted = tuple(kind for kind in ("public", "bank") if kind in kinds)
    return frozenset(holidays.country_holidays(key, subdiv=_SUBDIVISION.get(key), years=years, categories=wanted))


def _unknown(name: str, key: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=3, cutoff=0.4)
    return f"unknown calendar {name!r}; " + (f"nearest: {', '.join(near)}" if near else "expected weekends, a country code or a market")

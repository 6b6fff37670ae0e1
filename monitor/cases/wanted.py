"""What a test file writes held against what the report says: figures to the digits written, text, days, tables."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import NamedTuple, Protocol

from facilities.problems import Place
from monitor.cases.outcome import Check
from monitor.cases.problems import Wrong, near, problem
from monitor.marks.instants import end_of_day
from monitor.report.words import iso

NULL = "null"
_SLIGHT = 1e-9
_FIGURE = re.compile(r"([-+]?[\d_]*\.?[\d_]+(?:[eE][-+]?\d+)?)\s*(?:(?:\+-|±)\s*([-+]?[\d_]*\.?[\d_]+(?:[eE][-+]?\d+)?)\s*(%?))?")


class Keyed(dict[str, object]):
    """A table whose keys are names of the desk: a `known` one that is not in it is null; `lead` is what it is as a whole."""

    def __init__(
        self, rows: dict[str, object], known: Collection[str], lead: object = None, whole: bool = False, code: str = "C005"
    ) -> None:
        super().__init__(rows)
        self.known, self.lead, self.whole, self.code = frozenset(known) | rows.keys(), lead, whole, code


class Placed(Protocol):
    """What tells where a key stands: a test file."""

    def place(self, *path: str | int, value: bool = False) -> Place:
        """The place of a key, or of its value."""


class At(NamedTuple):
    """Where in the test file an expectation stands, what it is about, and the clock of the desk."""

    sheet: Placed
    path: tuple[str | int, ...]
    about: str
    timezone: dt.tzinfo
    field: str = ""

    def inside(self, key: str) -> At:
        """The same, one key deeper."""
        return self._replace(path=(*self.path, key), field=f"{self.field}.{key}" if self.field else key)

    def wrong(self, code: str, message: str, hint: str | None = None, value: bool = True) -> Wrong:
        """The error that this expectation cannot be held against anything."""
        return Wrong(problem(code, self.sheet.place(*self.path, value=value), message, hint))


class Figure(NamedTuple):
    """A figure as written, and how far from it another may lie."""

    value: float
    tolerance: float


def compare(wanted: object, got: object, at: At) -> Iterator[Check]:
    """Every field that an expectation names. Raises Wrong where it names none, or is of another kind."""
    if isinstance(got, Keyed) and got.whole and not isinstance(wanted, dict):
        got = got.lead
    if isinstance(wanted, dict):
        yield from _table(wanted, got, at)
    elif isinstance(got, dict) and not got and wanted == NULL:
        yield _check(at, NULL, NULL, True)
    elif isinstance(got, dict):
        raise at.wrong("C008", f"`{at.field}` is a table of {', '.join(sorted(got)) or 'nothing'}")
    else:
        yield _field(wanted, got, at)


def _table(wanted: dict[str, object], got: object, at: At) -> Iterator[Check]:
    if got is not None and not isinstance(got, dict):
        raise at.wrong("C008", f"`{at.field}` is {shown(got)}, not a table")
    for key, inner in wanted.items():
        deeper = at.inside(key)
        known = got.known if isinstance(got, Keyed) else (got or {}).keys()
        if got is not None and key not in known:
            code = got.code if isinstance(got, Keyed) else "C005"
            raise deeper.wrong(code, f"{at.about} has no {'mark' if code == 'C009' else 'field'} `{key}`", near(key, known), value=False)
        yield from compare(inner, (got or {}).get(key), deeper)


def _field(wanted: object, got: object, at: At) -> Check:
    if wanted == NULL or got is None:
        _readable(wanted, at)
        return _check(at, _written(wanted), shown(got), got is None and wanted == NULL)
    if isinstance(got, bool) or isinstance(wanted, bool):
        _same_kind(wanted, got, bool, at)
        return _check(at, _written(wanted), shown(got), wanted == got)
    if isinstance(got, (int, float)):
        return _figures(wanted, got, at)
    if isinstance(got, list):
        _same_kind(wanted, got, list, at)
        return _check(at, _written(wanted), shown(got), wanted == got)
    return _words(wanted, str(got), at)


def _readable(wanted: object, at: At) -> None:
    """A malformed figure is told even where nothing is known to hold it against."""
    if isinstance(wanted, (int, Decimal)) and not isinstance(wanted, bool):
        figure_of(wanted, at)
    elif isinstance(wanted, dt.datetime):
        _instant(wanted, at)


def _same_kind(wanted: object, got: object, kind: type, at: At) -> None:
    if not (isinstance(wanted, kind) and isinstance(got, kind)):
        raise at.wrong("C008", f"`{at.field}` is {shown(got)} in the report, not {_written(wanted)}")


def _figures(wanted: object, got: float, at: At) -> Check:
    figure = figure_of(wanted, at)
    whole = isinstance(got, int) and isinstance(wanted, int)
    off = got - figure.value
    good = off == 0 if whole else abs(off) <= figure.tolerance * (1 + _SLIGHT) + 1e-12 * abs(figure.value)
    places = 0 if whole else _places(figure)
    return _check(
        at, _written(wanted).partition("+-")[0].partition("±")[0].strip(), f"{got:,.{places}f}", good,
        f"{off:+,.{places}f}", "0" if whole else f"{figure.tolerance:,.12g}",
    )  # fmt: skip


def figure_of(wanted: object, at: At) -> Figure:
    """A figure with its tolerance: half a unit of the last digit written, or what stands behind `+-`. Raises Wrong C007, C008."""
    if isinstance(wanted, str):
        match = _FIGURE.fullmatch(wanted.strip())
        if match is None:
            raise at.wrong("C007", f"`{at.field}` is a figure in the report, and {wanted[:40]!r} is none")
        return _toleranced(match, at)
    if not isinstance(wanted, (int, Decimal)):
        raise at.wrong("C008", f"`{at.field}` is a figure in the report, not {_written(wanted)}")
    return Figure(_finite(Decimal(wanted), at), _half_a_digit(Decimal(wanted)))


def _toleranced(match: re.Match[str], at: At) -> Figure:
    value = Decimal(match[1].replace("_", ""))
    if match[2] is None:
        return Figure(_finite(value, at), _half_a_digit(value))
    tolerance = _finite(Decimal(match[2].replace("_", "")), at)
    if tolerance < 0:
        raise at.wrong("C007", f"the tolerance of `{at.field}` is negative", "write +- 0.001")
    return Figure(_finite(value, at), tolerance / 100 * abs(float(value)) if match[3] else tolerance)


def _half_a_digit(value: Decimal) -> float:
    exponent = value.as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) else 0.0


def _finite(value: Decimal, at: At) -> float:
    if not value.is_finite() or abs(value) > Decimal("1e24"):
        raise at.wrong("C007", f"`{at.field}` expects {value}, which no figure is")
    return float(value)


def _places(figure: Figure) -> int:
    """Decimals that show a difference of a hundredth of the tolerance."""
    size = figure.tolerance or 1e-9
    return min(12, max(0, 2 - math.floor(math.log10(size) + 1e-9)))


def _words(wanted: object, got: str, at: At) -> Check:
    if isinstance(wanted, dt.datetime):
        return _check(at, _instant(wanted, at), got, _instant(wanted, at) == got)
    if isinstance(wanted, dt.date):
        good = got == wanted.isoformat() or got == iso(end_of_day(wanted, at.timezone))
        return _check(at, wanted.isoformat(), got, good)
    if not isinstance(wanted, str):
        raise at.wrong("C008", f"`{at.field}` is text in the report, not {_written(wanted)}", f'such as "{got[:40]}"')
    return _check(at, wanted, got, wanted == got or fnmatchcase(got, wanted))


def _instant(wanted: dt.datetime, at: At) -> str:
    if wanted.tzinfo is None:
        raise at.wrong("C007", f"`{at.field}` is a time without an offset", "end it with Z")
    return iso(wanted)


def _check(at: At, expected: str, got: str, good: bool, difference: str = "", tolerance: str = "") -> Check:
    return Check(
        about=at.about, field=at.field, expected=expected, got=got, good=good, difference="" if good else difference, tolerance=tolerance
    )


def _written(wanted: object) -> str:
    if isinstance(wanted, bool):
        return str(wanted).lower()
    if isinstance(wanted, int) or (isinstance(wanted, Decimal) and wanted.is_finite() and abs(wanted) >= 1000):
        return f"{wanted:,f}" if isinstance(wanted, Decimal) else f"{wanted:,}"
    return shown(wanted)


def shown(value: object) -> str:
    """A value of the report, or of a test file, for people."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(shown(one) for one in value) + "]"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)

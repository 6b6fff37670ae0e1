"""What is wrong with one TOML file, all of it: its text walked against the schema when plain decoding is not enough."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec
from msgspec import inspect

from facilities.catalogue import problem
from facilities.locate import line_of, locate
from facilities.model import Covenant, Facility, Interest, Terms, decode_hook
from facilities.order import disorder
from facilities.problems import Place, Problem
from facilities.ranges import beyond

LARGEST = Decimal("1e24")
"""No figure of an agreement is larger; past it float64 and the schedules lose their meaning."""

COUNTS = {
    "certificate_due_days": (0, 3660),
    "comparable_months": (1, 1200),
    "days": (1, 3660),
    "economic_life_months": (1, 1200),
    "ends_after_days": (0, 3660),
    "life_months": (1, 1200),
    "min_sources": (1, 100),
    "months": (1, 1200),
    "paths": (1, 100_000_000),
    "payments": (1, 1200),
    "rank": (1, 100),
    "reserve_rights_days": (0, 250),
    "round": (0, 12),
    "seed": (0, 2**62),
    "target_months": (0, 1200),
    "tests": (1, 100),
}
"""Every whole number of the schema by key, with the least and the largest that make sense."""

_DIGITS = LARGEST.adjusted()
_ANY = (-int(LARGEST), int(LARGEST))

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""What an id may be: it is typed on the command line as FACILITY/COVENANT, and stands in paths, addresses and columns."""

IDENTIFIED = ("tranche", "collateral", "contract", "borrowing_base", "covenant", "amendment", "debt", "claim")
"""Arrays of tables whose rows are known by `id`."""

FIGURES = frozenset(
    name.rstrip("_")
    for table in Terms.__subclasses__()
    for name, kind in table.__annotations__.items()
    if "Decimal" in str(kind) or "Amount" in str(kind)
)
"""Every key that takes a number with a fraction in some table of the schema."""

Path = tuple[str | int, ...]


def suspect(raw: dict[str, Any]) -> bool:
    """Whether a file that decoded well may still hold what decoding lets pass, and needs `diagnose`.

    Decoding reads `"5"` as a number, accepts nan, inf and counts of any size, and does not compare ids. This looks at
    keys and values without the schema, may suspect too much, and so costs a tenth of parsing.
    """
    return "amendment" in raw or _odd(raw) or any(True for _ in _repeated(raw))


def _odd(table: dict[str, Any]) -> bool:
    for key, value in table.items():
        kind = type(value)
        if kind is str:
            if (key in FIGURES and _number(value) is not None) or (key == "id" and not ID.fullmatch(value)):
                return True
        elif kind is int or kind is Decimal:
            if not _plausible(key, value):
                return True
        elif kind is dict:
            if (key == "lines" and str in map(type, value.values())) or _odd(value):
                return True
        elif kind is list:
            for row in value:
                if type(row) is dict and _odd(row):
                    return True
    return False


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _plausible(key: str, value: int | Decimal) -> bool:
    if type(value) is Decimal:
        return value.is_finite() and value.adjusted() < _DIGITS
    least, most = COUNTS.get(key, _ANY)
    return least <= value <= most


def _repeated(raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for name in IDENTIFIED:
        rows = raw.get(name)
        if isinstance(rows, list) and len(rows) > 1:
            seen: set[str] = set()
            for number, row in enumerate(rows):
                ident = row.get("id") if isinstance(row, dict) else None
                if isinstance(ident, str) and ident in seen:
                    yield (name, number, "id"), ident
                elif isinstance(ident, str):
                    seen.add(ident)


def undecodable(name: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    """The problem of bytes that are not UTF-8, at the first of them."""
    line = data.count(b"\n", 0, error.start) + 1
    start = data.rfind(b"\n", 0, error.start) + 1
    text = data[start:].split(b"\n", 1)[0].decode("utf-8", "replace")
    column = len(data[start : error.start].decode("utf-8", "replace")) + 1
    hint = "the file looks like UTF-16; save it as UTF-8" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else None
    return problem("F003", Place(name, line, column, 1, text), f"byte 0x{data[error.start]:02x} is not UTF-8", hint)


def unparsable(name: str, text: str, error: Exception) -> Problem:
    """The problem of text that is not TOML, where the parser says so; deep nesting and endless numbers have their own."""
    if isinstance(error, RecursionError):
        return problem("F006", Place(name), "its tables and lists nest too deep to be read")
    if isinstance(error, ArithmeticError) or "int_max_str_digits" in str(error):
        return problem("F017", _find(name, text, re.compile(r"\d[eE][-+]?\d{4,}|[\d_]{4300,}")), "a number without measure")
    line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
    message = getattr(error, "msg", str(error))
    if line is None:
        return problem("F005", Place(name), message)
    row = line_of(text, line)
    return problem("F005", Place(name, line, column, 1, row), message, _spelling(row))


_DAY_FIRST = re.compile(r"=\s*(\d{1,2})[-./](\d{1,2})[-./](\d{4})\b")
_GROUPED = re.compile(r"=\s*[-+]?(\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3}){2,})(,\d+)?(?![\d,.])")
_COMMA = re.compile(r"=\s*[-+]?(\d[\d_]*),(\d+)(?![\d,.])")


def _spelling(row: str) -> str | None:
    """How TOML writes a date or a number that a line writes as people do; None where it is neither."""
    if hit := _DAY_FIRST.search(row):
        day, month, year = hit.groups()
        return f"write a date as year-month-day: {year}-{month:0>2}-{day:0>2}" if int(month) <= 12 else "write a date as 2026-08-31"
    if hit := _GROUPED.search(row):
        written = hit[1] + (hit[2] or "")
        return f"write {re.sub('[,.]', '_', hit[1])}{(hit[2] or '').replace(',', '.')}, not {written}"
    if hit := _COMMA.search(row):
        return f"write {hit[1]}.{hit[2]}, not {hit[1]},{hit[2]}: the decimal sign is a point"
    return None


def _find(name: str, text: str, pattern: re.Pattern[str]) -> Place:
    hit = pattern.search(text)
    if hit is None:
        return Place(name)
    start = text.rfind("\n", 0, hit.start()) + 1
    line = text[start:].split("\n", 1)[0]
    return Place(name, text.count("\n", 0, start) + 1, hit.start() - start + 1, min(hit.end(), start + len(line)) - hit.start(), line)


def place_of(name: str, text: str, path: Path, value: bool = False) -> Place:
    """The place of `path`, or of the nearest table above it that is written; the file alone for the whole of it."""
    for stop in range(len(path), 0, -1):
        span = locate(text, path[:stop], value and stop == len(path))
        if span is not None:
            return Place(name, span.line, span.column, span.width, line_of(text, span.line))
    return Place(name)


def unusable(name: str, text: str, terms: Terms) -> list[Problem]:
    """What no type can say: figures beyond all meaning, dated rows in disorder, a timezone that does not exist."""
    found = [problem(code, place_of(name, text, path, value=True), words) for code, path, words in chain(beyond(terms), disorder(terms))]
    for table in ("desk", "facility"):
        zone = getattr(getattr(terms, table, None), "timezone", None)
        if zone is not None and not _exists(zone):
            found.append(problem("D002", place_of(name, text, (table, "timezone"), value=True), f"there is no timezone {zone!r}"))
    return _in_order(found)


def _exists(zone: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        return False
    return True


def diagnose(name: str, text: str, raw: dict[str, Any], wanted: type[Terms]) -> list[Problem]:
    """Every problem of the parsed file `raw` against the schema `wanted`, in the order of the text."""
    walk = _Walk(name, text)
    walk.struct(raw, _info(wanted), ())
    walk.amendments(raw)
    for path, ident in _repeated(raw):
        walk.report("F019", path, f"a {path[0]} with the id {ident!r} stands above", value=True)
    return _in_order(walk.found)


def _in_order(found: list[Problem]) -> list[Problem]:
    return sorted(found, key=lambda one: (one.place.line or 0, one.place.column or 0))


@lru_cache(maxsize=16)
def _info(wanted: type[Terms]) -> inspect.StructType:
    info: inspect.Type = inspect.type_info(wanted)
    assert isinstance(info, inspect.StructType)
    return info


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, as a hint; None when none is near."""
    import difflib

    close = difflib.get_close_matches(word[:80], sorted(known), 1, 0.6)
    return f"did you mean `{close[0]}`?" if close else None


_NAMES: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    Decimal: "a number",
    list: "a list",
    dict: "a table",
    dt.date: "a date",
    dt.datetime: "a time",
}


class _Walk:
    """One pass over a parsed file beside its schema; `found` collects what does not fit."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.found: list[Problem] = []

    def report(self, code: str, path: Path, message: str, hint: str | None = None, value: bool = False) -> None:
        self.found.append(problem(code, place_of(self.name, self.text, path, value), message, hint))

    def struct(self, raw: object, info: inspect.StructType, path: Path) -> None:
        if not isinstance(raw, dict):
            return self._mismatch(raw, "a table", path)
        known = {field.encode_name: field for field in info.fields}
        table = _table(path)
        for key in raw.keys() - known.keys():
            self.report("F014", (*path, key), f"{table} has no key `{key}`", nearest(key, known))
        for key, field in known.items():
            if key in raw:
                self.value(raw[key], field.type, (*path, key))
            elif field.required:
                self.report("F011", path, f"{table} lacks `{key}`", f"add `{key} = …`" if path else f"add [{key}]")

    def amendments(self, raw: dict[str, Any]) -> None:
        """Amended values must fit the tables whose values they replace; no key of those is required here."""
        rows = raw.get("amendment", ())
        for number, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, dict):
                path: Path = ("amendment", number)
                self._amended(row.get("interest"), Interest, (*path, "interest"))
                self._amended(row.get("facility"), Facility, (*path, "facility"))
                covenants = row.get("covenant")
                for ident, keys in covenants.items() if isinstance(covenants, dict) else ():
                    self._amended(keys, Covenant, (*path, "covenant", ident))

    def _amended(self, keys: object, table: type[Terms], path: Path) -> None:
        if isinstance(keys, dict):
            info = _info(table)
            self.struct(keys, msgspec.structs.replace(info, fields=tuple(_optional(field) for field in info.fields)), path)

    def value(self, raw: object, info: inspect.Type, path: Path) -> None:
        if isinstance(info, inspect.UnionType):
            info = _branch(raw, info)
        if isinstance(info, inspect.StructType):
            self.struct(raw, info, path)
        elif isinstance(info, (inspect.ListType, inspect.DictType)):
            self._many(raw, info, path)
        elif not isinstance(info, inspect.AnyType):  # amended values, which `amendments` holds against their own tables
            _CHECKS[type(info)](self, raw, info, path)

    def _many(self, raw: object, info: inspect.ListType | inspect.DictType, path: Path) -> None:
        if isinstance(info, inspect.ListType):
            if not isinstance(raw, list):
                hint = f"write [[{_dotted(path)}]]" if isinstance(raw, dict) else None
                return self._mismatch(raw, "a list", path, hint)
            for number, item in enumerate(raw):
                self.value(item, info.item_type, (*path, number))
            return None
        if not isinstance(raw, dict):
            return self._mismatch(raw, "a table", path)
        for key, item in raw.items():
            self.value(item, info.value_type, (*path, key))
        return None

    def _mismatch(self, raw: object, wanted: str, path: Path, hint: str | None = None) -> None:
        self.report("F012", path, f"`{_dotted(path)}` wants {wanted}, not {_described(raw)}", hint, value=True)

    def _magnitude(self, raw: int | Decimal, path: Path) -> None:
        number = Decimal(raw)
        if not number.is_finite():
            self.report("F015", path, f"`{_dotted(path)}` is {raw}", value=True)
        elif abs(number) > LARGEST:
            self.report("F017", path, f"`{_dotted(path)}` is larger than {LARGEST:.0E}", value=True)

    def _decimal(self, raw: object, _info: inspect.Type, path: Path) -> None:
        if isinstance(raw, str):
            self._quoted(raw, "a number", path)
        elif isinstance(raw, bool) or not isinstance(raw, (int, Decimal)):
            self._mismatch(raw, "a number", path)
        else:
            self._magnitude(raw, path)

    def _quoted(self, raw: str, wanted: str, path: Path) -> None:
        if _number(raw) is None:
            return self._mismatch(raw, wanted, path)
        return self.report("F016", path, f"`{_dotted(path)}` is a number in quotes", f"write {raw.strip()} without quotes", value=True)

    def _integer(self, raw: object, _info: inspect.Type, path: Path) -> None:
        if isinstance(raw, str):
            return self._quoted(raw, "a whole number", path)
        if isinstance(raw, bool) or not isinstance(raw, int):
            return self._mismatch(raw, "a whole number", path)
        least, most = COUNTS[str(path[-1])]
        if not least <= raw <= most:
            self.report("F017", path, f"`{_dotted(path)}` lies outside {least} to {most}", value=True)
        return None

    def _text(self, raw: object, _info: inspect.Type, path: Path) -> None:
        if not isinstance(raw, str):
            self._mismatch(raw, "text", path, "write it in quotes")
        elif path[-1] == "id" and not ID.fullmatch(raw):
            self.report("F045", path, f"{raw[:80]!r} cannot be an id" if raw else "the id is empty", value=True)

    def _flag(self, raw: object, _info: inspect.Type, path: Path) -> None:
        if not isinstance(raw, bool):
            self._mismatch(raw, "true or false", path)

    def _word(self, raw: object, info: inspect.Type, path: Path) -> None:
        assert isinstance(info, inspect.LiteralType)
        words = [str(word) for word in info.values]
        if not isinstance(raw, str):
            return self._mismatch(raw, "one of " + ", ".join(words), path)
        if raw not in words:
            self.report("F013", path, f"`{_dotted(path)}` is one of {', '.join(words)}", nearest(raw, words), value=True)
        return None

    def _date(self, raw: object, info: inspect.Type, path: Path) -> None:
        if not isinstance(raw, (str, dt.date)):
            hint = f'write "{raw}"' if isinstance(raw, int) and 1900 <= raw <= 2200 else None
            return self.report("F018", path, f"`{_dotted(path)}` wants a date, not {_described(raw)}", hint, value=True)
        wanted: Any = info.cls if isinstance(info, inspect.CustomType) else dt.date
        try:
            msgspec.convert(raw, wanted, dec_hook=decode_hook)
        except (msgspec.ValidationError, ValueError):
            self.report("F018", path, f"`{_dotted(path)}`: {str(raw)[:40]!r} is not a day of the calendar", value=True)
        return None


_CHECKS: dict[type[inspect.Type], Callable[[_Walk, object, inspect.Type, Path], None]] = {
    inspect.DecimalType: _Walk._decimal,
    inspect.IntType: _Walk._integer,
    inspect.StrType: _Walk._text,
    inspect.BoolType: _Walk._flag,
    inspect.LiteralType: _Walk._word,
    inspect.DateType: _Walk._date,
    inspect.CustomType: _Walk._date,
}


def _optional(field: inspect.Field) -> inspect.Field:
    return msgspec.structs.replace(field, required=False)


def _branch(raw: object, union: inspect.UnionType) -> inspect.Type:
    """The alternative that the value was meant for: a list for a dated table, else the plain one."""
    options = [option for option in union.types if not isinstance(option, inspect.NoneType)]
    lists = [option for option in options if isinstance(option, inspect.ListType)]
    return lists[0] if lists and isinstance(raw, (list, dict)) else options[0]


def _table(path: Path) -> str:
    return f"[{_dotted(path)}]" if path else "the file"


def _dotted(path: Path) -> str:
    """`covenant.rung.above`: the keys of a path without the numbers, which the caret shows."""
    return ".".join(step for step in path if isinstance(step, str))


def _described(raw: object) -> str:
    if isinstance(raw, str):
        return f"text {raw!r}" if len(raw) <= 40 else "text"
    return _NAMES.get(type(raw), "a time of day")

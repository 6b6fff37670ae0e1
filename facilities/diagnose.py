"""What is wrong with one TOML file, all of it: its text walked against the schema when plain decoding is not enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
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
from facilities.suspect import COUNTS, ID, LARGEST, repeated, spelled

Path = tuple[str | int, ...]


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
    for path, ident in repeated(raw):
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
        figure = Decimal(raw)
        if not figure.is_finite():
            self.report("F015", path, f"`{_dotted(path)}` is {raw}", value=True)
        elif abs(figure) > LARGEST:
            self.report("F017", path, f"`{_dotted(path)}` is larger than {LARGEST:.0E}", value=True)

    def _decimal(self, raw: object, _info: inspect.Type, path: Path) -> None:
        if isinstance(raw, str):
            self._quoted(raw, "a number", path)
        elif isinstance(raw, bool) or not isinstance(raw, (int, Decimal)):
            self._mismatch(raw, "a number", path)
        else:
            self._magnitude(raw, path)

    def _quoted(self, raw: str, wanted: str, path: Path) -> None:
        if spelled(raw) is None:
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

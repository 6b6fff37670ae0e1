"""The schema of a desk's files as JSON Schema, for editors: derived from the structs, with the meaning of every key.

Written in draft 7, which Taplo (Even Better TOML) reads; a reference there hides the keys beside it, so a table under one
key stands in place, and only rows of lists and named tables are definitions. TOML dates come to a validator as text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from facilities.durations import PATTERN
from facilities.model import (
    Amendment,
    CaseFile,
    Covenant,
    DeskFile,
    Facility,
    FacilityFile,
    Interest,
    Moment,
    ObligorFile,
    PartialDate,
    RuleFile,
    ScenarioFile,
    SectorFile,
    Terms,
)
from facilities.ranges import Limit, limit_of
from facilities.suspect import COUNTS, ID

Json = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
WORDS = Path(__file__).with_name("model") / "words.toml"

FILES: dict[str, tuple[str, type[Terms]]] = {
    "desk": ("desk.toml", DeskFile),
    "facility": ("facilities/*.toml", FacilityFile),
    "obligor": ("obligors/*.toml", ObligorFile),
    "rules": ("rules/*.toml", RuleFile),
    "scenario": ("scenarios/*.toml", ScenarioFile),
    "sector": ("sector.toml", SectorFile),
    "test": ("tests/*.toml", CaseFile),
}
"""Every kind of file: where its files are in a desk, and the table that one is."""

_BESIDE: dict[str, type[Terms]] = {"test": FacilityFile}
"""Kinds that may carry the tables of another beside their own: a test file its loan."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_FORMS: dict[type, Json] = {
    dt.date: {"type": "string", "format": "date"},
    PartialDate: {"type": "string", "pattern": rf"^(\d{{4}}|\d{{4}}-\d{{2}}|{_DAY})$"},
    Moment: {"type": "string", "pattern": rf"^{_DAY}([T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?(Z|[+-]\d{{2}}:\d{{2}})?)?$"},
}

_AMENDED: dict[str, type[Terms]] = {"covenant": Covenant, "interest": Interest, "facility": Facility}
"""The keys of an amendment that hold some keys of another table."""


class Meaning(NamedTuple):
    """What a key means, and the unit of its value (empty: none)."""

    says: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.says} [{self.unit}]" if self.unit else self.says


@lru_cache(maxsize=1)
def meanings() -> dict[str, dict[str, Meaning]]:
    """Table (by the name of its struct) -> key -> meaning, of every table of a desk's files."""
    import tomli

    raw = tomli.loads(WORDS.read_text(encoding="utf-8"))
    return {
        table: {key: Meaning(text) if isinstance(text, str) else Meaning(text[1], text[0]) for key, text in keys.items()}
        for table, keys in raw.items()
    }


def schema(kind: str, offered: Mapping[tuple[str, str], list[str]] | None = None) -> Json:
    """The JSON Schema of one kind of file. Raises KeyError for an unknown kind.

    `offered` are words to complete a free text with, by (table, key): an editor shows them, any other text stays valid.
    """
    where, table = FILES[kind]
    walk = _Walk(offered or {})
    whole = walk.table(table)
    if kind in _BESIDE:
        beside = walk.table(_BESIDE[kind], free=True)["properties"]
        beside["facility"].pop("required")  # a test names its loan for it
        whole["properties"] = beside | whole["properties"]
    return {"$schema": DRAFT, "title": f"covenant-monitor {where}", **whole, "definitions": dict(sorted(walk.definitions.items()))}


class _Walk:
    """One walk down the structs; `definitions` collects the tables that rows and named tables refer to."""

    def __init__(self, offered: Mapping[tuple[str, str], list[str]]) -> None:
        self.offered = offered
        self.definitions: dict[str, Json] = {}

    def table(self, table: type[Terms], free: bool = False) -> Json:
        """A table in place; with `free` no key is needed and its id is fixed, as an amendment writes it."""
        info = inspect.type_info(table)
        assert isinstance(info, inspect.StructType)
        fields = [field for field in info.fields if not (free and field.encode_name == "id")]
        made: Json = {
            "type": "object",
            "description": " ".join((table.__doc__ or "").split("\n\n")[0].split()),
            "properties": {field.encode_name: self._key(table, field, free) for field in fields},
            "additionalProperties": False,
        }
        needed = [field.encode_name for field in fields if field.required and not free]
        return made | ({"required": needed} if needed else {})

    def _key(self, table: type[Terms], field: inspect.Field, free: bool) -> Json:
        meaning = meanings()[table.__name__][field.encode_name]
        made = self._amended(field.encode_name) if table is Amendment and field.encode_name in _AMENDED else None
        made = made or self._value(field.type, limit_of(table, field.name) or _count(field.encode_name))
        if field.encode_name == "id":
            made = {"type": "string", "pattern": f"^{ID.pattern}$"}
        words = self.offered.get((table.__name__, field.encode_name))
        if words and made.get("type") == "string":
            made = {"anyOf": [{"enum": words}, {"type": "string"}]}
        default = _default(field)
        return {**made, "description": str(meaning)} | ({"default": default} if default is not None and not free else {})

    def _amended(self, key: str) -> Json:
        some = self.table(_AMENDED[key], free=True)
        return {"type": "object", "additionalProperties": some} if key == "covenant" else some

    def _value(self, info: inspect.Type, limit: Limit | None) -> Json:
        if isinstance(info, inspect.UnionType):
            kinds = [self._value(one, limit) for one in info.types if not isinstance(one, inspect.NoneType)]
            return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        if isinstance(info, inspect.StructType):
            return self.table(_table(info))
        if isinstance(info, inspect.ListType):
            return {"type": "array", "items": self._row(info.item_type)}
        if isinstance(info, inspect.DictType):
            return {"type": "object", "additionalProperties": self._row(info.value_type)}
        return _plain(info, limit)

    def _row(self, info: inspect.Type) -> Json:
        if not isinstance(info, inspect.StructType):
            return self._value(info, None)
        name = info.cls.__name__
        if name not in self.definitions:
            self.definitions[name] = self.table(_table(info))
        return {"$ref": f"#/definitions/{name}"}


def _table(info: inspect.StructType) -> type[Terms]:
    assert issubclass(info.cls, Terms)
    return info.cls


def _plain(info: inspect.Type, limit: Limit | None) -> Json:
    match info:
        case inspect.DecimalType() | inspect.IntType():
            bounds = {"minimum": limit.least, "maximum": limit.most} if limit else {}
            kind = "integer" if isinstance(info, inspect.IntType) else "number"
            return {"type": kind} | {key: value for key, value in bounds.items() if value is not None}
        case inspect.StrType():
            return {"type": "string", "pattern": f"^{PATTERN}$"} if limit and limit.duration else {"type": "string"}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.LiteralType():
            return {"enum": list(info.values)}
        case inspect.DateType():
            return dict(_FORMS[dt.date])
        case inspect.CustomType():
            return dict(_FORMS[info.cls])
        case inspect.AnyType():
            return {}
    raise TypeError(f"no JSON form of {info}")


def _count(key: str) -> Limit | None:
    return Limit(*COUNTS[key]) if key in COUNTS else None


def _default(field: inspect.Field) -> Any:
    """The default that is worth saying: none for absence and emptiness."""
    value = field.default
    if value is msgspec.NODEFAULT or value is None:
        return None
    return float(value) if isinstance(value, Decimal) else value

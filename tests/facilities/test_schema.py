"""The JSON Schema of a desk's files accepts what the reader accepts, refuses what it refuses, and explains every key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli

from facilities.load import Source, parse
from facilities.schema import DRAFT, FILES, schema

ROOT = Path(__file__).parents[2]
DESKS = [ROOT / "facilities" / "desk", *(ROOT / "tests" / "desks").iterdir(), ROOT / "tests" / "errors" / "base"]
SCHEMAS = {kind: jsonschema.Draft7Validator(schema(kind), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER) for kind in FILES}
OFFENCES = {"F011", "F012", "F014", "F016", "F051", "F052", "F033", "F034", "F046"}
"""What a schema can see: a missing key, a wrong type, an unknown key or word, a figure out of its range, no duration."""


def files(root: Path) -> Iterator[tuple[str, Path]]:
    for kind, (where, _) in FILES.items():
        yield from ((kind, path) for path in sorted(root.glob(where)))


def as_an_editor_sees(value: Any) -> Any:
    """TOML as Taplo gives it to a validator: dates and times are texts."""
    if isinstance(value, dict):
        return {key: as_an_editor_sees(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_an_editor_sees(inner) for inner in value]
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat().replace("+00:00", "Z")
    return float(value) if isinstance(value, Decimal) else value


def faults(kind: str, path: Path) -> list[str]:
    found = SCHEMAS[kind].iter_errors(as_an_editor_sees(tomli.loads(path.read_text(encoding="utf-8"))))
    return [f"{one.json_path}: {one.message}" for one in found]


@pytest.mark.parametrize("root", [root for root in DESKS if root.is_dir()], ids=lambda root: root.name)
def test_every_file_of_a_good_desk_is_accepted(root: Path) -> None:
    checked = list(files(root))
    assert {str(path): faults(kind, path) for kind, path in checked if faults(kind, path)} == {}
    assert checked


def test_a_test_file_that_carries_its_loan_is_accepted() -> None:
    checked = {str(path): faults("test", path) for path in sorted((ROOT / "tests" / "cases").glob("*.toml"))}
    assert checked and {path: found for path, found in checked.items() if found} == {}


def bad_files() -> Iterator[Any]:
    for case in sorted((ROOT / "tests" / "errors").iterdir()):
        if case.name[:4] in OFFENCES:
            yield from (pytest.param(kind, path, id=f"{case.name}/{path.name}") for kind, path in files(case))


@pytest.mark.parametrize(("kind", "path"), list(bad_files()))
def test_every_file_that_does_not_fit_its_tables_is_refused(kind: str, path: Path) -> None:
    terms, problems = parse(Source(kind, path.name, FILES[kind][1]), path.read_bytes())
    if problems:
        assert faults(kind, path)
    else:
        assert terms is not None and faults(kind, path) == []


def test_every_table_and_key_is_explained() -> None:
    def bare(node: Any, path: str) -> Iterator[str]:
        for key, inner in node.get("properties", {}).items():
            if not inner.get("description"):
                yield f"{path}.{key}"
            yield from bare(inner, f"{path}.{key}")
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict):
                yield from bare(node[key], f"{path}.{key}")
        for name, inner in node.get("definitions", {}).items():
            if not inner["description"]:
                yield name
            yield from bare(inner, name)

    for kind in FILES:
        whole = schema(kind)
        jsonschema.Draft7Validator.check_schema(whole)
        assert whole["$schema"] == DRAFT and whole["description"]
        assert list(bare(whole, kind)) == []


@pytest.mark.parametrize(
    ("table", "good"),
    [
        ("covenant.dscr.threshold = 1.1", True),
        ("covenant.dscr.threshold = [{ from = 2026-01-31, value = 1.1 }]", True),
        ("covenant.dscr.treshold = 1.1", False),
        ("interest.spread_bp = 400", True),
        ('interest.spread_bp = "400"', False),
        ('facility.id = "other"', False),
        ('quantity.ebitda = { formula = "1", clause = "1.01" }', True),
        ('quantity.ebitda = { clause = "1.01" }', False),
    ],
)
def test_an_amendment_holds_some_keys_of_what_it_changes(table: str, good: bool) -> None:
    text = '[facility]\nid = "a"\nname = "A"\nkind = "term"\nborrower = "b"\n'
    text += f'[[amendment]]\nid = "one"\nsigned = 2026-01-01\neffective = 2026-01-31\n{table}\n'
    assert SCHEMAS["facility"].is_valid(as_an_editor_sees(tomli.loads(text))) is good


def test_offered_words_complete_a_text_and_bind_nobody() -> None:
    offered = jsonschema.Draft7Validator(schema("rules", {("RuleTerms", "quantity"): ["ltv"]}))
    inner = schema("rules", {("RuleTerms", "quantity"): ["ltv"]})["definitions"]["RuleTerms"]["properties"]["quantity"]
    assert inner["anyOf"][0] == {"enum": ["ltv"]} and inner["description"]
    assert offered.is_valid({"rule": {"own": {"quantity": "my_own", "class": "maintenance"}}})

"""Hold the documents to the program: what the README shows runs, what the references list is all there is."""

from __future__ import annotations

import datetime as dt
import functools
import os
import re
import shutil
import types
import typing
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from facilities import catalogue
from facilities.model import Moment, PartialDate, Step, Terms
from facilities.schema import FILES, meanings
from monitor import cli, oddities
from monitor.cases.problems import CATALOGUE as OF_CASES
from monitor.journal import problems as journal
from monitor.journal.kinds import KINDS as EVENTS
from monitor.marks import header, problems
from monitor.report import csv, formats, schema
from monitor.report.changes import KINDS
from monitor.tui.keys import KEYS
from rules.definitions import Definitions, read_library
from rules.severity import ORDER, severity
from rules.vocabulary import FUNCTIONS, LIVES, PRIMITIVES, WINDOWS
from rules.wording import RULE_CODES

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LED = re.compile(r"^(?:([^\n]+)\n\n)?" + FENCE.pattern[1:], re.MULTILINE | re.DOTALL)
"""A block with the line above it: that line, the language, the text."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table_after(document: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its two head lines."""
    below = document[document.index(f"\n{heading}\n") :]
    found = re.search(r"(?:^\|.*\n?)+", below, re.MULTILINE)
    assert found, f"no table below {heading}"
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in found[0].strip().split("\n")[2:]]


# README


def steps_of(block: str) -> list[tuple[str, list[str]]]:
    """(command, the lines shown after it) of one console block."""
    steps: list[tuple[str, list[str]]] = []
    for line in block.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            steps.append((line[2:], []))
        else:
            steps[-1][1].append(line)
    return steps


def test_the_readme_runs_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    readme = text_of("README.md")
    assert "covenant: internal error:" not in readme
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    ran, written, code = 0, 0, 0
    fresh, at = readme, 0
    for lead, lang, block in LED.findall(readme):
        if lang != "console":
            written += write_file(tmp_path, lead, block)
            continue
        for command, shown in steps_of(block):
            words = command.split()
            if words[0] == "covenant":
                code, ran = cli.main(words[1:]), ran + 1
                out, err = capsys.readouterr()
                said = (err + out).rstrip("\n").split("\n") if err + out else []
                fresh, at = rewritten(fresh, at, command, shown, said)
            elif words[0] == "export":
                monkeypatch.setenv(*words[1].split("="))
            elif command == "echo $?":
                assert shown == [str(code)], command
            else:
                assert words[0] == "make", command
    assert (ran, written) == (12, 5)
    if os.environ.get("COVENANT_GOLDEN") == "write":
        (ROOT / "README.md").write_text(fresh, encoding="utf-8")


def write_file(root: Path, lead: str, text: str) -> bool:
    """Write the file that the line above a block names, or add to it where it says so; whether there was one."""
    named = re.search(r"`(mydesk/[\w./-]+)`:?$", lead)
    if named:
        path = root / named[1]
        assert path.exists() == ("dd to `" in lead), lead
        path.write_text((path.read_text(encoding="utf-8") + "\n" if path.exists() else "") + text, encoding="utf-8")
    return named is not None


def rewritten(readme: str, at: int, command: str, shown: list[str], said: list[str]) -> tuple[str, int]:
    """The README from `at` on with what a command said, which is what it shows unless it is written anew, and where that ends.

    A last line of three points leaves the rest out.
    """
    before = "\n".join((f"$ {command}", *shown))
    if shown and shown[-1] == "...":
        said = [*said[: len(shown) - 1], "..."]
    if os.environ.get("COVENANT_GOLDEN") != "write":
        assert said == shown, command
    at, after = readme.index(before, at), "\n".join((f"$ {command}", *said))
    return readme[:at] + after + readme[at + len(before) :], at + len(after)


def test_every_make_target_and_document_named_exists() -> None:
    readme = text_of("README.md")
    for target in re.findall(r"^\$ make (\w+)", readme, re.MULTILINE):
        assert f"\n{target}:" in text_of("Makefile")
    for name in re.findall(r"docs/[\w-]+\.md", readme):
        assert (ROOT / name).is_file(), name


def test_the_readme_lists_every_verb_and_document(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    verbs = re.findall(r"^    (\w+)", capsys.readouterr().out, re.MULTILINE)
    readme = text_of("README.md")
    assert {verb for row in table_after(readme, "## Commands") for verb in re.findall(r"`(\w+)`", row[0])} == set(verbs)
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= set(re.findall(r"docs/[\w-]+\.md", readme))


def test_the_readme_lists_every_key_of_the_screens() -> None:
    shown = {row[0].strip("`"): row[1] for row in table_after(text_of("README.md"), "## Keys of the screens")}
    assert list(shown) == [key.shown for key in KEYS]
    for key in KEYS:
        assert shown[key.shown].startswith(key.says)


@pytest.mark.parametrize("name", ["README.md", "docs/report.md"])
def test_exit_codes_are_those_of_the_program(name: str) -> None:
    codes = [int(row[0]) for row in table_after(text_of(name), "## Exit codes")]
    assert codes == [0, 1, 2, 3, cli.USAGE, cli.DATA, cli.INTERNAL, cli.IO, cli.INTERRUPTED]


# docs/architecture.md


def test_docs_architecture_says_who_owns_what_of_every_module_and_folder() -> None:
    said: set[str] = set()
    for cell, _ in table_after(text_of("docs/architecture.md"), "## What each part owns"):
        first, *others = re.findall(r"`([^`]+)`", cell)
        room = first.partition("/")[0]
        said |= {"/".join(path.split("/")[:2]) for path in (first, *(f"{room}/{other}" for other in others))}
    parts = {path for room in ("facilities", "rules", "monitor") for path in (ROOT / room).iterdir() if not path.name.startswith("__")}
    assert said == {f"{path.parent.name}/{path.name}" for path in parts if path.suffix == ".py" or path.is_dir()}


# docs/desk.md

HEADINGS = {
    "desk": "desk.toml", "facility": "facilities/ID.toml", "obligor": "obligors/ID.toml", "rules": "rules/NAME.toml",
    "scenario": "scenarios/NAME.toml", "sector": "sector.toml", "test": "tests/NAME.toml",
}  # fmt: skip
ROOTS: dict[str, type[Terms]] = {HEADINGS[kind]: table for kind, (_, table) in FILES.items()}
WORDS = {
    str: "text",
    int: "integer",
    bool: "true or false",
    Decimal: "number",
    dt.date: "date",
    PartialDate: "partial date",
    Moment: "moment",
}


hints_of = functools.cache(typing.get_type_hints)


@functools.cache
def structs_below(root: type[Terms]) -> frozenset[type[Terms]]:
    """A table and every table inside it."""
    found, open_ = {root}, [root]
    while open_:
        for hint in hints_of(open_.pop()).values():
            for inner in _tables_in(hint):
                if inner not in found:
                    found.add(inner)
                    open_.append(inner)
    return frozenset(found)


def _tables_in(hint: typing.Any) -> set[type[Terms]]:
    if isinstance(hint, type) and issubclass(hint, Terms):
        return {hint}
    return set().union(*(_tables_in(one) for one in typing.get_args(hint)))


def type_said(hint: typing.Any) -> str:
    """The type of a key as docs/desk.md writes it."""
    origin, inner = typing.get_origin(hint), [one for one in typing.get_args(hint) if one is not type(None)]
    if origin is typing.Literal:
        return ", ".join(f"`{word}`" for word in inner)
    if origin in (typing.Union, types.UnionType):
        return "amount" if list[Step] in inner else type_said(inner[0])
    if origin is list:
        return "list of tables" if _tables_in(inner[0]) else f"list of {type_said(inner[0])}"
    if origin is dict:
        if isinstance(inner[1], type) and issubclass(inner[1], Terms):
            return "named tables"
        return "table" if inner[1] not in WORDS else f"table of {type_said(inner[1])}"
    return "table" if _tables_in(hint) else WORDS[hint]


def default_said(field: msgspec.structs.FieldInfo) -> str:
    """The default of a key as docs/desk.md writes it."""
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value is None or value in ([], {}):
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    return f"`{value}`" if isinstance(value, str) else str(value)


def named_by(heading: str, struct: type[Terms]) -> bool:
    """Whether a heading such as `[[covenant]].rung` ends in a key that holds the struct; a file's heading is the whole file."""
    if heading in ROOTS:
        return struct is ROOTS[heading]
    if heading == "[amount]":
        return struct is Step
    key = [word for word in re.findall(r"\w+", heading) if not word.isupper()][-1]
    owners = set().union(*(structs_below(root) for root in ROOTS.values()))
    return any(struct in _tables_in(hints_of(owner).get(key.replace("from", "from_"), str)) for owner in owners)


def tables_of(document: str) -> dict[str, list[list[str]]]:
    """Heading -> rows, of every table of keys."""
    headings = re.findall(r"^#{2,3} `(.+)`\n", document, re.MULTILINE)
    assert len(set(headings)) == len(headings)
    level = {name: "##" if name in ROOTS else "###" for name in headings}
    return {name: table_after(document, f"{level[name]} `{name}`") for name in headings}


def struct_of(heading: str, keys: set[str]) -> type[Terms]:
    """The table of the schema that a heading of docs/desk.md is about: it may stand there, and shares most keys with what is told."""
    wanted = sorted(set().union(*(structs_below(root) for root in ROOTS.values())), key=lambda one: one.__name__)
    there = [struct for struct in wanted if named_by(heading, struct)]
    assert there, f"{heading} is no place of a table"
    return max(there, key=lambda struct: len(keys & set(struct.__struct_encode_fields__)))


def rows_said(struct: type[Terms]) -> list[str]:
    """The rows of docs/desk.md about a table: key, type, unit, default, meaning."""
    hints, told = hints_of(struct), meanings()[struct.__name__]
    assert list(told) == list(struct.__struct_encode_fields__), f"facilities/model/words.toml: keys of [{struct.__name__}]"
    return [
        f"| `{field.encode_name}` | {type_said(hints[field.name])} | {told[field.encode_name].unit or '-'} | {default_said(field)} "
        f"| {told[field.encode_name].says} |"
        for field in msgspec.structs.fields(struct)
    ]


def test_docs_desk_says_of_every_key_what_the_schema_says() -> None:
    """`COVENANT_GOLDEN=write` writes the rows anew from facilities/model/words.toml."""
    document, told = text_of("docs/desk.md"), tables_of(text_of("docs/desk.md"))
    seen = []
    for heading, rows in told.items():
        struct = struct_of(heading, {row[0].strip("`") for row in rows})
        seen.append(struct)
        before = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        after = "\n".join(rows_said(struct))
        if os.environ.get("COVENANT_GOLDEN") == "write":
            start = document.index(before, document.index(f" `{heading}`\n"))
            document = document[:start] + after + document[start + len(before) :]
        else:
            assert before == after, heading
    (ROOT / "docs" / "desk.md").write_text(document, encoding="utf-8") if os.environ.get("COVENANT_GOLDEN") == "write" else None
    wanted = set().union(*(structs_below(root) for root in ROOTS.values()))
    assert {struct.__name__ for struct in wanted} == {struct.__name__ for struct in seen} == set(meanings())
    assert len(seen) == len(wanted)


def test_docs_desk_lists_every_column_of_a_marks_file() -> None:
    rows = table_after(text_of("docs/desk.md"), "## Marks: `marks/*.csv`")
    wanted = [(name, "yes") for name in header.REQUIRED] + [(name, "no") for name in header.OPTIONAL]
    assert [(row[0].strip("`"), row[1]) for row in rows] == wanted


def raised_directly() -> dict[str, str]:
    """Code -> name of the problems that the fronts raise outside a catalogue."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "monitor").rglob("*.py")]
    return {code: name for source in sources for code, name in re.findall(r'Problem\(\s*"([A-Z]\d{3})", "([\w-]+)"', source)}


@pytest.mark.parametrize(
    ("heading", "codes"),
    [
        ("### Desk files", {code: (kind.name, kind.level) for code, kind in catalogue.CATALOGUE.items()}),
        ("### Marks", {code: (kind.name, kind.level) for code, kind in problems.CATALOGUE.items()}),
        ("### Journal", {code: (kind.name, kind.level) for code, kind in journal.CATALOGUE.items()}),
        ("### Test files", {code: (kind.name, kind.level) for code, kind in OF_CASES.items()}),
        ("### Formulas and rules", {code: (name, "error") for code, name in RULE_CODES.items()}),
        ("### Legal, but odd", {code: (kind.name, kind.level) for code, kind in oddities.CATALOGUE.items()}),
        ("### Found when a desk is opened", {code: (name, "error") for code, name in raised_directly().items()}),
    ],
)
def test_docs_desk_lists_every_code(heading: str, codes: dict[str, tuple[str, str]]) -> None:
    rows = table_after(text_of("docs/desk.md"), heading)
    assert {row[0].strip("`"): (row[1], row[2]) for row in rows} == codes
    assert all(row[3] for row in rows)


# docs/journal.md


def test_docs_journal_lists_every_kind_with_what_it_takes() -> None:
    rows = table_after(text_of("docs/journal.md"), "## Kinds")
    assert [row[0].strip("`") for row in rows] == list(EVENTS)
    for row, wants in zip(rows, EVENTS.values(), strict=True):
        needs, takes = ({word.replace("-", "_") for word in re.findall(r"`([\w-]+)`", cell)} for cell in row[2:4])
        assert (row[1], needs, takes, row[4] == "yes") == (wants.says, set(wants.needs), set(wants.takes), wants.fact)


# docs/tests.md


def test_the_worked_example_of_docs_tests_runs_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = FENCE.findall(text_of("docs/tests.md"))
    command, shown = steps_of(next(block for lang, block in blocks if lang == "console"))[0]
    (tmp_path / "loan.toml").write_text(blocks[-1][1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(command.split()[1:]) == 1
    assert capsys.readouterr().out.rstrip("\n").split("\n") == shown


def test_the_examples_of_a_stress_in_docs_tests_hold_on_the_shipped_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    block = next(text for _, text in FENCE.findall(text_of("docs/tests.md")) if "[case.stress]" in text)
    shutil.copytree(ROOT / "facilities" / "desk", tmp_path / "desk")
    (tmp_path / "desk" / "tests").mkdir(exist_ok=True)
    (tmp_path / "desk" / "tests" / "stress.toml").write_text(block, encoding="utf-8")
    code = cli.main(["test", str(tmp_path / "desk" / "tests" / "stress.toml"), "--desk", str(tmp_path / "desk")])
    assert code == 0, capsys.readouterr().out


# docs/formulas.md


def test_docs_formulas_lists_the_words_of_the_language() -> None:
    told = text_of("docs/formulas.md")
    assert {row[0].strip("`") for row in table_after(told, "### Windows")} == set(WINDOWS)
    assert {row[0].strip("`") for row in table_after(told, "### Lives")} == set(LIVES)
    assert {row[0].strip("`").partition("(")[0] for row in table_after(told, "### Functions")} == set(FUNCTIONS)
    leaves = {row[0].strip("`").partition("(")[0]: row[1] for row in table_after(told, "### Leaves")}
    assert leaves == {name: one.unit for name, one in PRIMITIVES.items()}


def test_docs_formulas_lists_the_library() -> None:
    told, library = text_of("docs/formulas.md"), read_library()
    definitions = Definitions(library.quantity, library.rule, library.line)
    rows = {row[0].strip("`"): row for row in table_after(told, "## The library")}
    assert list(rows) == list(library.quantity)
    for name, terms in library.quantity.items():
        assert rows[name][1].strip("`") == " ".join(terms.formula.split()), name
        assert rows[name][2] == definitions.quantity(name).unit, name
    rules = {row[0].strip("`"): [cell.strip("`") for cell in row[1:]] for row in table_after(told, "### Rules")}
    assert rules == {name: [one.quantity, one.class_, one.operator or "-"] for name, one in library.rule.items()}
    lines = {row[0].strip("`"): row[1:] for row in table_after(told, "### Reported lines")}
    assert lines == {name: [one.kind, one.absent] for name, one in library.line.items()}


# docs/report.md


def parts_below(part: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    found = {part}
    for hint in typing.get_type_hints(part).values():
        for inner in (hint, *typing.get_args(hint)):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and inner not in found:
                found |= parts_below(inner)
    return found


def test_docs_report_lists_every_key() -> None:
    told = text_of("docs/report.md")
    headings = re.findall(r"^### (.+)$", told, re.MULTILINE)
    shown = {heading: [row[0].strip("`") for row in table_after(told, f"### {heading}")] for heading in headings}
    parts = parts_below(schema.Report)
    wanted = {part.__name__.removesuffix("Part"): [field.encode_name for field in msgspec.structs.fields(part)] for part in parts}
    assert shown == wanted


def test_docs_report_lists_the_columns_of_csv_in_order() -> None:
    rows = table_after(text_of("docs/report.md"), "## CSV")
    assert [row[0].strip("`") for row in rows] == list(csv.HEADER) and all(row[1] for row in rows)


def test_docs_report_names_every_format() -> None:
    told = text_of("docs/report.md").partition("\n## ")[0]
    for verb, names in formats.WRITERS.items():
        said = re.search(rf"`covenant {verb} --format`[^;.]*[;.]|`covenant {verb} --format`[^.]*", told)
        assert said and set(names) <= set(re.findall(r"`(\w+)`", said[0])), verb


def test_docs_report_lists_the_types_of_lines() -> None:
    rows = {row[0].strip("`") for row in table_after(text_of("docs/report.md"), "## JSON lines")}
    source = text_of("monitor/report/jsonl.py")
    assert rows == set(re.findall(r'"type": "(\w+)"', source)) | set(re.findall(r'_(?:told|line)\("(\w+)"', source))


def test_docs_report_lists_the_kinds_of_change() -> None:
    rows = table_after(text_of("docs/report.md"), "## What changed")
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row[0])] == list(KINDS)


def test_docs_report_lists_the_severities_in_order() -> None:
    rows = table_after(text_of("docs/report.md"), "## Severities")
    assert [row[0].strip("`") for row in rows] == list(ORDER)
    assert severity("maintenance", "compliant", "fail", "pass") == "tested_fail"

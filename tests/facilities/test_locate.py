"""Places in TOML source are where an eye would look for them."""

from __future__ import annotations

import datetime as dt
import random

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from facilities.locate import Span, locate

DOC = '''# a comment with [brackets] and key = 1
title = "a # not a comment"
"odd key" = 1
a.b.c = 2   # c

[desk]   # the desk
name = """
[not.a.header]
name = "inside"
"""
lit = \'\'\'
x = 1\'\'\'
when = 2026-01-01 10:00:00
after = 3

[[covenant]]
id = "one"
rung = [ # rungs
  { above = 0.60, state = "notice" },
  { above = 0.70, "state" = "call", }, 
]
[covenant.test]
first = "2027-10"

[[covenant]]
id = "two"
[[covenant.step]]
from = 2020-01-01
[[covenant.step]]
from = 2021-01-01
[covenant.deep."x.y".z]
k = [[1, 2], [3,
 4]]
'''


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        (("title",), 2, "title"),
        (("odd key",), 3, '"odd key"'),
        (("a", "b", "c"), 4, "c"),
        (("a", "b"), 4, "c"),
        (("desk",), 6, "desk"),
        (("desk", "name"), 7, "name"),
        (("desk", "lit"), 11, "lit"),
        (("desk", "after"), 14, "after"),
        (("covenant",), 16, "covenant"),
        (("covenant", 0, "id"), 17, "id"),
        (("covenant", 0, "rung", 1), 20, '{ above = 0.70, "state" = "call", }'),
        (("covenant", 0, "rung", 1, "state"), 20, '"state"'),
        (("covenant", 0, "test", "first"), 23, "first"),
        (("covenant", 1), 25, "covenant"),
        (("covenant", 1, "id"), 26, "id"),
        (("covenant", 1, "step", 1), 29, "step"),
        (("covenant", 1, "step", 1, "from"), 30, "from"),
        (("covenant", 1, "deep", "x.y", "z", "k", 0, 1), 32, "2"),
        (("covenant", 1, "deep", "x.y", "z", "k", 1, 1), 33, "4"),
    ],
)
def test_a_key_is_found_where_it_is_written(path: tuple[str | int, ...], line: int, text: str) -> None:
    span = locate(DOC, path)
    assert span is not None
    assert span.line == line
    assert DOC.split("\n")[line - 1][span.column - 1 : span.column - 1 + span.width] == text


def test_the_value_has_its_own_place() -> None:
    assert locate(DOC, ("covenant", 1, "id"), value=True) == Span(26, 6, 5)
    assert locate(DOC, ("desk", "name"), value=True) == Span(7, 8, 3)


@pytest.mark.parametrize("path", [(), ("nothing",), ("covenant", 2), ("covenant", 0, "rung", 2), ("desk", "x")])
def test_what_is_not_written_has_no_place(path: tuple[str | int, ...]) -> None:
    assert locate(DOC, path) is None


@given(st.text(alphabet="[]{}\"'=,.#\n\\ a1-", max_size=80))
def test_no_text_breaks_the_scanner(text: str) -> None:
    found = locate(text, ("a",))
    assert found is None or text.split("\n")[found.line - 1][found.column - 1 :][: found.width].strip("\"'") == "a"


def test_brackets_without_end_do_not_break_the_scanner() -> None:
    found = locate("b = 1\na = " + "[" * 100_000, ("b",))
    assert found == Span(1, 1, 1)


SCALARS = (
    "1",
    "-2.5e3",
    "true",
    "2026-01-01",
    "2026-01-01 10:00:00Z",
    '"a # b = [c] \\" d"',
    "'lit \\'",
    '"""\n[x]\nk1 = 2\n\\""" """',
    "'''\nk2 = '' 3'''",
)


class Writer:
    """Writes random TOML and notes the line of every assignment it writes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.noted: dict[tuple[str | int, ...], tuple[int, str]] = {}
        self.names = iter(range(10_000))

    def key(self) -> tuple[str, str]:
        name = f"k{next(self.names)}"
        odd = self.random.random()
        if odd < 0.1:
            return name + " .[x", f'"{name} .[x"'
        if odd < 0.2:
            return name + '"', f"'{name}\"'"
        if odd < 0.25:
            return name + "é\t", f'"{name}\\u00e9\\t"'
        return name, name

    def scalar(self) -> str:
        return self.random.choice(SCALARS)

    def write(self, text: str) -> int:
        """Append text to the last line; the line number where it starts."""
        at = len(self.lines)
        first, *rest = text.split("\n")
        self.lines[-1] += first
        self.lines += rest
        return at

    def value(self, path: tuple[str | int, ...], depth: int, inline: bool) -> None:
        pick = self.random.random()
        if depth < 3 and pick < 0.2:
            gap = "" if inline and pick < 0.1 else self.random.choice(["", "\n", " # [,\n  "])
            self.write("[" + gap)
            for number in range(self.random.randrange(4)):
                self.value((*path, number), depth + 1, inline)
                self.write(self.random.choice([", ", ","]) + gap)
            self.write("]")
        elif depth < 3 and pick < 0.4:
            self.write("{")
            for number in range(self.random.randrange(3)):
                self.write(", " if number else " ")
                self.assign(path, depth + 1, True)
            self.write("}")
        else:
            self.write(self.scalar())

    def assign(self, table: tuple[str | int, ...], depth: int = 0, inline: bool = False) -> None:
        path = table
        for dot in range(self.random.choice([1, 1, 1, 2, 3])):
            name, written = self.key()
            path = (*path, name)
            if dot:
                self.write(self.random.choice([".", " . "]))
            line = self.write(written)
        self.noted[path] = (line, written)
        self.write(self.random.choice([" = ", "=", "\t= "]))
        self.value(path, depth, inline)

    def table(self, path: tuple[str | int, ...], many: bool, written: str) -> None:
        self.lines.append("")
        line = self.write(f"[[{written}]] # [no]" if many else f"[ {written} ]")
        self.noted[path] = (line, written.rsplit(".", 1)[-1])
        self.body(path)

    def body(self, path: tuple[str | int, ...]) -> None:
        for _ in range(self.random.randrange(5)):
            self.lines.append(self.random.choice(["", "  ", "# c = [\n", "\n"]))
            self.lines = "\n".join(self.lines).split("\n")
            if "#" not in self.lines[-1]:
                self.assign(path)

    def document(self) -> str:
        self.body(())
        for _ in range(self.random.randrange(4)):
            name = f"t{next(self.names)}"
            if self.random.random() < 0.5:
                self.table((name,), False, name)
                self.table((name, "sub"), False, f"{name}.sub")
            else:
                for number in range(self.random.randrange(1, 3)):
                    self.table((name, number), True, name)
                    self.table((name, number, "sub"), False, f"{name} . sub".replace(" . ", "."))
                    for part in range(2):
                        self.table((name, number, "many", part), True, f"{name}.many")
        return "\n".join(self.lines)


def leaves(raw: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    below = [leaf for step, inner in pairs for leaf in leaves(inner, (*path, step))]
    return below if isinstance(raw, (dict, list)) else [path]


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_every_key_of_a_generated_document_is_found_on_its_line(seed: int) -> None:
    writer = Writer(seed)
    text = writer.document()
    for leaf in leaves(tomli.loads(text)):
        assert locate(text, leaf) is not None, (leaf, text)
    for path, (line, written) in writer.noted.items():
        span = locate(text, path)
        assert span is not None, (path, text)
        assert span.line == line, (path, text)
        assert text.split("\n")[line - 1][span.column - 1 : span.column - 1 + span.width] == written


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_the_value_found_reads_back_as_the_value_parsed(seed: int) -> None:
    text = Writer(seed).document()
    raw = tomli.loads(text)
    for leaf in leaves(raw):
        wanted: object = raw
        for step in leaf:
            wanted = wanted[step]  # type: ignore[index]
        span = locate(text, leaf, value=True)
        assert span is not None
        shown = text.split("\n")[span.line - 1][span.column - 1 : span.column - 1 + span.width]
        if "\n" not in str(wanted) and not shown.startswith(("'''", '"""')):
            assert tomli.loads(f"v = {shown}")["v"] == wanted


def test_dates_are_read_whole() -> None:
    text = "a = [2026-01-01 10:00:00, 2026-01-02]\nb = 1"
    assert tomli.loads(text)["a"][0] == dt.datetime(2026, 1, 1, 10)
    assert locate(text, ("a", 1)) == Span(1, 27, 10)

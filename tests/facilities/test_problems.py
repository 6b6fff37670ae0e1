"""A problem as printed: headline, the line with carets, the hint, all of it inert."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

from facilities.catalogue import CATALOGUE, LONGEST, problem
from facilities.lint import lint
from facilities.load import load
from facilities.problems import Place, Problem, render
from facilities.unreadable import unparsable


def test_the_headline_names_code_name_and_place() -> None:
    place = Place("facilities/x.toml", 52, 10, 4, "abcdefghiWORDrest")
    assert render(problem("F014", place, "no such key", "look")).split("\n") == [
        "error[F014] unknown-key facilities/x.toml:52:10",
        "   52 | abcdefghiWORDrest",
        "      |          ^^^^",
        "  no such key",
        "  hint: look",
    ]


def test_a_place_without_a_line_has_no_excerpt() -> None:
    assert render(Problem("F001", "unreadable", Place("desk.toml"), "gone")) == "error[F001] unreadable desk.toml\n  gone"


def test_tabs_and_hostile_characters_keep_the_carets_in_place() -> None:
    rows = render(Problem("F014", "unknown-key", Place("x", 1, 3, 3, "\t\x1bkey = 1"), "m")).split("\n")
    assert rows[1] == "    1 |     <U+001B>key = 1"
    assert rows[2].index("^") == rows[1].index("key")


def test_long_lines_and_messages_are_cut() -> None:
    rows = render(problem("F014", Place("x", 1, 5, 900, "a" * 1000), "m" * 1000)).split("\n")
    assert max(map(len, rows)) <= max(LONGEST + 2, 210)


def test_an_unknown_code_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        problem("F999", Place("x"), "m")


HOSTILE = "\x1b[31m[bold]\n\u202eevil\u2066"


def test_hostile_names_reach_the_eye_inert(tmp_path: Path) -> None:
    written = HOSTILE.replace("\x1b", "\\u001b").replace("\n", "\\n")
    (tmp_path / "facilities").mkdir()
    (tmp_path / "desk.toml").write_text('[desk]\nname = "d"\n')
    text = f'[facility]\nid = "{written}"\nname = "n"\nkind = "{written}"\nborrower = "{written}"\n"{written}" = 1\n'
    (tmp_path / "facilities" / "a\x1b[2J\u202e.toml").write_text(text, encoding="utf-8")
    plain = {f'"{written}" = 1\n': "", f'kind = "{written}"': 'kind = "term"', f'id = "{written}"': 'id = "b"'}
    for hostile, good in plain.items():
        text = text.replace(hostile, good)
    (tmp_path / "facilities" / "b.toml").write_text(text)
    desk = load(tmp_path)
    found = desk.problems + lint(desk, set())
    assert {"F013", "F014", "F021", "F045"} <= {one.code for one in found}
    shown = "\n".join(map(render, found))
    assert all(char == "\n" or char.isprintable() for char in shown)
    assert "\u202e" not in shown and "\x1b" not in shown


def test_the_catalogue_is_in_order_and_names_f014_as_designed() -> None:
    assert CATALOGUE["F014"].name == "unknown-key"
    assert all(code == kind.code for code, kind in CATALOGUE.items())


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ("commitment = 10,000", "write 10_000, not 10,000"),
        ("commitment = 24.000.000", "write 24_000_000, not 24.000.000"),
        ("commitment = 24.000.000,50", "write 24_000_000.50, not 24.000.000,50"),
        ("fixed_pct = 9,75", "write 9.75, not 9,75: the decimal sign is a point"),
        ("closing = 31-08-2025", "write a date as year-month-day: 2025-08-31"),
        ("closing = 1.8.2025", "write a date as year-month-day: 2025-08-01"),
        ("closing = 08/31/2025", "write a date as 2026-08-31"),
        ("lines = ", "see https://toml.io/en/v1.0.0"),
    ],
)
def test_numbers_and_dates_as_people_write_them_are_told_how(row: str, hint: str) -> None:
    text = f"[facility]\n{row}\n"
    with pytest.raises(tomli.TOMLDecodeError) as raised:
        tomli.loads(text)
    assert unparsable("x.toml", text, raised.value).hint == hint

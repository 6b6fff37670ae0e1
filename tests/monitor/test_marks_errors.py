"""Every code of the catalogue against its golden text, and hostile content that must stay text."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilities.inert import inert
from facilities.problems import render
from monitor.marks.csvfile import read_marks, read_rows
from monitor.marks.problems import CATALOGUE, MAX_BYTES, MAX_ERRORS, MAX_LINE

GOLDEN = Path(__file__).parents[1] / "errors" / "marks"
HEADER = "series,date,value,unit,source"
FULL = HEADER + ",known_at,kind,n_obs,by,approved_by,note"
GOOD = "BTC.price,2026-11-20,85557.56,USD,coinbase"


def _too_big(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)


# what cannot lie in a folder of small text files is made here
BUILT: dict[str, Callable[[Path], object]] = {
    "M001": lambda path: path.mkdir(),
    "M002": _too_big,
    "M006": lambda path: path.write_text(f"{HEADER}\n{GOOD}{'x' * MAX_LINE}\n"),
    "M029": lambda path: path.write_text(HEADER + "\nBTC.price" * (MAX_ERRORS + 5) + "\n"),
}


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_code_reads_as_its_golden_text(code: str, tmp_path: Path) -> None:
    root = tmp_path if code in BUILT else GOLDEN
    if code in BUILT:
        BUILT[code](root / f"{code}.csv")
    prints, problems = read_marks([root / f"{code}.csv"], root)
    shown = [found for found in problems if found.code == code]
    assert {found.code for found in problems} <= {code, "M012"} if code == "M029" else {code}
    assert "\n".join(map(render, shown)) + "\n" == (GOLDEN / f"{code}.txt").read_text()
    errors = any(found.level == "error" for found in problems)
    assert errors == (CATALOGUE[code].level == "error")
    assert errors or prints


def test_no_golden_text_without_a_code() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CATALOGUE)


def _read(tmp_path: Path, text: str | bytes, name: str = "a.csv") -> tuple[list, list]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_marks([path], tmp_path)


def _inert(shown: str) -> bool:
    return all(inert(line) == line for line in shown.split("\n"))


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(f"{HEADER}\nBTC.price,2026-11-20,x,EUR,\n")
    (tmp_path / "a.csv").write_text(f"{HEADER},colour\n{GOOD},\n")
    _, problems = read_marks([tmp_path / "b.csv", tmp_path / "a.csv", tmp_path / "gone.csv"], tmp_path)
    assert [(found.code, found.place.file) for found in problems] == [
        ("M008", "a.csv"),
        ("M020", "b.csv"),
        ("M022", "b.csv"),
        ("M001", "gone.csv"),
    ]


def test_a_row_with_several_faults_has_them_all_told(tmp_path: Path) -> None:
    _, problems = _read(tmp_path, f"{FULL}\nSOFR.rate,tomorrow,nan,percent,,never,override,few,,,\n")
    assert {found.code for found in problems} == {"M014", "M018", "M022", "M026", "M027"}
    assert [found.code for found in problems].count("M014") == 2


def test_conflicts_are_seen_across_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{GOOD}\n")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{GOOD.replace('85557', '85558')}\n")
    _, problems = read_marks(sorted(tmp_path.iterdir()), tmp_path)
    assert [(found.code, str(found.place)) for found in problems] == [("M023", "b.csv:2:22")]
    assert "a.csv:2" in problems[0].message


@pytest.mark.parametrize(
    "hostile",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(A1)",
        "\x1b]0;owned\x07\x1b[2J",
        "[red]markup[/red]",
        "<script>alert(1)</script>",
        "\u202egnp.exe",
        "a\u2028b\x85c\x0bd",
        'say ""this""',
        "two\nlines",
    ],
)
def test_hostile_cells_are_data_kept_as_written_and_shown_inert(hostile: str, tmp_path: Path) -> None:
    kept = hostile.replace('""', '"')
    prints, problems = _read(tmp_path, f'{FULL}\nBTC.price,2026-11-20,1,USD,"{hostile}",,,,,,"{hostile}"\n')
    assert problems == []
    assert (prints[0].source, prints[0].note) == (kept, kept)
    _, problems = _read(tmp_path, f'{HEADER}\nBTC.price,"{hostile}",1,USD,x\n')
    assert [found.code for found in problems] == ["M014"]
    shown = render(problems[0])
    assert _inert(shown)
    assert not set(shown) & set("\x1b\u202e\u2028\x85")


def test_what_is_not_a_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    _, problems = read_marks([tmp_path / "pipe.csv"], tmp_path)
    assert [found.code for found in problems] == ["M001"]


def test_a_quote_left_open_swallows_no_rows_in_silence(tmp_path: Path) -> None:
    _, problems = _read(tmp_path, f'{FULL}\n{GOOD},,,,,,"open\n{GOOD},,,,,,\n')
    assert [found.code for found in problems] == ["M011"]


@pytest.mark.parametrize("text", ["", "\n\n", "\r\n", ",,,,\n"])
def test_an_empty_file_has_no_header(text: str, tmp_path: Path) -> None:
    assert [found.code for found in _read(tmp_path, text)[1]] == ["M007"]


def test_a_header_alone_is_no_print_and_no_problem(tmp_path: Path) -> None:
    assert _read(tmp_path, HEADER) == ([], [])


def test_the_nearest_name_is_offered(tmp_path: Path) -> None:
    _, problems = _read(tmp_path, f"{HEADER},Notes\n{GOOD},\n")
    assert problems[0].hint == "did you mean 'note'?"
    _, problems = _read(tmp_path, f"SERIES,date,value,unit,source\n{GOOD}\n")
    assert [found.hint for found in problems if found.code == "M008"] == ["did you mean 'series'?"]


def test_a_long_cell_is_cut_in_the_message(tmp_path: Path) -> None:
    _, problems = _read(tmp_path, f"{HEADER}\nBTC.price,{'9' * 5000},1,USD,x\n")
    assert len(render(problems[0])) < 900


CELLS = st.sampled_from(
    [
        "BTC.price",
        "SOFR.rate",
        "2026-11-20",
        "2026-11-20T10:00Z",
        "1",
        "-1",
        "1e400",
        "nan",
        ".",
        "",
        "USD",
        "percent",
        "override",
        '"',
        "\r",
        "é",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(st.lists(CELLS, max_size=12).map(",".join), max_size=8).map("\n".join).map(str.encode)))
def test_no_bytes_at_all_raise(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    root = tmp_path_factory.getbasetemp()
    for start in (b"", FULL.encode() + b"\n"):
        path = root / "fuzz.csv"
        path.write_bytes(start + raw)
        prints, problems = read_marks([path], root, "America/New_York")
        for found in problems:
            assert found.code in CATALOGUE
            assert _inert(render(found))
        assert prints or problems or not raw.strip(b", \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f") or not start


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_text_in_any_column_raises(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = tmp_path_factory.getbasetemp()
    path = root / "cells.csv"
    quoted = '"' + text.replace('"', '""') + '"'
    good = ["BTC.price", "2026-11-20", "1", "USD", "x", "2026-11-21", "ask", "3", "a", "b", "n"]
    rows = [",".join([*good[:at], quoted, *good[at + 1 :]]) for at in range(len(good))]
    path.write_bytes("\n".join([FULL, *rows]).encode("utf-8", "surrogatepass"))
    for found in read_marks([path], root)[1]:
        assert _inert(render(found))


@pytest.mark.parametrize(("sign", "word"), [(";", "a semicolon"), ("\t", "a tab"), ("|", "a bar")])
def test_another_separator_is_named(sign: str, word: str) -> None:
    rows = "series,date,value,unit,source\nBTC.price,2026-10-07,100,USD/BTC,typed\n".replace(",", sign)
    found = read_rows(rows.encode(), "m.csv", dt.UTC)[1]
    assert [one.code for one in found] == ["M007"] and f"here {word} stands" in (found[0].hint or "")

"""A mark more than ten times away from the one before it: told as odd, and used all the same unless the policy refuses it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from monitor import cli
from monitor.marks.history import History
from monitor.marks.instants import instant
from monitor.marks.leaps import leaps_in
from monitor.marks.prints import Print


@pytest.fixture
def asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    root = tmp_path / "desk"
    assert cli.main(["init", str(root)]) == 0
    capsys.readouterr()
    rows = (root / "marks" / "october.csv").read_text(encoding="utf-8").splitlines()
    number = max((row, n) for n, row in enumerate(rows) if row.startswith("BTC.price,"))[1]
    was = rows[number].split(",")

    def ask(value: float, *words: str, source: str | None = None) -> tuple[int, str, str]:
        rows[number] = ",".join([*was[:2], str(value), was[3], source or was[4]])
        (root / "marks" / "october.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        code = cli.main([*words, "--desk", str(root)])
        return code, *capsys.readouterr()

    return ask


def test_a_slip_of_the_decimal_point_is_told_and_stands(asked) -> None:
    code, out, err = asked(83.275, "check")
    assert code == 2 and "CALLABLE" in out
    assert "warning[L007] leap marks/october.csv:" in err
    assert "83.275 is 1,027 times less than the 85,557.56 of 2026-10-07 24:00Z before it" in err
    assert "times less than the" in asked(83.275, "marks", "list")[1]
    assert "times less than the" in " ".join(asked(83.275, "report")[1].split())
    code, out, err = asked(83.275, "lint")
    assert (code, err) == (0, "0 errors, 1 warning\n") and "warning[L007]" in out


def test_a_leap_up_is_told_too(asked) -> None:
    assert "83,275,000 is 973 times the 85,557.56" in asked(83_275_000, "check")[2]


@pytest.mark.parametrize("value", [83_275, 9_000, 800_000])
def test_a_move_of_less_is_a_market(asked, value: float) -> None:
    assert asked(value, "check")[2] == ""


def test_a_source_is_held_against_the_others_too(asked) -> None:
    err = asked(83.275, "check", source="somebody")[2]
    assert "BTC.price of somebody: 83.275 is 1,027 times less than the 85,557.56 by exchange close of " in err


def printed(*rows: tuple[str, float, str]) -> History:
    made = [Print("BTC.price", instant(day, dt.UTC), value, "USD/unit", source) for day, value, source in rows]
    return History(made)


def told(history: History) -> list[tuple[float, float]]:
    at = instant("2026-10-31", dt.UTC)
    return [(one.made.value, one.level) for one in leaps_in(history, "BTC.price", at, at)]


def test_the_slip_is_told_and_not_what_comes_back_from_it() -> None:
    slip = (("2026-10-01", 82_000.0, "desk"), ("2026-10-02", 8_100.0, "desk"))
    assert told(printed(*slip)) == [(8_100, 82_000)]
    assert told(printed(*slip, ("2026-10-03", 81_900.0, "desk"))) == [(8_100, 82_000)]
    assert told(printed(*slip, ("2026-10-03", 8_050.0, "desk"), ("2026-10-04", 8_000.0, "desk"))) == []  # a level of its own
    small = (("2026-10-01", 75_000.0, "desk"), ("2026-10-02", 8_100.0, "desk"), ("2026-10-03", 82_000.0, "desk"))
    assert told(printed(*small)) == [(8_100, 75_000)]  # nine times less is a leap all the same once it is taken back
    assert told(printed(*(small[2:]), ("2026-10-04", 900_000.0, "desk"))) == [(900_000, 82_000)]


def test_the_slip_of_one_source_is_told_once_where_another_comes_back() -> None:
    rows = (("2026-10-01", 82_000.0, "venue"), ("2026-10-02", 8_100.0, "desk"), ("2026-10-03", 81_900.0, "venue"))
    assert told(printed(*rows)) == [(8_100, 82_000)]
    assert told(printed(*rows, ("2026-10-04", 81_500.0, "desk"), ("2026-10-05", 81_600.0, "venue"))) == []

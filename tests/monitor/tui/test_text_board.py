"""The board without a screen: its order, its columns, its figures, its text at three widths, hostile names."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from facilities.problems import Place, Problem
from monitor.board import board_lines, board_rows, layout, text_board
from monitor.board.figures import age, countdown, day, figure, left, level, money, percent, stamp
from monitor.board.header import counts_line, marks_line
from monitor.board.rows import bound_text, breaks_at
from monitor.board.spans import line_width, plain
from monitor.board.states import SEVERITIES, bare_state, rank, state_of
from monitor.board.text import summary_lines
from monitor.cells import cut, name, pad, width, wrap
from tests.monitor.tui.sample_reports import AS_OF, BTC, HOSTILE, covenant, driver, facility, hostile_report, mark, reading, report

GOLDEN = Path(__file__).parent / "golden"
WORDS = {"CALL 41h", "FAIL cure", "OVER", "UNKNOWN", "FAIL", "FAILS 28", "WATCH", "PASS"}


@pytest.mark.parametrize("cells", [40, 80, 160])
def test_the_text_board_is_the_golden_file(cells: int) -> None:
    assert text_board(report(), cells, ascii=False, color=False) == (GOLDEN / f"board-{cells}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("cells", [40, 80, 160])
def test_the_ascii_board_is_ascii_and_says_the_same_words(cells: int) -> None:
    text = text_board(report(), cells, ascii=True, color=False)
    assert text == (GOLDEN / f"board-{cells}-ascii.txt").read_text(encoding="ascii")
    assert all(word in text for word in WORDS)


def test_rows_come_worst_first_and_one_pass_row_stands_for_a_facility_with_nothing_worse() -> None:
    rows = board_rows(report())
    assert [row.key for row in rows] == [
        ("rowan-alder", "ltv-ladder"),
        ("rowan-compute", "dscr"),
        ("kestrel-abl", "availability"),
        ("linden-b200", "ltv"),
        ("linden-b200", "dscr-fwd"),
        ("tamar-h100", "dscr"),
        ("tamar-h100", "dsra"),
        ("kestrel-abl", "fccr"),
        ("birch", "ltv-ladder"),
    ]
    assert len(board_rows(report(), every=True)) == sum(len(one.covenants) for one in report().facilities)


def test_every_severity_has_its_place_its_word_and_its_sign() -> None:
    parts = [covenant(severity, severity, severity, [reading("tested", "fail", 1.0, ">=", 1.2)]) for severity in reversed(SEVERITIES)]
    rows = board_rows(report([facility("f", "F", 1e6, parts)]), every=True)
    assert [row.severity for row in rows] == list(SEVERITIES)
    states = [row.state() for row in rows]
    assert all(state.word.strip() and state.sign.strip() for state in states)
    assert len({(state.word, state.sign) for state in states}) == len(states)
    assert all(bare_state(severity, ascii=True).sign.isascii() for severity in SEVERITIES)
    assert rank("something new") < rank("accelerated")


def test_a_facility_without_covenants_is_a_row_that_says_so() -> None:
    (row,) = board_rows(report([facility("f", "Bare", 1e6, [])]))
    assert (row.key, row.state().word, breaks_at(row)) == (("f", None), "UNTESTED", "-")
    assert "no covenant" in text_board(report([facility("f", "Bare", 1e6, [])]), 80, False, False)


def test_the_limit_goes_before_the_exposure_and_the_breach_price_never() -> None:
    names = {cells: [column.name for column in layout(cells)] for cells in (40, 60, 80, 100, 130, 160)}
    assert names[40] == ["state", "facility", "breaks"]
    assert "drawn" in names[80] and "limit" not in names[80]
    assert {"limit", "move"} <= set(names[100])
    assert {"legal", "since", "owner", "next", "limit"} <= set(names[160])
    assert all("breaks" in layout_names for layout_names in names.values())


def test_names_have_room_before_the_last_columns() -> None:
    cells = {width: {column.name: column.cells for column in layout(width)} for width in (80, 96, 100)}
    assert (cells[80]["facility"], cells[80]["title"]) == (18, 12)
    assert cells[96]["facility"] >= 18 and cells[100]["facility"] >= 20 and {"limit", "move"} <= set(cells[96])
    assert "since" not in cells[100] and "since" in {column.name for column in layout(120)}


def test_a_row_without_a_covenant_says_why_over_the_columns_it_has_no_figures_for() -> None:
    doubtful = msgspec.structs.replace(facility("f", "Late", 1e6, []), faults=["maturity 2025-12-31 passed"])
    for cells in (60, 80, 100, 160):
        (line,) = (line for line in text_board(report([doubtful]), cells, False, False).splitlines() if "Late" in line)
        assert "maturity 2025-12-31 passed" in line, cells


def test_the_facility_with_the_next_deadline_is_named_as_far_as_there_is_room() -> None:
    for cells in range(80, 160):
        line = plain(counts_line(report(), cells))
        name = line.partition("next ")[2].rpartition(" call")[0]
        assert "Rowan Alder".startswith(name.rstrip("…")) and (name == "Rowan Alder" or len(line) >= cells - 1), line


@given(st.integers(40, 400))
def test_columns_never_exceed_the_width(cells: int) -> None:
    assert sum(column.cells + 1 for column in layout(cells)) - 1 <= cells
    assert all(line_width(line) <= cells for line in board_lines(report(), cells))


def test_every_row_carries_its_breach_price() -> None:
    prices = [breaks_at(row) for row in board_rows(report())]
    assert prices == [
        *("BTC 83,699", "rent 2.746", "H100 14,878", "val>=51,765", "rent 4.187"),
        *("2028-12-31", "term", "term", "BTC 49,689"),
    ]
    rows = board_rows(report())
    assert [breaks_at(row, long=True) for row in rows if breaks_at(row) == "term"] == ["no price driver"] * 2
    quiet = covenant("q", "Q", "not_tested", [reading("tested", "not_tested", None, ">=", None)], next_test=None)
    assert plain(summary_lines(board_rows(report([facility("f", "F", 1.0, [quiet])]))[0])[0]) == " F: Q -"
    assert breaks_at(board_rows(report([facility("f", "F", 1.0, [quiet])]))[0]) == "-"
    never = covenant("c", "C", "pass", [reading("tested", "pass", 1.5, ">=", 1.2, drivers=[driver(BTC, 1.0, None)])])
    assert breaks_at(board_rows(report([facility("f", "F", 1.0, [never])]))[0]) == "BTC never"


@pytest.mark.parametrize(
    ("bound", "short"),
    [
        ("passes only if H100-SXM.rent.committed12m >= 1.93", "rent>=1.93"),
        ("passes only if the in-place B200 value >= 51765", "val>=51,765"),
        ("nothing to say", "nothing to say"),
        ("x >= 1.2.3.", "x>=1.2.3"),
    ],
)
def test_a_bound_is_shortened_to_its_figure(bound: str, short: str) -> None:
    assert bound_text(bound) == short


def test_actual_and_limit_that_look_alike_get_more_decimals() -> None:
    near = covenant("c", "C", "tested_fail", [reading("tested", "fail", 1.2496, ">=", 1.25)])
    assert "1.250x" not in (text := plain(summary_lines(board_rows(report([facility("f", "F", 1.0, [near])]))[0])[0]))
    assert "1.2496x, needs ≥1.2500x" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (1.24e9, "1.24bn"),
        (135.17e6, "135.2m"),
        (52.5e6, "52.5m"),
        (-1.39e6, "-1.39m"),
        (750e3, "750k"),
        (12.0, "12"),
        (0.0, "0"),
    ],
)
def test_money(value: float | None, text: str) -> None:
    assert money(value) == text


def test_figures() -> None:
    assert (figure(1.1425, "x"), figure(0.6533, "%"), figure(4.283e6, "USD", 3), figure(None, "x")) == ("1.14x", "65.3%", "4.283m", "-")
    assert (figure(2.95, "year"), figure(100.0, "day"), figure(2.746, "USD/GPU-hour", 3)) == ("2.95y", "100d", "2.746")
    assert (level("SOFR.rate", 0.039), level(BTC, 83_275.93), percent(-0.0267)) == ("3.90%", "83,276", "-2.7%")
    assert (age(0.375), age(1.4), age(0.01), age(None)) == ("9h", "1d", "14m", "")


def test_clocks_are_counted_from_the_as_of_in_utc() -> None:
    assert left("2026-10-10T02:10:00Z", AS_OF) == "41h10m"
    assert left("2026-10-10T04:10:00+02:00", AS_OF, short=True) == "41h"
    assert left("2026-10-15T23:59:59Z", AS_OF) == "7d14h"
    assert (left("2026-10-08T09:42:00Z", AS_OF), left("2026-10-08T06:00:00Z", AS_OF), left(None, AS_OF)) == ("42m00s", None, None)


def test_a_deadline_that_has_passed_is_overdue() -> None:
    assert countdown("2026-10-08T00:00:00Z", AS_OF) == "overdue 9h00m"
    assert countdown("2026-10-10T02:10:00Z", AS_OF) == "41h10m left"
    assert countdown(AS_OF, AS_OF) == "0m00s left"
    assert countdown(None, AS_OF) is None and countdown("soon", AS_OF) is None
    assert (stamp("2026-10-08T11:00:00+02:00"), stamp("2026-10-08"), stamp(None)) == ("2026-10-08 09:00Z", "2026-10-08", "-")
    assert (day("2026-10-15", AS_OF), day("2028-12-31", AS_OF), day("\x1b[2J", AS_OF)) == ("10-15", "2028-12", "<U+001B>[2J")


def test_the_header_shows_where_when_marks_counts_money_and_the_next_deadline() -> None:
    text = "\n".join(plain(line) for line in board_lines(report(), 120)[:3])
    for part in ("covenant  illustrative › Board", "2026-10-08 09:00Z", "BTC 83,276 -2.7% 9h", "SOFR 3.90% -2bp", "B200 54,000 100d STALE"):
        assert part in text
    assert "FAIL 3 USD 239.1m" in text and "next Rowan Alder call 41h10m" in text


def test_money_comes_from_the_report_where_it_has_it_and_unknown_is_not_nothing() -> None:
    assert "FAIL 3 USD 149.4m" in plain(counts_line(report(exposure={"fail": 149.4e6}), 120))
    assert "FAIL 3 USD ?" in plain(counts_line(report(exposure={"fail": None}), 120))
    failing = covenant("c", "C", "tested_fail", [reading("tested", "fail", 1.0, ">=", 1.2)])
    two = [facility("f", "F", 2e6, [failing]), facility("g", "G", None, [failing])]
    assert "FAIL 2 USD 2.00m+" in plain(counts_line(report(two), 120))


def test_bad_files_and_lapsed_deadlines_are_not_hidden() -> None:
    problem = Problem(code="F014", name="unknown-key", place=Place("facilities/x.toml"), message="m")
    assert "1 BAD FILE" in plain(counts_line(report(problems=[problem]), 80))
    lapsed = covenant("c", "C", "call_expired", [reading("tested", "fail", 1.0, ">=", 1.2)], deadline="2026-10-07T00:00:00Z")
    text = plain(counts_line(report([facility("f", "F", 1e6, [lapsed])]), 80))
    assert "next" not in text and "CALL 1" in text


def test_marks_that_do_not_fit_are_left_out_whole() -> None:
    assert plain(marks_line(report(), 45)) == " BTC 83,276 -2.7% 9h  H100 rent 2.45 1d"
    assert plain(marks_line(report(marks=[mark(BTC, None, None, 0.0, "missing")]), 80)) == " BTC - 0m MISSING"


def test_colour_is_only_added_never_the_message() -> None:
    colored = text_board(report(), 80, ascii=False, color=True)
    assert "\x1b[1;37;41m" in colored
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in stripped.splitlines()] == text_board(report(), 80, False, False).splitlines()


@pytest.mark.parametrize("cells", [40, 80, 160])
@pytest.mark.parametrize("color", [False, True])
def test_hostile_names_are_inert_and_within_the_width(cells: int, color: bool) -> None:
    text = text_board(hostile_report(), cells, ascii=False, color=color)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text) if color else text
    assert all(char.isprintable() or char == "\n" for char in text)
    assert all(cell_len(line) <= cells for line in text.splitlines())
    assert len(text.splitlines()) == 5 + len(HOSTILE)


@given(st.text(max_size=30))
@example("👩🏽‍💻❤️宽\u0301\u0302\u0303한글\u1100\u1161")
@example("\U0001f1fa\U0001f1f8\u2640\ufe0f")
def test_widths_agree_with_the_library_that_draws(text: str) -> None:
    safe = name(text)
    assert width(safe) == cell_len(safe)
    assert all(char.isprintable() for char in safe)
    assert width(pad(safe, 12)) == 12
    assert width(cut(safe, 5)) <= 5


@given(st.text(alphabet="ab 宽é", max_size=60), st.integers(2, 20))
def test_wrapping_loses_nothing_and_never_exceeds(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_state_words_follow_law_class_and_clock() -> None:
    readings = [reading("tested", "fail", 1.0, ">=", 1.2)]

    def word(severity: str, **more: str) -> str:
        return state_of(covenant("c", "C", severity, readings, **more), AS_OF).word

    assert word("tested_fail", legal="cure_pending") == "FAIL cure"
    assert word("tested_fail", legal="default") == "DEFAULT"
    assert word("tested_fail", class_="borrowing_base") == "OVER"
    assert word("accelerated", legal="insolvency") == "INSOLVENT"
    assert (word("call"), word("call", deadline="2026-10-10T02:10:00Z")) == ("CALL", "CALL 41h")

"""The key registry: nothing bound twice, nothing that terminals keep for themselves, a footer that fits."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.board.spans import line_width, plain
from monitor.tui.commands import Commands
from monitor.tui.keys import FORBIDDEN, KEYS, LEVELS, Keymap
from monitor.tui.trail import Place
from monitor.tui.twin import command


def test_no_key_is_bound_twice_or_belongs_to_the_terminal() -> None:
    bound = Counter(key for entry in KEYS for key in entry.keys)
    assert set(bound.values()) == {1}
    assert not set(bound) & (FORBIDDEN - {"ctrl+c"})
    assert not any(key.startswith(("alt+", "f1")) for key in bound)


def test_every_action_is_there_and_every_special_key_has_a_plain_twin() -> None:
    assert {entry.action for entry in KEYS} == {name[3:] for name in dir(Commands) if name.startswith("do_")}
    typed = {"slash", "question_mark", "space", "ctrl+u", "left_square_bracket", "right_square_bracket", "colon", "semicolon", "minus"}
    for entry in KEYS:
        assert any(len(key) == 1 or key in typed for key in entry.keys)


def test_an_action_belongs_to_its_screens() -> None:
    assert Keymap().action_of("slash", "board") == "filter"
    assert Keymap().action_of("slash", "facility") is None
    assert Keymap().action_of("z", "board") is None


@given(st.sampled_from(LEVELS), st.integers(20, 200))
def test_the_footer_fits_and_comes_from_the_registry(level: str, width: int) -> None:
    line = Keymap().footer_line(level, width)
    assert line_width(line) <= width
    shown = {entry.shown for entry in KEYS} | {"[", "]"}
    assert all(span.text.strip() in shown or span.text.strip() == "[ ]" for span in line if span.role == "key")


def test_at_80_columns_the_footer_names_the_day_keys_to_the_last_cell() -> None:
    line = Keymap().footer_line("board", 80)
    assert plain(line).endswith("[ ] day  ? help  q quit") and line_width(line) == len(plain(line)) == 80


@pytest.mark.parametrize("width", [40, 80, 160])
def test_help_says_all_of_it_in_the_width(width: int) -> None:
    lines = Keymap().help_lines(width)
    assert all(line_width(line) <= width for line in lines)
    words = " ".join(plain(line) for line in lines).split()
    assert all(word in words for entry in KEYS for word in entry.says.split())


def test_a_twin_is_safe_to_paste() -> None:
    place = Place("explain", "x; rm -rf /", "$(id)\x1b")
    assert command(place, "2026-10-08") == "covenant explain 'x; rm -rf /' '$(id)<U+001B>' --as-of 2026-10-08"

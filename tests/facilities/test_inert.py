"""Text that a terminal or the eye would obey is shown, never obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.inert import inert


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J\x1b]0;owned\x07", "<U+001B>[2J<U+001B>]0;owned<U+0007>"),
        ("a\nb\r\tc", "a<U+000A>b<U+000D><U+0009>c"),
        ("loan\u202egpj.exe", "loan<U+202E>gpj.exe"),
        ("\u2066hidden\u2069\u200b\ufeff", "<U+2066>hidden<U+2069><U+200B><U+FEFF>"),
        ("line\u2028separator\x85", "line<U+2028>separator<U+0085>"),
        ("\udcff", "<U+DCFF>"),
        ("\x9b31m", "<U+009B>31m"),
        ("", ""),
    ],
)
def test_what_would_be_obeyed_is_written_out(hostile: str, shown: str) -> None:
    assert inert(hostile) == shown


@pytest.mark.parametrize("plain", ["Oak Compute", "[bold red]not markup to us[/]", "Zürich 東京 שלום", "=1+1", "<b>"])
def test_plain_text_is_left_alone(plain: str) -> None:
    assert inert(plain) == plain


@given(st.text())
def test_nothing_shown_can_be_obeyed(text: str) -> None:
    shown = inert(text)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in shown)
    assert inert(shown) == shown

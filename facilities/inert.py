"""Hostile text made harmless: what a terminal, or the eye, would obey is shown as its code point instead."""

from __future__ import annotations

import unicodedata

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def inert(text: str) -> str:
    """`text` on one line with control, format, surrogate and unassigned characters written as `<U+XXXX>`.

    Plain printable text comes back unchanged (and at no cost).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    return f"<U+{ord(char):04X}>" if unicodedata.category(char) in _OBEYED else char

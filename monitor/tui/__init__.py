"""The terminal screens: one more reporter over the same report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.tui.source import Source

_CALM = {"TEXTUAL_FPS": "15", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}
"""What a slow line wants of the terminal library, which reads it once, when it is imported."""


def run(source: Source, *, ascii: bool = False, mouse: bool = False, read_only: bool = True) -> None:
    """Show the screens until the reader quits; the first report is read before the screen opens, and may raise.

    Colours follow `NO_COLOR`. The caller has decided that there is a terminal; nothing of the terminal library is
    loaded before this call.
    """
    for key, value in _CALM.items():
        os.environ.setdefault(key, value)
    from monitor.tui.app import CovenantApp

    CovenantApp(source, source.report(), ascii=ascii, read_only=read_only).run(mouse=mouse)

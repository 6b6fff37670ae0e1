"""The terminal screens: one more reporter over the same report."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.tui.source import Source

_CALM = {"TEXTUAL_FPS": "15", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}
"""What a slow line wants of the terminal library, which reads it once, when it is imported."""


def run(source: Source, *, ascii: bool = False, mouse: bool = False, read_only: bool = False, desk: str = "") -> None:
    """Show the screens until the reader quits, or the terminal goes.

    The screen opens at once and the desk is read behind it. A desk that cannot be judged is told on the screen; a time that is
    none raises UsageError. `desk` is what the command line calls it. The caller has decided that there is a terminal; nothing of
    the terminal library is loaded before this call. Settings and colours are the reader's; read-only, nothing is remembered.
    """
    from monitor.tui.colours import SYSTEMS, colours_of
    from monitor.tui.memory import keep, remembered
    from monitor.tui.settings import read_settings

    settings = read_settings()
    colours = colours_of(os.environ, settings.colors)
    calm = _CALM | ({"TEXTUAL_COLOR_SYSTEM": SYSTEMS[colours]} if colours in SYSTEMS else {"NO_COLOR": "1"})
    for key, value in calm.items():
        os.environ.setdefault(key, value)
    if _terminal_has_a_size():  # the library would believe COLUMNS and LINES before it
        for key in ("COLUMNS", "LINES"):
            os.environ.pop(key, None)
    state, complaint = remembered(desk)
    if complaint:
        import msgspec

        settings = msgspec.structs.replace(settings, complaints=(*settings.complaints, complaint))
    from monitor.tui.app import CovenantApp
    from monitor.tui.leaving import clean

    app = CovenantApp(
        source, ascii=ascii or settings.ascii, read_only=read_only, colours=colours, settings=settings, state=state, desk=desk
    )
    with clean(app):
        app.run(mouse=mouse or settings.mouse)
    if app.misused is not None:
        raise app.misused
    if not read_only:
        try:
            keep(app.commands.memory())
        except OSError as error:
            sys.stderr.write(f"covenant: the view is not remembered: {error.filename}: {error.strerror}\n")


def _terminal_has_a_size() -> bool:
    try:
        return min(os.get_terminal_size(sys.stdout.fileno())) > 0
    except (OSError, ValueError):  # no terminal (a browser's pipes), or a stream without a descriptor
        return False

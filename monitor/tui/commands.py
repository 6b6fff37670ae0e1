"""From an action of the key registry to what does it, where this session may and there is a desk to do it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from monitor.tui.actions.asking import Asking
from monitor.tui.actions.dating import Dating
from monitor.tui.actions.going import Going
from monitor.tui.actions.looking import Looking
from monitor.tui.actions.moving import Moving
from monitor.tui.actions.recording import Recording
from monitor.tui.actions.taking import Taking
from monitor.tui.keys import ACTIONS, ROOTS
from monitor.tui.memory import ViewState

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp

_WITHOUT_A_DESK = frozenset({"quit", "reload", "down", "up", "top", "bottom", "page_down", "page_up", "theme", "pause", "redraw"})
"""What can be done before a desk has been loaded."""


class Commands(Going, Moving, Asking, Looking, Dating, Taking, Recording):
    """`act` finds the method `do_ACTION` of an action of the registry."""

    def __init__(self, app: CovenantApp) -> None:
        self.app = app

    def act(self, action: str) -> None:
        """Do one action of the registry, if this session may and there is a desk to do it with."""
        if self.app.read_only and ACTIONS[action].writes:
            self.app.say("read-only: nothing can be written or recorded")
        elif not self.app.loaded and action not in _WITHOUT_A_DESK:
            self.app.say("no desk is loaded yet")
        else:
            getattr(self, f"do_{action}")()

    def do_quit(self) -> None:
        """Leave."""
        self.app.exit()

    def memory(self) -> ViewState:
        """The state to remember: how the reader leaves the screens."""
        root = self.app.trail.places[0].level
        return msgspec.structs.replace(self.app.state, view=root if root in ROOTS else "board")

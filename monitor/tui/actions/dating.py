"""Which day the screens are of: one earlier or later, now, and whether they follow the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.board.figures import instant

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Dating:
    """Which day is shown, and whether it goes on."""

    app: CovenantApp

    def do_reload(self) -> None:
        """Read the desk and the marks again."""
        self.app.follower.ask()

    def do_pause(self) -> None:
        """Follow nothing, or go on."""
        self.app.follower.paused = not self.app.follower.paused
        self.app.draw_bars()

    def do_earlier(self) -> None:
        """One day back."""
        self.step(-1)

    def do_later(self) -> None:
        """One day on."""
        self.step(1)

    def step(self, days: int) -> None:
        """The report of another day, at the same time of day."""
        now = instant(self.app.report.as_of)
        if now is None:
            self.app.say(f"not an instant: {self.app.report.as_of}", "legal")
            return
        self.app.follower.ask((now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"))

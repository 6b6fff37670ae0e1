"""The cursor in a page: by rows, by pages, from fault to fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Moving:
    """The cursor in a page."""

    app: CovenantApp

    def do_down(self) -> None:
        """One row down."""
        self.go(1)

    def do_up(self) -> None:
        """One row up."""
        self.go(-1)

    def do_top(self) -> None:
        """The first row."""
        self.go(-len(self.app.pane.page))

    def do_bottom(self) -> None:
        """The last row."""
        self.go(len(self.app.pane.page))

    def do_page_down(self) -> None:
        """One page down."""
        self.go(max(1, self.app.pane.visible_lines - 1))

    def do_page_up(self) -> None:
        """One page up."""
        self.go(-max(1, self.app.pane.visible_lines - 1))

    def go(self, by: int) -> None:
        """Move the cursor, and what follows it."""
        self.app.pane.move(by)
        if self.app.loaded:
            self.app.drawing.moved()

    def do_next_fault(self) -> None:
        """The next fault."""
        self.fault(1)

    def do_previous_fault(self) -> None:
        """The previous fault."""
        self.fault(-1)

    def fault(self, step: int) -> None:
        """The next fault of the list; on a covenant or its explanation, the next covenant of the board that is one."""
        if self.app.trail.here.level in ("covenant", "explain"):
            self._turn(step)
        elif self.app.pane.next_fault(step):
            self.app.drawing.moved()
        else:
            self.app.say("no other fault here")

    def _turn(self, step: int) -> None:
        faults = [row for row in self.app.views.rows if row.fault and row.covenant is not None]
        here = (self.app.trail.here.facility, self.app.trail.here.covenant)
        keys = [row.key for row in faults]
        if not keys:
            self.app.say("no fault on the board")
            return
        at = keys.index(here) + step if here in keys else (0 if step > 0 else -1)
        facility, covenant = keys[at % len(keys)]
        self.app.trail.turn_to(facility, covenant or "")
        self.app.draw()

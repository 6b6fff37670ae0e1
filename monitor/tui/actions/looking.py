"""How the screens look: which rows, in which order, in how many panes, in which colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.tui.sorting import following

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Looking:
    """What changes how the screens look."""

    app: CovenantApp

    def do_faults(self) -> None:
        """Faults only, and back."""
        self.app.state.faults_only = not self.app.state.faults_only
        self.app.views.refilter()
        self.app.draw()

    def do_every(self) -> None:
        """Every covenant, and back."""
        self.app.state.every = not self.app.state.every
        self.app.views.refilter()
        self.app.draw()

    def do_sort(self) -> None:
        """The next order."""
        level = self.app.trail.here.level
        order, reverse = self.app.state.orders.get(level, ("", False))
        self._order(level, following(level, order or following(level, "")), reverse)

    def do_reverse(self) -> None:
        """The same order the other way round."""
        level = self.app.trail.here.level
        order, reverse = self.app.state.orders.get(level, ("", False))
        self._order(level, order or following(level, ""), not reverse)

    def _order(self, level: str, order: str, reverse: bool) -> None:
        self.app.state.orders = {**self.app.state.orders, level: (order, reverse)}
        self.app.views.refilter()
        self.app.draw()
        self.app.say(f"sorted: {order}" + (", reversed" if reverse else ""))

    def do_redraw(self) -> None:
        """Everything once more, whatever stands on the terminal."""
        self.app.redraw()
        self.app.say("drawn anew")

    def do_wide(self) -> None:
        """One pane or two."""
        self.app.state.two_panes = not self.app.state.two_panes
        self.app.draw()
        self.app.say("two panes, from 120 columns" if self.app.state.two_panes else "one pane")

    def do_theme(self) -> None:
        """The next theme."""
        looks = self.app.looks
        if len(looks) == 1:
            self.app.say("no colours, no themes")
            return
        names = [look.name for look in looks]
        self.app.look = looks[(names.index(self.app.look.name) + 1) % len(looks)]
        self.app.state.theme = self.app.look.name
        self.app.dress()
        self.app.draw()
        self.app.say(f"theme: {self.app.look.name}")

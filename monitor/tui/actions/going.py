"""From screen to screen: into a row and out of it, straight to a numbered screen, and to what stands aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.tui.trail import Place

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Going:
    """From screen to screen."""

    app: CovenantApp

    def do_open(self) -> None:
        """One screen deeper, at the row under the cursor."""
        app, key = self.app, self.app.cursor_key()
        if app.trail.here.level == "columns":
            self._toggle(str(key))
            return
        if app.trail.here.level == "form":
            app.commands.filled(str(key))
            return
        place = app.trail.into(key)
        if place is None:
            app.say("nothing lies deeper here")
            return
        if app.trail.here.level == "board" and isinstance(key, tuple) and key[1] is not None:
            app.trail.cursors[place] = key[1]
        app.trail.open(place)
        app.draw()

    def _toggle(self, column: str) -> None:
        self.app.state.hidden = self.app.state.hidden ^ {column}
        self.app.draw()

    def clicked(self, index: int) -> None:
        """A click on body line `index`: there goes the cursor; where it already stands, it opens."""
        pane = self.app.pane
        if pane.page.key(index) is None:
            return
        if pane.stands and pane.cursor == index:
            self.do_open()
        else:
            pane.put(index)
            self.app.drawing.moved()

    def do_back(self) -> None:
        """One screen out; on the first, the filter and what narrows the rows are dropped."""
        app, level = self.app, self.app.trail.here.level
        if not app.trail.back():
            if not (app.state.filters.get(level) or app.state.faults_only or app.state.every):
                app.say("this is the first screen; q leaves")
                return
            app.state.filters = {at: text for at, text in app.state.filters.items() if at != level}
            app.state.faults_only = app.state.every = False
            app.views.refilter()
        app.draw()

    def _root(self, level: str) -> None:
        here = self.app.trail.here
        about = [Place(level, here.facility, here.covenant)] if level == "stress" and here.covenant else []
        self.app.trail.go(Place(level), *about)
        self.app.draw()

    def do_board(self) -> None:
        """The board."""
        self._root("board")

    def do_breaches(self) -> None:
        """Breaches and clocks."""
        self._root("breaches")

    def do_calendar(self) -> None:
        """The calendar."""
        self._root("calendar")

    def do_stress(self) -> None:
        """The breach map, of the covenant shown where one is."""
        self._root("stress")

    def do_liquidation(self) -> None:
        """Liquidation and chain."""
        self._root("liquidation")

    def do_marks(self) -> None:
        """Marks and data."""
        self._root("marks")

    def do_journal(self) -> None:
        """The journal."""
        self._root("journal")

    def do_help(self) -> None:
        """The help, or out of it."""
        self._aside("help")

    def do_changes(self) -> None:
        """What changed, or out of it."""
        self._aside("changes")

    def do_spread(self) -> None:
        """The margins, or out of them."""
        self._aside("spread")

    def do_cure(self) -> None:
        """What restores the covenant or the facility under the cursor."""
        app, row = self.app, self.app.row_under_cursor()
        facility = row.facility.id if row else app.trail.here.facility
        if not facility:
            app.say("no facility is under the cursor")
            return
        covenant = row.covenant.id if row and row.covenant else app.trail.here.covenant
        app.trail.open(Place("cure", facility, covenant))
        app.draw()

    def do_columns(self) -> None:
        """The columns of the board, or out of them."""
        self._aside("columns")

    def _aside(self, level: str) -> None:
        if self.app.trail.here.level == level:
            self.app.trail.back()
        else:
            self.app.trail.open(Place(level))
        self.app.draw()

    def do_last(self) -> None:
        """The view before this one."""
        self.app.trail.last()
        self.app.draw()

"""Taking away what is shown: to the clipboard and to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.board.header import header_lines
from monitor.board.spans import plain
from monitor.tui.export import write_view

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Taking:
    """Taking away what is shown."""

    app: CovenantApp

    def do_copy_row(self) -> None:
        """Copy the row under the cursor, or the command-line twin where there is no row."""
        pane = self.app.pane
        text = plain(pane.page.line(pane.cursor)).strip() if pane.stands else pane.page.twin
        if not text:
            self.app.say("there is no row here; Y copies the view")
            return
        self.app.copy_to_clipboard(text)
        self.app.say("copied the row" if pane.stands else "copied the command")

    def do_copy_view(self) -> None:
        """Copy the whole view."""
        self.app.copy_to_clipboard(self.view_text())
        self.app.say("copied the view" + ("" if self.app.read_only else "; e writes it to a file"))

    def do_export(self) -> None:
        """Write the view to a file."""
        try:
            path = write_view(self.app.folder, self.app.trail.here.level, self.app.report.as_of, self.view_text())
        except OSError as error:
            self.app.say(f"not written: {error}", "legal")
            return
        self.app.say(f"wrote {path}")

    def view_text(self) -> str:
        """Header, page and command-line twin as plain text."""
        page = self.app.pane.page
        header = header_lines(self.app.report, max(60, self.app.size.width), self.app.ascii, self.app.trail.crumbs(self.app.report))
        top = "\n".join(plain(line) for line in header)
        old = f"recomputing: what follows is of {self.app.views.old}\n" if self.app.views.old else ""
        return f"{top}\n\n{old}{page.text()}" + (f"$ {page.twin}\n" if page.twin else "")

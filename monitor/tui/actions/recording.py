"""Recording in the journal, through a form about what is under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.tui.form import APPROVAL, OVERRIDE, Form
from monitor.tui.prompt import Prompt
from monitor.tui.trail import Place, covenant_of

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp


class Recording:
    """A form, and what it records."""

    app: CovenantApp

    def do_record(self) -> None:
        """A form about what is under the cursor: a call without a notice asks for one, everything else for a certificate first."""
        app, place, key = self.app, self.app.trail.here, self.app.cursor_key()
        row = app.row_under_cursor()
        if place.level in ("marks", "series"):
            app.views.form = Form(OVERRIDE, app.desk, series=place.item or str(key))
        elif place.level == "journal" and isinstance(key, tuple) and self._waits(str(key[2])):
            app.views.form = Form(APPROVAL, app.desk, refers=str(key[2]))
        else:
            facility = row.facility.id if row else place.facility
            covenant = row.covenant.id if row and row.covenant else place.covenant
            about = covenant_of(app.report, facility, covenant)
            kind = "notice" if about is not None and about.legal == "callable" else "certificate_delivered"
            app.views.form = Form(kind, app.desk, facility=facility, covenant=covenant)
        app.trail.cursors.pop(Place("form"), None)
        app.trail.open(Place("form"))
        app.draw()

    def _waits(self, entry: str) -> bool:
        """Whether an entry is an override that no second person has approved."""
        overrides = self.app.snapshot.journal().overrides()
        return any(one.event.id == entry and one.approval is None and one.withdrawn is None for one in overrides)

    def filled(self, field: str) -> None:
        """Fill in a field, or do what the form can do."""
        app, form = self.app, self.app.views.form
        if field in ("judge", "record"):
            self._call(form, field == "judge")
            return
        text = form.kind if field == "kind" else form.fields.get(field, "")
        app.prompt = Prompt(
            f"{field.replace('_', ' ')}:",
            text,
            lambda now: self._set(form, field, now),
            self._leave,
            hint=lambda _: "enter keep  esc leave",
        )
        app.draw_bars()

    def _set(self, form: Form, field: str, text: str) -> None:
        form.set(field, text)
        self._leave()

    def _leave(self) -> None:
        self.app.prompt = None
        self.app.draw()

    def _call(self, form: Form, dry_run: bool) -> None:
        if form.running or form.recorded:
            return
        form.running = True
        self.app.follower.work("record", lambda: form.call(dry_run), lambda said: self._said(form, dry_run, *said))
        self.app.draw()

    def _said(self, form: Form, dry_run: bool, good: bool, answer: str) -> None:
        form.running, form.answer = False, answer
        form.judged, form.recorded = good and dry_run, good and not dry_run
        if form.recorded:
            self.app.follower.again()
        self.app.draw()

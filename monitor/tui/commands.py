"""What each action of the key registry does: the half of the application that answers keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from monitor.board.figures import instant
from monitor.board.header import header_lines
from monitor.board.spans import plain
from monitor.tui.export import write_view
from monitor.tui.form import APPROVAL, OVERRIDE, Form
from monitor.tui.goto import target_of
from monitor.tui.keys import ACTIONS, ROOTS
from monitor.tui.memory import ViewState
from monitor.tui.prompt import Prompt
from monitor.tui.sorting import following
from monitor.tui.trail import Place

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp

_WITHOUT_A_DESK = frozenset({"quit", "reload", "down", "up", "top", "bottom", "page_down", "page_up", "theme", "pause", "redraw"})
"""What can be done before a desk has been loaded."""


class Moving:
    """Moving in a page and between pages."""

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
            self.app.moved()

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
            self.app.moved()

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
            self.app.moved()
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


class Typing:
    """What opens a line to type in."""

    app: CovenantApp

    def do_filter(self) -> None:
        """Type a filter in the last line."""
        level = self.app.trail.here.level
        text = self.app.state.filters.get(level, "")
        self._type(Prompt("/", text, lambda _: self._typed(), lambda: self._filter(level, "", True), lambda now: self._filter(level, now)))

    def _filter(self, level: str, text: str, done: bool = False) -> None:
        self.app.state.filters = {**self.app.state.filters, level: text}
        self.app.views.refilter()
        if done:
            self.app.prompt = None
        self.app.draw()

    def do_go(self) -> None:
        """Type where to go."""
        self._type(Prompt(":", "", self._gone, self._typed, lambda _: self.app.draw_bars(), self._completed, self._leads))

    def _completed(self, text: str) -> str:
        found = target_of(text, self.app.report)
        return found.word if found else text

    def _leads(self, text: str) -> str:
        found = target_of(text, self.app.report)
        if found is None:
            return "a facility, facility/covenant, series, screen or date" if not text.strip() else "near nothing"
        return f"{'as of' if found.as_of else 'to'} {found.word}  tab complete  enter go"

    def _gone(self, text: str) -> None:
        self.app.prompt = None
        found = target_of(text, self.app.report)
        if found is None:
            self.app.say(f"nothing is called {text!r}" if text.strip() else "")
        elif found.as_of is not None:
            self.app.follower.ask(None if found.as_of == "now" else found.as_of)
        else:
            self.app.trail.go(*found.places)
            self.app.draw()

    def do_palette(self) -> None:
        """Find an action by its words."""
        app, palette = self.app, Place("palette")
        app.views.find_level, app.views.find = app.trail.here.level, ""
        app.trail.cursors.pop(palette, None)
        app.trail.places.append(palette)
        self._type(Prompt(";", "", self._found, self._unfound, self._finding, hint=lambda _: "enter do  esc back"))
        app.draw()

    def _finding(self, text: str) -> None:
        self.app.views.find = text
        self.app.trail.cursors.pop(Place("palette"), None)
        self.app.draw()

    def _found(self, _text: str) -> None:
        action = self.app.cursor_key()
        self._unfound()
        if isinstance(action, str):
            self.app.commands.act(action)

    def _unfound(self) -> None:
        self.app.prompt = None
        self.app.trail.places.pop()
        self.app.draw()

    def _type(self, prompt: Prompt) -> None:
        self.app.prompt = prompt
        self.app.draw_bars()

    def _typed(self) -> None:
        self.app.prompt = None
        self.app.draw()


class Looking:
    """What changes how the screens look, and what they are asked."""

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

    def do_reload(self) -> None:
        """Read the desk and the marks again."""
        self.app.follower.ask()

    def do_redraw(self) -> None:
        """Everything once more, whatever stands on the terminal."""
        self.app.redraw()
        self.app.say("drawn anew")

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

    def do_quit(self) -> None:
        """Leave."""
        self.app.exit()


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


class Recording:
    """Recording in the journal, through a form."""

    app: CovenantApp

    def do_record(self) -> None:
        """A form about what is under the cursor."""
        app, place, key = self.app, self.app.trail.here, self.app.cursor_key()
        row = app.row_under_cursor()
        if place.level in ("marks", "series"):
            app.views.form = Form(OVERRIDE, app.desk, series=place.item or str(key))
        elif place.level == "journal" and isinstance(key, tuple) and self._waits(str(key[2])):
            app.views.form = Form(APPROVAL, app.desk, refers=str(key[2]))
        else:
            covenant = row.covenant.id if row and row.covenant else place.covenant
            app.views.form = Form("certificate_delivered", app.desk, facility=row.facility.id if row else place.facility, covenant=covenant)
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


class Commands(Moving, Typing, Looking, Taking, Recording):
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

    def memory(self) -> ViewState:
        """The state to remember: how the reader leaves the screens."""
        root = self.app.trail.places[0].level
        return msgspec.structs.replace(self.app.state, view=root if root in ROOTS else "board")

"""The two widgets, both of the Line API: a bar of fixed lines, and a pane that scrolls a page under a cursor."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from monitor.board.spans import Line, fit
from monitor.cells import width as cell_width
from monitor.tui.page import Page
from monitor.tui.theme import Look


def strip_of(line: Line, cells: int, look: Look, ground: Style, cursor: bool = False, ascii: bool = False) -> Strip:
    """A line as a strip of exactly `cells` cells; the cursor colours all of it but an alarm's own ground."""
    segments: list[Segment] = []
    for span in fit(line, cells, ascii):
        style = ground + look.roles[span.role]
        if cursor and span.role != "legal":
            style += look.cursor
        segments.append(Segment(span.text, style))
    rest = cells - sum(cell_width(segment.text) for segment in segments)
    segments.append(Segment(" " * rest, ground + look.cursor if cursor else ground))
    return Strip(segments, cells)


class Bar(Widget, can_focus=False):
    """Fixed lines; setting them repaints only those that changed."""

    def __init__(self, id: str, look: Look, raised: bool = False) -> None:
        super().__init__(id=id)
        self.look = look
        self.raised = raised
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line], look: Look) -> None:
        """Show `lines` in a theme."""
        before, self.lines = self.lines, tuple(lines)
        if look is not self.look or len(before) != len(self.lines):
            self.look = look
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self.lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Line `y` on its ground."""
        ground = self.look.bar if self.raised else self.look.ground
        return strip_of(self.lines[y] if y < len(self.lines) else (), self.size.width, self.look, ground)


class Pane(ScrollView, can_focus=False):
    """A page with its cursor; moving the cursor repaints two lines, a new page only the lines that differ."""

    def __init__(self, id: str, look: Look) -> None:
        super().__init__(id=id)
        self.look = look
        self.page = Page([], [], "")
        self.cursor = 0
        self.stands = False
        self.place: Hashable = None

    class Pressed(Message):
        """A click on body line `index` of a pane."""

        def __init__(self, pane: Pane, index: int) -> None:
            super().__init__()
            self.pane, self.index = pane, index

    def on_click(self, event: Click) -> None:
        """Tell the application which line was pressed."""
        index = event.y - len(self.page.head) + self.scroll_offset.y
        if 0 <= index < len(self.page) and event.y >= len(self.page.head):
            self.post_message(self.Pressed(self, index))

    @property
    def visible_lines(self) -> int:
        """Body lines that fit below the head."""
        return max(1, self.size.height - len(self.page.head))

    @property
    def key(self) -> Hashable | None:
        """The key under the cursor."""
        return self.page.key(self.cursor) if self.stands and self.cursor < len(self.page) else None

    def show(self, page: Page, key: Hashable | None, look: Look, place: Hashable = None, focus: bool = True) -> None:
        """Show a page with the cursor on `key`; when that is gone, on the nearest row that is left.

        A page of another place starts at its top; without `focus` the page has no cursor.
        """
        fresh = place != self.place
        begins = key is None and (fresh or not self.stands)
        beyond = self.stands and not 0 <= self.cursor - self.scroll_offset.y < self.visible_lines
        if fresh:
            self.place, self.cursor = place, 0
            self._scroll(0)
        before = self._shown() if look is self.look and len(page.head) == len(self.page.head) else None
        self.page, self.look = page, look
        stops = page.stops() if focus else []
        self.stands = bool(stops)
        found = page.find(key) if key is not None and stops else None
        self.cursor = found if found is not None else min(stops, key=lambda stop: abs(stop - self.cursor), default=0)
        # Width 1: nothing scrolls sideways, and a size that does not change with the pane repaints nothing.
        self.virtual_size = Size(1, len(page) + len(page.head))
        if beyond and not fresh:
            self._scroll(self.scroll_offset.y)  # lines without a row are being read
        else:
            self._into_view()
        if begins:
            self._scroll(0)  # a page seen for the first time begins at its top, wherever its first row is
        if fresh and page.start is not None:
            self._scroll((found or 0) - self.visible_lines // 3)
        self._repaint(before)

    def _shown(self) -> list[Line]:
        top = self.scroll_offset.y
        return [self._line(y, top) for y in range(self.size.height)]

    def _repaint(self, before: list[Line] | None) -> None:
        if before is None or len(before) != self.size.height:
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._shown(), strict=True)):
            if old != new:
                self.refresh_row(y)

    def refresh_row(self, y: int) -> None:
        """Repaint the one line `y` of the pane."""
        self.refresh(Region(0, y, self.size.width, 1))

    def _line(self, y: int, top: int) -> Line:
        head = len(self.page.head)
        if y < head:
            return self.page.head[y]
        index = y - head + top
        return self.page.line(index, self.stands and index == self.cursor) if index < len(self.page) else ()

    def render_line(self, y: int) -> Strip:
        """Line `y` of the pane: the head stays, the body scrolls."""
        top = self.scroll_offset.y
        cursor = self.stands and y >= len(self.page.head) and y - len(self.page.head) + top == self.cursor
        return strip_of(self._line(y, top), self.size.width, self.look, self.look.ground, cursor, self.page.ascii)

    def move(self, by: int) -> None:
        """Move the cursor by `by` stops; without stops, scroll by `by` lines."""
        if not self.stands:
            self._scroll(self.scroll_offset.y + by)
            return
        stops = self.page.stops()
        place = max(0, min(len(stops) - 1, self.page.stop_number(self.cursor) + by))
        if self._read_first(stops[place], by):
            return
        self.put(stops[place])
        if stops[place] == stops[0]:
            self._scroll(0)
        elif by >= len(self.page):
            self._scroll(self.cursor)

    def _read_first(self, target: int, by: int) -> bool:
        """Scroll in place of moving where lines without a row would be passed over unseen: far from the next row, and below the last."""
        top, lines = self.scroll_offset.y, self.visible_lines
        if by > 0 and target == self.cursor:
            self._scroll(top + by)
            return True
        far = target - top > lines + lines // 2 if by > 0 else top - target > lines - lines // 2
        if far and abs(by) < len(self.page):
            self._scroll(top + (lines - 1 if by > 0 else 1 - lines))
        return far and abs(by) < len(self.page)

    def put(self, index: int) -> None:
        """Put the cursor on body line `index`."""
        before, self.cursor = self.cursor, index
        top = self.scroll_offset.y
        self._into_view()
        if self.scroll_offset.y == top:
            for moved in {before, index}:
                self.refresh_row(moved - top + len(self.page.head))

    def next_fault(self, step: int) -> bool:
        """Put the cursor on the next fault in a direction, round the end; False when the page has no other."""
        faults = [index for index in self.page.stops() if self.page.fault(index)]
        if not faults or faults == [self.cursor]:
            return False
        ahead = [index for index in faults if (index > self.cursor if step > 0 else index < self.cursor)]
        self.put((ahead or faults)[0 if step > 0 else -1])
        return True

    def on_resize(self) -> None:
        """Keep the cursor in view in the new height."""
        self._into_view()

    def _into_view(self) -> None:
        """A cursor that leaves the view is put in the middle: one screen for every half page of rows, not one for every row."""
        top = self.scroll_offset.y
        if self.stands and not top <= self.cursor < top + self.visible_lines:
            self._scroll(self.cursor - self.visible_lines // 2)

    def _scroll(self, top: int) -> None:
        most = max(0, len(self.page) - self.visible_lines)
        self.set_reactive(ScrollView.scroll_target_y, float(max(0, min(top, most))))
        self.scroll_y = float(max(0, min(top, most)))

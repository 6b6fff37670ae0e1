"""Following the desk: asking for snapshots on worker threads, watching files and clock, keeping the last good answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from facilities.problems import Problem
from monitor.board.figures import instant
from monitor.places import DeskError, UsageError
from monitor.report.schema import Report
from monitor.tui.changes_page import Seen, changes_between
from monitor.tui.source import Snapshot, Source

if TYPE_CHECKING:
    from monitor.tui.app import CovenantApp

TICK = 1.0
LOOK = 2.0
"""Seconds between ticks, and at least between two looks at the files (20 times what a look costs, where that is more)."""
_ANSWER = Callable[[], Snapshot]


class Follower:
    """Asks the source; one question at a time is the current one, older answers are dropped."""

    def __init__(self, app: CovenantApp, source: Source) -> None:
        self.app, self.source = app, source
        self.as_of: str | None = None
        self.paused = False
        self.asked = self.answered = 0
        self.awaited, self.since = False, 0.0
        self.last_now: Report | None = None
        self.looking = False
        self.next_look = monotonic() + LOOK

    def ask(self, as_of: str | None = None, quiet: bool = False) -> None:
        """Ask for the desk of an instant (None: now); what is on the screen stays until the answer is there."""
        self.as_of = as_of
        self.asked += 1
        self.awaited, self.since = not quiet, monotonic()
        self.app.draw_bars()
        question: _ANSWER = self.source.now if as_of is None else partial(self.source.at, as_of)
        self._start("ask", partial(self._work, self.asked, question, as_of is None))

    @property
    def reading(self) -> str:
        """That the reader waits for an answer, and for how long; empty when nothing is awaited."""
        if not self.awaited or self.asked == self.answered:
            return ""
        seconds = int(monotonic() - self.since)
        return f"reading {seconds} s" if seconds > 1 else "reading"

    def _start(self, what: str, work: Callable[[], None]) -> None:
        # Described by us: the library would describe it by everything it holds, a whole desk. Handed over once: a worker that has
        # ended is part of a cycle, and would hold the desk until the collector comes.
        once = [work]
        self.app.run_worker(lambda: once.pop()(), name=what, description=what, thread=True, exit_on_error=False)

    def work(self, what: str, ask: Callable[[], Any], hear: Callable[[Any], None]) -> None:
        """Ask for anything on a worker; the answer is heard by the application's own thread."""
        self._start(what, lambda: self._tell(hear, ask()))

    def again(self, quiet: bool = True) -> None:
        """The same question once more."""
        self.ask(self.as_of, quiet)

    def _work(self, number: int, question: _ANSWER, now: bool) -> None:
        # The desk may be half-written while someone edits it: any failure keeps the last good report and is said.
        try:
            made = question()
        except DeskError as error:
            self._tell(self.app.broken, number, list(error.problems), str(error))
        except UsageError as error:
            self._tell(self.app.misuse, error)
        except Exception as error:
            self._tell(self.app.refused, number, f"{type(error).__name__}: {error}")
        else:
            seen = self._changed(made.report) if now else []
            self._tell(self.app.take, number, made, seen)

    def _changed(self, report: Report) -> list[Seen]:
        """What is not as it was at the last answer about now."""
        before, self.last_now = self.last_now, report
        return changes_between(before, report) if before is not None else []

    def _tell(self, hear: Callable[..., None], *words: Any) -> None:
        if self.app.is_running:
            self.app.call_from_thread(hear, *words)

    def want(self, snapshot: Snapshot, part: tuple[str, ...]) -> None:
        """Make a part of a snapshot on a worker; the application puts it into its views."""
        self._start(part[0], partial(self._make, snapshot, part))

    def _make(self, snapshot: Snapshot, part: tuple[str, ...]) -> None:
        try:
            answer = getattr(snapshot, part[0])(*part[1:])
        except Exception as error:  # said on the page in its place; the other screens stay usable
            answer = f"{type(error).__name__}: {error}"
        self._tell(self.app.part_came, snapshot, part, answer)

    def tick(self) -> None:
        """Once a second: look at the files, go on with the clock, count the last hour down."""
        if self.reading:
            self.app.draw_bars()
        if self.paused:
            return
        if monotonic() >= self.next_look and not self.looking:
            self.looking = True
            self._start("look", self._look)
        if self.follows_clock and self.asked == self.answered and self.minute_passed():
            self.again()
        self.app.count_down()

    def _look(self) -> None:
        started = monotonic()
        try:
            changed = self.source.changed()
        finally:
            self.looking = False
            self.next_look = monotonic() + max(LOOK, 20 * (monotonic() - started))
        if changed:
            self._tell(self.again)

    @property
    def follows_clock(self) -> bool:
        """Whether the as-of shown goes with the clock."""
        return self.as_of in (None, "now") and self.source.live

    def minute_passed(self) -> bool:
        """Whether the clock is in another minute than the as-of shown."""
        shown = instant(self.app.report.as_of) if self.app.loaded else None
        return shown is not None and self.clock() - shown >= dt.timedelta(seconds=60)

    def clock(self) -> dt.datetime:
        """The time of day."""
        return dt.datetime.now(dt.UTC)


def headline(problems: Sequence[Problem]) -> str:
    """The first of some problems in one line."""
    if not problems:
        return ""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{first.place}: {first.message}{more}"

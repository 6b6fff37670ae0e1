"""What people recorded about a facility or a covenant, as a section of its page."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.board.figures import stamp
from monitor.cells import name
from monitor.report.events import event_words
from monitor.report.schema import EventPart
from monitor.tui.page import Writer

_MOST = 12


def recorded(writer: Writer, events: Sequence[EventPart]) -> None:
    """The events, the latest first; nothing where there are none."""
    if not events:
        return
    writer.section("Recorded")
    for one in events[:_MOST]:
        covenant = f"{name(one.covenant)}: " if one.covenant else ""
        writer.fact(stamp(one.effective), f"{covenant}{event_words(one)}", "" if one.in_force else "dim", 19)
    if len(events) > _MOST:
        writer.says(f"and {len(events) - _MOST} before: screen 7, the journal", "dim")

"""What the screens need of the rest: reports, now and as of another instant, and explanations."""

from __future__ import annotations

from typing import Protocol

from monitor.report.schema import Report
from rules.explained import Explained


class Source(Protocol):
    """Gives immutable snapshots; may be called from a worker thread, never touches a widget."""

    def report(self) -> Report:
        """Read the desk and the marks again and judge them."""

    def at(self, as_of: str) -> Report:
        """The report of another instant (ISO, UTC)."""

    def explain(self, facility_id: str, covenant_id: str) -> Explained:
        """The tree of one covenant, as of the last report given."""

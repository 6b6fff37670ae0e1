"""A desk asked again and again: each question reads what changed and answers with an immutable report."""

from __future__ import annotations

from pathlib import Path

from monitor.assess import Picture, assess
from monitor.report.build import build_report
from monitor.report.explain import explain_covenant
from monitor.report.schema import Report
from monitor.session import moments, open_desk
from rules.explained import Explained


class LiveDesk:
    """The source of the screens. `as_of` pins the instant asked about; nothing means the desk's own pin, else the clock."""

    def __init__(self, root: Path, as_of: str | None, known_at: str | None, facilities: list[str] | None) -> None:
        self.root, self.as_of, self.known_at = root, as_of, known_at
        self.wanted = frozenset(facilities) if facilities else None
        self.picture: Picture | None = None

    def report(self) -> Report:
        """Read the desk and the marks again and judge them. Raises DeskError when they cannot be used."""
        return self._ask(self.as_of, self.known_at)

    def at(self, as_of: str) -> Report:
        """The report of another instant, with what was known then."""
        return self._ask(as_of, None)

    def explain(self, facility_id: str, covenant_id: str) -> Explained:
        """The tree of one covenant of the last report. KeyError where there is none to show."""
        if self.picture is None:
            self.report()
        assert self.picture is not None
        return explain_covenant(self.picture, facility_id, covenant_id)

    def _ask(self, as_of: str | None, known_at: str | None) -> Report:
        session = open_desk(self.root)
        self.picture = assess(session, *moments(session, as_of, known_at))
        return build_report(self.picture, self.wanted)

"""From a place and a report to its page; explanations are asked for once per report."""

from __future__ import annotations

from monitor.board.rows import BoardRow
from monitor.report.schema import Report
from monitor.tui.board_page import BoardPage
from monitor.tui.covenant_page import covenant_page
from monitor.tui.explain_page import explain_page, failed_page
from monitor.tui.facility_page import facility_page
from monitor.tui.help_page import help_page
from monitor.tui.page import Page
from monitor.tui.source import Source
from monitor.tui.trail import Place, covenant_of, facility_of
from monitor.tui.twin import command
from rules.explained import Explained


class Views:
    """Pages of one report at a time."""

    def __init__(self, source: Source, report: Report, ascii: bool) -> None:
        self.source = source
        self.report = report
        self.ascii = ascii
        self._trees: dict[tuple[str, str], Explained | str] = {}

    def take(self, report: Report) -> None:
        """Show another report; explanations of the old one are forgotten."""
        self.report = report
        self._trees.clear()

    def page(self, place: Place, rows: list[BoardRow], width: int) -> Page:
        """The page of a place in `width` cells; `rows` are those of the board, filtered."""
        twin = command(place, self.report.as_of)
        if place.level == "board":
            return BoardPage(rows, width, twin, self.ascii)
        if place.level == "help":
            return help_page(width, twin, self.ascii)
        facility = facility_of(self.report, place.facility)
        covenant = covenant_of(self.report, place.facility, place.covenant)
        if facility is not None and place.level == "facility":
            return facility_page(self.report, facility, width, twin, self.ascii)
        if facility is None or covenant is None:
            return failed_page("it is not in the report any more", width, twin, self.ascii)
        if place.level == "covenant":
            return covenant_page(self.report, facility, covenant, width, twin, self.ascii)
        tree = self._tree(place.facility, place.covenant)
        if isinstance(tree, str):
            return failed_page(tree, width, twin, self.ascii)
        return explain_page(covenant, tree, width, twin, self.ascii)

    def _tree(self, facility: str, covenant: str) -> Explained | str:
        key = (facility, covenant)
        if key not in self._trees:
            self._trees[key] = self._explained(facility, covenant)
        return self._trees[key]

    def _explained(self, facility: str, covenant: str) -> Explained | str:
        # Whatever the engine could not do is shown in the page's place: the other screens must stay usable.
        try:
            return self.source.explain(facility, covenant)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

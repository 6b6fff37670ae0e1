"""From a place and a snapshot to its page; what takes long is asked for on a worker, once per snapshot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from monitor.board.rows import BoardRow, board_rows
from monitor.board.spans import Line
from monitor.charts.breachmap import breach_map
from monitor.charts.canvas import Style
from monitor.charts.debt import debt_chart
from monitor.charts.inputs import Size
from monitor.charts.ratio import ratio_chart
from monitor.charts.series import series_chart
from monitor.excerpt import Excerpt
from monitor.marks.detail import SeriesDetail
from monitor.report.schema import Report
from monitor.tui.board_page import BoardPage
from monitor.tui.breaches_page import breaches_page
from monitor.tui.calendar_page import calendar_page
from monitor.tui.changes_page import Seen, changes_page
from monitor.tui.columns_page import columns_page
from monitor.tui.covenant_page import covenant_page
from monitor.tui.cure_page import cure_page
from monitor.tui.explain_page import explain_page, failed_page
from monitor.tui.facility_page import facility_page
from monitor.tui.fall_page import fall_page
from monitor.tui.filters import filtered, filtered_lines
from monitor.tui.form import Form, form_page
from monitor.tui.help_page import help_page
from monitor.tui.journal_page import journal_page
from monitor.tui.keys import ROOTS, Keymap
from monitor.tui.liquidation_page import liquidation_page, worst_first
from monitor.tui.marks_page import marks_page, series_page
from monitor.tui.memory import ViewState
from monitor.tui.odds import chance_section, dial_section
from monitor.tui.page import CHART_FITS, Page, PageLine
from monitor.tui.palette_page import palette_page
from monitor.tui.sale_page import sale_page
from monitor.tui.scenario_page import scenario_page, scenario_rows
from monitor.tui.sorting import ordered
from monitor.tui.source import Snapshot
from monitor.tui.source_page import SourcePage
from monitor.tui.spread_page import margin_page, spread_page
from monitor.tui.trail import Place, covenant_of, facility_of
from monitor.tui.twin import command
from rules.explained import Explained

if TYPE_CHECKING:
    from monitor.breachmap import StressMap

LINES = 15
"""Lines of a chart on a page."""
Wanted = Callable[[Snapshot, tuple[str, ...]], None]
"""Asks a snapshot for one of its parts (`agenda`, `stress`, `ratio` of a covenant...) on a worker; the answer comes to `Views.put`."""


class Views:
    """Pages of one snapshot at a time."""

    def __init__(self, snapshot: Snapshot, state: ViewState, keymap: Keymap, wanted: Wanted, style: Style, desk: str = "") -> None:
        self.snapshot, self.state, self.keymap, self.wanted, self.ascii, self.desk = snapshot, state, keymap, wanted, style.ascii, desk
        self.style = style
        self.settings: tuple[str, ...] = ()
        self.log: list[Seen] = []
        self.form = Form("certificate_delivered", desk)
        self.find, self.find_level = "", "board"
        self.old: str | None = None
        self._kept: dict[tuple[str, ...], Any] = {}
        self._before: dict[tuple[str, ...], tuple[str, Any]] = {}
        self._rows: list[BoardRow] | None = None

    @property
    def report(self) -> Report:
        """The report shown."""
        return self.snapshot.report

    def take(self, snapshot: Snapshot) -> None:
        """Show another snapshot; what was made of the old one stands until it is made anew."""
        made = {
            part: (self.report.as_of, answer) for part, answer in self._kept.items() if not isinstance(part, Place) and _is_made(answer)
        }
        self._before = {part: self._before[part] for part in self._kept if part in self._before} | made
        self.snapshot = snapshot
        self._kept.clear()
        self._rows = None

    def put(self, snapshot: Snapshot, part: tuple[str, ...], answer: Any) -> bool:
        """Take a part that was asked for; False when its snapshot is no longer shown."""
        if snapshot is self.snapshot:
            self._kept[part] = answer
            self._before.pop(part, None)
        return snapshot is self.snapshot

    def refilter(self) -> None:
        """Forget the rows of the board: filter, order or choice of covenants changed."""
        self._rows = None

    @property
    def rows(self) -> list[BoardRow]:
        """The rows of the board as filtered and ordered."""
        if self._rows is None:
            state = self.state
            rows = self._once(("rows", str(state.every)), lambda: board_rows(self.report, state.every))
            rows = [row for row in rows if row.fault] if state.faults_only else rows
            self._rows = ordered("board", filtered(rows, state.filters.get("board", "")), *state.orders.get("board", ("", False)))
        return self._rows

    def page(self, place: Place, width: int, beside: bool = False) -> Page:
        """The page of a place in `width` cells; `beside` a list it is kept short: it changes with every move of the cursor.

        `old` is then the as-of of what on it is of the snapshot before, while it is made anew.
        """
        old, self.old = self.old, None
        page = self._page(place, width, beside)
        self.old = old if beside else self.old
        return page

    def _page(self, place: Place, width: int, beside: bool) -> Page:
        twin = command(place, self.report.as_of, self.desk)
        if place.level == "board":
            return BoardPage(self.rows, width, twin, self.ascii, self.state.hidden)
        if place.level in ROOTS or place.level in ("changes", "spread"):
            return self._narrowed(place, self._listed(place, width, twin, beside))
        if place.level == "help":
            return help_page(self.keymap, self.settings, width, twin, self.ascii)
        if place.level == "palette":
            return palette_page(self.keymap, self.find_level, self.find, width, twin, self.ascii)
        if place.level == "form":
            return form_page(self.form, width, self.ascii)
        if place.level == "columns":
            return columns_page(self.state.hidden, twin, self.ascii)
        return self._inner(place, width, twin, beside)

    def _listed(self, place: Place, width: int, twin: str, beside: bool) -> Page:
        if place.level == "breaches":
            page: Page = self._once(("breaches", str(width)), lambda: breaches_page(self.report, width, twin, self.ascii))
            return page
        if place.level == "journal":
            return journal_page(self.snapshot.journal(), self.snapshot.verified(), width, twin, self.ascii)
        if place.level == "changes":
            return changes_page(self.report, self._part("changes"), self.log, width, twin, self.ascii)
        part = {"calendar": "agenda", "liquidation": "sales"}.get(place.level, place.level)
        answer = self._part(part)
        if answer is None or isinstance(answer, str):
            return waiting_page(answer, twin, self.ascii)
        if place.level == "spread":
            return spread_page(self.report, answer, width, twin, self.ascii)
        if place.level == "liquidation":
            alone, together = answer
            rows = ordered("liquidation", worst_first(alone.facilities), *self.state.orders.get("liquidation", ("", False)))
            chain_twin = command(Place("fall"), self.report.as_of, self.desk)
            return liquidation_page(self.report, rows, alone, together, self._part("chain"), width, twin, chain_twin, self.ascii)
        if place.level == "calendar":
            entries, walls = answer
            return calendar_page(self.report, entries, walls, width, twin, self.style)
        if place.level == "marks":
            past = {one.series: one for one in self._pictured("prints") or ()}
            return marks_page(ordered("marks", answer, *self.state.orders.get("marks", ("", False))), past, width, twin, self.style)
        return self._stress(place, answer, width, beside)

    def _stress(self, place: Place, made: StressMap, width: int, beside: bool) -> Page:
        from monitor.tui.stress_page import Below, covenant_map_page, stress_page  # the first board need not wait for it

        sides = " ".join(side.label for side in (made.down, made.across) if side.series)
        twin = command(place._replace(item=sides or "dial"), self.report.as_of, self.desk)
        dial_twin = command(Place("stress", item="dial"), self.report.as_of, self.desk)
        if not place.covenant:
            below = Below(
                lambda writer: scenario_rows(writer, self._part("scenarios"), self.report.currency),
                lambda _writer: None,
                lambda writer: dial_section(writer, self._part("odds"), self.report.currency, dial_twin),
            )
            return stress_page(self.report, made, width, twin, below, self.ascii)
        size, about = Size(width, LINES), f"{place.facility}/{place.covenant}"
        map_twin = command(Place("stress", place.facility, place.covenant, "map"), self.report.as_of, self.desk)
        below = Below(
            lambda _writer: None,
            lambda writer: writer.chart(f"Breach map, $ {map_twin}", self.chart(place, size) if width >= CHART_FITS and not beside else ()),
            lambda writer: chance_section(writer, self._part("odds"), about),
        )
        return covenant_map_page(self.report, made, place.facility, place.covenant, width, twin, below, self.ascii)

    def _scenario(self, place: Place, width: int, twin: str) -> Page:
        answer = self._part("scenarios")
        if answer is None or isinstance(answer, str):
            return waiting_page(answer, twin, self.ascii)
        found = next((one for one in answer if one.id == place.item), None)
        if found is None:
            return waiting_page(f"the desk has no scenario {place.item}", twin, self.ascii)
        return scenario_page(self.report, found, width, twin, self.ascii)

    def _narrowed(self, place: Place, page: Page) -> Page:
        """The page after its filter and `f`: lines that the cursor cannot stand on stay, with what they head."""
        text = self.state.filters.get(place.level, "")
        lines = page.lines
        if self.state.faults_only:
            lines = [line for line in lines if line.key is None or line.fault]
        lines = filtered_lines(lines, text, self._row_of) if text else lines
        if len(lines) == len(page.lines):
            return page
        shown = Page(page.head, without_followers(page.lines, lines), page.twin, page.ascii)
        shown.start = page.start
        return shown

    def _row_of(self, line: PageLine) -> BoardRow | None:
        key = line.key
        if not isinstance(key, tuple) or len(key) < 2:
            return None
        facility = facility_of(self.report, key[0])
        covenant = covenant_of(self.report, key[0], key[1]) if key[1] else None
        return BoardRow(facility, covenant, self.report.as_of) if facility else None

    def _inner(self, place: Place, width: int, twin: str, beside: bool) -> Page:
        if place.level == "series":
            return self._series(place.item, width, twin)
        if place.level == "margin":
            return self._margin(place, width, twin)
        if place.level == "cure":
            return self._cure(place, width, twin)
        if place.level == "scenario":
            return self._scenario(place, width, twin)
        if place.level in ("sale", "fall"):
            return self._sale(place, width, twin) if place.level == "sale" else self._fall(place, width, twin)
        if place.level == "source" and not place.covenant:
            return self._excerpt(place, width, twin)
        facility = facility_of(self.report, place.facility)
        covenant = covenant_of(self.report, place.facility, place.covenant)
        if facility is not None and place.level == "facility":
            chart = self.chart(place, Size(width, LINES)) if width >= CHART_FITS and not beside else []
            return facility_page(self.report, facility, width, twin, self.ascii, chart)
        if facility is None or covenant is None:
            return failed_page("it is not in the report any more", width, twin, self.ascii)
        if place.level == "covenant":
            chart = self.chart(place, Size(width, LINES)) if width >= CHART_FITS and not beside else []
            return covenant_page(self.report, facility, covenant, width, twin, self.ascii, chart)
        if place.level == "source":
            return self._excerpt(place, width, twin)
        found = self._tree(place)
        if isinstance(found, str):
            return failed_page(found, width, twin, self.ascii)
        return explain_page(covenant, found, width, twin, self.ascii)

    def _excerpt(self, place: Place, width: int, twin: str) -> Page:
        found = self._source(place)
        return failed_page(found, width, twin, self.ascii) if isinstance(found, str) else SourcePage(found, width, twin, self.ascii)

    def _sale(self, place: Place, width: int, twin: str) -> Page:
        answer = self._part("sales")
        if answer is None or isinstance(answer, str):
            return waiting_page(answer, twin, self.ascii)
        alone, together = ({one.id: one for one in made.facilities}.get(place.facility) for made in answer)
        if alone is None:
            return waiting_page(f"{place.facility} stands on no units that could be sold, or nothing is owed", twin, self.ascii)
        return sale_page(self.report, alone, together, width, twin, self.ascii)

    def _margin(self, place: Place, width: int, twin: str) -> Page:
        answer = self._part("spread")
        if answer is None or isinstance(answer, str):
            return waiting_page(answer, twin, self.ascii)
        found = next((one for one in answer.loans if one.id == place.facility), None)
        if found is None:
            return waiting_page(f"{place.facility} is no loan of ours", twin, self.ascii)
        return margin_page(self.report, found, width, twin, self.ascii)

    def _cure(self, place: Place, width: int, twin: str) -> Page:
        answer = self._part("cures", place.facility, place.covenant)
        if answer is None or isinstance(answer, str):
            return waiting_page(answer, twin, self.ascii)
        return cure_page(answer, width, twin, self.ascii)

    def _fall(self, place: Place, width: int, twin: str) -> Page:
        answer = self._part("chain")
        if answer is None or isinstance(answer, str):
            return waiting_page(answer, twin, self.ascii)
        return fall_page(self.report, answer, place.facility, width, twin, self.ascii)

    def _series(self, series: str, width: int, twin: str) -> Page:
        answer = self._part("marks")
        if answer is None or isinstance(answer, str):
            return waiting_page(answer, twin, self.ascii)
        found: SeriesDetail | None = next((one for one in answer if one.series == series), None)
        if found is None:
            return waiting_page(f"no print of {series} was known then", twin, self.ascii)
        chart = self.chart(Place("series", item=series), Size(width, LINES)) if width >= CHART_FITS else []
        return series_page(self.report, found, width, twin, self.ascii, chart)

    def chart_beside(self, place: Place, size: Size) -> list[Line]:
        """The chart below the second pane, whose age says nothing about the page."""
        old, lines = self.old, self.chart(place, size)
        self.old = old
        return lines

    def chart(self, place: Place, size: Size) -> list[Line]:
        """The chart that belongs to a place; empty where it has none, or none yet."""
        about = (place.facility, place.covenant)
        facility = facility_of(self.report, place.facility)
        owner = f"{facility.name}: " if facility else ""
        if place.level == "covenant" and (ratio := self._pictured("ratio", *about)) is not None:
            return ratio_chart(msgspec.structs.replace(ratio, title=f"{owner}{ratio.title}"), size, self.style)
        if place.level == "facility" and (debt := self._pictured("debt", place.facility)) is not None:
            return debt_chart(debt, size, self.style)
        if place.level == "stress" and place.covenant and (given := self._pictured("map", *about)) is not None:
            return breach_map(msgspec.structs.replace(given, title=f"{owner}{given.title}"), size, self.style)
        if place.level == "series":
            return next((series_chart(one, size, self.style) for one in self._pictured("prints") or () if one.series == place.item), [])
        return []

    def _pictured(self, *part: str) -> Any:
        """A part that a chart is drawn from; None until it is there, and where it cannot be made: the page says the rest."""
        answer = self._part(*part)
        return None if isinstance(answer, str) else answer

    def _part(self, *part: str) -> Any:
        """A part of the snapshot: while a worker makes it that of the one before (else None), text where it could not be made."""
        if part not in self._kept:
            self._kept[part] = None
            self.wanted(self.snapshot, part)
        if self._kept[part] is None and part in self._before:
            self.old, answer = self._before[part]
            return answer
        return self._kept[part]

    def _tree(self, place: Place) -> Explained | str:
        tree: Explained | str = self._once(place, lambda: self.snapshot.explain(place.facility, place.covenant))
        return tree

    def _source(self, place: Place) -> Excerpt | str:
        found: Excerpt | str = self._once(place, lambda: self.snapshot.excerpt(place.facility, place.covenant, place.item))
        return found

    def _once(self, place: tuple[str, ...], ask: Callable[[], Any]) -> Any:
        # Whatever the engine could not do is shown in the page's place: the other screens must stay usable.
        if place not in self._kept:
            try:
                self._kept[place] = ask()
            except Exception as error:
                self._kept[place] = f"{type(error).__name__}: {error}"
        return self._kept[place]


def _is_made(answer: Any) -> bool:
    """Whether a part is there; text says why it could not be made."""
    return answer is not None and not isinstance(answer, str)


def waiting_page(answer: str | None, twin: str, ascii: bool) -> Page:
    """In place of a page whose part is being made, or could not be made."""
    return failed_page(answer, 80, twin, ascii, "cannot show this") if answer else failed_page("", 80, twin, ascii, "computing")


def without_followers(every: list[PageLine], kept: list[PageLine]) -> list[PageLine]:
    """The lines kept, each with the lines without a key that follow it; those that follow a line left out go with it."""
    chosen, found, shown = {id(line) for line in kept if line.key is not None}, [], True
    for line in every:
        if line.key is not None:
            shown = id(line) in chosen
        elif not line.line or line.line[0].role == "title":
            shown = True
        if shown and (line.key is None or id(line) in chosen):
            found.append(line)
    return found

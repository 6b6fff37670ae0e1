"""Where the reader is: the screens from a numbered one inwards, and on each the key under the cursor."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from monitor.board.tally import tally_of
from monitor.excerpt import place_in
from monitor.report.schema import CovenantPart, FacilityPart, Report
from monitor.tui.keys import ASIDE, FORMS, ROOTS

TITLES = {
    "board": "Board",
    "breaches": "Breaches and clocks",
    "calendar": "Calendar",
    "stress": "Stress",
    "liquidation": "Liquidation and chain",
    "marks": "Marks and data",
    "journal": "Journal",
    "changes": "Changes",
    "spread": "Margins",
    "columns": "Columns",
    "palette": "Find",
    "help": "Help",
    "form": "Record",
    "explain": "Explain",
}


_ABOUT = {"facility": "", "sale": "Sale of ", "fall": "Fall of ", "margin": "Margin of ", "cure": "Cure of "}
"""Levels that are about a facility alone, and what stands before its name."""


class Place(NamedTuple):
    """One screen of the drill-down: its level and what it is about; `item` is a series, or the origin of a source line."""

    level: str
    facility: str = ""
    covenant: str = ""
    item: str = ""


class Trail:
    """The stack of screens, never empty, and the cursor of each place kept by key for as long as the program runs."""

    def __init__(self, root: str = "board") -> None:
        self.places: list[Place] = [Place(root)]
        self.before: list[Place] = [Place("board")]
        self.cursors: dict[Place, Hashable] = {}

    @property
    def here(self) -> Place:
        """The screen shown."""
        return self.places[-1]

    def into(self, key: Hashable | None) -> Place | None:
        """The place that opening `key` leads to; None when nothing lies deeper."""
        here = self.here
        match here.level, key:
            case "board", (str() as facility, _):
                return Place("facility", facility)
            case "journal", ("", str() as series, _):
                return Place("series", item=series)
            case "breaches" | "calendar" | "changes" | "journal", (str() as facility, str() as covenant, *_):
                return Place("covenant", facility, covenant)
            case "breaches" | "calendar" | "changes" | "journal", (str() as facility, *_) if facility:
                return Place("facility", facility)
            case "stress", ("", str() as scenario, "scenario"):
                return Place("scenario", item=scenario)
            case "scenario", (str() as facility, str() as covenant):
                return Place("covenant", facility, covenant)
            case "stress", (str() as facility, str() as covenant):
                return Place("covenant" if here.covenant else "stress", facility, covenant)
            case "marks", str() as series:
                return Place("series", item=series)
            case "facility", str() as covenant:
                return Place("covenant", here.facility, covenant)
            case "covenant", _:
                return here._replace(level="explain")
            case "explain", (_, str() as origin):
                return here._replace(level="source", item=origin)
            case "liquidation" | "fall" | "sale" | "spread" | "margin", (str() as facility, _, str() as level, *_):
                return Place(level, facility)
            case "cure", (str() as facility, str() as covenant):
                return Place("covenant", facility, covenant)
            case "cure", (str() as facility, None):
                return Place("facility", facility)
            case "sale", (str() as what, str() as origin):
                return self._origin(what, origin)
        return None

    def _origin(self, what: str, origin: str) -> Place | None:
        """Where an input of a sale stands: a line of a file, or the series of a mark."""
        if place_in(origin):
            return Place("source", self.here.facility, item=origin)
        return Place("series", item=what) if "." in what else None

    def open(self, place: Place) -> None:
        """Go one screen deeper; what stands aside of the drill-down is not stacked upon itself."""
        self.before = list(self.places)
        if self.here.level in ASIDE and place.level in ASIDE:
            self.places.pop()
        if place != (self.here if self.places else None):
            self.places.append(place)

    def back(self) -> bool:
        """One screen out; False on the first."""
        if len(self.places) == 1:
            return False
        self.before = list(self.places)
        self.places.pop()
        return True

    def go(self, *places: Place) -> None:
        """Straight to a screen, with the ones behind it."""
        if list(places) != self.places:
            self.before, self.places = self.places, list(places)

    def last(self) -> None:
        """The view before this one."""
        self.before, self.places = self.places, list(self.before)

    def turn_to(self, facility: str, covenant: str) -> None:
        """Show another covenant at the same depth, with the cursors behind it following."""
        self.places = [
            place._replace(facility=facility, covenant=covenant if place.covenant else "") if place.facility else place
            for place in self.places
        ]
        self.cursors[Place("board")] = (facility, covenant)
        self.cursors[Place("facility", facility)] = covenant

    def prune(self, report: Report) -> None:
        """Leave the screens of what is no longer in the report."""
        while len(self.places) > 1 and not there(self.here, report):
            self.places.pop()
        self.before = [place for place in self.before if there(place, report)] or [Place("board")]

    def crumbs(self, report: Report) -> tuple[str, ...]:
        """The breadcrumbs: Board, the facility's name, the covenant's title, Explain, the source line."""
        return tuple(_crumb(place, report) for place in self.places)


def facility_of(report: Report, id: str) -> FacilityPart | None:
    """The facility with this id."""
    return tally_of(report).by_id.get(id)


def covenant_of(report: Report, facility_id: str, id: str) -> CovenantPart | None:
    """The covenant with this id of the facility with that one."""
    facility = facility_of(report, facility_id)
    return next((covenant for covenant in facility.covenants if covenant.id == id), None) if facility else None


def there(place: Place, report: Report) -> bool:
    """Whether what a place is about is in the report."""
    if not place.facility:
        return place.level in (*ROOTS, *ASIDE, *FORMS, "series", "scenario", "palette")
    if not place.covenant:
        return facility_of(report, place.facility) is not None
    return covenant_of(report, place.facility, place.covenant) is not None


def _crumb(place: Place, report: Report) -> str:
    if place.level in _ABOUT:
        facility = facility_of(report, place.facility)
        return _ABOUT[place.level] + (facility.name if facility else place.facility)
    if place.level in ("source", "series", "scenario"):
        return "Source" if place.level == "source" else place.item.partition(" ")[0]
    if place.covenant and place.level != "explain":
        covenant = covenant_of(report, place.facility, place.covenant)
        return covenant.title if covenant else place.covenant
    return TITLES.get(place.level, place.level.capitalize())

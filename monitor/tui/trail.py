"""Where the reader is: the screens from the board inwards, and on each the key under the cursor."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from monitor.report.schema import CovenantPart, FacilityPart, Report


class Place(NamedTuple):
    """One screen of the drill-down: its level and what it is about."""

    level: str
    facility: str = ""
    covenant: str = ""


class Trail:
    """The stack of screens, never empty, and the cursor of each place kept by key for as long as the program runs."""

    def __init__(self) -> None:
        self.places: list[Place] = [Place("board")]
        self.cursors: dict[Place, Hashable] = {}

    @property
    def here(self) -> Place:
        """The screen shown."""
        return self.places[-1]

    def into(self, key: Hashable | None) -> Place | None:
        """The place that opening `key` leads to; None when nothing lies deeper."""
        match self.here.level, key:
            case "board", (str() as facility, _):
                return Place("facility", facility)
            case "facility", str() as covenant:
                return Place("covenant", self.here.facility, covenant)
            case "covenant", _:
                return self.here._replace(level="explain")
        return None

    def open(self, place: Place) -> None:
        """Go one screen deeper."""
        self.places.append(place)

    def back(self) -> bool:
        """One screen out; False on the board."""
        if len(self.places) == 1:
            return False
        self.places.pop()
        return True

    def home(self) -> None:
        """Straight back to the board."""
        del self.places[1:]

    def turn_to(self, facility: str, covenant: str) -> None:
        """Show another covenant at the same depth, with the cursors behind it following."""
        self.places = [Place("board"), Place("facility", facility), Place("covenant", facility, covenant)][: len(self.places)] + (
            [Place("explain", facility, covenant)] if self.here.level == "explain" else []
        )
        self.cursors[Place("board")] = (facility, covenant)
        self.cursors[Place("facility", facility)] = covenant

    def prune(self, report: Report) -> None:
        """Leave the screens of what is no longer in the report."""
        while len(self.places) > 1 and not _there(self.here, report):
            self.places.pop()

    def crumbs(self, report: Report) -> tuple[str, ...]:
        """The breadcrumbs: Board, the facility's name, the covenant's title, Explain."""
        return tuple(_crumb(place, report) for place in self.places)


def facility_of(report: Report, id: str) -> FacilityPart | None:
    """The facility with this id."""
    return next((facility for facility in report.facilities if facility.id == id), None)


def covenant_of(report: Report, facility_id: str, id: str) -> CovenantPart | None:
    """The covenant with this id of the facility with that one."""
    facility = facility_of(report, facility_id)
    return next((covenant for covenant in facility.covenants if covenant.id == id), None) if facility else None


def _there(place: Place, report: Report) -> bool:
    if place.level in ("board", "help"):
        return True
    if place.level == "facility":
        return facility_of(report, place.facility) is not None
    return covenant_of(report, place.facility, place.covenant) is not None


def _crumb(place: Place, report: Report) -> str:
    if place.level == "facility":
        facility = facility_of(report, place.facility)
        return facility.name if facility else place.facility
    if place.level == "covenant":
        covenant = covenant_of(report, place.facility, place.covenant)
        return covenant.title if covenant else place.covenant
    return place.level.capitalize()

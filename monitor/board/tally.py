"""What is counted and looked up over all facilities of a report, found once for each report: every key that is pressed asks."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from monitor.report.schema import CovenantPart, FacilityPart, Report


class Tally:
    """One report's facilities by id, its covenants by severity, its deadlines."""

    def __init__(self, facilities: list[FacilityPart]) -> None:
        self.facilities = facilities

    @cached_property
    def by_id(self) -> dict[str, FacilityPart]:
        """The facilities by id."""
        return {facility.id: facility for facility in reversed(self.facilities)}

    @cached_property
    def severities(self) -> Counter[str]:
        """How many covenants are of each severity, and facilities that as a whole have fallen or are in doubt."""
        return Counter(severity for facility in self.facilities for severity in _severities(facility))

    @cached_property
    def drawn(self) -> list[tuple[frozenset[str], FacilityPart]]:
        """Each facility with the severities of its covenants and its own."""
        return [(frozenset(_severities(facility)), facility) for facility in self.facilities]

    @cached_property
    def deadlines(self) -> list[tuple[str, FacilityPart, CovenantPart | None]]:
        """Every deadline of a covenant, and of a facility in default as a whole (None), in the order of the report."""
        covenants: list[tuple[str | None, FacilityPart, CovenantPart | None]] = [
            (covenant.deadline, facility, covenant) for facility in self.facilities for covenant in facility.covenants
        ]
        whole = [(one.legal.deadline, one, None) for one in self.facilities if one.falls_alone and one.legal]
        return [(deadline, facility, covenant) for deadline, facility, covenant in (*covenants, *whole) if deadline is not None]


def _severities(facility: FacilityPart) -> list[str]:
    """The severities of its rows on the board: one a covenant, and one of itself where no covenant says it."""
    whole = [facility.severity] if facility.falls_alone or facility.doubt else []
    return whole + [covenant.severity for covenant in facility.covenants]


_LAST = [Tally([])]


def tally_of(report: Report) -> Tally:
    """The tally of a report; that of the last one asked about is kept, as long as its list of facilities is the same object."""
    last = _LAST[0]
    if last.facilities is not report.facilities:
        last = _LAST[0] = Tally(report.facilities)
    return last

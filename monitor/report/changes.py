"""What changed between two reports of one desk, and whether marks or terms did it.

Severities are compared first; a covenant that keeps its severity has moved when its headroom did, materially. The cause
is found by a third report, of then's terms in now's marks: what it already shows came by marks, the rest by terms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from monitor.report.lines import QUIET
from monitor.report.schema import AssessmentPart, ChangePart, CovenantPart, FacilityPart, Report
from rules.compare import TIE
from rules.severity import RANK

KINDS = ("new", "worse", "better", "cleared", "opened", "matured")
"""The kinds of change in the order they are told."""

LEAST_OF_HEADROOM = 0.25
"""A move is material when it is at least this share of the headroom there was, ..."""
LEAST_OF_LEVEL = 0.01
"""... and at least this share of the level itself, where that is not zero."""

UNMEASURED = frozenset({"indeterminate", "not_tested"})


class Pair(NamedTuple):
    """One covenant then and now, and the reading of each on the same basis."""

    facility: FacilityPart
    then: CovenantPart | None
    now: CovenantPart
    before: AssessmentPart | None
    after: AssessmentPart | None


def changed_pairs(then: Report, now: Report) -> list[tuple[str, Pair]]:
    """(kind, pair) of every covenant that changed, in the order it is told."""
    held = {(facility.id, one.id): one for facility in then.facilities for one in facility.covenants}
    pairs = [pair_of(facility, held.get((facility.id, one.id)), one) for facility in now.facilities for one in facility.covenants]
    found = [(kind, pair) for pair in pairs if (kind := kind_of(pair)) is not None]
    return sorted(found, key=lambda item: (KINDS.index(item[0]), RANK[item[1].now.severity], item[1].facility.id))


def pair_of(facility: FacilityPart, then: CovenantPart | None, now: CovenantPart) -> Pair:
    """The pair of one covenant; readings are compared on the basis that leads now."""
    after = now.leading
    before = next((one for one in then.assessments if after and one.basis == after.basis), None) if then else None
    return Pair(facility, then, now, before, after)


def kind_of(pair: Pair) -> str | None:
    """`new`, `cleared`, `worse`, `better`, or None where nothing to tell has changed."""
    was, is_ = severity_then(pair), pair.now.severity
    if was in QUIET or is_ in QUIET:
        if (was in QUIET) != (is_ in QUIET):
            return "cleared" if is_ in QUIET else "new"
        moved = headroom_move(pair) if was == is_ else 0
    else:
        moved = RANK[is_] - RANK[was] or headroom_move(pair)
    return "better" if moved > 0 else "worse" if moved < 0 else None


def severity_then(pair: Pair) -> str:
    """The severity then; what did not exist was not tested."""
    return pair.then.severity if pair.then else "not_tested"


def headroom_move(pair: Pair) -> int:
    """1 where headroom grew materially, -1 where it shrank, 0 where it did neither or is not known for sure."""
    before, after = pair.before, pair.after
    if before is None or after is None or pair.now.class_ == "reporting" or pair.now.severity in UNMEASURED:
        return 0
    return _materially(before.headroom_abs, after.headroom_abs, after.threshold)


def _materially(before: float | None, after: float | None, level: float | None) -> int:
    if before is None or after is None:
        return 0
    move = after - before
    least = max(LEAST_OF_HEADROOM * abs(before), LEAST_OF_LEVEL * abs(level or 0.0))
    if move == 0 or abs(move) < least * (1 - TIE):
        return 0
    return 1 if move > 0 else -1


def cause_of(pair: Pair, between: CovenantPart | None) -> str:
    """`marks`, `terms` or `both`: `between` is the covenant under then's terms in now's marks."""
    if between is None or (pair.now.severity == "not_tested" != between.severity):  # no mark makes a covenant untested
        return "terms"
    first, second = pair_of(pair.facility, pair.then, between), pair_of(pair.facility, between, pair.now)
    step: Callable[[Pair], int] = _rank_move if severity_then(pair) != pair.now.severity else headroom_move
    way, marks, terms = step(pair), step(first), step(second)
    if marks * way > 0:
        return "both" if terms * way > 0 else "marks"
    return "terms" if terms * way > 0 else "both"


def _rank_move(pair: Pair) -> int:
    was, is_ = (min(RANK[name], RANK["cured"]) for name in (severity_then(pair), pair.now.severity))
    return is_ - was


def change_part(kind: str, pair: Pair, cause: str, why: list[str], events: list[str]) -> ChangePart:
    """One change as data."""
    before, after = pair.before, pair.after
    return ChangePart(
        kind=kind,
        facility=pair.facility.id,
        covenant=pair.now.id,
        cause=cause,
        severity_then=severity_then(pair),
        severity_now=pair.now.severity,
        basis=after.basis if after else None,
        unit=after.unit if after else None,
        actual_then=before.actual if before else None,
        actual_now=after.actual if after else None,
        headroom_then=before.headroom_abs if before else None,
        headroom_now=after.headroom_abs if after else None,
        why=why,
        events=events,
    )

"""The clocks that run on the desk: when each ends, there and here, and what happens then."""

from __future__ import annotations

from monitor.assess import Picture, Standing
from monitor.report.schema import ClockPart
from monitor.report.words import iso
from rules.life import Legal

_THEN = {
    "default": "end of grace: an Event of Default once the agreement's next step is taken",
    "call": "end of the time to meet the call: unmet, it has expired",
    "accelerated_call": "end of the time to meet the call: unmet, it has expired",
    "call_expired": "end of the time to meet the call: it was not met",
    "liquidation": "the collateral may be sold",
    "waived": "end of the waiver: the fail counts again",
    "forbearance": "end of the forbearance: remedies may be used",
}


_ENDS = "end of the clock"
_WHOLE = {"default": "end of grace: an Event of Default then"}


def clock_parts(picture: Picture, wanted: frozenset[str] | None) -> list[ClockPart]:
    """Every clock of the facilities asked about, the earliest deadline first; one that ran out and still matters says `passed`."""
    running = [one for one in picture.standings if one.legal.deadline]
    found = [_part(picture, one.test.facility, one.test.covenant.id, one.legal, _then(one)) for one in running]
    found += [_part(picture, f, None, legal, _WHOLE.get(legal.state, _THEN.get(legal.state, _ENDS))) for f, legal in whole_clocks(picture)]
    return sorted(
        (part for part in found if wanted is None or part.facility in wanted),
        key=lambda part: (part.deadline, part.facility, part.covenant or ""),
    )


def whole_clocks(picture: Picture) -> list[tuple[int, Legal]]:
    """The facilities of which a clock runs that is none of their covenants': the grace of a payment or of a cross-link, a forbearance."""
    covenants = {(one.test.facility, one.legal.deadline) for one in picture.standings}
    stands = [(f, one.at(picture.as_of)) for f, one in enumerate(picture.facilities)]
    return [(f, legal) for f, legal in stands if legal.deadline is not None and (f, legal.deadline) not in covenants]


def _part(picture: Picture, facility: int, covenant: str | None, legal: Legal, then: str) -> ClockPart:
    deadline = legal.deadline
    assert deadline is not None
    return ClockPart(
        facility=picture.book.ids[facility],
        covenant=covenant,
        legal=legal.state,
        deadline=iso(deadline),
        local=deadline.astimezone(picture.session.timezone).isoformat().replace("+00:00", "Z"),
        passed=deadline <= picture.as_of,
        then=then,
    )


def _then(one: Standing) -> str:
    if one.legal.state == "cure_pending":
        end = "it is an Event of Default" if one.test.covenant.on_fail == "event_of_default" else "the default stands"
        return f"end of the right to cure: uncured, {end}"
    waived = one.legal.underlying is not None and one.legal.state != "forbearance"  # a ladder and a trigger say `normal` and `off` then
    return _THEN.get("waived" if waived else one.legal.state, _ENDS)

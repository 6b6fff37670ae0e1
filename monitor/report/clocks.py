"""The clocks that run on the desk: when each ends, there and here, and what happens then."""

from __future__ import annotations

from monitor.assess import Picture, Standing
from monitor.report.schema import ClockPart
from monitor.report.words import iso

_THEN = {
    "default": "end of grace: an Event of Default once the agreement's next step is taken",
    "call": "end of the time to meet the call: unmet, it has expired",
    "accelerated_call": "end of the time to meet the call: unmet, it has expired",
    "call_expired": "end of the time to meet the call: it was not met",
    "liquidation": "the collateral may be sold",
    "waived": "end of the waiver: the fail counts again",
    "forbearance": "end of the forbearance: remedies may be used",
}


def clock_parts(picture: Picture, wanted: frozenset[str] | None) -> list[ClockPart]:
    """Every clock of the facilities asked about, the earliest deadline first; one that ran out and still matters says `passed`."""
    ids = picture.book.ids
    found = [one for one in picture.standings if one.legal.deadline and (wanted is None or ids[one.test.facility] in wanted)]
    parts = [_part(picture, one) for one in found]
    return sorted(parts, key=lambda part: (part.deadline, part.facility, part.covenant))


def _part(picture: Picture, one: Standing) -> ClockPart:
    deadline = one.legal.deadline
    assert deadline is not None
    return ClockPart(
        facility=picture.book.ids[one.test.facility],
        covenant=one.test.covenant.id,
        legal=one.legal.state,
        deadline=iso(deadline),
        local=deadline.astimezone(picture.session.timezone).isoformat().replace("+00:00", "Z"),
        passed=deadline <= picture.as_of,
        then=_then(one),
    )


def _then(one: Standing) -> str:
    if one.legal.state == "cure_pending":
        end = "it is an Event of Default" if one.test.covenant.on_fail == "event_of_default" else "the default stands"
        return f"end of the right to cure: uncured, {end}"
    waived = one.legal.underlying is not None and one.legal.state != "forbearance"  # a ladder and a trigger say `normal` and `off` then
    return _THEN.get("waived" if waived else one.legal.state, "end of the clock")

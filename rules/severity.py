"""One order for everything that is worse than something else: board, sort, alerts and exit code read it here."""

from __future__ import annotations

ORDER = (
    "accelerated",
    "event_of_default",
    "liquidation",
    "call_expired",
    "call",
    "callable",
    "tested_fail",
    "indeterminate",
    "indicative_fail",
    "trigger_on",
    "watch",
    "waived",
    "cured",
    "pass",
    "not_tested",
)
RANK = {name: place for place, name in enumerate(ORDER)}

_LEGAL = {
    "accelerated": "accelerated",
    "enforcement": "accelerated",
    "insolvency": "accelerated",
    "event_of_default": "event_of_default",
    "liquidation": "liquidation",
    "call_expired": "call_expired",
    "call": "call",
    "accelerated_call": "call",
    "callable": "callable",
    "default": "tested_fail",
    "cure_pending": "tested_fail",
    "on": "trigger_on",
    "curing": "trigger_on",
    "notice": "watch",
    "waived": "waived",
    "forbearance": "waived",
    "cured": "cured",
}


def severity(class_: str, legal: str, tested: str | None, indicative: str | None, excused: bool = False) -> str:
    """The worst thing that is true of a covenant: of its legal state, its last tested result, and its indication.

    `excused`: a waiver or forbearance lies over the failure, whatever the machine calls that.
    """
    excused = excused or legal in ("waived", "cured", "forbearance")
    found = [_LEGAL[legal]] if legal in _LEGAL else ["waived"] if excused else []
    if tested == "fail" and not excused:  # a trigger that has not failed often enough is pending, not on
        found.append(("watch" if legal == "pending" else "trigger_on") if class_ == "trigger" else "tested_fail")
    if indicative == "fail" and not excused:
        found.append("watch" if class_ == "trigger" else "indicative_fail")
    for result in (tested, indicative):
        if result in ("indeterminate", "watch", "pass", "not_tested"):
            found.append(result)
    return worst(found)


def of_facility(legal: str) -> list[str]:
    """The severity of a facility's own legal state, as a list of one; none where it is compliant."""
    return [_LEGAL[legal]] if legal in _LEGAL else []


def worst(names: list[str]) -> str:
    """The most severe of some severities; `not_tested` of none."""
    return min(names, key=RANK.__getitem__, default="not_tested")


def exit_code(names: list[str]) -> int:
    """2 for a legal state or tested fail that is open, 3 for something unknown, 1 for anything to look at, 0 for all quiet."""
    ranks = {RANK[name] for name in names}
    if any(rank <= RANK["tested_fail"] for rank in ranks):
        return 2
    if RANK["indeterminate"] in ranks:
        return 3
    return 1 if any(rank < RANK["cured"] for rank in ranks) else 0

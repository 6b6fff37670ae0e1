"""The command line that prints what a screen shows."""

from __future__ import annotations

import shlex
from datetime import timedelta

from facilities.inert import inert
from monitor.board.figures import instant
from monitor.tui.trail import Place


def command(place: Place, as_of: str, desk: str = "") -> str:
    """`covenant report --facility X --as-of T` and its like, with whatever a shell would act on quoted; empty where there is none."""
    verb = _verb(place, as_of)
    where = f" --desk {_quoted(desk)}" if desk else ""
    if place.level == "journal":
        return f"covenant {verb}{where}"
    return f"covenant {verb}{where} --as-of {_quoted(as_of)}" if verb else ""


def _verb(place: Place, as_of: str) -> str:
    facility, covenant = _quoted(place.facility), _quoted(place.covenant)
    match place.level:
        case "facility":
            return f"report --facility {facility}"
        case "cure":
            return f"cure {facility}" + (f"/{covenant}" if place.covenant else "")
        case "spread" | "margin":
            return _spread(place)
        case "liquidation":
            return "liquidate"
        case "fall":
            return "chain"
        case "sale" | "source" if not place.covenant:
            return f"liquidate {facility}"
        case "covenant" | "explain" | "source":
            return f"explain {facility} {covenant}"
        case "form":
            return ""
        case "scenario":
            return f"stress --scenario {_quoted(place.item)}"
        case "stress":
            return _stress(place)
        case "calendar":
            return "calendar"
        case "changes":
            now = instant(as_of)
            return f"check --since {(now - timedelta(days=1)).strftime('%Y-%m-%dT%H:%M:%SZ')}" if now else "check"
        case "marks" | "series":
            return "marks list"
        case "journal":
            return "journal list"
        case "breaches":
            return "report"
    return "check"


def _spread(place: Place) -> str:
    from monitor.spread.settings import GLANCE  # here and below: the first board need not wait for them

    about = f" {_quoted(place.facility)}" if place.facility else ""
    return f"spread{about} --paths {GLANCE}"


def _stress(place: Place) -> str:
    from monitor.breachmap import ACROSS, DOWN, SHOCKS
    from monitor.stress.joint import GLANCE

    if place.item == "dial":
        return f"stress --dial 0..1:{len(GLANCE.dials)} --paths {GLANCE.paths}"
    if place.item == "map":
        return f"chart {_quoted(place.facility)} {_quoted(place.covenant)} --show map"
    axes = ",".join(f"{one}={SHOCKS[0]:+.0%}..{SHOCKS[-1]:+.0%}:{len(SHOCKS)}" for one in place.item.split() or (DOWN, ACROSS))
    return f"stress --grid {_quoted(axes)}" + (f" --facility {_quoted(place.facility)}" if place.facility else "")


def _quoted(text: str) -> str:
    return shlex.quote(inert(text))

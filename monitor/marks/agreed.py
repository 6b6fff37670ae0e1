"""What an agreement's own policy says of a mark that the desk's policy may call good."""

from __future__ import annotations

import datetime as dt

from facilities.load import Desk
from monitor.marks.history import History


def doubts_of(desk: Desk, history: History, series: str, at: dt.datetime, known_at: dt.datetime) -> list[str]:
    """`stale for FACILITY/COVENANT: why` of each covenant whose own policy will not rely on the mark, as the instants (UTC) see it."""
    found = []
    for identity, file in desk.facilities.items():
        for covenant in file.covenant:
            policy = covenant.marks.get(series)
            seen = history.observe(series, at, known_at, policy) if policy is not None else None
            if seen is not None and seen.data != "good":
                why = f": {seen.reason}" if seen.reason else ""
                found.append(f"{seen.data.replace('_', ' ')} for {identity}/{covenant.id}{why}")
    return found

"""Reported periods: lines that some formula could read, and deliveries that could have been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence, Set

from facilities.diagnose import nearest
from facilities.lint.findings import Findings
from facilities.model import Reported

LATEST = dt.timedelta(days=731)
"""A report that comes this long after its period is a date mistyped."""


def check_reports(reported: Sequence[Reported], declared: Set[str] | None, findings: Findings) -> None:
    """The lines of each period among those `declared` (None: not judged), and its delivery between its end and two years on."""
    for number, row in enumerate(reported):
        for name in sorted(set(row.lines) - declared) if declared is not None else ():
            path = ("reported", number, "lines", name)
            findings.add("F060", path, f"no formula can read {name!r}", nearest(name, declared or ()), value=False)
        if row.delivered is not None and not row.period_end <= row.delivered <= row.period_end + LATEST:
            where = "before its end" if row.delivered < row.period_end else "years after its end"
            message = f"the period to {row.period_end} is delivered on {row.delivered}, {where}"
            findings.add("F061", ("reported", number, "delivered"), message)

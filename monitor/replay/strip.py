"""A replay drawn as one row of signs a covenant: each sign the worst that was said in a day, a week or more."""

from __future__ import annotations

from monitor.replay.tracks import Track
from monitor.replay.verdict import AMBER, OPEN
from rules.compare import FAIL, INDETERMINATE, PASS, WATCH

LEGEND = "# open in law or tested fail   + indicative fail or warning   ~ watch   . pass   ? unknown   (blank) not tested"


def days_a_sign(count: int, cells: int) -> int:
    """How many of `count` days one sign stands for, so that the row fits."""
    return max(1, -(-count // cells))


def strip(track: Track, cells: int) -> str:
    """The row, at most `cells` signs."""
    count = len(track.legal)
    each = days_a_sign(count, cells)
    return "".join(min((_sign(track, n) for n in range(at, min(at + each, count))), key="#+~?. ".index) for at in range(0, count, each))


def _sign(track: Track, n: int) -> str:
    tested, indicative, legal = int(track.tested[n]), int(track.indicative[n]), track.legal[n]
    if tested == FAIL or legal in OPEN:
        return "#"
    if indicative == FAIL or legal in AMBER or legal == "on":
        return "+"
    leading = indicative if indicative >= 0 else tested
    return {WATCH: "~", PASS: ".", INDETERMINATE: "?"}.get(leading, "." if tested == PASS else " ")

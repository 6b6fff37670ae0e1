"""How a terminal of a given size is divided: lines on top and below, one pane or two, or the counts alone."""

from __future__ import annotations

from typing import NamedTuple

TWO_PANES = 120
TALL = 40
SMALLEST = (40, 10)
_BESIDE = ("board", "breaches", "calendar", "stress", "liquidation", "changes", "spread", "facility", "covenant", "explain")
"""Screens with something to show beside them."""


_CHARTED = ("board", "breaches", "calendar", "stress", "changes", "facility")
"""Screens whose second pane has a chart below it: of the covenant, the facility or the map that it tells of."""
CHART = 13


class Frame(NamedTuple):
    """Cells and lines of each part; `detail` is 0 with one pane, `chart` and `log` 0 without room, `small` leaves only the counts."""

    head: int
    strip: int
    list: int
    detail: int
    small: bool
    log: int = 0
    chart: int = 0


def frame_of(width: int, height: int, level: str, two: bool = True) -> Frame:
    """The frame of a screen: under 40x10 the counts, from 120 columns two panes, from 11 lines two lines on the row."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Frame(0, 0, width, 0, True)
    head = 3 if height >= 18 else 2
    if two and width >= TWO_PANES and level in _BESIDE:
        left = max(75, width * 6 // 10)
        tall = height >= TALL
        return Frame(head, 0, left, width - left - 1, False, height // 5 if tall else 0, CHART if tall and level in _CHARTED else 0)
    strip = 2 if level in ("board", "breaches", "facility") and height >= 11 else 0
    return Frame(head, strip, width, 0, False)

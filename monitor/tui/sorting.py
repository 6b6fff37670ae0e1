"""The orders in which the board and the marks can be listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from monitor.board.rows import BoardRow, leading_driver
from monitor.marks.detail import SeriesDetail
from monitor.tui.liquidation_page import waits
from rules.worlds import DATA

Order = Callable[[Any], Any]


def _move(row: BoardRow) -> float:
    driver = leading_driver(row.leading) if row.leading else None
    return 9e9 if driver is None or driver.shock_to_breach is None else abs(driver.shock_to_breach)


def _headroom(row: BoardRow) -> float:
    share = row.leading.headroom_pct if row.leading else None
    return 9e9 if share is None else share


def _next(row: BoardRow) -> str:
    covenant = row.covenant
    return (covenant and (covenant.deadline or covenant.next_test)) or "~"


def _since(row: BoardRow) -> str:
    return (row.covenant and row.covenant.since.tested_as_of) or "~"


BOARD: dict[str, Order | None] = {
    "worst first": None,
    "facility": lambda row: row.facility.name.casefold(),
    "drawn": lambda row: -(row.facility.outstanding or 0.0),
    "headroom": _headroom,
    "move to breach": _move,
    "next": _next,
    "since": _since,
}
MARKS: dict[str, Order | None] = {
    "series": None,
    "oldest": lambda one: -(one.age_days if one.age_days is not None else 9e9),
    "doubt": lambda one: -DATA.index(one.data) if one.data in DATA else -9,
    "move": lambda one: -_moved(one),
}
SALES: dict[str, Order | None] = {
    "worst first": None,
    "facility": lambda one: one.name.casefold(),
    "owed": lambda one: -(one.owed or 0.0),
    "wait": lambda one: -waits(one),
}
ORDERS = {"board": BOARD, "liquidation": SALES, "marks": MARKS}
"""Per screen the orders by name, the first as the rows come; none of them changes what is shown."""


def _moved(one: SeriesDetail) -> float:
    return abs(one.value / one.previous - 1) if one.value is not None and one.previous else -1.0


def ordered(level: str, rows: Sequence[Any], order: str, reverse: bool) -> list[Any]:
    """The rows in an order (an unknown name counts as the first), the other way round when asked."""
    key = ORDERS[level].get(order)
    found = sorted(rows, key=key) if key else list(rows)
    return found[::-1] if reverse else found


def following(level: str, order: str) -> str:
    """The name of the order after this one."""
    names = list(ORDERS[level])
    return names[(names.index(order) + 1) % len(names)] if order in names else names[0]

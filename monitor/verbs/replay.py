"""`covenant replay`: what would have been said day by day, with what was known then."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING

from monitor.places import UsageError
from monitor.verbs.asking import coloured, line_width, nearest, open_session, put

if TYPE_CHECKING:
    from monitor.replay.text import Drawing
    from monitor.replay.verdict import Verdict

LARGE, SMALL = 16, 9
"""Lines of the chart of a chosen covenant, and of one of several."""


def run(arguments: argparse.Namespace) -> int:
    """The replay in the chosen format. Raises UsageError for words that are no day, step or facility."""
    from monitor.replay.rows import replay_csv, replay_json
    from monitor.replay.run import replay
    from monitor.replay.text import replay_text
    from monitor.replay.verdict import verdicts
    from monitor.session import moments

    session = open_session(arguments)
    wanted = frozenset(arguments.facility or ())
    for name in wanted:
        if name not in session.desk.facilities:
            raise UsageError(nearest("no facility is called", name, sorted(session.desk.facilities)))
    as_of, known_at = moments(session, arguments.as_of, arguments.known_at)
    days = _days(arguments, as_of, session.timezone)
    made = replay(session, days, known_at if arguments.known_at else None)
    found = [one for one in verdicts(made, arguments.within) if not wanted or one.facility in wanted]
    if arguments.covenant is not None:
        found = _named(arguments.covenant, found)
    if arguments.format == "csv":
        put(arguments, replay_csv(made, found, arguments.every_day))
    elif arguments.format == "json":
        put(arguments, replay_json(made, found, arguments.every_day))
    else:
        put(arguments, replay_text(made, found, arguments.changes, _drawing(arguments)))
    return 0


def _named(name: str, found: list[Verdict]) -> list[Verdict]:
    """The covenants of one name, in one facility or in all. Raises UsageError where there is none."""
    chosen = [one for one in found if name in (one.covenant, f"{one.facility}/{one.covenant}")]
    if not chosen:
        raise UsageError(nearest("no covenant is called", name, sorted({one.covenant for one in found})))
    return chosen


def _drawing(arguments: argparse.Namespace) -> Drawing:
    from monitor.board.spans import ansi, plain
    from monitor.charts.canvas import ASCII, BRAILLE
    from monitor.replay.text import WIDTH, Drawing

    chosen = arguments.covenant is not None
    style, write = ASCII if arguments.ascii else BRAILLE, ansi if coloured(arguments) else plain
    return Drawing(style, write, chosen, LARGE if chosen else SMALL, min(max(10, line_width(arguments)), WIDTH))


def _days(arguments: argparse.Namespace, as_of: dt.datetime, zone: dt.tzinfo) -> list[dt.date]:
    """The days asked for, the last of them whole: by default the year up to the as-of."""
    from monitor.replay.days import days_of

    whole = (as_of + dt.timedelta(microseconds=1)).astimezone(zone).date() - dt.timedelta(days=1)
    last = _date("--to", arguments.last) if arguments.last else whole
    first = _date("--from", arguments.first) if arguments.first else _year_before(last)
    try:
        return days_of(first, last, arguments.step)
    except ValueError as error:
        raise UsageError(f"--from, --to, --step: {error}") from None


def _date(option: str, text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}; give a date such as 2026-06-30") from None
    if not 1900 <= day.year < 2200:
        raise UsageError(f"{option}: {day} lies outside the years 1900 to 2199")
    return day


def _year_before(day: dt.date) -> dt.date:
    from facilities.paydates import add_months

    return add_months(day, -12) + dt.timedelta(days=1)

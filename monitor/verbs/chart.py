"""`covenant chart`: every chart of the screens as text on stdout."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from monitor.places import UsageError
from monitor.verbs.asking import coloured, line_width, nearest, open_session, picture_of, put

if TYPE_CHECKING:
    from monitor.assess import Picture
    from monitor.board.spans import Line
    from monitor.charts.canvas import Style
    from monitor.charts.inputs import Size
    from monitor.charts.shocked import Move

_YEAR = dt.timedelta(days=365)


def run(arguments: argparse.Namespace) -> int:
    """One chart, or one below the other. Raises UsageError for what is not there to be drawn."""
    from monitor.board.spans import ansi, plain
    from monitor.charts.canvas import STYLES
    from monitor.charts.inputs import Size

    picture = picture_of(arguments, open_session(arguments))
    size, style = Size(max(10, line_width(arguments)), arguments.rows), STYLES[arguments.style]
    write = ansi if coloured(arguments) else plain
    blocks = ["\n".join(write(line) for line in lines) for lines in _CHARTS[_wanted(arguments)](arguments, picture, size, style)]
    if not blocks:
        raise UsageError("nothing to draw: no covenant of it is computed")
    put(arguments, "\n\n".join(blocks))
    return 0


def _wanted(arguments: argparse.Namespace) -> str:
    wanted: str = arguments.show or ("ratio" if arguments.name else "marks")
    return wanted


def _named(arguments: argparse.Namespace, picture: Picture) -> tuple[str, str | None]:
    """The facility, and the covenant where one is named."""
    if not arguments.name:
        raise UsageError(f"--show {_wanted(arguments)} needs a facility")
    facility, _, inside = arguments.name.partition("/")
    covenant = arguments.covenant or inside or None
    if facility not in picture.book.ids:
        series = picture.book.series.names if "." in facility else ()
        if facility in series:
            raise UsageError(f"{facility} is a series: --show marks draws it")
        what = "no facility or series is called" if series else "no facility is called"
        raise UsageError(nearest(what, facility, [*picture.book.ids, *series]))
    known = [test.covenant.id for test in picture.book.tests if picture.book.ids[test.facility] == facility]
    if covenant is not None and covenant not in known:
        raise UsageError(nearest(f"{facility} has no covenant called", covenant, known))
    return facility, covenant


def _span(arguments: argparse.Namespace, picture: Picture) -> tuple[dt.date, dt.date]:
    """The first and the last day asked for of the past: a year up to the as-of unless said."""
    first, last, ahead = _whole_span(arguments, picture)
    if ahead and arguments.last is not None and _date("--to", arguments.last) != last:
        raise UsageError(f"--to {arguments.last} is after the as-of, {last}: the past ends there")
    return first, last


def _whole_span(arguments: argparse.Namespace, picture: Picture) -> tuple[dt.date, dt.date, bool]:
    """The first and the last day of the past to show, and whether what comes is wanted as well: not where it ends before the as-of."""
    from monitor.charts.ahead import today_of

    today = today_of(picture)
    first, last = _date("--from", arguments.first), _date("--to", arguments.last)
    end = min(last or today, today)
    first = first or end - _YEAR
    if first > end:
        raise UsageError(f"--from {first} is after {end}")
    return first, end, last is None or last >= today


def _date(option: str, text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is no date; write it as 2026-03-31") from None
    if not 1900 <= day.year < 2200:
        raise UsageError(f"{option} {text} lies outside the years 1900 to 2199")
    return day


def _ratio(arguments: argparse.Namespace, picture: Picture, size: Size, style: Style) -> Iterator[list[Line]]:
    import msgspec

    from monitor.charts.ahead import ratio_over
    from monitor.charts.inputs import known_from
    from monitor.charts.past import ratio_past
    from monitor.charts.ratio import ratio_chart

    facility, covenant = _named(arguments, picture)
    first, last, ahead = _whole_span(arguments, picture)
    until = _date("--to", arguments.last)
    tests = [test for test in picture.book.tests if picture.book.ids[test.facility] == facility and covenant in (None, test.covenant.id)]
    for test in tests:
        if test.forms[-1].numerator is not None and (covenant is not None or test.class_ != "reporting"):
            about = (picture, facility, test.covenant.id, first)
            made = ratio_over(*about, until) if ahead else ratio_past(*about, last)
            if arguments.first is None:
                made = msgspec.structs.replace(made, history=known_from(made.history)[0])
            yield ratio_chart(made, size, style)


def _debt(arguments: argparse.Namespace, picture: Picture, size: Size, style: Style) -> Iterator[list[Line]]:
    import msgspec

    from monitor.charts.ahead import debt_over
    from monitor.charts.debt import debt_chart
    from monitor.charts.inputs import known_from
    from monitor.charts.past import debt_past

    facility, _ = _named(arguments, picture)
    first, last, ahead = _whole_span(arguments, picture)
    about = (picture, facility, first)
    made = debt_over(*about, _date("--to", arguments.last)) if ahead else debt_past(*about, last)
    if arguments.first is None:
        debt, held = known_from(made.debt, made.value)
        made = msgspec.structs.replace(made, debt=debt, value=held)
    yield debt_chart(made, size, style)


def _map(arguments: argparse.Namespace, picture: Picture, size: Size, style: Style) -> Iterator[list[Line]]:
    from monitor.charts.breachmap import breach_map
    from monitor.charts.shocked import TooFewMarks, map_of, two_moves

    facility, covenant = _named(arguments, picture)
    try:
        x, y = two_moves(picture, facility, covenant, _move(arguments.x), _move(arguments.y))
        yield breach_map(map_of(picture, facility, covenant, x, y), size, style)
    except TooFewMarks as error:
        raise UsageError(f"{error}; name others with --x and --y") from None
    except ValueError as error:
        raise UsageError(f"no map of {facility}: {error}") from None


def _move(text: str | None) -> Move | None:
    """`BTC.price`, or `BTC.price=-60%..+20%`."""
    from monitor.charts.shocked import HIGH, LOW, Move

    if text is None:
        return None
    series, _, span = text.partition("=")
    if not span:
        return Move(series, LOW, HIGH)
    try:
        low, high = (float(part.strip().rstrip("%")) / 100 for part in span.split(".."))
    except ValueError:
        raise UsageError(f"{text!r} is no range of shocks; write it as BTC.price=-60%..+20%") from None
    if not -1 < low < high <= 10:
        raise UsageError(f"{text!r}: shocks rise from above -100% to at most +1000%")
    return Move(series, low, high)


def _wall(arguments: argparse.Namespace, picture: Picture, size: Size, style: Style) -> Iterator[list[Line]]:
    from monitor.agenda.entries import group_of
    from monitor.agenda.wall import walls_of
    from monitor.charts.today import wall_input
    from monitor.charts.wall import wall_chart

    walls = walls_of(picture)
    wanted = arguments.name
    if wanted in picture.book.ids:
        borrower = picture.book.terms[picture.book.facility(wanted)].facility.borrower
        wanted = group_of(picture, borrower) or borrower
    if wanted and wanted not in {wall.group for wall in walls}:
        raise UsageError(nearest("no group or facility that owes is called", wanted, sorted({wall.group for wall in walls})))
    for wall in walls:
        if wanted in (None, wall.group):
            yield wall_chart(wall_input(wall), size, style)


def _marks(arguments: argparse.Namespace, picture: Picture, size: Size, style: Style) -> Iterator[list[Line]]:
    from monitor.charts.spark import marks_chart
    from monitor.charts.today import mark_inputs

    first, last = _span(arguments, picture)
    marks = mark_inputs(picture, (last - first).days, arguments.name)
    if not marks:
        known = sorted({mark.series for mark in mark_inputs(picture, 1)})
        raise UsageError(nearest("no series is called", arguments.name, known) if arguments.name else "the desk reads no series")
    yield marks_chart(marks, size._replace(rows=len(marks)), style)


_CHARTS: dict[str, Callable[[argparse.Namespace, Picture, Size, Style], Iterator[list[Line]]]] = {
    "ratio": _ratio,
    "debt": _debt,
    "map": _map,
    "wall": _wall,
    "marks": _marks,
}

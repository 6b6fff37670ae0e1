"""The desk projected: its book as a projection reads it, its marks, its curves, and the triggers that are on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import msgspec
import numpy as np

from monitor.assess import Picture
from monitor.marks.curves import curves_of
from rules.book import Book, compile_book
from rules.coming import with_sweeps
from rules.compare import FAIL
from rules.curves import Curve
from rules.projection import Projection, project
from rules.scope import day_of
from rules.state import AS_AGREED
from rules.worlds import Worlds

Curves = tuple[Curve | None, ...]


def first_failing_dates(picture: Picture) -> dict[tuple[int, str], str]:
    """The first future test date on which each covenant fails along the desk's curves, by facility and covenant."""
    projection = outlook(picture, desk_curves(picture))
    tests = projection.book.tests
    return {
        (tests[t].facility, tests[t].covenant.id): dt.date.fromordinal(int(projection.tests.rows.period_end[n])).isoformat()
        for t, n in first_failures(projection).items()
    }


def first_failures(projection: Projection) -> dict[int, int]:
    """The place of the first failing row of each test that fails ahead; days come in order for each test."""
    made = projection.tests
    found: dict[int, int] = {}
    for n in np.flatnonzero(made.result[:, 0] == FAIL).tolist():
        found.setdefault(int(made.rows.test[n]), n)
    return found


def is_rent(series: str) -> bool:
    """Whether a series quotes a rent."""
    return series.split(".")[1:2] == ["rent"]


def desk_curves(picture: Picture) -> Curves:
    """The curve the desk assumes of each series of the book."""
    settings = picture.session.desk.file
    return curves_of(picture.now.series, settings.curve if settings else ())


def with_decay(curves: Curves, series: tuple[str, ...], decay: float) -> Curves:
    """The same curves with one yearly decay for every rent; their jumps stay."""
    return tuple(Curve(decay, curve.jumps if curve else ()) if is_rent(name) else curve for name, curve in zip(series, curves, strict=True))


def book_ahead(picture: Picture) -> tuple[Book, Worlds]:
    """The book as a projection reads it, and today's world in its series: another only where a loan repays by sweep alone."""
    read = {name: with_sweeps(one) for name, one in zip(picture.book.ids, picture.book.terms, strict=True)}
    if all(read[name] is one for name, one in zip(picture.book.ids, picture.book.terms, strict=True)):
        return picture.book, picture.now
    session, zone = picture.session, picture.session.timezone
    desk = msgspec.structs.replace(picture.book.desk, facilities=read)
    return compile_book(desk, session.definitions, session.calendar, zone, list(_happened(picture))), picture.now


def triggers_on(picture: Picture) -> list[int]:
    """The triggers that are on today, as places in the book's tests."""
    return [t for t, one in enumerate(picture.standings) if one.test.class_ == "trigger" and one.legal.state in ("on", "curing")]


def _happened(picture: Picture) -> list:  # type: ignore[type-arg]
    return [one for one in picture.session.journal.known(picture.known_at) if one.effective <= picture.as_of]


def outlook(
    picture: Picture, curves: Curves, only: Collection[int] | None = None, last: dt.date | None = None, extra: Collection[int] = ()
) -> Projection:  # fmt: skip
    """The desk from the picture on, along some curves: `only` some facilities, up to a last day."""
    book, now = book_ahead(picture)
    on = triggers_on(picture)
    known = msgspec.structs.replace(now, instants=(picture.as_of,))
    end = None if last is None else last.toordinal()
    return project(book, known, curves, on, end, only, AS_AGREED, sorted({day_of(picture.as_of, book.zone), *extra}))

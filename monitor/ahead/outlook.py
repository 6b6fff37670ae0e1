"""The desk projected: its book as a projection reads it, its marks, its curves, and the triggers that are on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import msgspec
import numpy as np

from facilities.load import Desk
from facilities.model import Amendment
from monitor.assess import Picture
from monitor.marks.curves import curves_of
from monitor.reading import missing_money
from rules.book import Book, compile_book
from rules.coming import with_sweeps
from rules.curves import Curve
from rules.deemed import Deemed
from rules.projection import Agreed, Projection, project
from rules.scope import day_of
from rules.worlds import DATA, MISSING, Worlds


def first_failing_dates(picture: Picture) -> dict[tuple[int, str], str]:
    """The first future test date on which each covenant fails along the desk's curves, by facility and covenant."""
    projection = outlook(picture)
    tests = projection.book.tests
    return {
        (tests[t].facility, tests[t].covenant.id): dt.date.fromordinal(int(projection.tests.rows.period_end[n])).isoformat()
        for t, n in first_failures(projection).items()
    }


def first_failures(projection: Projection) -> dict[int, int]:
    """The place of the first row of each test that fails ahead and is not deemed cured; days come in order for each test."""
    found: dict[int, int] = {}
    for n in np.flatnonzero(projection.failing[:, 0]).tolist():
        found.setdefault(int(projection.tests.rows.test[n]), n)
    return found


def is_rent(series: str) -> bool:
    """Whether a series quotes a rent."""
    return series.split(".")[1:2] == ["rent"]


def curves_ahead(picture: Picture, series: Sequence[str], decay: float | None = None) -> tuple[Curve | None, ...]:
    """The curve the desk assumes of each of some series; with a `decay` every rent falls by that a year, its jumps staying."""
    settings = picture.session.desk.file
    found = curves_of(series, settings.curve if settings else ())
    if decay is None:
        return found
    return tuple(Curve(decay, one.jumps if one else ()) if is_rent(name) else one for name, one in zip(series, found, strict=True))


def outlook(
    picture: Picture, only: Collection[int] | None = None, last: dt.date | None = None, decay: float | None = None,
    cure_with: Collection[str] = (),
) -> Projection:  # fmt: skip
    """The desk from the picture on: `only` some facilities, up to a last day, along its curves or with a `decay` of all rents.

    `cure_with` is what is brought to cure failing tests where the agreement lets it: `equity`, `prepayment`; nothing by default.

    Amendments that are signed and take effect ahead count from their day, each read as it would be that day.
    """
    book = book_ahead(picture)
    on = triggers_on(picture)
    now = msgspec.structs.replace(picture.now, instants=(picture.as_of,))
    later = [_agreed(picture, day, decay) for day in effective_ahead(picture, only)]
    end = None if last is None else last.toordinal()
    cures = _cures(picture, cure_with) if cure_with else None
    return project(book, now, curves_ahead(picture, now.series, decay), on, end, only, later=later, cures=cures)


def triggers_on(picture: Picture) -> list[int]:
    """The triggers that are on today, as places in the book's tests."""
    return [t for t, one in enumerate(picture.standings) if one.test.class_ == "trigger" and one.legal.state in ("on", "curing")]


def _cures(picture: Picture, cure_with: Collection[str]) -> Deemed:
    """What is brought, after the cures recorded so far and those of failures within their cure window."""
    cures = Deemed(cure_with, _cured_before(picture))
    for t, one in enumerate(picture.standings):
        if one.legal.state == "cure_pending" and one.tested is not None:
            missing = missing_money(one.tested)
            if missing is not None:
                cures.settle(t, one.tested.test, one.tested.period_end, missing)
    return cures


def _cured_before(picture: Picture) -> dict[int, list[dt.date]]:
    """The test dates of each covenant whose failures were cured by the as-of: they count towards the caps of its right."""
    zone, found = picture.session.timezone, dict[int, list[dt.date]]()
    for t, one in enumerate(picture.standings):
        stood = (step.legal for step in one.history.transitions if step.after == "cured" and step.at <= picture.as_of)
        days = {dt.date.fromordinal(day_of(legal.tested_as_of, zone)) for legal in stood if legal.tested_as_of is not None}
        if days:
            found[t] = sorted(days)
    return found


def amendments_ahead(picture: Picture, facility: int) -> list[Amendment]:
    """The amendments of a facility that are signed, and take effect after the as-of, in order of effect."""
    today, known = (dt.date.fromordinal(day_of(at, picture.session.timezone)) for at in (picture.as_of, picture.known_at))
    written = picture.session.desk.facilities[picture.book.ids[facility]].amendment
    return sorted((one for one in written if one.effective > today and one.signed <= known), key=lambda one: (one.effective, one.signed))


def effective_ahead(picture: Picture, only: Collection[int] | None = None) -> list[dt.date]:
    """The days ahead from which terms change."""
    asked = range(len(picture.book.ids)) if only is None else only
    return sorted({one.effective for f in asked for one in amendments_ahead(picture, f)})


def book_ahead(picture: Picture) -> Book:
    """The book as a projection reads it: another only where a loan repays by sweep alone."""
    read = _read(picture.book.desk)
    return picture.book if read is picture.book.desk else _compiled(picture, read)


def _agreed(picture: Picture, day: dt.date, decay: float | None) -> Agreed:
    """The terms from a day ahead on, with today's marks."""
    known = dt.date.fromordinal(day_of(picture.known_at, picture.session.timezone))
    book = _compiled(picture, _read(picture.session.on(day, known)))
    return Agreed(day.toordinal(), book, _today(picture, book), curves_ahead(picture, book.series.names, decay))


def _today(picture: Picture, book: Book) -> Worlds:
    """Today's world in the series of a book: as the picture has them; one that only these terms read is looked up."""
    held, wanted = (list(zip(one.names, one.policies, strict=True)) for one in (picture.book.series, book.series))
    marks, data = np.full((len(wanted), 1, 1), np.nan), np.full((len(wanted), 1), MISSING, dtype=np.int8)
    for k, (name, policy) in enumerate(wanted):
        if (name, policy) in held:
            at = held.index((name, policy))
            marks[k], data[k] = picture.now.marks[at], picture.now.data[at]
        else:
            seen = picture.session.history.observe(name, picture.as_of, picture.known_at, policy)
            marks[k], data[k] = np.nan if seen.value is None else seen.value, DATA.index(seen.data)
    return Worlds(tuple(book.series.names), (picture.as_of,), (picture.known_at,), marks, data, picture.now.basis)


def _read(desk: Desk) -> Desk:
    """The terms as a projection reads them; the same desk where it reads all as they stand."""
    read = {name: with_sweeps(one) for name, one in desk.facilities.items()}
    return desk if all(read[name] is one for name, one in desk.facilities.items()) else msgspec.structs.replace(desk, facilities=read)


def _compiled(picture: Picture, desk: Desk) -> Book:
    session = picture.session
    happened = [one for one in session.journal.known(picture.known_at) if one.effective <= picture.as_of]
    return compile_book(desk, session.definitions, session.calendar, session.timezone, happened)

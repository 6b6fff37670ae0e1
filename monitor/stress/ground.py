"""What every stress departs from: the picture of the as-of, the covenants that are computed, the marks of now."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import numpy as np

from monitor.assess import Picture
from monitor.marks.curves import along_curves
from rules.columns import Floats
from rules.compare import RESULTS
from rules.scope import Rows
from rules.stressed import Stressed, rows_now, stress
from rules.worlds import Worlds


class Ground(msgspec.Struct, frozen=True):
    """N covenants at the as-of. `rates` float64[N] turns money of a row into the desk's currency, NaN where that is unknown;
    `start` is each row in the marks of now.
    """

    picture: Picture
    now: Worlds
    rows: Rows
    rates: Floats
    start: Stressed

    @property
    def currency(self) -> str:
        """The desk's own."""
        file = self.picture.session.desk.file
        return file.desk.currency if file else "USD"

    def name(self, n: int) -> str:
        """`facility/covenant` of a row."""
        test = self.picture.book.tests[self.rows.test[n]]
        return f"{self.picture.book.ids[test.facility]}/{test.covenant.id}"

    def result(self, n: int) -> str:
        """The result of a row in the marks of now."""
        return RESULTS[int(self.start.made.result[n, 0])]

    def run(self, worlds: Worlds) -> Stressed:
        """Every row in some worlds that depart from now."""
        return stress(self.picture.book, worlds, self.now, self.rows, self.picture.state)


def ground_of(picture: Picture, facilities: Collection[str] | None = None, covenant: str | None = None) -> Ground:
    """The ground of a picture, or of some facilities and one covenant of them."""
    now = msgspec.structs.replace(along_curves(picture.now, _curves(picture)), basis="stressed")
    rows = rows_now(picture.book, now)
    tests = [picture.book.tests[t] for t in rows.test]
    kept = [facilities is None or picture.book.ids[test.facility] in facilities for test in tests]
    kept = [one and covenant in (None, test.covenant.id) for one, test in zip(kept, tests, strict=True)]
    rows = rows.pick(np.array(kept, dtype=bool))
    start = stress(picture.book, now, now, rows, picture.state)
    return Ground(picture, now, rows, _rates(picture, rows), start)


def _curves(picture: Picture) -> list:  # type: ignore[type-arg]
    file = picture.session.desk.file
    return list(file.curve) if file else []


def _rates(picture: Picture, rows: Rows) -> Floats:
    file = picture.session.desk.file
    home = _dollars(picture, file.desk.currency if file else "USD")
    return np.array([_dollars(picture, picture.book.terms[picture.book.tests[t].facility].facility.currency) / home for t in rows.test])


def _dollars(picture: Picture, currency: str) -> float:
    if currency == "USD":
        return 1.0
    place = picture.book.series.find(f"{currency}.fx")
    if place is None:
        seen = picture.session.history.observe(f"{currency}.fx", picture.as_of, picture.known_at).value
        return float("nan") if seen is None else seen
    return float(picture.now.marks[place, 0, 0])

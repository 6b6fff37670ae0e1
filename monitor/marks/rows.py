"""One row of a marks file to one print, or to the problems that forbid it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from facilities.diagnose import nearest
from facilities.problems import Place, Problem
from monitor.marks import units
from monitor.marks.header import COLUMNS
from monitor.marks.instants import NoOffset, instant
from monitor.marks.prints import OVERRIDE, Print, kind_of, two_people
from monitor.marks.problems import problem
from monitor.marks.scan import CsvText

_PLACEHOLDERS = frozenset({"", "."})
_OWN_UNIT = "a kind of mark without a unit of its own says its unit"


class Row(NamedTuple):
    """A print and where it was read, for what only several rows together can show."""

    made: Print
    text: CsvText
    line: int
    columns: dict[str, int]

    def place(self, column: str) -> Place:
        """The field of `column`."""
        return self.text.place(self.line, self.columns[column])


class RowReader:
    """Collects the rows and problems of one file after another; `start` names the file and its columns."""

    def __init__(self, timezone: dt.tzinfo) -> None:
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.errors = 0
        self._timezone = timezone
        self._instants: dict[str, dt.datetime] = {}
        self._scales: dict[tuple[str, str], tuple[str, units.Scale]] = {}
        self._columns: dict[str, int] = {}

    def start(self, text: CsvText, header: Sequence[str]) -> None:
        """Turn to a file whose columns are known to be good."""
        self._text = text
        self._columns = {name: at for at, name in enumerate(header)}
        self._in_order = itemgetter(*(self._columns.get(name, -1) for name in COLUMNS))

    def read(self, line: int, fields: list[str]) -> None:
        """Read the record that starts on `line`; a record with an error leaves problems and no row."""
        fields.append("")  # what a column that is not there reads as
        series, date, written, unit, source, known, kind, n_obs, by, approved_by, note = self._in_order(fields)
        self._line, before = line, self.errors
        scaled = self._scale(series, unit)
        as_of = self._instant("date", date)
        value = self._value(written, scaled) if scaled else None
        known_at = self._instant("known_at", known) if known else None
        count = self._count(n_obs) if n_obs else None
        if not source:
            self._refuse("M022", "source", "the field is empty")
        if kind == OVERRIDE and not two_people(by, approved_by):
            self._refuse("M026", "kind", f"entered by {by or 'nobody'}, approved by {approved_by or 'nobody'}")
        if scaled is None or as_of is None or value is None or self.errors > before:
            return
        if known_at is not None and known_at < as_of:
            self._refuse("M025", "known_at", f"known at {_shown(known_at)}, but observed at {_shown(as_of)}")
        origin = f"{self._text.name}:{line}"
        who = (by or None, approved_by or None)
        made = Print(series, as_of, value, scaled[1].unit, source, known_at, kind or None, count, *who, note or None, origin)
        self.rows.append(Row(made, self._text, line, self._columns))

    def _refuse(self, code: str, column: str, message: str, hint: str | None = None) -> None:
        place = self._text.place(self._line, self._columns.get(column))
        found = problem(code, place, message, hint)
        self.problems.append(found)
        self.errors += found.level == "error"

    def _scale(self, series: str, unit: str) -> tuple[str, units.Scale] | None:
        """Kind of mark and scale of a series written in `unit`; the same pair is looked up once."""
        known = self._scales.get((series, unit))
        if known is not None:
            return known
        kind = kind_of(series)
        if kind is None:
            self._refuse("M013", "series", f"{series!r} has no asset and kind")
            return None
        asset = series.partition(".")[0]
        scale = units.scale(asset, kind, unit)
        if scale is None:
            options = units.accepted(asset, kind)
            hint = f"a mark of kind {kind!r} is written in {', '.join(options)}" if options else nearest(kind, units.KINDS) or _OWN_UNIT
            message = f"{unit!r} is no unit of kind {kind!r}" if options else f"{kind!r} is no known kind of mark, and no unit is given"
            self._refuse("M020", "unit", message, hint)
            return None
        return self._scales.setdefault((series, unit), (kind, scale))

    def _value(self, written: str, scaled: tuple[str, units.Scale]) -> float | None:
        kind, scale = scaled
        if written in _PLACEHOLDERS:
            self._refuse("M016", "value", f"{written!r} is a placeholder")
            return None
        try:
            value = units.canonical(written, scale.power)
        except ValueError as error:
            self._refuse("M017", "value", str(error))
            return None
        if value - value != 0.0:
            self._refuse("M018", "value", f"{written!r} is not finite")
        elif value <= 0 and kind not in units.MAY_BE_NEGATIVE:
            self._refuse("M019", "value", f"{written!r} is not above zero")
        else:
            doubt = units.implausible(kind, value, scale.unit)
            if doubt:
                self._refuse("M028", "value", doubt)
        return value

    def _instant(self, column: str, text: str) -> dt.datetime | None:
        known = self._instants.get(text)
        if known is not None:
            return known
        try:
            return self._instants.setdefault(text, instant(text, self._timezone))
        except NoOffset as error:
            self._refuse("M015", column, str(error))
        except ValueError as error:
            self._refuse("M014", column, str(error))
        return None

    def _count(self, text: str) -> int | None:
        if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0:
            return int(text)
        self._refuse("M027", "n_obs", f"{text!r} is no count")
        return None


def _shown(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

"""Small books for tests of the rules: a facility written as TOML text, marks as a table, one or many worlds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import tomli

from facilities.calendars import Calendar
from facilities.load import Desk
from facilities.model import DeskFile, DeskTerms, FacilityFile, ObligorFile, decode_hook
from rules.book import Book, compile_book
from rules.definitions import Definitions, read_library
from rules.evaluate import Assessment, evaluate
from rules.kernel import value
from rules.scope import Rows, Scope, facility_rows, open_scope
from rules.state import AS_AGREED, State
from rules.worlds import GOOD, MISSING, Worlds

WEEKENDS = Calendar("weekends")
HEAD = '[facility]\nid = "{0}"\nname = "{0}"\nkind = "term"\nborrower = "b"\n'
LOAN = HEAD.format("x") + "closing = 2025-12-31\nmaturity = 2030-12-31\n[[facility.balance]]\ndate = 2025-12-31\noutstanding = 1000\n"
QUARTERLY = (
    HEAD.format("x")
    + """closing = 2025-12-31
maturity = 2027-12-31
[[facility.balance]]
date = 2025-12-31
outstanding = 800
[interest]
fixed_pct = 8
day_count = "30/360"
[amortisation]
style = "straight-line"
frequency = "quarterly"
start = 2025-12-31
original = 800
payments = 8
"""
)
"""Eight equal quarters of 100 at 8 % on 800: interest of 16, 14, 12, ... beside them."""
COIN = '[[collateral]]\nid = "coins"\nasset = "BTC"\nunits = 10\nprice = "BTC.price"\n'
DAY = "2026-06-30"
LIBRARY = read_library()


def table(text: str, shape: type) -> object:
    """TOML text through the schema's own reader."""
    return msgspec.convert(tomli.loads(text, parse_float=Decimal), shape, dec_hook=decode_hook)


def library() -> Definitions:
    return Definitions(LIBRARY.quantity, LIBRARY.rule, LIBRARY.line)


def book_of(*facilities: str, obligors: tuple[str, ...] = (), calendar: Calendar = WEEKENDS) -> Book:
    """A book of facility files and obligor files given as text."""
    files: dict[str, FacilityFile] = {}
    for text in facilities:
        one = table(text, FacilityFile)
        assert isinstance(one, FacilityFile)
        files[one.facility.id] = one
    owners: dict[str, ObligorFile] = {}
    for text in obligors:
        who = table(text, ObligorFile)
        assert isinstance(who, ObligorFile)
        owners[who.obligor.id] = who
    paths = {f"facility:{name}": f"facilities/{name}.toml" for name in files}
    paths |= {f"obligor:{name}": f"obligors/{name}.toml" for name in owners}
    desk = Desk(Path(), DeskFile(desk=DeskTerms(name="Small")), files, owners, {}, (), paths, [], "")
    return compile_book(desk, library(), lambda _: calendar)


def end_of(day: str) -> dt.datetime:
    """The end of a day, UTC."""
    return dt.datetime.combine(dt.date.fromisoformat(day) + dt.timedelta(days=1), dt.time(), dt.UTC)


def worlds_of(
    book: Book, marks: dict[str, float | list[float]], days: tuple[str, ...] = (DAY,), known: str | None = None, basis: str = "indicative"
) -> Worlds:
    """Worlds of some days; a mark given as a list differs by path, one not given is missing."""
    names = tuple(book.series.names)
    paths = max((len(one) for one in marks.values() if isinstance(one, list)), default=1)
    values = np.full((len(names), paths, len(days)), np.nan)
    data = np.full((len(names), len(days)), MISSING, dtype=np.int8)
    for k, name in enumerate(names):
        if name in marks:
            values[k] = np.broadcast_to(np.asarray(marks[name], dtype=float).reshape(-1, 1), (paths, len(days)))
            data[k] = GOOD
    instants = tuple(end_of(day) for day in days)
    return Worlds(names, instants, tuple(end_of(known) if known else at for at in instants), values, data, basis)


def rows_of(book: Book, days: tuple[str, ...] = (DAY,), period_end: str | None = None, due: str | None = None) -> Rows:
    """Every test of the book on every day, each for the period that ends then."""
    tests = np.repeat(np.arange(len(book.tests)), len(days))
    instant = np.tile(np.arange(len(days)), len(book.tests))
    ends = np.array([dt.date.fromisoformat(period_end or days[at]).toordinal() for at in instant], dtype=np.int64)
    dues = np.full(len(tests), dt.date.fromisoformat(due).toordinal() if due else 0, dtype=np.int64)
    return Rows(tests.astype(np.int64), instant.astype(np.int64), ends, dues)


def judge(
    book: Book, marks: dict[str, float | list[float]] | None = None, day: str = DAY, basis: str = "indicative", state: State = AS_AGREED,
    known: str | None = None, due: str | None = None,
) -> Assessment:  # fmt: skip
    """Every test of a book on one day."""
    return evaluate(book, worlds_of(book, marks or {}, (day,), known, basis), state, rows_of(book, (day,), due=due))


def scope_of(
    book: Book, marks: dict[str, float | list[float]] | None = None, day: str = DAY, basis: str = "indicative", facility: int = 0,
    known: str | None = None, state: State = AS_AGREED,
) -> Scope:  # fmt: skip
    """A scope of one row of one facility, missing marks unknown."""
    worlds = worlds_of(book, marks or {}, (day,), known, basis)
    chosen = np.array([facility], dtype=np.int64)
    scope = open_scope(book, worlds, facility_rows(book, worlds, chosen), state, facility=chosen)
    scope.assumed = False
    return scope


def figure(
    book: Book, quantity: str, marks: dict[str, float | list[float]] | None = None, day: str = DAY, basis: str = "indicative",
    facility: int = 0, known: str | None = None, state: State = AS_AGREED,
) -> float:  # fmt: skip
    """One quantity of one facility on one day, NaN where unknown."""
    found = value(book.definitions[facility].quantity(quantity), scope_of(book, marks, day, basis, facility, known, state))
    return float(found[0, 0])


def formula(text: str, unit: str | None = None, name: str = "q") -> str:
    """A facility's own quantity, as TOML."""
    return f"[quantity.{name}]\nformula = '''{text}'''\n" + (f'unit = "{unit}"\n' if unit is not None else "")


def report(end: str, months: int, delivered: str | None, **lines: float) -> str:
    """One certified period, as TOML."""
    came = f"delivered = {delivered}\n" if delivered else ""
    inside = ", ".join(f"{name} = {amount}" for name, amount in lines.items())
    return f"[[reported]]\nperiod_end = {end}\nmonths = {months}\n{came}certified = true\nlines = {{ {inside} }}\n"


def covenant(rule: str, operator: str = ">=", threshold: object = 1, extra: str = "", name: str = "c") -> str:
    """One covenant, as TOML."""
    level = f"threshold = {threshold}\n" if threshold is not None else ""
    return f'[[covenant]]\nid = "{name}"\nrule = "{rule}"\noperator = "{operator}"\n{level}{extra}\n'

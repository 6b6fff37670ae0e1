"""A desk opened for questions: its files, its marks, its definitions, and the instant it is asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import msgspec

from facilities.amend import amended
from facilities.calendars import Calendar, named_calendar
from facilities.faults import faults_of
from facilities.lint import errors
from facilities.load import Desk, load
from facilities.model import RuleFile
from facilities.problems import Problem
from monitor.journal.ledger import Ledger, read_ledger
from monitor.marks.csvfile import read_marks
from monitor.marks.history import History
from monitor.marks.instants import instant, zone
from monitor.marks.prints import Print
from monitor.places import DeskError, UsageError, cache_folder
from rules.definitions import Definitions, merge, read_library
from rules.examples import verify
from rules.formula import FormulaError
from rules.vocabulary import PLAIN
from rules.wording import problem_at, wording_problems

YEARS = (2015, 2045)
"""The years whose holidays are expanded into the cache; outside them only weekends are closed."""


class Session(msgspec.Struct, frozen=True):
    """An opened desk. `problems` are those of its files and marks that did not stop it."""

    desk: Desk
    history: History
    definitions: Definitions
    cache: Path
    timezone: dt.tzinfo
    problems: list[Problem]
    calendars: dict[str, Calendar] = {}
    journal: Ledger = Ledger()
    keeps: bool = True

    def moment(self, text: str | None, clock: dt.datetime) -> dt.datetime:
        """An as-of as a UTC instant: `today` is now, nothing the desk's own pin or else now. Raises ValueError for other words."""
        pinned = self.desk.file.desk.as_of if self.desk.file else None
        written = text if text is not None else str(pinned) if pinned is not None else "today"
        return clock if written in ("today", "now") else instant(written, self.timezone)

    def calendar(self, name: str | None) -> Calendar:
        """A named calendar from the cache; none is the desk's default, and weekends where it has none."""
        default = self.desk.file.desk.calendar if self.desk.file else None
        wanted = name or default or "weekends"
        if wanted not in self.calendars:
            self.calendars[wanted] = named_calendar(wanted, *YEARS, self.cache, self.keeps)
        return self.calendars[wanted]

    def rate(self, currency: str, home: str, at: dt.datetime, known_at: dt.datetime) -> float | None:
        """Units of `home` for one of `currency` at an instant, through dollars; None where a mark of the two is not known."""
        if currency == home:
            return 1.0
        rates = [1.0 if one == "USD" else self.history.observe(f"{one}.fx", at, known_at).value for one in (currency, home)]
        return None if rates[0] is None or not rates[1] else rates[0] / rates[1]

    def on(self, day: dt.date, known: dt.date) -> Desk:
        """The desk with the amendments in force on a day, as signed by another."""
        terms = {identity: amended(one, day, known) if one.amendment else one for identity, one in self.desk.facilities.items()}
        return msgspec.structs.replace(self.desk, facilities=terms)


def open_desk(root: Path, journal: Ledger | None = None, keeps: bool = True) -> Session:
    """Read a desk, its marks, its rules and its journal; what an error of one facility or obligor touches is not judged.

    `journal` takes the place of the one in the folder; without `keeps` nothing is written, not even to the cache.

    Raises DeskError when desk.toml, a rule file, a marks file or the journal cannot be used, OSError when the journal cannot be read.
    """
    folder = cache_folder()
    desk = load(root, folder, keeps)
    if desk.file is None or desk.fatal:
        raise DeskError(desk.problems)
    prints, found = read_marks(desk.marks, root, desk.file.desk.timezone)
    if any(one.level == "error" for one in found):
        raise DeskError([*desk.problems, *found])
    library = read_library()
    linted = errors(desk, {one.series for one in prints}, library, PLAIN)
    faulted = msgspec.structs.replace(desk, faults=faults_of(desk, linted), problems=[*desk.problems, *(one.problem for one in linted)])
    if any(one.owner == "desk" or one.owner.startswith("rules:") for one in linted):
        raise DeskError(faulted.problems)
    return opened(faulted, prints, found, folder, journal or read_ledger(root), library, keeps)


def opened(
    desk: Desk,
    prints: Sequence[Print],
    found: Sequence[Problem],
    cache: Path,
    journal: Ledger | None = None,
    library: RuleFile | None = None,
    keeps: bool = True,
) -> Session:
    """A session over terms and prints already read, with the problems found in the prints. Raises DeskError as `open_desk`."""
    assert desk.file is not None
    definitions = _definitions(desk, library or read_library())
    timezone = zone(desk.file.desk.timezone)  # a name that does not exist was fatal already
    told = [*desk.problems, *found, *_coming_words(desk, definitions)]
    session = Session(desk, History(()), definitions, cache, timezone, told, journal=journal or Ledger(), keeps=keeps)
    try:
        calendar = session.calendar(None)
    except ValueError as error:
        raise DeskError([Problem("D011", "unknown-calendar", desk.place("desk", ("desk", "calendar")), str(error))]) from None
    history = History([*prints, *session.journal.prints()], desk.file.series, desk.file.desk.timezone, calendar)
    return _known_calendars(msgspec.structs.replace(session, history=history))


def _known_calendars(session: Session) -> Session:
    """The session without the facilities whose calendar does not exist: each is reported, and unknown."""
    kept, problems = dict(session.desk.facilities), list(session.problems)
    for identity, one in session.desk.facilities.items():
        try:
            session.calendar(one.facility.calendar)
        except ValueError as error:
            place = session.desk.place(f"facility:{identity}", ("facility", "calendar"))
            problems.append(Problem("D011", "unknown-calendar", place, str(error)))
            del kept[identity]
    if len(kept) == len(session.desk.facilities):
        return session
    return msgspec.structs.replace(
        session, desk=msgspec.structs.replace(session.desk, facilities=kept, problems=problems), problems=problems
    )


def _coming_words(desk: Desk, definitions: Definitions) -> list[Problem]:
    """The definitions of amendments that cannot be used, in force or not yet."""
    amending = {name: one for name, one in desk.facilities.items() if any(row.quantity for row in one.amendment)}
    return wording_problems(msgspec.structs.replace(desk, facilities=amending), definitions) if amending else []


def _definitions(desk: Desk, library: RuleFile) -> Definitions:
    merged = library
    for name, rules in desk.rules.items():
        merged = merge(merged, rules)
        for quantity in rules.quantity:
            try:
                Definitions(merged.quantity, merged.rule, merged.line)
            except FormulaError as error:
                raise DeskError([_rule_problem(desk, name, quantity, error)]) from None
    definitions = Definitions(merged.quantity, merged.rule, merged.line)
    problems = [found for name, rules in desk.rules.items() for found in _check(desk, name, list(rules.quantity), definitions)]
    if problems:
        raise DeskError(problems)
    return definitions


def _check(desk: Desk, name: str, quantities: list[str], definitions: Definitions) -> list[Problem]:
    found = []
    for quantity in quantities:
        try:
            defined = definitions.quantity(quantity)
        except FormulaError as error:
            found.append(_rule_problem(desk, name, quantity, error))
            continue
        example = desk.rules[name].quantity[quantity].example
        try:
            if example is not None:
                verify(defined, example)
        except FormulaError as error:
            found.append(problem_at(desk, f"rules:{name}", ("quantity", quantity, "example"), error))
    return found


def _rule_problem(desk: Desk, name: str, quantity: str, error: FormulaError) -> Problem:
    return problem_at(desk, f"rules:{name}", ("quantity", quantity, "formula"), error)


def now() -> dt.datetime:
    """The clock, UTC; it is read here and nowhere else."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def moments(session: Session, as_of: str | None, known_at: str | None) -> tuple[dt.datetime, dt.datetime]:
    """(as-of, known-at) in UTC. Raises UsageError for words that are no time."""
    clock = now()
    try:
        at = session.moment(as_of, clock)
        return at, session.moment(known_at, clock) if known_at is not None else at
    except (ValueError, OverflowError) as error:
        raise UsageError(f"not a time: {error}; give a date, an instant with an offset, or today") from None

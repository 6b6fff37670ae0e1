"""The worlds of test files: each desk opened once, each (instants, marks, given) assessed once."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from pathlib import Path

import msgspec

from facilities.load import Desk
from facilities.model import Amount, DeskFile, DeskTerms, Obligor, ObligorFile, RuleFile
from facilities.problems import Problem
from monitor.assess import Picture, assess
from monitor.cases.events import ledger_of
from monitor.cases.files import Sheet
from monitor.cases.given import check_read, state_of
from monitor.cases.marks import GivenMarks
from monitor.cases.problems import Wrong, near, problem
from monitor.marks import units
from monitor.marks.prints import kind_of
from monitor.places import DeskError, cache_folder
from monitor.report.build import build_report
from monitor.report.schema import FacilityPart, Report
from monitor.session import Session, open_desk, opened


class World:
    """A picture under test and what the report says of it, made where asked for; `home` names its desk, or the file with its loan."""

    def __init__(self, home: str, picture: Picture) -> None:
        self.home, self.picture = home, picture
        self._parts: dict[str, FacilityPart] = {}

    @cached_property
    def head(self) -> Report:
        """The report without measures and remedies."""
        return build_report(self.picture, full=False)

    def part(self, facility: str) -> FacilityPart:
        """One facility of the whole report."""
        if facility not in self._parts:
            self._parts[facility] = build_report(self.picture, frozenset({facility})).facilities[0]
        return self._parts[facility]


class Bench:
    """Opens and assesses, and remembers."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session | DeskError] = {}
        self._worlds: dict[tuple[str, ...], World] = {}

    def home(self, sheet: Sheet) -> Path:
        """The folder of the desk a file asks about, or the file itself when it carries a loan. Raises Wrong C012."""
        named, above = sheet.terms.desk, sheet.path.resolve().parent.parent
        if sheet.carries:
            if named is not None:
                raise Wrong(problem("C012", sheet.place("desk"), "the file carries a loan and names a desk besides", "keep one of the two"))
            return sheet.path.resolve()
        if named is None and not (above / "desk.toml").exists():
            raise Wrong(problem("C012", sheet.place(), "no desk lies above the file, and it carries no loan"))
        root = (sheet.path.parent / named).resolve() if named is not None else above
        if not (root / "desk.toml").exists():
            raise Wrong(problem("C012", sheet.place("desk", value=True), f"there is no desk at {named}"))
        return root

    def session(self, sheet: Sheet) -> Session:
        """The desk of a test file, opened. Raises Wrong, and DeskError where it cannot be judged."""
        home = self.home(sheet)
        if str(home) not in self._sessions:
            try:
                self._sessions[str(home)] = _with_loan(sheet) if sheet.carries else open_desk(home)
            except DeskError as error:
                self._sessions[str(home)] = error
        found = self._sessions[str(home)]
        if isinstance(found, DeskError):
            raise found
        return found

    def world(self, sheet: Sheet, number: int) -> World:
        """The world of one case. Raises Wrong, and DeskError where the desk cannot be judged."""
        case, session = sheet.terms.case[number], self.session(sheet)
        as_of, known_at = _moments(sheet, number, session)
        marks = {**sheet.terms.marks, **case.marks}
        key = (
            str(self.home(sheet)),
            str(as_of),
            str(known_at),
            repr(sorted(marks.items())),
            repr((case.facility, sorted(case.given.items()))),
            repr(case.event),
        )
        if key not in self._worlds:
            if marks:
                session = msgspec.structs.replace(session, history=GivenMarks(session.history, marks, as_of, session.timezone))
            session = msgspec.structs.replace(session, journal=ledger_of(sheet, number, session))
            picture = assess(session, as_of, known_at, state_of(sheet, number, list(session.desk.facilities)))
            self._worlds[key] = World(key[0], picture)
        world = self._worlds[key]
        self._known_marks(sheet, number, world.picture)
        check_read(sheet, number, world.picture)
        return world

    def _known_marks(self, sheet: Sheet, number: int, picture: Picture) -> None:
        """Raises Wrong C009 for a mark that no loan reads, C007 for a value that no mark has."""
        known = picture.book.series.names
        for path, marks in ((("marks",), sheet.terms.marks), (("case", number, "marks"), sheet.terms.case[number].marks)):
            for name, amount in marks.items():
                if name not in known:
                    raise Wrong(problem("C009", sheet.place(*path, name), f"no loan reads a mark {name!r}", near(name, known)))
                doubt = _doubt(name, amount)
                if doubt:
                    raise Wrong(
                        problem(
                            "C007", sheet.place(*path, name, value=True), doubt, "write USD per unit or hour; a rate as a fraction: 0.039"
                        )
                    )


def _doubt(name: str, amount: Amount) -> str | None:
    """Why a value cannot be a mark: not above zero, or a rate in percent."""
    kind = kind_of(name) or ""
    values = [float(step.value) for step in amount] if isinstance(amount, list) else [float(amount)]
    if kind not in units.MAY_BE_NEGATIVE and min(values, default=1.0) <= 0:
        return f"{min(values):g} is no {kind}: a {kind} is above zero"
    return next((doubt for value in values if kind == "rate" and (doubt := units.implausible(kind, value, ""))), None)


def _moments(sheet: Sheet, number: int, session: Session) -> tuple[dt.datetime, dt.datetime]:
    """(as-of, known-at) of a case: its own, the last day of its replay, the file's, or the desk's pin; never the clock."""
    case = sheet.terms.case[number]
    path = ("case", number, "as_of") if case.as_of is not None else ("as_of",)
    pinned = session.desk.file.desk.as_of if session.desk.file else None
    ended = case.replay.to if case.replay else None
    written = case.as_of or ended or sheet.terms.as_of or pinned
    if written is None:
        raise Wrong(problem("C006", sheet.place("case", number), f"neither the case {case.name!r}, its file nor the desk says when"))
    try:
        as_of = session.moment(str(written), dt.datetime.max)
        path = ("case", number, "known_at")
        return as_of, session.moment(str(case.known_at), dt.datetime.max) if case.known_at is not None else as_of
    except (ValueError, OverflowError) as error:
        raise Wrong(problem("C006", sheet.place(*path, value=True), str(error))) from None


def _with_loan(sheet: Sheet) -> Session:
    """A desk of the one loan that a test file carries, its borrower an obligor of that name."""
    if sheet.loan is None:
        raise DeskError(sheet.faults)
    facility = sheet.loan.facility
    names = dict.fromkeys([facility.borrower, *facility.guarantor])
    obligors = {name: ObligorFile(obligor=Obligor(id=name, name=name)) for name in names}
    files = dict.fromkeys(("desk", "rules:", f"facility:{facility.id}", *(f"obligor:{name}" for name in names)), sheet.path.name)
    terms = DeskFile(desk=DeskTerms(name=sheet.name, as_of=sheet.terms.as_of))
    rules = {"": RuleFile(rule=sheet.terms.rule, line=sheet.terms.line)}
    desk = Desk(sheet.path.parent, terms, {facility.id: sheet.loan}, obligors, rules, (), files, [], "")
    return opened(desk, [], [], cache_folder())


def faults_of(session: Session, world: World | None) -> list[Problem]:
    """Everything a desk reports of itself: its files, its formulas, and what lint says."""
    from facilities.lint import lint
    from rules.definitions import read_library
    from rules.vocabulary import PLAIN

    found = [*session.problems, *(world.picture.book.problems if world else []), *lint(session.desk, None, read_library(), PLAIN)]
    return list(dict.fromkeys(found))

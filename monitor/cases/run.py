"""The runner: files to outcomes, the covenants they cover, and the boundaries of those."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from facilities.problems import Place, Problem
from monitor.cases.ahead import foreseen
from monitor.cases.boundaries import Tried, tried
from monitor.cases.expect import Asked, expected, faults, head
from monitor.cases.files import Sheet, find, read
from monitor.cases.outcome import Check, Outcome
from monitor.cases.problems import Wrong, problem
from monitor.cases.worlds import Bench, World, faults_of
from monitor.places import DeskError, UsageError
from monitor.progress import Bar


class Summary(msgspec.Struct, frozen=True):
    """All outcomes in order; the boundaries tried; the covenants known and those expected something of, as desk and name."""

    outcomes: list[Outcome]
    boundaries: list[Tried]
    known: list[tuple[str, str]]
    covered: list[tuple[str, str]]

    def count(self, status: str) -> int:
        """How many cases came out so."""
        return sum(one.status == status for one in self.outcomes)

    @property
    def failed(self) -> int:
        """Cases that fail, and boundaries that do not hold."""
        return self.count("fail") + sum(any(not check.good for check in one.checks) for one in self.boundaries)

    @property
    def exit_code(self) -> int:
        """65 where something could not be tested, 1 where something is off, else 0."""
        return 65 if self.count("error") else 1 if self.failed else 0


def run(paths: Sequence[str], root: Path, only: str | None = None, every_boundary: bool = False) -> Summary:
    """Every case of some files and folders, of the desk's own where none is named; `only` is a glob over case names.

    Raises UsageError when the glob leaves nothing, FileNotFoundError for a path that is not there.
    """
    found = find(paths, root)
    runner = _Runner(only)
    if not found:
        runner.outcomes.append(
            _bad(str(root / "tests") if not paths else paths[0], [problem("C001", Place("tests"), "there is no test file")])
        )
    for path, name in Bar("files").over(found):
        runner.file(path, name)
    if only is not None and not runner.outcomes:
        raise UsageError(f"no case is called {only!r}")
    return runner.summary(every_boundary)


def _bad(name: str, problems: list[Problem]) -> Outcome:
    return Outcome(file=name, name="", line=None, problems=problems)


class _Runner:
    """Runs files one by one and remembers the worlds they asked about."""

    def __init__(self, only: str | None) -> None:
        self.only = only
        self.bench = Bench()
        self.outcomes: list[Outcome] = []
        self.touched: dict[tuple[str, str], World] = {}
        self.worlds: dict[str, World] = {}

    def file(self, path: Path, name: str) -> None:
        sheet, problems = read(path, name)
        if sheet is None:
            self.outcomes.append(_bad(name, problems))
            return
        for number, case in enumerate(sheet.terms.case):
            if self.only is None or wanted(self.only, case.name) or wanted(self.only, f"{path.stem}/{case.name}"):
                self.outcomes.append(self.case(sheet, number))

    def case(self, sheet: Sheet, number: int) -> Outcome:
        """One case held against its world."""
        case, checks, problems = sheet.terms.case[number], [], []
        asked: Asked | None = None
        try:
            world = self.bench.world(sheet, number)
            asked = Asked(sheet, number, world)
            self.worlds.setdefault(world.home, world)
            for ask in _questions(asked):
                try:
                    checks += ask()
                except Wrong as error:
                    problems.append(error.problem)
            if sheet.carries and not case.error:
                problems += [one for one in world.picture.book.problems if one.level == "error"]
        except Wrong as error:
            problems.append(error.problem)
        except DeskError as error:
            if case.error and not (case.expect or case.report or case.projection):
                checks += faults(sheet, number, error.problems)
            else:
                problems += error.problems
        for name in asked.touched if asked else ():
            self.touched.setdefault((asked.world.home, name), asked.world)  # type: ignore[union-attr]
        return Outcome(
            file=sheet.name, name=case.name, line=sheet.place("case", number).line, checks=checks, problems=problems,
            trees=asked.trees if asked else [], touched=asked.touched if asked else [],
        )  # fmt: skip

    def summary(self, every_boundary: bool) -> Summary:
        known = [(home, name) for home, world in self.worlds.items() for name in _covenants(world)]
        chosen = {key: self.worlds[key[0]] for key in known} | self.touched if every_boundary else self.touched
        boundaries = [_tried(world, name) for (_, name), world in chosen.items()]
        return Summary(self.outcomes, boundaries, known, [key for key in known if key in self.touched])


def _questions(asked: Asked) -> list[Callable[[], list[Check]]]:
    """What a case asks, kind by kind."""
    case, found = asked.case, asked.world
    questions: list[Callable[[], list[Check]]] = [lambda key=key: expected(asked, key) for key in case.expect]  # type: ignore[misc]
    if case.report:
        questions.append(lambda: head(asked))
    if case.projection:
        questions += [lambda key=key: foreseen(asked, key) for key in case.projection.expect]  # type: ignore[misc]
    if case.stress:
        from monitor.cases.stressed import stressed

        questions.append(lambda: list(stressed(asked)))
    if case.replay:
        from monitor.cases.replays import replay_questions

        questions += replay_questions(asked)
    if case.spread:
        from monitor.cases.spreads import spread_questions

        questions += spread_questions(asked)
    if case.error:
        questions.append(lambda: list(faults(asked.sheet, asked.number, faults_of(found.picture.session, found))))
    return questions


def _covenants(world: World) -> list[str]:
    """Every covenant of a desk that the monitor tests."""
    book = world.picture.book
    return [f"{book.ids[test.facility]}/{test.covenant.id}" for test in book.tests if test.covenant.tested_by_us]


def _tried(world: World, name: str) -> Tried:
    ids = world.picture.book.ids
    return next(tried(world.picture, one) for one in world.picture.standings if f"{ids[one.test.facility]}/{one.test.covenant.id}" == name)


def wanted(glob: str, name: str) -> bool:
    """Whether a name is meant: by a glob, or by a part of it where the glob has no `*`, `?` or `[`."""
    return fnmatchcase(name, glob) if any(char in glob for char in "*?[") else glob.casefold() in name.casefold()

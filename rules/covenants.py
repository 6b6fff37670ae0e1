"""Every covenant of a desk as a test: numerator and denominator to hold against levels, with the side that passes."""

from __future__ import annotations

from collections.abc import Sequence, Set
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from facilities.calendars import Calendar
from facilities.faults import BORROWER, Fault
from facilities.model import Covenant, FacilityFile, RuleTerms
from facilities.problems import Problem
from rules.columns import Dated
from rules.definitions import Definitions, is_affine, is_constant, series_in, unknown_name
from rules.formula import Binary, Call, Defined, FormulaError, Name, Node, children, text_of
from rules.levels import Level, Placed, levels_of, percentages
from rules.series import SeriesIndex
from rules.testdates import is_continuous
from rules.units import parse_unit
from rules.vocabulary import GROUPED, OBLIGED, PRIMITIVES
from rules.wording import Worded, own_definitions, problem_of

if TYPE_CHECKING:
    from facilities.load import Desk


class Form(msgspec.Struct, frozen=True):
    """What a covenant holds against its level from the day `since` (an ordinal) on: the quantity, and its outermost division.

    Numerator and denominator are None where nothing can be computed; `affine` says that no mark bends them.
    """

    since: int = 0
    quantity: Defined | None = None
    numerator: Node | None = None
    denominator: Node | None = None
    affine: bool = True


class Test(msgspec.Struct, frozen=True):
    """One covenant, ready to evaluate. `levels[0]` is the one that decides pass or fail; a ladder adds its other rungs.

    `forms` are its formulas in order of the days from which they count: more than one where an amendment changed a
    definition. `fault` says which error keeps it from being judged; there is then no formula and the result is unknown.
    """

    facility: int
    place: int
    covenant: Covenant
    rule: str | None
    title: str
    class_: str
    unit: str
    forms: tuple[Form, ...]
    levels: tuple[Level, ...]
    remap: dict[int, int]
    calendar: Calendar
    springs: Node | None = None
    springs_share_of: Node | None = None
    fault: str | None = None

    @property
    def quantity(self) -> Defined | None:
        """The quantity in its latest wording."""
        return self.forms[-1].quantity

    def on(self, day: int) -> Form:
        """The formula in force on a day (an ordinal): a test of the past keeps the definition of its own day."""
        forms = self.forms
        return forms[-1] if len(forms) == 1 else next((one for one in reversed(forms) if one.since <= day), forms[0])

    @property
    def continuous(self) -> bool:
        """Tested at every usable mark rather than on test dates."""
        return is_continuous(self.class_, self.covenant.test)


class Compared:
    """Columns beside the tests of a book: the level that decides each, which are compared in one way, which have a condition."""

    def __init__(self, tests: Sequence[Test]) -> None:
        ways: dict[tuple[str, int | None, str], int] = {}
        of = [(test.levels[0].operator, test.covenant.round, test.unit) for test in tests]
        self.alike = np.array([ways.setdefault(way, len(ways)) for way in of], dtype=np.int64)
        self.threshold = Dated(test.levels[0].threshold for test in tests)
        self.springs = np.array([test.springs is not None for test in tests], dtype=bool)


def tests_of(
    desk: Desk, library: Definitions, series: SeriesIndex, calendars: tuple[Calendar, ...], problems: list[Problem]
) -> tuple[tuple[Definitions, ...], tuple[Test, ...]]:
    """(latest definitions per facility, tests of all facilities in order); formula problems are appended to `problems`.

    A covenant that an error keeps from being judged, of its own or of the desk's files, has no formula.
    """
    latest: list[Definitions] = []
    tests: list[Test] = []
    faults: dict[str, list[Fault]] = {}
    for fault in desk.faults:
        faults.setdefault(fault.facility, []).append(fault)
    unread = [(f"{one.place.file} may be of the group: {one.code}", name) for one in list(desk.unread.values())[:1] for name in GROUPED]
    wordings = _Wordings(series)
    for f, one in enumerate(desk.facilities.values()):
        identity = one.facility.id
        dated, broken = own_definitions(one, library, desk, problems)
        latest.append(dated[-1].own)
        straight = frozenset() if _rate_bends(one) else _BY_RATE
        hit = [*faults.get(identity, ()), *broken, *(Fault(identity, None, *one) for one in unread)]
        for place, covenant in enumerate(one.covenant):
            test, found = _test(f, place, covenant, one, dated, wordings, straight, calendars[f])
            own = [f"{error.code}: {error.message}" for _, error in found]
            told = {fault.reason for fault in broken}  # a definition that it reads, told where it stands
            fresh = [at for at, reason in zip(found, own, strict=True) if reason not in told]
            problems += [problem_of(desk, one, ("covenant", place, *path), error) for path, error in fresh]
            tests.append(_withheld(test, [*(fault.reason for fault in hit if _hits(fault, test)), *own]))
    return tuple(latest), tuple(tests)


def _hits(fault: Fault, test: Test) -> bool:
    """Whether a covenant stands on what a fault is about."""
    if fault.covenants is not None and test.place not in fault.covenants:
        return False
    if fault.name is None:
        return True
    names = OBLIGED if fault.name == BORROWER else {fault.name}
    graphs = (*(form.quantity for form in test.forms), test.springs, test.springs_share_of)
    return any(_reads(node, names) for node in graphs if node is not None)


def _reads(node: Node, names: Set[str]) -> bool:
    """Whether one of these names stands anywhere in a graph."""
    word = node.name if isinstance(node, (Defined, Name)) else node.function if isinstance(node, Call) else None
    return word in names or any(_reads(child, names) for child in children(node))


def _withheld(test: Test, reasons: list[str]) -> Test:
    """The test as it is, or without its formula where there is a reason for that."""
    if not reasons or not test.covenant.tested_by_us:
        return test
    return msgspec.structs.replace(test, forms=(Form(),), springs=None, springs_share_of=None, fault=reasons[0])


class _Wordings:
    """The formulas of rules, each made once for all facilities that share their definitions; what they read is in `series`."""

    def __init__(self, series: SeriesIndex) -> None:
        self.series = series
        self.made: dict[tuple[object, ...], tuple[list[Worded], tuple[Form, ...]]] = {}

    def of(self, name: str | None, rule: RuleTerms | None, dated: list[Worded], straight: frozenset[str]) -> tuple[Form, ...]:
        """The formula of a rule after each change of a definition in it. Raises FormulaError."""
        key = (name, id(rule), straight, *((since, id(own)) for since, own in dated))
        if key not in self.made:  # with the definitions, so that what stands for them in the key stays theirs
            self.made[key] = dated, _forms(name, rule, dated, straight)
            for form in self.made[key][1]:
                for read in series_in(form.quantity) if form.quantity else ():
                    self.series.add(read)
        return self.made[key][1]


def _test(
    f: int, place: int, covenant: Covenant, one: FacilityFile, dated: list[Worded], wordings: _Wordings, straight: frozenset[str],
    calendar: Calendar,
) -> tuple[Test, list[Placed]]:  # fmt: skip
    """A covenant as a test, and what keeps it from being judged."""
    own = dated[-1].own
    rule = own.rules.get(covenant.rule or "")
    class_ = covenant.class_ or (rule.class_ if rule else "margin_ladder" if covenant.rung else "maintenance")
    forms: tuple[Form, ...] = (Form(),)
    springs = share_of = None
    found: list[Placed] = []
    levels: tuple[Level, ...] = (Level(covenant.operator or (rule and rule.operator) or ">=", covenant.threshold),)
    try:
        if covenant.tested_by_us:
            forms = wordings.of(covenant.rule, rule, dated, straight)
            levels = levels_of(covenant, rule, class_)
            springs, share_of = _springs(covenant, own)
    except FormulaError as error:
        found.append((("rule",), error))
    quantity = forms[-1].quantity
    title = covenant.title or (rule.title if rule and rule.title else quantity.title if quantity else covenant.id)
    found += percentages(covenant, levels, quantity)
    test = Test(
        f, place, covenant, covenant.rule, title, class_, quantity.unit if quantity else "x", forms, levels,
        _remap(covenant, one, wordings.series), calendar, springs, share_of,
    )  # fmt: skip
    return test, found


def _forms(name: str | None, rule: RuleTerms | None, dated: list[Worded], straight: frozenset[str]) -> tuple[Form, ...]:
    forms: list[Form] = []
    for since, own in dated:
        quantity = _quantity(name, rule, own)
        if not forms or quantity != forms[-1].quantity:
            numerator, denominator = split(quantity)
            affine = all(node is None or is_affine(node, straight) for node in (numerator, denominator))
            forms.append(Form(since, quantity, numerator, denominator, affine))
    return tuple(forms)


def _quantity(called: str | None, rule: RuleTerms | None, own: Definitions) -> Defined | None:
    if called is None:
        return None
    name = rule.quantity if rule else called
    if rule is None and name not in own.quantities and name not in PRIMITIVES:
        raise unknown_name(name, {**own.rules, **own.quantities})
    return _level_quantity(name, own)


def _level_quantity(name: str, own: Definitions) -> Defined:
    """A quantity that a level can be held against: it can change, and is no flow, which has a value only through a window."""
    found = own.quantity(name)
    if is_constant(found):
        hint = "a level is written as the covenant's threshold; a quantity reads terms, reports or marks"
        raise FormulaError("R011", f"{name!r} is {text_of(found.body)}, always: nothing in it can change", hint)
    if ("period", -1) in parse_unit(found.unit).powers:
        raise FormulaError("R005", f"{name!r} is {found.unit}, a flow, and has no value on a day", f"a window sums it: last12m({name})")
    return found


def _springs(covenant: Covenant, own: Definitions) -> tuple[Node | None, Node | None]:
    if covenant.springs is None:
        return None, None
    share_of = covenant.springs.share_of
    return _level_quantity(covenant.springs.quantity, own), _level_quantity(share_of, own) if share_of else None


def split(quantity: Node | None) -> tuple[Node | None, Node | None]:
    """Numerator and denominator of a quantity: the outermost division, through names."""
    node = quantity
    while isinstance(node, Defined):
        node = node.body
    if isinstance(node, Binary) and node.op == "/":
        return node.left, node.right
    return quantity, None


_BY_RATE = frozenset(("interest", "accrued"))
"""Primitives that move with a benchmark, in a straight line where no floor, cap or notional bends it."""


def _rate_bends(one: FacilityFile) -> bool:
    """Whether a move of the benchmark can meet a floor or a cap: not on a fixed rate, nor wholly swapped for the whole life."""
    tables = [one.interest, *(tranche.interest for tranche in one.tranche)]
    floating = [table for table in tables if table is not None and table.benchmark is not None]
    if not floating:
        return False
    swapped = sum(hedge.share or Decimal(0) for hedge in one.hedge if hedge.kind == "swap" and hedge.notional is None)
    limits = [limit for table in floating for limit in (table.floor_pct, table.cap_pct)]
    limits += [limit for hedge in one.hedge for limit in (hedge.cap_pct, hedge.floor_pct)]
    return not (swapped >= 1 and _spans(one)) and any(limit is not None for limit in limits)


def _spans(one: FacilityFile) -> bool:
    """Whether every swap runs from closing to the last maturity."""
    closing, maturities = one.facility.closing, [one.facility.maturity, *(tranche.maturity for tranche in one.tranche)]
    last = max((date.date for date in maturities if date is not None), default=None)
    if closing is None or last is None:
        return False
    late = any(hedge.start is not None and hedge.start > closing.date for hedge in one.hedge)
    early = any(hedge.end is not None and hedge.end.date < last for hedge in one.hedge)
    return not (late or early)


def _remap(covenant: Covenant, one: FacilityFile, series: SeriesIndex) -> dict[int, int]:
    owner = f"{one.facility.id}/{covenant.id}"
    return {series.add(name): series.add(name, policy, owner) for name, policy in covenant.marks.items()}

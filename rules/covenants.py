"""Every covenant of a desk as a test: numerator and denominator to hold against levels, with the side that passes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from facilities.amend import definitions
from facilities.calendars import Calendar
from facilities.model import Amount, Covenant, FacilityFile, RuleTerms, Rung
from facilities.problems import Problem
from rules.definitions import Definitions, is_affine, is_constant, series_in, unknown_name
from rules.formula import Binary, Defined, FormulaError, Node, text_of
from rules.series import SeriesIndex
from rules.units import parse_unit
from rules.vocabulary import PRIMITIVES

if TYPE_CHECKING:
    from facilities.load import Desk

CONTINUOUS = frozenset({"margin_ladder", "borrowing_base", "springing"})
_PASSES = {"above": "<=", "at_or_above": "<", "below": ">=", "at_or_below": ">"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "=="}


class Level(msgspec.Struct, frozen=True):
    """A level held against the ratio: `operator` is the side that passes; `label` the rung, None for the covenant's own."""

    operator: str
    threshold: Amount | None
    label: str | None = None
    rung: Rung | None = None


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
    definition. `error` says why the formula cannot be used; there is then none and the result is unknown.
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
    error: FormulaError | None = None

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
        return self.class_ in CONTINUOUS or (self.covenant.test is not None and self.covenant.test.frequency in ("continuous", "daily"))


def tests_of(
    desk: Desk, library: Definitions, series: SeriesIndex, calendars: tuple[Calendar, ...], problems: list[Problem]
) -> tuple[tuple[Definitions, ...], tuple[Test, ...]]:
    """(latest definitions per facility, tests of all facilities in order); formula problems are appended to `problems`."""
    latest: list[Definitions] = []
    tests: list[Test] = []
    wordings = _Wordings(series)
    for f, one in enumerate(desk.facilities.values()):
        dated = _own(one, library, desk, problems)
        latest.append(dated[-1].own)
        straight = frozenset() if _rate_bends(one) else _BY_RATE
        for place, covenant in enumerate(one.covenant):
            test = _test(f, place, covenant, one, dated, wordings, straight, calendars[f])
            tests.append(test)
            if test.error is not None:
                problems.append(problem_of(desk, one, ("covenant", place, "rule"), test.error))
    return tuple(latest), tuple(tests)


class _Dated(NamedTuple):
    """The definitions of one facility from the day `since` (an ordinal) on."""

    since: int
    own: Definitions


class _Wordings:
    """The formulas of rules, each made once for all facilities that share their definitions; what they read is in `series`."""

    def __init__(self, series: SeriesIndex) -> None:
        self.series = series
        self.made: dict[tuple[object, ...], tuple[list[_Dated], tuple[Form, ...]]] = {}

    def of(self, name: str | None, rule: RuleTerms | None, dated: list[_Dated], straight: frozenset[str]) -> tuple[Form, ...]:
        """The formula of a rule after each change of a definition in it. Raises FormulaError."""
        key = (name, id(rule), straight, *((since, id(own)) for since, own in dated))
        if key not in self.made:  # with the definitions, so that what stands for them in the key stays theirs
            self.made[key] = dated, _forms(name, rule, dated, straight)
            for form in self.made[key][1]:
                for read in series_in(form.quantity) if form.quantity else ():
                    self.series.add(read)
        return self.made[key][1]


def _own(one: FacilityFile, library: Definitions, desk: Desk, problems: list[Problem]) -> list[_Dated]:
    """The facility's definitions over the library's, as signed and after each amendment of them, in order."""
    found: list[_Dated] = []
    told: set[tuple[str | int, ...]] = set()
    for since, words in definitions(one):
        try:
            own = library.overridden({name: word.terms for name, word in words.items()})
        except FormulaError as error:
            problems.append(problem_of(desk, one, ("quantity",), error))
            own, words = library, {}
        found.append(_Dated(since.toordinal(), own))
        for name, word in words.items():
            if word.path not in told:
                told.add(word.path)
                problems += _unusable(desk, one, own, name, (*word.path, "formula"))
    return found


def _unusable(desk: Desk, one: FacilityFile, own: Definitions, name: str, path: tuple[str | int, ...]) -> list[Problem]:
    try:
        own.quantity(name)
    except FormulaError as error:
        return [problem_of(desk, one, path, error)]
    return []


def wording_problems(desk: Desk, library: Definitions) -> list[Problem]:
    """The definitions of every facility that cannot be used, those of amendments not yet in force among them."""
    problems: list[Problem] = []
    for one in desk.facilities.values():
        _own(one, library, desk, problems)
    return problems


def problem_of(desk: Desk, one: FacilityFile, path: tuple[str | int, ...], error: FormulaError) -> Problem:
    """A formula error as a problem of the facility's file, at the key that holds the formula."""
    return problem_at(desk, f"facility:{one.facility.id}", path, error)


def problem_at(desk: Desk, owner: str, path: tuple[str | int, ...], error: FormulaError) -> Problem:
    """A formula error as a problem at `path` in the file of `owner`; the carets stand under the part of the formula it is about."""
    place = desk.place(owner, path, path[-1] == "formula")
    text, column = place.text or "", place.column or 1
    quoted = text[column - 1 : column] in ("'", '"') and text[column - 1 : column + 2] not in ("'''", '"""')
    if quoted and (error.column, error.width) != (1, 1) and column + error.column <= len(text):
        place = msgspec.structs.replace(place, column=column + error.column, width=error.width)
    return Problem(error.code, RULE_CODES[error.code], place, error.message, error.hint)


RULE_CODES = {
    "R001": "formula-syntax",
    "R002": "not-allowed",
    "R003": "unknown-name",
    "R004": "wrong-arguments",
    "R005": "unit-mismatch",
    "R006": "definition-cycle",
    "R007": "reserved-name",
    "R008": "formula-too-large",
    "R009": "no-operator",
    "R010": "no-threshold",
    "R011": "constant-formula",
    "R012": "unknown-line",
    "R013": "wrong-example",
}


def _test(
    f: int, place: int, covenant: Covenant, one: FacilityFile, dated: list[_Dated], wordings: _Wordings, straight: frozenset[str],
    calendar: Calendar,
) -> Test:  # fmt: skip
    own = dated[-1].own
    rule = own.rules.get(covenant.rule or "")
    class_ = covenant.class_ or (rule.class_ if rule else "margin_ladder" if covenant.rung else "maintenance")
    forms: tuple[Form, ...] = (Form(),)
    springs = share_of = None
    error: FormulaError | None = None
    levels: tuple[Level, ...] = (Level(covenant.operator or (rule and rule.operator) or ">=", covenant.threshold),)
    try:
        if covenant.tested_by_us:
            found = wordings.of(covenant.rule, rule, dated, straight)
            levels = _levels(covenant, rule, class_)
            springs, share_of = _springs(covenant, own)
            forms = found
    except FormulaError as problem:
        error = problem
    quantity = forms[-1].quantity
    title = covenant.title or (rule.title if rule and rule.title else quantity.title if quantity else covenant.id)
    return Test(
        f, place, covenant, covenant.rule, title, class_, quantity.unit if quantity else "x", forms, levels,
        _remap(covenant, one, wordings.series), calendar, springs, share_of, error,
    )  # fmt: skip


def _forms(name: str | None, rule: RuleTerms | None, dated: list[_Dated], straight: frozenset[str]) -> tuple[Form, ...]:
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


def _levels(covenant: Covenant, rule: RuleTerms | None, class_: str) -> tuple[Level, ...]:
    if covenant.rung:
        rungs = [_rung(rung) for rung in covenant.rung]
        first = next((at for at, level in enumerate(rungs) if level.rung and level.rung.state == "call"), None)
        lead = rungs[first if first is not None else -1]
        return (lead, *rungs)
    if class_ == "trigger" and covenant.on:
        lead = Level(_OPPOSITE[covenant.on.operator], covenant.on.value)
        return (lead, Level(covenant.off.operator, covenant.off.value, "off")) if covenant.off else (lead,)
    operator = covenant.operator or (rule.operator if rule else None)
    if operator is None:
        raise FormulaError("R009", f"{covenant.id!r} names no operator and its rule has none", 'add operator = ">=" or "<="')
    threshold = covenant.threshold if covenant.threshold is not None else rule.threshold if rule and covenant.threshold_public else None
    if threshold is None and covenant.threshold_public:
        hint = "add threshold = …, or threshold_public = false where it is not known"
        raise FormulaError("R010", f"{covenant.id!r} names no threshold", hint)
    return (Level(operator, threshold),)


def _rung(rung: Rung) -> Level:
    for name, operator in _PASSES.items():
        value: Decimal | None = getattr(rung, name)
        if value is not None:
            return Level(operator, value, rung.state, rung)
    raise FormulaError("R009", "a rung names no level", "give one of above, at_or_above, below, at_or_below")


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

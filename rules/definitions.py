"""Definitions in force: the library, the desk's own over it, a facility's own over both; names resolved to one graph.

One namespace: a quantity may be redefined at a nearer level, never named like a function, window or primitive; a
cycle, an unknown name and a unit that does not fit are errors with the place in the formula.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import msgspec

from facilities.model import LineTerms, QuantityTerms, RuleFile, RuleTerms
from rules.formula import Binary, Call, Defined, FormulaError, Name, Negate, Node, Number, children, names_in, parse, text_of
from rules.selection import leaf_unit, select, selects
from rules.units import NUMBER, PERIOD, Unit, parse_unit, series_unit
from rules.vocabulary import FUNCTIONS, LIVES, PRIMITIVES, RESERVED, WINDOWS

LIBRARY = Path(__file__).with_name("library")
MAX_PARTS = 5_000
"""Definitions that double each other would grow without end; the library's largest has about a hundred parts."""


def read_library() -> RuleFile:
    """The library's quantities, rules and lines, merged into one."""
    merged = RuleFile()
    for _, part in library_files():
        merged = merge(merged, part)
    return merged


def library_files() -> list[tuple[str, RuleFile]]:
    """The files of the library by name, in order."""
    import tomli

    paths = sorted(LIBRARY.glob("*.toml"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    return [(name, msgspec.convert(tomli.loads(text, parse_float=Decimal), RuleFile)) for name, text in texts.items()]


def merge(base: RuleFile, over: RuleFile) -> RuleFile:
    """`over` laid on `base`, entry by entry."""
    return RuleFile(quantity=base.quantity | over.quantity, rule=base.rule | over.rule, line=base.line | over.line)


class Definitions:
    """Quantities, rules and lines by name; `resolve` puts definitions in place of names, once per name."""

    def __init__(self, quantities: Mapping[str, QuantityTerms], rules: Mapping[str, RuleTerms], lines: Mapping[str, LineTerms]) -> None:
        """Raises FormulaError R007 when a quantity is named like a word of the language."""
        for name in quantities:
            if name in RESERVED:
                raise FormulaError("R007", f"{name!r} is a word of the formula language and cannot be redefined", "choose another name")
        self.quantities, self.rules, self.lines = dict(quantities), dict(rules), dict(lines)
        self._resolved: dict[str, Defined] = {}
        self._parts: dict[str, int] = {}

    def overridden(self, quantities: Mapping[str, QuantityTerms]) -> Definitions:
        """These definitions with a facility's own laid over them, titles kept; the same object when it has none."""
        if not quantities:
            return self
        titled = {name: _titled(terms, self.quantities.get(name)) for name, terms in quantities.items()}
        return Definitions(self.quantities | titled, self.rules, self.lines)

    def quantity(self, name: str) -> Defined:
        """The graph of a quantity, or of a primitive without arguments, every name in it resolved.

        Raises FormulaError R003, R004, R005, R006, R008.
        """
        if name in PRIMITIVES and PRIMITIVES[name].texts is None:
            return Defined(name, Name(name), PRIMITIVES[name].unit, PRIMITIVES[name].says)
        return self._resolve(name, ())

    def formula(self, text: str) -> Node:
        """The graph of any formula over these definitions. Raises FormulaError as `parse` and `quantity` do."""
        node = self._place(parse(text), ())
        unit_of(node, self.lines)
        return node

    def _resolve(self, name: str, above: tuple[str, ...]) -> Defined:
        if name in self._resolved:
            return self._resolved[name]
        if name in above:
            circle = " -> ".join((*above[above.index(name) :], name))
            raise FormulaError("R006", f"the definition goes round in a circle: {circle}", "break the circle")
        terms = self.quantities.get(name)
        if terms is None:
            raise unknown_name(name, self.quantities)
        if len(above) > 40:
            raise FormulaError("R008", "definitions are nested more than 40 deep", "name fewer intermediate quantities")
        body = self._place(parse(terms.formula), (*above, name))
        self._parts[name] = self._count(body)
        if self._parts[name] > MAX_PARTS:
            raise FormulaError("R008", f"{name!r} written out has more than {MAX_PARTS} parts", "name fewer intermediate quantities")
        made = unit_of(body, self.lines)
        wanted = parse_unit(terms.unit) if terms.unit is not None else made
        counted = made == NUMBER and wanted in _COUNTS  # a ratio may be a count of months, days or years
        if made is not None and wanted is not None and not counted and not fits(made, wanted):
            message = f"{name!r} is declared in {terms.unit!r} but its formula gives {made}"
            raise FormulaError("R005", message, "mend the unit or the formula")
        title, shown = terms.title or name.replace("_", " "), terms.unit if terms.unit is not None else str(made or NUMBER)
        defined = Defined(name, body, "x" if shown == "a plain number" else shown, title, terms.source, terms.clause)
        self._resolved[name] = defined
        return defined

    def _count(self, node: Node) -> int:
        """Parts of a graph written out, each definition at full length: what every walk over it costs."""
        return 1 + (self._parts[node.name] if isinstance(node, Defined) else sum(self._count(child) for child in children(node)))

    def _place(self, node: Node, above: tuple[str, ...]) -> Node:
        if isinstance(node, Name):
            return node if node.name in PRIMITIVES and PRIMITIVES[node.name].texts is None else self._resolve(node.name, above)
        if isinstance(node, Binary):
            return Binary(node.op, self._place(node.left, above), self._place(node.right, above))
        if isinstance(node, Negate):
            return Negate(self._place(node.operand, above))
        if isinstance(node, Call):
            return self._call(node, above)
        return node

    def _call(self, node: Call, above: tuple[str, ...]) -> Node:
        name, count = node.function, len(node.args)
        if name in WINDOWS or name in LIVES:
            wanted = 2 if name in LIVES and LIVES[name][1] in ("mean", "min", "months") else 1
            if count != wanted:
                hint = f"{name}(cfads)" if wanted == 1 else f"{name}(cfads, debt_service)"
                raise FormulaError("R004", f"{name} takes {'one flow' if wanted == 1 else 'two flows'}, got {count} arguments", hint)
        elif name in FUNCTIONS:
            if count < (1 if name == "abs" else 2) or (name == "abs" and count > 1) or node.text is not None:
                raise FormulaError("R004", f"{name} takes {'one value' if name == 'abs' else 'two or more values'}, got {count}")
        elif name in PRIMITIVES and PRIMITIVES[name].texts is not None:
            self._check_text(node)
        else:
            raise unknown_name(name, self.quantities)
        return Call(name, tuple(self._place(arg, above) for arg in node.args), node.text)

    def _check_text(self, node: Call) -> None:
        allowed = PRIMITIVES[node.function].texts or ()
        if node.text is None:
            example = next(iter(allowed), "…")
            raise FormulaError("R004", f'{node.function} takes one name in quotes, as in {node.function}("{example}")')
        if selects(node.function):
            select(node.function, node.text)
            return
        if node.function in ("line", "reported"):
            allowed = tuple(self.lines)
        if node.function != "mark" and node.text not in allowed:
            near = difflib.get_close_matches(node.text, allowed, 1)
            code = "R012" if node.function in ("line", "reported") else "R004"
            hint = f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(allowed)
            raise FormulaError(code, f"{node.function} knows no {node.text!r}", hint)


_COUNTS = tuple(parse_unit(word) for word in ("month", "day", "year"))


def _titled(terms: QuantityTerms, base: QuantityTerms | None) -> QuantityTerms:
    return msgspec.structs.replace(terms, title=base.title) if terms.title is None and base is not None else terms


def unknown_name(name: str, quantities: Mapping[str, object]) -> FormulaError:
    """R003 with the nearest word of the language or quantity."""
    near = difflib.get_close_matches(name, [*quantities, *RESERVED], 1)
    hint = f"did you mean {near[0]!r}?" if near else '`line("…")` reads a reported line, `mark("…")` a series'
    return FormulaError("R003", f"nothing is called {name!r}", hint)


def fits(made: Unit, wanted: Unit) -> bool:
    """Whether a formula's unit is the declared one; a currency written out counts as money."""
    return made == wanted or _currencyless(made) == _currencyless(wanted)


def _currencyless(unit: Unit) -> Unit:
    powers: dict[str, int] = {}
    for name, power in unit.powers:
        key = "money" if len(name) == 3 and name.isupper() else name
        powers[key] = powers.get(key, 0) + power
    return Unit(tuple(sorted((key, power) for key, power in powers.items() if power)))


def unit_of(node: Node, lines: Mapping[str, LineTerms]) -> Unit | None:
    """The unit a resolved graph gives; None for a bare zero, which fits any. Raises FormulaError R005 where operands differ."""
    if isinstance(node, Number):
        return None if node.value == 0 else NUMBER
    if isinstance(node, Defined):
        return parse_unit(node.unit)
    if isinstance(node, Negate):
        return unit_of(node.operand, lines)
    if isinstance(node, Name):
        return parse_unit(PRIMITIVES[node.name].unit)
    if isinstance(node, Binary):
        return _binary_unit(node, lines)
    return _call_unit(node, lines)


def _binary_unit(node: Binary, lines: Mapping[str, LineTerms]) -> Unit | None:
    left, right = unit_of(node.left, lines), unit_of(node.right, lines)
    if node.op == "/" and _is_nothing(node.right):
        raise FormulaError("R011", f"{text_of(node)} divides by 0, always", "divide by a quantity, or leave the division out")
    if node.op in "*/":
        return (left or NUMBER).times(right or NUMBER, 1 if node.op == "*" else -1)
    return _same((left, right), node)


def _is_nothing(node: Node) -> bool:
    """Whether a graph is 0 whatever the world."""
    while isinstance(node, (Defined, Negate)):
        node = node.body if isinstance(node, Defined) else node.operand
    return isinstance(node, Number) and node.value == 0


def _call_unit(node: Call, lines: Mapping[str, LineTerms]) -> Unit | None:
    if node.function in FUNCTIONS:
        return _same(tuple(unit_of(arg, lines) for arg in node.args), node)
    if node.function == "months_paid":
        _flow_unit(node.function, node.args[1], lines)
        return parse_unit("month")
    if node.function in WINDOWS or node.function in LIVES:
        flows = [_flow_unit(node.function, arg, lines) for arg in node.args]
        return flows[0].times(PERIOD) if len(flows) == 1 else flows[0].times(flows[1], -1)
    if node.function in ("line", "reported"):
        terms = lines[node.text or ""]
        unit = parse_unit(terms.unit)
        return unit.times(PERIOD, -1) if terms.kind == "flow" else unit
    if node.function == "mark":
        return parse_unit(series_unit(node.text or ""))
    return parse_unit(leaf_unit(node.function, node.text))


def _flow_unit(window: str, node: Node, lines: Mapping[str, LineTerms]) -> Unit:
    flow = unit_of(node, lines) or NUMBER
    if ("period", -1) not in flow.powers:
        message = f"{window} sums a flow, but {text_of(node)!r} is {flow}"
        raise FormulaError("R005", message, "windows take money per period, such as cfads")
    return flow


def _same(units: tuple[Unit | None, ...], node: Node) -> Unit | None:
    known = [unit for unit in units if unit is not None]
    for unit in known[1:]:
        if not fits(known[0], unit):
            raise FormulaError("R005", f"{text_of(node)!r} puts {known[0]} together with {unit}", "both sides need one unit")
    return known[0] if known else None


def is_constant(node: Node) -> bool:
    """Whether nothing in the graph can change: no primitive, no line, no mark."""
    if isinstance(node, Call) and node.function in PRIMITIVES:
        return False
    if isinstance(node, Name):
        return False
    if isinstance(node, Call):
        return all(is_constant(arg) for arg in node.args)
    if isinstance(node, Binary):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, (Negate, Defined)):
        return is_constant(node.operand if isinstance(node, Negate) else node.body)
    return not names_in(node)


def series_in(node: Node) -> set[str]:
    """Every mark series a resolved graph names directly."""
    if isinstance(node, Call) and node.function == "mark":
        return {node.text or ""}
    if isinstance(node, Call):
        return set().union(*(series_in(arg) for arg in node.args))
    if isinstance(node, Binary):
        return series_in(node.left) | series_in(node.right)
    if isinstance(node, Negate):
        return series_in(node.operand)
    return series_in(node.body) if isinstance(node, Defined) else set()


def is_affine(node: Node, straight: frozenset[str] = frozenset()) -> bool:
    """Whether a resolved graph is affine in every mark: no kink, no product or quotient of two things that move with marks.

    `straight` names primitives that have no kink for the facility at hand (interest without a floor or a cap).
    """
    return _degree(node, straight) <= 1


def _degree(node: Node, straight: frozenset[str]) -> int:
    """0 independent of marks, 1 affine, 2 anything else."""
    if isinstance(node, Number):
        return 0
    if isinstance(node, Defined):
        return _degree(node.body, straight)
    if isinstance(node, Negate):
        return _degree(node.operand, straight)
    if isinstance(node, Binary):
        left, right = _degree(node.left, straight), _degree(node.right, straight)
        if node.op in "+-":
            return max(left, right)
        return min(2, left + right if node.op == "*" else left + 2 * right)
    if isinstance(node, Call) and node.function in FUNCTIONS:
        worst = max(_degree(arg, straight) for arg in node.args)
        return worst if node.function == "known" else 2 * min(worst, 1)
    if isinstance(node, Call) and (node.function in WINDOWS or node.function in LIVES):  # a discount moves with the benchmark
        return _degree(node.args[0], straight) if LIVES.get(node.function, ("", "sum"))[1] == "sum" else 2
    name = node.name if isinstance(node, Name) else node.function
    return 0 if name in _FIXED else (1 if PRIMITIVES[name].affine or name in straight else 2)


_FIXED = frozenset((
    "outstanding", "pik", "letters_of_credit", "commitment", "original_principal", "base_reserves", "account", "line",
    "reported", "contract_revenue", "unit_opex", "fixed_opex", "modelled_tax", "modelled_capex", "scheduled_principal", "fees", "cure_cash",
    "weighted_average_life", "end_of_life_balance", "days_late", "group_debt", "group_cash",
    "case_rent", "case_utilisation", "case_opex", "case_dscr", "utilisation_now", "opex_now", "floating_debt", "hedged_debt",
    "contracted", "largest_contracted", "units_in_service", "units_earning", "power_cost", "hash_days", "scheduled_subsidy",
))  # fmt: skip

"""The explanation of a covenant or a quantity, as a tree of figures, and that tree as text."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np

from facilities.inert import inert
from monitor.assess import Picture
from monitor.reading import Reading
from rules.book import Book
from rules.explain import Explainer
from rules.explained import Explained
from rules.formula import Call, Defined, Node
from rules.scope import Scope, facility_rows, open_scope


def explain_covenant(picture: Picture, facility: str, covenant: str) -> Explained:
    """The tree of one covenant's deciding assessment (its last test, else its indication). KeyError for unknown ids."""
    standing = next(
        (one for one in picture.standings if picture.book.ids[one.test.facility] == facility and one.test.covenant.id == covenant), None
    )
    if standing is None:
        raise KeyError(f"{facility}/{covenant}")
    readings = [one for one in (standing.tested, standing.indicative) if one is not None]
    if not readings or standing.test.quantity is None:
        raise KeyError(f"{facility}/{covenant}")
    known = [one for one in readings if one.result not in ("not_tested", "indeterminate")]
    return explain_reading(picture, (known or readings)[0])


def explain_reading(picture: Picture, reading: Reading) -> Explained:
    """The tree behind one assessment."""
    made = reading.assessment
    scope = open_scope(made.book, made.worlds, made.rows.pick(np.array([reading.row])), made.state)
    scope.assumed = False
    test = reading.test
    return _explainer(picture, test.facility, made.worlds.instants[int(made.rows.instant[reading.row])], made.book).test(test, scope)


def explain_quantity(picture: Picture, facility: str, name: str) -> Explained:
    """The tree of any quantity of a facility at the as-of. KeyError for an unknown facility; FormulaError for a quantity."""
    place = picture.book.facility(facility)
    node: Node = picture.book.definitions[place].quantity(name)
    if isinstance(node, Defined) and "/period" in node.unit:
        node = Call("last12m", (node,))  # a flow is a figure only over a window
    return _explainer(picture, place, picture.as_of).node(node, _alone(picture, place))


def explain_formula(picture: Picture, facility: str, text: str) -> Explained:
    """The tree of any formula over a facility's definitions at the as-of. Raises KeyError and FormulaError as above."""
    place = picture.book.facility(facility)
    node = picture.book.definitions[place].formula(text)
    return _explainer(picture, place, picture.as_of).node(node, _alone(picture, place))


def _alone(picture: Picture, facility: int) -> Scope:
    """A scope of one facility at the as-of, missing marks unknown."""
    chosen = np.array([facility], dtype=np.int64)
    scope = open_scope(picture.book, picture.now, facility_rows(picture.book, picture.now, chosen), picture.state, facility=chosen)
    scope.assumed = False
    return scope


def _explainer(picture: Picture, facility: int, at: dt.datetime, book: Book | None = None) -> Explainer:
    index = (book or picture.book).series

    def cite(series: int) -> tuple[str, str | None]:
        seen = picture.session.history.observe(index.names[series], at, picture.known_at, index.policies[series])
        if seen.as_of is None:
            return index.names[series], seen.reason
        age = "" if seen.age_days is None else f", age {seen.age_days:.1f} d"
        places = ", ".join(sorted({made.origin for made in seen.prints if made.origin}))
        doubt = seen.reason if seen.data in ("stale", "missing", "single_source") else None
        return f"{index.names[series]} {places} [{seen.source}, {seen.as_of.isoformat().replace('+00:00', 'Z')}{age}, {seen.data}]", doubt

    return Explainer(picture.session.desk, picture.book.terms[facility].facility.currency, cite)


def cut(root: Explained, depth: int | None) -> Explained:
    """The tree down to so many levels below its root; whole without a depth."""
    if depth is None:
        return root
    children = tuple(cut(child, depth - 1) for child in root.children) if depth > 0 else ()
    return msgspec.structs.replace(root, children=children)


def tree_text(root: Explained, depth: int | None = None) -> str:
    """The tree as indented lines: value, label, formula, origin; nothing in it can move a terminal."""
    lines: list[str] = []
    _draw(root, "", "", depth, lines)
    return "\n".join(lines)


def _draw(node: Explained, head: str, tail: str, depth: int | None, lines: list[str]) -> None:
    figure = "unknown" if node.value is None else figures(node.value, node.unit)
    lines.append(f"{head}{inert(node.label)} = {figure}" + (f"   {inert(node.operation)}" if node.operation else ""))
    notes = [note for note in (node.origin, node.source and f"source: {node.source}", node.reason and f"! {node.reason}") if note]
    nothing = node.value == 0 and bool(head)  # what adds nothing is told in one line
    inner = [] if nothing or (depth is not None and depth <= 0) else list(node.children)
    lines += [f"{tail}{'│' if inner else ' '}    {inert(note)}" for note in notes]
    for at, child in enumerate(inner):
        last = at == len(inner) - 1
        _draw(child, tail + ("└─ " if last else "├─ "), tail + ("   " if last else "│  "), None if depth is None else depth - 1, lines)


def figures(value: float, unit: str) -> str:
    """A figure and its unit: ratios to four places, the rest with thousands."""
    if unit == "fraction":
        return f"{value * 100:.2f}%"
    if unit == "x":
        return f"{value:.4f}x"
    shown = f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"
    return f"{shown} {unit}".rstrip()

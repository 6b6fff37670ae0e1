"""`covenant explain`: the arithmetic of a covenant or quantity, leaf by leaf."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from facilities.inert import inert
from monitor.places import UsageError
from monitor.verbs.asking import line_width, nearest, open_session, picture_of, put, tell_problems

if TYPE_CHECKING:
    from monitor.assess import Picture
    from monitor.report.schema import Report
    from rules.explained import Explained


def run(arguments: argparse.Namespace) -> int:
    """The tree of one covenant or quantity, or the list of what a facility can explain."""
    from monitor.report.build import build_report
    from monitor.report.explain import cut

    facility, _, inside = arguments.name.partition("/")
    wanted = arguments.covenant or inside or None
    session = open_session(arguments)
    picture = picture_of(arguments, session)
    if facility not in picture.book.ids:
        tell_problems(build_report(picture, frozenset()))
        if facility in session.desk.facility_ids:
            raise UsageError(f"the file of {inert(facility)!r} cannot be used: see the problems above")
        raise UsageError(nearest("no facility is called", facility, list(picture.book.ids)))
    covenants = [one.test.covenant.id for one in picture.standings if picture.book.ids[one.test.facility] == facility]
    made = build_report(picture, frozenset({facility}))
    tell_problems(made)
    names = [wanted] if wanted else covenants
    trees = _trees(picture, facility, names, covenants)
    if arguments.format == "json":
        from monitor.report.json import trees_json

        put(arguments, trees_json(made, [(name, cut(tree, arguments.depth)) for name, tree in trees.items()]))
    else:
        put(arguments, _page(arguments, made, names, trees))
    return 0


def _trees(picture: Picture, facility: str, names: list[str], covenants: list[str]) -> dict[str, Explained]:
    """What is computed of each name; a covenant that computes nothing has no tree. Raises UsageError for a name that is none."""
    from monitor.report.explain import explain_covenant, explain_quantity
    from rules.formula import FormulaError

    trees: dict[str, Explained] = {}
    for name in names:
        if name in covenants and _computed(picture, facility, name):
            trees[name] = explain_covenant(picture, facility, name)
        elif name in _quantities(picture, facility):
            try:
                trees[name] = explain_quantity(picture, facility, name)
            except FormulaError as error:
                raise UsageError(f"{facility} has no usable {name}: {error.code}: {inert(error.message)}") from None
        elif name not in covenants:
            known = [*covenants, *_quantities(picture, facility)]
            raise UsageError(nearest(f"{facility} has no covenant or quantity called", name, known))
    return trees


def _page(arguments: argparse.Namespace, made: Report, names: list[str], trees: dict[str, Explained]) -> str:
    """Of each name the covenant as the report tells it, and its tree."""
    from monitor.report.explain import tree_text
    from monitor.report.text import covenant_text
    from monitor.report.words import stamp

    part = made.facilities[0]
    blocks = [f"{inert(part.name)} ({part.id})  as of {stamp(made.as_of)}, known at {stamp(made.known_at)}"]
    for name in names:
        said = [covenant_text(held, part, line_width(arguments)) for held in part.covenants if held.id == name]
        blocks.append("\n".join([*said, *([tree_text(trees[name], arguments.depth)] if name in trees else [])]))
    if len(blocks) == 1:
        blocks.append("no covenant is described; name a quantity to see it computed, such as ltv")
    return "\n\n".join(blocks)


def _quantities(picture: Picture, facility: str) -> list[str]:
    """What can be computed of a facility by name: its quantities, and the primitives that take no argument."""
    from rules.vocabulary import PRIMITIVES

    named = picture.book.definitions[picture.book.facility(facility)].quantities
    return [*named, *(name for name, one in PRIMITIVES.items() if one.texts is None)]


def _computed(picture: Picture, facility: str, covenant: str) -> bool:
    return any(
        picture.book.ids[one.test.facility] == facility
        and one.test.covenant.id == covenant
        and one.test.quantity is not None
        and (one.tested or one.indicative)
        for one in picture.standings
    )

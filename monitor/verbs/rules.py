"""`covenant rules`: the definitions in force, all of them or one whole."""

from __future__ import annotations

import argparse
import shutil
import sys
from typing import TYPE_CHECKING

from facilities.inert import inert
from monitor.places import UsageError
from monitor.verbs.asking import nearest, open_session, picture_of, put

if TYPE_CHECKING:
    from monitor.assess import Picture
    from monitor.rulebook.entries import Rulebook
    from rules.definitions import Definitions
    from rules.formula import Node


def run(arguments: argparse.Namespace) -> int:
    """The rulebook of the desk, or with --facility of one agreement; with NAME one entry and what stands below and above it."""
    from monitor.rulebook.entries import rulebook

    session = open_session(arguments)
    if arguments.facility is None and arguments.name is None:
        return _show(arguments, rulebook(session.desk, session.definitions))
    picture = picture_of(arguments, session)
    place = _facility(arguments, picture)
    definitions = session.definitions if place is None else picture.book.definitions[place]
    book = rulebook(session.desk, definitions, None if place is None else picture.book.terms[place])
    if arguments.name is None:
        return _show(arguments, book)
    known = list(dict.fromkeys(one.name for part in (book.quantities, book.rules, book.lines, book.words) for one in part))
    if arguments.name not in known:
        raise UsageError(nearest("no definition is called", arguments.name, known))
    return _show_one(arguments, picture, book, _graph(definitions, arguments.name))


def _graph(definitions: Definitions, name: str) -> Node | None:
    """The graph of a quantity; None for another name, and for a wording that cannot be used, which `lint` explains."""
    from rules.formula import FormulaError

    try:
        return definitions.quantity(name) if name in definitions.quantities else None
    except FormulaError as error:
        sys.stderr.write(f"covenant: {name} cannot be used: {error.code}: {inert(error.message)}\n")
        return None


def _facility(arguments: argparse.Namespace, picture: Picture) -> int | None:
    wanted = arguments.facility or []
    if len(wanted) > 1:
        raise UsageError("rules shows the definitions of one facility at a time")
    for identity in wanted:
        if identity not in picture.book.ids:
            raise UsageError(nearest("no facility is called", identity, list(picture.book.ids)))
    return picture.book.facility(wanted[0]) if wanted else None


def _show(arguments: argparse.Namespace, book: Rulebook) -> int:
    import msgspec

    from monitor.rulebook.text import book_markdown, book_text

    if arguments.format == "json":
        put(arguments, msgspec.json.format(msgspec.json.encode(book), indent=2).decode())
    else:
        put(arguments, book_markdown(book) if arguments.format == "md" else book_text(book, _width()))
    return 0


def _show_one(arguments: argparse.Namespace, picture: Picture, book: Rulebook, graph: Node | None) -> int:
    import msgspec

    from monitor.rulebook.text import book_markdown, entry_text

    name = arguments.name
    used, elsewhere = _used(picture, name), _elsewhere(picture, book, name)
    if arguments.format == "text":
        put(arguments, entry_text(book, name, graph, used, elsewhere, _width()))
        return 0
    one = msgspec.structs.replace(
        book, **{part: [row for row in getattr(book, part) if row.name == name] for part in ("quantities", "rules", "lines", "words")}
    )
    if arguments.format == "md":
        put(arguments, book_markdown(one))
    else:
        whole = {**msgspec.to_builtins(one, enc_hook=str), "used_by": used, "elsewhere": elsewhere}
        put(arguments, msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())
    return 0


def _used(picture: Picture, name: str) -> list[str]:
    """The covenants that read a quantity, a line or a word, or go by a rule."""
    from rules.formula import mentioned

    return [
        f"{picture.book.ids[one.test.facility]}/{one.test.covenant.id}"
        for one in picture.standings
        if name == one.test.rule or (one.test.quantity is not None and name in mentioned(one.test.quantity))
    ]


def _elsewhere(picture: Picture, book: Rulebook, name: str) -> list[str]:
    """The facilities with a wording of their own, and its place, beside the one shown."""
    from monitor.rulebook.entries import rulebook

    shown = {one.origin for one in book.quantities if one.name == name}
    found = []
    for f, terms in enumerate(picture.book.terms):
        if name in terms.quantity or any(name in amendment.quantity for amendment in terms.amendment):
            own = rulebook(picture.session.desk, picture.book.definitions[f], terms)
            found += [f"{picture.book.ids[f]} ({one.origin})" for one in own.quantities if one.name == name and one.origin not in shown]
    return found


def _width() -> int:
    return shutil.get_terminal_size((80, 24)).columns

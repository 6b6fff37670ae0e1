"""The rulebook as text for a terminal, and as Markdown tables."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from facilities.inert import inert
from monitor.rulebook.entries import GROUPS, Line, Quantity, Rule, Rulebook, Word
from rules.formula import Call, Defined, Name, Node, children, text_of
from rules.vocabulary import PRIMITIVES


def book_text(book: Rulebook, width: int) -> str:
    """Every entry in a few lines, grouped, no line wider than `width`."""
    blocks = []
    for group in GROUPS:
        entries = [_entry(one, width) for one in book.quantities if one.group == group]
        blocks += [_headed(group, entries)] if entries else []
    tests = [_wrapped(f"{one.name}: {_tested(one)}", "", "    ", width) for one in book.rules]
    lines = [_wrapped(f"{one.name}: {one.title}; a {one.kind}", "", "    ", width) for one in book.lines]
    words = [_wrapped(f"{one.shown}: {one.says}", "", "    ", width) for one in book.words]
    blocks += [_headed("Rules: what a covenant may name, beside every quantity", tests), _headed("Reported lines", lines)]
    return "\n\n".join([*blocks, _headed("Words of the language", words)])


def _headed(title: str, entries: Sequence[str]) -> str:
    return "\n".join((title, "-" * len(title), *entries))


def _entry(one: Quantity, width: int) -> str:
    head = f"{one.name} [{one.unit}]  {one.title}"
    rows = [_wrapped(head, "", "    ", width), _wrapped(f"= {one.formula}", "    ", "      ", width)]
    rows += [_wrapped(cited, "    ", "    ", width)] if (cited := _cited(one.clause, one.source)) else []
    rows += [_wrapped(f"{one.origin}, over the definition below it", "    ", "    ", width)] if one.over else []
    return "\n".join(rows)


def _cited(clause: str | None, source: str | None) -> str:
    return ", ".join(part for part in (clause and f"clause {clause}", source) if part)


def _tested(one: Rule) -> str:
    level = "" if one.threshold is None else f" {one.threshold:g}"
    passes = f" {one.operator}{level}" if one.operator else ""
    return f"{one.title}; {one.quantity}{passes}, {one.class_.replace('_', ' ')}"


def _wrapped(text: str, first: str, later: str, width: int) -> str:
    return textwrap.fill(
        inert(text), max(24, width), initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


def entry_text(book: Rulebook, name: str, graph: Node | None, used: Sequence[str], elsewhere: Sequence[str], width: int) -> str:
    """One name whole: as quantity with what is below it, as rule, as line, as word; and the covenants that use it."""
    blocks = [_whole(one, graph, width) for one in book.quantities if one.name == name]
    blocks += [_rule(one, width) for one in book.rules if one.name == name]
    blocks += [_line(one, width) for one in book.lines if one.name == name]
    blocks += [_word(one, width) for one in book.words if one.name == name]
    told = ", ".join(used) or "no covenant of this desk"
    blocks.append(_wrapped(f"used by: {told}", "", "    ", width))
    blocks += [_wrapped("defined otherwise by: " + "; ".join(elsewhere), "", "    ", width)] if elsewhere else []
    return "\n".join(blocks)


def _rule(one: Rule, width: int) -> str:
    details = [_wrapped(part, "    ", "    ", width) for part in (one.source, one.origin) if part]
    return "\n".join([_wrapped(f"rule {one.name}: {_tested(one)}", "", "    ", width), *details])


def _line(one: Line, width: int) -> str:
    text = f'line("{one.name}"): {one.title}; a {one.kind}, {one.absent} where a delivered report lacks it'
    return _wrapped(text, "", "    ", width) + "\n" + _wrapped(one.origin, "    ", "    ", width)


def _word(one: Word, width: int) -> str:
    text = f"{one.shown} [{one.unit}]: {one.says}" if one.unit else f"{one.shown}: {one.says}"
    more = "\n" + _wrapped("takes " + ", ".join(one.texts), "    ", "    ", width) if one.texts else ""
    return _wrapped(f"{one.kind} {text}", "", "    ", width) + more


def _whole(one: Quantity, graph: Node | None, width: int) -> str:
    rows = [f"{one.name} [{one.unit}]  {one.title}", f"    = {one.formula}"]
    cited = _cited(one.clause, one.source)
    rows += [f"    {part}" for part in (cited, one.note, one.origin) if part]
    rows += [f"    over: {one.over}"] if one.over else []
    rows += [f"    example: {words}" for words in _example(one.example)]
    wrapped = [_wrapped(row.strip(), "    " if row.startswith(" ") else "", "      ", width) for row in rows]
    return "\n".join([*wrapped, *(tree_lines(graph, width) if graph is not None else ())])


def _example(example: Any) -> Iterator[str]:
    if example is not None:
        yield ", ".join(f"{part} = {value:,f}" for part, value in example.given.items()) + f" gives {example.value:,f}"


def tree_lines(graph: Node, width: int) -> list[str]:
    """The definitions below a quantity, each opened where it first stands; leaves say what they are."""
    return list(_below(graph, "", width, set()))


def _below(node: Node, tail: str, width: int, seen: set[str]) -> Iterator[str]:
    parts = list(_parts(node.body if isinstance(node, Defined) else node))
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        later = tail + ("   " if last else "│  ")
        again = isinstance(part, Defined) and part.name in seen
        inner = isinstance(part, Defined) and not again and any(True for _ in _parts(part.body))
        yield _wrapped(_said(part, again), tail + ("└─ " if last else "├─ "), later + ("│    " if inner else "     "), width)
        if isinstance(part, Defined) and not again:
            seen.add(part.name)
            yield from _below(part, later, width, seen)


def _said(part: Node, again: bool) -> str:
    if isinstance(part, Defined):
        return f"{part.name} [{part.unit}]" + (" as above" if again else f" = {text_of(part.body)}")
    name = part.function if isinstance(part, Call) else part.name if isinstance(part, Name) else ""
    return f"{text_of(part)}: {PRIMITIVES[name].says}"


def _parts(node: Node) -> Iterator[Node]:
    """The definitions and leaves an expression is made of, each once, through operators, windows and functions."""
    met: set[str] = set()
    for part in _operands(node):
        if text_of(part) not in met:
            met.add(text_of(part))
            yield part


def _operands(node: Node) -> Iterator[Node]:
    if isinstance(node, (Defined, Name)) or (isinstance(node, Call) and node.function in PRIMITIVES):
        yield node
        return
    for child in children(node):
        yield from _operands(child)


def book_markdown(book: Rulebook) -> str:
    """One table of quantities per group, then rules, lines and words."""
    blocks = []
    for group in GROUPS:
        rows = [
            (f"`{one.name}`", one.title, f"`{one.formula}`", one.unit, _cited(one.clause, one.source), one.origin)
            for one in book.quantities
            if one.group == group
        ]
        blocks += [_table(group, ("quantity", "title", "formula", "unit", "source", "from"), rows)] if rows else []
    tests = [(f"`{one.name}`", one.title, f"`{one.quantity}`", one.class_, one.operator or "-", one.origin) for one in book.rules]
    lines = [(f"`{one.name}`", one.title, one.kind, one.absent, one.origin) for one in book.lines]
    words = [(f"`{one.shown}`", one.kind, one.unit or "-", one.says) for one in book.words]
    blocks.append(_table("Rules", ("rule", "title", "tests", "class", "passes", "from"), tests))
    blocks.append(_table("Reported lines", ("line", "title", "kind", "where absent", "from"), lines))
    return "\n\n".join([*blocks, _table("Words of the language", ("word", "kind", "unit", "meaning"), words)])


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"## {title}", "", _row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(inert(cell).replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"

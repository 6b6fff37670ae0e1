"""`covenant schema`: the JSON Schema of the desk's files, for editors to complete and check them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from monitor.places import UsageError
from monitor.verbs.asking import nearest, put, root_of

FOLDER = ".schema"
"""Where a desk keeps its schemas: hidden, and no part of the desk."""

Offered = dict[tuple[str, str], list[str]]


def run(arguments: argparse.Namespace) -> int:
    """One schema, or all of them by kind; with --write each as a file of its own in the desk's `.schema`."""
    from facilities.schema import FILES

    if arguments.kind is not None and arguments.kind not in FILES:
        raise UsageError(nearest("no file of a desk is called", arguments.kind, list(FILES)))
    offered = names_offered(root_of(arguments))
    if arguments.write is not None:
        root = Path(arguments.write)
        if not (root / "desk.toml").is_file():
            raise UsageError(f"{root} is no desk: there is no desk.toml in it; covenant init makes one")
        for path in write_schemas(root, names_offered(root), arguments.kind):
            sys.stdout.write(f"{path}\n")
        return 0
    from facilities.schema import schema

    made: Any = schema(arguments.kind, offered) if arguments.kind else {kind: schema(kind, offered) for kind in FILES}
    put(arguments, _text(made))
    return 0


def write_schemas(root: Path, offered: Offered, kind: str | None = None) -> list[Path]:
    """Write one schema or all into the desk in `root`; the paths written. Raises OSError."""
    from facilities.schema import FILES, schema

    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    paths = []
    for name in [kind] if kind else FILES:
        path = folder / f"{name}.schema.json"
        part = path.with_name(path.name + ".part")
        part.write_text(_text(schema(name, offered)) + "\n", encoding="utf-8")
        part.replace(path)
        paths.append(path)
    return paths


def names_offered(root: Path) -> Offered:
    """The names an editor completes: rules and quantities of the library and of the desk, as far as its files can be read."""
    from facilities.load import load
    from rules.definitions import merge, read_library

    library = read_library()
    for own in load(root).rules.values():
        library = merge(library, own)
    quantities, rules = sorted(library.quantity), sorted({*library.rule, *library.quantity})
    return {
        ("Covenant", "rule"): rules,
        ("RuleTerms", "quantity"): quantities,
        ("DrawLimit", "quantity"): quantities,
        ("Springing", "quantity"): quantities,
        ("Springing", "share_of"): quantities,
    }


def _text(made: Any) -> str:
    return json.dumps(made, ensure_ascii=False, indent=2)

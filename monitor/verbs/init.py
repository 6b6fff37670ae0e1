"""`covenant init`: a starter desk in an empty folder."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from monitor.places import STARTER, UsageError


def run(arguments: argparse.Namespace) -> int:
    """Copy the starter desk and write the schemas its files name. A folder that holds anything is left as it is."""
    root = Path(arguments.folder)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(f"{root} is {'not empty' if root.is_dir() else 'a file'}: nothing was written; name a new folder")
    _copy(root)
    from monitor.verbs.schema import names_offered, write_schemas

    write_schemas(root, names_offered(root))
    where = shlex.quote(str(root))
    sys.stderr.write(f"a starter desk is in {root}; its README.md says what each file is. Next: covenant check --desk {where}\n")
    return 0


def _copy(root: Path) -> None:
    """Every file of the starter desk, each opened as new: what another has put there meanwhile is never overwritten."""
    for source in sorted(path for path in STARTER.rglob("*") if path.is_file()):
        target = root / source.relative_to(STARTER)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(source.read_text(encoding="utf-8"))

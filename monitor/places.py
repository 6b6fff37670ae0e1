"""Where things are kept, and how a command says that it cannot go on: light enough for every start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facilities.problems import Problem

SHIPPED = Path(__file__).resolve().parent.parent / "facilities" / "desk"
"""The desk that ships inside the package."""

STARTER = SHIPPED.with_name("starter")
"""The desk that `init` copies."""


class UsageError(Exception):
    """The command was asked for something that is not there."""


class DeskError(Exception):
    """The desk cannot be judged at all: `problems` say why, and the front exits with 65."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message if problems else "the desk cannot be read")
        self.problems = problems


def cache_folder() -> Path:
    """Where expanded calendars, parsed desks and answers are kept: below XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "covenant-monitor"

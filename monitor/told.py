"""Each problem told once: what two readers of a file say of the same cause is said by the one that knows it better."""

from __future__ import annotations

from collections.abc import Iterable

from facilities.problems import Problem

SAME = {"R010": "F044", "R009": "F023", "R001": "T002", "R007": "T001"}
"""What a formula's reader says, and what the reader of the files says of the same place."""


def told_once(problems: Iterable[Problem]) -> list[Problem]:
    """The problems in order, without repetitions and without what another says of the same line."""
    kept = list(dict.fromkeys(problems))
    said = {(one.code, one.place.file, one.place.line) for one in kept}
    return [one for one in kept if (SAME.get(one.code), one.place.file, one.place.line) not in said]

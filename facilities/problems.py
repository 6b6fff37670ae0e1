"""A problem in a desk: a code, a place, the offending line, and what to do about it."""

from __future__ import annotations

import msgspec

from facilities.inert import inert

TAB = "    "


class Place(msgspec.Struct, frozen=True):
    """Where: file as the desk names it; line and column count from 1; `width` carets; `text` the line itself."""

    file: str
    line: int | None = None
    column: int | None = None
    width: int = 1
    text: str | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


class Problem(msgspec.Struct, frozen=True):
    """One finding. `level` is `error` (the file or term is not used) or `warning` (legal, but look)."""

    code: str
    name: str
    place: Place
    message: str
    hint: str | None = None
    level: str = "error"

    def __str__(self) -> str:
        return render(self)


def render(problem: Problem) -> str:
    """The problem as printed: headline, the line with carets under the offending part, the hint.

    Every character that a terminal would act on is shown inert.
    """
    rows = [f"{problem.level}[{problem.code}] {problem.name} {inert(str(problem.place))}"]
    rows += _excerpt(problem.place)
    rows.append(f"  {inert(problem.message)}")
    if problem.hint:
        rows.append(f"  hint: {inert(problem.hint)}")
    return "\n".join(rows)


def _excerpt(place: Place) -> list[str]:
    if place.text is None or place.line is None:
        return []
    gutter = f"{place.line:>5} | "
    line = inert(place.text.replace("\t", TAB))
    if len(line) > 200:
        line = line[:199] + "…"
    rows = [gutter + line]
    if place.column is not None:
        before = len(inert(place.text[: place.column - 1].replace("\t", TAB)))
        marked = len(inert(place.text[place.column - 1 : place.column - 1 + place.width].replace("\t", TAB)))
        if before < 200:
            rows.append(" " * (len(gutter) - 2) + "| " + " " * before + "^" * max(1, min(marked, 200 - before)))
    return rows

"""`covenant project`: every covenant on every future test date, and which fails first."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING

from monitor.places import UsageError
from monitor.verbs.asking import line_width, nearest, open_session, picture_of, put

if TYPE_CHECKING:
    from monitor.assess import Picture


def run(arguments: argparse.Namespace) -> int:
    """The projection in the chosen format; 0 whatever it finds: it answers a question. Raises UsageError for words that name nothing."""
    from monitor.ahead.build import build_ahead
    from monitor.ahead.formats import ahead_csv, ahead_json, ahead_md
    from monitor.ahead.text import ahead_text

    session = open_session(arguments)
    picture = picture_of(arguments, session)
    for problem in session.problems:
        sys.stderr.write(f"{problem}\n")
    chosen = _facilities(picture, [*arguments.name, *(arguments.facility or [])])
    if arguments.covenant is not None:
        known = sorted({test.covenant.id for test in picture.book.tests if test.facility in chosen})
        if arguments.covenant not in known:
            raise UsageError(nearest("no covenant is called", arguments.covenant, known))
    made = build_ahead(
        picture, chosen, _decays(arguments.rent_decay), _last(arguments.horizon, picture.as_of), arguments.covenant,
        _cure_with(arguments.cure_with),
    )  # fmt: skip
    write = {"json": ahead_json, "csv": ahead_csv, "md": ahead_md}.get(arguments.format)
    put(arguments, ahead_text(made, line_width(arguments)) if write is None else write(made))
    return 0


def _facilities(picture: Picture, names: list[str]) -> list[int]:
    ids = picture.book.ids
    for one in names:
        if one not in ids:
            raise UsageError(nearest("no facility is called", one, list(ids)))
    return [f for f, identity in enumerate(ids) if (identity in names if names else picture.book.terms[f].facility.ours)]


def _decays(text: str | None) -> list[float]:
    """`20%,30%` or `0.2,0.3` as fractions. Raises UsageError for what is no yearly fall below 100 %."""
    found = []
    for word in (text or "").replace(" ", "").split(",") if text is not None else []:
        try:
            decay = float(word[:-1]) / 100 if word.endswith("%") else float(word)
        except ValueError:
            raise UsageError(f"--rent-decay: {word!r} is no percentage; give for example 20%,30%,40%") from None
        if not -10 <= decay < 1:
            hint = f"; did you mean {word}%?" if not word.endswith("%") and 1 <= decay < 100 else ""
            raise UsageError(f"--rent-decay: a mark cannot fall by {word} a year{hint}")
        found.append(decay)
    return list(dict.fromkeys(found))


def _cure_with(text: str | None) -> list[str]:
    """What cures are brought. Raises UsageError for what none is: a cure by collateral is never deemed."""
    from rules.deemed import KINDS

    words = [] if text is None else text.replace(" ", "").split(",")
    for word in words:
        if word not in KINDS:
            raise UsageError(f"--cure-with: {word!r} is not among {', '.join(KINDS)}")
    return list(dict.fromkeys(words))


def _last(horizon: str | None, as_of: dt.datetime) -> dt.date | None:
    """The last day to look at; None for the ends of the loans. Raises UsageError where it is none, or not ahead."""
    from facilities.calendars import Calendar
    from facilities.durations import parse_duration

    if horizon is None:
        return None
    try:
        found = dt.date.fromisoformat(horizon) if "-" in horizon else parse_duration(horizon).end(as_of, Calendar("weekends")).date()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--horizon: {error}; give a date, or a duration such as 90d or 3y") from None
    if found <= as_of.date():
        raise UsageError(f"--horizon {horizon} is not after the as-of, {as_of:%Y-%m-%d}")
    return found

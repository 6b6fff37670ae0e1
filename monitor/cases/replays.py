"""`case.replay`: what a replay over days must say of covenants and facilities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from facilities.model import CaseReplay
from monitor.assess import Picture
from monitor.cases.expect import Asked
from monitor.cases.given import named, unknown_facility
from monitor.cases.outcome import Check
from monitor.cases.problems import Wrong, near, problem
from monitor.cases.wanted import Keyed, compare
from monitor.replay.days import days_of
from monitor.replay.run import Replay, replay
from monitor.replay.tracks import Track
from monitor.replay.verdict import Verdict, verdicts, word
from rules.life.legal import STATES


def replay_questions(asked: Asked) -> list[Callable[[], list[Check]]]:
    """One question a name, all of one replay. Raises Wrong C016 for a replay that cannot be made."""
    wanted = asked.case.replay
    if wanted is None:
        return []
    if asked.case.given:
        place = asked.sheet.place("case", asked.number, "given")
        raise Wrong(problem("C016", place, "a replay takes the desk as it was: nothing can be given in the place of its parts"))
    made = _made(asked, wanted)
    found = verdicts(made, wanted.within)
    return [lambda key=key: _named(asked, made, found, key) for key in wanted.expect]  # type: ignore[misc]


def _made(asked: Asked, wanted: CaseReplay) -> Replay:
    try:
        days = days_of(wanted.from_, wanted.to, wanted.step)
    except (ValueError, OverflowError) as error:
        raise Wrong(problem("C016", asked.sheet.place("case", asked.number, "replay"), str(error))) from None
    picture = asked.world.picture
    return replay(picture.session, days, picture.known_at if asked.case.known_at is not None else None)


def _named(asked: Asked, made: Replay, found: list[Verdict], key: str) -> list[Check]:
    """One line of `replay.expect`: a facility as a whole, or a covenant."""
    book = asked.world.picture.book
    path = ("replay", "expect", key)
    if key in book.ids:
        view: dict[str, object] = {"legal": _firsts(made, made.facilities[key])}
        return list(compare(asked.case.replay.expect[key], view, asked.at(key, *path)))  # type: ignore[union-attr]
    facility, name = named(asked.sheet, asked.number, key, list(book.ids))
    if facility not in book.ids:
        raise unknown_facility(asked.sheet, asked.number, "replay", facility, key, list(book.ids))
    for one, track in zip(found, made.tracks, strict=True):
        if (one.facility, one.covenant) == (facility, name):
            about = f"{facility}/{name}"
            asked.touched.append(about)
            return list(compare(asked.case.replay.expect[key], _view(made, one, track), asked.at(about, *path)))  # type: ignore[union-attr]
    place = asked.sheet.place("case", asked.number, *path)
    raise Wrong(problem("C004", place, f"{facility!r} has no covenant {name!r}", near(name, _covenants(asked.world.picture, facility))))


def _covenants(picture: Picture, facility: str) -> Iterable[str]:
    return (test.covenant.id for test in picture.book.tests if picture.book.ids[test.facility] == facility)


def _view(made: Replay, one: Verdict, track: Track) -> dict[str, object]:
    """The verdict by the names of its JSON, the first day of each legal state, and what was said on each day."""
    said: dict[str, object] = {day.isoformat(): _day(track, n) for n, day in enumerate(made.days)}
    return {
        "first_amber": _iso(one.first_amber), "first_fail": _iso(one.first_fail), "first_open": _iso(one.first_open),
        "warning_days": one.warning_days, "false_alarms": len(one.false_alarms), "unknown_share": one.unknown_share, "lacking": one.lacking,
        "legal": _firsts(made, track.legal), "on": Keyed(said, ()),
    }  # fmt: skip


def _day(track: Track, n: int) -> dict[str, object]:
    actual, threshold = (None if value != value else float(value) for value in (track.actual[n], track.threshold[n]))
    words: list[str | None] = [None if code < 0 else word(code) for code in (int(track.tested[n]), int(track.indicative[n]))]
    return {"tested": words[0], "indicative": words[1], "legal": track.legal[n], "actual": actual, "threshold": threshold}


def _firsts(made: Replay, states: list[str]) -> Keyed:
    """The first day of each legal state; null for one that never was."""
    first: dict[str, object] = {}
    for day, state in zip(made.days, states, strict=True):
        first.setdefault(state, day.isoformat())
    return Keyed(first, STATES)


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()

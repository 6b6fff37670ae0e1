"""Replays asked of sessions, and what was said beside what `assess` says of one day alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from monitor.assess import assess
from monitor.journal.ledger import Ledger
from monitor.replay.run import Replay
from monitor.replay.tracks import NOTHING, Track
from monitor.replay.verdict import Verdict, verdicts
from monitor.session import Session, open_desk
from rules.compare import RESULTS
from rules.events import Event

DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def days(first: str, last: str, step: int = 1) -> list[dt.date]:
    return [day(first) + DAY * n for n in range(0, (day(last) - day(first)).days + 1, step)]


def when(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def track(made: Replay, facility: str, covenant: str) -> Track:
    return next(one for one in made.tracks if (one.facility, one.covenant) == (facility, covenant))


def verdict(made: Replay, facility: str, covenant: str) -> Verdict:
    return next(one for one in verdicts(made) if (one.facility, one.covenant) == (facility, covenant))


def said(made: Replay, n: int) -> list[tuple[str, ...]]:
    rows = [
        (
            one.facility, one.covenant, one.legal[n], word(one.tested[n]) if one.test.class_ != "reporting" else "",
            word(one.indicative[n]),
        )
        for one in made.tracks
    ]  # fmt: skip
    return [*rows, *((name, states[n]) for name, states in made.facilities.items())]


def word(code: int) -> str:
    return "" if code == NOTHING else RESULTS[code]


def live(opened: Session, at: dt.datetime, known: dt.datetime) -> list[tuple[str, ...]]:
    picture = assess(opened, at, known)
    rows: list[tuple[str, ...]] = [
        (
            picture.book.ids[one.test.facility], one.test.covenant.id, one.legal.state,
            one.tested.result if one.tested and one.test.class_ != "reporting" else "", one.indicative.result if one.indicative else "",
        )
        for one in picture.standings
    ]  # fmt: skip
    return [*rows, *((name, one.at(at).state) for name, one in zip(picture.book.ids, picture.facilities, strict=True))]


def opened(root: Path, events: list[Event]) -> Session:
    return msgspec.structs.replace(open_desk(root), journal=Ledger(events))

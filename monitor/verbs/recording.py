"""What the verbs that record share: whose desk, who, and when."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.places import SHIPPED, DeskError, UsageError

if TYPE_CHECKING:
    from monitor.journal.entries import Entry
    from monitor.session import Session


def own_desk(arguments: argparse.Namespace) -> Path:
    """The desk to record in; never the one that ships inside."""
    root = Path(arguments.desk) if arguments.desk else None
    if root is None or root.resolve() == SHIPPED.resolve():
        raise UsageError("the desk that ships inside is an example and keeps no journal; name yours with --desk or COVENANT_DESK")
    return root


def there(root: Path) -> Path:
    """The folder, if it is a desk. Raises DeskError when it is none, so that a slip of the pen is not an empty journal."""
    if not (root / "desk.toml").is_file():
        from facilities.catalogue import problem
        from facilities.problems import Place

        raise DeskError([problem("D001", Place("desk.toml"), f"{root} is no desk")])
    return root


def who(arguments: argparse.Namespace) -> str:
    """Who says so. Raises UsageError where nobody is named and the system does not tell."""
    if arguments.by is not None:
        return str(arguments.by)
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise UsageError("the system does not say who you are: name yourself with --by") from None


def tell_pin(session: Session, entries: Sequence[Entry]) -> None:
    """Say on stderr when the desk's own as-of is so early that it does not see what was recorded."""
    pinned = session.desk.file.desk.as_of if session.desk.file else None
    known = [one.known for one in entries if one.known is not None]
    if pinned is not None and known and session.moment(None, max(known)) < max(known):
        sys.stderr.write(f"covenant: desk.toml pins as_of = {pinned}: a question sees this only with a later --as-of or --known-at\n")


def moment(session: Session, text: str | None, clock: dt.datetime, today: bool = True) -> dt.datetime:
    """A moment as UTC; nothing is now. A date is its end, and with `today` the date of today is now, for its end is yet to come."""
    from monitor.marks.instants import end_of_day

    if text is None:
        return clock
    try:
        at = session.moment(text, clock)
        if today and len(text) == 10 and at == end_of_day(clock.astimezone(session.timezone).date(), session.timezone):
            return clock
        return at
    except (ValueError, OverflowError) as error:
        raise UsageError(f"not a time: {error}; give a date, an instant with an offset, or now") from None

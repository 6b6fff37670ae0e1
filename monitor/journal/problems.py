"""Every reason a journal cannot be read and an entry is refused: code, name and what to do about it."""

from __future__ import annotations

from facilities.catalogue import Kind
from facilities.problems import Place, Problem
from monitor.places import DeskError

FILE = "journal.db"

_ROWS = (
    # the file
    Kind("J001", "damaged-journal", "error", "put back a copy, or import an exported one into a folder without journal.db"),
    Kind("J002", "broken-chain", "error", "what stands before it is sound: put back a copy that verifies"),
    Kind("J003", "unreadable-entry", "error", "read it with the version that recorded it"),
    Kind("J004", "newer-journal", "error", "read it with the version that recorded it, or a later one"),
    Kind("J005", "head-not-found", "error", "the journal was cut off or replaced since that head was written down"),
    # a file of entries that is imported
    Kind("J006", "not-an-export", "error", "give a file that covenant journal export wrote"),
    Kind("J007", "foreign-chain", "error", "entries are only added to the journal they were recorded in; nothing was imported"),
    # an entry that is refused
    Kind("J010", "unknown-facility", "error", "name the id of a facility of this desk"),
    Kind("J011", "unknown-covenant", "error", "name the id of a covenant of that facility, or leave it out for the facility as a whole"),
    Kind("J014", "out-of-range", "error", "an amount, and a number of units, is above zero"),
    Kind("J015", "text", "error", "write plain text of at most 4,000 characters"),
    Kind("J016", "incomplete", "error", "docs/journal.md says what each kind of event needs and may carry"),
    Kind("J020", "known-in-the-future", "error", "nobody knows yet what is not yet: --known is now or earlier"),
    Kind("J021", "known-before-it-happened", "error", "a fact is known when it happens or later; learning of it late is no error"),
    Kind("J022", "ends-before-it-starts", "error", "--until is the last instant, after --effective"),
    Kind("J030", "never-failed", "error", "record it once something has failed; a default known from elsewhere is an event of its own"),
    Kind("J031", "no-cure-right", "error", "what the agreement lets cure stands in the covenant's cure = { ... }"),
    Kind("J032", "window-over", "error", "a cure after its window cures nothing; a waiver may"),
    Kind("J033", "more-than-owed", "error", "check the amount and the balance in the facility's file"),
    Kind("J034", "unknown-parcel", "error", "name the id of a collateral parcel that secures the facility: --collateral ID"),
    Kind("J035", "more-than-posted", "error", "only units that were recorded as posted can be released"),
    Kind("J036", "no-such-period", "error", "the figures stay in TOML: add the [[reported]] table of the period first"),
    Kind("J037", "period-not-over", "error", "a certificate comes after the end of its period"),
    Kind("J038", "already-delivered", "error", "withdraw the earlier event first"),
    Kind("J040", "no-such-entry", "error", "covenant journal list shows the ids"),
    Kind("J041", "already-withdrawn", "error", "record it again instead"),
    Kind("J042", "not-withdrawable", "error", "record what holds instead; an observation is replaced by a later one"),
    Kind("J043", "already-approved", "error", "nothing is left to do"),
    Kind("J044", "same-person", "error", "an override counts once another person approves it"),
    Kind("J045", "not-an-override", "error", "only overrides of a mark wait for a second person: covenant marks list shows them"),
)

CATALOGUE: dict[str, Kind] = {row.code: row for row in _ROWS}
"""Code to entry, in the order they are documented."""


def problem(code: str, place: str, message: str, hint: str | None = None) -> Problem:
    """The finding `code` at a file or an option of the command; KeyError on an unknown code."""
    return CATALOGUE[code].problem(Place(place), message, hint)


def damaged(code: str, message: str) -> DeskError:
    """The journal cannot be used, and why."""
    return DeskError([problem(code, FILE, message)])


def refused(code: str, place: str, message: str, hint: str | None = None) -> DeskError:
    """An entry is not recorded, and why."""
    return DeskError([problem(code, place, message, hint)])

"""The history of marks: what was known of a series at an instant, and how far it can be relied on."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Literal, NamedTuple

import msgspec

from facilities.calendars import Calendar
from facilities.model import MarkPolicy, SeriesPolicy
from monitor.marks.instants import after, zone
from monitor.marks.policy import Policy, combine, outside, policy_for
from monitor.marks.prints import OVERRIDE, Print, two_people

Data = Literal["good", "single_source", "overridden", "stale", "missing"]

_WEEKENDS = Calendar("weekends")
_DAY = dt.timedelta(days=1)


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One series seen from one instant.

    `value` is None when `data` is `missing` and only then: a stale value, or one with too few sources, is shown but
    must not decide. `prints` are the ones the value was made of and `source` names theirs; of several, `as_of` is the
    oldest and `known_at` the latest. `reason` says what stands against the value, or which print was refused.
    """

    series: str
    value: float | None
    data: Data
    unit: str | None = None
    source: str | None = None
    as_of: dt.datetime | None = None
    known_at: dt.datetime | None = None
    age_days: float | None = None
    prints: tuple[Print, ...] = ()
    reason: str | None = None


class Known(NamedTuple):
    """A print and the instant from which it was known, in the order revisions replace one another."""

    as_of: dt.datetime
    known_at: dt.datetime
    made: Print


class Track:
    """The prints of one source of one series by observed, then known, time."""

    __slots__ = ("as_ofs", "entries")

    def __init__(self, entries: Iterable[Known]) -> None:
        self.entries = sorted(entries, key=_order)
        self.as_ofs = [entry.as_of for entry in self.entries]

    def latest(self, at: dt.datetime, known_at: dt.datetime) -> Known | None:
        """The last observation up to `at` in its last revision known by `known_at`."""
        place = self.place(at, known_at)
        return self.entries[place] if place >= 0 else None

    def place(self, at: dt.datetime, known_at: dt.datetime) -> int:
        """The number of that entry, -1 where there is none."""
        for index in range(bisect_right(self.as_ofs, at) - 1, -1, -1):
            entry = self.entries[index]
            if entry.known_at <= known_at and (entry.made.gone is None or known_at < entry.made.gone):
                return index
        return -1


def _order(entry: Known) -> tuple[dt.datetime, dt.datetime, bool, float, str]:
    # what is known from the same instant is ordered by content, so that the order of rows decides nothing
    made = entry.made
    return (entry.as_of, entry.known_at, made.known_at is not None, made.value, made.source)


class Series(NamedTuple):
    """One series: its policy, the track of each source, approved and refused overrides, and the unit."""

    policy: Policy
    tracks: dict[str, Track]
    overrides: Track
    refused: Track
    unit: str


class History:
    """All prints, indexed by series and source, under the desk's policies."""

    def __init__(
        self, prints: Iterable[Print], policies: Sequence[SeriesPolicy] = (), timezone: str = "UTC", calendar: Calendar | None = None
    ) -> None:
        """`timezone` and `calendar` (default: weekends) are the desk's; durations in days follow them.

        Raises ValueError on a malformed duration in a policy, ZoneInfoNotFoundError on an unknown timezone.
        """
        self._policies = tuple(policies)
        self._timezone = zone(timezone)
        self._calendar = calendar or _WEEKENDS
        self._series = self._grouped(prints)

    def _grouped(self, prints: Iterable[Print]) -> dict[str, Series]:
        grouped: dict[str, list[Print]] = {}
        for made in prints:
            grouped.setdefault(made.series, []).append(made)
        return {series: self._indexed(series, rows) for series, rows in grouped.items()}

    def prints(self) -> Iterator[Print]:
        """Every print, series by series, in order of observed time within a source."""
        for one in self._series.values():
            for track in (*one.tracks.values(), one.overrides, one.refused):
                yield from (entry.made for entry in track.entries)

    def extended(self, prints: Iterable[Print]) -> History:
        """This history with more prints, under the same policies."""
        more = copy(self)
        more._series = self._grouped([*self.prints(), *prints])
        return more

    def _indexed(self, series: str, prints: Sequence[Print]) -> Series:
        policy = policy_for(series, self._policies)
        by_source: dict[str, list[Known]] = {}
        overrides: list[Known] = []
        refused: list[Known] = []
        for made in prints:
            entry = Known(made.as_of, made.known_at or after(made.as_of, policy.lag, self._timezone, self._calendar), made)
            if made.kind != OVERRIDE:
                by_source.setdefault(made.source, []).append(entry)
            elif two_people(made.by, made.approved_by):
                overrides.append(entry)
            else:
                refused.append(entry)
        tracks = {source: Track(entries) for source, entries in sorted(by_source.items())}
        return Series(policy, tracks, Track(overrides), Track(refused), min(made.unit for made in prints))

    def observe(
        self, series: str, at: dt.datetime, known_at: dt.datetime, policy: MarkPolicy | None = None, calendar: Calendar | None = None
    ) -> Observation:
        """`series` at `at` as known at `known_at` (both UTC), by the desk's policy or what the agreement's own says.

        Of each source counts the last observation up to `at`, in its last revision known by then; outside the band the
        source counts as silent. An approved override stands until a source that counts prints again; `calendar`
        (default: the desk's) counts business days of age. Raises ValueError on a malformed duration in `policy`.
        """
        kept = self._series.get(series)
        if kept is None:
            return Observation(series=series, value=None, data="missing", reason="no print of this series")
        use = self.policy(series, policy)
        alone = kept.refused.latest(at, known_at)
        notes = [f"override of {alone.made.source} refused: not approved by a second person"] if alone else []
        seen = _latest(kept, use, at, known_at)
        found = [entry for entry in seen if _in_band(entry, use, notes)]
        fresh = [entry for entry in found if self._fresh(entry, use, at, calendar)]
        override = kept.overrides.latest(at, known_at)
        if override is not None and all(override.as_of >= entry.as_of for entry in seen) and _in_band(override, use, notes):
            data: Data = "overridden" if self._fresh(override, use, at, calendar) else "stale"
            return _observed(series, [override], at, override.made.value, data, notes)
        if not found:
            notes.append("no print in force" if seen else f"no print {_by_whom(use)}by then")
            return Observation(series=series, value=None, data="missing", unit=kept.unit, reason="; ".join(notes))
        if not fresh:
            last = max(found, key=lambda entry: entry.as_of)  # the first listed of equals
            notes.append(f"the last print is older than {use.max_age}")
            return _observed(series, [last], at, last.made.value, "stale", notes)
        return _combined(series, fresh, at, use, notes)

    def unit(self, series: str) -> str | None:
        """The unit of a series; None where it has no print."""
        kept = self._series.get(series)
        return None if kept is None else kept.unit

    def previous(self, series: str, at: dt.datetime, known_at: dt.datetime) -> float | None:
        """What `observe` would have answered 24 hours before: both times are set back, so a lag does not hide a move."""
        return self.observe(series, at - _DAY, known_at - _DAY).value

    def instants(self, series: str, at: dt.datetime, known_at: dt.datetime) -> list[dt.datetime]:
        """Every instant up to `at` at which a print of `series` known by `known_at` was observed, the earliest first."""
        kept = self._series.get(series)
        if kept is None:
            return []
        tracks = (*kept.tracks.values(), kept.overrides)
        return sorted({entry.as_of for track in tracks for entry in track.entries if entry.as_of <= at and entry.known_at <= known_at})

    def gives(self, series: str) -> bool:
        """Whether a test gives this series, so that its prints do not tell everything; only `observe` does then."""
        del series
        return False

    def series(self, name: str) -> Series | None:
        """Everything known of one series; None where no print of it exists."""
        return self._series.get(name)

    def policy(self, series: str, own: MarkPolicy | None = None) -> Policy:
        """The policy in force for a series, what an agreement's `own` says laid over it. Raises ValueError on a malformed duration."""
        kept = self._series.get(series)
        return kept.policy if kept is not None and own is None else policy_for(series, self._policies, own)

    def fresh_until(self, entry: Known, use: Policy, calendar: Calendar | None = None) -> dt.datetime | None:
        """The last instant at which a print still decides; None where it never ages."""
        return None if use.max_age is None else after(entry.as_of, use.max_age, self._timezone, calendar or self._calendar)

    def _fresh(self, entry: Known, use: Policy, at: dt.datetime, calendar: Calendar | None) -> bool:
        until = self.fresh_until(entry, use, calendar)
        return until is None or at <= until


def series_known(history: History) -> set[str]:
    """The names of all series with at least one print."""
    return set(history._series)


def _latest(kept: Series, use: Policy, at: dt.datetime, known_at: dt.datetime) -> list[Known]:
    """The last print of each source that counts: in listed order, or where none is listed the most recent first."""
    tracks = [kept.tracks[source] for source in use.sources if source in kept.tracks] if use.sources else kept.tracks.values()
    seen = [entry for track in tracks if (entry := track.latest(at, known_at)) is not None]
    return seen if use.sources else sorted(seen, key=lambda entry: (entry.as_of, entry.known_at), reverse=True)


def _in_band(entry: Known, use: Policy, notes: list[str]) -> bool:
    out = outside(entry.made.value, use)
    if out is not None:
        notes.append(f"{entry.made.source} refused: {out}")
    return out is None


def _by_whom(use: Policy) -> str:
    return f"of {' or '.join(use.sources)} " if use.sources else ""


def _combined(series: str, fresh: Sequence[Known], at: dt.datetime, use: Policy, notes: list[str]) -> Observation:
    used = fresh[:1] if use.aggregate == "first" else fresh
    value = combine([entry.made.value for entry in used], use.aggregate)
    if len(fresh) >= use.min_sources:
        return _observed(series, used, at, value, "good", notes)
    notes.append(f"{len(fresh)} fresh source(s), {use.min_sources} needed")
    return _observed(series, used, at, value, "single_source", notes)


def _observed(series: str, used: Sequence[Known], at: dt.datetime, value: float, data: Data, notes: list[str]) -> Observation:
    as_of = min(entry.as_of for entry in used)
    return Observation(
        series=series,
        value=value,
        data=data,
        unit=used[0].made.unit,
        source=" + ".join(entry.made.source for entry in used),
        as_of=as_of,
        known_at=max(entry.known_at for entry in used),
        age_days=(at - as_of) / _DAY,
        prints=tuple(entry.made for entry in used),
        reason="; ".join(notes) or None,
    )

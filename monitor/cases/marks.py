"""The marks of a test: the desk's history with some series given, good whatever their policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from facilities.calendars import Calendar
from facilities.model import Amount, MarkPolicy
from monitor.marks.history import History, Known, Observation, Series
from monitor.marks.instants import end_of_day
from monitor.marks.policy import Policy

Points = list[tuple[dt.datetime, float]]


class GivenMarks(History):
    """A history in which some marks are given.

    A number is the mark at the as-of, and, with `before`, before it where the desk has no print; a dated table is the whole history of
    its series, each row from the end of its day on. `by` says who gives them.
    """

    def __init__(
        self, under: History, marks: Mapping[str, Amount], at: dt.datetime, timezone: dt.tzinfo, before: bool = True, by: str = "the test"
    ) -> None:
        super().__init__(())
        self._under, self._at, self._before, self._by = under, at, before, by
        self._series = {name: kept for name, kept in under._series.items() if not isinstance(marks.get(name), list)}
        self._numbers = {name: float(amount) for name, amount in marks.items() if not isinstance(amount, list)}
        self._points: dict[str, Points] = {
            name: sorted((end_of_day(step.from_, timezone), float(step.value)) for step in amount)
            for name, amount in marks.items()
            if isinstance(amount, list)
        }

    def observe(
        self, series: str, at: dt.datetime, known_at: dt.datetime, policy: MarkPolicy | None = None, calendar: Calendar | None = None
    ) -> Observation:
        """The given mark where there is one, else what the history beneath says."""
        if series in self._points:
            seen = [(when, value) for when, value in self._points[series] if when <= at and when <= known_at]
            missing = Observation(series=series, value=None, data="missing", reason="given later")
            return _given(series, *seen[-1], self._by) if seen else missing
        found = self._under.observe(series, at, known_at, policy, calendar)
        if series in self._numbers and (at >= self._at or (self._before and found.value is None)):
            return _given(series, at, self._numbers[series], self._by)
        return found

    def gives(self, series: str) -> bool:
        """Whether the test, or one beneath, says what this series is."""
        return series in self._points or series in self._numbers or self._under.gives(series)

    def series(self, name: str) -> Series | None:
        """The prints of the history beneath."""
        return self._under.series(name)

    def policy(self, series: str, own: MarkPolicy | None = None) -> Policy:
        """The policy of the history beneath."""
        return self._under.policy(series, own)

    def fresh_until(self, entry: Known, use: Policy, calendar: Calendar | None = None) -> dt.datetime | None:
        """As the history beneath counts age."""
        return self._under.fresh_until(entry, use, calendar)

    def instants(self, series: str, at: dt.datetime, known_at: dt.datetime) -> list[dt.datetime]:
        """The instants of the history beneath, or of the given table; a number is a print of the as-of."""
        if series in self._points:
            return [when for when, _ in self._points[series] if when <= at and when <= known_at]
        under = self._under.instants(series, at, known_at)
        given = series in self._numbers and self._at <= min(at, known_at) and self._at not in under
        return sorted([*under, self._at]) if given else under


def _given(series: str, at: dt.datetime, value: float, by: str) -> Observation:
    return Observation(series=series, value=value, data="good", source=f"given by {by}", as_of=at, known_at=at, age_days=0.0)

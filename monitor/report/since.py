"""The report of now beside the one of then: what changed, by what, and in which words.

Both are judged from the same files, each with what was known at its own instant.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from monitor.assess import Picture, assess
from monitor.report.build import build_report
from monitor.report.changes import KINDS, Pair, cause_of, change_part, changed_pairs, severity_then
from monitor.report.happened import Happened, Looks, happened, overridden
from monitor.report.phrases import reason_words
from monitor.report.schema import ChangePart, CovenantPart, DriverPart, FacilityPart, Report
from monitor.report.words import drawn, iso, level, ratio, share, stamp
from rules.certificates import reports_of
from rules.covenants import Test
from rules.scope import day_of
from rules.severity import RANK


def with_changes(picture: Picture, made: Report, since: dt.datetime, wanted: frozenset[str] | None) -> Report:
    """`made`, the report of `picture`, with what changed since the instant `since`."""
    found = _Comparison(picture, made, since, wanted).changes()
    return msgspec.structs.replace(made, since=iso(since), changes=found)


class _Comparison:
    """Then, now, and then's terms in now's marks; then never knows more than now does."""

    def __init__(self, picture: Picture, made: Report, since: dt.datetime, wanted: frozenset[str] | None) -> None:
        self.picture, self.now, self.since, self.wanted = picture, made, since, wanted
        self.knew = min(since, picture.known_at)
        self.then = build_report(assess(picture.session, since, self.knew), wanted, full=False)
        self.swapped: dict[dt.datetime, Report] = {}
        zone = picture.session.timezone
        self.day, self.today = day_of(since, zone), day_of(picture.as_of, zone)
        self.known, self.known_then = day_of(picture.known_at, zone), day_of(self.knew, zone)
        looks = Looks(since, self.knew, picture.as_of, picture.known_at)
        self.happened, self.overridden = happened(picture.session.journal, looks), overridden(picture.session.journal, looks)
        self.standing = {(picture.book.ids[one.test.facility], one.test.covenant.id): one for one in picture.standings}

    def changes(self) -> list[ChangePart]:
        """Covenants first, then facilities that came or ran off."""
        found = [self._covenant(kind, pair) for kind, pair in changed_pairs(self.then, self.now)]
        return sorted([*found, *self._facilities()], key=lambda part: KINDS.index(part.kind))

    def _covenant(self, kind: str, pair: Pair) -> ChangePart:
        cause = cause_of(pair, self._between(pair))
        overrides, events = self._overridden(pair), self._happened(pair.facility.id, pair.now.id)
        why = [one.words for one in overrides] + self._marks_moved(pair) if cause != "terms" else []
        why += self._terms_moved(pair, [one.words for one in events]) if cause != "marks" else []
        told = [*(overrides if cause != "terms" else []), *(events if cause != "marks" else [])]
        return change_part(kind, pair, cause, why, [one.event.id for one in told])

    def _happened(self, facility: str, covenant: str | None) -> list[Happened]:
        """What was recorded of a covenant, or of its facility as a whole."""
        return [one for one in self.happened if one.event.facility == facility and one.event.covenant in (None, covenant)]

    def _overridden(self, pair: Pair) -> list[Happened]:
        """The overrides of the marks that a covenant moves with."""
        marks = dict.fromkeys(driver.mark for part in pair.now.assessments for driver in part.drivers)
        return [self.overridden[mark] for mark in marks if mark in self.overridden]

    def _in_marks_of(self, at: dt.datetime) -> Report:
        """The report of then's terms in the marks of an instant."""
        if at not in self.swapped:
            made = assess(self.picture.session, self.since, self.knew, marks=(at, self.picture.known_at))
            self.swapped[at] = build_report(made, self.wanted, full=False)
        return self.swapped[at]

    def _between(self, pair: Pair) -> CovenantPart | None:
        """The covenant under then's terms in now's marks; where those explain nothing, in the marks that began its state."""
        key = (pair.facility.id, pair.now.id)
        found = _covenant_of(self._in_marks_of(self.picture.as_of), *key)
        began = self._began(pair)
        if found is None or found.severity != severity_then(pair) or began is None:
            return found
        return _covenant_of(self._in_marks_of(began), *key)

    def _began(self, pair: Pair) -> dt.datetime | None:
        """The instant since then at which a test made the legal state of now."""
        began = self.standing[(pair.facility.id, pair.now.id)].legal.tested_as_of
        return began if began is not None and self.since < began < self.picture.as_of else None

    def _marks_moved(self, pair: Pair) -> list[str]:
        """Each deciding mark then and now, and what stands against one that no longer decides."""
        was = {one.mark: one.now for part in (pair.then.assessments if pair.then else ()) for one in part.drivers}
        now = {one.mark: one for part in pair.now.assessments for one in part.drivers}
        found = [_moved(one, was[mark]) for mark, one in now.items() if mark in was and was[mark] != one.now]
        told = [*_unknown("was", pair.then), *_unknown("is", pair.now)] or found
        began = self._began(pair)
        return told or ([f"the marks of {stamp(iso(began))}"] if began else [])

    def _terms_moved(self, pair: Pair, events: list[str]) -> list[str]:
        facility, test = pair.facility, self.standing[(pair.facility.id, pair.now.id)].test
        was = next((one for one in self.then.facilities if one.id == facility.id), None)
        if opened := self._opening(facility):
            return opened
        found = [*events, *self._amended(facility.id), *self._delivered(facility.id), *_tests(pair)]
        if was is not None and was.outstanding != facility.outstanding:
            found.append(f"drawn {drawn(was.outstanding, facility.currency)} to {drawn(facility.outstanding, facility.currency)}")
        return [*found, *_level_moved(pair), *_lapse(pair)] or [_otherwise(test)]

    def _opening(self, facility: FacilityPart) -> list[str]:
        closing = self.picture.session.desk.facilities[facility.id].facility.closing if not facility.unread else None
        return [f"closed {closing.date}"] if closing and self.day < closing.date.toordinal() <= self.today else []

    def _amended(self, identity: str) -> list[str]:
        """Amendments in force now and not then."""
        amendments = self.picture.session.desk.facilities[identity].amendment
        return [
            f"amendment {one.id}, effective {one.effective}"
            for one in amendments
            if one.effective.toordinal() <= self.today and one.signed.toordinal() <= self.known
            if not (one.effective.toordinal() <= self.day and one.signed.toordinal() <= self.known_then)
        ]

    def _delivered(self, identity: str) -> list[str]:
        """The latest figures that came in between."""
        desk = self.picture.session.desk
        came = [
            (one.period_end, one.delivered)
            for one in reports_of(desk, desk.facilities[identity])
            if one.delivered is not None and self.known_then < one.delivered.toordinal() <= self.known
        ]
        return [f"figures to {end} delivered {delivered}" for end, delivered in sorted(came)[-1:]]

    def _facilities(self) -> list[ChangePart]:
        found = []
        for part in (one for one in self.now.facilities if not one.unread):
            maturity = self.picture.session.desk.facilities[part.id].facility.maturity
            if why := self._opening(part):
                found.append(ChangePart(kind="opened", facility=part.id, cause="terms", why=why))
            elif maturity and self.day < maturity.date.toordinal() <= self.today:
                left = "drawn amount not known" if part.outstanding is None else f"{drawn(part.outstanding, part.currency)} drawn"
                found.append(ChangePart(kind="matured", facility=part.id, cause="terms", why=[f"matured {maturity.date}", left]))
        return [*found, *self._fallen()]

    def _fallen(self) -> list[ChangePart]:
        """The facilities that fell as a whole, or rose again, by what none of their covenants says."""
        was, found = {one.id: one for one in self.then.facilities}, []
        for part in self.now.facilities:
            before = was.get(part.id)
            worst = [_alone(one) for one in (before, part)]
            if worst[0] == worst[1]:
                continue
            fell = RANK[worst[1]] < RANK[worst[0]]
            kind = ("new" if worst[0] == "pass" else "worse") if fell else "cleared" if worst[1] == "pass" else "better"
            events = self._happened(part.id, None)
            because = part.legal.because if part.legal and part.falls_alone else None
            why = [*([because] if because else []), *(one.words for one in events)] or ["time: clocks moved on"]
            made = ChangePart(
                kind=kind,
                facility=part.id,
                cause="terms",
                severity_then=worst[0],
                severity_now=worst[1],
                why=why,
                events=[one.event.id for one in events],
            )
            found.append(made)
        return found


def _alone(part: FacilityPart | None) -> str:
    """The severity of a facility by itself."""
    return part.legal.severity if part is not None and part.legal is not None and part.falls_alone else "pass"


def _covenant_of(report: Report, facility: str, covenant: str) -> CovenantPart | None:
    return next((one for part in report.facilities if part.id == facility for one in part.covenants if one.id == covenant), None)


def _moved(one: DriverPart, was: float | None) -> str:
    move = f" ({share(one.now / was - 1)})" if was and one.now is not None else ""
    return f"{one.mark} {level(was, one.unit)} to {level(one.now, one.unit)}{move}"


def _unknown(when: str, covenant: CovenantPart | None) -> list[str]:
    """Why it was or is unknown."""
    one = covenant.leading if covenant and covenant.severity == "indeterminate" else None
    return [f"{when} unknown: {reason_words(one.reason)}"] if one and one.reason else []


def _tests(pair: Pair) -> list[str]:
    """A test that fell due in between."""
    was, now = ({one.basis: one for one in part.assessments}.get("tested") if part else None for part in (pair.then, pair.now))
    if now is None or now.period_end is None or pair.now.class_ == "springing" or (was and was.period_end == now.period_end):
        return []
    return [f"test of {now.period_end}"]


def _level_moved(pair: Pair) -> list[str]:
    before, after = pair.before, pair.after
    if before is None or after is None or before.threshold == after.threshold:
        return []
    return [f"level {ratio(before.threshold, before.unit)} to {ratio(after.threshold, after.unit)}"]


def _lapse(pair: Pair) -> list[str]:
    return ["a clock lapsed"] if pair.now.by_lapse and not (pair.then and pair.then.by_lapse) else []


def _otherwise(test: Test) -> str:
    return "a report fell due or came in" if test.class_ == "reporting" else "time: contracts, schedules and clocks moved on"

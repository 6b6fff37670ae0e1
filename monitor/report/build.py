"""From a picture of the desk to the report: columns become rows only here, and only for what is shown."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter

import numpy as np

from monitor.assess import Picture, Standing
from monitor.marks.digest import marks_digest
from monitor.oddities import leaps
from monitor.reading import Reading
from monitor.report.clocks import clock_parts
from monitor.report.measures import mark_parts, measured
from monitor.report.recorded import day_said, event_part, instant_said, legal_part, since_part, task_part
from monitor.report.schema import (
    SCHEMA,
    AssessmentPart,
    CountsPart,
    CovenantPart,
    DriverPart,
    FacilityPart,
    InputsPart,
    MeasurePart,
    RemedyPart,
    Report,
)
from monitor.report.words import iso
from monitor.told import told_once
from monitor.version import VERSION
from rules.compare import RESULTS
from rules.formula import Call, children
from rules.judge import NOTHING_OWED
from rules.life import Legal
from rules.life.legal import FALLEN
from rules.life.tasks import not_told_repaid
from rules.primitives.owed import outstanding_on
from rules.scope import facility_rows, open_scope
from rules.severity import RANK, exit_code, of_facility, severity, worst
from rules.testdates import next_test
from rules.worlds import DATA, STALE

_IN_FORCE = frozenset({*FALLEN, "callable", "call", "accelerated_call", "call_expired", "liquidation", "on", "curing"})
"""Legal states whose effects bind the borrower."""


def build_report(picture: Picture, facilities: frozenset[str] | None = None, full: bool = True) -> Report:
    """The report of a picture; `facilities` narrows it. `full` adds measures and remedies, which `check` does without."""
    return _Builder(picture, full).report(facilities)


def covenant_severity(standing: Standing) -> str:
    """The severity of one covenant."""
    tested, indicative = (one.result if one else None for one in (standing.tested, standing.indicative))
    return severity(standing.test.class_, standing.legal.state, tested, indicative, standing.legal.excused)


class _Builder:
    """Builds the parts of one report."""

    def __init__(self, picture: Picture, full: bool) -> None:
        self.picture, self.book, self.full = picture, picture.book, full
        self.standings: list[list[Standing]] = [[] for _ in self.book.ids]
        for one in picture.standings:
            self.standings[one.test.facility].append(one)
        self.desk = picture.session.desk
        every = np.arange(len(self.book.ids), dtype=np.int64)
        self.scope = open_scope(self.book, picture.now, facility_rows(self.book, picture.now, every), picture.state, facility=every)
        self.scope.assumed = False
        self.outstanding = outstanding_on(self.scope, every, self.scope.day, self.scope.known)
        self.commitment = self.book.dated["commitment"].at(every, self.scope.day)
        self.measured = measured(picture) if full else {}
        self.failing = _failing_ahead(picture) if full else {}
        self.unpaid = not_told_repaid(picture.tasks)
        self.remedies: dict[int, list[RemedyPart]] = {}

    def report(self, wanted: frozenset[str] | None) -> Report:
        picture, session = self.picture, self.picture.session
        self.remedies = self._remedies(wanted) if self.full else {}
        parts = [self._facility(f) for f, identity in enumerate(self.book.ids) if wanted is None or identity in wanted]
        parts += [_unread(name) for name in sorted(self.desk.facility_ids - set(self.book.ids)) if wanted is None or name in wanted]
        parts.sort(key=lambda part: (RANK[part.severity], -(part.outstanding or 0.0), part.id))
        problems = told_once([*session.problems, *self.book.problems, *leaps(picture)])
        severities = [one.severity for part in parts for one in part.covenants] + [part.severity for part in parts]
        if any(one.level == "error" for one in problems):
            severities.append("indeterminate")
        clocks = [one.deadline for part in parts for one in (*part.covenants, part.legal) if one is not None and one.deadline]
        deadlines = sorted(one for one in clocks if one > iso(picture.as_of))
        settings = self.desk.file.desk if self.desk.file else None
        return Report(
            schema=SCHEMA,
            as_of=iso(picture.as_of),
            known_at=iso(picture.known_at),
            version=VERSION,
            exit_code=exit_code(severities),
            inputs=InputsPart(
                desk_sha256=self.desk.digest, marks_sha256=marks_digest(self.desk.marks), journal_sha256=session.journal.head
            ),
            counts=_counts(parts),
            facilities=parts,
            marks=mark_parts(picture),
            events=[event_part(one, picture.as_of) for one in picture.events if wanted is None or one.facility in wanted],
            desk=settings.name if settings else "",
            currency=settings.currency if settings else "USD",
            problems=problems,
            exposure=self._exposure(parts),
            next_deadline=deadlines[0] if deadlines else None,
            tasks=[task_part(one) for one in picture.tasks if wanted is None or one.facility in wanted],
            timezone=settings.timezone if settings else "UTC",
            clocks=clock_parts(picture, wanted),
        )

    def _facility(self, f: int) -> FacilityPart:
        terms = self.book.terms[f].facility
        covenants = [self._covenant(one) for one in self.standings[f]]
        covenants.sort(key=lambda part: RANK[part.severity])
        who = self.desk.obligors.get(terms.borrower)
        legal = self.picture.facilities[f].at(self.picture.as_of)
        faults = [one.reason for one in self.desk.faults if one.facility == terms.id and not one.covenants and one.name is None]
        faults += [text.removeprefix(f"{terms.name}: ") for text in self.unpaid.get(terms.id, ())]
        return FacilityPart(
            id=terms.id,
            name=terms.name,
            borrower=who.obligor.name if who else terms.borrower,
            obligor_group=who.obligor.group if who else None,
            kind=terms.kind,
            illustrative=terms.illustrative,
            outstanding=None if terms.id in self.unpaid else number(self.outstanding[f]),
            commitment=number(self.commitment[f]),
            maturity=str(terms.maturity) if terms.maturity else None,
            severity=worst([*(part.severity for part in covenants), *of_facility(legal.state), *(["indeterminate"] if faults else [])]),
            covenants=covenants,
            currency=terms.currency,
            ours=terms.ours,
            source=terms.source,
            owner=terms.owner,
            measures=self._measures(f),
            legal=legal_part(legal),
            faults=faults,
        )

    def _covenant(self, one: Standing) -> CovenantPart:
        covenant, test, legal = one.test.covenant, one.test, one.legal
        tested, indicative = one.tested, one.indicative
        readings = [self._assessment(reading, basis) for reading, basis in ((tested, "tested"), (indicative, "indicative")) if reading]
        fails = indicative is not None and indicative.result == "fail"
        clock = dt.date.fromordinal(int(self.scope.day[0])) if len(self.scope) else self.picture.as_of.date()
        coming = None if test.continuous else next_test(covenant.test, clock)
        bound = legal.state in _IN_FORCE
        return CovenantPart(
            id=covenant.id,
            rule=covenant.rule,
            title=test.title,
            clause=covenant.clause,
            class_=test.class_,
            legal=legal.state,
            severity=covenant_severity(one),
            since=since_part(legal),
            by_lapse=legal.by_lapse,
            deadline=instant_said(legal.deadline),
            next_test=coming.isoformat() if coming else None,
            first_failing_date=self.failing.get((one.test.facility, covenant.id)),
            effects_in_force=_effects(covenant.effects, legal) if bound else [],
            effects_if_tested=list(covenant.effects) if fails and not bound else [],
            assessments=_worst_first(readings),
            source=covenant.source,
            note=covenant.note,
            tested_by_us=covenant.tested_by_us,
            remedies=self.remedies.get(id(one), []),
            standstill_until=instant_said(legal.standstill_until),
            continuing_until=legal.continuing_until,
            underlying=legal.underlying,
            because=legal.because,
            cures_used=legal.cures_used,
            rights_reserved=day_said(legal.reserved),
        )

    def _assessment(self, reading: Reading, basis: str) -> AssessmentPart:
        made, n, test = reading.assessment, reading.row, reading.test
        at = made.worlds.instants[int(made.rows.instant[n])]
        drivers = self._drivers(reading)
        judged = reading.waits is None
        unit = test.unit.replace("money", self.book.terms[test.facility].facility.currency)
        return AssessmentPart(
            basis=basis,
            test_date=day_said(at) or "",
            period_end=reading.period_end.isoformat() if not test.continuous or test.class_ == "springing" else None,
            result=reading.result,
            data=DATA[int(made.data[n])],
            actual=number(made.actual[n, 0]) if judged else None,
            operator=test.levels[0].operator,
            threshold=number(made.threshold[n]),
            unit=unit,
            headroom_abs=number(made.headroom_abs[n, 0]) if judged else None,
            headroom_pct=number(made.headroom_pct[n, 0]) if judged else None,
            cushion_pct=number(made.cushion_pct[n, 0]) if judged else None,
            modelled_share=number(made.modelled_share[n]),
            drivers=drivers,
            reason=self._reason(reading),
            bound=self._bound(reading, drivers),
        )

    def _drivers(self, reading: Reading) -> list[DriverPart]:
        made, n, test = reading.assessment, reading.row, reading.test
        if reading.waits or made.drivers.series.shape[1] == 0:
            return []
        labels = [None, *(level.label for level in test.levels[1:])]
        ladder = len(labels) > 1 and bool(test.covenant.rung)
        parts = []
        breaches, moves, now = made.drivers.breach[n].tolist(), made.drivers.shock[n].tolist(), made.drivers.now[n].tolist()
        for slot, series in enumerate(made.drivers.series[n].tolist()):
            for at in range(1 if ladder else 0, len(labels) if ladder else 1) if series >= 0 else ():
                breach = number(breaches[slot][at])
                if breach is not None:
                    name = made.worlds.series[series]
                    move = number(moves[slot][at])
                    parts.append(
                        DriverPart(
                            mark=name, now=number(now[slot]), breach_at=breach, shock_to_breach=move, unit=self._unit(name), rung=labels[at]
                        )
                    )
        lead = test.levels[0].label

        def order(part: DriverPart) -> tuple[bool, int, float]:
            move = math.inf if part.shock_to_breach is None else abs(part.shock_to_breach)
            return part.rung != lead, labels.index(part.rung) if ladder else 0, move

        return sorted(parts, key=order)

    def _unit(self, series: str) -> str | None:
        for one in self.picture.observations:
            if one.series == series and one.unit:
                return one.unit
        return None

    def _reason(self, reading: Reading) -> str | None:
        made, n = reading.assessment, reading.row
        if reading.waits or made.reason[n]:
            facility = made.book.ids[made.book.tests[int(made.rows.test[n])].facility]
            gone = made.reason[n] == NOTHING_OWED and facility in self.unpaid
            return reading.waits or ("whether it was repaid is not known" if gone else made.reason[n])
        if reading.result == "fail" and made.denominator[n, 0] == 0:
            return _nothing_under(reading)
        if reading.result != "indeterminate":
            return None
        doubtful = [
            made.worlds.series[k]
            for slot, k in enumerate(made.drivers.series[n])
            if k >= 0 and made.drivers.direct[n, slot] and made.worlds.data[k, made.rows.instant[n]] >= STALE
        ]
        if doubtful:
            return "; ".join(f"{name}: {self._doubt(name, reading)}" for name in doubtful)
        return self._missing(reading)

    def _doubt(self, name: str, reading: Reading) -> str:
        policy = reading.test.covenant.marks.get(name)
        at = reading.assessment.worlds.instants[int(reading.assessment.rows.instant[reading.row])]
        seen = self.picture.session.history.observe(name, at, self.picture.known_at, policy)
        return seen.reason or seen.data

    def _missing(self, reading: Reading) -> str:
        from monitor.report.explain import explain_reading

        return explain_reading(self.picture, reading).reason or "an input is not known"

    def _bound(self, reading: Reading, drivers: list[DriverPart]) -> str | None:
        """What an unknown would have to be for the covenant to pass, where one mark decides."""
        made, n = reading.assessment, reading.row
        if reading.result != "indeterminate" or reading.waits:
            return None
        doubtful = {
            made.worlds.series[k]: bool(made.drivers.rises[n, slot])
            for slot, k in enumerate(made.drivers.series[n])
            if k >= 0 and made.drivers.direct[n, slot] and made.worlds.data[k, made.rows.instant[n]] >= STALE
        }
        found = [part for part in drivers if part.mark in doubtful]
        if len(doubtful) == 1 and found:
            return f"passes only if {found[0].mark} {'>=' if doubtful[found[0].mark] else '<='} {plain(found[0].breach_at)}"
        under, level = made.denominator[n, 0], made.threshold[n]
        if not doubtful and np.isnan(made.numerator[n, 0]) and not np.isnan(under * level):
            operator = reading.test.levels[0].operator
            return f"passes only if the numerator is {operator} {plain(float(under * level))}"
        return None

    def _remedies(self, wanted: frozenset[str] | None) -> dict[int, list[RemedyPart]]:
        """What clears each failing covenant of the facilities wanted, by the identity of its standing."""
        from monitor.remedied import cleared, remedy_parts  # a quick check solves nothing

        ids, liquidity = self.book.ids, self.desk.file.liquidity if self.desk.file else []
        mine = [one for one in self.picture.standings if wanted is None or ids[one.test.facility] in wanted]
        made = cleared(self.picture, mine, liquidity)
        return {id(one): remedy_parts(self.picture, one, found) for one, found in zip(mine, made, strict=True) if found}

    def _measures(self, f: int) -> list[MeasurePart]:
        """The measures of one facility that no covenant of it tests."""
        tested = {one.test.quantity.name for one in self.standings[f] if one.test.quantity is not None}
        currency = self.book.terms[f].facility.currency
        return [
            MeasurePart(id=name, title=one.title, value=float(one.values[f]), unit=one.unit.replace("money", currency))
            for name, one in self.measured.items()
            if name not in tested and not np.isnan(one.values[f])
        ]

    def _exposure(self, parts: list[FacilityPart]) -> dict[str, float | None]:
        """Drawn money of our own facilities by severity in the desk's currency; None where a balance or an exchange rate is not known."""
        sums: dict[str, float | None] = {}
        home = self.desk.file.desk.currency if self.desk.file else "USD"
        for part in (one for one in parts if one.ours):
            held, rate = part.outstanding, self.picture.session.rate(part.currency, home, self.picture.as_of, self.picture.known_at)
            before = sums.get(part.severity, 0.0)
            sums[part.severity] = None if before is None or held is None or rate is None else before + held * rate
        return sums


def _nothing_under(reading: Reading) -> str:
    """Why a failed ratio has no figure: it is over collateral, or something else, of nothing."""
    made, n = reading.assessment, reading.row
    under = made.book.tests[int(made.rows.test[n])].on(int(made.rows.period_end[n])).denominator
    stack = [under] if under is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.function == "collateral_value":
            return "no collateral"
        stack += children(node)
    return "nothing to hold it against: the denominator is zero"


def _unread(name: str) -> FacilityPart:
    """A facility whose file cannot be used: nothing is known of it, and it is never left out."""
    return FacilityPart(
        id=name,
        name=name,
        borrower="",
        obligor_group=None,
        kind="unread",
        illustrative=False,
        outstanding=None,
        commitment=None,
        maturity=None,
        severity="indeterminate",
        covenants=[],
        unread=True,
    )


def _effects(effects: list[str], legal: Legal) -> list[str]:
    """What binds the borrower; while remedies stand still for a cure no money is drawn, whatever the agreement lists."""
    return ["draw_stop", *(one for one in effects if one != "draw_stop")] if legal.state == "cure_pending" else list(effects)


def _worst_first(parts: list[AssessmentPart]) -> list[AssessmentPart]:
    """As severity orders them: a tested fail, then what is unknown, then an indication, and the rest."""
    order = {name: place for place, name in enumerate(("indeterminate", "fail", "watch", "pass", "not_tested"))}
    return sorted(
        parts, key=lambda part: (-1 if (part.basis, part.result) == ("tested", "fail") else order[part.result], part.basis != "tested")
    )


def _counts(parts: list[FacilityPart]) -> CountsPart:
    tally = {basis: Counter(dict.fromkeys(RESULTS, 0)) for basis in ("tested", "indicative")}
    for part in parts:
        for covenant in part.covenants:
            for one in covenant.assessments:
                tally[one.basis][one.result] += 1
            if not any(one.basis == "tested" for one in covenant.assessments):
                tally["tested"]["not_tested"] += 1
    return CountsPart(facilities=len(parts), tested=dict(tally["tested"]), indicative=dict(tally["indicative"]))


def _failing_ahead(picture: Picture) -> dict[tuple[int, str], str]:
    from monitor.ahead.outlook import first_failing_dates  # a quick check projects nothing

    return first_failing_dates(picture)


def number(raw: float) -> float | None:
    """A figure for the report: None where unknown."""
    found = float(raw)
    return found if math.isfinite(found) else None


def plain(raw: float | None) -> str:
    """A bound in words: six significant digits, thousands kept whole."""
    if raw is None:
        return "?"
    return f"{raw:,.0f}" if abs(raw) >= 1000 else f"{raw:.4g}"
